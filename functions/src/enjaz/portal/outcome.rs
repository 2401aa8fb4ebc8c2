//! What comes of a visit to a portal: one of ten outcomes that a caller can tell apart, so
//! that a login that failed never reads as an account without cases.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// What came of a visit. Stored and told by these names, in snake case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Somebody is signed in.
    Connected,
    /// The portal does not take the name and the password. Not to be tried again as they are.
    CredentialsRejected,
    /// It wants proof of a person.
    CaptchaRequired,
    /// It wants a code or an approval after the password.
    MfaRequired,
    /// One signs in elsewhere.
    SsoRequired,
    /// The account is locked. Not to be tried again.
    Locked,
    /// Its pages are not as the profile says.
    LayoutChanged,
    /// It does not answer, or not with a page. Worth trying later.
    PortalUnavailable,
    /// Some pages of cases were read, and not all.
    Partial,
    /// All pages of cases were read.
    Ok,
}

impl Outcome {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::Connected,
        Self::CredentialsRejected,
        Self::CaptchaRequired,
        Self::MfaRequired,
        Self::SsoRequired,
        Self::Locked,
        Self::LayoutChanged,
        Self::PortalUnavailable,
        Self::Partial,
        Self::Ok,
    ];

    /// A sentence for people.
    pub fn sentence(self) -> &'static str {
        match self {
            Self::Connected => "The portal accepted the sign-in.",
            Self::CredentialsRejected => {
                "The portal rejected the user name or the password. Connect again with the right \
                 ones."
            }
            Self::CaptchaRequired => {
                "The portal asks for a captcha, which only a person can solve. Sign in there \
                 yourself and hand the session over."
            }
            Self::MfaRequired => {
                "The portal asks for a second factor. Sign in there yourself and hand the session \
                 over."
            }
            Self::SsoRequired => {
                "The portal signs people in through single sign-on. Sign in there yourself and \
                 hand the session over."
            }
            Self::Locked => {
                "The portal has locked the account. Have it unlocked, then connect again."
            }
            Self::LayoutChanged => {
                "The portal's pages are not as expected. What is known of the cases is kept until \
                 the portal's profile is adapted."
            }
            Self::PortalUnavailable => "The portal cannot be used at the moment.",
            Self::Partial => "Only some of the portal's pages of cases could be read.",
            Self::Ok => "All cases of the portal were read.",
        }
    }

    /// Whether another attempt with the same credentials may go better by itself.
    pub fn is_passing(self) -> bool {
        matches!(self, Self::PortalUnavailable | Self::Partial)
    }
}

/// Why a visit did not come to what it was for. Holds no secret and no text of a page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{detail}")]
pub struct Refusal {
    /// Which of the outcomes it is.
    pub outcome: Outcome,
    /// What exactly it was, in one line for the log and for whoever keeps the profile.
    pub detail: String,
    /// What the structure of a page that is not as expected is recognised by: 16 hexadecimal
    /// digits, the same for the same structure whatever its words.
    pub fingerprint: Option<String>,
    /// When the portal asked to be tried again.
    pub retry_after: Option<Duration>,
}

impl Refusal {
    /// That it came to this, and why exactly.
    pub fn new(outcome: Outcome, detail: impl Into<String>) -> Self {
        Self { outcome, detail: detail.into(), fingerprint: None, retry_after: None }
    }

    /// That the portal cannot be used, for this reason.
    pub fn unavailable(detail: impl Into<String>) -> Self {
        Self::new(Outcome::PortalUnavailable, detail)
    }

    pub(super) fn changed(detail: impl Into<String>, fingerprint: &str) -> Self {
        let fingerprint = Some(fingerprint.to_owned());
        Self { fingerprint, ..Self::new(Outcome::LayoutChanged, detail) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outcomes_have_their_names_and_a_sentence_each() -> anyhow::Result<()> {
        let names: Vec<_> =
            Outcome::ALL.iter().map(serde_json::to_value).collect::<Result<_, _>>()?;
        let expected = [
            "connected",
            "credentials_rejected",
            "captcha_required",
            "mfa_required",
            "sso_required",
            "locked",
            "layout_changed",
            "portal_unavailable",
            "partial",
            "ok",
        ];
        assert_eq!(names, expected);
        assert!(Outcome::ALL.iter().all(|outcome| outcome.sentence().ends_with('.')));
        Ok(())
    }

    #[test]
    fn only_what_passes_is_worth_another_attempt() {
        let passing: Vec<_> = Outcome::ALL.into_iter().filter(|of| of.is_passing()).collect();
        assert_eq!(passing, [Outcome::PortalUnavailable, Outcome::Partial]);
    }
}
