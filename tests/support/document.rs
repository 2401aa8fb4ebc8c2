//! What the API document says there is to call.

use functions::documentation::document;
use reqwest::Method;
use serde_json::Value;

/// One operation of the document.
#[derive(Clone, Debug)]
pub struct Operation {
    pub id: String,
    pub method: Method,
    /// With its parameters in braces.
    pub path: String,
    /// The names of its query parameters.
    pub query: Vec<String>,
    pub has_body: bool,
    /// What callers must be allowed to do; none for one that anybody may call.
    pub permission: Option<String>,
    /// Whether it says how to get in.
    pub names_a_way_in: bool,
}

impl Operation {
    /// Its path with this in the place of each parameter.
    pub fn path_with(&self, value: &str) -> String {
        let parts = self.path.split('/');
        let parts = parts.map(|part| if part.starts_with('{') { value } else { part });
        parts.collect::<Vec<_>>().join("/")
    }
}

/// Every operation of the document.
pub fn operations() -> Vec<Operation> {
    let document: Value = document().to_json().expect("a document").parse().expect("JSON");
    let mut found = Vec::new();
    for (path, item) in document["paths"].as_object().expect("paths") {
        for (method, operation) in item.as_object().expect("operations") {
            let parameters = operation["parameters"].as_array().into_iter().flatten();
            let query = parameters.filter(|parameter| parameter["in"] == "query");
            found.push(Operation {
                id: operation["operationId"].as_str().expect("an id").to_owned(),
                method: method.to_uppercase().parse().expect("a method"),
                path: path.clone(),
                query: query.flat_map(|p| p["name"].as_str()).map(str::to_owned).collect(),
                has_body: operation["requestBody"].is_object(),
                names_a_way_in: operation["security"].is_array(),
                permission: operation["x-permission"].as_str().map(str::to_owned),
            });
        }
    }
    assert!(found.len() > 20, "only {} operations", found.len());
    found
}
