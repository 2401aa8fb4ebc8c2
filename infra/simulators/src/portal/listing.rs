//! `/cases` and `/cases/{number}`.

use axum::http::StatusCode;
use axum::response::Response;

use super::call::{Call, decoded};
use super::habits::{AfterLast, Beyond, Empty, Habits, Paging};
use super::layout::{details, table};
use super::page::Page;
use super::state::Known;

/// A page of a user's cases.
pub(super) fn cases(known: &mut Known, user: &str, call: &Call, habits: &Habits) -> Response {
    let Some(account) = known.accounts.get(user) else {
        return not_found(habits);
    };
    let size = habits.page_size.max(1);
    let pages = account.cases.len().div_ceil(size).max(1);
    let page = match (call.page(), habits.beyond) {
        (page, Beyond::NotFound) if page > pages => return not_found(habits),
        (page, Beyond::Last) => page.min(pages),
        (page, _) => page,
    };
    let cases = account.cases.chunks(size).nth(page - 1).unwrap_or_default();
    let list = if cases.is_empty() {
        nothing(habits)
    } else {
        format!("{}\n{}", habits.layout.list(cases, habits.language), links(page, pages, habits))
    };
    let title = habits.language.pick("My cases", "قضاياي");
    let response = Page::new(title, format!("<h1>{title}</h1>\n{list}")).of(user).respond(habits);
    if page >= pages {
        known.ledger.visit_ends(user);
    }
    response
}

/// A case's own page, for its owner.
pub(super) fn case(known: &Known, user: &str, segment: &str, habits: &Habits) -> Response {
    let number = decoded(segment);
    let cases = known.accounts.get(user).map(|account| account.cases.as_slice());
    let found = cases.unwrap_or_default().iter().find(|case| case.number == number);
    let Some(case) = found.filter(|case| !case.number.is_empty()) else {
        return not_found(habits);
    };
    let title = habits.language.pick("Case", "القضية");
    Page::new(title, details(case, habits.language)).of(user).respond(habits)
}

/// The page of an address that is not there.
pub(super) fn not_found(habits: &Habits) -> Response {
    let says = habits.language.pick("Page not found", "الصفحة غير موجودة");
    Page::error(StatusCode::NOT_FOUND, says).respond(habits)
}

fn nothing(habits: &Habits) -> String {
    match habits.empty {
        Empty::Marker => {
            format!("<div class=\"empty-state\">{}</div>", habits.language.no_cases())
        }
        Empty::Header => table("", habits.language),
        Empty::Nothing => String::new(),
    }
}

/// What leads to the next page, and to the one before.
fn links(page: usize, pages: usize, habits: &Habits) -> String {
    let next = match habits.after_last {
        _ if page < pages => Some(page + 1),
        AfterLast::Nothing => None,
        AfterLast::First => Some(1),
        AfterLast::Itself => Some(page),
    };
    let (before, after) =
        (habits.language.pick("Previous", "السابق"), habits.language.pick("Next", "التالي"));
    let previous = (page > 1).then(|| page - 1);
    match habits.paging {
        Paging::Unlinked => String::new(),
        Paging::RelNext => {
            let link = |rel: &str, to: Option<usize>, text: &str| {
                let link = |to| format!("<a rel=\"{rel}\" href=\"?page={to}\">{text}</a>");
                to.map(link).unwrap_or_default()
            };
            format!("<nav>{}{}</nav>", link("prev", previous, before), link("next", next, after))
        }
        Paging::Pagination => {
            let item = |class: &str, to: Option<usize>, text: &str| match to {
                Some(to) => format!(
                    "<li class=\"{class}\"><a href=\"/cases?sort=number&amp;page={to}\">{text}</a></li>"
                ),
                None => format!(
                    "<li class=\"{class} disabled\"><a class=\"disabled\" href=\"#\">{text}</a></li>"
                ),
            };
            let items = [item("prev", previous, before), item("next", next, after)].concat();
            format!("<ul class=\"pagination\">{items}</ul>")
        }
    }
}
