//! What was sent, and what is wrong with it, kept beside an import's row: compressed, in
//! parts, until the import has ended or nobody asks for it any more.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};
use shared::error::{Error, Result};
use shared::table::{Item, Key, Query, Read, Table, Write};
use shared::tenant::Tenant;
use utoipa::ToSchema;

use super::model::{Import, KEPT};
use crate::compressed::{compress, pack, unpack};

/// The longest part, in bytes: when compressed, as DynamoDB's items end at 400 KB, and before.
const LONGEST: usize = 350 * 1024;
const LONGEST_UNPACKED: usize = 4 * 1024 * 1024;
/// How long what was sent is kept at most, in seconds: thirty days.
const SENT_KEPT: i64 = 30 * 24 * 3600;
/// Errors that are kept together.
const ERRORS_TOGETHER: usize = 1000;

/// A record that was sent, and its place, counted from 0.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Sent {
    pub index: usize,
    pub record: Map<String, Json>,
}

/// What is wrong with a record that was sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RecordError {
    /// Its place among those that were sent, counted from 0.
    #[serde(rename = "record_index")]
    pub index: usize,
    /// All that is wrong with it.
    #[schema(example = json!(["agent_id is required"]))]
    pub errors: Vec<String>,
}

#[derive(Serialize, Deserialize)]
struct Packed {
    pk: String,
    sk: String,
    #[serde(with = "serde_bytes")]
    bytes: Vec<u8>,
    expires_at: i64,
}

/// The items of so many records, in order, `together` in each or fewer.
pub fn parts_of(
    (tenant, import, now): (&Tenant, &str, i64),
    sent: &[Sent],
    together: usize,
) -> Result<Vec<Item>> {
    let mut packed = Vec::new();
    for chunk in sent.chunks(together) {
        pack_into(&mut packed, chunk)?;
    }
    let item = |(number, bytes)| {
        let Key { pk, sk } = part_key(tenant, import, number);
        Item::of(&Packed { pk, sk, bytes, expires_at: now / 1000 + SENT_KEPT })
    };
    packed.into_iter().enumerate().map(item).collect()
}

/// Packs records, in halves if they are too long together.
fn pack_into(packed: &mut Vec<Vec<u8>>, sent: &[Sent]) -> Result<()> {
    let text = serde_json::to_vec(sent).map_err(Error::internal)?;
    if text.len() <= LONGEST_UNPACKED || sent.len() < 2 {
        let bytes = compress(&text)?;
        if bytes.len() <= LONGEST || sent.len() < 2 {
            packed.push(bytes);
            return Ok(());
        }
    }
    let (one, other) = sent.split_at(sent.len() / 2);
    pack_into(packed, one)?;
    pack_into(packed, other)
}

/// The items of errors of a step.
pub fn errors_of(
    (tenant, import, now): (&Tenant, &str, i64),
    step: &str,
    errors: &[RecordError],
) -> Result<Vec<Item>> {
    let item = |(number, errors): (usize, &[RecordError])| {
        let (pk, sk) = (errors_pk(tenant, import), format!("{step}#{number:06}"));
        Item::of(&Packed { pk, sk, bytes: pack(errors)?, expires_at: now / 1000 + KEPT })
    };
    errors.chunks(ERRORS_TOGETHER).enumerate().map(item).collect()
}

impl Import {
    /// The records of a part.
    pub async fn part(&self, table: &Table, number: usize) -> Result<Vec<Sent>> {
        let key = part_key(&self.tenant()?, self.id(), number);
        let found: Option<Packed> = table.get(&key, Read::Consistent).await?;
        unpack(&found.ok_or_else(|| Error::bug("a part of an import is gone"))?.bytes)
    }

    /// Where all of its parts are.
    pub fn part_keys(&self) -> Result<Vec<Key>> {
        let tenant = self.tenant()?;
        Ok((0..self.parts).map(|number| part_key(&tenant, self.id(), number)).collect())
    }

    /// The writes that keep what is wrong with records of the part that comes next.
    pub fn found_wrong(
        &self,
        table: &Table,
        errors: &[RecordError],
        now: i64,
    ) -> Result<Vec<Write>> {
        let step = format!("part#{:06}", self.next);
        let items = errors_of((&self.tenant()?, self.id(), now), &step, errors)?;
        Ok(items.into_iter().map(|item| table.put(item, None)).collect())
    }

    /// All that is wrong with its records, in their order.
    pub async fn errors(&self, table: &Table) -> Result<Vec<RecordError>> {
        let query = Query::partition(&errors_pk(&self.tenant()?, self.id()));
        let mut errors = Vec::new();
        for packed in table.query_all::<Packed>(query).await? {
            errors.extend(unpack::<Vec<RecordError>>(&packed.bytes)?);
        }
        errors.sort_unstable_by_key(|error| error.index);
        Ok(errors)
    }
}

fn part_key(tenant: &Tenant, import: &str, number: usize) -> Key {
    Key { pk: tenant.pk("CC-IMPORT-PARTS", import), sk: format!("{number:06}") }
}

fn errors_pk(tenant: &Tenant, import: &str) -> String {
    tenant.pk("CC-IMPORT-ERRORS", import)
}
