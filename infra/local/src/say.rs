//! What the person at the terminal is told.

/// One line on standard output.
#[expect(clippy::print_stdout, reason = "the one place that talks to the terminal")]
pub(crate) fn say(line: &str) {
    println!("{line}");
}
