//! `caseway`: the bundle on one machine.

fn main() -> anyhow::Result<()> {
    local::cli::main()
}
