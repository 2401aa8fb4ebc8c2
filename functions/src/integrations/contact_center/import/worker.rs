//! Carries imports out, part by part: looks first whether all records can be imported, where
//! all or none are to be; then keeps them; then clears away what was sent.

use shared::env::Env;
use shared::error::Result;
use shared::jobs::{Claim, Done, Failure, Ready, Record, Work};
use shared::table::{Key, Value, count};

use super::super::given::read;
use super::super::records::{Centre, Entry, Origin, Presence, Records};
use super::end;
use super::model::{Import, Stage};
use super::parts::{RecordError, Sent};
use crate::integrations::means::Means;

/// What is wrong with a record whose natural key another one has.
const IS_THERE: &str = "exists already and says something else; update_existing would replace it";

/// Carries imports out.
#[derive(Clone)]
pub struct Importing {
    records: Records,
    means: Means,
}

impl Importing {
    /// Needs what every synchronisation needs.
    pub fn load(env: &Env) -> Result<Self> {
        Ok(Self { records: Records::load(env)?, means: Means::load(env)? })
    }

    /// Looks whether the next part's records can be kept. Where nobody asks for all or none,
    /// or nothing can stand in the way, there is nothing to look at.
    async fn check(&self, import: &Import) -> Result<Done> {
        let options = import.options;
        if !options.whole || options.update_existing || import.next == import.parts {
            return self.checked(import).await;
        }
        let tenant = import.tenant()?;
        let centre = Centre { tenant: &tenant, connection: &import.connection_id };
        let sent = import.part(&self.means.table, import.next).await?;
        let stood = self.records.presence(centre, &entries(import, &sent)?).await?;
        let errors = refused(&sent, &stood);
        let mut record = self.wrong(import, &errors)?;
        record.set.push(("failed", (import.failed + count(errors.len())).into()));
        record.set.push(("next", Value::of(&(import.next + 1))?));
        Ok(self.goes_on(record))
    }

    /// Goes on to the next stage, or ends what must be all or none and cannot be all.
    async fn checked(&self, import: &Import) -> Result<Done> {
        if import.options.whole && import.failed > 0 {
            let none = Import { failed: import.total, rejected: true, ..import.clone() };
            let mut record = end::rejected(&self.means, &none, import.failed).await?;
            record.set.push(("failed", none.failed.into()));
            record.set.push(("rejected", true.into()));
            return self.ended(record);
        }
        let mut record = Record::default();
        record.set.push(("stage", Value::of(&Stage::Apply)?));
        record.set.push(("next", Value::of(&0)?));
        Ok(self.goes_on(record))
    }

    /// Keeps the next part's records.
    async fn apply(&self, import: &Import) -> Result<Done> {
        if import.next == import.parts {
            return self.ended(end::completed(&self.means, import).await?);
        }
        let tenant = import.tenant()?;
        let centre = Centre { tenant: &tenant, connection: &import.connection_id };
        let sent = import.part(&self.means.table, import.next).await?;
        let entries = entries(import, &sent)?;
        let errors = if import.options.update_existing {
            self.records.keep(centre, &entries).await?;
            Vec::new()
        } else {
            refused(&sent, &self.records.keep_new(centre, &entries).await?)
        };
        let failed = count(errors.len());
        let now = Import {
            successful: import.successful + count(sent.len()) - failed,
            failed: import.failed + failed,
            next: import.next + 1,
            ..import.clone()
        };
        let mut record = self.wrong(import, &errors)?;
        record.set.push(("successful", now.successful.into()));
        record.set.push(("failed", now.failed.into()));
        record.set.push(("next", Value::of(&now.next)?));
        if now.next == now.parts {
            return self.ended(record.and(end::completed(&self.means, &now).await?));
        }
        Ok(self.goes_on(record.and(end::progressed(&self.means, &now).await?)))
    }

    fn ended(&self, mut record: Record) -> Result<Done> {
        record.set.push(("stage", Value::of(&Stage::Clear)?));
        record.set.push(("ended_at", self.means.clock.now_ms().into()));
        Ok(self.goes_on(record))
    }

    async fn clear(&self, import: &Import) -> Result<Done> {
        self.means.table.delete_many(&import.part_keys()?).await?;
        Ok(Done::default())
    }

    fn wrong(&self, import: &Import, errors: &[RecordError]) -> Result<Record> {
        let also = import.found_wrong(&self.means.table, errors, self.means.clock.now_ms())?;
        Ok(Record { also, ..Record::default() })
    }

    fn goes_on(&self, record: Record) -> Done {
        Done { record, again: Some(self.means.clock.now_ms()), park: None }
    }
}

/// The records of a part. All of them could be read when they were sent.
fn entries(import: &Import, sent: &[Sent]) -> Result<Vec<Entry>> {
    let entry = |one: &Sent| {
        let record = read(import.options.data_type, &one.record, false);
        let record = record.map_err(|wrong| shared::error::Error::bug(wrong.join(", ")))?;
        let raw = serde_json::to_string(&one.record).map_err(shared::error::Error::internal)?;
        Ok(Entry { record, origin: Origin::BulkImport, raw: Some(raw) })
    };
    sent.iter().map(entry).collect()
}

/// Those that stay as they are because another record has their natural keys.
fn refused(sent: &[Sent], stood: &[Presence]) -> Vec<RecordError> {
    let refused = sent.iter().zip(stood).filter(|(_, stood)| **stood == Presence::Other);
    let error =
        |(one, _): (&Sent, _)| RecordError { index: one.index, errors: vec![IS_THERE.to_owned()] };
    refused.map(error).collect()
}

impl Work for Importing {
    type Row = Import;
    type Leave = ();

    async fn ready(&self, _: &Import) -> Result<Ready> {
        Ok(Ready::Now(()))
    }

    async fn run(&self, import: &Import, _: &Claim, _: Option<()>) -> Result<Done, Failure> {
        let done = match import.stage {
            Stage::Check => self.check(import).await,
            Stage::Apply => self.apply(import).await,
            Stage::Clear => self.clear(import).await,
        };
        done.map_err(Failure::from)
    }

    async fn failed(&self, import: &Import, failure: &Failure, last: bool) -> Result<Record> {
        match last && import.stage != Stage::Clear {
            false => Ok(Record::default()),
            true => {
                let mut record = end::given_up(&self.means, import, &failure.reason).await?;
                record.set.push(("ended_at", self.means.clock.now_ms().into()));
                Ok(record)
            }
        }
    }

    async fn next(&self, _: &Import) -> Result<Option<Key>> {
        Ok(None)
    }
}
