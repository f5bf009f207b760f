//! Data sets: which are known, and getting their files.

use super::client::part_of;
use super::output::{Format, table, text};
use anyhow::{Context, Result, bail, ensure};
use clap::Subcommand;
use futures::StreamExt;
use reqwest::StatusCode;
use search::dataset::{Manifest, ManifestFile};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::io::Read;
use std::path::{Path, PathBuf};
use tokio::io::AsyncWriteExt;

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
    for file in manifest.files.values() {
        let to = folder.join(&file.path);
        if matches!(verify(&to, file), Ok(())) {
            println!("{} is there", to.display());
            continue;
        }
        match from {
            Some(from) => copy(&from.join(&file.path), &to, file)?,
            None => download(file, &to).await?,
        }
        println!("{}", to.display());
    }
    let text = serde_json::to_string_pretty(manifest)?;
    std::fs::write(folder.join("manifest.json"), text).context("writing the manifest")
}

fn copy(from: &Path, to: &Path, file: &ManifestFile) -> Result<()> {
    let part = part_of(to);
    std::fs::copy(from, &part).with_context(|| format!("copying {}", from.display()))?;
    finish(&part, to, file)
}

/// Downloads with resume: what came before an interruption is kept in a `.part` file.
async fn download(file: &ManifestFile, to: &Path) -> Result<()> {
    let Some(url) = &file.url else {
        bail!("{} has no address to download from; copy the files with --from DIR", file.path);
    };
    let part = part_of(to);
    let have = std::fs::metadata(&part).map_or(0, |meta| meta.len());
    let http = reqwest::Client::builder().build().context("preparing HTTPS (are root certificates installed?)")?;
    let mut request = http.get(url);
    if have > 0 {
        request = request.header("Range", format!("bytes={have}-"));
    }
    let offline = || format!("cannot reach {url}; offline, fetch the file elsewhere and use --from DIR");
    let response = request.send().await.with_context(offline)?;
    match response.status() {
        StatusCode::PARTIAL_CONTENT | StatusCode::OK => {}
        StatusCode::RANGE_NOT_SATISFIABLE => return finish(&part, to, file),
        status => bail!("{url} answers {status}"),
    }
    let resumes = response.status() == StatusCode::PARTIAL_CONTENT;
    let mut options = tokio::fs::OpenOptions::new();
    let mut sink = options.create(true).append(resumes).write(true).truncate(!resumes).open(&part).await?;
    let mut body = response.bytes_stream();
    while let Some(chunk) = body.next().await {
        sink.write_all(&chunk.context("the download was cut off; run the command again to resume it")?).await?;
    }
    sink.flush().await?;
    finish(&part, to, file)
}

/// A file takes its name only when its hash is right.
fn finish(part: &Path, to: &Path, file: &ManifestFile) -> Result<()> {
    if let Err(error) = verify(part, file) {
        let _ = std::fs::remove_file(part);
        return Err(error);
    }
    std::fs::rename(part, to).with_context(|| format!("naming {}", to.display()))
}

fn verify(path: &Path, file: &ManifestFile) -> Result<()> {
    let mut source = std::fs::File::open(path).with_context(|| format!("opening {}", path.display()))?;
    let Some(expected) = &file.sha256 else { return Ok(()) };
    let mut hash = Sha256::new();
    let mut buffer = vec![0u8; 1 << 20];
    loop {
        match source.read(&mut buffer)? {
            0 => break,
            count => hash.update(&buffer[..count]),
        }
    }
    let found = hex::encode(hash.finalize());
    ensure!(&found == expected, "{} has sha256 {found}, not {expected}", path.display());
    Ok(())
}
