//! What somebody watches: patterns of the catalogue, and whether they may.

use shared::error::{Error, Kind, Result};
use shared::web::Permissions;

use crate::messages::catalogue::{Entry, EventType, all};

/// The most patterns that one connection watches, and one request names.
pub(super) const MOST: usize = 50;

/// Whether one of these patterns names the type.
pub(super) fn names(topics: &[String], of: EventType) -> bool {
    topics.iter().any(|topic| of.is_named_by(topic))
}

/// Whether whoever holds these permissions may see what is of this type.
pub(super) fn may_see(of: EventType, held: &Permissions) -> bool {
    held.allow(of.permission())
}

/// That each of these patterns names a type that may be seen with these permissions.
/// Others that it names as well stay unseen.
///
/// # Errors
/// `Invalid` for one that names nothing, or for too many; `Forbidden` for one of which
/// nothing may be seen. Both name it.
pub(super) fn check(topics: &[String], permissions: &Permissions) -> Result<()> {
    if topics.is_empty() || topics.len() > MOST {
        return Err(Error::invalid("topics", format!("must name 1 to {MOST} patterns")));
    }
    for (at, topic) in topics.iter().enumerate() {
        let named: Vec<&Entry> = all().filter(|entry| entry.of.is_named_by(topic)).collect();
        let field = format!("topics[{at}]");
        let Some(first) = named.first() else {
            return Err(Error::invalid(&field, "names no type of message"));
        };
        if !named.iter().any(|entry| may_see(entry.of, permissions)) {
            let missing = first.of.permission().0;
            let detail = format!("Missing required permission: {missing}, for {topic}");
            return Err(Error::new(Kind::Forbidden, detail).field(&field, "may not be seen"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::permission::{EVENTS_READ, INTEGRATIONS_READ};

    fn kind_of(topic: &str, permissions: &Permissions) -> Option<Kind> {
        check(&[topic.to_owned()], permissions).err().map(|error| error.kind)
    }

    #[test]
    fn a_pattern_is_refused_when_nothing_of_it_may_be_seen() {
        let events = Permissions::of([EVENTS_READ]);
        let both = Permissions::of([EVENTS_READ, INTEGRATIONS_READ]);
        for (topic, of_events, of_both) in [
            ("*", None, None),
            ("pega.*", None, None),
            ("pega.event.processed", None, None),
            ("integration.*", Some(Kind::Forbidden), None),
            ("webhook.delivery.failed", Some(Kind::Forbidden), None),
            ("integration.test", Some(Kind::Invalid), Some(Kind::Invalid)),
            ("nothing.*", Some(Kind::Invalid), Some(Kind::Invalid)),
            ("", Some(Kind::Invalid), Some(Kind::Invalid)),
        ] {
            assert_eq!(kind_of(topic, &events), of_events, "{topic}");
            assert_eq!(kind_of(topic, &both), of_both, "{topic}");
        }
        assert!(check(&[], &both).is_err());
        assert!(check(&vec!["*".to_owned(); MOST + 1], &both).is_err());
    }

    #[test]
    fn what_tries_a_webhook_is_watched_by_nobody() {}
}
