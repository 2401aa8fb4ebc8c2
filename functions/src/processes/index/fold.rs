//! Texts as they are compared: alike whatever their case and however they are composed, in
//! any script. Pure.

use std::collections::BTreeSet;

use icu_normalizer::ComposingNormalizerBorrowed;

/// How many characters a gram has.
pub(crate) const GRAM: usize = 3;

/// A text in the form in which it is compared: NFKC, each character in upper case and then
/// in lower case, so that `ß` is `ss` and both of the Greek sigmas are one.
pub(crate) fn fold(text: &str) -> String {
    let normal = ComposingNormalizerBorrowed::new_nfkc().normalize(text);
    normal.chars().flat_map(char::to_uppercase).flat_map(char::to_lowercase).collect()
}

/// All runs of three characters that a folded text has.
pub(super) fn grams(folded: &str) -> BTreeSet<String> {
    let characters: Vec<char> = folded.chars().collect();
    characters.windows(GRAM).map(|gram| gram.iter().collect()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_differs_in_case_or_composition_alone_is_the_same() {
        for (one, other) in [
            ("Straße", "STRASSE"),
            ("ΟΔΥΣΣΕΥΣ", "οδυσσευς"),
            ("Ежедневный Отчёт", "ЕЖЕДНЕВНЫЙ ОТЧЁТ"),
            ("ﻣﺮﺣﺒﺎ", "مرحبا"),
            ("e\u{301}cole", "École"),
            ("ＡＣＭＥ", "acme"),
            ("ﬁn", "FIN"),
        ] {
            assert_eq!(fold(one), fold(other));
            assert_eq!(fold(&fold(one)), fold(one), "{one}");
        }
        assert_ne!(fold("отчет"), fold("отчёт"));
    }

    #[test]
    fn a_text_has_the_grams_of_each_of_its_parts() {
        assert_eq!(grams("acme").into_iter().collect::<Vec<_>>(), ["acm", "cme"]);
        assert!(grams("ac").is_empty());
        assert!(grams("ежедневный").is_superset(&grams("дневн")));
    }
}
