//! Slack's incoming webhooks.
//! Sources: docs.slack.dev, "Sending messages using incoming webhooks" (bodies of answers)
//! and "Formatting message text" (what is escaped); the status that belongs to a body is
//! told differently in places, so the body decides.

use serde_json::json;
use shared::outbound::{Method, Outbound};

use super::{Attempt, Verdict, exchange, fitting};
use crate::notifications::content::Said;

/// The longest text, in bytes: Slack cuts one of more than 40,000 characters.
const LONGEST: usize = 40_000;

/// What is wrong with the notice.
const OF_THE_NOTICE: [&str; 8] = [
    "invalid_payload",
    "user_not_found",
    "no_text",
    "too_many_attachments",
    "invalid_blocks",
    "invalid_blocks_format",
    "missing_text_or_fallback_or_attachments",
    "msg_too_long",
];
/// What is wrong with the channel, its webhook or the workspace.
const OF_THE_TARGET: [&str; 10] = [
    "action_prohibited",
    "posting_to_general_channel_denied",
    "invalid_token",
    "team_disabled",
    "channel_not_found",
    "channel_is_archived",
    "no_service",
    "no_service_id",
    "no_team",
    "no_active_hooks",
];

/// Posts a notice to the channel of this address.
pub async fn send(outbound: &Outbound, url: &str, said: &Said) -> Attempt {
    let text = format!("*{}*\n{}", escaped(&said.subject), escaped(&said.text));
    let body = json!({ "text": fitting(&text, LONGEST), "unfurl_links": false });
    exchange(("Slack", url), outbound.call(Method::POST, url).json(&body), read).await
}

fn read(status: u16, body: &str) -> Verdict {
    match body {
        "ok" if status == 200 => Verdict::Taken,
        "rate_limited" | "ratelimited" => Verdict::Wait,
        "rollup_error" => Verdict::Again,
        body if OF_THE_NOTICE.contains(&body) => Verdict::NotThis,
        body if OF_THE_TARGET.contains(&body) => Verdict::Never,
        // Whatever answers so is not Slack: a page of somebody in between, perhaps.
        _ if (200..300).contains(&status) => Verdict::Again,
        // A 401 is none of Slack's.
        _ if status == 401 => Verdict::Again,
        _ => Verdict::of_status(status),
    }
}

/// Text that is no mark-up.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_body_decides_and_then_the_status() {
        use Verdict::{Again, Never, NotThis, Taken, Wait};
        for (status, body, verdict) in [
            (200, "ok", Taken),
            (200, "<html>Sign in</html>", Again),
            (204, "", Again),
            (400, "invalid_payload", NotThis),
            (400, "user_not_found", NotThis),
            (400, "no_text", NotThis),
            (400, "too_many_attachments", NotThis),
            (400, "invalid_blocks", NotThis),
            (400, "invalid_blocks_format", NotThis),
            (400, "missing_text_or_fallback_or_attachments", NotThis),
            (500, "invalid_payload", NotThis),
            (403, "action_prohibited", Never),
            (400, "posting_to_general_channel_denied", Never),
            (403, "invalid_token", Never),
            (403, "team_disabled", Never),
            (404, "channel_not_found", Never),
            (400, "channel_not_found", Never),
            (404, "no_service", Never),
            (404, "no_service_id", Never),
            (404, "no_team", Never),
            (404, "no_active_hooks", Never),
            (410, "channel_is_archived", Never),
            (410, "something new", Never),
            (403, "", Never),
            (404, "", Never),
            (401, "", Again),
            (429, "rate_limited", Wait),
            (429, "ratelimited", Wait),
            (429, "", Wait),
            (200, "ratelimited", Wait),
            (500, "rollup_error", Again),
            (503, "", Again),
            (302, "", Again),
            (418, "", NotThis),
        ] {
            assert_eq!(read(status, body), verdict, "{status} {body}");
        }
    }

    #[test]
    fn data_is_no_mark_up() {
        assert_eq!(escaped("<!channel> & <b>"), "&lt;!channel&gt; &amp; &lt;b&gt;");
    }
}
