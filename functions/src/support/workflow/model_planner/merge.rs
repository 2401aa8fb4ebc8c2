//! What the rules and a language model say together. The rules hold: the model may be
//! stricter, never milder. Pure.

use super::super::assessment::{Assessment, Author, Verdict};
use super::answer::Answer;
use super::unfit::Unfit;

/// The stricter of both, with what either misses and a person wherever either wants one, or
/// is less sure than `threshold`. The words are those of whoever is stricter; the model's,
/// if both say the same.
pub(super) fn merge(rules: Assessment, answer: Answer, threshold: f64, model: &str) -> Assessment {
    let decision = rules.decision.max(answer.decision);
    let confidence = rules.confidence.min(answer.confidence);
    // What the rules surely deny is denied, whatever a model makes of it.
    let is_denied = rules.decision == Verdict::Denied && !rules.needs_human;
    let is_doubted = answer.needs_human || confidence < threshold;
    let wants_human = !is_denied && (rules.needs_human || is_doubted);
    let justification_brief = match answer.decision < rules.decision {
        true => rules.justification_brief,
        false => answer.justification_brief,
    };
    let mut missing_fields = rules.missing_fields;
    for name in answer.missing_fields {
        if !missing_fields.contains(&name) {
            missing_fields.push(name);
        }
    }
    Assessment {
        decision,
        confidence,
        needs_human: wants_human || decision == Verdict::RequiresApproval,
        missing_fields,
        citations: answer.citations,
        justification_brief,
        author: Author::Model { model: model.to_owned() },
        ..rules
    }
}

/// What the rules say, and a person looks at it, unless they deny it anyway.
pub(super) fn fallback(rules: Assessment, unfit: Unfit) -> Assessment {
    Assessment {
        needs_human: rules.needs_human || rules.decision != Verdict::Denied,
        author: Author::Fallback { reason: unfit.to_string() },
        ..rules
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::assessment::{Citation, Complexity, Risk};
    use super::*;
    use crate::support::workflow::Verdict::{Allowed, Denied, RequiresApproval};

    fn citation(source: &str) -> Citation {
        Citation { source: source.to_owned(), text: "text".to_owned(), relevance: 1.0 }
    }

    fn rules(decision: Verdict, missing: &[&str]) -> Assessment {
        Assessment {
            decision,
            confidence: 0.9,
            needs_human: decision == RequiresApproval,
            missing_fields: missing.iter().map(|&name| name.to_owned()).collect(),
            citations: vec![citation("by the rules")],
            justification_brief: "the rules say so".to_owned(),
            complexity: Complexity::Moderate,
            risk: Risk::High,
            policy: "deciding".to_owned(),
            policies: "version 3".to_owned(),
            author: Author::Rules,
        }
    }

    /// What a model says that was talked into saying something else than it should.
    fn said(decision: Verdict, confidence: f64, needs_human: bool, missing: &[&str]) -> Answer {
        Answer {
            decision,
            citations: vec![citation("by the model")],
            confidence,
            needs_human,
            missing_fields: missing.iter().map(|&name| name.to_owned()).collect(),
            justification_brief: "the model says so".to_owned(),
        }
    }

    /// What both say together: the decision, and whether a person looks at it.
    fn check(rules: &Assessment, answer: Answer, decision: Verdict, needs_human: bool) {
        let case = format!("{rules:?} {answer:?}");
        let both = merge(rules.clone(), answer.clone(), 0.6, "m");
        assert_eq!((both.decision, both.needs_human), (decision, needs_human), "{case}");
        assert!(both.decision >= rules.decision && both.confidence <= rules.confidence, "{case}");
        assert_eq!(both.citations, answer.citations, "{case}");
        assert_eq!(both.author, Author::Model { model: "m".to_owned() });
        let same =
            |it: &Assessment| (it.complexity, it.risk, it.policy.clone(), it.policies.clone());
        assert_eq!(same(&both), same(rules), "{case}");
    }

    #[test]
    fn the_stricter_decision_holds() {
        for (by_rules, by_model, decision, needs_human) in [
            (Allowed, Allowed, Allowed, false),
            (Allowed, RequiresApproval, RequiresApproval, true),
            (Allowed, Denied, Denied, false),
            (RequiresApproval, Allowed, RequiresApproval, true),
            (RequiresApproval, RequiresApproval, RequiresApproval, true),
            (RequiresApproval, Denied, Denied, true),
            (Denied, Allowed, Denied, false),
            (Denied, RequiresApproval, Denied, false),
            (Denied, Denied, Denied, false),
        ] {
            // It is as sure as can be, and wants nobody, as one that obeys a request would.
            check(&rules(by_rules, &[]), said(by_model, 1.0, false, &[]), decision, needs_human);
        }
    }

    #[test]
    fn a_person_is_wanted_by_either_or_by_doubt() {
        let allowed = rules(Allowed, &[]);
        check(&allowed, said(Allowed, 0.6, false, &[]), Allowed, false);
        check(&allowed, said(Allowed, 0.59, false, &[]), Allowed, true);
        check(&allowed, said(Allowed, 0.9, true, &[]), Allowed, true);
        let unsure = Assessment { needs_human: true, confidence: 0.5, ..rules(Allowed, &[]) };
        check(&unsure, said(Allowed, 1.0, false, &[]), Allowed, true);
    }

    #[test]
    fn what_the_rules_surely_deny_no_doubt_of_a_model_opens() {
        check(&rules(Denied, &[]), said(Denied, 0.2, true, &[]), Denied, false);
        let unsure = Assessment { needs_human: true, confidence: 0.5, ..rules(Denied, &[]) };
        check(&unsure, said(Denied, 1.0, false, &[]), Denied, true);
    }

    #[test]
    fn what_either_misses_is_missing_once() {
        let both = merge(
            rules(Allowed, &["device", "site"]),
            said(Allowed, 0.9, false, &["site", "cost_centre", "cost_centre"]),
            0.6,
            "m",
        );
        assert_eq!(both.missing_fields, ["device", "site", "cost_centre"]);
    }

    #[test]
    fn the_words_are_those_of_whoever_is_stricter() {
        for (by_rules, by_model, words) in [
            (Allowed, Denied, "the model says so"),
            (Allowed, Allowed, "the model says so"),
            (Denied, Allowed, "the rules say so"),
        ] {
            let both = merge(rules(by_rules, &[]), said(by_model, 1.0, false, &[]), 0.6, "m");
            assert_eq!(both.justification_brief, words);
        }
    }

    #[test]
    fn without_a_model_the_rules_hold_and_a_person_looks() {
        for (decision, needs_human) in [(Allowed, true), (RequiresApproval, true), (Denied, false)]
        {
            let rules = rules(decision, &["site"]);
            let fallen = fallback(rules.clone(), Unfit::Status(429));
            let author = Author::Fallback { reason: "it answered HTTP 429".to_owned() };
            assert_eq!(fallen, Assessment { needs_human, author, ..rules });
        }
    }
}
