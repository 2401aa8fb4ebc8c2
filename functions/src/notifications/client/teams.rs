//! Microsoft Teams, by workflows whose trigger is "When a Teams webhook request is
//! received", and the connectors before them.
//! Source: learn.microsoft.com, "Create and send messages with incoming webhooks"
//! (card, size, and answers that say 200 and mean something else).

use serde_json::{Value as Json, json};
use shared::outbound::{Method, Outbound};

use super::{Attempt, Verdict, exchange, fitting};
use crate::notifications::content::Said;

/// The largest body, in bytes: Teams takes 28 KB, and what a kilobyte is there is told
/// differently.
const LARGEST: usize = 27_000;
/// How a refusal is told of by a connector that answers 200.
const RETURNED: &str = "returned HTTP error";

/// Posts a notice to the channel of this address, which is called as it was given.
pub async fn send(outbound: &Outbound, url: &str, said: &Said) -> Attempt {
    let body = fitting_card(said).to_string();
    let call = outbound.call(Method::POST, url).header("content-type", "application/json");
    exchange(("Teams", url), call.body(body), read).await
}

/// The card of a notice, whose text is cut to what a body may be.
fn fitting_card(said: &Said) -> Json {
    let most = LARGEST.saturating_sub(card(&said.subject, "").to_string().len());
    card(&said.subject, fitting(&said.text, most))
}

fn card(subject: &str, text: &str) -> Json {
    json!({
        "type": "message",
        "attachments": [{
            "contentType": "application/vnd.microsoft.card.adaptive",
            "contentUrl": null,
            "content": {
                "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
                "type": "AdaptiveCard",
                "version": "1.2",
                "body": [
                    block(subject, "Bolder"),
                    block(text, "Default"),
                ],
            },
        }],
    })
}

/// A block of text that is no mark-up: a `TextBlock` would show its Markdown, and so links
/// that are none of ours (adaptivecards.io, "TextRun": Markdown is not supported).
fn block(text: &str, weight: &str) -> Json {
    let run = json!({ "type": "TextRun", "text": text, "weight": weight });
    json!({ "type": "RichTextBlock", "inlines": [run] })
}

fn read(status: u16, body: &str) -> Verdict {
    let meant = body.split_once(RETURNED).map(|(_, rest)| {
        let digits: String = rest.trim_start().chars().take_while(char::is_ascii_digit).collect();
        digits.parse().unwrap_or(0)
    });
    match meant {
        Some(meant) if !(200..300).contains(&meant) => Verdict::of_status(meant),
        Some(_) => Verdict::Again,
        None if body.contains("Request Entity too large") => Verdict::NotThis,
        None => Verdict::of_status(status),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_that_quotes_an_error_is_that_error() {
        use Verdict::{Again, Never, NotThis, Taken, Wait};
        let quoted = |status| {
            format!(
                "Webhook message delivery failed with error: Microsoft Teams endpoint returned HTTP error {status} with ContextId x"
            )
        };
        for (status, body, verdict) in [
            (202, String::new(), Taken),
            (200, "1".to_owned(), Taken),
            (200, quoted(429), Wait),
            (200, quoted(404), Never),
            (200, quoted(410), Never),
            (200, quoted(400), NotThis),
            (200, quoted(413), NotThis),
            (200, quoted(500), Again),
            (200, "Microsoft Teams endpoint returned HTTP error".to_owned(), Again),
            (400, String::new(), NotThis),
            (401, String::new(), Never),
            (403, String::new(), Never),
            (404, String::new(), Never),
            (410, String::new(), Never),
            (413, "Request Entity too large".to_owned(), NotThis),
            (200, "Request Entity too large".to_owned(), NotThis),
            (429, String::new(), Wait),
            (502, String::new(), Again),
            (302, String::new(), Again),
        ] {
            assert_eq!(read(status, &body), verdict, "{status} {body}");
        }
    }

    #[test]
    fn data_is_no_mark_up() {
        let data = "[Approve](https://evil)";
        let said = Said { subject: data.to_owned(), text: format!("# {data}\n**now**") };
        let card = fitting_card(&said);
        let body = &card["attachments"][0]["content"]["body"];
        for (block, text) in [(&body[0], &said.subject), (&body[1], &said.text)] {
            assert_eq!(block["type"], "RichTextBlock", "{block}");
            assert_eq!(block["inlines"][0]["type"], "TextRun", "{block}");
            assert_eq!(&block["inlines"][0]["text"], text, "{block}");
        }
    }

    #[test]
    fn a_card_is_never_larger_than_it_may_be() {
        for text in ["\"".repeat(30_000), "\u{1}".repeat(9_000), "\u{20ac}".repeat(20_000)] {
            let said = Said { subject: "s".repeat(200), text };
            let size = fitting_card(&said).to_string().len();
            assert!((LARGEST - 6..=LARGEST).contains(&size), "{size}");
        }
    }
}
