//! Tokens of identity providers: whose they are and what they allow.
//!
//! `OIDC_ISSUER` names the provider of people's tokens and `OIDC_AUDIENCE` what they
//! are made for; `TRUSTED_ISSUERS` names others, whose tokens only sources send. Each
//! of those is one tenant's: whom a token of it names, no other tenant can claim.

use shared::env::Env;
use shared::error::{Error, Result};
use shared::oidc::{Claims, Issuer, Peek};
use shared::tenant::Tenant;
use shared::web::{Caller, Permission, Permissions, Standing};

use super::permission::{Role, known};
use super::presented::nobody;
use super::tenants::operator;

/// The longest subject that records can name.
const LONGEST_SUBJECT: usize = 255;

/// The issuers that are trusted.
pub(super) struct Tokens {
    issuers: Vec<Issuer>,
    people: Option<People>,
}

/// How people's tokens are read.
struct People {
    issuer: String,
    audience: String,
    /// The claim that lists permissions and roles.
    permissions_claim: String,
    /// The claim that names the tenant; all are of one tenant when there is none.
    tenant_claim: Option<String>,
    tenant: Tenant,
}

impl Tokens {
    /// Reads `OIDC_ISSUER`, `OIDC_AUDIENCE`, `OIDC_JWKS_URL`, `OIDC_PERMISSIONS_CLAIM`,
    /// `OIDC_TENANT_CLAIM`, `OIDC_TENANT` and `TRUSTED_ISSUERS`.
    pub fn load(env: &Env) -> Result<Self> {
        let outbound = env.outbound()?;
        let keys = |issuer: &str| {
            let own = env.optional("OIDC_ISSUER") == Some(issuer);
            own.then(|| env.optional("OIDC_JWKS_URL")).flatten()
        };
        let people = env.optional("OIDC_ISSUER").map(str::to_owned);
        let of_sources = trusted(env)?.into_iter().map(|(_, issuer)| issuer);
        let issuers = people
            .into_iter()
            .chain(of_sources)
            .map(|issuer| Issuer::new(&issuer, keys(&issuer), outbound.clone(), env.clock()));
        Ok(Self { issuers: issuers.collect(), people: People::load(env)? })
    }

    /// The trusted issuer whom a token names.
    pub fn issuer(&self, peek: &Peek) -> Option<&Issuer> {
        self.issuers.iter().find(|issuer| issuer.name() == peek.issuer)
    }

    /// The person whose token this is.
    pub async fn person(&self, issuer: &Issuer, token: &str, operator: &Tenant) -> Result<Person> {
        let people = self.people.as_ref().filter(|people| people.issuer == issuer.name());
        let people = people.ok_or_else(nobody)?;
        let claims = issuer.verify(token, &people.audience).await?;
        Ok(Person { caller: people.caller(&claims, operator)?, until: claims.expires_ms() })
    }
}

/// A person and until when the token says so.
pub(super) struct Person {
    pub caller: Caller,
    pub until: i64,
}

impl People {
    fn load(env: &Env) -> Result<Option<Self>> {
        let Some(issuer) = env.optional("OIDC_ISSUER") else { return Ok(None) };
        let claim = env.optional("OIDC_PERMISSIONS_CLAIM").unwrap_or("permissions");
        Ok(Some(Self {
            issuer: issuer.to_owned(),
            audience: env.required("OIDC_AUDIENCE")?.to_owned(),
            permissions_claim: claim.to_owned(),
            tenant_claim: env.optional("OIDC_TENANT_CLAIM").map(str::to_owned),
            tenant: Tenant::parse(env.optional("OIDC_TENANT").unwrap_or("default"))?,
        }))
    }

    fn caller(&self, claims: &Claims, operator: &Tenant) -> Result<Caller> {
        let tenant = match &self.tenant_claim {
            None => self.tenant.clone(),
            Some(claim) => {
                let named = claims.text(claim).and_then(|name| Tenant::parse(name).ok());
                named.ok_or_else(nobody)?
            }
        };
        let subject = claims.subject();
        if subject.len() > LONGEST_SUBJECT || subject.chars().any(char::is_control) {
            return Err(nobody());
        }
        let granted = granted(&claims.words(&self.permissions_claim), &tenant, operator);
        Ok(Caller {
            actor: format!("user:{subject}"),
            permissions: Permissions::of(granted),
            tenant,
            rate_limit: None,
            standing: Standing { place: None, until: Some(claims.expires_ms()) },
            corr: String::new(),
        })
    }
}

/// What these words grant: names of permissions and of roles. Others mean something
/// to other services.
fn granted(words: &[String], tenant: &Tenant, operator: &Tenant) -> Vec<Permission> {
    let whole = Role::Admin.permissions(tenant, operator);
    let mut granted = Vec::new();
    for word in words {
        let role = match word.as_str() {
            "admin" => Some(Role::Admin),
            "user" => Some(Role::User),
            _ => None,
        };
        let of_role = role.map(|role| role.permissions(tenant, operator));
        granted.extend(of_role.iter().flat_map(Permissions::iter));
        granted.extend(known(&whole, word));
    }
    granted
}

/// The issuers whose tokens the sources of a tenant may send: `TRUSTED_ISSUERS`, with
/// commas between, each `<tenant>=<issuer>` or, for the operator's tenant, `<issuer>`.
///
/// # Errors
/// When one is named for two tenants, or is the people's.
pub(super) fn trusted(env: &Env) -> Result<Vec<(Tenant, String)>> {
    let operator = operator(env)?;
    let mut trusted: Vec<(Tenant, String)> = Vec::new();
    for named in env.optional("TRUSTED_ISSUERS").unwrap_or_default().split(',').map(str::trim) {
        let (tenant, issuer) = match named.split_once('=') {
            Some((tenant, issuer)) if !tenant.contains(':') => (Tenant::parse(tenant)?, issuer),
            _ => (operator.clone(), named),
        };
        let twice = trusted.iter().any(|(_, known)| known == issuer);
        if twice || env.optional("OIDC_ISSUER") == Some(issuer) {
            return Err(Error::bug(format!("TRUSTED_ISSUERS: {issuer} is somebody else's")));
        }
        if !issuer.is_empty() {
            trusted.push((tenant, issuer.to_owned()));
        }
    }
    Ok(trusted)
}
