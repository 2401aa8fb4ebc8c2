//! What a run's status is, as its steps are, and what that makes of its moments. Pure.
//! Source of the order: the process dashboard's last release; where that one could never
//! leave `cancelled`, the status follows from the steps each time.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The status of a run.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum RunStatus {
    /// Nothing has begun.
    Pending,
    /// Something has begun, and nothing went wrong.
    Running,
    /// Every step ended well.
    Completed,
    /// A step failed, and was not run again since.
    Failed,
    /// A step was cancelled.
    Cancelled,
}

/// The status of a step run.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum StepStatus {
    /// It has not begun.
    Pending,
    /// It is under way.
    Running,
    /// It ended well.
    Success,
    /// It failed.
    Failed,
    /// It will not be done.
    Cancelled,
    /// It need not be done.
    Optional,
}

impl RunStatus {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::Pending, Self::Running, Self::Completed, Self::Failed, Self::Cancelled];

    /// What follows from the statuses of the steps that count: those that were not run
    /// again since.
    pub fn of(steps: impl Iterator<Item = StepStatus> + Clone) -> Self {
        let has = |status| steps.clone().any(|step| step == status);
        if has(StepStatus::Failed) {
            Self::Failed
        } else if has(StepStatus::Cancelled) {
            Self::Cancelled
        } else if has(StepStatus::Running) {
            Self::Running
        } else if has(StepStatus::Success) {
            if has(StepStatus::Pending) { Self::Running } else { Self::Completed }
        } else {
            Self::Pending
        }
    }

    /// Whether it has ended.
    pub fn is_terminal(self) -> bool {
        matches!(self, Self::Completed | Self::Failed | Self::Cancelled)
    }

    /// As the API writes it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Running => "running",
            Self::Completed => "completed",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }
}

impl StepStatus {
    /// Whether it has ended.
    pub fn is_terminal(self) -> bool {
        !matches!(self, Self::Pending | Self::Running)
    }

    /// As the API writes it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Running => "running",
            Self::Success => "success",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::Optional => "optional",
        }
    }
}

/// A run's moments: when it began and when it ended, in milliseconds since 1970.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Moments {
    /// When it began.
    pub started_at: Option<i64>,
    /// When it ended.
    pub finished_at: Option<i64>,
}

impl Moments {
    /// What they become when the status changes at `now`: a run begins with the first of its
    /// steps and ends with the last, as far as those have moments. Otherwise whoever leaves
    /// `pending` begins now, and who comes to another end ends now. Who goes back to
    /// `pending` has not begun.
    #[must_use]
    pub fn moved(self, from: RunStatus, to: RunStatus, of_steps: Self, now: i64) -> Self {
        let started_at = match to {
            RunStatus::Pending => None,
            _ => of_steps.started_at.or(self.started_at).or(Some(now)),
        };
        let kept = self.finished_at.filter(|_| from == to);
        let finished_at = match to.is_terminal() {
            false => None,
            true => of_steps.finished_at.or(kept).or(Some(now)),
        };
        Self { started_at, finished_at }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use StepStatus::{Cancelled, Failed, Optional, Pending, Running, Success};

    fn check(steps: &[StepStatus], status: RunStatus) {
        assert_eq!(RunStatus::of(steps.iter().copied()), status, "{steps:?}");
    }

    #[test]
    fn a_status_follows_from_the_steps() {
        check(&[], RunStatus::Pending);
        check(&[Pending, Pending], RunStatus::Pending);
        check(&[Optional, Optional], RunStatus::Pending);
        check(&[Optional, Pending], RunStatus::Pending);
        check(&[Running, Pending], RunStatus::Running);
        check(&[Success, Pending], RunStatus::Running);
        check(&[Success, Running], RunStatus::Running);
        check(&[Success, Success], RunStatus::Completed);
        check(&[Success, Optional], RunStatus::Completed);
        check(&[Success, Cancelled], RunStatus::Cancelled);
        check(&[Running, Cancelled], RunStatus::Cancelled);
        check(&[Success, Failed, Cancelled], RunStatus::Failed);
        check(&[Failed, Running], RunStatus::Failed);
    }

    #[test]
    fn moments_follow_from_the_change_of_status() {
        use RunStatus::{Completed, Failed, Pending, Running};
        let none = Moments::default();
        let began = Moments { started_at: Some(5), finished_at: None };
        let ended = Moments { started_at: Some(5), finished_at: Some(9) };
        let of = |started_at, finished_at| Moments { started_at, finished_at };
        let nothing = of(None, None);
        assert_eq!(none.moved(Pending, Running, of(Some(5), None), 7), began);
        assert_eq!(none.moved(Pending, Running, nothing, 5), began);
        assert_eq!(none.moved(Pending, Completed, of(Some(5), Some(9)), 99), ended);
        assert_eq!(none.moved(Pending, Completed, of(Some(5), None), 9), ended);
        assert_eq!(began.moved(Running, Running, nothing, 9), began);
        // What is said of a step later corrects the run.
        assert_eq!(ended.moved(Failed, Failed, of(Some(3), Some(8)), 20), of(Some(3), Some(8)));
        assert_eq!(ended.moved(Failed, Failed, nothing, 20), ended);
        assert_eq!(ended.moved(Failed, Running, of(Some(5), Some(7)), 20), began);
        assert_eq!(ended.moved(Failed, Completed, nothing, 20), of(Some(5), Some(20)));
        assert_eq!(ended.moved(Failed, Pending, of(None, None), 20), none);
    }
}
