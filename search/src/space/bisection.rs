//! Bisection: a choice among n ordered candidates as binary choices, so that neighbouring values share statistics
//! (DeepArchitect; space-language §8).

/// The binary choices that select `index` among `count` candidates: 0 keeps the lower half of the interval, 1 the upper.
pub fn bisect(index: usize, count: usize) -> Vec<u8> {
    let (mut low, mut high) = (0, count);
    let mut choices = Vec::new();
    while high - low > 1 {
        let middle = low.midpoint(high);
        if index < middle {
            high = middle;
            choices.push(0);
        } else {
            low = middle;
            choices.push(1);
        }
    }
    choices
}
