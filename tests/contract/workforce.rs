//! Workforce systems as the walk calls them.

use anyhow::Result;
use tests::support::{Answer, Caller};

use super::{contact_center, onec, personnel};

/// Whether this operation is one of a workforce system.
pub fn has(operation: &str) -> bool {
    contact_center::has(operation) || onec::has(operation) || personnel::has(operation)
}

/// How each operation that changes something is called so that it does.
pub async fn change(operation: &str, admin: &Caller) -> Result<Answer> {
    match operation {
        of if contact_center::has(of) => contact_center::change(of, admin).await,
        of if onec::has(of) => onec::change(of, admin).await,
        of => personnel::change(of, admin).await,
    }
}

/// One object of each kind, by the path parameter that names it.
pub async fn objects(admin: &Caller) -> Result<impl Fn(&str) -> Option<String> + use<>> {
    let sync = personnel::sync(admin).await?;
    let import = contact_center::object(admin).await?;
    assert_eq!(onec::calendar(admin).await.status, 200);
    Ok(move |parameter: &str| match parameter {
        "sync_id" => Some(sync.clone()),
        "import_id" => Some(import.clone()),
        "start_date" => Some("2018-01-01".to_owned()),
        "end_date" => Some("2018-01-31".to_owned()),
        "year" => Some(onec::YEAR.to_owned()),
        "fact_id" => Some(onec::FACT.to_owned()),
        _ => None,
    })
}
