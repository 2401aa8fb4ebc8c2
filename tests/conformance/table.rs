//! Reads, conditions, transactions, queries.

use std::collections::HashSet;

use aws_config::SdkConfig;
use futures_util::future::join_all;
use serde::{Deserialize, Serialize};
use shared::ids;
use shared::sequence::Sequence;
use shared::table::{Cond, Item, Key, Query, Range, Read, Table, Update, Written};
use shared::tenant::Tenant;

/// The tables under test.
pub struct Tables {
    pub events: Table,
    pub control: Table,
}

#[derive(Serialize, Deserialize, Debug, PartialEq)]
struct Row {
    pk: String,
    sk: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    by_type: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    rank: Option<i64>,
    #[serde(default)]
    n: i64,
}

impl Tables {
    /// The tables of these names behind this SDK.
    pub fn of(sdk: &SdkConfig, events: &str, control: &str) -> Self {
        let client = aws_sdk_dynamodb::Client::new(sdk);
        Self { events: Table::new(client.clone(), events), control: Table::new(client, control) }
    }
}

fn row(n: i64) -> Row {
    Row { pk: ids::unique(), sk: Key::ALONE.to_owned(), by_type: None, rank: None, n }
}

fn key(row: &Row) -> Key {
    Key { pk: row.pk.clone(), sk: row.sk.clone() }
}

async fn put(table: &Table, row: &Row) {
    let write = table.put(Item::of(row).expect("an item"), Some(Cond::Absent("pk")));
    let written = table.transact(&ids::time_ordered(), vec![write]).await;
    assert!(matches!(written, Ok(Written::Done)));
}

pub async fn all(tables: &Tables) {
    conditions(&tables.control).await;
    transactions(tables).await;
    many(&tables.control).await;
    queries(&tables.events).await;
    partitions(&tables.control).await;
    impossible_keys(tables).await;
    deletes(&tables.control).await;
    sequences(&tables.control).await;
}

/// An update whose condition fails writes nothing and tells what stood there.
async fn conditions(table: &Table) {
    let kept = row(7);
    put(table, &kept).await;
    let update = || Update::of(key(&kept)).set("n", 8_i64);
    let refused =
        table.update(update().when(Cond::Eq("n", 6_i64.into()))).await.expect("an answer");
    let Written::Refused(refusals) = refused else { panic!("it was applied") };
    assert_eq!(refusals[0].found.as_ref().and_then(|found| found.number("n")), Some(7));
    let same: Option<Row> = table.get(&key(&kept), Read::Consistent).await.expect("an answer");
    assert_eq!(same, Some(kept));
    let fresh = Key::alone(ids::unique());
    let (made, _) = table.update_returning(Update::of(fresh).add("n", 3)).await.expect("made");
    assert_eq!(made.and_then(|made| made.number("n")), Some(3));
    let nobody: Option<Row> =
        table.get(&Key::alone(ids::unique()), Read::Eventual).await.expect("an answer");
    assert_eq!(nobody, None);
}

/// All or nothing; which condition failed and on what; a repeated token repeats
/// the answer and not the write.
async fn transactions(tables: &Tables) {
    let (first, second, blocked) = (row(1), row(2), row(3));
    put(&tables.control, &blocked).await;
    let absent = || Some(Cond::Absent("pk"));
    let item = |row: &Row| Item::of(row).expect("an item");
    let writes = vec![
        tables.events.put(item(&first), absent()),
        tables.control.put(item(&blocked), absent()),
        tables.control.change(Update::of(key(&second)).add("n", 1)),
    ];
    let written = tables.events.transact(&ids::time_ordered(), writes).await.expect("an answer");
    let Written::Refused(refusals) = written else { panic!("it was applied") };
    assert_eq!(refusals.len(), 1);
    assert_eq!(refusals[0].at, 1);
    assert_eq!(refusals[0].found.as_ref().and_then(|found| found.number("n")), Some(3));
    for (table, row) in [(&tables.events, &first), (&tables.control, &second)] {
        let found: Option<Row> = table.get(&key(row), Read::Consistent).await.expect("an answer");
        assert_eq!(found, None, "half of it was written");
    }
}

/// More keys than one call takes; those without an item are left out.
async fn many(table: &Table) {
    let rows: Vec<Row> = (0..130).map(row).collect();
    for row in &rows {
        put(table, row).await;
    }
    let keys = rows.iter().map(key).chain([Key::alone(ids::unique())]);
    let keys: Vec<Key> = keys.collect();
    let found: Vec<Row> = table.get_many(&keys, Read::Consistent).await.expect("an answer");
    let numbers: HashSet<i64> = found.iter().map(|row| row.n).collect();
    assert_eq!((found.len(), numbers.len()), (130, 130));
}

/// An index holds the rows that have its attributes, in order, page by page.
async fn queries(table: &Table) {
    let list = ids::unique();
    for rank in 1..=5 {
        let rank = Some(rank);
        put(table, &Row { by_type: Some(list.clone()), rank, ..row(0) }).await;
    }
    put(table, &Row { by_type: Some(list.clone()), ..row(0) }).await;
    let query = || Query::index("by_type", "by_type", &list).descending().limit(2);
    let (mut ranks, mut next) = (Vec::new(), None);
    loop {
        let query = query().range("rank", Range::UpTo(4_i64.into())).after(next);
        let page = table.query::<Row>(query).await.expect("a page");
        ranks.extend(page.items.into_iter().filter_map(|row| row.rank));
        next = page.next;
        if next.is_none() {
            break;
        }
    }
    assert_eq!(ranks, [4, 3, 2, 1]);
}

/// The table's own partitions: in order, between bounds, page by page.
async fn partitions(table: &Table) {
    let pk = ids::unique();
    for sk in ["a", "b", "c", "d"] {
        put(table, &Row { pk: pk.clone(), sk: sk.to_owned(), ..row(0) }).await;
    }
    put(table, &row(0)).await;
    let found = async |query: Query| -> String {
        let rows = table.query_all::<Row>(query).await.expect("rows");
        rows.into_iter().map(|row| row.sk).collect()
    };
    let all = || Query::partition(&pk);
    assert_eq!(found(all()).await, "abcd");
    assert_eq!(found(all().limit(1).descending()).await, "dcba");
    assert_eq!(found(all().range("sk", Range::From("c".into()))).await, "cd");
    assert_eq!(found(all().range("sk", Range::Between("b".into(), "c".into()))).await, "bc");
}

/// What no item can be called is not there, which is no failure.
async fn impossible_keys(tables: &Tables) {
    let table = &tables.control;
    let (pk, sk) = ("p".repeat(2049), "s".repeat(1025));
    let there = row(0);
    put(table, &there).await;
    let keys = [Key::alone(pk.clone()), Key { pk: there.pk.clone(), sk }, key(&there)];
    for key in &keys[..2] {
        assert_eq!(table.get::<Row>(key, Read::Consistent).await.expect("an answer"), None);
    }
    let found: Vec<Row> = table.get_many(&keys, Read::Consistent).await.expect("rows");
    assert_eq!(found, [there]);
    assert!(table.query_all::<Row>(Query::partition(&pk)).await.expect("rows").is_empty());
    let index = Query::index("by_type", "by_type", &pk);
    assert!(tables.events.query_all::<Row>(index).await.expect("rows").is_empty());
    let longest = Row { pk: "p".repeat(2048), sk: "s".repeat(1024), ..row(1) };
    let write = table.put(Item::of(&longest).expect("an item"), None);
    table.transact(&ids::time_ordered(), vec![write]).await.expect("written");
    let found = table.get(&key(&longest), Read::Consistent).await.expect("an answer");
    assert_eq!(found, Some(longest));
}

/// A delete that is refused leaves the item and shows it; together with others it
/// happens or does not.
async fn deletes(table: &Table) {
    let kept = row(1);
    put(table, &kept).await;
    let delete = |n: i64| table.delete(key(&kept), Some(Cond::Eq("n", n.into())));
    let other = Update::of(key(&row(0))).set("n", 1_i64);
    let both = vec![table.change(other), delete(2)];
    match table.transact(&ids::time_ordered(), both).await.expect("an answer") {
        Written::Refused(refusals) => {
            let found = refusals[0].found.as_ref().and_then(|item| item.number("n"));
            assert_eq!((refusals[0].at, found), (1, Some(1)));
        }
        Written::Done => panic!("a condition that does not hold deletes nothing"),
    }
    let place = key(&kept);
    let read = || table.get::<Row>(&place, Read::Consistent);
    assert!(read().await.expect("an answer").is_some());
    let big = Some(Cond::All(vec![Cond::Present("n"), Cond::Gt("n", 0_i64.into())]));
    let gone = table.transact(&ids::time_ordered(), vec![table.delete(key(&kept), big)]).await;
    assert!(matches!(gone, Ok(Written::Done)));
    assert!(read().await.expect("an answer").is_none());
    let again = table.transact(&ids::time_ordered(), vec![table.delete(key(&kept), None)]).await;
    assert!(matches!(again, Ok(Written::Done)), "what is not there is deleted already");
}

/// Numbers that are asked for at the same moment are all different and leave no gap.
async fn sequences(table: &Table) {
    let tenant = Tenant::parse(&ids::unique()[..12]).expect("a name");
    let sequence = Sequence::new(table.clone(), "conformance");
    assert_eq!(sequence.last(&tenant).await.expect("an answer"), 0);
    let taken = join_all((0..40).map(|_| sequence.next(&tenant))).await;
    let mut taken: Vec<i64> = taken.into_iter().map(|number| number.expect("a number")).collect();
    taken.sort_unstable();
    assert_eq!(taken, (1..=40).collect::<Vec<_>>());
    assert_eq!(sequence.last(&tenant).await.expect("an answer"), 40);

    // Some who ask give up in the middle, with the places of others in their hands.
    let ask = |patience: u64| {
        let (sequence, tenant) = (sequence.clone(), tenant.clone());
        let patience = std::time::Duration::from_micros(patience);
        async move { tokio::time::timeout(patience, sequence.next(&tenant)).await }
    };
    let patient = 60_000_000;
    let asked = join_all((0..60).map(|n| ask(if n % 3 == 0 { n * 20 } else { patient }))).await;
    let given = asked.into_iter().flatten().map(|number| number.expect("a number"));
    let given: Vec<i64> = given.collect();
    assert!(given.len() >= 40, "who waits gets a number");
    assert_eq!(given.iter().collect::<HashSet<_>>().len(), given.len());
}
