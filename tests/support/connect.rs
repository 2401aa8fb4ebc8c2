//! Connections in use.

use reqwest::Method;
use serde_json::json;

use super::Caller;

const CONNECTIONS: &str = "/integrations/connections";

impl Caller {
    /// A connection in use to the contact centre at this address; its id.
    pub async fn contact_center(&self, url: &str) -> String {
        let new = json!({ "name": "object", "integration_type": "contact_center",
            "endpoint_url": url, "authentication_type": "none",
            "config": { "retry_attempts": 0 } });
        let made = self.post_json(CONNECTIONS, &new).await;
        let id = made.json["id"].as_str().unwrap_or_else(|| panic!("{}", made.text)).to_owned();
        let request = self.request(Method::PUT, &format!("{CONNECTIONS}/{id}"));
        let changed = self.send(request.json(&json!({ "status": "active" }))).await;
        assert_eq!(changed.status, 200, "{}", changed.text);
        id
    }
}
