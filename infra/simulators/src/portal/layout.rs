//! The markup of cases: that of the default profile, and others.

use super::call::encoded;
use super::case::Case;
use super::page::escaped;
use super::words::Language;

/// How cases are marked up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    /// `table.cases-table` with a header and `tr.case-row`: see [`TABLE`].
    Table,
    /// `.case-item` with parts: see [`ITEMS`].
    Items,
    /// `.case-card` with nothing but attributes: see [`CARDS`].
    Cards,
    /// As the table, but without a header and without any class on rows and cells.
    Headerless,
    /// Names that nobody knows, and no table: see [`CHANGED`].
    Changed,
}

/// Where a part of a row is. Without an attribute it is the text; an empty selector is the
/// row itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// The selector within the row.
    pub selector: &'static str,
    /// The attribute.
    pub attribute: Option<&'static str>,
}

/// What finds cases in a layout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Selectors {
    /// A row.
    pub row: &'static str,
    /// Number, type, status, court, circuit, next hearing and day of opening, in this order.
    pub parts: [Part; 7],
}

/// What finds cases in [`Layout::Table`].
pub const TABLE: Selectors = Selectors {
    row: "table.cases-table tr.case-row",
    parts: [
        text(".case-number"),
        text(".case-type"),
        text(".case-status"),
        text(".case-court"),
        text(".case-circuit"),
        text(".case-hearing"),
        text(".case-opened"),
    ],
};

/// What finds cases in [`Layout::Items`].
pub const ITEMS: Selectors = Selectors {
    row: ".case-item",
    parts: [
        text(".number"),
        text(".type"),
        text(".state"),
        text(".court"),
        text(".circuit"),
        text(".hearing"),
        text(".opened"),
    ],
};

/// What finds cases in [`Layout::Cards`].
pub const CARDS: Selectors = Selectors {
    row: ".case-card",
    parts: [
        attribute("data-case-number"),
        attribute("data-case-type"),
        attribute("data-status"),
        attribute("data-court"),
        attribute("data-circuit"),
        attribute("data-hearing"),
        attribute("data-opened"),
    ],
};

/// What would find cases in [`Layout::Changed`].
pub const CHANGED: Selectors = Selectors {
    row: ".grid-r",
    parts: [
        text(".grid-c0"),
        text(".grid-c1"),
        text(".grid-c2"),
        text(".grid-c3"),
        text(".grid-c4"),
        text(".grid-c5"),
        text(".grid-c6"),
    ],
};

/// The headers of the columns.
const HEADERS: [(&str, &str); 7] = [
    ("Case number", "رقم القضية"),
    ("Type", "نوع الدعوى"),
    ("Status", "حالة القضية"),
    ("Court", "المحكمة"),
    ("Circuit", "الدائرة"),
    ("Next hearing", "موعد الجلسة"),
    ("Opened on", "تاريخ القيد"),
];

const fn text(selector: &'static str) -> Part {
    Part { selector, attribute: None }
}

const fn attribute(name: &'static str) -> Part {
    Part { selector: "", attribute: Some(name) }
}

/// The classes of a cell: the selector's, and a second one for the status of the table.
fn class(part: Part) -> String {
    let class = part.selector.trim_start_matches('.');
    if class == "case-status" { format!("{class} status") } else { class.to_owned() }
}

impl Layout {
    /// The list of these cases.
    pub(super) fn list(self, cases: &[Case], language: Language) -> String {
        let rows: String = cases.iter().map(|case| self.row(case)).collect();
        match self {
            Self::Table => table(&rows, language),
            Self::Items => format!("<ul class=\"cases\">\n{rows}</ul>"),
            Self::Cards => format!("<section class=\"cases\">\n{rows}</section>"),
            Self::Headerless => {
                format!("<table class=\"cases-table\"><tbody>\n{rows}</tbody></table>")
            }
            Self::Changed => format!("<div class=\"grid\">\n{rows}</div>"),
        }
    }

    fn row(self, case: &Case) -> String {
        let (tag, cell, parts) = match self {
            Self::Table => ("tr class=\"case-row\"", "td", TABLE.parts),
            Self::Items => ("li class=\"case-item\"", "span", ITEMS.parts),
            Self::Cards => return card(case),
            Self::Headerless => ("tr", "td", [text(""); 7]),
            Self::Changed => ("div class=\"grid-r\"", "div", CHANGED.parts),
        };
        let cells = parts.into_iter().zip(columns(case)).enumerate();
        let cells: String = cells
            .map(|(at, (part, value))| {
                let value = if at == 0 { link(value) } else { escaped(value) };
                match class(part).as_str() {
                    "" => format!("<{cell}>{value}</{cell}>"),
                    class => format!("<{cell} class=\"{class}\">{value}</{cell}>"),
                }
            })
            .collect();
        let end = tag.split(' ').next().unwrap_or_default();
        format!("<{tag}>{cells}</{end}>\n")
    }
}

/// A table with its header and these rows.
pub(super) fn table(rows: &str, language: Language) -> String {
    let headers: String = HEADERS
        .iter()
        .map(|(english, arabic)| {
            format!("<th scope=\"col\">{}</th>", language.pick(english, arabic))
        })
        .collect();
    format!(
        "<table class=\"cases-table\"><thead><tr>{headers}</tr></thead><tbody>\n{rows}</tbody></table>"
    )
}

fn card(case: &Case) -> String {
    let attributes = CARDS.parts.iter().zip(columns(case)).filter(|(_, value)| !value.is_empty());
    let attributes: String = attributes
        .filter_map(|(part, value)| Some(format!(" {}=\"{}\"", part.attribute?, escaped(value))))
        .collect();
    let link = match case.number.as_str() {
        "" => String::new(),
        number => format!("<a href=\"{}\">&rsaquo;</a>", address(number)),
    };
    format!("<article class=\"case-card\"{attributes}>{link}</article>\n")
}

/// A number that leads to the case's own page.
fn link(number: &str) -> String {
    if number.is_empty() {
        return String::new();
    }
    format!("<a href=\"{}\">{}</a>", address(number), escaped(number))
}

fn address(number: &str) -> String {
    format!("/cases/{}", encoded(number))
}

fn columns(case: &Case) -> [&str; 7] {
    [
        &case.number,
        &case.kind,
        &case.status,
        &case.court,
        &case.circuit,
        &case.hearing,
        &case.opened,
    ]
}

/// A case's own page: `dl.case-details`, with its subject.
pub(super) fn details(case: &Case, language: Language) -> String {
    let subject = (language.pick("Subject", "الموضوع"), "subject", case.subject.as_str());
    let parts = HEADERS.iter().zip(TABLE.parts).zip(columns(case));
    let all = parts.map(|(((english, arabic), part), value)| {
        (language.pick(english, arabic), part.selector.trim_start_matches('.'), value)
    });
    let list: String = all
        .chain([subject])
        .map(|(header, class, value)| {
            format!("<dt>{header}</dt><dd class=\"{class}\">{}</dd>\n", escaped(value))
        })
        .collect();
    format!("<dl class=\"case-details\">\n{list}</dl>")
}
