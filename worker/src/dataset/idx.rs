//! The idx format of MNIST and its kin: big-endian header, then bytes; `.gz` or plain.
//!
//! Roles: `train_images`, `train_labels`, and both or none of `test_images`, `test_labels`. Image files hold
//! `[image, row, column]` (one channel) or `[image, channel, row, column]`.

use super::{DatasetError, Format, Images, Raw, Source};
use search::dataset::Manifest;
use std::path::Path;

pub struct Idx;

impl Format for Idx {
    fn name(&self) -> &'static str {
        "idx"
    }

    fn required(&self, manifest: &Manifest) -> Vec<String> {
        let has_test = manifest.files.keys().any(|role| role.starts_with("test_"));
        let parts: &[&str] = if has_test { &["train", "test"] } else { &["train"] };
        parts.iter().flat_map(|part| [format!("{part}_images"), format!("{part}_labels")]).collect()
    }

    fn read(&self, source: &Source<'_>) -> Result<Raw, DatasetError> {
        let train = part(source, "train")?;
        let test = source.file("test_images").map(|_| part(source, "test")).transpose()?;
        Ok(Raw { train, test })
    }
}

fn part(source: &Source<'_>, name: &str) -> Result<Images, DatasetError> {
    let (path, bytes) = source.bytes(&format!("{name}_images"))?;
    let (dims, pixels) = parse(&path, bytes)?;
    let [channels, height, width] = source.manifest.shape;
    let fits = match dims[..] {
        [_, h, w] => channels == 1 && (h, w) == (height, width),
        [_, c, h, w] => [c, h, w] == [channels, height, width],
        _ => false,
    };
    if !fits {
        let shape = source.manifest.shape;
        return Err(DatasetError::malformed(&path, format!("holds {dims:?}, the manifest's shape is {shape:?}")));
    }
    let (label_path, bytes) = source.bytes(&format!("{name}_labels"))?;
    let (label_dims, labels) = parse(&label_path, bytes)?;
    if label_dims != dims[..1] {
        let detail = format!("holds {label_dims:?} labels for {} images", dims[0]);
        return Err(DatasetError::malformed(&label_path, detail));
    }
    let images = Images { pixels, labels };
    source.check(&label_path, &images)?;
    Ok(images)
}

/// Dimensions and content of an idx file of unsigned bytes.
fn parse(path: &Path, mut bytes: Vec<u8>) -> Result<(Vec<usize>, Vec<u8>), DatasetError> {
    let rank = match bytes.get(..4) {
        Some(&[0, 0, 8, rank]) if (1..=4).contains(&rank) => usize::from(rank),
        Some(magic) => {
            return Err(DatasetError::malformed(
                path,
                format!("starts with {magic:02x?}, not an idx file of bytes (00 00 08 rank)"),
            ));
        }
        None => return Err(DatasetError::malformed(path, "shorter than an idx header")),
    };
    let header = 4 + 4 * rank;
    let Some(sizes) = bytes.get(4..header) else {
        return Err(DatasetError::malformed(path, "ends inside its header"));
    };
    let dims: Vec<usize> =
        sizes.chunks_exact(4).map(|b| u32::from_be_bytes([b[0], b[1], b[2], b[3]]) as usize).collect();
    let wanted = dims.iter().try_fold(1usize, |product, &dim| product.checked_mul(dim));
    let found = bytes.len() - header;
    if wanted != Some(found) {
        return Err(DatasetError::malformed(
            path,
            format!("the header announces {dims:?} bytes, {found} follow (truncated?)"),
        ));
    }
    bytes.drain(..header);
    Ok((dims, bytes))
}
