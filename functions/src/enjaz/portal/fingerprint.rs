//! What the structure of a page is recognised by, so that whoever keeps a profile can tell
//! whether it changed again: names and classes of elements, without a word of text.

use scraper::{ElementRef, Html};
use shared::ids::hex_digest;

/// How deep one looks.
const DEEPEST: usize = 40;
/// What has no structure that anybody sees.
const UNSEEN: [&str; 7] = ["head", "script", "style", "noscript", "template", "svg", "link"];

/// 16 hexadecimal digits, the same for pages of the same structure: neither words and
/// attributes nor how many alike elements follow one another make a difference.
pub(super) fn of(page: &Html) -> String {
    let mut digest = outline(page.root_element(), 0);
    digest.truncate(16);
    digest
}

fn outline(element: ElementRef<'_>, depth: usize) -> String {
    let mut classes: Vec<&str> = element.value().classes().collect();
    classes.sort_unstable();
    let mut parts = vec![element.value().name().to_owned(), classes.join(".")];
    if depth < DEEPEST {
        let seen = element.child_elements().filter(|e| !UNSEEN.contains(&e.value().name()));
        let mut children: Vec<String> = seen.map(|child| outline(child, depth + 1)).collect();
        children.dedup();
        parts.extend(children);
    }
    hex_digest(parts.join("\n").as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(one: &str, other: &str, is_same: bool) {
        let of = |html: &str| of(&Html::parse_document(html));
        assert_eq!(of(one) == of(other), is_same, "{one} {other}");
        assert!(of(one).len() == 16, "{}", of(one));
    }

    #[test]
    fn structure_counts_and_words_do_not() {
        let page = "<main class='a b'><p>one</p><p>two</p><b>x</b></main>";
        check(page, "<main class='b a'><p id=1>three</p><b></b></main>", true);
        check(page, "<title>t</title><main class='a b'><p>one</p><b>x</b><script>1</script>", true);
        check(page, "<main class='a'><p>one</p><p>two</p><b>x</b></main>", false);
        check(page, "<main class='a b'><p>one</p></main>", false);
        check(page, "<main class='a b'><b>x</b><p>one</p></main>", false);
        check(page, "<main class='a b'><div>one</div><b>x</b></main>", false);
    }

    #[test]
    fn no_page_is_too_deep() {
        let deep = "<div>".repeat(1000);
        check(&deep, &deep, true);
    }
}
