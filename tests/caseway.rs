//! `caseway` once more, so that it is built with the tests that start and kill it.

fn main() -> anyhow::Result<()> {
    local::cli::main()
}
