//! Records as lines of text: comma-separated values, or JSON.

use serde_json::Value as Json;
use shared::error::{Error, Result};

use super::view::ExportItem;
use crate::audit::csv::harmless;

/// How records are written, a line each.
#[derive(Clone, Copy, Debug)]
pub(super) enum TextFormat {
    Csv,
    Ndjson,
}

impl TextFormat {
    /// Its media type.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8",
            Self::Ndjson => "application/x-ndjson",
        }
    }

    /// Records; where that is usual, under a header line if they are the first.
    pub fn write(self, items: &[ExportItem], first: bool, with_raw: bool) -> Result<String> {
        match self {
            Self::Csv => csv(items, first, with_raw),
            Self::Ndjson => {
                let lines = items.iter().map(|item| Ok(serde_json::to_string(item)? + "\n"));
                lines.collect::<serde_json::Result<_>>().map_err(Error::internal)
            }
        }
    }
}

/// The columns; the last only where it is asked for.
const HEADER: [&str; 8] = [
    "id",
    "data_type",
    "timestamp",
    "agent_id",
    "queue_id",
    "service_group",
    "metrics",
    "raw_data",
];

fn csv(items: &[ExportItem], first: bool, with_raw: bool) -> Result<String> {
    let columns = if with_raw { HEADER.len() } else { HEADER.len() - 1 };
    let mut writer = ::csv::Writer::from_writer(Vec::new());
    if first {
        writer.write_record(&HEADER[..columns]).map_err(Error::internal)?;
    }
    for item in items {
        let id = |id: &Option<String>| harmless(id.as_deref().unwrap_or_default());
        let kind = serde_json::to_value(item.data_type).map_err(Error::internal)?;
        let all = [
            item.id.clone(),
            kind.as_str().unwrap_or_default().to_owned(),
            item.timestamp.clone(),
            id(&item.agent_id),
            id(&item.queue_id),
            id(&item.service_group),
            Json::Object(item.metrics.clone()).to_string(),
            item.raw_data.as_ref().map(Json::to_string).unwrap_or_default(),
        ];
        writer.write_record(&all[..columns]).map_err(Error::internal)?;
    }
    let bytes = writer.into_inner().map_err(|error| Error::internal(error.into_error()))?;
    String::from_utf8(bytes).map_err(Error::internal)
}
