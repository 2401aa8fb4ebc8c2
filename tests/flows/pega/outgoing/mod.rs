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

use reqwest::Method;
use serde_json::{Value, json};
use simulators::pega::{OPERATOR, Pega};
use tests::support::{Act, Answer, Target, World};

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

/// The main way of each operation, on any installation whose Pega is beside it.
pub async fn all(target: &Target) {
    let (admin, pega) = (target.admin(), &target.pega);
    let made = admin.post_json("/pega/case", &json!({ "case_type": PLAIN })).await;
    assert_eq!(made.status, 200, "{}", made.text);
    let id = made.json["case"]["ID"].as_str().expect("a case").to_owned();
    let case = at(&id);
    for (method, path, body) in [
        (Method::PUT, case.clone(), json!({ "Color": "blue" })),
        (Method::POST, format!("{case}/note?note=Read%20it"), json!({})),
        (Method::POST, format!("{case}/action/Approve/"), json!({ "Reason": "none" })),
    ] {
        let answer = admin.send(admin.request(method, &path).json(&body)).await;
        assert_eq!(
            (answer.status, &answer.json["status"]),
            (200, &json!("success")),
            "{path} {}",
            answer.text
        );
        let request = admin.get(answer.header("location")).await;
        assert_eq!((request.status, &request.json["status"]), (200, &json!("done")));
    }
    assert_eq!(
        (&pega.content(&id)["Color"], &pega.content(&id)["Reason"]),
        (&json!("blue"), &json!("none"))
    );
    assert_eq!(pega.notes_on(&id).len(), 1);
    let shown = admin.get(&case).await;
    assert_eq!(shown.status, 200, "{}", shown.text);
    let seen = shown.header("etag").to_owned();
    pega.save(&id, &json!({ "Color": "green" }));
    let stale = admin.request(Method::PUT, &case).header("if-match", &seen);
    let stale = admin.send(stale.json(&json!({ "Color": "red" }))).await;
    assert_eq!((stale.status, &stale.json["error_type"]), (409, &json!("stale_version")));

    let later = admin.request(Method::POST, "/pega/case").header("prefer", "respond-async");
    let later = later.header("idempotency-key", &id).json(&json!({ "case_type": PLAIN }));
    let accepted = admin.send(later).await;
    assert_eq!(accepted.status, 202, "{}", accepted.text);
    let is_done = |request: &Value| request["status"] == "done";
    let done = admin.get_when(accepted.header("location"), is_done).await;
    let of_case = shared::web::percent_encode(done["case_id"].as_str().expect("a case"));
    let listed = admin.get(&format!("/pega/requests?case_id={of_case}")).await;
    assert_eq!(listed.json[0]["id"], done["id"], "{}", listed.text);
    let failed = admin.get("/pega/requests?status=failed&limit=1").await;
    assert_eq!(failed.json[0]["case_id"], json!(id), "{}", failed.text);
    let retry = format!("/pega/requests/{}/retry", failed.json[0]["id"]);
    assert_eq!(admin.post(&retry).await.status, 202);
}
