//! What any file of rules is refused for: each refusal names the place in it.

use shared::error::{Error, Result};

/// The longest text, in bytes.
const TEXT: usize = 1000;

/// That a text is there and not too long.
///
/// # Errors
/// `Invalid`, naming `rules` and the place.
pub fn text(place: &str, text: &str) -> Result<()> {
    match text.len() {
        0 => Err(wrong(place, "must not be empty")),
        1..=TEXT => Ok(()),
        _ => Err(wrong(place, &format!("must be at most {TEXT} bytes long"))),
    }
}

/// That there are not too many of something.
///
/// # Errors
/// `Invalid`, naming `rules` and the place.
pub fn few(place: &str, number: usize, most: usize) -> Result<()> {
    if number <= most {
        return Ok(());
    }
    Err(wrong(place, &format!("must be at most {most}")))
}

/// What is wrong, and where.
pub fn wrong(place: &str, message: &str) -> Error {
    Error::invalid("rules", format!("{place}: {message}"))
}
