//! How one Pega wants to be spoken to: the version of its DX API, how notes are left, and
//! where its resources are, as far as that is not the same everywhere.

use shared::error::{Error, Result};

use crate::integrations::connections::Config;
use crate::integrations::connections::client::Request;

/// The longest name of an action or property.
const LONGEST_NAME: usize = 128;
/// The property that a note's action is given the text in, unless another one is named.
const USUAL_PROPERTY: &str = "pyNote";
/// What each part of the manner is called in a connection's settings.
const NAMES: Names = Names { version: "config.api_version", notes: "config.notes" };

/// The manner of one Pega.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manner {
    /// Which DX API it has.
    pub version: Version,
    /// How notes are left on its cases.
    pub notes: Notes,
    /// Where its resources are.
    pub paths: Paths,
}

/// The versions of the DX API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Version {
    /// The traditional one.
    V1,
    /// Constellation's.
    V2,
}

/// The ways of leaving a note.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notes {
    /// A Pulse message on the case.
    Pulse,
    /// A local action of the case, which is given the text in this property.
    Action {
        /// The action.
        id: String,
        /// The property.
        property: String,
    },
    /// The text becomes the value of this property of the case.
    Content {
        /// The property.
        property: String,
    },
}

/// Paths behind the base address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paths {
    /// Of cases.
    pub cases: String,
    /// Of assignments.
    pub assignments: String,
    /// Of Pulse messages.
    pub messages: String,
    /// What is asked to see whether Pega is there and knows the caller.
    pub test: String,
}

/// What the parts of a manner are called where they are given.
#[derive(Clone, Copy)]
pub(super) struct Names {
    pub version: &'static str,
    pub notes: &'static str,
}

impl Manner {
    /// The manner of a connection to this address with these settings.
    ///
    /// # Errors
    /// `Invalid`, naming the setting.
    pub fn of_connection(url: &str, config: &Config) -> Result<Self> {
        let text = |name: &str| match config.more.get(name) {
            None => Ok(None),
            Some(value) => match value.as_str() {
                Some(text) => Ok(Some(text)),
                None => Err(Error::invalid(&format!("config.{name}"), "must be a string")),
            },
        };
        if config.more.get("default").is_some_and(|is| !is.is_boolean()) {
            return Err(Error::invalid("config.default", "must be a boolean"));
        }
        let path = |name: &str, usual: &str| config.path(name, usual).to_owned();
        Self::read(url, text("api_version")?, text("notes")?, path, NAMES)
    }

    /// A call as this version wants all of them.
    pub(super) fn dressed(&self, request: Request) -> Request {
        match self.version {
            Version::V1 => request,
            Version::V2 => request.header("x-origin-channel", "Web"),
        }
    }

    /// A call that changes nothing, to see whether Pega is there and knows the caller: the
    /// list of case types, which both versions have, if no other path is given.
    pub fn harmless(&self) -> Request {
        self.dressed(Request::get(&self.paths.test))
    }

    /// The manner that is told so.
    ///
    /// # Errors
    /// `Invalid`, naming the part.
    pub(super) fn read(
        url: &str,
        version: Option<&str>,
        notes: Option<&str>,
        path: impl Fn(&str, &str) -> String,
        names: Names,
    ) -> Result<Self> {
        let version = match version {
            Some("v1") => Version::V1,
            Some("v2") => Version::V2,
            Some(_) => return Err(Error::invalid(names.version, "must be v1 or v2")),
            None if url.trim_end_matches('/').ends_with("/v2") => Version::V2,
            None => Version::V1,
        };
        let notes = match notes {
            None => Notes::Pulse,
            Some(text) => Notes::parse(text).ok_or_else(|| {
                let ways =
                    "must be pulse, action:<ID>, action:<ID>:<property> or content:<property>";
                Error::invalid(names.notes, ways)
            })?,
        };
        let paths = Paths {
            cases: path("cases", "/cases"),
            assignments: path("assignments", "/assignments"),
            messages: path("messages", "/messages"),
            test: path("test", "/casetypes"),
        };
        Ok(Self { version, notes, paths })
    }
}

impl Notes {
    fn parse(text: &str) -> Option<Self> {
        let fits = |name: &&str| {
            (1..=LONGEST_NAME).contains(&name.len())
                && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"_.-".contains(&b))
                && !matches!(*name, "." | "..")
        };
        let name = |text: &str| Some(text).filter(fits).map(str::to_owned);
        match text.split_once(':') {
            None => (text == "pulse").then_some(Self::Pulse),
            Some(("action", rest)) => {
                let (id, property) = rest.split_once(':').unwrap_or((rest, USUAL_PROPERTY));
                Some(Self::Action { id: name(id)?, property: name(property)? })
            }
            Some(("content", property)) => Some(Self::Content { property: name(property)? }),
            Some(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn read(url: &str, config: Value) -> Result<Manner, String> {
        let config = config.as_object().cloned().unwrap_or_default();
        let read = Config::read(config).and_then(|config| Manner::of_connection(url, &config));
        read.map_err(|error| error.fields.into_iter().map(|field| field.field).collect())
    }

    #[test]
    fn the_version_is_what_is_said_or_what_the_address_ends_with() {
        for (url, config, version) in [
            ("https://p/prweb/api/v1", json!({}), Version::V1),
            ("https://p/prweb/app/x/api/application/v2", json!({}), Version::V2),
            ("https://p/facade", json!({}), Version::V1),
            ("https://p/facade", json!({"api_version": "v2"}), Version::V2),
            ("https://p/prweb/api/application/v2", json!({"api_version": "v1"}), Version::V1),
        ] {
            assert_eq!(read(url, config).map(|manner| manner.version), Ok(version), "{url}");
        }
    }

    #[test]
    fn notes_are_left_in_one_of_three_ways() {
        let text = str::to_owned;
        for (notes, expected) in [
            ("pulse", Notes::Pulse),
            ("action:AddNote", Notes::Action { id: text("AddNote"), property: text("pyNote") }),
            ("action:Log:Remark", Notes::Action { id: text("Log"), property: text("Remark") }),
            ("content:Remark", Notes::Content { property: text("Remark") }),
        ] {
            let manner = read("https://p", json!({ "notes": notes }));
            assert_eq!(manner.map(|manner| manner.notes), Ok(expected), "{notes}");
        }
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (config, field) in [
            (json!({"api_version": "v3"}), "config.api_version"),
            (json!({"api_version": 2}), "config.api_version"),
            (json!({"notes": "email"}), "config.notes"),
            (json!({"notes": "action:"}), "config.notes"),
            (json!({"notes": "action:a:"}), "config.notes"),
            (json!({"notes": "content:.."}), "config.notes"),
            (json!({"notes": "content:a b"}), "config.notes"),
            (json!({"default": "yes"}), "config.default"),
            (json!({"paths": {"cases": "cases"}}), "config.paths.cases"),
        ] {
            assert_eq!(read("https://p", config), Err(field.to_owned()));
        }
    }
}
