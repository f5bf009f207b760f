//! JPEG and PNG files in one folder per class.
//!
//! Roles: `train` and `test` (two trees), or `images` (one tree). A tree has one folder per class, named as the
//! class; files are taken in the order of their names. An image of another size is scaled until its shorter side
//! fits and then cropped around its centre; its colours become those of the manifest's shape (1 or 3 channels).

use super::{DatasetError, Format, Images, Raw, Source};
use image::imageops::FilterType;
use search::dataset::Manifest;
use std::path::{Path, PathBuf};

pub struct ImageFolder;

impl Format for ImageFolder {
    fn name(&self) -> &'static str {
        "image_folder"
    }

    fn required(&self, manifest: &Manifest) -> Vec<String> {
        let role = if manifest.files.contains_key("images") { "images" } else { "train" };
        let test = manifest.files.contains_key("test").then_some("test");
        std::iter::once(role).chain(test).map(String::from).collect()
    }

    fn read(&self, source: &Source<'_>) -> Result<Raw, DatasetError> {
        let channels = source.manifest.shape[0];
        if channels != 1 && channels != 3 {
            return Err(DatasetError::Manifest {
                path: source.folder.join("manifest.json"),
                detail: format!("images have 1 or 3 channels, not {channels}"),
            });
        }
        let roles = self.required(source.manifest);
        let train = tree(source, &roles[0])?;
        let test = roles.get(1).map(|role| tree(source, role)).transpose()?;
        Ok(Raw { train, test })
    }
}

fn tree(source: &Source<'_>, role: &str) -> Result<Images, DatasetError> {
    let root = source.path(role).ok_or_else(|| DatasetError::Manifest {
        path: source.folder.join("manifest.json"),
        detail: "`image_folder` needs the role `train` or `images`".into(),
    })?;
    let mut files: Vec<(PathBuf, u8)> = Vec::new();
    for (label, class) in source.manifest.classes.iter().enumerate() {
        let label = u8::try_from(label).map_err(|_| DatasetError::malformed(&root, "more than 256 classes"))?;
        let folder = root.join(class);
        let found = pictures(&folder).map_err(|error| source.reading(&folder, error))?;
        if found.is_empty() {
            return Err(DatasetError::malformed(&folder, "no JPEG or PNG file for this class"));
        }
        files.extend(found.into_iter().map(|path| (path, label)));
    }
    let images =
        Images { pixels: decode_all(&files, source.manifest.shape)?, labels: files.iter().map(|f| f.1).collect() };
    source.check(&root, &images)?;
    Ok(images)
}

fn pictures(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let extension = path.extension().and_then(|e| e.to_str()).unwrap_or_default().to_ascii_lowercase();
        if matches!(extension.as_str(), "jpg" | "jpeg" | "png") {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

/// Decodes on all cores; the order of the files is kept.
fn decode_all(files: &[(PathBuf, u8)], shape: [usize; 3]) -> Result<Vec<u8>, DatasetError> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let share = files.len().div_ceil(threads).max(1);
    let parts = std::thread::scope(|scope| {
        let running: Vec<_> = files
            .chunks(share)
            .map(|chunk| {
                scope.spawn(move || {
                    let mut pixels = Vec::with_capacity(chunk.len() * shape.iter().product::<usize>());
                    for (path, _) in chunk {
                        pixels.extend(decode(path, shape)?);
                    }
                    Ok(pixels)
                })
            })
            .collect();
        running.into_iter().map(|thread| thread.join()).collect::<Vec<_>>()
    });
    let mut pixels = Vec::with_capacity(files.len() * shape.iter().product::<usize>());
    for part in parts {
        match part {
            Ok(decoded) => pixels.extend(decoded?),
            Err(panic) => std::panic::resume_unwind(panic),
        }
    }
    Ok(pixels)
}

/// One image as planes `[channel, row, column]`.
fn decode(path: &Path, [channels, height, width]: [usize; 3]) -> Result<Vec<u8>, DatasetError> {
    let picture =
        image::open(path).map_err(|error| DatasetError::malformed(path, format!("cannot be decoded: {error}")))?;
    let (h, w) = (height as u32, width as u32);
    let picture = if (picture.height(), picture.width()) == (h, w) {
        picture
    } else {
        picture.resize_to_fill(w, h, FilterType::Triangle)
    };
    if channels == 1 {
        return Ok(picture.into_luma8().into_raw());
    }
    let interleaved = picture.into_rgb8().into_raw();
    Ok((0..3).flat_map(|channel| interleaved.iter().skip(channel).step_by(3).copied()).collect())
}
