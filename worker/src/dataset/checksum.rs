//! Checks files against the manifest's sha256, once: a stamp in the user's cache folder remembers what was checked.

use super::{DatasetError, Source};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

/// What a file looked like when its hash was right.
#[derive(PartialEq, Eq, Serialize, Deserialize)]
struct Stamp {
    path: PathBuf,
    bytes: u64,
    modified_nanoseconds: u128,
    sha256: String,
}

/// Checks every file of the manifest that has a hash.
pub fn verify(source: &Source<'_>) -> Result<(), DatasetError> {
    for file in source.manifest.files.values() {
        if let Some(expected) = &file.sha256 {
            verify_file(source, &source.folder.join(&file.path), expected)?;
        }
    }
    Ok(())
}

fn verify_file(source: &Source<'_>, path: &Path, expected: &str) -> Result<(), DatasetError> {
    let stamp = stamp(path, expected).map_err(|error| source.reading(path, error))?;
    let place = stamp_place(path);
    let known =
        place.as_ref().and_then(|p| std::fs::read(p).ok()).and_then(|b| serde_json::from_slice::<Stamp>(&b).ok());
    if known.as_ref() == Some(&stamp) {
        return Ok(());
    }
    let found = sha256(path).map_err(|error| source.reading(path, error))?;
    if !found.eq_ignore_ascii_case(expected) {
        return Err(DatasetError::Checksum { path: path.to_path_buf(), found, expected: expected.to_string() });
    }
    if let Some(place) = place {
        remember(&place, &stamp);
    }
    Ok(())
}

fn stamp(path: &Path, sha256: &str) -> std::io::Result<Stamp> {
    let metadata = path.metadata()?;
    let modified = metadata.modified()?.duration_since(UNIX_EPOCH).unwrap_or_default();
    Ok(Stamp {
        path: path.canonicalize()?,
        bytes: metadata.len(),
        modified_nanoseconds: modified.as_nanos(),
        sha256: sha256.to_string(),
    })
}

/// The stamp's file; `None` where there is no cache folder, and then files are hashed at every start.
fn stamp_place(path: &Path) -> Option<PathBuf> {
    let cache = std::env::var_os("XDG_CACHE_HOME")
        .map(PathBuf::from)
        .or_else(|| std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".cache")))?;
    let name = hex::encode(&Sha256::digest(path.canonicalize().ok()?.as_os_str().as_encoded_bytes())[..16]);
    Some(cache.join("nascent").join("checked").join(format!("{name}.json")))
}

fn remember(place: &Path, stamp: &Stamp) {
    let write = || -> std::io::Result<()> {
        std::fs::create_dir_all(place.parent().unwrap_or(place))?;
        std::fs::write(place, serde_json::to_vec(stamp)?)
    };
    if let Err(error) = write() {
        tracing::debug!(path = %place.display(), %error, "the checksum stamp cannot be kept; files are hashed again at the next start");
    }
}

fn sha256(path: &Path) -> std::io::Result<String> {
    let mut file = File::open(path)?;
    let mut hash = Sha256::new();
    let mut buffer = vec![0u8; 1 << 20];
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(hex::encode(hash.finalize())),
            read => hash.update(&buffer[..read]),
        }
    }
}
