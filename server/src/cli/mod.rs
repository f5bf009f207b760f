//! The command line: one file per group of commands. Tables by default, JSON with `--format json`.

mod client;
mod data;
mod fetch;
mod inspect;
mod latency;
mod local;
mod output;
mod quickstart;
mod run;
mod serve;
mod space;
mod study;
mod token;
mod trial;
mod watch;
mod worker;

use anyhow::Result;
use clap::{Args, Parser, Subcommand};
pub use output::Format;

/// Neural architecture search as a service.
#[derive(Parser, Debug)]
#[command(name = "nascent", version, about)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,

    /// How answers are printed
    #[arg(long, global = true, value_enum, default_value_t)]
    format: Format,

    #[command(flatten)]
    connection: Connection,
}

/// Which service the client commands speak to.
#[derive(Args, Clone, Debug)]
pub struct Connection {
    /// Address of the service
    #[arg(long, global = true, env = "NASCENT_URL", default_value = "http://127.0.0.1:8080")]
    url: String,

    /// Token for the service
    #[arg(long, global = true, env = "NASCENT_TOKEN", hide_env_values = true)]
    token: Option<String>,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// Run the service, with tokens
    Serve(serve::Serve),
    /// Run the service for yourself on this machine: no tokens, loopback only
    Up(serve::Up),
    /// Run a real search on the shipped digits and show the result
    Quickstart(quickstart::Quickstart),
    /// Submit a study (YAML or JSON) and watch it
    Run(study::Run),
    /// Studies: list, show, runs, submit, pause, resume, stop, cancel, set, watch, export
    #[command(subcommand)]
    Study(study::StudyCommand),
    /// Trials: list, show, curve, cancel
    #[command(subcommand)]
    Trial(trial::TrialCommand),
    /// Search spaces: list, check, count, sample (no service needed)
    #[command(subcommand)]
    Space(space::SpaceCommand),
    /// Shapes, parameters and FLOPs of a genotype (no service needed)
    Inspect(inspect::Inspect),
    /// Data sets: list, get (no service needed)
    #[command(subcommand)]
    Data(data::DataCommand),
    /// Take away the best network of a study
    Export(study::Export),
    /// Tokens: create, list, revoke
    #[command(subcommand)]
    Token(token::TokenCommand),
    /// Workers: list
    #[command(subcommand)]
    Worker(worker::WorkerCommand),
    /// Latency tables that `measure` runs have filled: list, show
    #[command(subcommand)]
    Latency(latency::LatencyCommand),
    /// Print the OpenAPI document
    Openapi,
}

impl Cli {
    /// Carries out the command.
    pub async fn run(self) -> Result<()> {
        // Only some commands speak to a service; the others must not fail for want of one.
        let client = || client::Client::new(&self.connection);
        match self.command {
            Command::Serve(serve) => serve.run().await,
            Command::Up(up) => up.run().await,
            Command::Quickstart(quickstart) => quickstart.run().await,
            Command::Run(run) => run.run(&client()?, self.format).await,
            Command::Study(command) => command.run(&client()?, self.format).await,
            Command::Trial(command) => command.run(&client()?, self.format).await,
            Command::Space(command) => command.run(self.format),
            Command::Inspect(inspect) => inspect.run(self.format),
            Command::Data(command) => command.run(self.format).await,
            Command::Export(export) => export.run(&client()?).await,
            Command::Token(command) => command.run(&client()?, self.format).await,
            Command::Worker(command) => command.run(&client()?, self.format).await,
            Command::Latency(command) => command.run(&client()?, self.format).await,
            Command::Openapi => {
                println!("{}", serde_json::to_string_pretty(&crate::api::document()?)?);
                Ok(())
            }
        }
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
