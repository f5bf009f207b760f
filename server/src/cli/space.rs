//! Search spaces without a service.

use super::output::{Format, facts, table, text};
use super::study::assignments;
use anyhow::{Context, Result};
use clap::{Args, Subcommand, ValueEnum};
use search::network::catalogue;
use search::randomness::{Purpose, Randomness};
use search::space::{Draw, Space};
use serde_json::{Value, json};

#[derive(Subcommand, Debug)]
pub enum SpaceCommand {
    /// List the ready-made spaces and their options
    List,
    /// Check a space: every fault with its place and the remedy
    Check(SpaceChoice),
    /// Count genotypes and decisions
    Count(SpaceChoice),
    /// Draw random genotypes
    Sample {
        #[command(flatten)]
        space: SpaceChoice,
        /// How many
        #[arg(short, long, default_value_t = 1)]
        n: u64,
        /// How they are drawn
        #[arg(long, value_enum, default_value_t)]
        mode: Mode,
        #[arg(long, default_value_t = 0)]
        seed: u64,
    },
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub enum Mode {
    /// Each choice uniform as it is met
    #[default]
    ByDecision,
    /// Each genotype with the same probability
    ByPoint,
}

/// A ready-made space by name, or a file.
#[derive(Args, Clone, Debug)]
pub struct SpaceChoice {
    /// Name of a ready-made space, or a file in the space language (YAML or JSON)
    space: String,
    /// Option of a ready-made space, e.g. channels=16
    #[arg(long = "set", value_name = "KEY=VALUE")]
    set: Vec<String>,
}

impl SpaceChoice {
    pub fn load(&self) -> Result<Space> {
        load(&self.space, &self.set)
    }
}

/// Builds a ready-made space or reads a file.
pub fn load(space: &str, set: &[String]) -> Result<Space> {
    if catalogue::find(space).is_some() {
        return Ok(catalogue::build(space, &assignments(set)?)?);
    }
    let text = std::fs::read_to_string(space).with_context(|| {
        format!("`{space}` is neither a ready-made space (`nascent space list`) nor a readable file")
    })?;
    Ok(Space::from_text(&text)?)
}

impl SpaceCommand {
    pub fn run(self, format: Format) -> Result<()> {
        match self {
            SpaceCommand::List => list(format),
            SpaceCommand::Check(choice) => {
                let space = choice.load()?;
                format.print(&json!({"name": space.name(), "valid": true}), |_| {
                    facts([("space".to_owned(), space.name().to_owned()), ("valid".to_owned(), "yes".to_owned())])
                })
            }
            SpaceCommand::Count(choice) => count(&choice.load()?, format),
            SpaceCommand::Sample { space, n, mode, seed } => sample(&space.load()?, n, mode, seed, format),
        }
    }
}

fn list(format: Format) -> Result<()> {
    let entry = |entry: &catalogue::Entry| json!({"name": entry.name, "summary": entry.summary, "options": (entry.schema)()["properties"]});
    let entries: Vec<Value> = catalogue::catalogue().iter().map(entry).collect();
    format.print(&Value::Array(entries), |entries| {
        let mut table = table(&["name", "what", "options"]);
        for entry in entries.as_array().into_iter().flatten() {
            let options = entry["options"].as_object().into_iter().flatten().map(|(name, _)| name.clone());
            table.add_row([text(entry, "/name"), text(entry, "/summary"), options.collect::<Vec<_>>().join(", ")]);
        }
        table
    })
}

fn count(space: &Space, format: Format) -> Result<()> {
    let counted = json!({
        "name": space.name(),
        "fingerprint": space.fingerprint(),
        "size": space.size().to_string(),
        "decisions": space.decisions().len(),
        "vector_length": space.vector_length(),
    });
    format.print(&counted, |counted| {
        facts(
            counted
                .as_object()
                .into_iter()
                .flatten()
                .map(|(name, _)| (name.clone(), text(counted, &format!("/{name}")))),
        )
    })
}

fn sample(space: &Space, n: u64, mode: Mode, seed: u64, format: Format) -> Result<()> {
    let how = match mode {
        Mode::ByDecision => Draw::ByDecision,
        Mode::ByPoint => Draw::ByPoint,
    };
    let randomness = Randomness::new(seed);
    let draws = (0..n).map(|i| space.sample(how, &mut randomness.at(Purpose::Show, i)));
    let samples = draws.map(|g| Ok(json!({"genotype": g, "key": space.key(&g), "value": space.materialise(&g)?})));
    let samples = samples.collect::<Result<Vec<_>>>()?;
    format.print(&Value::Array(samples), |samples| {
        let mut table = table(&["genotype", "key"]);
        for sample in samples.as_array().into_iter().flatten() {
            table.add_row([text(sample, "/genotype"), text(sample, "/key")]);
        }
        table
    })
}
