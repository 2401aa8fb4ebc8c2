//! Text of pages as it is compared: what only steers how it is drawn is left out of it, and
//! white space of any kind is one space.

use icu_normalizer::ComposingNormalizerBorrowed;

/// What stretches words, and the one word that is written with it: "of the Hijra".
const TATWEEL: char = '\u{640}';
const HIJRI: &str = "هـ";

/// Text as it is kept: composed (NFC), with no marks of direction, no tatweel and no invisible
/// spaces, white space collapsed. Digits stay as they are written, and so do dates.
pub(super) fn clean(text: &str) -> String {
    let shown: String = text.chars().filter(|&c| !is_invisible(c)).collect();
    let composed = ComposingNormalizerBorrowed::new_nfc().normalize(&shown);
    let unstretched = |word: &str| match word {
        HIJRI => word.to_owned(),
        word => word.replace(TATWEEL, ""),
    };
    let words = composed.split_whitespace().map(unstretched);
    words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// Text as a key: clean, and with the digits of ASCII.
pub(super) fn key(text: &str) -> String {
    clean(text).chars().map(ascii_digit).collect()
}

/// Text as phrases are looked for in it: clean and in lower case.
pub(super) fn folded(text: &str) -> String {
    clean(text).to_lowercase()
}

/// Text as people look for it: whatever digits and case of letters they write it in.
pub fn searched(text: &str) -> String {
    key(text).to_lowercase()
}

/// Marks of direction, and spaces of no width.
fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{200e}' | '\u{200f}' | '\u{061c}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
            | '\u{200b}' | '\u{feff}'
    )
}

/// Arabic-Indic and Persian digits as those of ASCII.
fn ascii_digit(c: char) -> char {
    let zero = match c {
        '٠'..='٩' => '٠',
        '۰'..='۹' => '۰',
        other => return other,
    };
    char::from_digit(u32::from(c) - u32::from(zero), 10).unwrap_or(c)
}

/// At most so many characters of a text.
pub fn cut(mut text: String, most: usize) -> String {
    if let Some((end, _)) = text.char_indices().nth(most) {
        text.truncate(end);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, kept: &str, as_key: &str) {
        assert_eq!((clean(text).as_str(), key(text).as_str()), (kept, as_key), "{text:?}");
    }

    #[test]
    fn numbers_become_one_key_however_they_are_written() {
        for text in [
            "1445/123",
            "١٤٤٥/١٢٣",
            "۱۴۴۵/۱۲۳",
            "\u{200f}1445/123\u{200e}",
            "\u{2067}1445\u{200e}/\u{200e}123\u{2069}",
            "\u{202b}١٤٤٥/123\u{202c}",
            "\u{a0} 1445/123\n \u{a0}",
            "\u{61c}1445/\u{200b}123\u{feff}",
        ] {
            assert_eq!(key(text), "1445/123", "{text:?}");
        }
        check(" CASE-2024-001 ", "CASE-2024-001", "CASE-2024-001");
        check("١\u{a0}\t۲", "١ ۲", "1 2");
        check("", "", "");
        check("\u{200f}\u{a0}", "", "");
    }

    #[test]
    fn words_are_composed_and_not_stretched_and_dates_are_left_alone() {
        check("قضـــية عمـالية", "قضية عمالية", "قضية عمالية");
        check("ا\u{654}حوال", "أحوال", "أحوال");
        check("\u{200f}دعوى\u{a0}إدارية\u{200e}", "دعوى إدارية", "دعوى إدارية");
        check("١٤٤٦/٠٢/٠٣ هـ", "١٤٤٦/٠٢/٠٣ هـ", "1446/02/03 هـ");
        check("ـ ق", "ق", "ق");
        check("می\u{200c}خواهم", "می\u{200c}خواهم", "می\u{200c}خواهم");
        assert_eq!(folded(" Too\u{a0}MANY "), "too many");
    }
}
