//! Data sets: found through manifests, read once, kept whole on the training device.
//!
//! A data set is a folder with a `manifest.json` ([`search::dataset::Manifest`]). The source formats are an open
//! set: one file here and one line in [`registry`]. Training, validation and test images are told apart once, in
//! [`split`], and the test images are handed out under [`search::work::Split::Final`] alone.

mod catalog;
mod checksum;
mod cifar_binary;
mod fault;
mod format;
mod idx;
mod image_folder;
mod images;
pub mod registry;
mod resident;
mod split;

pub use catalog::{Catalog, Entry, data_roots};
pub use fault::DatasetError;
pub use format::{Format, Source};
pub use images::{Images, Raw};
pub use resident::{Dataset, View};
pub use split::Partition;

#[cfg(test)]
mod tests;
