//! Departments and employees as 1C tells of them: what `agents` answers.
//! Source: Argus's requirements to the integration with 1C:ZUP, method `agents`. Personal data
//! are those of now; the period of a call bounds the balances of vacation alone.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::Serialize;
use serde_json::Value as Json;
use shared::error::{Error, Result};
use utoipa::ToSchema;

use super::read::{Members, Writer, objects};

const METHOD: Writer = Writer::OneC("agents");

/// Everybody whom 1C tells of, leavers of the last month among them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Personnel {
    /// In the order of the answer.
    pub departments: Vec<Department>,
    /// In the order of the answer.
    pub agents: Vec<Agent>,
}

/// A department.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Department {
    /// A UUID.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The one above it; itself when there is none.
    pub parent: String,
}

/// An employee.
#[derive(Clone, Debug, PartialEq)]
pub struct Agent {
    /// A UUID.
    pub id: String,
    /// The personnel number, such as `223-16`.
    pub number: String,
    /// The family name.
    pub last_name: String,
    /// The given name.
    pub first_name: String,
    /// The patronymic; not everybody has one.
    pub second_name: Option<String>,
    /// The day of hire.
    pub hired: Date,
    /// The last day of work; none while employed.
    pub dismissed: Option<Date>,
    /// A UUID.
    pub position_id: String,
    /// What the position is called.
    pub position: String,
    /// Since when it is held.
    pub position_since: Option<Date>,
    /// The department's id.
    pub department: String,
    /// How many full-time positions this is. The norm of the week has it in it already.
    pub rate: Option<f64>,
    /// The login in another system.
    pub login: Option<String>,
    /// Hours a week.
    pub norm_week: f64,
    /// Since when they are so many.
    pub norm_week_since: Option<Date>,
    /// A field for whatever is needed.
    pub sn: Option<String>,
    /// The id in another system.
    pub db_id: Option<String>,
    /// The site.
    pub area: Option<String>,
    /// Balances of vacation.
    pub vacation: Vec<Vacation>,
}

/// An employee who cannot be read.
#[derive(Debug)]
pub struct Unread {
    /// Their place in the answer, counted from 0.
    pub index: usize,
    /// Their id, if that can be read.
    pub agent_id: Option<String>,
    /// What cannot be read of them.
    pub error: Error,
}

/// The balance of vacation on a day.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Vacation {
    /// The day.
    #[schema(value_type = String, format = "date")]
    pub date: Date,
    /// The balance, in days.
    pub days: f64,
}

impl Personnel {
    /// Reads the answer of `agents`: an array with one object.
    ///
    /// # Errors
    /// `RefusedElsewhere`, naming what cannot be read.
    pub fn read(answer: &Json, zone: &TimeZone) -> Result<Self> {
        let (all, unread) = Self::read_each(answer, zone)?;
        unread.into_iter().next().map_or(Ok(all), |first| Err(first.error))
    }

    /// As [`Personnel::read`]; employees that cannot be read are told beside the others.
    ///
    /// # Errors
    /// `RefusedElsewhere`, naming what else cannot be read.
    pub fn read_each(answer: &Json, zone: &TimeZone) -> Result<(Self, Vec<Unread>)> {
        let parts = match answer {
            Json::Object(_) => vec![Members::of(answer, "", METHOD)?],
            list => objects(list, "", METHOD)?,
        };
        if parts.is_empty() {
            // The one object is there even when nobody is.
            return Err(METHOD.error("", "is an empty array"));
        }
        let (mut all, mut unread, mut index) = (Self::default(), Vec::new(), 0);
        for part in parts {
            for one in part.list("AR_departments")? {
                all.departments.push(Department::read(&one)?);
            }
            for one in part.list("AR_agents")? {
                match Agent::read(&one, zone) {
                    Ok(agent) => all.agents.push(agent),
                    Err(error) => {
                        let agent_id = one.text("agentId").ok();
                        unread.push(Unread { index, agent_id, error });
                    }
                }
                index += 1;
            }
        }
        Ok((all, unread))
    }

    /// The department of this id.
    pub fn department(&self, id: &str) -> Option<&Department> {
        self.departments.iter().find(|department| department.id == id)
    }
}

impl Department {
    fn read(one: &Members<'_>) -> Result<Self> {
        // The vendor's table spells it one way, the sample the other.
        let parent = match one.maybe_text("parentDepartmentId")? {
            Some(parent) => parent,
            None => one.text("parent_departmentId")?,
        };
        Ok(Self { id: one.text("departmentId")?, name: one.text("department")?, parent })
    }
}

impl Agent {
    fn read(one: &Members<'_>, zone: &TimeZone) -> Result<Self> {
        let vacation = one.maybe_list("AR_vacation")?;
        let vacation = vacation.iter().map(|one| {
            Ok(Vacation { date: one.day("date", zone)?, days: one.number("vacation")? })
        });
        Ok(Self {
            id: one.text("agentId")?,
            number: one.text("tabN")?,
            last_name: one.text("lastname")?,
            first_name: one.text("firstname")?,
            second_name: one.maybe_text("secondname")?,
            hired: one.day("startwork", zone)?,
            dismissed: one.maybe_day("finishwork", zone)?,
            position_id: one.text("positionId")?,
            position: one.text("position")?,
            position_since: one.maybe_day("positionChangeDate", zone)?,
            department: one.text("departmentId")?,
            rate: one.maybe_number("rate")?,
            login: one.maybe_text("Login")?,
            norm_week: one.number("normWeek")?,
            norm_week_since: one.maybe_day("normWeekChangeDate", zone)?,
            sn: one.maybe_text("SN")?,
            db_id: one.maybe_text("Db_ID")?,
            area: one.maybe_text("area")?,
            vacation: vacation.collect::<Result<_>>()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use serde_json::json;
    use shared::error::Kind;

    use super::*;

    fn agent() -> Json {
        json!({"agentId": "a-1", "tabN": "223-16", "lastname": "Счастный", "firstname": "Никита",
            "secondname": "Алексеевич", "startwork": "2016-09-01", "finishwork": null,
            "positionId": "p-1", "position": "Старший специалист", "departmentId": "d-1",
            "rate": "0,5", "normWeek": 40, "normWeekChangeDate": "2016-08-31T21:00:00Z",
            "AR_vacation": [{"date": "2019-10-16", "vacation": "4,67"}]})
    }

    fn answer(parent: &str, agent: Json) -> Json {
        json!([{"AR_departments": [{"departmentId": "d-1", "department": "Сервис", parent: "d-0"}],
            "AR_agents": [agent]}])
    }

    #[test]
    fn both_spellings_of_the_vendor_are_read() -> anyhow::Result<()> {
        for parent in ["parentDepartmentId", "parent_departmentId"] {
            let read = Personnel::read(&answer(parent, agent()), &TimeZone::UTC)?;
            let department = read.department("d-1").map(|one| one.parent.as_str());
            assert_eq!(department, Some("d-0"), "{parent}");
        }
        Ok(())
    }

    #[test]
    fn an_employee_is_read_as_1c_writes_one() -> anyhow::Result<()> {
        let moscow = crate::zone::zone("Europe/Moscow").unwrap_or(TimeZone::UTC);
        let read = Personnel::read(&answer("parentDepartmentId", agent()), &moscow)?;
        let one = &read.agents[0];
        assert_eq!((one.number.as_str(), one.rate, one.norm_week), ("223-16", Some(0.5), 40.0));
        assert_eq!((one.hired, one.dismissed), (date(2016, 9, 1), None));
        assert_eq!(one.norm_week_since, Some(date(2016, 9, 1)));
        assert_eq!(one.vacation, [Vacation { date: date(2019, 10, 16), days: 4.67 }]);
        let mut gone = agent();
        gone["finishwork"] = json!("2018-05-10");
        gone["secondname"] = json!("");
        let read = Personnel::read(&answer("parentDepartmentId", gone), &moscow)?;
        let one = &read.agents[0];
        assert_eq!((one.dismissed, &one.second_name), (Some(date(2018, 5, 10)), &None));
        let mut never = agent();
        never["finishwork"] = json!("0001-01-01T00:00:00");
        let read = Personnel::read(&answer("parentDepartmentId", never), &moscow)?;
        assert_eq!(read.agents[0].dismissed, None);
        Ok(())
    }

    #[test]
    fn what_is_no_personnel_is_a_failure_and_not_nobody() {
        let mut nameless = agent();
        nameless["lastname"] = json!(null);
        for (wrong, told) in [
            (json!([]), "the whole is an empty array"),
            (json!({}), "AR_departments is required"),
            (json!([{"AR_departments": []}]), "[0].AR_agents is required"),
            (json!("нет"), "the whole must be an array"),
            (answer("parentDepartmentId", nameless), "[0].AR_agents[0].lastname is required"),
            (answer("parent", agent()), "[0].AR_departments[0].parent_departmentId is required"),
        ] {
            let error = Personnel::read(&wrong, &TimeZone::UTC).err();
            let error = error.map(|error| (error.kind, error.detail));
            let expected = format!("1C's answer to agents cannot be read: {told}");
            assert_eq!(error, Some((Kind::RefusedElsewhere, expected)), "{wrong}");
        }
    }
}
