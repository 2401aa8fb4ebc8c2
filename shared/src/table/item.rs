//! Items and attribute values, and their way to and from the domain's types.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::Key;
use crate::error::{Error, Result};

/// An item: attribute values by name.
#[derive(Clone, Debug, PartialEq)]
pub struct Item(pub(super) HashMap<String, AttributeValue>);

impl Item {
    /// The item of a record; members that are `None` and skipped are absent.
    pub fn of(record: &impl Serialize) -> Result<Self> {
        serde_dynamo::to_item(record).map(Self).map_err(Error::internal)
    }

    /// The record that this item holds.
    pub fn parse<T: DeserializeOwned>(self) -> Result<T> {
        serde_dynamo::from_item(self.0).map_err(Error::internal)
    }

    /// The text of a string attribute.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.as_s().ok().map(String::as_str)
    }

    /// The value of a whole-number attribute.
    pub fn number(&self, name: &str) -> Option<i64> {
        self.0.get(name)?.as_n().ok()?.parse().ok()
    }

    /// About how large it is, in bytes: its names, texts and bytes, and a little for what
    /// else there is.
    pub fn size(&self) -> usize {
        let of = |value: &AttributeValue| match value {
            AttributeValue::S(text) => text.len(),
            AttributeValue::B(bytes) => bytes.as_ref().len(),
            _ => 32,
        };
        self.0.iter().map(|(name, value)| name.len() + of(value)).sum()
    }

    /// The item that has nothing but this key.
    pub fn bare(key: &Key) -> Self {
        Self(Self::key(key))
    }

    pub(super) fn key(key: &Key) -> HashMap<String, AttributeValue> {
        HashMap::from([
            ("pk".to_owned(), AttributeValue::S(key.pk.clone())),
            ("sk".to_owned(), AttributeValue::S(key.sk.clone())),
        ])
    }
}

/// How many there are, as a table keeps it.
pub fn count(many: usize) -> i64 {
    i64::try_from(many).unwrap_or(i64::MAX)
}

/// One attribute value.
#[derive(Clone, Debug, PartialEq)]
pub struct Value(pub(super) AttributeValue);

impl Value {
    /// The value of anything that serialises.
    pub fn of(value: &impl Serialize) -> Result<Self> {
        serde_dynamo::to_attribute_value(value).map(Self).map_err(Error::internal)
    }

    /// Bytes.
    pub fn bytes(bytes: Vec<u8>) -> Self {
        Self(AttributeValue::B(bytes.into()))
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self(AttributeValue::S(text.to_owned()))
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self(AttributeValue::S(text))
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self(AttributeValue::N(number.to_string()))
    }
}

impl From<u32> for Value {
    fn from(number: u32) -> Self {
        Self(AttributeValue::N(number.to_string()))
    }
}

impl From<bool> for Value {
    fn from(truth: bool) -> Self {
        Self(AttributeValue::Bool(truth))
    }
}
