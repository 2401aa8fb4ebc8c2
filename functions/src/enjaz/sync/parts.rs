//! What a synchronisation read in earlier steps, in rows of its own: the cases of each step,
//! and where the walk is.

use serde::{Deserialize, Serialize};
use shared::error::{Error, Result};
use shared::table::{Item, Key, Read, Table, Write};
use shared::tenant::Tenant;

use super::super::portal::{FoundCase, Walk};
use super::run::SyncRun;
use crate::compressed::{pack, unpack};

/// What the partitions are called: one a synchronisation.
const WALKS: &str = "ENJAZ-WALKS";
/// Where the walk itself is.
const WALK: &str = "walk";
/// How long they are kept if nobody comes to clear them away, in seconds: a week.
const KEPT: i64 = 7 * 24 * 3600;
/// The most that one holds, in bytes.
const LARGEST: usize = 350 * 1024;

#[derive(Serialize, Deserialize)]
struct Part {
    pk: String,
    sk: String,
    #[serde(with = "serde_bytes")]
    packed: Vec<u8>,
    expires_at: i64,
}

/// The writes that keep what was read since the last step; they become parts of the walk. Its
/// cases are taken out of it.
pub(super) fn kept(
    table: &Table,
    run: &SyncRun,
    walk: &mut Walk,
    now: i64,
) -> Result<(usize, Vec<Write>)> {
    let tenant = run.tenant()?;
    let expires_at = now / 1000 + KEPT;
    let put = |sk: String, packed: Vec<u8>| -> Result<Write> {
        let Key { pk, .. } = key(&tenant, run.id(), WALK);
        Ok(table.put(Item::of(&Part { pk, sk, packed, expires_at })?, None))
    };
    let mut packed = Vec::new();
    pack_cases(&std::mem::take(&mut walk.cases), &mut packed)?;
    let parts = run.parts + packed.len();
    let mut writes = Vec::new();
    for (at, packed) in (run.parts..).zip(packed) {
        writes.push(put(name(at), packed)?);
    }
    writes.push(put(WALK.to_owned(), pack(walk)?)?);
    Ok((parts, writes))
}

/// Cases in as few parts as hold them.
fn pack_cases(cases: &[FoundCase], into: &mut Vec<Vec<u8>>) -> Result<()> {
    let packed = pack(cases)?;
    if packed.len() <= LARGEST || cases.len() <= 1 {
        into.push(packed);
        return Ok(());
    }
    let (some, others) = cases.split_at(cases.len() / 2);
    pack_cases(some, into)?;
    pack_cases(others, into)
}

/// The walk as it was after the last step, without its cases; a fresh one before the first.
pub(super) async fn walk(table: &Table, run: &SyncRun) -> Result<Walk> {
    if run.parts == 0 {
        return Ok(Walk::default());
    }
    let part: Option<Part> =
        table.get(&key(&run.tenant()?, run.id(), WALK), Read::Consistent).await?;
    unpack(&part.ok_or_else(gone)?.packed)
}

/// The cases of all steps before this one.
pub(super) async fn cases(table: &Table, run: &SyncRun) -> Result<Vec<FoundCase>> {
    let tenant = run.tenant()?;
    let keys: Vec<Key> = (0..run.parts).map(|at| key(&tenant, run.id(), &name(at))).collect();
    let mut parts: Vec<Part> = table.get_many(&keys, Read::Consistent).await?;
    if parts.len() != keys.len() {
        return Err(gone());
    }
    parts.sort_by(|a, b| a.sk.cmp(&b.sk));
    let mut cases = Vec::new();
    for part in parts {
        cases.extend(unpack::<Vec<FoundCase>>(&part.packed)?);
    }
    Ok(cases)
}

/// Where all of them are.
pub(in crate::enjaz) fn part_keys(run: &SyncRun) -> Result<Vec<Key>> {
    if run.parts == 0 {
        return Ok(Vec::new());
    }
    let tenant = run.tenant()?;
    let names = (0..run.parts).map(name).chain([WALK.to_owned()]);
    Ok(names.map(|sk| key(&tenant, run.id(), &sk)).collect())
}

fn name(at: usize) -> String {
    format!("{at:06}")
}

fn key(tenant: &Tenant, sync_id: &str, sk: &str) -> Key {
    Key { pk: tenant.pk(WALKS, sync_id), sk: sk.to_owned() }
}

fn gone() -> Error {
    Error::bug("what a synchronisation read is gone")
}
