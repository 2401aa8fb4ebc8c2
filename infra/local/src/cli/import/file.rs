//! A file of records, read part by part.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

use anyhow::{Context, Result, ensure};
use serde_json::value::RawValue;
use serde_json::{Deserializer, Value};

/// The most records of a part, and the most text of one in bytes: the API's own limits, the
/// second with room for what stands around the records.
const MOST: usize = 10_000;
const LARGEST: usize = 4 * 1024 * 1024;

/// Some of a file's records.
pub(super) struct Part {
    /// The place of the first one in the file, counted from 0.
    pub first: u64,
    pub records: Vec<Value>,
}

/// The parts of a file, in order.
///
/// # Errors
/// What cannot be read of it, with the place.
pub(super) fn parts(path: &Path) -> Result<impl Iterator<Item = Result<Part>>> {
    let file = File::open(path).with_context(|| format!("open {}", path.display()))?;
    let mut records = records(BufReader::new(file))?.peekable();
    let mut first = 0;
    Ok(std::iter::from_fn(move || {
        records.peek()?;
        let part = next_part(first, &mut records);
        first += part.as_ref().map_or(0, |part| part.records.len() as u64);
        Some(part)
    }))
}

type Records = Box<dyn Iterator<Item = Result<Box<RawValue>>>>;

/// As many of the next records as a part may have.
fn next_part(first: u64, records: &mut std::iter::Peekable<Records>) -> Result<Part> {
    let (mut part, mut size) = (Part { first, records: Vec::new() }, 0);
    loop {
        let next = records.next_if(|next| match next {
            Ok(record) => {
                let fits = size + record.get().len() <= LARGEST && part.records.len() < MOST;
                fits || part.records.is_empty()
            }
            Err(_) => true,
        });
        let Some(next) = next else { return Ok(part) };
        let place = first + part.records.len() as u64;
        let record = next.with_context(|| format!("record {place} cannot be read"))?;
        size += record.get().len() + 1;
        ensure!(record.get().len() <= LARGEST, "record {place} is too large");
        part.records.push(serde_json::from_str(record.get())?);
    }
}

/// The records of a file: an object a line, or one array.
fn records(mut file: BufReader<File>) -> Result<Records> {
    let begin = file.fill_buf().context("read it")?;
    // A mark that some editors leave at the beginning of a file.
    let mark = if begin.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
    let is_array = begin[mark..].iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'[');
    file.consume(mark);
    if is_array {
        let all: Vec<Box<RawValue>> = serde_json::from_reader(file).context("it is no JSON")?;
        return Ok(Box::new(all.into_iter().map(Ok)));
    }
    let all = Deserializer::from_reader(file).into_iter();
    Ok(Box::new(all.map(|record| record.map_err(Into::into))))
}
