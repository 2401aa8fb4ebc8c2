//! The scripts and styles of the pages, as their packages ship them, compressed.
//!
//! To renew one, bring its files and licences from `npm pack` into `assets/` with
//! `zstd --ultra -22`, Swagger UI from `swagger-ui-dist` (here 5.35.0), ReDoc from
//! `redoc` (here 2.5.4). ReDoc shows a logo from its maker's host; `data:,` takes the
//! address's place, and ReDoc leaves the picture out.

use shared::error::{Error, Result};

use super::fixed::short_digest;

/// A file that a page asks for.
#[derive(Clone, Copy)]
pub(super) struct Asset {
    pub name: &'static str,
    pub media_type: &'static str,
    packed: Packed,
}

#[derive(Clone, Copy)]
enum Packed {
    Not(&'static [u8]),
    Zstd(&'static [u8]),
}

const JAVASCRIPT: &str = "text/javascript; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";

const ASSETS: [Asset; 4] = [
    Asset {
        name: "swagger-ui.css",
        media_type: CSS,
        packed: Packed::Zstd(include_bytes!("assets/swagger-ui.css.zst")),
    },
    Asset {
        name: "swagger-ui-bundle.js",
        media_type: JAVASCRIPT,
        packed: Packed::Zstd(include_bytes!("assets/swagger-ui-bundle.js.zst")),
    },
    Asset {
        name: "start.js",
        media_type: JAVASCRIPT,
        packed: Packed::Not(include_bytes!("assets/start.js")),
    },
    Asset {
        name: "redoc.standalone.js",
        media_type: JAVASCRIPT,
        packed: Packed::Zstd(include_bytes!("assets/redoc.standalone.js.zst")),
    },
];

impl Asset {
    /// Each of them, and a digest of what it is.
    pub fn all() -> Vec<(Self, String)> {
        ASSETS.into_iter().map(|asset| (asset, asset.digest())).collect()
    }

    /// Its text. It travels uncompressed, as API Gateway carries nothing else without
    /// being told, and once: it is cached for good.
    pub fn text(&self) -> Result<Vec<u8>> {
        match self.packed {
            Packed::Not(text) => Ok(text.to_vec()),
            Packed::Zstd(packed) => zstd::decode_all(packed).map_err(Error::internal),
        }
    }

    fn digest(&self) -> String {
        match self.packed {
            Packed::Not(bytes) | Packed::Zstd(bytes) => short_digest(bytes),
        }
    }
}
