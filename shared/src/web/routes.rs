//! The table of routes. A route gets in only together with what it asks of its
//! callers, and that stands in the API document too.

use std::sync::Arc;

use axum::extract::{DefaultBodyLimit, Request};
use axum::http::{StatusCode, Uri};
use axum::middleware::{Next, from_fn};
use axum::{Extension, Router};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa::openapi::extensions::ExtensionsBuilder;
use utoipa::openapi::path::{Operation, Parameter, ParameterIn, PathItem};
use utoipa::openapi::{OpenApi, RefOr, SecurityRequirement};
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouter};

use super::check::check;
use super::problem::{self, Refused, Responses};
use super::surround;
use super::{Browsers, Gatekeeper, Guard};
use crate::error::{Error, Kind};

/// Routes whose handlers share a use case `S`.
pub struct Routes<S = ()>(OpenApiRouter<S>);

impl<S: Clone + Send + Sync + 'static> Routes<S> {
    /// No routes yet.
    pub fn new() -> Self {
        Self(OpenApiRouter::with_openapi(OpenApi::default()))
    }

    /// Adds routes that anybody may call.
    #[must_use]
    pub fn open(self, routes: UtoipaMethodRouter<S>) -> Self {
        let (schemas, mut paths, methods) = routes;
        paths.paths.values_mut().flat_map(operations).for_each(document_inputs);
        Self(self.0.routes((schemas, paths, methods)))
    }

    /// Adds routes that only callers who satisfy `guard` may call.
    #[must_use]
    pub fn guarded(self, guard: Guard, routes: UtoipaMethodRouter<S>) -> Self {
        let (schemas, mut paths, methods) = routes;
        paths.paths.values_mut().flat_map(operations).for_each(|operation| {
            document_guard(operation, guard);
            document_inputs(operation);
        });
        let check = move |request: Request, next: Next| check(guard, request, next);
        let methods = methods.layer(DefaultBodyLimit::max(guard.body)).route_layer(from_fn(check));
        Self(self.0.routes((schemas, paths, methods)))
    }

    /// These routes and those.
    #[must_use]
    pub fn and(self, others: Self) -> Self {
        Self(self.0.merge(others.0))
    }

    /// Mounts these routes once more under a prefix, for callers who know them there. The
    /// document tells of them where they were before.
    #[must_use]
    pub fn also_under(self, prefix: &str) -> Self {
        let (router, document) = self.0.split_for_parts();
        let again = Router::new().nest(prefix, router.clone());
        let documented = OpenApiRouter::with_openapi(document);
        Self(documented.merge(router.into()).merge(again.into()))
    }

    /// Tells every refusal of these routes in a shape of their own instead of as a problem.
    /// `tell` is given what there is to tell, and the address that was asked for.
    #[must_use]
    pub fn refusing_as<T: Serialize + ToSchema + 'static>(
        self,
        tell: fn(&Refused, &Uri) -> T,
    ) -> Self {
        let (router, mut document) = self.0.split_for_parts();
        let mut schemas = vec![(T::name().into_owned(), T::schema())];
        T::schemas(&mut schemas);
        document.components.get_or_insert_default().schemas.extend(schemas);
        let told = document.paths.paths.values_mut().flat_map(operations);
        told.for_each(|operation| problem::told_as(operation, &T::name()));
        let router = router.layer(from_fn(move |request: Request, next: Next| async move {
            let uri = request.uri().clone();
            let mut answer = next.run(request).await;
            match answer.extensions_mut().remove::<Refused>() {
                Some(refused) => Refused::told_as(answer, &tell(&refused, &uri)),
                None => answer,
            }
        }));
        Self(OpenApiRouter::with_openapi(document).merge(router.into()))
    }

    /// What the routes say of themselves.
    pub fn document(self) -> OpenApi {
        self.0.into_openapi()
    }

    /// Gives the handlers their use case.
    pub fn with(self, state: S) -> Routes {
        Routes(self.0.with_state(state))
    }
}

impl<S: Clone + Send + Sync + 'static> Default for Routes<S> {
    fn default() -> Self {
        Self::new()
    }
}

/// The routes as a service with all that surrounds a request. Without a gatekeeper,
/// none but open routes answer.
pub fn finish(
    routes: Routes,
    gatekeeper: impl Into<Option<Arc<dyn Gatekeeper>>>,
    browsers: &Browsers,
) -> Router {
    finish_beside(Router::new(), routes, gatekeeper, browsers)
}

/// The same beside others that the document does not tell of, and that no gatekeeper
/// stands before.
pub fn finish_beside(
    others: Router,
    routes: Routes,
    gatekeeper: impl Into<Option<Arc<dyn Gatekeeper>>>,
    browsers: &Browsers,
) -> Router {
    let router = Router::from(routes.0)
        .fallback(async || Error::not_found("Not Found"))
        .method_not_allowed_fallback(async || {
            Error::new(Kind::MethodNotAllowed, "Method Not Allowed")
        });
    let router = match gatekeeper.into() {
        Some(gatekeeper) => router.layer(Extension(gatekeeper)),
        None => router,
    };
    surround::around(router.merge(others), browsers)
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    [&mut item.get, &mut item.post, &mut item.put, &mut item.patch, &mut item.delete]
        .into_iter()
        .flatten()
}

/// Adds to what an operation says of itself how to get in, and what the guard answers.
fn document_guard(operation: &mut Operation, guard: Guard) {
    let none: [String; 0] = [];
    let mut ways = vec!["bearer", "apiKey"];
    if guard.senders {
        ways.extend(["basic", "senderKey", "signature"]);
    }
    let ways = ways.into_iter().map(|way| SecurityRequirement::new(way, none.clone()));
    operation.security = Some(ways.collect());
    let named = ExtensionsBuilder::new().add("x-permission", guard.name()).build();
    operation.extensions = Some(named);

    add(
        operation,
        problem::of([
            (StatusCode::UNAUTHORIZED, "No credentials, or none that are valid"),
            (StatusCode::FORBIDDEN, "The caller may not do this"),
            (StatusCode::TOO_MANY_REQUESTS, "The rate limit is used up"),
        ]),
    );
}

/// Adds what the extractors answer.
fn document_inputs(operation: &mut Operation) {
    let mut answers = problem::of([]);
    let parameters = operation.parameters.as_deref().unwrap_or_default();
    if operation.request_body.is_some() {
        answers.extend(problem::of([
            (StatusCode::BAD_REQUEST, "The body cannot be read"),
            (StatusCode::PAYLOAD_TOO_LARGE, "The body is too large"),
            (StatusCode::UNSUPPORTED_MEDIA_TYPE, "The body is of another kind"),
        ]));
    }
    if operation.request_body.is_some() || !parameters.is_empty() {
        answers.extend(problem::of([(StatusCode::UNPROCESSABLE_ENTITY, "A value is wrong")]));
    }
    let in_path = |parameter: &RefOr<Parameter>| matches!(parameter, RefOr::T(parameter) if parameter.parameter_in == ParameterIn::Path);
    if parameters.iter().any(in_path) {
        answers.extend(problem::of([(StatusCode::NOT_FOUND, "There is no such thing")]));
    }
    add(operation, answers);
}

/// Adds answers that the operation does not tell of itself.
fn add(operation: &mut Operation, answers: Responses) {
    for (status, answer) in answers {
        operation.responses.responses.entry(status).or_insert(answer);
    }
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use tower::ServiceExt;

    use super::*;

    #[utoipa::path(get, path = "/things/{id}", params(("id" = String, Path)),
        responses((status = 200, body = String)))]
    async fn find_thing(axum::extract::Path(id): axum::extract::Path<String>) -> String {
        id
    }

    #[utoipa::path(get, path = "/things/latest", responses((status = 200, body = String)))]
    async fn find_latest() -> &'static str {
        "the latest"
    }

    fn routes() -> Routes {
        let things = Routes::new().open(utoipa_axum::routes!(find_thing));
        things.guarded(Guard::KNOWN, utoipa_axum::routes!(find_latest)).also_under("/api/v1")
    }

    #[tokio::test]
    async fn routes_answer_under_both_bases_with_their_guards_and_are_told_of_once()
    -> anyhow::Result<()> {
        let paths = routes().document().paths.paths;
        assert_eq!(paths.keys().collect::<Vec<_>>(), ["/things/latest", "/things/{id}"]);
        let router = finish(routes(), None, &Browsers::default());
        for (path, status) in [
            ("/things/5", 200),
            ("/api/v1/things/5", 200),
            // Its guard finds no gatekeeper.
            ("/things/latest", 500),
            ("/api/v1/things/latest", 500),
            ("/api/v1", 404),
            ("/api/v1/api/v1/things/5", 404),
        ] {
            let request = Request::builder().uri(path).body(Body::empty())?;
            let answer = router.clone().oneshot(request).await?;
            assert_eq!(answer.status().as_u16(), status, "{path}");
        }
        Ok(())
    }
}
