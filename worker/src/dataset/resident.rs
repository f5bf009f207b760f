//! A data set in memory, whole, as tensors on the training device.

use super::{DatasetError, Images, Partition, Source, checksum, registry};
use search::dataset::{Manifest, Normalization};
use search::work::Split;
use std::sync::Mutex;
use tch::{Device, Kind, Tensor};

/// A data set that was read and split. Shared by all slots of a worker.
pub struct Dataset {
    manifest: Manifest,
    partition: Partition,
    normalization: Normalization,
    /// Pixels and labels per device, the CPU's first. Behind a lock because tensors cannot be shared by reference.
    resident: Mutex<Vec<(Device, Tensor, Tensor)>>,
}

/// What a training run sees of a data set: its own images, and those that judge it.
pub struct View {
    /// `[images, channels, height, width]`, bytes.
    pub pixels: Tensor,
    /// `[images]`, 64-bit integers.
    pub labels: Tensor,
    /// Indices of the images to train on.
    pub train: Vec<i64>,
    /// Indices of the images to judge by: validation under `Search`, test under `Final`.
    pub judge: Vec<i64>,
    pub classes: usize,
    /// `[channels, height, width]`
    pub shape: [usize; 3],
    pub normalization: Normalization,
}

impl View {
    /// The same data with other images to train on.
    pub fn with_train(&self, train: Vec<i64>) -> View {
        View {
            pixels: self.pixels.shallow_clone(),
            labels: self.labels.shallow_clone(),
            train,
            judge: self.judge.clone(),
            classes: self.classes,
            shape: self.shape,
            normalization: self.normalization.clone(),
        }
    }
}

impl Dataset {
    /// Checks the files' hashes, reads them, splits them.
    pub fn load(source: &Source<'_>) -> Result<Dataset, DatasetError> {
        let manifest = source.manifest;
        let broken = |detail: String| DatasetError::Manifest { path: source.folder.to_path_buf(), detail };
        let format = registry::find(&manifest.format).ok_or_else(|| {
            let known: Vec<&str> = registry::formats().iter().map(|f| f.name()).collect();
            broken(format!("format `{}` is not known; there are {}", manifest.format, known.join(", ")))
        })?;
        for role in format.required(manifest) {
            if source.file(&role).is_none() {
                return Err(broken(format!("format `{}` needs the file role `{role}`", manifest.format)));
            }
        }
        checksum::verify(source)?;
        let raw = format.read(source)?;
        let test_files = raw.test.as_ref().map_or(0, Images::len);
        let partition = Partition::new(&manifest.splits, &raw.train.labels, test_files);
        for (part, indices) in
            [("training", &partition.train), ("validation", &partition.validation), ("test", &partition.test)]
        {
            if indices.is_empty() {
                return Err(broken(format!("the {part} split is empty; change `splits` or add images")));
            }
        }
        let normalization = match &manifest.normalization {
            Some(given) => given.clone(),
            None => measure(&raw.train.pixels, manifest.shape, &partition.train),
        };
        let mut images = raw.train;
        images.append(raw.test.unwrap_or_default());
        let resident = Mutex::new(vec![tensors(&images, manifest.shape)]);
        Ok(Dataset { manifest: manifest.clone(), partition, normalization, resident })
    }

    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// The images that a run under `split` may see. The first call for a device copies the data set there.
    pub fn view(&self, split: Split, device: Device) -> View {
        let (train, judge) = match split {
            Split::Search => (self.partition.train.clone(), self.partition.validation.clone()),
            Split::Final => {
                let mut all: Vec<i64> = [&self.partition.train[..], &self.partition.validation[..]].concat();
                all.sort_unstable();
                (all, self.partition.test.clone())
            }
        };
        let (pixels, labels) = self.on(device);
        View {
            pixels,
            labels,
            train,
            judge,
            classes: self.manifest.classes.len(),
            shape: self.manifest.shape,
            normalization: self.normalization.clone(),
        }
    }

    fn on(&self, device: Device) -> (Tensor, Tensor) {
        let mut resident = self.resident.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if !resident.iter().any(|(at, ..)| *at == device) {
            let (_, pixels, labels) = &resident[0];
            let copy = (device, pixels.to_device(device), labels.to_device(device));
            resident.push(copy);
        }
        let found = resident.iter().find(|(at, ..)| *at == device).unwrap_or(&resident[0]);
        (found.1.shallow_clone(), found.2.shallow_clone())
    }
}

fn tensors(images: &Images, [channels, height, width]: [usize; 3]) -> (Device, Tensor, Tensor) {
    let shape = [images.len() as i64, channels as i64, height as i64, width as i64];
    let pixels = Tensor::from_slice(&images.pixels).view(shape);
    let labels = Tensor::from_slice(&images.labels).to_kind(Kind::Int64);
    (Device::Cpu, pixels, labels)
}

/// Mean and standard deviation per channel of the given images, pixels scaled to 0..1.
fn measure(pixels: &[u8], [channels, height, width]: [usize; 3], indices: &[i64]) -> Normalization {
    let plane = height * width;
    let mut normalization = Normalization { mean: vec![], std: vec![] };
    for channel in 0..channels {
        let (mut sum, mut squares) = (0u64, 0u64);
        for &index in indices {
            let start = (index as usize * channels + channel) * plane;
            for &pixel in &pixels[start..start + plane] {
                sum += u64::from(pixel);
                squares += u64::from(pixel) * u64::from(pixel);
            }
        }
        let count = (indices.len() * plane) as f64;
        let mean = sum as f64 / count;
        let deviation = (squares as f64 / count - mean * mean).max(0.0).sqrt();
        normalization.mean.push(mean / 255.0);
        // A channel without any contrast is left as it is.
        normalization.std.push(if deviation > 0.0 { deviation / 255.0 } else { 1.0 });
    }
    normalization
}
