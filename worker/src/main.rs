//! The program `nascent-worker`.

fn main() -> anyhow::Result<()> {
    worker::cli::main()
}
