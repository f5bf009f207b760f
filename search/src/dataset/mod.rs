//! Data set manifests: what a data set is, so that a user's own needs no code.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The manifest of a data set (`manifest.json` in its folder).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    pub name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Name of a registered format: `idx`, `cifar_binary`, `image_folder`.
    pub format: String,
    /// Files by role (`train_images`, `train_labels`, …; the format says which it needs).
    pub files: BTreeMap<String, ManifestFile>,
    pub splits: Splits,
    /// `[channels, height, width]` of one image.
    pub shape: [usize; 3],
    /// Class names, by label.
    pub classes: Vec<String>,
    /// Per-channel mean and standard deviation of pixels scaled to 0..1; computed from the training split when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub normalization: Option<Normalization>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub license: Option<String>,
    /// Where the official files are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
}

/// One file of a data set, or one folder of an `image_folder`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ManifestFile {
    /// Path under the data set's folder (a folder for `image_folder`).
    pub path: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
    /// Official address of the file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

/// How the files' images become training, validation and test split. The three never share an image.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Splits {
    /// Share of the training files held out for validation, stratified by class, drawn with `seed`.
    pub validation_share: f64,
    /// Share of all images held out as test split first, when there are no test files.
    #[serde(default)]
    pub test_share: f64,
    #[serde(default)]
    pub seed: u64,
}

/// What is subtracted from and divides the pixels of each channel.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Normalization {
    pub mean: Vec<f64>,
    pub std: Vec<f64>,
}
