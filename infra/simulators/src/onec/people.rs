//! Who works there: departments and employees, as tests make them.

use jiff::civil::{Date, date};
use serde::{Serialize, Serializer};

use super::calendar::RUSSIA;

/// A department.
#[derive(Clone, Debug)]
pub struct Department {
    /// A UUID.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The department above it; itself when there is none.
    pub parent: String,
}

impl Department {
    /// One with nothing above it.
    pub fn root(id: &str, name: &str) -> Self {
        Self { id: id.to_owned(), name: name.to_owned(), parent: id.to_owned() }
    }

    /// One below another.
    pub fn below(parent: &str, id: &str, name: &str) -> Self {
        Self { parent: parent.to_owned(), ..Self::root(id, name) }
    }
}

/// An employee, with the members that the method `agents` has of one.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Agent {
    /// A UUID.
    #[serde(rename = "agentId")]
    pub id: String,
    /// The personnel number, such as `223-16`.
    #[serde(rename = "tabN")]
    pub number: String,
    /// The family name.
    #[serde(rename = "lastname")]
    pub last_name: String,
    /// The given name.
    #[serde(rename = "firstname")]
    pub first_name: String,
    /// The patronymic.
    #[serde(rename = "secondname")]
    pub second_name: String,
    /// The day of hire.
    #[serde(rename = "startwork")]
    pub hired: Date,
    /// The last day of work.
    #[serde(skip)]
    pub dismissed: Option<Date>,
    /// A UUID.
    pub position_id: String,
    /// What the position is called.
    pub position: String,
    /// Since when it is held.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub position_change_date: Option<Date>,
    /// The department's id.
    #[serde(rename = "departmentId")]
    pub department: String,
    /// How many full-time positions this is, mostly 1.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "number_if_any")]
    pub rate: Option<f64>,
    /// The login in another system.
    #[serde(rename = "Login", skip_serializing_if = "Option::is_none")]
    pub login: Option<String>,
    /// Hours a week.
    #[serde(serialize_with = "number")]
    pub norm_week: f64,
    /// Since when they are so many.
    pub norm_week_change_date: Date,
    /// A field for whatever is needed.
    #[serde(rename = "SN", skip_serializing_if = "Option::is_none")]
    pub sn: Option<String>,
    /// The id in another system.
    #[serde(rename = "Db_ID", skip_serializing_if = "Option::is_none")]
    pub db_id: Option<String>,
    /// The site.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub area: Option<String>,
    /// The balance of vacation at each day on which some is earned.
    #[serde(skip)]
    pub vacation: Vec<Vacation>,
    /// The region whose production calendar the main schedule is made from.
    #[serde(skip)]
    pub region: String,
}

/// The balance of vacation on a day.
#[derive(Clone, Debug, Serialize)]
pub struct Vacation {
    /// The day.
    pub date: Date,
    /// The balance in days.
    #[serde(rename = "vacation", serialize_with = "number")]
    pub days: f64,
}

impl Agent {
    /// One of a department who has been there since 1 September 2016, for 40 hours a week,
    /// with no member that is optional.
    pub fn new(id: &str, department: &str) -> Self {
        let hired = date(2016, 9, 1);
        Self {
            id: id.to_owned(),
            number: format!("{}-16", id.len()),
            last_name: "Счастный".to_owned(),
            first_name: "Никита".to_owned(),
            second_name: "Алексеевич".to_owned(),
            hired,
            dismissed: None,
            position_id: "79bc9e60-a283-11e7-80f5-00155df19317".to_owned(),
            position: "Старший специалист".to_owned(),
            position_change_date: None,
            department: department.to_owned(),
            rate: None,
            login: None,
            norm_week: 40.0,
            norm_week_change_date: hired,
            sn: None,
            db_id: None,
            area: None,
            vacation: Vec::new(),
            region: RUSSIA.to_owned(),
        }
    }

    /// Hired on this day, with the norm of the week since then.
    pub fn hired(self, on: Date) -> Self {
        Self { hired: on, norm_week_change_date: on, ..self }
    }

    /// Dismissed, with this day as the last one.
    pub fn dismissed(self, on: Date) -> Self {
        Self { dismissed: Some(on), ..self }
    }

    /// Called so: family name, given name and patronymic.
    pub fn named(self, last: &str, first: &str, second: &str) -> Self {
        let (last_name, first_name, second_name) = (last.into(), first.into(), second.into());
        Self { last_name, first_name, second_name, ..self }
    }

    /// With this personnel number.
    pub fn numbered(self, number: &str) -> Self {
        Self { number: number.to_owned(), ..self }
    }

    /// With a balance of vacation on a day.
    pub fn vacation(mut self, date: Date, days: f64) -> Self {
        self.vacation.push(Vacation { date, days });
        self
    }

    /// Whether somebody works there on a day.
    pub(super) fn works(&self, on: Date) -> bool {
        self.hired <= on && self.dismissed.is_none_or(|last| on <= last)
    }
}

/// Writes whole numbers without a fraction, as 1C does.
fn number<S: Serializer>(value: &f64, to: S) -> Result<S::Ok, S::Error> {
    if value.fract() == 0.0 { to.serialize_i64(*value as i64) } else { to.serialize_f64(*value) }
}

fn number_if_any<S: Serializer>(value: &Option<f64>, to: S) -> Result<S::Ok, S::Error> {
    number(&value.unwrap_or_default(), to)
}
