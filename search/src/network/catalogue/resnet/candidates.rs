//! Which widths a convolution and which depths a stage may keep (TAS, section 3.1, as released).

/// Distinct widths `⌊channels * fraction⌋`, ascending.
pub(super) fn widths(channels: usize, fractions: &[f64]) -> Vec<usize> {
    let mut widths: Vec<usize> = fractions.iter().map(|fraction| (channels as f64 * fraction) as usize).collect();
    widths.retain(|width| *width > 0);
    widths.sort_unstable();
    widths.dedup();
    if widths.is_empty() { vec![channels] } else { widths }
}

/// Depths of a stage of `blocks` blocks in a network for small images: every number up to 3, every odd one and the last.
pub(super) fn cifar_depths(blocks: usize) -> Vec<usize> {
    match blocks {
        0..=3 => (1..=blocks).collect(),
        _ => (1..blocks).step_by(2).chain([blocks]).collect(),
    }
}

/// Depths in a network for large images: as many for every stage as the shortest stage has blocks.
pub(super) fn imagenet_depths(blocks: usize, shortest: usize) -> Vec<usize> {
    (1..=shortest).map(|step| blocks * step / shortest).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn depths_are_those_of_the_release() {
        let cases: [(usize, &[usize]); 5] =
            [(2, &[1, 2]), (3, &[1, 2, 3]), (5, &[1, 3, 5]), (6, &[1, 3, 5, 6]), (9, &[1, 3, 5, 7, 9])];
        for (blocks, depths) in cases {
            assert_eq!(cifar_depths(blocks), depths);
        }
        assert_eq!(imagenet_depths(6, 3), [2, 4, 6]);
        assert_eq!(imagenet_depths(4, 3), [1, 2, 4]);
    }

    #[test]
    fn widths_are_truncated_doubles() {
        let fractions = [0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0];
        assert_eq!(widths(64, &fractions), [19, 25, 32, 38, 44, 51, 57, 64]);
        assert_eq!(widths(4, &fractions), [1, 2, 3, 4]);
    }
}
