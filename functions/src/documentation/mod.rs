//! The API documents itself: the document, and pages that show it to people without
//! asking any other host.

pub mod api;
mod asset;
mod document;
mod fixed;
mod older;
mod page;

pub use document::document;
pub use older::as_3_0;

use shared::env::Env;
use shared::error::{Error, Result};

use asset::Asset;
use fixed::Fixed;
use page::Page;

/// The committed document, which a test holds to [`document`]. To ask the routes here would
/// put all that they do into this one function.
const CURRENT: &str = include_str!("../../../openapi.json");

/// The use case. It needs nothing but what is built in.
#[derive(Clone)]
pub struct Documentation {
    current: Fixed,
    older: Fixed,
    docs: Page,
    redoc: Page,
    assets: Vec<(Asset, String)>,
}

impl Documentation {
    /// Writes everything down once.
    pub fn load(_: &Env) -> Result<Self> {
        let older = as_3_0(serde_json::from_str(CURRENT).map_err(Error::internal)?);
        let older = serde_json::to_vec(&older).map_err(Error::internal)?;
        let assets = Asset::all();
        Ok(Self {
            current: Fixed::json(CURRENT)?,
            older: Fixed::json(older)?,
            docs: Page::docs(&assets)?,
            redoc: Page::redoc(&assets)?,
            assets,
        })
    }

    /// The asset of this name.
    fn asset(&self, name: &str) -> Result<Fixed> {
        let named = self.assets.iter().find(|(asset, _)| asset.name == name);
        let (asset, digest) = named.ok_or_else(|| Error::not_found("There is no such asset"))?;
        Fixed::new(asset.media_type, asset.text()?, digest)
    }
}
