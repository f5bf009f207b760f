//! Command line of `nascent-worker`: one file per subcommand.

mod bench;
mod devices;
mod probe;
mod run;

use clap::{Parser, Subcommand};
use std::io::IsTerminal as _;
use tracing_subscriber::EnvFilter;

/// Trains networks for a Nascent server.
#[derive(Parser, Debug)]
#[command(name = "nascent-worker", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// Lease work from a server and do it, until a signal ends it.
    Run(run::RunArgs),
    /// Show what a network or an operator computes on made-up weights and inputs (JSON).
    Probe(probe::ProbeArgs),
    /// Show what this machine can train on.
    Devices(devices::DevicesArgs),
    /// Measure a training step (JSON).
    Bench(bench::BenchArgs),
}

/// Parses the arguments and does what they say.
pub fn main() -> anyhow::Result<()> {
    let cli = Cli::parse();
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    let colours = std::io::stderr().is_terminal();
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_ansi(colours).init();
    match cli.command {
        Command::Run(args) => run::run(args, crate::module::build),
        Command::Probe(args) => probe::run(&args),
        Command::Devices(args) => devices::run(&args),
        Command::Bench(args) => bench::run(&args),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }
}
