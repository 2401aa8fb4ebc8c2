//! What is asked of Pega: each operation over both versions of its DX API, and what must
//! hold when Pega refuses, fails, or is asked twice.

mod asked_twice;
mod broken_off;
mod contract;
mod environments;
mod input;
mod killed;
mod later;
mod limits;
mod refused;

use serde_json::{Value, json};
use simulators::pega::{OPERATOR, Pega};
use tests::support::{Act, Answer, World};

/// The simulated case type that needs nothing, and the one that needs a name.
pub const PLAIN: &str = "HRSR-Work";
pub const STRICT: &str = "HRSR-Work-Onboarding";

/// A world whose own Pega is a simulated one.
pub struct Beside {
    pub world: World,
    pub pega: Pega,
}

/// The versions of the DX API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Version {
    V1,
    V2,
}

pub const BOTH: [Version; 2] = [Version::V1, Version::V2];

impl Version {
    /// The base address of a Pega in this version.
    pub fn url(self, pega: &Pega) -> String {
        match self {
            Self::V1 => pega.url(),
            Self::V2 => pega.url_v2(),
        }
    }
}

impl Beside {
    /// A Pega of this version, and these variables.
    pub async fn with(version: Version, more: &[(&str, &str)]) -> Self {
        let pega = Pega::start().await.expect("a Pega");
        let url = version.url(&pega);
        let own = [
            ("PEGA_URL", url.as_str()),
            ("PEGA_USERNAME", OPERATOR.0),
            ("PEGA_PASSWORD", OPERATOR.1),
        ];
        let vars: Vec<_> = own.iter().chain(more).copied().collect();
        Self { world: World::beside_its_targets(&vars).await, pega }
    }

    /// A Pega of this version.
    pub async fn of(version: Version) -> Self {
        Self::with(version, &[]).await
    }

    /// A case of the plain type.
    pub fn case(&self) -> String {
        self.pega.case(PLAIN, &json!({ "Color": "red" })).expect("a case type")
    }

    /// Whoever asks, with these headers beside the admin's key.
    pub fn with_headers(&self, headers: &[(&str, &str)]) -> Act<'_> {
        let key = format!("Bearer {}", self.world.admin_key);
        let mut all = vec![("authorization", key.as_str())];
        all.extend(headers);
        self.world.who(&all)
    }

    /// The request that an answer names.
    pub async fn request(&self, answer: &Answer) -> Value {
        let place = answer.header("location");
        assert!(place.starts_with("/pega/requests/"), "{place} {}", answer.text);
        let shown = self.world.admin().get(place).await;
        assert_eq!(shown.status, 200, "{}", shown.text);
        shown.json
    }
}

/// The path of a case.
pub fn at(case: &str) -> String {
    format!("/pega/case/{}", shared::web::percent_encode(case))
}

/// Calls that changed something, or tried to.
pub fn changes(pega: &Pega) -> usize {
    pega.calls().iter().filter(|call| !call.starts_with("GET")).count()
}
