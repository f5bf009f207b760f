//! The official files of real data sets, where they are there.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use search::dataset::Manifest;
use search::work::Split;
use serde_json::json;
use std::path::Path;
use support::shared;
use tch::{Device, Kind};
use worker::dataset::{Catalog, Dataset, Source};

fn shipped(name: &str) -> Manifest {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../data").join(name);
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

#[test]
fn the_digits_ship_whole() {
    let catalog = Catalog::open(vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("../data")]);
    assert!(catalog.names().contains(&"digits".to_string()));
    let digits = catalog.get("digits").unwrap();
    let (search, last) = (digits.view(Split::Search, Device::Cpu), digits.view(Split::Final, Device::Cpu));
    assert_eq!((search.train.len(), search.judge.len(), last.train.len(), last.judge.len()), (1151, 287, 1438, 359));
    assert!(last.judge.iter().all(|image| search.train.binary_search(image).is_err()));
    assert!(last.judge.iter().all(|image| search.judge.binary_search(image).is_err()));
    assert_eq!(search.pixels.max().int64_value(&[]), 255);
}

#[test]
fn the_shipped_manifests_name_known_formats() {
    for name in ["digits/manifest.json", "fashion-mnist.json", "cifar-10.json", "cifar-100.json"] {
        let manifest = shipped(name);
        let format = worker::dataset::registry::find(&manifest.format).unwrap();
        for role in format.required(&manifest) {
            assert!(manifest.files.contains_key(&role), "{name} lacks {role}");
        }
        assert!(manifest.files.values().all(|file| file.sha256.as_ref().is_some_and(|hash| hash.len() == 64)));
    }
}

#[test]
fn fashion_mnist_is_read_from_its_official_files() {
    let Some(folder) = shared("data/fashion_mnist") else { return };
    let manifest = shipped("fashion-mnist.json");
    let dataset = Dataset::load(&Source { manifest: &manifest, folder: &folder }).unwrap();
    let view = dataset.view(Split::Final, Device::Cpu);
    assert_eq!((view.train.len(), view.judge.len()), (60_000, 10_000));
    let mean = view.pixels.narrow(0, 0, 60_000).mean(Kind::Double).double_value(&[]);
    assert!((mean - 72.940).abs() < 1e-3, "{mean}");
}

#[test]
fn cifar_10_is_read_in_its_official_layout() {
    let Some(folder) = shared("data/cifar10") else { return };
    let mut manifest = shipped("cifar-10.json");
    manifest.files = serde_json::from_value(json!({
        "train": {"path": "ci_train_2000.bin.gz", "sha256": "5d671ad4f8f0e507b63664c2968e645042118c872939abf0e5191c8deabd544b"},
        "test": {"path": "ci_test_1000.bin.gz", "sha256": "6965e7eb1b91e951855c25fca0d3c692ba9b518a0c1fddac9ac0438c4bb0c011"},
    }))
    .unwrap();
    let dataset = Dataset::load(&Source { manifest: &manifest, folder: &folder }).unwrap();
    let (search, last) = (dataset.view(Split::Search, Device::Cpu), dataset.view(Split::Final, Device::Cpu));
    assert_eq!((search.train.len(), search.judge.len(), last.judge.len()), (1800, 200, 1000));
    let of_class = |label: i64| view_count(&last.labels.narrow(0, 2000, 1000), label);
    assert!((0..10).all(|label| of_class(label) == 100));
}

fn view_count(labels: &tch::Tensor, label: i64) -> i64 {
    labels.eq(label).sum(Kind::Int64).int64_value(&[])
}

#[test]
fn cifar_10_pictures_in_folders_are_the_same_images_as_its_binary_files() {
    let (Some(archive), Some(folder)) = (shared("data/cifar10/cifar10_jpeg_test.tar.gz"), shared("data/cifar10"))
    else {
        return;
    };
    let tree = tempfile::tempdir().unwrap();
    let unpacked = std::process::Command::new("tar").arg("-xzf").arg(archive).arg("-C").arg(tree.path()).status();
    assert!(unpacked.unwrap().success());
    let mut manifest = shipped("cifar-10.json");
    manifest.format = "image_folder".into();
    manifest.splits.test_share = 0.1;
    manifest.files = serde_json::from_value(json!({"images": {"path": "test"}})).unwrap();
    let source = Source { manifest: &manifest, folder: tree.path() };
    let pictures = worker::dataset::registry::find("image_folder").unwrap().read(&source).unwrap().train;
    assert_eq!(pictures.len(), 10_000);

    manifest.format = "cifar_binary".into();
    manifest.files = serde_json::from_value(json!({"train": {"path": "ci_test_1000.bin.gz"}})).unwrap();
    let source = Source { manifest: &manifest, folder: &folder };
    let binary = worker::dataset::registry::find("cifar_binary").unwrap().read(&source).unwrap().train;
    // The binary file interleaves the classes: image 10 k + c is picture k of class c.
    for (index, label) in binary.labels.iter().enumerate() {
        let picture = usize::from(*label) * 1000 + index / 10;
        let pixels = |all: &[u8], i: usize| all[i * 3072..(i + 1) * 3072].to_vec();
        let pairs = pixels(&binary.pixels, index).into_iter().zip(pixels(&pictures.pixels, picture));
        let worst = pairs.map(|(a, b)| a.abs_diff(b)).max().unwrap();
        assert!(worst <= 4, "image {index} differs by {worst}: decoders differ by a level or two");
    }
}
