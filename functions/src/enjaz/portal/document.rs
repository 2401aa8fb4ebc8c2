//! The markup of a page as a tree, unless it stands in itself deeper than browsers go.

use html5ever::driver::{ParseOpts, parse_document};
use html5ever::tendril::{StrTendril, TendrilSink};
use scraper::{Html, HtmlTreeSink};

use super::outcome::Refusal;

/// How deep elements may stand in each other: as deep as in browsers.
const DEEPEST: usize = 512;
/// How much is read before that is looked at, in bytes.
const PART: u32 = 16 * 1024;

/// The tree of a page.
///
/// # Errors
/// `portal_unavailable` for one that is too deep: whoever reads goes through all elements that
/// are open at each that begins, and a million of them would take hours.
pub(super) fn of(html: &str) -> Result<Html, Refusal> {
    let mut parser = parse_document(HtmlTreeSink::new(Html::new_document()), ParseOpts::default());
    let mut rest = StrTendril::from_slice(html);
    while rest.len32() > 0 {
        let mut end = rest.len32().min(PART);
        while !rest.is_char_boundary(end as usize) {
            end += 1;
        }
        parser.process(rest.subtendril(0, end));
        rest.pop_front(end);
        let tree = &parser.tokenizer.sink.sink.0.borrow().tree;
        let newest = tree.nodes().next_back();
        if newest.is_some_and(|newest| newest.ancestors().nth(DEEPEST).is_some()) {
            return Err(Refusal::unavailable("the portal's page is nested too deeply"));
        }
    }
    Ok(parser.finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_stands_in_itself_too_often_is_refused() {
        let is_read = |html: &str| of(html).is_ok();
        assert!(is_read(""));
        assert!(is_read(&"<div>قضية</div>".repeat(50_000)));
        assert!(is_read(&"<p><li>1<br>".repeat(20_000)));
        assert!(is_read(&"<script>if (a<b) {}</script>".repeat(1000)));
        assert!(is_read(&format!("{}x{}", "<div>".repeat(400), "</div>".repeat(400))));
        assert!(!is_read(&"<div>".repeat(1_000_000)));
        assert!(!is_read(&"<b><i a=1>".repeat(100_000)));
    }
}
