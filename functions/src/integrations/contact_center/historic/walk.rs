//! Going through what there is of many, one after the other, until a page is full. Where no
//! page is asked for, an answer that would be too large is refused, never cut.

use std::future::Future;

use futures_util::future::try_join_all;
use shared::error::{Error, Result};

use super::super::records::{Centre, Records};
use super::ask::Asked;
use super::cursor::Cursor;

/// The most items of an answer: a function answers 6 MB at most.
pub const MOST: usize = 10_000;
/// How many are looked at side by side: where everything is wanted, and where nobody has
/// anything.
const AT_ONCE: usize = 8;
/// How many are looked at for a page. Where they have next to nothing it may be short, or
/// empty, and the next one goes on with the others.
const LOOKS: usize = 400;

/// Something of somebody, at a moment.
#[derive(Debug)]
pub struct Told<T> {
    /// Of whom.
    pub who: String,
    /// When it begins.
    pub at: i64,
    /// What.
    pub what: T,
}

/// What one look found: items in order of their beginnings, and whether there are more.
pub struct Look<T> {
    /// Moment and item.
    pub items: Vec<(i64, T)>,
    /// Whether more follow of the same one.
    pub more: bool,
}

/// One page, or all.
pub struct Walked<T> {
    /// The items, in order.
    pub items: Vec<Told<T>>,
    /// Where to go on.
    pub next: Option<Cursor>,
}

/// What items are made from.
#[derive(Clone, Copy)]
pub struct Ground<'a> {
    /// Where they are.
    pub records: &'a Records,
    /// Of which contact centre.
    pub centre: Centre<'a>,
    /// What is asked for.
    pub asked: &'a Asked,
}

/// What items are made of one's records.
pub trait Source: Sync {
    /// An item.
    type Item: Send;

    /// One's items from a moment on, or of the whole period: so many at least, if there are.
    fn look(
        &self,
        who: &str,
        from: Option<i64>,
        many: usize,
    ) -> impl Future<Output = Result<Look<Self::Item>>> + Send;
}

/// What is told of all these, who are in order.
///
/// # Errors
/// `Invalid`, naming the end of the period, when there is too much and no page was asked for.
pub async fn walk<S: Source>(
    asked: &Asked,
    all: Vec<String>,
    source: &S,
) -> Result<Walked<S::Item>> {
    let most = asked.limit.unwrap_or(MOST);
    let cursor = asked.cursor.as_ref();
    let first = cursor.map_or("", |cursor| cursor.who.as_str());
    let left: Vec<String> = all.into_iter().filter(|who| who.as_str() >= first).collect();
    let (mut items, mut looked) = (Vec::<Told<S::Item>>::new(), 0);
    let mut side_by_side = if asked.limit.is_some() { 1 } else { AT_ONCE };
    while looked < left.len() {
        if asked.limit.is_some() && looked >= LOOKS {
            let next = Cursor { who: left[looked].clone(), told: 0, at: None };
            return Ok(Walked { items, next: Some(next) });
        }
        let some = &left[looked..left.len().min(looked + side_by_side)];
        let looks = some.iter().map(|who| {
            let behind = cursor.filter(|cursor| cursor.who == *who);
            let told = behind.map_or(0, |cursor| cursor.told);
            source.look(who, behind.and_then(|cursor| cursor.at), most + told + 1)
        });
        let before = items.len();
        for (who, found) in some.iter().zip(try_join_all(looks).await?) {
            let behind = cursor.filter(|cursor| cursor.who == *who);
            for (at, what) in not_told(behind, found.items) {
                if items.len() == most {
                    return full(asked, items);
                }
                items.push(Told { who: who.clone(), at, what });
            }
            if found.more {
                return full(asked, items);
            }
        }
        looked += some.len();
        side_by_side = match (asked.limit, items.len() == before) {
            (None, _) => AT_ONCE,
            // Whoever comes next may have nothing as well, or more than the page can hold.
            (Some(_), true) => AT_ONCE.min(side_by_side * 2),
            (Some(_), false) => 1,
        };
    }
    Ok(Walked { items, next: None })
}

/// One's items that no page before this one told.
fn not_told<T>(behind: Option<&Cursor>, items: Vec<(i64, T)>) -> impl Iterator<Item = (i64, T)> {
    let from = |cursor: &Cursor| (cursor.at.unwrap_or(i64::MIN), cursor.told);
    let (last, mut left_out) = behind.map_or((i64::MIN, 0), from);
    items.into_iter().filter(move |(at, _)| {
        let is_one = *at == last && left_out > 0;
        left_out -= usize::from(is_one);
        *at >= last && !is_one
    })
}

/// A page that is full, or the refusal of what would be too large.
fn full<T>(asked: &Asked, items: Vec<Told<T>>) -> Result<Walked<T>> {
    if asked.limit.is_none() {
        let message = format!(
            "must be earlier: the period holds more than {MOST} items, or more of one than are \
             looked at together; ask for less, or in pages with limit"
        );
        return Err(Error::invalid(asked.end_is_called(), message));
    }
    let Some(last) = items.last() else {
        let message = "must be earlier: too much is kept of the period";
        return Err(Error::invalid(asked.end_is_called(), message));
    };
    let same = items.iter().rev().take_while(|one| one.who == last.who && one.at == last.at);
    // Those of the page before that begin with it are not known to be none.
    let before = asked.cursor.as_ref().filter(|c| c.who == last.who && c.at == Some(last.at));
    let told = same.count() + before.map_or(0, |cursor| cursor.told);
    let next = Some(Cursor { who: last.who.clone(), told, at: Some(last.at) });
    Ok(Walked { items, next })
}
