//! Whoever has the machine or the account in their hands: nobody needs to let them in.

use std::sync::Arc;

use axum::http::request::Parts;
use bytes::Bytes;
use shared::boxed::Boxed;
use shared::env::Env;
use shared::error::Result;
use shared::limit::Quota;
use shared::tenant::Tenant;
use shared::web::{Admission, Caller, Gatekeeper, Guard};

use super::permission::Role;
use super::tenants::operator;

/// The operator, acting for this tenant.
pub(super) fn caller(tenant: &Tenant, operator: &Tenant) -> Caller {
    Caller {
        tenant: tenant.clone(),
        actor: "operator".to_owned(),
        permissions: Role::Admin.permissions(tenant, operator),
        rate_limit: None,
        standing: Default::default(),
        corr: shared::ids::time_ordered(),
    }
}

/// Takes every request for the operator's, acting for this tenant. For a process that
/// listens to nobody else.
pub fn at_the_machine(env: &Env, tenant: &Tenant) -> Result<Arc<dyn Gatekeeper>> {
    Ok(Arc::new(AtTheMachine(caller(tenant, &operator(env)?))))
}

struct AtTheMachine(Caller);

impl Gatekeeper for AtTheMachine {
    fn admit<'a>(
        &'a self,
        _: &'a Parts,
        _: Guard,
        _: Option<&'a Bytes>,
    ) -> Boxed<'a, Result<Admission>> {
        Box::pin(async { Ok(Admission::Admitted(self.0.clone())) })
    }

    fn count<'a>(
        &'a self,
        _: &'a Caller,
        _: Guard,
        _: &'a str,
    ) -> Boxed<'a, Result<Option<Quota>>> {
        Box::pin(async { Ok(None) })
    }

    fn settle(&self, _: bool) -> Boxed<'_, ()> {
        Box::pin(async {})
    }
}
