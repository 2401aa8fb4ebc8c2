//! How much there is to think about in a request, and how much harm it may do. Pure.
//! Source of the numbers and words: the IT support service's router.

use super::assessment::{Complexity, Risk, Verdict};
use crate::support::policies::Policy;
use crate::support::tickets::{Priority, Request};

/// Requests that are well known.
const KNOWN: [&str; 7] = [
    "password reset",
    "software install",
    "access request",
    "email setup",
    "hardware request",
    "account creation",
    "permission change",
];
/// What makes a kind of request risky.
const RISKY: [&str; 5] = ["security", "access", "admin", "privilege", "system"];

/// How much there is to think about, with these policies that have to do with it.
pub fn complexity(request: &Request, policies: &[&Policy]) -> Complexity {
    let text = format!("{} {}", request.title, request.description);
    let (tokens, conflicts) = (tokens(&text), conflicts(policies));
    let novelty = novelty(&text.to_lowercase());
    if tokens <= 100 && conflicts == 0 && novelty <= 0.3 {
        Complexity::Simple
    } else if tokens <= 300 && conflicts <= 1 && novelty <= 0.6 {
        Complexity::Moderate
    } else {
        Complexity::Complex
    }
}

/// How much harm it may do.
pub fn risk(request: &Request, complexity: Complexity) -> Risk {
    let kind = request.request_type.to_lowercase();
    if RISKY.iter().any(|word| kind.contains(word)) || request.priority >= Priority::High {
        Risk::High
    } else if complexity == Complexity::Complex {
        Risk::Medium
    } else {
        Risk::Low
    }
}

/// Words, and signs between them.
fn tokens(text: &str) -> usize {
    let words = text.split_whitespace().count();
    words + text.chars().filter(char::is_ascii_punctuation).count()
}

/// Pairs of policies that say different things.
fn conflicts(policies: &[&Policy]) -> usize {
    let verdicts = |wanted: Verdict| policies.iter().filter(|it| it.decision == wanted).count();
    verdicts(Verdict::Allowed).min(verdicts(Verdict::Denied))
}

/// How little is known of it, 0 to 1: nothing where two of the words of a known request are
/// in it, one where none is.
fn novelty(text: &str) -> f64 {
    let best = KNOWN.iter().map(|phrase| {
        let words: Vec<&str> = phrase.split(' ').collect();
        words.iter().filter(|word| text.contains(**word)).count() as f64 / words.len() as f64
    });
    1.0 - best.fold(0.0, f64::max)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(request_type: &str, title: &str, priority: Priority) -> Request {
        Request {
            employee_id: "E".to_owned(),
            request_type: request_type.to_owned(),
            title: title.to_owned(),
            description: String::new(),
            priority,
            priority_said: String::new(),
            urgency: String::new(),
            business_justification: None,
            desired_completion: None,
        }
    }

    #[test]
    fn what_is_long_or_unknown_is_complex() {
        let long = "password reset ".repeat(60);
        let longer = "password reset ".repeat(200);
        for (title, expected) in [
            ("Password reset, please", Complexity::Simple),
            ("A new password", Complexity::Moderate),
            ("Something odd", Complexity::Complex),
            (&*long, Complexity::Moderate),
            (&*longer, Complexity::Complex),
        ] {
            let request = request("other", title, Priority::Low);
            assert_eq!(complexity(&request, &[]), expected, "{title}");
        }
    }

    #[test]
    fn risk_is_in_the_kind_the_priority_and_the_complexity() {
        for (kind, priority, complexity, expected) in [
            ("software_access", Priority::Low, Complexity::Simple, Risk::High),
            ("hardware", Priority::Urgent, Complexity::Simple, Risk::High),
            ("hardware", Priority::Medium, Complexity::Complex, Risk::Medium),
            ("hardware", Priority::Medium, Complexity::Moderate, Risk::Low),
        ] {
            assert_eq!(risk(&request(kind, "", priority), complexity), expected, "{kind}");
        }
    }
}
