//! Paging of lists in every form that their callers know: `limit` and `offset`, `limit` and
//! `skip`, `page` and `size`, and a cursor. The first two and the last answer a bare array,
//! the third an object; all say in headers how many there are and where other pages are.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use shared::error::{Error, Result};
use shared::web::{Query, percent_decode, percent_encode};
use utoipa::{IntoParams, ToSchema};

/// How many items a bare array has, when nobody says otherwise, and at most.
const LIMIT: usize = 100;
const MOST: usize = 1000;
/// How many a page by number has, when nobody says otherwise, and at most.
const SIZE: usize = 50;
const MOST_A_PAGE: usize = 100;
/// The largest list, in bytes: a function answers 6 MB at most, as text in JSON.
const LARGEST: usize = 5 * 1024 * 1024;
/// The parameters that links replace.
const PAGING: [&str; 6] = ["limit", "offset", "skip", "page", "size", "cursor"];

/// Which page of a list is wanted.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PagingParams {
    /// How many, 1 to 1000; 100 when not given.
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<i64>,
    /// How many are left out before.
    #[param(minimum = 0)]
    offset: Option<i64>,
    /// The same as `offset`.
    #[param(minimum = 0)]
    skip: Option<i64>,
    /// The number of a page, from 1. The answer is an object then.
    #[param(minimum = 1)]
    page: Option<i64>,
    /// How many a page has, 1 to 100; 50 when not given. The answer is an object then.
    #[param(minimum = 1, maximum = 100)]
    size: Option<i64>,
    /// Where to go on: what the `Link` header of the page before says.
    cursor: Option<String>,
}

/// The form that a caller asks in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A bare array, from an offset that has this name.
    Bare(&'static str),
    /// An object, by the number of the page.
    Page,
}

/// The part of a list that is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// How many are left out before.
    pub offset: usize,
    /// How many there are to be, at least 1.
    pub limit: usize,
    /// The form of the answer.
    pub form: Form,
}

/// The extractor of [`PagingParams`].
#[derive(Clone, Debug)]
pub struct Paging {
    /// The part that is wanted; with a cursor, from there on.
    pub window: Window,
    /// Where an earlier page ended.
    pub cursor: Option<String>,
    /// The request's parameters, for links.
    query: String,
}

/// How many items there are in all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Total {
    /// The number, which is not less than the truth.
    pub count: usize,
    /// Whether it is the truth.
    pub is_exact: bool,
}

/// A page of a list, as callers know it who ask by its number.
#[derive(Debug, Serialize, ToSchema)]
pub struct NumberedPage<T> {
    items: Vec<T>,
    /// How many there are in all.
    total: usize,
    /// Whether `total` is exact; otherwise there are at most so many.
    total_is_exact: bool,
    /// Which page this is, from 1.
    page: usize,
    /// How many items a page has.
    size: usize,
    /// How many pages there are.
    pages: usize,
    /// Where to go on with `cursor`, if the page ended early because too much had to be
    /// looked at.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

/// A page of a list in the form that was asked for.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub enum Listed<T> {
    /// For `limit` with `offset`, `skip` or a cursor.
    Bare(Vec<T>),
    /// For `page` and `size`.
    Page(NumberedPage<T>),
}

/// A page of a list with its headers.
#[derive(Debug)]
pub struct Listing<T> {
    body: Listed<T>,
    headers: Vec<(HeaderName, String)>,
}

impl<S: Send + Sync> FromRequestParts<S> for Paging {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self> {
        let Query(params) = Query::<PagingParams>::from_request_parts(parts, state).await?;
        let window = params.window()?;
        let query = parts.uri.query().unwrap_or_default().to_owned();
        Ok(Self { window, cursor: params.cursor, query })
    }
}

impl PagingParams {
    /// # Errors
    /// `Invalid`, naming the parameter.
    fn window(&self) -> Result<Window> {
        let by_number = self.page.is_some() || self.size.is_some();
        let others = [("limit", self.limit), ("offset", self.offset), ("skip", self.skip)];
        if let Some((name, _)) = others.iter().find(|(_, given)| by_number && given.is_some()) {
            return Err(Error::invalid(name, "cannot be given together with page or size"));
        }
        if self.offset.is_some() && self.skip.is_some() {
            return Err(Error::invalid("skip", "cannot be given together with offset"));
        }
        let moves = [("offset", self.offset), ("skip", self.skip), ("page", self.page)];
        let moves = moves.iter().find(|(_, given)| self.cursor.is_some() && given.is_some());
        if let Some((name, _)) = moves {
            return Err(Error::invalid("cursor", format!("cannot be given together with {name}")));
        }
        if by_number {
            let limit = between("size", self.size, SIZE, MOST_A_PAGE)?;
            let page = between("page", self.page, 1, usize::MAX)?;
            let offset = (page - 1).saturating_mul(limit);
            return Ok(Window { offset, limit, form: Form::Page });
        }
        let limit = between("limit", self.limit, LIMIT, MOST)?;
        let name = if self.skip.is_some() { "skip" } else { "offset" };
        let offset = usize::try_from(self.offset.or(self.skip).unwrap_or(0));
        let offset = offset.map_err(|_| Error::invalid(name, "must not be negative"))?;
        Ok(Window { offset, limit, form: Form::Bare(name) })
    }
}

impl Total {
    /// Exactly so many.
    pub fn exactly(count: usize) -> Self {
        Self { count, is_exact: true }
    }
}

impl Paging {
    /// The part of a list that is all at hand. `P` are the list's other parameters, which
    /// links keep.
    pub fn cut<P: IntoParams, T>(&self, all: Vec<T>) -> Listing<T> {
        let total = Total::exactly(all.len());
        let items = all.into_iter().skip(self.window.offset).take(self.window.limit);
        self.listing::<P, T>(items.collect(), total, None)
    }

    /// These items, of so many, and where to go on after them, if there is a better way
    /// than by their number. `P` are the list's other parameters, which links keep.
    pub fn listing<P: IntoParams, T>(
        &self,
        items: Vec<T>,
        total: Total,
        next: Option<String>,
    ) -> Listing<T> {
        let Window { offset, limit, form } = self.window;
        let (page, pages) = (offset / limit + 1, total.count.div_ceil(limit));
        let mut headers = vec![(of("x-total-count"), total.count.to_string())];
        if !total.is_exact {
            headers.push((of("x-total-count-exact"), "false".to_owned()));
        }
        let links = self.links::<P>(total, next.as_deref());
        if !links.is_empty() {
            headers.push((header::LINK, links.join(", ")));
        }
        let Form::Page = form else { return Listing { body: Listed::Bare(items), headers } };
        headers.push((of("x-page"), page.to_string()));
        headers.push((of("x-page-size"), limit.to_string()));
        headers.push((of("x-total-pages"), pages.to_string()));
        let next_cursor = next.filter(|_| items.len() < limit || self.cursor.is_some());
        let Total { count: total, is_exact: total_is_exact } = total;
        let body =
            NumberedPage { items, total, total_is_exact, page, size: limit, pages, next_cursor };
        Listing { body: Listed::Page(body), headers }
    }

    /// Links (RFC 8288) relative to the request's own address, so that they hold behind any
    /// gateway. What is not a parameter of the list, a credential maybe, is not passed on.
    fn links<P: IntoParams>(&self, total: Total, next: Option<&str>) -> Vec<String> {
        let known = P::into_params(|| None);
        let is_kept = |pair: &&str| {
            let name = percent_decode(pair.split_once('=').map_or(pair, |(name, _)| name));
            known.iter().any(|parameter| parameter.name == name) && !PAGING.contains(&name.as_str())
        };
        let kept: Vec<&str> = self.query.split('&').filter(is_kept).collect();
        let Window { offset, limit, form } = self.window;
        let size = if form == Form::Page { "size" } else { "limit" };
        let link = |name: &str, value: String, rel: &str| {
            let paging = [format!("{size}={limit}"), format!("{name}={value}")];
            let query: Vec<&str> =
                kept.iter().copied().chain(paging.iter().map(String::as_str)).collect();
            format!("<?{}>; rel=\"{rel}\"", query.join("&"))
        };
        let at = |offset: usize, rel: &str| match form {
            Form::Page => link("page", (offset / limit + 1).to_string(), rel),
            Form::Bare(name) => link(name, offset.to_string(), rel),
        };
        let on = next.map(|cursor| link("cursor", percent_encode(cursor), "next"));
        if self.cursor.is_some() {
            return [at(0, "first")].into_iter().chain(on).collect();
        }
        let last = total.count.saturating_sub(1) / limit * limit;
        let more = offset < last;
        let next = match form {
            Form::Page => more.then(|| at(offset + limit, "next")),
            Form::Bare(_) => on.or_else(|| more.then(|| at(offset + limit, "next"))),
        };
        let prev = (offset > 0).then(|| at(offset.saturating_sub(limit).min(last), "prev"));
        let last = total.is_exact.then(|| at(last, "last"));
        [at(0, "first")].into_iter().chain(last).chain(prev).chain(next).collect()
    }
}

impl<T> Listed<T> {
    /// The answer to who asks for more than can be answered.
    fn too_large(&self) -> Error {
        let (field, asked) = match self {
            Self::Bare(items) => ("limit", items.len()),
            Self::Page(page) => ("size", page.items.len()),
        };
        let told =
            format!("must be less than {asked} here: more than {LARGEST} bytes were asked for");
        Error::invalid(field, told)
    }
}

impl<T: Serialize> IntoResponse for Listing<T> {
    fn into_response(self) -> Response {
        let body = match serde_json::to_vec(&self.body) {
            Ok(body) if body.len() > LARGEST => return self.body.too_large().into_response(),
            Ok(body) => body,
            Err(error) => return Error::internal(error).into_response(),
        };
        let json = (header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        let mut response = ([json], body).into_response();
        for (name, value) in self.headers {
            if let Ok(value) = HeaderValue::try_from(value) {
                response.headers_mut().insert(name, value);
            }
        }
        response
    }
}

fn between(name: &str, asked: Option<i64>, default: usize, most: usize) -> Result<usize> {
    let Some(asked) = asked else { return Ok(default) };
    let fits = usize::try_from(asked).ok().filter(|asked| (1..=most).contains(asked));
    let told = match most {
        usize::MAX => "must be at least 1".to_owned(),
        _ => format!("must be between 1 and {most}"),
    };
    fits.ok_or_else(|| Error::invalid(name, told))
}

fn of(name: &'static str) -> HeaderName {
    HeaderName::from_static(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(IntoParams)]
    #[expect(dead_code, reason = "only the names count")]
    struct Filters {
        status: String,
    }

    fn read(query: &str) -> Result<Paging> {
        let mut params = PagingParams {
            limit: None,
            offset: None,
            skip: None,
            page: None,
            size: None,
            cursor: None,
        };
        for (name, value) in query.split('&').filter_map(|pair| pair.split_once('=')) {
            let number = value.parse().ok();
            match name {
                "limit" => params.limit = number,
                "offset" => params.offset = number,
                "skip" => params.skip = number,
                "page" => params.page = number,
                "size" => params.size = number,
                "cursor" => params.cursor = Some(value.to_owned()),
                _ => {}
            }
        }
        let window = params.window()?;
        Ok(Paging { window, cursor: params.cursor, query: query.to_owned() })
    }

    fn check(query: &str, offset: usize, limit: usize, form: Form) -> anyhow::Result<()> {
        assert_eq!(read(query)?.window, Window { offset, limit, form }, "{query}");
        Ok(())
    }

    #[test]
    fn every_form_is_read() -> anyhow::Result<()> {
        check("", 0, 100, Form::Bare("offset"))?;
        check("limit=50&offset=7", 7, 50, Form::Bare("offset"))?;
        check("limit=1000&skip=20", 20, 1000, Form::Bare("skip"))?;
        check("page=3", 100, 50, Form::Page)?;
        check("size=100", 0, 100, Form::Page)?;
        check("page=9223372036854775807&size=100", usize::MAX, 100, Form::Page)?;
        check("cursor=abc&limit=5", 0, 5, Form::Bare("offset"))
    }

    #[test]
    fn what_cannot_be_is_refused_by_name() {
        for (query, field) in [
            ("limit=0", "limit"),
            ("limit=1001", "limit"),
            ("offset=-1", "offset"),
            ("skip=-1", "skip"),
            ("page=0", "page"),
            ("size=101", "size"),
            ("page=1&limit=5", "limit"),
            ("skip=1&offset=1", "skip"),
            ("cursor=a&page=2", "cursor"),
        ] {
            let fields = read(query).err().map(|error| error.fields);
            let named = fields.and_then(|fields| Some(fields.first()?.field.clone()));
            assert_eq!(named.as_deref(), Some(field), "{query}");
        }
    }

    fn links(query: &str, total: usize, next: Option<&str>) -> anyhow::Result<String> {
        Ok(read(query)?.links::<Filters>(Total::exactly(total), next).join(" "))
    }

    #[test]
    fn links_keep_the_filters_and_nothing_else() -> anyhow::Result<()> {
        assert_eq!(
            links("page=2&size=10&api_key=pd_1&status=a%20b", 35, None)?,
            "<?status=a%20b&size=10&page=1>; rel=\"first\" \
             <?status=a%20b&size=10&page=4>; rel=\"last\" \
             <?status=a%20b&size=10&page=1>; rel=\"prev\" \
             <?status=a%20b&size=10&page=3>; rel=\"next\""
        );
        assert_eq!(
            links("limit=10&skip=30", 35, None)?,
            "<?limit=10&skip=0>; rel=\"first\" <?limit=10&skip=30>; rel=\"last\" \
             <?limit=10&skip=20>; rel=\"prev\""
        );
        assert_eq!(
            links("cursor=a&limit=2", 5, Some("7="))?,
            "<?limit=2&offset=0>; rel=\"first\" <?limit=2&cursor=7%3D>; rel=\"next\""
        );
        Ok(())
    }
}
