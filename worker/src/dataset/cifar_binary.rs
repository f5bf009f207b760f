//! The binary layout of CIFAR-10 and CIFAR-100: per image one label byte (CIFAR-100: coarse then fine), then the
//! pixels plane by plane.
//!
//! Roles: `train`, or `train_1`, `train_2`, … in that order, and `test` or `test_1`, …. With 100 classes there are
//! two label bytes of which the second, the fine one, counts.

use super::{DatasetError, Format, Images, Raw, Source};
use search::dataset::Manifest;

pub struct CifarBinary;

impl Format for CifarBinary {
    fn name(&self) -> &'static str {
        "cifar_binary"
    }

    fn required(&self, manifest: &Manifest) -> Vec<String> {
        let found = roles(manifest, "train");
        if found.is_empty() { vec!["train".into()] } else { found }
    }

    fn read(&self, source: &Source<'_>) -> Result<Raw, DatasetError> {
        let train = part(source, &self.required(source.manifest))?;
        let test_roles = roles(source.manifest, "test");
        let test = if test_roles.is_empty() { None } else { Some(part(source, &test_roles)?) };
        Ok(Raw { train, test })
    }
}

/// Roles of a part in the order of their numbers.
fn roles(manifest: &Manifest, part: &str) -> Vec<String> {
    let number = |role: &str| -> Option<u32> {
        match role.strip_prefix(part)? {
            "" => Some(0),
            rest => rest.strip_prefix('_')?.parse().ok(),
        }
    };
    let mut found: Vec<(u32, String)> =
        manifest.files.keys().filter_map(|role| Some((number(role)?, role.clone()))).collect();
    found.sort();
    found.into_iter().map(|(_, role)| role).collect()
}

fn part(source: &Source<'_>, roles: &[String]) -> Result<Images, DatasetError> {
    let label_bytes = if source.manifest.classes.len() == 100 { 2 } else { 1 };
    let record = label_bytes + source.image_bytes();
    let mut images = Images::default();
    for role in roles {
        let (path, bytes) = source.bytes(role)?;
        if bytes.is_empty() || bytes.len() % record != 0 {
            let detail = format!("{} bytes are not a whole number of {record}-byte images (truncated?)", bytes.len());
            return Err(DatasetError::malformed(&path, detail));
        }
        let mut file = Images::default();
        for image in bytes.chunks_exact(record) {
            file.labels.push(image[label_bytes - 1]);
            file.pixels.extend_from_slice(&image[label_bytes..]);
        }
        source.check(&path, &file)?;
        images.append(file);
    }
    Ok(images)
}
