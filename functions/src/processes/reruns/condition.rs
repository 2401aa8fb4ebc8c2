//! In what way a call to run a step again fails, and which of that a step names. Pure.

use shared::outbound::{CallError, Class, StatusCode};

/// A failure that a step may name as worth another try.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Condition {
    /// No connection came about, or it broke.
    NetworkError,
    /// No answer came in time.
    Timeout,
    /// There were too many calls: 429.
    RateLimit,
    /// The other side failed: 5xx.
    ServerError,
    /// It refused: 4xx.
    ClientError,
    /// Nobody can tell what was answered.
    InvalidResponse,
    /// This status was answered.
    Status(u16),
}

/// In what way a call failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Failed {
    /// In what way; none when the call could not be made at all, which no try changes.
    pub condition: Option<Condition>,
    /// The status, if there was an answer.
    pub status: Option<u16>,
}

impl Condition {
    /// Their names, the first of each being the one that is shown.
    pub const NAMES: [(&str, Self); 16] = [
        ("network_error", Self::NetworkError),
        ("connection_error", Self::NetworkError),
        ("connection", Self::NetworkError),
        ("timeout", Self::Timeout),
        ("timeout_error", Self::Timeout),
        ("rate_limit", Self::RateLimit),
        ("rate_limited", Self::RateLimit),
        ("429", Self::RateLimit),
        ("server_error", Self::ServerError),
        ("5xx", Self::ServerError),
        ("http_5xx", Self::ServerError),
        ("client_error", Self::ClientError),
        ("4xx", Self::ClientError),
        ("http_4xx", Self::ClientError),
        ("invalid_response", Self::InvalidResponse),
        ("http_429", Self::RateLimit),
    ];
    /// Those that are worth another try when a step names none.
    pub const USUAL: [Self; 4] =
        [Self::NetworkError, Self::Timeout, Self::RateLimit, Self::ServerError];

    /// The one that a step names so.
    pub fn of(name: &str) -> Option<Self> {
        let name = name.trim().to_ascii_lowercase().replace(['-', ' '], "_");
        let named = Self::NAMES.iter().find(|(one, _)| *one == name);
        named.map(|(_, condition)| *condition).or_else(|| {
            let status = name.strip_prefix("http_").unwrap_or(&name).parse().ok()?;
            (400..=599).contains(&status).then_some(Self::Status(status))
        })
    }

    /// What it is called.
    pub fn name(self) -> &'static str {
        let first = Self::NAMES.iter().find(|(_, condition)| *condition == self);
        first.map_or("http_status", |(name, _)| name)
    }
}

impl Failed {
    /// A call that was not answered.
    pub fn unanswered(error: &CallError) -> Self {
        let condition = match error.class {
            Class::Target | Class::Request => None,
            Class::Dns | Class::Connection | Class::Broken => Some(Condition::NetworkError),
            Class::Timeout => Some(Condition::Timeout),
            // Of the place that tokens come from.
            Class::Answer => Some(Condition::ClientError),
            Class::TooLarge => Some(Condition::InvalidResponse),
        };
        Self { condition, status: None }
    }

    /// An answer that is no success.
    pub fn answered(status: StatusCode) -> Self {
        let condition = match status.as_u16() {
            429 => Condition::RateLimit,
            400..=499 => Condition::ClientError,
            500..=599 => Condition::ServerError,
            _ => Condition::InvalidResponse,
        };
        Self { condition: Some(condition), status: Some(status.as_u16()) }
    }

    /// An answer that says nothing that can be understood.
    pub fn senseless(status: StatusCode) -> Self {
        let condition = Some(Condition::InvalidResponse);
        Self { condition, status: Some(status.as_u16()) }
    }

    /// Whether it is one of those that are named.
    pub fn is_of(self, named: &[Condition]) -> bool {
        let status = self.status.map(Condition::Status);
        named.iter().any(|one| Some(*one) == self.condition || Some(*one) == status)
    }

    /// What it is called.
    pub fn name(self) -> &'static str {
        self.condition.map_or("refused", Condition::name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_condition_has_several_names() {
        for (name, condition) in [
            ("Network_Error", Some(Condition::NetworkError)),
            ("connection error", Some(Condition::NetworkError)),
            ("rate-limit", Some(Condition::RateLimit)),
            ("http_429", Some(Condition::RateLimit)),
            ("5XX", Some(Condition::ServerError)),
            ("http_503", Some(Condition::Status(503))),
            ("404", Some(Condition::Status(404))),
            ("http_200", None),
            ("600", None),
            ("", None),
        ] {
            assert_eq!(Condition::of(name), condition, "{name}");
        }
    }

    #[test]
    fn what_a_step_names_is_tried_again_and_nothing_else() {
        let of = |status: u16| StatusCode::from_u16(status).map(Failed::answered);
        let is_of =
            |status, named: &[Condition]| of(status).is_ok_and(|failed| failed.is_of(named));
        for (status, again) in [(429, true), (500, true), (503, true), (404, false), (302, false)] {
            assert_eq!(is_of(status, &Condition::USUAL), again, "{status}");
        }
        assert!(is_of(503, &[Condition::Status(503)]));
        assert!(!is_of(502, &[Condition::Status(503)]));
        assert!(is_of(418, &[Condition::ClientError]));
        assert!(is_of(302, &[Condition::InvalidResponse]));
        assert!(!is_of(500, &[]));
        let refused = CallError::refused(Class::Target, "private");
        assert!(!Failed::unanswered(&refused).is_of(&Condition::USUAL));
    }
}
