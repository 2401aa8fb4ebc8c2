//! `caseway` once more, so that it is built with the tests that start and kill it.

/// Every request makes and drops many small values.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    local::cli::main()
}
