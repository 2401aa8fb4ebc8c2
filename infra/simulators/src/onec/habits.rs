//! What no document settles about a 1C, or settles twice: switches that a test turns. And
//! what goes wrong in one after the call was let in: mishaps.

use std::time::Duration;

use axum::http::StatusCode;
use jiff::civil::{Date, date};
use jiff::tz::{Offset, offset};

/// How it answers, until a test says otherwise.
#[derive(Clone, Debug)]
pub struct Habits {
    /// The day that it is there.
    pub today: Date,
    /// The zone that it stands in.
    pub place: Offset,
    /// Whether bodies begin with a byte order mark.
    pub byte_order_mark: bool,
    /// Whether numbers with a fraction are texts with a comma, such as `"2,75"`.
    pub decimal_commas: bool,
    /// Whether it writes `agents` as the vendor's table has it (`parentDepartmentId`, no
    /// `finishwork` of somebody employed), and not as the sample (`parent_departmentId`,
    /// `finishwork` null).
    pub as_the_table: bool,
    /// The status of an answer that something was not done: 200 or 500.
    pub not_done: StatusCode,
    /// Whether exceptions are HTML, and not plain text.
    pub html_exceptions: bool,
    /// The status of a call in a session that is lost: 404, 400 or 500.
    pub session_lost: StatusCode,
}

impl Default for Habits {
    fn default() -> Self {
        Self {
            today: date(2018, 1, 10),
            place: offset(3),
            byte_order_mark: false,
            decimal_commas: false,
            as_the_table: false,
            not_done: StatusCode::OK,
            html_exceptions: false,
            session_lost: StatusCode::NOT_FOUND,
        }
    }
}

/// What goes wrong in one call of a method.
#[derive(Clone, Debug)]
pub enum Mishap {
    /// No licence is free; nothing happens.
    NoLicence(StatusCode),
    /// The code of the method fails, with this text; nothing happens.
    Exception(String),
    /// As an exception, but as a page of HTML.
    HtmlPage,
    /// It is said to be not done, in these words where there is place for any, and is not
    /// done. Only methods that do something can say so; others do not notice.
    NotDone(String),
    /// Half of the people are missing from a list that else is in order.
    HalfOfPeople,
    /// It happens, and the answer breaks off in its middle.
    BreaksOff,
    /// It happens, and the answer comes after this time.
    Slow(Duration),
}

impl Mishap {
    /// Of how many people one is told.
    pub(super) fn one_of(mishap: Option<&Self>) -> usize {
        if matches!(mishap, Some(Self::HalfOfPeople)) { 2 } else { 1 }
    }
}
