//! All records that there are, page after page as they are read: never more than a page of them
//! is in memory, and none is read before the one before it was taken.

use std::future::ready;

use futures_util::stream::{Stream, StreamExt, TryStreamExt, once, try_unfold};
use shared::error::Result;
use shared::web::Caller;

use super::super::ContactCenter;
use super::super::historic::Asked;
use super::super::records::DataKind;
use super::Page;
use super::text::TextFormat;
use crate::integrations::connections::Connection;

/// How many records are read together.
const PAGE: usize = 2_000;

/// What is to be exported.
pub(super) struct Export {
    pub center: ContactCenter,
    pub by: Caller,
    pub of: Connection,
    pub kind: DataKind,
    pub with_raw: bool,
    pub format: TextFormat,
    pub asked: Asked,
}

impl Export {
    /// The text of all of it. What goes wrong after the first page breaks the text off.
    ///
    /// # Errors
    /// Those of the first page.
    pub async fn streamed(mut self) -> Result<impl Stream<Item = Result<String>>> {
        let is_first = !self.asked.goes_on();
        let first = self.page().await?;
        let text = self.format.write(&first.items, is_first, self.with_raw)?;
        let rest = try_unfold((self, first.next), async |(mut export, next)| {
            let Some(cursor) = next else { return Ok(None) };
            export.asked.go_on_at(cursor);
            let page = export.page().await.inspect_err(|error| {
                tracing::error!(%error, "an export broke off");
            })?;
            let text = export.format.write(&page.items, false, export.with_raw)?;
            Ok(Some((text, (export, page.next))))
        });
        let whole = once(ready(Ok(text))).chain(rest);
        Ok(whole.try_filter(|text| ready(!text.is_empty())))
    }

    async fn page(&mut self) -> Result<Page> {
        self.asked.limit = Some(PAGE);
        let Self { center, by, of, kind, with_raw, asked, .. } = self;
        center.export(by, of, *kind, asked, *with_raw).await
    }
}
