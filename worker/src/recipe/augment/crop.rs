//! Random crop of the image's own size out of the image with a black border, and mirroring: one gather.

use tch::{Kind, Tensor};

/// `pixels` `[batch, channels, height, width]`; `top`, `left` `[batch]` from 0 to twice the padding; `mirror`
/// `[batch]`, 0 or 1. Pixels from outside are 0.
pub fn crop(pixels: &Tensor, top: &Tensor, left: &Tensor, mirror: &Tensor, padding: i64) -> Tensor {
    let [batch, channels, height, width] = pixels.size()[..] else { return pixels.shallow_clone() };
    let options = (Kind::Int64, pixels.device());
    let rows = Tensor::arange(height, options) + top.unsqueeze(1) - padding;
    let columns = Tensor::arange(width, options);
    // Column j, or width - 1 - j where mirrored.
    let mirror = mirror.unsqueeze(1);
    let columns = (&columns + &mirror * (width - 1 - &columns * 2)) + left.unsqueeze(1) - padding;
    let source = |positions: &Tensor, size: i64| positions.clamp(0, size - 1);
    let (rows_in, columns_in) = (source(&rows, height), source(&columns, width));
    let taken = pixels.index(&[
        Some(Tensor::arange(batch, options).view([batch, 1, 1, 1])),
        Some(Tensor::arange(channels, options).view([1, channels, 1, 1])),
        Some(rows_in.view([batch, 1, height, 1])),
        Some(columns_in.view([batch, 1, 1, width])),
    ]);
    if padding == 0 {
        return taken;
    }
    let inside = rows
        .eq_tensor(&rows_in)
        .view([batch, 1, height, 1])
        .logical_and(&columns.eq_tensor(&columns_in).view([batch, 1, 1, width]));
    taken * inside
}
