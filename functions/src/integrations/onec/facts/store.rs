//! Use cases' common ground: where facts are kept, how an attempt begins and how it ends.

use jiff::civil::Date;
use serde::Deserialize;
use serde_json::json;
use shared::error::{Error, Result};
use shared::ids;
use shared::table::{Cond, Item, Key, Query, Range, Read, Table, Update, Written};
use shared::tenant::Tenant;
use shared::web::Caller;

use super::super::OneC;
use super::super::client::Sent;
use super::model::{Fact, FactState, KEPT, id_of, partition, unknown_partition};
use super::read::Given;

/// How an attempt at a fact begins.
pub(super) enum Begun {
    /// It may be sent, once.
    Go(Box<Fact>),
    /// 1C has it already, as it is.
    Done(Box<Fact>),
    /// It may not be sent, for this reason.
    No(Box<Fact>, String),
}

/// The fact of this id.
pub(super) async fn find(
    table: &Table,
    tenant: &Tenant,
    connection: &str,
    id: &str,
) -> Result<Option<Fact>> {
    let key = Key { pk: partition(tenant, connection), sk: id.to_owned() };
    table.get(&key, Read::Consistent).await
}

/// The facts of shifts that start in a period.
pub(in super::super) async fn facts_of(
    table: &Table,
    tenant: &Tenant,
    connection: &str,
    (from, to): (Date, Date),
) -> Result<Vec<Fact>> {
    let span = Range::Between(from.to_string().into(), format!("{to}U").into());
    let query = Query::partition(&partition(tenant, connection)).range("sk", span);
    table.query_all(query).await
}

/// The facts whose outcome is not known, oldest attempt first.
pub(super) async fn unknown(table: &Table, tenant: &Tenant, connection: &str) -> Result<Vec<Fact>> {
    #[derive(Deserialize)]
    struct Place {
        pk: String,
        sk: String,
    }
    let query = Query::index("parked", "parked", &unknown_partition(tenant, connection));
    let found: Vec<Place> = table.query_all(query).await?;
    let keys: Vec<Key> = found.into_iter().map(|Place { pk, sk }| Key { pk, sk }).collect();
    let mut facts: Vec<Fact> = table.get_many(&keys, Read::Consistent).await?;
    // The index may tell of one that was settled just now.
    facts.retain(|fact| fact.state == FactState::Unknown);
    facts.sort_by(|a, b| (a.sent_at, &a.id).cmp(&(b.sent_at, &b.id)));
    Ok(facts)
}

impl OneC {
    /// Writes down that a fact is about to be sent, unless it may not be.
    pub(super) async fn begin(
        &self,
        by: &Caller,
        connection: &str,
        given: &Given,
    ) -> Result<Begun> {
        let (id, digest) = (id_of(given.start, &given.employee), given.digest());
        let now = self.clock.now_ms();
        let old = find(&self.table, &by.tenant, connection, &id).await?;
        if let Some(old) = &old {
            if let Some(why) = old.conflict(&digest, now) {
                return Ok(Begun::No(Box::new(old.clone()), why));
            }
            if old.state == FactState::Sent {
                return Ok(Begun::Done(Box::new(old.clone())));
            }
        }
        let fact = begun(by, connection, given, now);
        let when = match &old {
            None => Cond::Absent("pk"),
            Some(old) => Cond::Eq("attempt", old.attempt.as_str().into()),
        };
        let details = json!({ "connection_id": connection, "by_day_ms": fact.by_day,
            "by_night_ms": fact.by_night });
        let writes = vec![
            self.table.put(Item::of(&fact)?, Some(when)),
            self.trail.entry(by, "1c.fact.send", format!("1c-fact:{}", fact.id), &details)?,
        ];
        match self.table.transact(&ids::time_ordered(), writes).await? {
            Written::Done => Ok(Begun::Go(Box::new(fact))),
            Written::Refused(_) => {
                let why = "It is being sent at this moment".to_owned();
                Ok(Begun::No(Box::new(fact), why))
            }
        }
    }

    /// Writes down what came of an attempt, and answers the fact as it is then. A person who
    /// settled it meanwhile knew better.
    pub(super) async fn end(&self, fact: Fact, sent: &Sent) -> Result<Fact> {
        let (state, told, doc) = match sent {
            Sent::Said(said) if said.done => (FactState::Sent, None, said.told.clone()),
            Sent::Said(said) => {
                let told = said.told.clone();
                let told = told.unwrap_or_else(|| "1C made no document of it".to_owned());
                (FactState::Refused, Some(told), None)
            }
            Sent::NotDone(error) => (FactState::NotSent, Some(error.detail.clone()), None),
            Sent::InDoubt(told) => (FactState::Unknown, Some(told.clone()), None),
        };
        let text = |text: &Option<String>| text.as_deref().map(Into::into);
        let update = Update::of(fact.key())
            .set("state", state.name())
            .assign("told", text(&told))
            .assign("doc", text(&doc))
            .when(Cond::All(vec![
                Cond::Eq("attempt", fact.attempt.as_str().into()),
                Cond::Eq("state", FactState::Unknown.name().into()),
            ]));
        let update = match state {
            FactState::Unknown => update,
            _ => settled(update, fact.sent_at),
        };
        match self.table.update(update).await? {
            Written::Done => Ok(Fact { state, told, doc, ..fact }),
            Written::Refused(refusals) => {
                let found = refusals.into_iter().find_map(|refusal| refusal.found);
                found.ok_or_else(|| Error::bug("a fact is gone that was being sent"))?.parse()
            }
        }
    }
}

/// A fact as it is while nobody knows what comes of it.
fn begun(by: &Caller, connection: &str, given: &Given, now: i64) -> Fact {
    let worked = given.worked();
    Fact {
        pk: partition(&by.tenant, connection),
        id: id_of(given.start, &given.employee),
        connection_id: connection.to_owned(),
        employee_id: given.employee.clone(),
        date: given.start.date(),
        digest: given.digest(),
        by_day: worked.day,
        by_night: worked.night,
        state: FactState::Unknown,
        told: None,
        doc: None,
        actor: by.actor.clone(),
        attempt: ids::unique(),
        sent_at: now,
        resolution: None,
        parked: Some(unknown_partition(&by.tenant, connection)),
        rank: Some(now),
        expires_at: None,
    }
}

/// A change of a fact that makes its outcome known.
pub(super) fn settled(update: Update, sent_at: i64) -> Update {
    update.remove("parked").remove("rank").set("expires_at", sent_at / 1000 + KEPT)
}
