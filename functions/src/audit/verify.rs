//! Verifies an export without asking anybody: every hash is computed anew, every
//! seal must stand where the chain does.

use thiserror::Error;

use super::chain::Link;
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
}

impl Verifier {
    /// Verifies a whole export, NDJSON or CSV.
    pub fn read(text: &str) -> Result<Verified, Broken> {
        let mut verifier = Self::default();
        if text.trim_start().starts_with('{') {
            text.lines().try_for_each(|line| verifier.ndjson(line))?;
        } else {
            verifier.csv(text)?;
        }
        verifier.done()
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
                None => self.link = Some(before),
                Some(link) if link.hash != before.hash => return Err(Broken::Gap(self.at)),
                Some(_) => {}
            }
            self.entry(linked)?;
        }
        Ok(())
    }

    fn start(&mut self, start: Start) -> Result<(), Broken> {
        match &self.link {
            None => {
                self.from_the_beginning = start.link == Link::first(&start.tenant);
                self.link = Some(start.link);
                Ok(())
            }
            Some(link) if *link == start.link => Ok(()),
            Some(_) => Err(Broken::Gap(self.at)),
        }
    }

    fn entry(&mut self, Linked { entry, hash }: Linked) -> Result<(), Broken> {
        let link = self.link.as_ref().ok_or(Broken::Gap(self.at))?;
        let next = link.with(&entry).map_err(|_| Broken::Unreadable(self.at))?;
        if next.hash != hash || entry.id <= self.last_id {
            return Err(Broken::Entry(self.at, entry.id));
        }
        self.link = Some(next);
        self.last_id = entry.id;
        self.entries += 1;
        Ok(())
    }

    fn seal(&mut self, sealed: &Sealed) -> Result<(), Broken> {
        let in_order = self.last_seal == 0 || sealed.number == self.last_seal + 1;
        if self.link.as_ref() != Some(&sealed.link) || !in_order {
            return Err(Broken::Seal(self.at, sealed.number));
        }
        self.last_seal = sealed.number;
        self.sealed = sealed.link.count;
        Ok(())
    }

    /// What was verified.
    pub fn done(self) -> Result<Verified, Broken> {
        let Self { link, entries, sealed, from_the_beginning, .. } = self;
        let end = link.ok_or(Broken::Empty)?;
        Ok(Verified { end, entries, sealed, from_the_beginning })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::view::EntryView;
    use serde_json::value::RawValue;
    use shared::tenant::Tenant;

    fn lines() -> Vec<Line> {
        let tenant = Tenant::parse("default").expect("a name");
        let mut link = Link::first(&tenant);
        let mut lines = vec![Line::Chain(Start { tenant, link: link.clone() })];
        for id in ["1", "2", "3"] {
            let entry = EntryView {
                id: id.to_owned(),
                timestamp: "t".to_owned(),
                actor: "key:1".to_owned(),
                action: "=a".to_owned(),
                subject: "s, \"quoted\"".to_owned(),
                correlation_id: "-c".to_owned(),
                details: RawValue::from_string("{\"a\": 1}".to_owned()).expect("JSON"),
            };
            link = link.with(&entry).expect("a link");
            lines.push(Line::Link(Linked { entry, hash: link.hash.clone() }));
            if id == "2" {
                let to = "t".to_owned();
                lines.push(Line::Seal(Sealed { number: 1, to, link: link.clone() }));
            }
        }
        lines
    }

    fn ndjson() -> Vec<String> {
        lines().iter().map(|line| serde_json::to_string(line).expect("JSON")).collect()
    }

    #[test]
    fn a_whole_export_holds_in_both_forms() {
        let verified = Verifier::read(&ndjson().join("\n")).expect("whole");
        assert_eq!((verified.entries, verified.sealed, verified.end.count), (3, 2, 3));
        assert!(verified.from_the_beginning);
        let text = csv::write(&lines(), true).expect("CSV");
        assert_eq!(Verifier::read(&text).expect("whole").entries, 3);
    }

    #[test]
    fn a_line_that_is_missing_or_changed_shows() {
        for gone in 1..=2 {
            let mut lines = ndjson();
            lines.remove(gone);
            assert!(Verifier::read(&lines.join("\n")).is_err(), "{gone}");
        }
        let changed = ndjson().join("\n").replacen("key:1", "key:2", 1);
        assert!(matches!(Verifier::read(&changed), Err(Broken::Entry(2, _))));
        let text = csv::write(&lines(), true).expect("CSV");
        let mut rows: Vec<_> = text.lines().collect();
        rows.remove(2);
        assert!(matches!(Verifier::read(&rows.join("\n")), Err(Broken::Gap(3))));
        assert_eq!(Verifier::read("").expect_err("nothing"), Broken::Unreadable(1));
    }

    /// Whoever computes the hashes anew does not get past a seal.
    #[test]
    fn a_chain_that_was_made_anew_does_not_fit_its_seals() {
        let mut lines = lines();
        let Line::Link(removed) = lines.remove(1) else { panic!("an entry") };
        let Line::Chain(start) = &mut lines[0] else { panic!("a start") };
        start.link.hash = removed.hash;
        let text: Vec<_> =
            lines.iter().map(|line| serde_json::to_string(line).expect("JSON")).collect();
        assert!(matches!(Verifier::read(&text.join("\n")), Err(Broken::Seal(3, 1))));
    }
}
