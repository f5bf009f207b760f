//! Shapes, parameters and FLOPs of one network, without a service.

use super::output::{Format, table, text, thousands};
use super::space::load;
use anyhow::{Context, Result, bail};
use clap::Args;
use search::network::{catalogue, cost, draw_svg, lower, network_of};
use search::space::{Genotype, Space};
use serde_json::{Value, json};
use std::io::Read;
use std::path::PathBuf;

#[derive(Args, Debug)]
pub struct Inspect {
    /// Name of a ready-made space, or a file in the space language
    #[arg(long)]
    space: String,
    /// Option of a ready-made space, e.g. channels=16
    #[arg(long = "set", value_name = "KEY=VALUE")]
    set: Vec<String>,
    /// The genotype: text, a file, or - for standard input; in our forms or the literature's notation
    #[arg(long, allow_hyphen_values = true)]
    genotype: String,
    /// Draw the network into this SVG file
    #[arg(long)]
    graph: Option<PathBuf>,
}

impl Inspect {
    pub fn run(self, format: Format) -> Result<()> {
        let space = load(&self.space, &self.set)?;
        let genotype = read_genotype(&self.space, &space, &read_text(&self.genotype)?)?;
        let candidate = space.materialise(&genotype)?;
        let Some(network) = network_of(&candidate) else {
            bail!("space `{}` has no `network` member: there is nothing to inspect", space.name());
        };
        let graph = lower(network)?;
        if let Some(path) = &self.graph {
            let drawing = draw_svg(&graph, space.name());
            std::fs::write(path, drawing).with_context(|| format!("writing {}", path.display()))?;
        }
        let cost = cost(&graph);
        let inspected = json!({"params": cost.params, "flops": cost.flops, "layers": cost.rows});
        format.print(&inspected, |inspected| {
            let mut table = table(&["layer", "operator", "input", "output", "params", "FLOPs"]);
            for row in &cost.rows {
                table.add_row([
                    row.name.clone(),
                    row.operator.clone(),
                    row.input.to_string(),
                    row.output.to_string(),
                    thousands(row.params),
                    thousands(row.flops),
                ]);
            }
            let total = |key: &str| thousands(text(inspected, key).parse().unwrap_or_default());
            table.add_row(["total", "", "", "", &total("/params"), &total("/flops")]);
            table
        })
    }
}

fn read_text(source: &str) -> Result<String> {
    if source == "-" {
        let mut text = String::new();
        std::io::stdin().read_to_string(&mut text).context("reading standard input")?;
        return Ok(text);
    }
    let path = std::path::Path::new(source);
    if path.is_file() {
        return std::fs::read_to_string(path).with_context(|| format!("reading {source}"));
    }
    Ok(source.to_owned())
}

/// Our forms, and where the space has one the notation of its literature.
fn read_genotype(name: &str, space: &Space, text: &str) -> Result<Genotype> {
    let ours = serde_json::from_str::<Value>(text).ok().map(|value| space.read_genotype(&value));
    match (ours, catalogue::find(name).and_then(|entry| (entry.notation)())) {
        (Some(Ok(genotype)), _) => Ok(genotype),
        (_, Some(notation)) => Ok(notation.read(space, text)?),
        (Some(Err(faults)), None) => Err(faults.into()),
        (None, None) => bail!("the genotype is no JSON, and this space has no other notation"),
    }
}
