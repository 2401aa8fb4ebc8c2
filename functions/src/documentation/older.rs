//! The document as OpenAPI 3.0.3, for importers that know no 3.1.

use serde_json::{Map, Value, json};

/// What 3.0 does not know of a schema, and what it can do without.
const UNKNOWN: [&str; 14] = [
    "$comment",
    "$defs",
    "$id",
    "$schema",
    "contains",
    "contentEncoding",
    "contentMediaType",
    "dependentRequired",
    "else",
    "if",
    "patternProperties",
    "propertyNames",
    "then",
    "unevaluatedProperties",
];

/// The same document in the words of OpenAPI 3.0.3.
pub fn as_3_0(mut document: Value) -> Value {
    document["openapi"] = json!("3.0.3");
    for (of, unknown) in [("/info", "summary"), ("/info/license", "identifier")] {
        if let Some(object) = document.pointer_mut(of).and_then(Value::as_object_mut) {
            object.remove(unknown);
        }
    }
    if let Some(root) = document.as_object_mut() {
        root.remove("jsonSchemaDialect");
        root.remove("webhooks");
    }
    let schemas = document.pointer_mut("/components/schemas").and_then(Value::as_object_mut);
    schemas.into_iter().flat_map(Map::values_mut).for_each(schema);
    for part in ["paths", "components"] {
        walk(&mut document[part]);
    }
    document
}

/// Finds the schemas that stand anywhere but among the components.
fn walk(value: &mut Value) {
    match value {
        Value::Object(object) => {
            for (name, value) in object {
                match name.as_str() {
                    "schema" => schema(value),
                    "example" | "examples" | "schemas" => {}
                    _ => walk(value),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(walk),
        _ => {}
    }
}

fn schema(value: &mut Value) {
    if value.is_boolean() {
        *value = if value == &json!(true) { json!({}) } else { json!({ "not": {} }) };
    }
    let Some(object) = value.as_object_mut() else { return };
    inner(object);
    nullable(object);
    renamed(object);
    bounds(object);
    items(object);
    UNKNOWN.iter().for_each(|name| drop(object.remove(*name)));
    reference(object);
}

/// Schemas within the schema.
fn inner(object: &mut Map<String, Value>) {
    for (name, value) in object {
        match name.as_str() {
            "properties" => {
                value.as_object_mut().into_iter().flat_map(Map::values_mut).for_each(schema)
            }
            "allOf" | "anyOf" | "oneOf" | "prefixItems" => {
                value.as_array_mut().into_iter().flatten().for_each(schema);
            }
            "items" | "not" => schema(value),
            "additionalProperties" if value.is_object() => schema(value),
            _ => {}
        }
    }
}

/// Null is no type of its own but a mark beside the type.
fn nullable(object: &mut Map<String, Value>) {
    if let Some(Value::Array(types)) = object.get_mut("type") {
        let all = types.len();
        types.retain(|one| one != "null");
        let (mut types, null) = (std::mem::take(types), types.len() < all);
        object.remove("type");
        match types.pop() {
            Some(only) if types.is_empty() => drop(object.insert("type".to_owned(), only)),
            Some(last) => {
                let of = types.into_iter().chain([last]).map(|one| json!({ "type": one }));
                object.insert("anyOf".to_owned(), of.collect());
            }
            None => {}
        }
        if null {
            object.insert("nullable".to_owned(), json!(true));
        }
    }
    for name in ["anyOf", "oneOf"] {
        let Some(Value::Array(choices)) = object.get_mut(name) else { continue };
        let all = choices.len();
        choices.retain(|one| one["type"] != "null");
        if choices.len() == all {
            continue;
        }
        if let [only] = choices.as_mut_slice() {
            let only = only.take();
            object.remove(name);
            object.insert("allOf".to_owned(), json!([only]));
        }
        object.insert("nullable".to_owned(), json!(true));
    }
}

fn renamed(object: &mut Map<String, Value>) {
    if let Some(only) = object.remove("const") {
        object.insert("enum".to_owned(), json!([only]));
    }
    if let Some(Value::Array(examples)) = object.remove("examples")
        && let Some(first) = examples.into_iter().next()
    {
        object.entry("example").or_insert(first);
    }
    if object.get("contentEncoding").is_some_and(|encoding| encoding == "base64") {
        object.entry("format").or_insert(json!("byte"));
    } else if object.contains_key("contentMediaType") {
        object.entry("format").or_insert(json!("binary"));
    }
}

/// An exclusive bound is a mark beside the bound.
fn bounds(object: &mut Map<String, Value>) {
    for (exclusive, bound) in [("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")] {
        if object.get(exclusive).is_some_and(Value::is_number)
            && let Some(number) = object.insert(exclusive.to_owned(), json!(true))
        {
            object.insert(bound.to_owned(), number);
        }
    }
}

/// An array says of what, and a tuple is an array of any of its parts.
fn items(object: &mut Map<String, Value>) {
    if let Some(Value::Array(parts)) = object.remove("prefixItems") {
        object.insert("items".to_owned(), json!({ "anyOf": parts }));
    }
    if object.get("type").is_some_and(|kind| kind == "array") {
        object.entry("items").or_insert(json!({}));
    }
}

/// Nothing can stand beside a reference.
fn reference(object: &mut Map<String, Value>) {
    if object.len() > 1
        && let Some(target) = object.remove("$ref")
    {
        object.insert("allOf".to_owned(), json!([{ "$ref": target }]));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(newer: Value, older: Value) {
        let newer = json!({ "components": { "schemas": { "S": newer } } });
        assert_eq!(as_3_0(newer)["components"]["schemas"]["S"], older);
    }

    #[test]
    fn null_is_a_mark_beside_the_type() {
        check(json!({ "type": ["string", "null"] }), json!({ "type": "string", "nullable": true }));
        check(
            json!({ "type": ["string", "integer", "null"] }),
            json!({ "anyOf": [{ "type": "string" }, { "type": "integer" }], "nullable": true }),
        );
        check(
            json!({ "oneOf": [{ "$ref": "#/R" }, { "type": "null" }] }),
            json!({ "allOf": [{ "$ref": "#/R" }], "nullable": true }),
        );
    }

    #[test]
    fn words_that_are_not_known_are_said_otherwise_or_left_out() {
        check(json!({ "const": 1, "examples": [1, 2] }), json!({ "enum": [1], "example": 1 }));
        check(
            json!({ "exclusiveMinimum": 0, "propertyNames": { "type": "string" } }),
            json!({ "minimum": 0, "exclusiveMinimum": true }),
        );
        check(
            json!({ "type": "array", "prefixItems": [{ "const": 1 }], "items": false }),
            json!({ "type": "array", "items": { "anyOf": [{ "enum": [1] }] } }),
        );
        check(
            json!({ "$ref": "#/R", "description": "which" }),
            json!({ "allOf": [{ "$ref": "#/R" }], "description": "which" }),
        );
    }

    #[test]
    fn a_property_may_be_called_like_a_word() {
        check(
            json!({ "properties": { "const": { "const": 1 }, "examples": true } }),
            json!({ "properties": { "const": { "enum": [1] }, "examples": {} } }),
        );
    }

    #[test]
    fn schemas_are_found_wherever_they_stand() {
        let document = |schema| {
            let body = json!({ "application/json": { "schema": schema, "examples": { "E": {
                "value": { "schema": { "const": 1 } },
            } } } });
            json!({ "paths": { "/": { "get": { "responses": { "200": { "content": body } } } } } })
        };
        let older = as_3_0(document(json!({ "const": 1 })));
        assert_eq!(older["openapi"], "3.0.3");
        assert_eq!(older["paths"], document(json!({ "enum": [1] }))["paths"]);
    }
}
