//! Workforce systems as the walk calls them.

use anyhow::Result;
use tests::support::{Answer, Caller};

use super::{onec, personnel};

/// Whether this operation is one of a workforce system.
pub fn has(operation: &str) -> bool {
    onec::has(operation) || personnel::has(operation)
}

/// How each operation that changes something is called so that it does.
pub async fn change(operation: &str, admin: &Caller) -> Result<Answer> {
    match onec::has(operation) {
        true => onec::change(operation, admin).await,
        false => personnel::change(operation, admin).await,
    }
}

/// One object of each kind, by the path parameter that names it.
pub async fn objects(admin: &Caller) -> Result<impl Fn(&str) -> Option<String> + use<>> {
    let sync = personnel::sync(admin).await?;
    assert_eq!(onec::calendar(admin).await.status, 200);
    Ok(move |parameter: &str| match parameter {
        "sync_id" => Some(sync.clone()),
        "start_date" => Some("2018-01-01".to_owned()),
        "end_date" => Some("2018-01-31".to_owned()),
        "year" => Some(onec::YEAR.to_owned()),
        "fact_id" => Some(onec::FACT.to_owned()),
        _ => None,
    })
}
