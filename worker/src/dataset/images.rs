//! Decoded images in host memory.

/// Images of one shape with their labels; pixels are `[image, channel, row, column]`, one byte each.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Images {
    pub pixels: Vec<u8>,
    pub labels: Vec<u8>,
}

impl Images {
    pub fn len(&self) -> usize {
        self.labels.len()
    }

    pub fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }

    /// Adds the images of `other` behind these.
    pub fn append(&mut self, mut other: Images) {
        self.pixels.append(&mut other.pixels);
        self.labels.append(&mut other.labels);
    }
}

/// What a format read: the training files, and the test files where there are any.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Raw {
    pub train: Images,
    pub test: Option<Images>,
}
