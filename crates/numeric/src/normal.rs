//! Uniform and normal numbers from raw 64-bit words, whatever generator makes them.

use core::f64::consts::TAU;

/// A number in `[0, 1)` with 53 random bits, from one random word.
#[must_use]
pub fn uniform(word: u64) -> f64 {
    (word >> 11) as f64 * (1.0 / 9_007_199_254_740_992.0)
}

/// A standard normal number (mean 0, variance 1) from two random words, by the Box-Muller transform.
///
/// Exactly two words a draw: unlike a rejection method, the position in the random stream never
/// depends on the values drawn.
#[must_use]
pub fn standard_normal(first: u64, second: u64) -> f64 {
    let radius = crate::sqrt(-2.0 * crate::ln(1.0 - uniform(first)));
    radius * crate::cos(TAU * uniform(second))
}

#[cfg(test)]
mod tests {
    use super::{standard_normal, uniform};

    #[test]
    fn uniform_stays_below_one() {
        assert_eq!(uniform(0), 0.0);
        assert!(uniform(u64::MAX) < 1.0);
        assert_eq!(uniform(1 << 63), 0.5);
    }

    #[test]
    fn normal_has_the_moments_of_a_normal() {
        let mut words = crate::fingerprint::SplitMix(7);
        let (mut sums, count) = ([0.0; 4], 100_000);
        for _ in 0..count {
            let z = standard_normal(words.next(), words.next());
            assert!(z.is_finite());
            let mut power = 1.0;
            for sum in &mut sums {
                power *= z;
                *sum += power / f64::from(count);
            }
        }
        for (found, expected) in sums.into_iter().zip([0.0, 1.0, 0.0, 3.0]) {
            assert!(crate::abs(found - expected) < 0.06, "{found} against {expected}");
        }
    }

    #[test]
    fn normal_is_finite_at_the_ends() {
        assert_eq!(standard_normal(0, 0), 0.0);
        assert!(standard_normal(u64::MAX, 0) > 8.0 && standard_normal(u64::MAX, 0) < 9.0);
    }
}
