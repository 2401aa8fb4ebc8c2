//! Use case: hand something over that another domain's work asks of Pega. It is kept and done
//! like what callers ask without waiting: once under one key.

use serde_json::{Map, Value as Json};
use shared::error::{Error, Result};
use shared::idempotency::IdempotencyKey;
use shared::web::Caller;

use super::ask::Asked;
use super::input::name;
use super::operation::Operation;
use super::store::PegaRequests;

/// What is asked of Pega.
pub enum Wish {
    /// A note on a case.
    Note {
        /// The case.
        case_id: String,
        /// What the note says.
        text: String,
    },
    /// A new case.
    Case {
        /// Pega's id of its type.
        case_type: String,
        /// What it begins with.
        content: Map<String, Json>,
    },
}

impl PegaRequests {
    /// Hands it over, or finds what was handed over under this key; the request's number.
    ///
    /// # Errors
    /// `Unavailable` when there is no Pega; `Invalid`, naming the member.
    pub async fn hand_over(&self, by: &Caller, wish: Wish, key: IdempotencyKey) -> Result<i64> {
        let operation = match wish {
            Wish::Note { text, .. } if text.trim().is_empty() => {
                return Err(Error::invalid("note", "must not be empty"));
            }
            Wish::Note { case_id, text } => {
                Operation::AddNote { case_id: name("case_id", case_id)?, text }
            }
            Wish::Case { case_type, content } => Operation::CreateCase {
                case_type: name("case_type", case_type)?,
                process_id: None,
                parent_case_id: None,
                content,
            },
        };
        let (environment, if_match, later) = (None, None, true);
        let asked = Asked { operation, environment, if_match, key: Some(key), later };
        Ok(self.ask(by, asked).await?.row.id)
    }
}
