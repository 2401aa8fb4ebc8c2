//! How fast each kind of target takes notices, as its documentation says.

use std::time::Duration;

use shared::pace::Rate;

const SECOND: Duration = Duration::from_secs(1);
/// How long a notice waits that nobody can tell when it may go, at most; those who were
/// held back together spread over it.
pub(super) const SPREAD: Duration = Duration::from_secs(2);
const HOUR: Duration = Duration::from_secs(3600);

/// One message a second for each incoming webhook
/// (docs.slack.dev, "Rate limits").
pub(super) const SLACK: &[Rate] = &[Rate::even(1, SECOND)];

/// Four requests a second, and as many in half a minute as connectors take
/// (learn.microsoft.com, "Rate limiting for connectors").
const WORKFLOW: [Rate; 2] = [Rate::even(4, SECOND), rate(60, Duration::from_secs(30))];
/// What connectors take beside that, from the same table.
const CONNECTOR: [Rate; 5] = [
    WORKFLOW[0],
    WORKFLOW[1],
    rate(100, HOUR),
    rate(150, Duration::from_secs(2 * 3600)),
    rate(1800, Duration::from_secs(24 * 3600)),
];
/// Whose addresses connectors have.
const CONNECTORS: &str = ".webhook.office.com/";

/// Half of the calls may come at once.
const fn rate(most: u32, per: Duration) -> Rate {
    Rate { most, per, burst: most / 2 }
}

/// How fast the target of Teams takes notices of which this is shown.
pub(super) fn of_teams(shown: &str) -> &'static [Rate] {
    if shown.contains(CONNECTORS) { &CONNECTOR } else { &WORKFLOW }
}

/// So many mails a second: the sending rate of the installation's account.
pub(super) fn of_mail(per_second: u32) -> [Rate; 1] {
    [Rate::even(per_second.max(1), SECOND)]
}

/// And half of that for one tenant, so that its flood leaves something to the others.
pub(super) fn of_mail_of_one(per_second: u32) -> [Rate; 1] {
    [Rate::even(per_second.max(1), Duration::from_secs(2))]
}
