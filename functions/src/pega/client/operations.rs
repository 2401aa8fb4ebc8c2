//! What is asked of Pega: to show, create and change cases, run their actions, leave notes
//! and look for them. Which calls that takes is `v1`'s and `v2`'s; what must hold of every
//! change is here: nothing is saved over a version that nobody saw.

use serde::Serialize;
use serde_json::{Map, Value as Json};
use shared::outbound::{Reply, StatusCode};

use super::manner::{Notes, Version};
use super::place::Place;
use super::refusal::{Meaning, Trouble};
use super::{Pega, v1, v2};
use crate::integrations::connections::client::Request;

/// Notes that are looked through for a mark: the newest of the case.
const LOOKED_THROUGH: &str = "100";

/// A case to be created, as both versions want it.
#[derive(Debug, Serialize)]
pub struct NewCase<'a> {
    /// Its type's id.
    #[serde(rename = "caseTypeID")]
    pub case_type: &'a str,
    /// The process it starts with.
    #[serde(rename = "processID", skip_serializing_if = "Option::is_none")]
    pub process_id: Option<&'a str>,
    /// The case that it belongs to.
    #[serde(rename = "parentCaseID", skip_serializing_if = "Option::is_none")]
    pub parent_case_id: Option<&'a str>,
    /// What it begins with.
    pub content: &'a Map<String, Json>,
}

/// What Pega said to something that it took.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Taken {
    /// The answer's body; none when it has none.
    pub answer: Option<Json>,
    /// The case's version now, byte for byte; none when it is not told.
    pub etag: Option<String>,
    /// The answer's status; none when what is told was found and not asked for.
    pub status: Option<u16>,
}

impl Pega {
    /// A case as it is.
    pub async fn show(&self, case_id: &str) -> Result<Taken, Trouble> {
        let paths = &self.manner.paths;
        let request = match self.manner.version {
            Version::V1 => v1::show(paths, case_id),
            Version::V2 => v2::show(paths, case_id),
        };
        let shown = self.read(request.map_err(unsayable)?, "the question for the case").await?;
        match &shown.answer {
            Some(_) => Ok(shown),
            None => Err(Trouble::passing(Meaning::Unreachable, "Pega showed no case")),
        }
    }

    /// Creates a case.
    pub async fn create(&self, case: &NewCase<'_>) -> Result<Taken, Trouble> {
        let request = match self.manner.version {
            Version::V1 => v1::create(&self.manner.paths, case),
            Version::V2 => v2::create(&self.manner.paths, case),
        };
        self.write(request, "the case").await
    }

    /// Where a case is changed.
    pub(in crate::pega) fn place_of_update(
        &self,
        case_id: &str,
        action: Option<&str>,
    ) -> Result<Place, Trouble> {
        let place = match self.manner.version {
            Version::V1 => v1::place_of_update(&self.manner.paths, case_id, action),
            Version::V2 => v2::place_of_update(&self.manner.paths, case_id, action),
        };
        place.map_err(unsayable)
    }

    /// Where an action is run: on the case, or on one of its assignments. Answers the
    /// version at which it was offered as well.
    async fn place_of_action(
        &self,
        case_id: &str,
        action: &str,
    ) -> Result<(Place, Option<String>), Trouble> {
        let shown = self.show(case_id).await?;
        let (paths, case) = (&self.manner.paths, shown.answer.unwrap_or_default());
        let place = match self.manner.version {
            Version::V1 => v1::place_of_action(paths, case_id, &case, action),
            Version::V2 => v2::place_of_action(paths, case_id, &case, action),
        };
        let nowhere = || {
            let reason = "Pega offers no such action on the case or on its assignments now";
            Trouble::refused(Meaning::NotFound, reason)
        };
        Ok((place.map_err(unsayable)?.ok_or_else(nowhere)?, shown.etag))
    }

    /// The version that a place has now.
    pub(in crate::pega) async fn version_of(&self, place: &Place) -> Result<String, Trouble> {
        let seen = self.read(place.look(), "the question for the version").await?;
        let none = "Pega told no ETag, without which nothing can be saved";
        seen.etag.ok_or_else(|| Trouble::refused(Meaning::Refused, none))
    }

    /// Saves content over this version.
    pub(in crate::pega) async fn save(
        &self,
        place: &Place,
        content: &Map<String, Json>,
        etag: &str,
    ) -> Result<Taken, Trouble> {
        self.write(place.save(content, etag), "the change").await
    }

    /// Runs an action, of the case or of one of its assignments, over the version that the
    /// caller saw, or else over the one at which it was offered.
    pub async fn run_action(
        &self,
        case_id: &str,
        action: &str,
        content: &Map<String, Json>,
        seen: Option<&str>,
    ) -> Result<Taken, Trouble> {
        let (place, offered_at) = self.place_of_action(case_id, action).await?;
        if !place.guarded {
            // Pega compares nothing here; what was just read is as near as it gets.
            let is_stale = seen.is_some() && seen != offered_at.as_deref();
            let stale = "The case was saved by somebody else since the version that was seen";
            return match is_stale {
                true => Err(Trouble::refused(Meaning::StaleVersion, stale)),
                false => self.save(&place, content, "").await,
            };
        }
        let etag = match (seen, self.manner.version, offered_at) {
            (Some(seen), ..) => seen.to_owned(),
            (None, Version::V1, Some(offered_at)) => offered_at,
            (None, ..) => self.version_of(&place).await?,
        };
        self.save(&place, content, &etag).await
    }

    /// The case as it is, if it holds all of this content, as far as Pega shows it: it may
    /// show numbers and booleans as text.
    pub async fn holds(
        &self,
        case_id: &str,
        content: &Map<String, Json>,
    ) -> Result<Option<Taken>, Trouble> {
        let shown = self.show(case_id).await?;
        let case = shown.answer.as_ref().unwrap_or(&Json::Null);
        let kept = match self.manner.version {
            Version::V1 => v1::content(case),
            Version::V2 => v2::content(case),
        };
        let held = content.iter().all(|(name, value)| is_held(&kept[name], value));
        Ok(held.then_some(shown))
    }

    /// Leaves a message on a case.
    pub async fn post(&self, case_id: &str, text: &str) -> Result<Taken, Trouble> {
        let request = match self.manner.version {
            Version::V1 => v1::post(&self.manner.paths, case_id, text),
            Version::V2 => v2::post(&self.manner.paths, case_id, text),
        };
        let reply = self.call(request).await?;
        // Only this says that there is a message now; a login page is a 200 as well.
        if reply.status != StatusCode::CREATED {
            return Err(Trouble::of_reply(&reply, "the note").of_page(&reply));
        }
        let status = Some(reply.status.as_u16());
        Ok(Taken { status, answer: serde_json::from_slice(&reply.body).ok(), etag: None })
    }

    /// Whether one of the case's newest messages holds this text.
    pub async fn has_message(&self, case_id: &str, text: &str) -> Result<bool, Trouble> {
        let request = Request::get(&self.manner.paths.messages);
        let request = request.query("filterBy", "context").query("filterFor", case_id);
        let reply = self.call(request.query("pageSize", LOOKED_THROUGH)).await;
        let reply = reply.map_err(Trouble::of_look)?;
        if !reply.status.is_success() {
            return Err(Trouble::of_reply(&reply, "the question for notes").of_look());
        }
        // The list's shape differs between releases; the mark is looked for in its text.
        Ok(String::from_utf8_lossy(&reply.body).contains(text))
    }

    /// How notes are left here.
    pub fn notes(&self) -> &Notes {
        &self.manner.notes
    }

    async fn read(&self, request: Request, what: &str) -> Result<Taken, Trouble> {
        let reply = self.call(request).await.map_err(Trouble::of_look)?;
        taken(&reply, what).map_err(Trouble::of_look)
    }

    async fn write(&self, request: Request, what: &str) -> Result<Taken, Trouble> {
        taken(&self.call(request.once()).await?, what)
    }
}

/// A success, with a JSON body or without any.
fn taken(reply: &Reply, what: &str) -> Result<Taken, Trouble> {
    if !reply.status.is_success() {
        return Err(Trouble::of_reply(reply, what));
    }
    let etag = reply.headers.get("etag").and_then(|value| value.to_str().ok());
    let answer = match reply.body.is_empty() {
        true => None,
        false => Some(
            serde_json::from_slice(&reply.body)
                .map_err(|_| Trouble::of_reply(reply, what).of_page(reply))?,
        ),
    };
    Ok(Taken { answer, etag: etag.map(str::to_owned), status: Some(reply.status.as_u16()) })
}

impl Trouble {
    /// A success that is none of Pega's: a page of something in between, to sign in or to wait.
    fn of_page(self, reply: &Reply) -> Self {
        if !reply.status.is_success() {
            return self;
        }
        let reason = format!("{}, which is no answer of the DX API", self.reason);
        let known = Self::passing(Meaning::Unreachable, reason);
        Self { status: self.status, ..known }
    }
}

/// A name that cannot be part of a path.
fn unsayable(error: shared::error::Error) -> Trouble {
    Trouble { fields: error.fields, ..Trouble::refused(Meaning::Invalid, error.detail) }
}

fn is_held(kept: &Json, given: &Json) -> bool {
    match (kept, given) {
        (Json::Object(kept), Json::Object(given)) => {
            let member = |name: &str| kept.get(name).unwrap_or(&Json::Null);
            given.iter().all(|(name, value)| is_held(member(name), value))
        }
        (Json::Array(kept), Json::Array(given)) => {
            kept.len() == given.len()
                && kept.iter().zip(given).all(|(kept, given)| is_held(kept, given))
        }
        (Json::String(kept), Json::Number(given)) => *kept == given.to_string(),
        (Json::String(kept), Json::Bool(given)) => *kept == given.to_string(),
        (Json::Null, Json::String(given)) => given.is_empty(),
        (Json::String(kept), Json::Null) => kept.is_empty(),
        _ => kept == given,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::is_held;

    #[test]
    fn what_pega_shows_as_text_is_held_all_the_same() {
        for (kept, given, is) in [
            (json!({"a": "5", "b": "true", "c": "x", "more": 1}), json!({"a": 5, "b": true}), true),
            (json!({"a": {"b": "1"}}), json!({"a": {"b": 1}}), true),
            (json!({"a": ["1", {"b": "2"}]}), json!({"a": [1, {"b": 2}]}), true),
            (json!({"a": ["1"]}), json!({"a": [1, 2]}), false),
            (json!({"a": "x"}), json!({"a": "y"}), false),
            (json!({}), json!({"a": ""}), true),
            (json!({}), json!({"a": 0}), false),
        ] {
            assert_eq!(is_held(&kept, &given), is, "{kept} {given}");
        }
    }
}
