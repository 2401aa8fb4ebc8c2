//! The port's one implementation, over the AWS SDK.

use std::sync::Arc;
use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{
    CancellationReason, KeysAndAttributes, ReturnValue, ReturnValuesOnConditionCheckFailure,
};
use serde::de::DeserializeOwned;

use super::expression::Placeholders;
use super::write::Action;
use super::{Cond, Item, Key, Page, Query, Refusal, Update, Write, Written, can_be_hash};
use crate::error::{Error, Kind, Result};

/// How often a transaction that collides with another one is tried.
pub(super) const CONFLICT_TRIES: u32 = 8;
/// DynamoDB's own limit on one BatchGetItem.
const BATCH: usize = 100;

/// How fresh a read must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Read {
    /// Sees every write that was acknowledged before.
    Consistent,
    /// May miss the last moments, at half the price.
    Eventual,
}

/// One table. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Table {
    pub(super) client: Client,
    pub(super) name: Arc<str>,
}

impl Table {
    /// The table of this name.
    pub fn new(client: Client, name: &str) -> Self {
        Self { client, name: name.into() }
    }

    /// The item with this key; none for a key that no item can have, here and below.
    ///
    /// # Errors
    /// `Unavailable` when the table does not answer or throttles, here and below.
    pub async fn get<T: DeserializeOwned>(&self, key: &Key, read: Read) -> Result<Option<T>> {
        if !key.can_be() {
            return Ok(None);
        }
        let call = self.client.get_item().table_name(&*self.name).set_key(Some(Item::key(key)));
        let call = call.consistent_read(read == Read::Consistent);
        let found = call.send().await.map_err(failure)?;
        found.item.map(|item| Item(item).parse()).transpose()
    }

    /// The items with these keys, in no order; a key without an item is left out.
    pub async fn get_many<T: DeserializeOwned>(&self, keys: &[Key], read: Read) -> Result<Vec<T>> {
        let mut found = Vec::with_capacity(keys.len());
        let keys: Vec<&Key> = keys.iter().filter(|key| key.can_be()).collect();
        for keys in keys.chunks(BATCH) {
            let mut wanted = KeysAndAttributes::builder().consistent_read(read == Read::Consistent);
            for key in keys {
                wanted = wanted.keys(Item::key(key));
            }
            let mut wanted = Some(wanted.build().map_err(Error::internal)?);
            let mut tries = 0;
            while let Some(now) = wanted.take() {
                back_off(tries).await;
                let call = self.client.batch_get_item().request_items(&*self.name, now);
                let answer = call.send().await.map_err(failure)?;
                for item in answer.responses.into_iter().flat_map(|mut t| t.remove(&*self.name)) {
                    for item in item {
                        found.push(Item(item).parse()?);
                    }
                }
                wanted = answer.unprocessed_keys.and_then(|mut t| t.remove(&*self.name));
                tries += 1;
                if tries == CONFLICT_TRIES && wanted.is_some() {
                    return Err(Error::unavailable(anyhow::anyhow!("throttled reading items")));
                }
            }
        }
        Ok(found)
    }

    /// One page of a query.
    pub async fn query<T: DeserializeOwned>(&self, query: Query) -> Result<Page<T>> {
        if query.hash.1.0.as_s().is_ok_and(|text| !can_be_hash(text)) {
            return Ok(Page { items: Vec::new(), next: None });
        }
        let mut p = Placeholders::default();
        let mut condition = p.condition(Cond::Eq(query.hash.0, query.hash.1));
        if let Some((name, range)) = query.range {
            condition = format!("{condition} AND {}", p.range(name, range));
        }
        let (names, values) = p.into_maps();
        let call = self.client.query().table_name(&*self.name);
        let call = call.set_index_name(query.index.map(str::to_owned));
        let call = call.set_consistent_read(query.index.is_none().then_some(true));
        let call = call.key_condition_expression(condition);
        let call = call.set_expression_attribute_names(names);
        let call = call.set_expression_attribute_values(values);
        let call = call.scan_index_forward(!query.descending).set_limit(query.limit);
        let call = call.set_exclusive_start_key(query.after.map(|item| item.0));
        let page = call.send().await.map_err(failure)?;
        let items = page.items.unwrap_or_default().into_iter().map(|item| Item(item).parse());
        Ok(Page { items: items.collect::<Result<_>>()?, next: page.last_evaluated_key.map(Item) })
    }

    /// All pages of a query that is known to be short.
    pub async fn query_all<T: DeserializeOwned>(&self, query: Query) -> Result<Vec<T>> {
        let (mut items, mut query) = (Vec::new(), query);
        loop {
            let page = self.query(query.clone()).await?;
            items.extend(page.items);
            match page.next {
                Some(next) => query.after = Some(next),
                None => return Ok(items),
            }
        }
    }

    /// Of the items of a query that are wanted, `limit` after the first `skip`. What is
    /// left out is read as well.
    pub async fn query_window<T: DeserializeOwned>(
        &self,
        query: Query,
        wanted: impl Fn(&T) -> bool,
        skip: usize,
        limit: usize,
    ) -> Result<Vec<T>> {
        let (mut items, mut left_out, mut query) = (Vec::new(), 0, query);
        loop {
            let page = self.query(query.clone()).await?;
            for item in page.items.into_iter().filter(&wanted) {
                if left_out < skip {
                    left_out += 1;
                } else if items.len() < limit {
                    items.push(item);
                }
            }
            match page.next {
                Some(next) if items.len() < limit => query.after = Some(next),
                _ => return Ok(items),
            }
        }
    }

    /// Changes one item.
    pub async fn update(&self, update: Update) -> Result<Written> {
        let (_, written) = self.send_update(update, None).await?;
        Ok(written)
    }

    /// Changes one item and answers what it is now, if it was changed.
    pub async fn update_returning(&self, update: Update) -> Result<(Option<Item>, Written)> {
        self.send_update(update, Some(ReturnValue::AllNew)).await
    }

    async fn send_update(
        &self,
        update: Update,
        wanted: Option<ReturnValue>,
    ) -> Result<(Option<Item>, Written)> {
        let (key, expression, when, p) = update.render();
        let (names, values) = p.into_maps();
        let call = self.client.update_item().table_name(&*self.name);
        let call = call.set_key(Some(Item::key(&key))).update_expression(expression);
        let call = call.set_condition_expression(when);
        let call = call.set_expression_attribute_names(names);
        let call = call.set_expression_attribute_values(values).set_return_values(wanted);
        let old = ReturnValuesOnConditionCheckFailure::AllOld;
        match call.return_values_on_condition_check_failure(old).send().await {
            Ok(done) => Ok((done.attributes.map(Item), Written::Done)),
            Err(SdkError::ServiceError(refused)) => match refused.into_err() {
                UpdateItemError::ConditionalCheckFailedException(refused) => {
                    let found = refused.item.map(Item);
                    Ok((None, Written::Refused(vec![Refusal { at: 0, found }])))
                }
                other => Err(service_failure(other)),
            },
            Err(other) => Err(failure(other)),
        }
    }

    /// Puts an item, replacing one with the same key, as part of a transaction.
    pub fn put(&self, item: Item, when: Option<Cond>) -> Write {
        Write { table: self.name.to_string(), action: Action::Put(item, when) }
    }

    /// Deletes an item as part of a transaction; one that is not there is no failure.
    pub fn delete(&self, key: Key, when: Option<Cond>) -> Write {
        Write { table: self.name.to_string(), action: Action::Delete(key, when) }
    }

    /// Changes an item as part of a transaction.
    pub fn change(&self, update: Update) -> Write {
        Write { table: self.name.to_string(), action: Action::Update(update) }
    }

    /// Applies all of these writes or none of them. `token` (at most 36
    /// characters) names the attempt: DynamoDB answers a repeat within ten
    /// minutes as it answered the first, so a lost reply does no harm.
    pub async fn transact(&self, token: &str, writes: Vec<Write>) -> Result<Written> {
        let writes = writes.into_iter().map(Write::into_sdk).collect::<Result<Vec<_>>>()?;
        for tried in 0..CONFLICT_TRIES {
            back_off(tried).await;
            let call = self.client.transact_write_items().client_request_token(token);
            match call.set_transact_items(Some(writes.clone())).send().await {
                Ok(_) => return Ok(Written::Done),
                Err(SdkError::ServiceError(refused)) => match refused.into_err() {
                    TransactWriteItemsError::TransactionCanceledException(cancelled) => {
                        let refusals =
                            refusals(cancelled.cancellation_reasons.unwrap_or_default())?;
                        if !refusals.is_empty() {
                            return Ok(Written::Refused(refusals));
                        }
                    }
                    TransactWriteItemsError::TransactionInProgressException(_) => {}
                    other => return Err(service_failure(other)),
                },
                Err(other) => return Err(failure(other)),
            }
        }
        Err(Error::unavailable(anyhow::anyhow!("the transaction kept colliding with others")))
    }
}

/// The conditions that failed; empty when the transaction only collided with
/// another one or was throttled, and is to be tried again.
fn refusals(reasons: Vec<CancellationReason>) -> Result<Vec<Refusal>> {
    let mut refusals = Vec::new();
    for (at, reason) in reasons.into_iter().enumerate() {
        match reason.code.as_deref() {
            None | Some("None") => {}
            Some("ConditionalCheckFailed") => {
                refusals.push(Refusal { at, found: reason.item.map(Item) });
            }
            Some("TransactionConflict" | "ThrottlingError" | "ProvisionedThroughputExceeded") => {}
            Some(code) => {
                let message = reason.message.unwrap_or_default();
                return Err(Error::bug(format!("transaction refused, {code}: {message}")));
            }
        }
    }
    Ok(refusals)
}

/// Waits before another try: none before the first, then up to 10 ms · 2^n.
pub(super) async fn back_off(tried: u32) {
    if tried > 0 {
        let most = 10_u64 << tried.min(6);
        tokio::time::sleep(Duration::from_millis(fastrand::u64(0..=most))).await;
    }
}

pub(super) fn failure<E>(error: SdkError<E>) -> Error
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
{
    match error {
        SdkError::ServiceError(refused) => service_failure(refused.into_err()),
        SdkError::ConstructionFailure(_) => Error::internal(error),
        unanswered => Error::unavailable(unanswered),
    }
}

fn service_failure<E>(error: E) -> Error
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
{
    let kind = match error.code() {
        Some(
            "ThrottlingException"
            | "ProvisionedThroughputExceededException"
            | "RequestLimitExceeded"
            | "TransactionConflictException"
            | "InternalServerError"
            | "ServiceUnavailable",
        ) => Kind::Unavailable,
        _ => Kind::Internal,
    };
    let cause = match error.message() {
        Some(message) => anyhow::anyhow!("{}: {message}", error.code().unwrap_or("DynamoDB")),
        None => anyhow::Error::new(error),
    };
    if kind == Kind::Unavailable { Error::unavailable(cause) } else { Error::internal(cause) }
}
