//! Verifies an export without asking anybody: every hash is computed anew, every
//! seal must stand where the chain does.

use thiserror::Error;

use super::chain::Link;
use shared::tenant::Tenant;

use super::csv;
use super::export::{Line, Linked, Sealed, Start};

/// What is wrong with an export.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum Broken {
    /// A line is none of an export's.
    #[error("line {0} is not one of an export")]
    Unreadable(usize),
    /// An entry's hash is not what it should be.
    #[error("line {0}: the entry {1} or the chain before it was changed")]
    Entry(usize, String),
    /// A seal does not stand where the chain does.
    #[error("line {0}: seal {1} does not fit: an entry before it was changed, removed or added")]
    Seal(usize, i64),
    /// A page does not go on where the one before ended.
    #[error("line {0}: the chain starts anew; lines before it are missing or were changed")]
    Gap(usize),
    /// The chain does not pass where it once ended.
    #[error("the chain does not pass through {0}: an entry before it was changed or removed")]
    Elsewhere(String),
    /// There was nothing to verify.
    #[error("the export holds no line")]
    Empty,
}

/// What was verified.
#[derive(Debug)]
pub struct Verified {
    /// Where the chain ends. Noted down elsewhere, it shows later that even an export
    /// that is whole in itself is the same.
    pub end: Link,
    /// Entries that were verified.
    pub entries: u64,
    /// Of all entries, those that a seal covers.
    pub sealed: u64,
    /// Whether the first entry there ever was is the first.
    pub from_the_beginning: bool,
}

/// Reads an export line by line.
#[derive(Default)]
pub struct Verifier {
    at: usize,
    link: Option<Link>,
    last_id: String,
    last_seal: i64,
    entries: u64,
    sealed: u64,
    from_the_beginning: bool,
    tenant: Option<Tenant>,
    /// When the last seal ends, and when the last entry was written.
    sealed_to: String,
    last_at: String,
    /// Where the chain once ended, until it passes there.
    once: Option<String>,
}

impl Verifier {
    /// Of an export whose chain once ended with this hash.
    pub fn passing(once: Option<&str>) -> Self {
        Self { once: once.map(str::to_owned), ..Self::default() }
    }

    /// Verifies a whole export, NDJSON or CSV.
    pub fn read(mut self, text: &str) -> Result<Verified, Broken> {
        if text.trim_start().starts_with('{') {
            text.lines().try_for_each(|line| self.ndjson(line))?;
        } else {
            self.csv(text)?;
        }
        self.done()
    }

    /// One line of NDJSON.
    pub fn ndjson(&mut self, line: &str) -> Result<(), Broken> {
        self.at += 1;
        if line.trim().is_empty() {
            return Ok(());
        }
        match serde_json::from_str(line).map_err(|_| Broken::Unreadable(self.at))? {
            Line::Chain(start) => self.start(start),
            Line::Link(linked) => self.entry(linked),
            Line::Seal(sealed) => self.seal(&sealed),
        }
    }

    fn csv(&mut self, text: &str) -> Result<(), Broken> {
        let mut reader = ::csv::Reader::from_reader(text.as_bytes());
        self.at = 1;
        let header = reader.headers().map_err(|_| Broken::Unreadable(1))?;
        if !header.iter().eq(csv::HEADER) {
            return Err(Broken::Unreadable(1));
        }
        for record in reader.records() {
            self.at += 1;
            let record = record.map_err(|_| Broken::Unreadable(self.at))?;
            let columns: Vec<&str> = record.iter().collect();
            let (before, linked) = csv::read(&columns).ok_or(Broken::Unreadable(self.at))?;
            match &self.link {
                None => self.pass(before),
                Some(link) if link.hash != before.hash => return Err(Broken::Gap(self.at)),
                Some(_) => {}
            }
            self.entry(linked)?;
        }
        Ok(())
    }

    fn start(&mut self, start: Start) -> Result<(), Broken> {
        let other = self.tenant.as_ref().is_some_and(|tenant| *tenant != start.tenant);
        match &self.link {
            None => {
                self.from_the_beginning = start.link == Link::first(&start.tenant);
                if start.link.count == 0 && !self.from_the_beginning {
                    return Err(Broken::Gap(self.at));
                }
                self.pass(start.link);
                self.tenant = Some(start.tenant);
                Ok(())
            }
            Some(link) if *link == start.link && !other => Ok(()),
            Some(_) => Err(Broken::Gap(self.at)),
        }
    }

    fn entry(&mut self, Linked { entry, hash }: Linked) -> Result<(), Broken> {
        let link = self.link.as_ref().ok_or(Broken::Gap(self.at))?;
        let next = link.with(&entry).map_err(|_| Broken::Unreadable(self.at))?;
        let in_order = entry.id > self.last_id && entry.timestamp >= self.sealed_to;
        if next.hash != hash || !in_order {
            return Err(Broken::Entry(self.at, entry.id));
        }
        self.pass(next);
        self.last_id = entry.id;
        self.last_at = entry.timestamp;
        self.entries += 1;
        Ok(())
    }

    fn seal(&mut self, sealed: &Sealed) -> Result<(), Broken> {
        let first = self.last_seal == 0 && (sealed.number == 1 || !self.from_the_beginning);
        let in_order = first || sealed.number == self.last_seal + 1;
        let in_time = self.last_at < sealed.to && self.sealed_to < sealed.to;
        if self.link.as_ref() != Some(&sealed.link) || !in_order || !in_time {
            return Err(Broken::Seal(self.at, sealed.number));
        }
        self.last_seal = sealed.number;
        self.sealed = sealed.link.count;
        self.sealed_to.clone_from(&sealed.to);
        Ok(())
    }

    fn pass(&mut self, link: Link) {
        if self.once.as_ref() == Some(&link.hash) {
            self.once = None;
        }
        self.link = Some(link);
    }

    /// What was verified.
    pub fn done(self) -> Result<Verified, Broken> {
        let Self { link, entries, sealed, from_the_beginning, once, .. } = self;
        let end = link.ok_or(Broken::Empty)?;
        if let Some(once) = once {
            return Err(Broken::Elsewhere(once));
        }
        Ok(Verified { end, entries, sealed, from_the_beginning })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::view::EntryView;
    use serde_json::value::RawValue;

    fn lines() -> anyhow::Result<Vec<Line>> {
        let tenant = Tenant::parse("default")?;
        let mut link = Link::first(&tenant);
        let mut lines = vec![Line::Chain(Start { tenant, link: link.clone() })];
        for id in ["1", "2", "3"] {
            let entry = EntryView {
                id: id.to_owned(),
                timestamp: format!("t{id}"),
                actor: "key:1".to_owned(),
                action: "=a".to_owned(),
                subject: "s, \"quoted\"".to_owned(),
                correlation_id: "-c".to_owned(),
                details: RawValue::from_string("{\"a\": 1}".to_owned())?,
            };
            link = link.with(&entry)?;
            lines.push(Line::Link(Linked { entry, hash: link.hash.clone() }));
            if id == "2" {
                let to = "t3".to_owned();
                lines.push(Line::Seal(Sealed { number: 1, to, link: link.clone() }));
            }
        }
        Ok(lines)
    }

    fn read(text: &str) -> Result<Verified, Broken> {
        Verifier::default().read(text)
    }

    fn ndjson() -> anyhow::Result<Vec<String>> {
        texts(&lines()?)
    }

    fn texts(lines: &[Line]) -> anyhow::Result<Vec<String>> {
        Ok(lines.iter().map(serde_json::to_string).collect::<Result<_, _>>()?)
    }

    #[test]
    fn a_whole_export_holds_in_both_forms() -> anyhow::Result<()> {
        let verified = read(&ndjson()?.join("\n"))?;
        assert_eq!((verified.entries, verified.sealed, verified.end.count), (3, 2, 3));
        assert!(verified.from_the_beginning);
        let text = csv::write(&lines()?, true)?;
        assert_eq!(read(&text)?.entries, 3);
        Ok(())
    }

    #[test]
    fn a_line_that_is_missing_or_changed_shows() -> anyhow::Result<()> {
        for gone in 1..=2 {
            let mut lines = ndjson()?;
            lines.remove(gone);
            assert!(read(&lines.join("\n")).is_err(), "{gone}");
        }
        let changed = ndjson()?.join("\n").replacen("key:1", "key:2", 1);
        assert!(matches!(read(&changed), Err(Broken::Entry(2, _))));
        let text = csv::write(&lines()?, true)?;
        let mut rows: Vec<_> = text.lines().collect();
        rows.remove(2);
        assert!(matches!(read(&rows.join("\n")), Err(Broken::Gap(3))));
        assert_eq!(read("").expect_err("nothing"), Broken::Unreadable(1));
        Ok(())
    }

    #[test]
    fn what_an_export_does_not_have_is_not_overlooked() -> anyhow::Result<()> {
        let whole = ndjson()?.join("\n");
        for (was, is) in [
            (r#""actor":"key:1""#, r#""approved":true,"actor":"key:1""#),
            (r#""to":"t3""#, r#""to":"t1""#),
            (r#""number":1"#, r#""number":2"#),
            (r#""tenant":"default""#, r#""tenant":"other""#),
        ] {
            assert!(read(&whole.replacen(was, is, 1)).is_err(), "{was}");
        }
        let end = read(&whole)?.end.hash;
        let longer = Verifier::passing(Some(&end)).read(&whole);
        assert!(longer.is_ok(), "it ends there");
        let shorter = ndjson()?[..3].join("\n");
        let passed = Verifier::passing(Some(&end)).read(&shorter);
        assert!(matches!(passed, Err(Broken::Elsewhere(_))));
        Ok(())
    }

    /// Whoever computes the hashes anew does not get past a seal.
    #[test]
    fn a_chain_that_was_made_anew_does_not_fit_its_seals() -> anyhow::Result<()> {
        let mut lines = lines()?;
        lines.remove(1);
        let Line::Chain(start) = &lines[0] else { panic!("a start") };
        let before = start.link.clone();
        let Line::Link(second) = &mut lines[1] else { panic!("an entry") };
        second.hash = before.with(&second.entry)?.hash;
        let text = texts(&lines)?;
        assert!(matches!(read(&text.join("\n")), Err(Broken::Seal(3, 1))));
        Ok(())
    }
}
