//! Makes the tables that `template.yaml` describes, so that there is one
//! description of them.

use std::sync::OnceLock;

use anyhow::{Context, Result};
use dynoxide::Database;
use serde_json::{Value, json};

const TEMPLATE: &str = include_str!("../../../../template.yaml");

/// Makes every table of the template that is not there yet, and anew one whose making
/// broke off: the database keeps its description before the table itself.
pub(super) fn create(database: &Database) -> Result<()> {
    for (name, properties) in tables()? {
        let described = database.get_table_metadata(name)?.is_some();
        if described && !is_there(database, name)? {
            let request = json!({"TableName": name});
            database.delete_table(serde_json::from_value(request)?).context("unmake a table")?;
        }
        if database.get_table_metadata(name)?.is_none() {
            make(database, name, properties)?;
        }
        if let Some(ttl) = properties.get("TimeToLiveSpecification") {
            let request = json!({"TableName": name, "TimeToLiveSpecification": ttl});
            database.update_time_to_live(serde_json::from_value(request)?)?;
        }
    }
    Ok(())
}

/// Whether a table that is described can be read.
fn is_there(database: &Database, name: &str) -> Result<bool> {
    let key = json!({"pk": {"S": "-"}, "sk": {"S": "-"}});
    match database.get_item(serde_json::from_value(json!({"TableName": name, "Key": key}))?) {
        Ok(_) => Ok(true),
        Err(error) if error.to_string().contains("no such table") => Ok(false),
        Err(error) => Err(error).context("look for a table"),
    }
}

fn make(database: &Database, name: &str, properties: &Value) -> Result<()> {
    let mut request = json!({"TableName": name, "BillingMode": "PAY_PER_REQUEST"});
    for part in ["AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes"] {
        if let Some(value) = properties.get(part) {
            request[part] = value.clone();
        }
    }
    database.create_table(serde_json::from_value(request)?).context("create a table")?;
    Ok(())
}

/// The template's tables: logical name and properties. Read once in a process.
fn tables() -> Result<&'static [(String, Value)]> {
    static READ: OnceLock<Vec<(String, Value)>> = OnceLock::new();
    if let Some(read) = READ.get() {
        return Ok(read);
    }
    let tables = described()?;
    Ok(READ.get_or_init(|| tables))
}

fn described() -> Result<Vec<(String, Value)>> {
    let template: serde_yaml_ng::Value = serde_yaml_ng::from_str(TEMPLATE)?;
    let resources = template.get("Resources").and_then(serde_yaml_ng::Value::as_mapping);
    let mut tables = Vec::new();
    for (name, resource) in resources.context("the template has no resources")? {
        let kind = resource.get("Type").and_then(serde_yaml_ng::Value::as_str);
        if kind == Some("AWS::DynamoDB::Table") {
            let name = name.as_str().context("a resource's name is text")?;
            let properties = resource.get("Properties").context("a table has properties")?;
            tables.push((name.to_owned(), plain(properties)));
        }
    }
    Ok(tables)
}

/// The value without CloudFormation's tags, which stand where no table's shape
/// depends on them.
fn plain(value: &serde_yaml_ng::Value) -> Value {
    use serde_yaml_ng::Value as Yaml;
    match value {
        Yaml::Null | Yaml::Tagged(_) => Value::Null,
        Yaml::Bool(truth) => (*truth).into(),
        Yaml::Number(number) => number.as_i64().into(),
        Yaml::String(text) => text.clone().into(),
        Yaml::Sequence(items) => items.iter().map(plain).collect(),
        Yaml::Mapping(members) => {
            let named =
                members.iter().filter_map(|(n, v)| Some((n.as_str()?.to_owned(), plain(v))));
            Value::Object(named.collect())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first start was killed between a table's description and the table.
    #[test]
    fn a_table_whose_making_broke_off_is_made_anew() {
        let folder = tempfile::TempDir::new().expect("a folder");
        let file = folder.path().join("caseway.db");
        let path = file.to_str().expect("UTF-8");
        let database = Database::new(path).expect("a database");
        create(&database).expect("tables");
        drop(database);
        let raw = rusqlite::Connection::open(path).expect("the file");
        raw.execute_batch(r#"DROP TABLE "AuditTable""#).expect("dropped");
        drop(raw);
        let database = Database::new(path).expect("a database");
        assert!(!is_there(&database, "AuditTable").expect("an answer"));
        create(&database).expect("tables");
        assert!(is_there(&database, "AuditTable").expect("an answer"));
        assert!(is_there(&database, "ControlTable").expect("an answer"));
    }
}
