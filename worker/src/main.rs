//! The program `nascent-worker`.

fn main() -> anyhow::Result<()> {
    worker::device::tune_process();
    worker::cli::main()
}
