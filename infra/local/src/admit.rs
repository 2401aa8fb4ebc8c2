//! Who is let in before anybody was admitted by the API: the first admin, and the
//! sender that the variables name.

use anyhow::{Context, Result};
use functions::access::sources::{NamedSource, Sources};
use functions::access::tenants::operator;
use functions::access::{ApiKey, Setup};
use shared::env::Env;

use crate::data::DataFolder;

/// Makes the first admin's key and keeps it, if there is neither a key nor a
/// database yet.
pub(crate) fn first_admin_key(data: &DataFolder) -> Result<Option<String>> {
    if data.admin_key()?.is_some() || !data.is_new() {
        return Ok(None);
    }
    let key = ApiKey::generate();
    data.keep_admin_key(key.reveal())?;
    Ok(Some(key.reveal().to_owned()))
}

/// Admits the key that is kept in the data folder, if there never was an admin: a
/// start that broke off leaves a key that works, and one that was revoked stays so.
pub(crate) async fn first_admin(env: &Env, data: &DataFolder) -> Result<()> {
    if let Some(kept) = data.admin_key()? {
        let key = ApiKey::parse(&kept).context("admin.key does not hold a key")?;
        Setup::load(env)?.admit_first(&operator(env)?, &key).await?;
    }
    Ok(())
}

/// Makes the source `pega` what the variables say: it is gone when they do not name
/// it any more.
pub(crate) async fn named_sender(env: &Env) -> Result<()> {
    let given = |name: &str| env.optional(name).map(str::to_owned);
    let basic = given("SENDER_USERNAME").zip(given("SENDER_PASSWORD"));
    let basic = basic.map(|(username, password)| (username, password.into()));
    let header = given("SENDER_KEY").map(Into::into);
    let (tenant, named) = (operator(env)?, NamedSource { name: "pega", basic, header });
    let admitted = Sources::load(env)?.admit(&tenant, &tenant, named).await;
    admitted.context("SENDER_USERNAME, SENDER_PASSWORD or SENDER_KEY")
}
