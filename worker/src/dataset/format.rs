//! The contract of a source format.

use super::{DatasetError, Raw};
use search::dataset::{Manifest, ManifestFile};
use std::io::Read;
use std::path::{Path, PathBuf};

/// Reads the files of one kind of data set.
pub trait Format: Sync {
    /// The manifest's `format`.
    fn name(&self) -> &'static str;

    /// Roles that the manifest's `files` must have.
    fn required(&self, manifest: &Manifest) -> Vec<String>;

    /// Reads all images. Every label must be below the number of classes and every image of the manifest's shape:
    /// [`Source::check`] says so for all formats alike.
    fn read(&self, source: &Source<'_>) -> Result<Raw, DatasetError>;
}

/// A manifest with the folder that its paths are relative to.
pub struct Source<'a> {
    pub manifest: &'a Manifest,
    pub folder: &'a Path,
}

impl Source<'_> {
    pub fn file(&self, role: &str) -> Option<&ManifestFile> {
        self.manifest.files.get(role)
    }

    /// Where the file of a role is, if the manifest has the role.
    pub fn path(&self, role: &str) -> Option<PathBuf> {
        self.file(role).map(|file| self.folder.join(&file.path))
    }

    /// Bytes of one image.
    pub fn image_bytes(&self) -> usize {
        self.manifest.shape.iter().product()
    }

    /// The whole content of a file, unpacked when its name ends in `.gz`.
    pub fn bytes(&self, role: &str) -> Result<(PathBuf, Vec<u8>), DatasetError> {
        let path = self.path(role).ok_or_else(|| DatasetError::Manifest {
            path: self.folder.join("manifest.json"),
            detail: format!("format `{}` needs the file role `{role}`", self.manifest.format),
        })?;
        let stored = std::fs::read(&path).map_err(|error| self.reading(&path, error))?;
        if path.extension().is_none_or(|e| e != "gz") {
            return Ok((path, stored));
        }
        let mut unpacked = Vec::new();
        match flate2::read::MultiGzDecoder::new(stored.as_slice()).read_to_end(&mut unpacked) {
            Ok(_) => Ok((path, unpacked)),
            Err(error) => Err(DatasetError::malformed(&path, format!("not a whole gzip file: {error}"))),
        }
    }

    /// A read error, "missing" told apart.
    pub fn reading(&self, path: &Path, error: std::io::Error) -> DatasetError {
        match error.kind() {
            std::io::ErrorKind::NotFound => {
                DatasetError::Missing { path: path.to_path_buf(), dataset: self.manifest.name.clone() }
            }
            _ => DatasetError::io(path, error),
        }
    }

    /// Refuses labels that name no class, and pixels that do not make up one image per label.
    pub fn check(&self, path: &Path, images: &super::Images) -> Result<(), DatasetError> {
        let classes = self.manifest.classes.len();
        if let Some(at) = images.labels.iter().position(|&label| usize::from(label) >= classes) {
            let label = images.labels[at];
            return Err(DatasetError::malformed(
                path,
                format!("image {at} has label {label}, the manifest names {classes} classes (0 to {})", classes - 1),
            ));
        }
        let (found, wanted) = (images.pixels.len(), images.len() * self.image_bytes());
        if found != wanted {
            let count = images.len();
            return Err(DatasetError::malformed(path, format!("{found} pixel bytes for {count} labels, not {wanted}")));
        }
        Ok(())
    }
}
