//! Blanks a square of every image (DeVries and Taylor 2017), after normalisation.

use tch::{Kind, Tensor};

/// The half-open range that is blanked along an axis of `size` pixels: `length / 2` to both sides of the centre,
/// clipped.
pub fn blanked(center: i64, length: i64, size: i64) -> [i64; 2] {
    [(center - length / 2).clamp(0, size), (center + length / 2).clamp(0, size)]
}

/// `images` `[batch, channels, height, width]`, centres `[batch]`. The same squares as [`blanked`] says.
pub fn cutout(images: &Tensor, center_y: &Tensor, center_x: &Tensor, length: i64) -> Tensor {
    let [.., height, width] = images.size()[..] else { return images.shallow_clone() };
    let within = |center: &Tensor, size: i64| {
        let distance = Tensor::arange(size, (Kind::Int64, images.device())) - center.unsqueeze(1);
        distance.ge(-(length / 2)).logical_and(&distance.lt(length / 2))
    };
    let (rows, columns) = (within(center_y, height), within(center_x, width));
    let square = rows.unsqueeze(2).logical_and(&columns.unsqueeze(1)).unsqueeze(1);
    images * square.logical_not()
}
