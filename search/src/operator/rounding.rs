//! Channel numbers as the FBNet and MobileNet families round them.

/// `wanted` to a multiple of `divisor`: halves go up, and a result below 95 % of the wish goes up one step more. Whole
/// multiples stay as they are; the least result is `divisor`. (Released FBNet model definitions.)
pub fn round_channels(wanted: f64, divisor: usize) -> usize {
    let step = divisor.max(1) as f64;
    if wanted % step == 0.0 {
        return wanted as usize;
    }
    let mut rounded = (wanted / step + 0.5).floor().max(1.0) * step;
    if rounded < 0.95 * wanted {
        rounded += step;
    }
    rounded.max(step) as usize
}

#[cfg(test)]
mod tests {
    use super::round_channels;

    #[test]
    fn halves_go_up_and_no_more_than_five_percent_is_lost() {
        for (wanted, rounded) in
            [(9.0, 16), (20.0, 24), (27.3, 32), (36.0, 40), (51.2, 56), (107.0, 104), (130.96, 128)]
        {
            assert_eq!(round_channels(wanted, 8), rounded, "{wanted}");
        }
        assert_eq!(round_channels(16.0, 8), 16);
        assert_eq!(round_channels(2.5, 1), 3);
    }
}
