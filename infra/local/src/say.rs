//! What the person at the terminal is told.

/// One line on standard output.
#[expect(clippy::print_stdout, reason = "the one place that talks to the terminal")]
pub(crate) fn say(line: &str) {
    println!("{line}");
}

/// One line on standard error.
#[expect(clippy::print_stderr, reason = "the one place that complains at the terminal")]
pub(crate) fn complain(line: &str) {
    eprintln!("caseway: {line}");
}
