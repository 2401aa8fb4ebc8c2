//! How numbers and words are spelled.

use std::collections::BTreeSet;

use crate::portal::{ARABIC_STATUSES, Case, plain_number};

/// The number without what only spells it.
fn plain(number: &str) -> String {
    let digit = |character: char| match character {
        '٠'..='٩' => char::from_digit(u32::from(character) - u32::from('٠'), 10),
        '۰'..='۹' => char::from_digit(u32::from(character) - u32::from('۰'), 10),
        '0'..='9' | '/' => Some(character),
        _ => None,
    };
    number.chars().filter_map(digit).collect()
}

#[test]
fn every_case_has_a_number_of_its_own_however_it_is_spelled() {
    let cases: Vec<Case> = (0..2_000).map(Case::arabic).collect();
    for (n, case) in cases.iter().enumerate() {
        assert_eq!(plain(&case.number), plain_number(n), "{n}");
        assert_eq!(*case, Case::arabic(n));
    }
    let numbers: BTreeSet<String> = (0..2_000).map(plain_number).collect();
    assert_eq!(numbers.len(), 2_000);
    assert_eq!(cases[0].number, "٤٥١٢٣٤٥٦٧");
    let kinds: String = cases.iter().map(|case| case.kind.as_str()).collect();
    let written: String = cases.iter().map(|case| case.number.as_str()).collect();
    for odd in ['\u{640}', '\u{654}', '\u{a0}', '\u{200f}', '<'] {
        assert!(kinds.contains(odd), "{odd:?}");
    }
    for odd in ['\u{a0}', '\u{200e}', '\u{200f}', '\u{202b}', '\u{2067}', '٣', '۳', '3'] {
        assert!(written.contains(odd), "{odd:?}");
    }
    let statuses: BTreeSet<&str> = cases.iter().map(|case| case.status.as_str()).collect();
    assert_eq!(statuses, ARABIC_STATUSES.into_iter().collect());
}
