//! The source formats by name.

use super::{Format, cifar_binary::CifarBinary, idx::Idx, image_folder::ImageFolder};

static FORMATS: [&dyn Format; 3] = [&Idx, &CifarBinary, &ImageFolder];

pub fn formats() -> &'static [&'static dyn Format] {
    &FORMATS
}

pub fn find(name: &str) -> Option<&'static dyn Format> {
    FORMATS.iter().copied().find(|format| format.name() == name)
}
