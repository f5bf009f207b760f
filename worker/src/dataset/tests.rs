//! Formats, faults and splits, on files made here. The real files are read in `tests/dataset_files.rs`.

use super::*;
use proptest::prelude::*;
use search::dataset::{Manifest, Splits};
use search::work::Split;
use serde_json::json;
use std::collections::BTreeSet;
use std::path::Path;
use tch::Device;

fn idx(dims: &[u32], content: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0, 0, 8, dims.len() as u8];
    bytes.extend(dims.iter().flat_map(|dim| dim.to_be_bytes()));
    bytes.extend(content);
    bytes
}

fn manifest(format: &str, files: serde_json::Value) -> Manifest {
    serde_json::from_value(json!({
        "name": "tiny", "format": format, "files": files, "shape": [1, 2, 2], "classes": ["a", "b"],
        "splits": {"validation_share": 0.25, "test_share": 0.2},
    }))
    .unwrap()
}

/// Twenty 2×2 images, labels 0 and 1 by turns.
fn write_tiny(folder: &Path) -> Manifest {
    let pixels: Vec<u8> = (0..80).collect();
    let labels: Vec<u8> = (0..20).map(|i| i % 2).collect();
    std::fs::write(folder.join("images"), idx(&[20, 2, 2], &pixels)).unwrap();
    std::fs::write(folder.join("labels"), idx(&[20], &labels)).unwrap();
    manifest("idx", json!({"train_images": {"path": "images"}, "train_labels": {"path": "labels"}}))
}

fn load(folder: &Path, manifest: &Manifest) -> Result<Dataset, DatasetError> {
    Dataset::load(&Source { manifest, folder })
}

/// The fault that loading the tiny data set gives once `damage` was done to it.
fn fault(damage: impl FnOnce(&Path, &mut Manifest)) -> String {
    let folder = tempfile::tempdir().unwrap();
    let mut manifest = write_tiny(folder.path());
    damage(folder.path(), &mut manifest);
    load(folder.path(), &manifest).err().expect("a damaged data set must not load").to_string()
}

#[test]
fn the_three_parts_of_a_data_set_are_what_its_shares_say() {
    let folder = tempfile::tempdir().unwrap();
    let manifest = write_tiny(folder.path());
    let dataset = load(folder.path(), &manifest).unwrap();
    let search = dataset.view(Split::Search, Device::Cpu);
    let last = dataset.view(Split::Final, Device::Cpu);
    assert_eq!((search.train.len(), search.judge.len()), (12, 4));
    assert_eq!((last.train.len(), last.judge.len()), (16, 4));
    assert_eq!(search.pixels.size(), [20, 1, 2, 2]);
    assert_eq!(u8::try_from(search.pixels.get(3).view(-1).get(2)).unwrap(), 14);
}

#[test]
fn every_damage_is_named_with_its_file() {
    let truncated = fault(|folder, _| {
        let path = folder.join("images");
        let bytes = std::fs::read(&path).unwrap();
        std::fs::write(path, &bytes[..bytes.len() - 3]).unwrap();
    });
    assert!(truncated.contains("images") && truncated.contains("77 follow (truncated?)"), "{truncated}");
    let magic = fault(|folder, _| std::fs::write(folder.join("labels"), b"\x89PNG....").unwrap());
    assert!(magic.contains("labels") && magic.contains("not an idx file"), "{magic}");
    let label = fault(|folder, _| {
        let labels: Vec<u8> = (0..20).map(|i| if i == 7 { 2 } else { i % 2 }).collect();
        std::fs::write(folder.join("labels"), idx(&[20], &labels)).unwrap();
    });
    assert!(label.contains("image 7 has label 2"), "{label}");
    let shape = fault(|_, manifest| manifest.shape = [1, 4, 1]);
    assert!(shape.contains("[20, 2, 2]") && shape.contains("[1, 4, 1]"), "{shape}");
    let missing = fault(|folder, _| std::fs::remove_file(folder.join("labels")).unwrap());
    assert!(missing.contains("missing") && missing.contains("nascent data get tiny"), "{missing}");
    let role = fault(|_, manifest| drop(manifest.files.remove("train_labels")));
    assert!(role.contains("file role `train_labels`"), "{role}");
    let format = fault(|_, manifest| manifest.format = "parquet".into());
    assert!(format.contains("`parquet`") && format.contains("idx, cifar_binary, image_folder"), "{format}");
    let hash = fault(|_, manifest| {
        manifest.files.get_mut("train_images").unwrap().sha256 = Some("00".repeat(32));
    });
    assert!(hash.contains("sha256 is ") && hash.contains("damaged"), "{hash}");
    let counts = fault(|folder, _| std::fs::write(folder.join("labels"), idx(&[19], &[0; 19])).unwrap());
    assert!(counts.contains("[19] labels for 20 images"), "{counts}");
}

#[test]
fn cifar_records_carry_one_or_two_label_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let record = |labels: &[u8], pixel: u8| [labels, &[pixel; 4]].concat();
    let first = (0..10).flat_map(|i| record(&[i % 2], i)).collect::<Vec<u8>>();
    let second = (10..20).flat_map(|i| record(&[i % 2], i)).collect::<Vec<u8>>();
    for (name, bytes) in [("b1", &first), ("b2", &second), ("t", &first)] {
        std::fs::write(folder.path().join(name), bytes).unwrap();
    }
    let files = json!({"train_2": {"path": "b2"}, "train_1": {"path": "b1"}, "test": {"path": "t"}});
    let mut manifest = manifest("cifar_binary", files);
    let read =
        |manifest: &Manifest| registry::find("cifar_binary").unwrap().read(&Source { manifest, folder: folder.path() });
    let raw = read(&manifest).unwrap();
    assert_eq!((raw.train.len(), raw.test.unwrap().len()), (20, 10));
    assert_eq!(raw.train.pixels[..8], [0, 0, 0, 0, 1, 1, 1, 1]);
    assert_eq!(raw.train.pixels[76..], [19; 4]);
    assert_eq!(load(folder.path(), &manifest).unwrap().view(Split::Final, Device::Cpu).judge.len(), 10);

    std::fs::write(folder.path().join("hundred"), [record(&[3, 99], 5), record(&[19, 0], 6)].concat()).unwrap();
    manifest.classes = (0..100).map(|i| i.to_string()).collect();
    manifest.files = serde_json::from_value(json!({"train": {"path": "hundred"}})).unwrap();
    assert_eq!(read(&manifest).unwrap().train.labels, [99, 0]);
}

#[test]
fn a_tree_of_pictures_is_a_data_set() {
    let folder = tempfile::tempdir().unwrap();
    for (class, level) in [("a", 10u8), ("b", 200)] {
        std::fs::create_dir_all(folder.path().join("all").join(class)).unwrap();
        for i in 0..8u8 {
            let size = if i == 0 { (4, 6) } else { (2, 2) };
            let picture = image::RgbImage::from_pixel(size.0, size.1, image::Rgb([level, level + i, 0]));
            picture.save(folder.path().join("all").join(class).join(format!("{i}.png"))).unwrap();
        }
    }
    let mut manifest = manifest("image_folder", json!({"images": {"path": "all"}}));
    manifest.shape = [3, 2, 2];
    let raw =
        registry::find("image_folder").unwrap().read(&Source { manifest: &manifest, folder: folder.path() }).unwrap();
    assert_eq!(raw.train.labels, [[0; 8], [1; 8]].concat());
    assert_eq!(
        raw.train.pixels[..24],
        [10, 10, 10, 10, 10, 10, 10, 10, 0, 0, 0, 0, 10, 10, 10, 10, 11, 11, 11, 11, 0, 0, 0, 0]
    );
    std::fs::write(folder.path().join("all/b/broken.jpg"), b"not a picture").unwrap();
    let fault = load(folder.path(), &manifest).err().unwrap().to_string();
    assert!(fault.contains("broken.jpg") && fault.contains("cannot be decoded"), "{fault}");
}

#[test]
fn a_catalog_finds_both_forms_of_a_manifest_and_only_complete_data_sets() {
    let root = tempfile::tempdir().unwrap();
    for name in ["one", "two"] {
        std::fs::create_dir(root.path().join(name)).unwrap();
        let mut manifest = write_tiny(&root.path().join(name));
        manifest.name = name.into();
        let place = if name == "one" { "one/manifest.json" } else { "two.json" };
        std::fs::write(root.path().join(place), serde_json::to_vec(&manifest).unwrap()).unwrap();
    }
    let mut absent = write_tiny(root.path());
    absent.name = "absent".into();
    std::fs::write(root.path().join("absent.json"), serde_json::to_vec(&absent).unwrap()).unwrap();
    let mut outside = absent.clone();
    outside.files.get_mut("train_images").unwrap().path = "../two/images".into();
    std::fs::write(root.path().join("outside.json"), serde_json::to_vec(&outside).unwrap()).unwrap();
    let catalog = Catalog::open(vec![root.path().to_path_buf()]);
    assert_eq!(catalog.names(), ["one", "two"]);
    assert_eq!(catalog.get("two").unwrap().manifest().name, "two");
    let unknown = catalog.get("three").err().unwrap().to_string();
    assert!(unknown.contains("`three`") && unknown.contains("one, two"), "{unknown}");
}

proptest! {
    #[test]
    fn splits_never_share_an_image_and_keep_the_class_shares(
        labels in prop::collection::vec(0u8..5, 50..400),
        validation_share in 0.05f64..0.6,
        test_share in 0.0f64..0.5,
        test_files in 0usize..30,
        seed: u64,
    ) {
        let splits = Splits { validation_share, test_share, seed };
        let partition = Partition::new(&splits, &labels, test_files);
        let all = [&partition.train[..], &partition.validation, &partition.test].concat();
        let distinct: BTreeSet<i64> = all.iter().copied().collect();
        prop_assert_eq!(distinct.len(), all.len());
        prop_assert_eq!(distinct, (0..(labels.len() + test_files) as i64).collect::<BTreeSet<_>>());
        if test_files > 0 {
            prop_assert_eq!(&partition.test, &(labels.len() as i64..(labels.len() + test_files) as i64).collect::<Vec<_>>());
        }
        for class in 0..5 {
            let of = |part: &[i64]| part.iter().filter(|i| labels.get(**i as usize) == Some(&class)).count() as f64;
            let rest = of(&partition.train) + of(&partition.validation);
            prop_assert!((of(&partition.validation) - rest * validation_share).abs() <= 0.5 + 1e-9);
        }
        prop_assert_eq!(Partition::new(&splits, &labels, test_files), partition);
    }
}
