//! Cases, and some to fill a portal with: every spelling of a number and of a word that an
//! Arabic portal is known for.

/// A case as its owner sees it: all of it is text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Case {
    /// The number as it is written; empty if its row has none.
    pub number: String,
    /// The type.
    pub kind: String,
    /// The status.
    pub status: String,
    /// The court.
    pub court: String,
    /// The circuit.
    pub circuit: String,
    /// When the next hearing is, by the Hijri calendar.
    pub hearing: String,
    /// When it was opened.
    pub opened: String,
    /// What it is about, which only its own page tells.
    pub subject: String,
}

/// The statuses of a portal in Arabic.
pub const ARABIC_STATUSES: [&str; 6] = ["قيد النظر", "منتهية", "محكوم", "مؤجل", "مشطوب", "موقوف"];
/// The statuses of a portal in English.
pub const ENGLISH_STATUSES: [&str; 4] = ["Active", "Adjourned", "Closed", "Struck off"];

/// Types, among them one that is stretched, one with decomposed letters and one to escape.
const ARABIC_KINDS: [&str; 5] = [
    "دعوى تجارية",
    "قضـــية عمـالية",
    "ا\u{654}حوال شخصية",
    "تنفيذ <سند \"لأمر\"> & شيك",
    "\u{200f}دعوى\u{a0}إدارية\u{200e}",
];
const ENGLISH_KINDS: [&str; 4] =
    ["Civil", "Labour & wages", "Commercial <appeal>", "O'Neil's writ"];
const COURTS: [&str; 3] = ["المحكمة التجارية بالرياض", "المحكمة العمالية بجدة", "محكمة التنفيذ"];

impl Case {
    /// One of this number, type and status, with nothing else known.
    pub fn new(number: &str, kind: &str, status: &str) -> Self {
        let (number, kind, status) = (number.to_owned(), kind.to_owned(), status.to_owned());
        Self { number, kind, status, ..Self::default() }
    }

    /// The n-th in Arabic. Its number is [`plain_number`], spelled in one of eight ways.
    pub fn arabic(n: usize) -> Self {
        let plain = plain_number(n);
        let number = match n % 8 {
            0 => digits(&plain, '٠'),
            1 => plain,
            2 => format!("\u{200f}{plain}\u{200e}"),
            3 => format!("\u{a0} {plain}\n  \u{a0}"),
            4 => digits(&plain, '۰'),
            5 => format!("\u{2067}{}\u{2069}", digits(&plain, '٠')),
            6 => format!("\u{202b}{plain}\u{202c}"),
            _ => digits(&plain, '٠').replace('/', "\u{200e}/\u{200e}"),
        };
        Self {
            number,
            kind: chosen(&ARABIC_KINDS, n),
            status: chosen(&ARABIC_STATUSES, n),
            court: chosen(&COURTS, n),
            circuit: format!("الدائرة {}", digits(&(1 + n % 12).to_string(), '٠')),
            hearing: digits(&format!("1446/{:02}/{:02} هـ", 1 + n % 12, 1 + n % 29), '٠'),
            opened: digits(&format!("1445/{:02}/{:02} هـ", 1 + n % 12, 1 + n % 28), '٠'),
            subject: format!("مطالبة مالية رقم {}", digits(&n.to_string(), '٠')),
        }
    }

    /// The n-th in English, `CASE-2024-001` and on from 1.
    pub fn english(n: usize) -> Self {
        Self {
            number: format!("CASE-2024-{n:03}"),
            kind: chosen(&ENGLISH_KINDS, n),
            status: chosen(&ENGLISH_STATUSES, n),
            court: "Commercial Court of Riyadh".to_owned(),
            circuit: format!("Circuit {}", 1 + n % 12),
            hearing: format!("{} Muharram 1446", 1 + n % 29),
            opened: format!("2024-{:02}-{:02}", 1 + n % 12, 1 + n % 28),
            subject: format!("Claim no. {n}"),
        }
    }
}

/// What the number of [`Case::arabic`] is in plain digits: nine of them, or as `1445/123`.
pub fn plain_number(n: usize) -> String {
    if n.is_multiple_of(2) {
        (451_234_567 + n).to_string()
    } else {
        format!("{}/{}", 1440 + n % 7, 100 + n)
    }
}

fn chosen(of: &[&str], n: usize) -> String {
    of.get(n % of.len()).copied().unwrap_or_default().to_owned()
}

/// With digits of another script, whose zero is this one.
fn digits(text: &str, zero: char) -> String {
    let digit = |plain: u32| char::from_u32(u32::from(zero) + plain);
    text.chars()
        .map(|character| character.to_digit(10).and_then(digit).unwrap_or(character))
        .collect()
}
