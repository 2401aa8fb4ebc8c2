//! Writes of many items that need not be seen together: no conditions, no transaction, one
//! write unit each. Whoever needs either uses [`Table::transact`].

use aws_sdk_dynamodb::types::{DeleteRequest, PutRequest, WriteRequest};

use super::client::{CONFLICT_TRIES, back_off, failure};
use super::{Item, Key, Table};
use crate::error::{Error, Result};

/// DynamoDB's own limit on one BatchWriteItem.
const BATCH: usize = 25;

impl Table {
    /// Puts these items, of which no two have the same key, each replacing one with its key.
    /// When this fails, some may be there and others not.
    ///
    /// # Errors
    /// `Unavailable` when the table does not answer or throttles.
    pub async fn put_many(&self, items: Vec<Item>) -> Result<()> {
        let requests = items.into_iter().map(|item| {
            let put = PutRequest::builder().set_item(Some(item.0)).build();
            put.map(|put| WriteRequest::builder().put_request(put).build())
        });
        let requests = requests.collect::<Result<Vec<_>, _>>().map_err(Error::internal)?;
        self.write_many(requests).await
    }

    /// Deletes the items with these keys, of which no two are the same. One that is not there
    /// is no failure. When this fails, some may be gone and others not.
    ///
    /// # Errors
    /// `Unavailable` when the table does not answer or throttles.
    pub async fn delete_many(&self, keys: &[Key]) -> Result<()> {
        let requests = keys.iter().map(|key| {
            let delete = DeleteRequest::builder().set_key(Some(Item::key(key))).build();
            delete.map(|delete| WriteRequest::builder().delete_request(delete).build())
        });
        let requests = requests.collect::<Result<Vec<_>, _>>().map_err(Error::internal)?;
        self.write_many(requests).await
    }

    async fn write_many(&self, requests: Vec<WriteRequest>) -> Result<()> {
        for requests in requests.chunks(BATCH) {
            let (mut left, mut tries) = (requests.to_vec(), 0);
            while !left.is_empty() {
                if tries == CONFLICT_TRIES {
                    return Err(Error::unavailable(anyhow::anyhow!("throttled writing items")));
                }
                back_off(tries).await;
                let call = self.client.batch_write_item().request_items(&*self.name, left);
                let answer = call.send().await.map_err(failure)?;
                let unprocessed = answer.unprocessed_items;
                left = unprocessed.and_then(|mut t| t.remove(&*self.name)).unwrap_or_default();
                tries += 1;
            }
        }
        Ok(())
    }
}
