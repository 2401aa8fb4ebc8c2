//! What is known of a ticket by name: what was asked for, and what was told since.

use serde_json::{Map, Value as Json, json};

use super::model::Ticket;

impl Ticket {
    /// All of it; what nobody told is not there. What was asked for stands before what was
    /// told since under the same name.
    pub fn fields(&self) -> Map<String, Json> {
        let given = self.given.iter().map(|(name, value)| (name.clone(), value.as_str().into()));
        let request = &self.request;
        let asked = json!({
            "ticket_id": self.ticket_id,
            "employee_id": request.employee_id,
            "request_type": request.request_type,
            "title": request.title,
            "description": request.description,
            "priority": request.priority_said,
            "urgency": request.urgency,
            "business_justification": request.business_justification,
            "desired_completion_date": request.desired_completion.map(shared::web::to_the_second),
        });
        let asked = asked.as_object().into_iter().flatten();
        let asked = asked.map(|(name, value)| (name.clone(), value.clone()));
        let is_told = |value: &Json| value.as_str().is_some_and(|text| !text.trim().is_empty());
        given.chain(asked).filter(|(_, value)| is_told(value)).collect()
    }
}
