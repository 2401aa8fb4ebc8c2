//! Use case: the source that a process's environment names. It is as the environment
//! says at every start, and gone when the environment does not name it any more.

use serde_json::json;
use shared::error::{Kind, Result};
use shared::table::{Cond, Item};
use shared::tenant::Tenant;
use shared::vault::{ExposeSecret, SecretString};

use super::Sources;
use super::model::Places;
use super::register::{Draft, NewBasic, NewHeader, NewSource};
use crate::access::credential::{basic_place, header_place};
use crate::access::machine;

/// What the environment says of it.
pub struct NamedSource {
    /// What it is called.
    pub name: &'static str,
    /// User and password of HTTP Basic.
    pub basic: Option<(String, SecretString)>,
    /// The value of the header `X-Sender-Key`.
    pub header: Option<SecretString>,
}

impl Sources {
    /// Makes the source what the environment says. One of that name that was not made
    /// so is left alone.
    ///
    /// # Errors
    /// `Invalid` for a secret that is too short, naming it.
    pub async fn admit(
        &self,
        tenant: &Tenant,
        operator: &Tenant,
        named: NamedSource,
    ) -> Result<()> {
        let by = machine::caller(tenant, operator);
        let known = match self.find(tenant, named.name).await {
            Ok(source) => Some(source),
            Err(error) if error.kind == Kind::NotFound => None,
            Err(error) => return Err(error),
        };
        if let Some(known) = &known {
            let (basic, header) = named.places();
            let same_basic =
                known.basic.as_ref().map(|basic| &basic.places.current) == basic.as_ref();
            let same_header =
                known.header.as_ref().map(|header| &header.current) == header.as_ref();
            if !known.of_environment || (same_basic && same_header) {
                return Ok(());
            }
        }
        let name = named.name;
        // Before the old one goes, so that a secret that is refused changes nothing.
        let draft = match named.wanted() {
            Some(new) => Some(self.draft(&by, new, true).await?),
            None => None,
        };
        if known.is_some() {
            self.remove(&by, name).await?;
        }
        let Some(Draft { source, mut writes, .. }) = draft else { return Ok(()) };
        writes.push(self.control.put(Item::of(&source)?, Some(Cond::Absent("pk"))));
        let details = json!({ "of": "environment" });
        let taken = "The environment names credentials that are somebody else's";
        self.change(&by, "source.create", &source.name, &details, writes, taken).await
    }
}

impl NamedSource {
    /// The source as one would register it; none when nothing names it.
    fn wanted(self) -> Option<NewSource> {
        let Self { name, basic, header } = self;
        let basic =
            basic.map(|(username, password)| NewBasic { username, password: Some(password) });
        let header = header.map(|value| NewHeader { value: Some(value) });
        let (name, description) = (name.to_owned(), None);
        let new = NewSource { name, description, basic, header, signature: None, token: None };
        (new.basic.is_some() || new.header.is_some()).then_some(new)
    }

    /// Where its credentials would be.
    fn places(&self) -> (Option<String>, Option<String>) {
        let place = |places: Places| places.current;
        let basic = self.basic.as_ref().map(|(username, password)| {
            place(Places::only(basic_place(username, password.expose_secret())))
        });
        let header = self.header.as_ref();
        let header = header.map(|v| place(Places::only(header_place(v.expose_secret()))));
        (basic, header)
    }
}
