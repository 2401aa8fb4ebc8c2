//! Use case: tell who works there, as 1C tells it now.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::Serialize;
use shared::error::{Error, Result};
use shared::tenant::Tenant;
use shared::web::to_the_millisecond;
use utoipa::ToSchema;

use super::OneC;
use super::people::{Agent, Personnel, Vacation};

/// The largest answer, in bytes: a function answers 6 MB at most.
const LARGEST: usize = 5 * 1024 * 1024;

/// Employees of 1C.
#[derive(Debug, Serialize, ToSchema)]
pub struct OnecAgentList {
    agents: Vec<OnecAgent>,
    /// How many there are.
    total_count: usize,
    date_range: DateRange,
    /// The departments that were asked for.
    departments: Option<Vec<String>>,
    #[schema(format = "uuid")]
    connection_id: String,
    timestamp: String,
}

/// First and last day of a period.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct DateRange {
    #[schema(value_type = String, format = "date")]
    start: Date,
    #[schema(value_type = String, format = "date")]
    end: Date,
}

/// An employee of 1C.
#[derive(Debug, Serialize, ToSchema)]
pub struct OnecAgent {
    agent_id: String,
    /// The personnel number.
    tab_number: String,
    first_name: String,
    last_name: String,
    middle_name: Option<String>,
    /// The department's name.
    department: Option<String>,
    department_id: String,
    position: Option<String>,
    #[schema(value_type = Option<String>, format = "date")]
    hire_date: Option<Date>,
    /// The last day of work.
    #[schema(value_type = Option<String>, format = "date")]
    dismissal_date: Option<Date>,
    /// `active`, or `inactive` after the last day of work.
    status: &'static str,
    /// Always null: 1C knows none.
    skills: Option<Vec<String>>,
    /// Hours a week; the rate is in them.
    norm_week: f64,
    /// Since when they are so many.
    #[schema(value_type = Option<String>, format = "date")]
    norm_week_since: Option<Date>,
    rate: Option<f64>,
    login: Option<String>,
    area: Option<String>,
    /// Balances of vacation in the period.
    vacation: Vec<Vacation>,
}

impl DateRange {
    /// From the first day to the last.
    pub(super) fn of((start, end): (Date, Date)) -> Self {
        Self { start, end }
    }
}

impl OneC {
    /// Employees, of these departments (ids or names) if any are named.
    ///
    /// # Errors
    /// `NotFound` without an active connection; what [`super::client::Client::agents`] fails
    /// with; `Invalid` when the answer would be too large.
    pub(super) async fn agents(
        &self,
        tenant: &Tenant,
        named: Option<&str>,
        period: (Date, Date),
        departments: Vec<String>,
    ) -> Result<OnecAgentList> {
        let (connection, client) = self.client(tenant, named).await?;
        let personnel = client.agents(period.0, period.1).await?;
        let today = self.today(&client.settings.zone);
        let wanted = |one: &OnecAgent| {
            let is_of =
                |name: &String| *name == one.department_id || Some(name) == one.department.as_ref();
            departments.is_empty() || departments.iter().any(is_of)
        };
        let agents = personnel.agents.iter().map(|one| OnecAgent::of(&personnel, one, today));
        let agents: Vec<OnecAgent> = agents.filter(wanted).collect();
        let list = OnecAgentList {
            total_count: agents.len(),
            agents,
            date_range: DateRange::of(period),
            departments: (!departments.is_empty()).then_some(departments),
            connection_id: connection.id,
            timestamp: to_the_millisecond(self.clock.now_ms()),
        };
        let bytes = serde_json::to_vec(&list).map_err(Error::internal)?.len();
        if bytes > LARGEST {
            let message = "must be named: the answer would have more than 5 MiB";
            return Err(Error::invalid("departments", message));
        }
        Ok(list)
    }

    /// The day that it is in this zone.
    pub(super) fn today(&self, zone: &TimeZone) -> Date {
        self.clock.now().to_zoned(zone.clone()).date()
    }
}

impl OnecAgent {
    fn of(personnel: &Personnel, one: &Agent, today: Date) -> Self {
        let department = personnel.department(&one.department).map(|found| found.name.clone());
        let is_gone = one.dismissed.is_some_and(|last| last < today);
        Self {
            agent_id: one.id.clone(),
            tab_number: one.number.clone(),
            first_name: one.first_name.clone(),
            last_name: one.last_name.clone(),
            middle_name: one.second_name.clone(),
            department,
            department_id: one.department.clone(),
            position: Some(one.position.clone()),
            hire_date: Some(one.hired),
            dismissal_date: one.dismissed,
            status: if is_gone { "inactive" } else { "active" },
            skills: None,
            norm_week: one.norm_week,
            norm_week_since: one.norm_week_since,
            rate: one.rate,
            login: one.login.clone(),
            area: one.area.clone(),
            vacation: one.vacation.clone(),
        }
    }
}
