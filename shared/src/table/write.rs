//! Writes as values: built where the decision is made, sent alone or together
//! in one transaction.

use std::borrow::Cow;

use aws_sdk_dynamodb::types::{
    Delete, Put, ReturnValuesOnConditionCheckFailure as OnRefusal, TransactWriteItem,
    Update as UpdateItem,
};

use super::expression::Placeholders;
use super::{Cond, Item, Key, Value};
use crate::error::{Error, Result};

/// What came of a conditional write.
#[derive(Debug)]
pub enum Written {
    /// It was applied.
    Done,
    /// Nothing was written, because these conditions did not hold.
    Refused(Vec<Refusal>),
}

/// A condition that did not hold.
#[derive(Debug)]
pub struct Refusal {
    /// Which of the transaction's writes, counted from 0.
    pub at: usize,
    /// The item that stood in the way; none if there was no item.
    pub found: Option<Item>,
}

/// A change to one item, which is made if it is not there.
#[derive(Clone, Debug)]
pub struct Update {
    pub(super) key: Key,
    set: Vec<(&'static str, Value)>,
    remove: Vec<&'static str>,
    add: Vec<(Cow<'static, str>, i64)>,
    when: Option<Cond>,
}

impl Update {
    /// A change to the item with this key.
    pub fn of(key: Key) -> Self {
        Self { key, set: Vec::new(), remove: Vec::new(), add: Vec::new(), when: None }
    }

    /// Sets an attribute.
    #[must_use]
    pub fn set(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        self.set.push((name, value.into()));
        self
    }

    /// Sets an attribute, or removes it when there is no value.
    #[must_use]
    pub fn assign(self, name: &'static str, value: Option<Value>) -> Self {
        match value {
            Some(value) => self.set(name, value),
            None => self.remove(name),
        }
    }

    /// Removes an attribute.
    #[must_use]
    pub fn remove(mut self, name: &'static str) -> Self {
        self.remove.push(name);
        self
    }

    /// Adds to a number, which counts as 0 when it is not there.
    #[must_use]
    pub fn add(mut self, name: impl Into<Cow<'static, str>>, amount: i64) -> Self {
        self.add.push((name.into(), amount));
        self
    }

    /// Only when this holds.
    #[must_use]
    pub fn when(mut self, condition: Cond) -> Self {
        self.when = Some(condition);
        self
    }

    /// Update expression, condition expression and their placeholders.
    pub(super) fn render(self) -> (Key, String, Option<String>, Placeholders) {
        let mut p = Placeholders::default();
        let mut clauses = Vec::new();
        let set: Vec<_> =
            self.set.into_iter().map(|(n, v)| format!("{} = {}", p.name(n), p.value(v))).collect();
        let remove: Vec<_> = self.remove.into_iter().map(|n| p.name(n)).collect();
        let add: Vec<_> = self
            .add
            .into_iter()
            .map(|(n, v)| format!("{} {}", p.name(&n), p.value(v.into())))
            .collect();
        for (word, parts) in [("SET", set), ("REMOVE", remove), ("ADD", add)] {
            if !parts.is_empty() {
                clauses.push(format!("{word} {}", parts.join(", ")));
            }
        }
        let when = self.when.map(|c| p.condition(c));
        (self.key, clauses.join(" "), when, p)
    }
}

/// One write of a transaction, bound to its table.
#[derive(Clone, Debug)]
pub struct Write {
    pub(super) table: String,
    pub(super) action: Action,
}

#[derive(Clone, Debug)]
pub(super) enum Action {
    Put(Item, Option<Cond>),
    Update(Update),
    Delete(Key, Option<Cond>),
}

impl Write {
    pub(super) fn into_sdk(self) -> Result<TransactWriteItem> {
        let table = self.table;
        let item = TransactWriteItem::builder();
        let item = match self.action {
            Action::Put(fields, when) => {
                let mut p = Placeholders::default();
                let when = when.map(|c| p.condition(c));
                let (names, values) = p.into_maps();
                let put = Put::builder().table_name(table).set_item(Some(fields.0));
                let put = put.set_condition_expression(when);
                let put = put.set_expression_attribute_names(names);
                let put = put.set_expression_attribute_values(values);
                let put = put.return_values_on_condition_check_failure(OnRefusal::AllOld);
                item.put(put.build().map_err(Error::internal)?)
            }
            Action::Delete(key, when) => {
                let mut p = Placeholders::default();
                let when = when.map(|c| p.condition(c));
                let (names, values) = p.into_maps();
                let delete = Delete::builder().table_name(table).set_key(Some(Item::key(&key)));
                let delete = delete.set_condition_expression(when);
                let delete = delete.set_expression_attribute_names(names);
                let delete = delete.set_expression_attribute_values(values);
                let delete = delete.return_values_on_condition_check_failure(OnRefusal::AllOld);
                item.delete(delete.build().map_err(Error::internal)?)
            }
            Action::Update(update) => {
                let (key, expression, when, p) = update.render();
                let (names, values) = p.into_maps();
                let update = UpdateItem::builder().table_name(table).set_key(Some(Item::key(&key)));
                let update = update.update_expression(expression).set_condition_expression(when);
                let update = update.set_expression_attribute_names(names);
                let update = update.set_expression_attribute_values(values);
                let update = update.return_values_on_condition_check_failure(OnRefusal::AllOld);
                item.update(update.build().map_err(Error::internal)?)
            }
        };
        Ok(item.build())
    }
}
