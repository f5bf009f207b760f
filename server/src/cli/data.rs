//! Data sets: which are known, and getting their files.

use super::fetch;
use super::output::{Format, table, text};
use anyhow::{Context, Result, bail};
use clap::Subcommand;
use search::dataset::Manifest;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// Manifests that the program knows without any file.
const MANIFESTS: [&str; 4] = [
    include_str!("../../../data/digits/manifest.json"),
    include_str!("../../../data/fashion-mnist.json"),
    include_str!("../../../data/cifar-10.json"),
    include_str!("../../../data/cifar-100.json"),
];

#[derive(Subcommand, Debug)]
pub enum DataCommand {
    /// List the data sets that can be fetched
    List,
    /// Fetch a data set: download and verify its files, or copy them from a folder
    Get {
        /// Name of the data set
        name: String,
        /// Copy the files from this folder instead of downloading
        #[arg(long)]
        from: Option<PathBuf>,
        /// Folder of data sets
        #[arg(long, env = "NASCENT_DATA", default_value = "data")]
        data: PathBuf,
    },
}

fn manifests() -> Result<Vec<Manifest>> {
    MANIFESTS.iter().map(|text| Ok(serde_json::from_str(text)?)).collect()
}

impl DataCommand {
    pub async fn run(self, format: Format) -> Result<()> {
        match self {
            DataCommand::List => list(format),
            DataCommand::Get { name, from, data } => get(&name, from.as_deref(), &data).await,
        }
    }
}

fn list(format: Format) -> Result<()> {
    let row = |m: &Manifest| json!({"name": m.name, "title": m.title, "classes": m.classes.len(), "shape": m.shape, "license": m.license});
    let known: Vec<Value> = manifests()?.iter().map(row).collect();
    format.print(&Value::Array(known), |known| {
        let mut table = table(&["name", "title", "shape", "classes", "licence"]);
        for dataset in known.as_array().into_iter().flatten() {
            table.add_row(["/name", "/title", "/shape", "/classes", "/license"].map(|field| text(dataset, field)));
        }
        table
    })
}

async fn get(name: &str, from: Option<&Path>, data: &Path) -> Result<()> {
    let known = manifests()?;
    let Some(manifest) = known.iter().find(|manifest| manifest.name == name) else {
        let names: Vec<&str> = known.iter().map(|manifest| manifest.name.as_str()).collect();
        bail!("there is no data set `{name}`; known are {}", names.join(", "));
    };
    let folder = data.join(name);
    std::fs::create_dir_all(&folder).with_context(|| format!("creating {}", folder.display()))?;
    let archives = data.join(".archives");
    for file in manifest.files.values() {
        let to = folder.join(&file.path);
        if fetch::verify(&to, file).is_ok() {
            println!("{} is there", to.display());
            continue;
        }
        match from {
            Some(from) => fetch::copy(&from.join(&file.path), &to, file)?,
            None => fetch::download(file, &to, &archives).await?,
        }
        println!("{}", to.display());
    }
    let text = serde_json::to_string_pretty(manifest)?;
    std::fs::write(folder.join("manifest.json"), text).context("writing the manifest")
}
