//! Numbers that any framework can reproduce.

/// `count` numbers in `[0, 1)`: with 64-bit integers,
/// `(((1103 k²) mod 10007 + ((7919 + 74 s) mod 10007) k + 131 s + 17) mod 10007) / 10007` for k = 0, 1, ….
pub fn code(count: usize, seed: u64) -> Vec<f64> {
    let slope = (7919 + 74 * seed) % 10007;
    let value = |k: u64| ((1103 * k * k) % 10007 + slope * k + 131 * seed + 17) % 10007;
    (0..count as u64).map(|k| value(k) as f64 / 10007.0).collect()
}

/// `cos(frequency * j)` for j = 0, 1, ….
pub fn cosine(count: usize, frequency: f64) -> Vec<f64> {
    (0..count).map(|j| (frequency * j as f64).cos()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_numbers_of_the_code() {
        let wanted = [17.0, (1103.0 + 7919.0 + 17.0), ((1103.0 * 4.0) + 7919.0 * 2.0 + 17.0) - 2.0 * 10007.0];
        assert_eq!(code(3, 0), wanted.map(|value| value / 10007.0));
        assert_ne!(code(3, 1), code(3, 0));
    }
}
