//! Logs: JSON lines with named fields, one line for a failure, where it is
//! handled. Bodies, headers and personal data are never logged.

use tracing_subscriber::EnvFilter;

/// Starts logging in JSON at `level` (for example `info`), to standard output as
/// Lambda collects it.
pub fn start(level: Option<&str>) {
    let format = tracing_subscriber::fmt().json().flatten_event(true).with_current_span(true);
    let format = format.with_span_list(false).with_env_filter(filter(level));
    // A second start, as in tests, changes nothing.
    let _ = format.try_init();
}

/// Starts logging in JSON at `level` to standard error, for a process that people
/// talk to.
pub fn start_local(level: Option<&str>) {
    let format = tracing_subscriber::fmt().json().flatten_event(true).with_current_span(true);
    let format = format.with_span_list(false).with_env_filter(filter(level));
    let _ = format.with_writer(std::io::stderr).try_init();
}

fn filter(level: Option<&str>) -> EnvFilter {
    let level = match level.unwrap_or_default().to_ascii_lowercase().as_str() {
        "error" => "error",
        "warn" | "warning" => "warn",
        "debug" => "debug",
        _ => "info",
    };
    EnvFilter::new(level)
}
