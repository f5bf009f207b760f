//! Finds data sets by name under the data roots, and keeps the loaded ones.

use super::{Dataset, DatasetError, Source};
use search::dataset::Manifest;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// A manifest that was found, and the folder that its files are in.
#[derive(Clone, Debug)]
pub struct Entry {
    pub manifest: Manifest,
    pub folder: PathBuf,
}

/// The data sets of a worker.
pub struct Catalog {
    roots: Vec<PathBuf>,
    entries: BTreeMap<String, Entry>,
    loaded: Mutex<BTreeMap<String, Arc<Dataset>>>,
}

/// The folders that are searched, first find wins: those given; `$NASCENT_HOME/data`; `data` in the current folder;
/// and `data` beside the program or up to two folders above it (an installed tree, or a build tree's repository).
pub fn data_roots(given: &[PathBuf]) -> Vec<PathBuf> {
    let mut roots: Vec<PathBuf> = given.to_vec();
    roots.extend(std::env::var_os("NASCENT_HOME").map(|home| PathBuf::from(home).join("data")));
    roots.push(PathBuf::from("data"));
    if let Ok(program) = std::env::current_exe() {
        roots.extend(program.ancestors().skip(1).take(3).map(|folder| folder.join("data")));
    }
    roots.retain(|root| root.is_dir());
    roots
}

impl Catalog {
    /// Reads the manifests under `roots`: `<root>/<name>/manifest.json`, or `<root>/<name>.json` with the files in
    /// `<root>/<name>/`. A manifest that cannot be read is reported in the log and left out, and so is a data set
    /// whose files are not there.
    pub fn open(roots: Vec<PathBuf>) -> Catalog {
        let mut entries = BTreeMap::new();
        for root in &roots {
            for (path, folder) in manifests(root) {
                match read(&path) {
                    Ok(manifest) => match missing(&manifest, &folder) {
                        None => {
                            entries.entry(manifest.name.clone()).or_insert(Entry { manifest, folder });
                        }
                        Some(file) => tracing::debug!(
                            dataset = manifest.name, file = %file.display(), "data set left out: a file is not there"
                        ),
                    },
                    Err(error) => tracing::warn!(%error, "data set left out"),
                }
            }
        }
        Catalog { roots, entries, loaded: Mutex::default() }
    }

    /// Names of the data sets whose files are there.
    pub fn names(&self) -> Vec<String> {
        self.entries.keys().cloned().collect()
    }

    pub fn entry(&self, name: &str) -> Option<&Entry> {
        self.entries.get(name)
    }

    /// The data set, read at its first use. Slots that ask at the same time wait for one reading.
    pub fn get(&self, name: &str) -> Result<Arc<Dataset>, DatasetError> {
        let entry = self.entry(name).ok_or_else(|| DatasetError::Unknown {
            name: name.to_string(),
            roots: self.roots.clone(),
            known: self.names(),
        })?;
        let mut loaded = self.loaded.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(dataset) = loaded.get(name) {
            return Ok(dataset.clone());
        }
        let dataset = Arc::new(Dataset::load(&Source { manifest: &entry.manifest, folder: &entry.folder })?);
        loaded.insert(name.to_string(), dataset.clone());
        Ok(dataset)
    }
}

/// Manifest files under a root with the folders of their data, in the order of their names.
fn manifests(root: &Path) -> Vec<(PathBuf, PathBuf)> {
    let Ok(listing) = std::fs::read_dir(root) else {
        return vec![];
    };
    let mut paths: Vec<PathBuf> = listing.filter_map(|entry| Some(entry.ok()?.path())).collect();
    paths.sort();
    let mut found = Vec::new();
    for path in paths {
        let inside = path.join("manifest.json");
        if inside.is_file() {
            found.push((inside, path));
        } else if path.extension().is_some_and(|e| e == "json") {
            found.push((path.clone(), path.with_extension("")));
        }
    }
    found
}

fn read(path: &Path) -> Result<Manifest, DatasetError> {
    let broken = |detail: String| DatasetError::Manifest { path: path.to_path_buf(), detail };
    let text = std::fs::read(path).map_err(|error| DatasetError::io(path, error))?;
    let manifest: Manifest = serde_json::from_slice(&text).map_err(|error| broken(error.to_string()))?;
    let outside = |p: &str| Path::new(p).components().any(|c| !matches!(c, std::path::Component::Normal(_)));
    if let Some(file) = manifest.files.values().find(|file| outside(&file.path)) {
        return Err(broken(format!("`{}` must be a path inside the data set's folder", file.path)));
    }
    if manifest.classes.is_empty() || manifest.classes.len() > 256 {
        return Err(broken(format!("{} classes; there can be 1 to 256", manifest.classes.len())));
    }
    if manifest.shape.contains(&0) {
        return Err(broken(format!("shape {:?} has an empty axis", manifest.shape)));
    }
    let share = |value: f64| (0.0..1.0).contains(&value);
    if !share(manifest.splits.validation_share) || !share(manifest.splits.test_share) {
        return Err(broken("`validation_share` and `test_share` must be at least 0 and below 1".into()));
    }
    if let Some(given) = &manifest.normalization {
        let channels = manifest.shape[0];
        if given.mean.len() != channels || given.std.len() != channels || given.std.iter().any(|s| *s <= 0.0) {
            return Err(broken(format!("`normalization` needs {channels} means and {channels} positive deviations")));
        }
    }
    Ok(manifest)
}

fn missing(manifest: &Manifest, folder: &Path) -> Option<PathBuf> {
    manifest.files.values().map(|file| folder.join(&file.path)).find(|path| !path.exists())
}
