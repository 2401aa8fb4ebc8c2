//! The codes of time types: in Cyrillic, with the number and the meaning that form T-13 gives
//! them. Pure.
//! Sources: Goskomstat's resolution 1 of 5 January 2004 (forms T-12 and T-13); the appendix of
//! Argus's requirements for what is not in it, and for the Latin names, as far as they are not
//! errors of its translator.

use serde::Serialize;
use utoipa::ToSchema;

/// A type of time.
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct TimeType {
    /// In Cyrillic.
    #[schema(example = "Я")]
    pub code: &'static str,
    /// Two digits of form T-13; null for types that are not in it.
    #[schema(example = "01")]
    pub number: Option<&'static str>,
    /// What it means.
    pub meaning: &'static str,
}

/// What a text is as a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Code {
    /// This type.
    Of(&'static TimeType),
    /// One of these two: the Latin B is written for В and for Б.
    OneOf(&'static TimeType, &'static TimeType),
    /// None that is known.
    Unknown,
}

const fn of(code: &'static str, number: &'static str, meaning: &'static str) -> TimeType {
    TimeType { code, number: Some(number), meaning }
}

const fn beside(code: &'static str, meaning: &'static str) -> TimeType {
    TimeType { code, number: None, meaning }
}

/// All of T-13 by their numbers, then the vendor's own.
pub static ALL: [TimeType; 38] = [
    of("Я", "01", "Work by day"),
    of("Н", "02", "Work by night"),
    of("РВ", "03", "Work on a day off or holiday"),
    of("С", "04", "Overtime"),
    of("ВМ", "05", "Work in shift camps"),
    of("К", "06", "Business trip"),
    of("ПК", "07", "Training off the job"),
    of("ПМ", "08", "Training off the job in another place"),
    of("ОТ", "09", "Annual leave"),
    of("ОД", "10", "Additional paid leave"),
    of("У", "11", "Paid study leave"),
    of("УВ", "12", "Reduced hours for students, with part of the pay"),
    of("УД", "13", "Unpaid study leave"),
    of("Р", "14", "Maternity leave"),
    of("ОЖ", "15", "Leave to care for a child up to three years"),
    of("ДО", "16", "Unpaid leave by the employer's permission"),
    of("ОЗ", "17", "Unpaid leave by law"),
    of("ДБ", "18", "Additional unpaid leave"),
    of("Б", "19", "Sick leave with benefit"),
    of("Т", "20", "Sick leave without benefit"),
    of("ЛЧ", "21", "Reduced hours by law"),
    of("ПВ", "22", "Enforced absence"),
    of("Г", "23", "State or public duties"),
    of("ПР", "24", "Truancy"),
    of("НС", "25", "Part time by the employer"),
    of("В", "26", "Day off"),
    of("ОВ", "27", "Additional paid day off"),
    of("НВ", "28", "Additional unpaid day off"),
    of("ЗБ", "29", "Strike"),
    of("НН", "30", "Absence for an unknown reason"),
    of("РП", "31", "Idle by the employer's fault"),
    of("НП", "32", "Idle by nobody's fault"),
    of("ВП", "33", "Idle by the employee's fault"),
    of("НО", "34", "Suspended with pay"),
    of("НБ", "35", "Suspended without pay"),
    of("НЗ", "36", "Work stopped for wages that are late"),
    beside("РВН", "Work by night on a day off or holiday"),
    beside("МО", "Medical examination"),
];

/// Latin names of the vendor whose letters do not look like the code's. Missing time is НН
/// whatever the translator made of it: НВ of T-13 is a day off that somebody asked for.
const ALIASES: [(&str, &str); 35] = [
    ("I", "Я"),
    ("RV", "РВ"),
    ("RW", "РВ"),
    ("RVN", "РВН"),
    ("RWN", "РВН"),
    ("S", "С"),
    ("VM", "ВМ"),
    ("PC", "ПК"),
    ("PK", "ПК"),
    ("PM", "ПМ"),
    ("OD", "ОД"),
    ("U", "У"),
    ("UW", "УВ"),
    ("UD", "УД"),
    ("OW", "ОЖ"),
    ("DO", "ДО"),
    ("OZ", "ОЗ"),
    ("DB", "ДБ"),
    ("HR", "ЛЧ"),
    ("SP", "ПВ"),
    ("G", "Г"),
    ("PR", "ПР"),
    ("NS", "НС"),
    ("OV", "ОВ"),
    ("ZB", "ЗБ"),
    ("NV", "НН"),
    ("NN", "НН"),
    ("ABSENCE", "НН"),
    ("RP", "РП"),
    ("NP", "НП"),
    ("GP", "ВП"),
    ("BUT", "НО"),
    ("NB", "НБ"),
    ("NZ", "НЗ"),
    ("MO", "МО"),
];

/// Whether a type is time that was worked.
pub fn is_work(code: &str) -> bool {
    matches!(code, "Я" | "Н" | "РВ" | "РВН" | "С")
}

/// What a text is as a code: Cyrillic, Latin letters that look like it, a name of the vendor's,
/// or a number of T-13.
pub fn code(text: &str) -> Code {
    let text = text.trim().to_uppercase();
    if let Some(found) = ALL.iter().find(|one| one.code == text || one.number == Some(&*text)) {
        return Code::Of(found);
    }
    if let Some((_, code)) = ALIASES.iter().find(|(alias, _)| *alias == text) {
        return named(code).map_or(Code::Unknown, Code::Of);
    }
    match (named(&folded(&text, 'В')), named(&folded(&text, 'Б'))) {
        (Some(one), Some(other)) if one != other => Code::OneOf(one, other),
        (Some(one), _) | (None, Some(one)) => Code::Of(one),
        (None, None) => Code::Unknown,
    }
}

fn named(code: &str) -> Option<&'static TimeType> {
    ALL.iter().find(|one| one.code == code)
}

/// Latin letters as the Cyrillic ones that look like them.
fn folded(text: &str, b: char) -> String {
    let fold = |c| match c {
        'A' => 'А',
        'B' => b,
        'C' => 'С',
        'E' => 'Е',
        'H' => 'Н',
        'K' => 'К',
        'M' => 'М',
        'O' => 'О',
        'P' => 'Р',
        'T' => 'Т',
        'X' => 'Х',
        'Y' => 'У',
        other => other,
    };
    text.chars().map(fold).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        let found = match code(text) {
            Code::Of(one) => one.code.to_owned(),
            Code::OneOf(one, other) => format!("{} or {}", one.code, other.code),
            Code::Unknown => "unknown".to_owned(),
        };
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn codes_are_those_of_t_13_by_number() {
        for (at, one) in ALL.iter().enumerate() {
            let number = format!("{:02}", at + 1);
            assert_eq!(one.number, (at < 36).then_some(number.as_str()), "{}", one.code);
            assert!(one.code.chars().all(|c| ('А'..='Я').contains(&c)), "{}", one.code);
            check(one.code, one.code);
            check(&one.code.to_lowercase(), one.code);
        }
        check("01", "Я");
        check("30", "НН");
        check("37", "unknown");
    }

    #[test]
    fn latin_letters_that_look_like_cyrillic_are_folded() {
        for (text, expected) in [
            ("H", "Н"),
            ("C", "С"),
            ("T", "Т"),
            ("P", "Р"),
            ("K", "К"),
            ("HH", "НН"),
            ("OT", "ОТ"),
            ("НH", "НН"),
            ("PB", "РВ"),
            ("РBН", "РВН"),
            ("BM", "ВМ"),
            ("Y", "У"),
        ] {
            check(text, expected);
        }
    }

    #[test]
    fn names_of_the_vendor_mean_what_they_mean() {
        for (text, expected) in [
            ("I", "Я"),
            ("RWN", "РВН"),
            ("OW", "ОЖ"),
            ("OV", "ОВ"),
            ("NV", "НН"),
            ("NN", "НН"),
            ("Absence", "НН"),
            ("BUT", "НО"),
            ("GP", "ВП"),
            ("SP", "ПВ"),
            ("HR", "ЛЧ"),
        ] {
            check(text, expected);
        }
    }

    #[test]
    fn a_latin_b_that_may_be_either_letter_is_not_guessed() {
        check("B", "В or Б");
        check("b", "В or Б");
        check("HB", "НВ or НБ");
        check("NB", "НБ");
        check("В", "В");
        check("Б", "Б");
        for unknown in ["", "X", "ЯЯ", "regular", "🌙"] {
            check(unknown, "unknown");
        }
    }
}
