//! An exponential that a compiler can compute for many patients at once.
//!
//! `libm::exp` branches and looks up tables, so a loop over it cannot be turned into vector
//! instructions. This one is straight-line plain arithmetic: the same bits one at a time or eight.

/// 2^52 * 1.5: adding it rounds a small number to an integer held in the low bits.
const ROUNDING_SHIFT: f64 = 6_755_399_441_055_744.0;
/// ln 2 in two parts (Cody and Waite); the first has 32 trailing zero bits, so that a product with
/// a small integer is exact.
const LN_2_HIGH: f64 = f64::from_bits(0x3fe6_2e42_fee0_0000);
const LN_2_LOW: f64 = f64::from_bits(0x3dea_39ef_3579_3c76);

/// e to the power `x` with an error below 2 units in the last place, without a branch or a table.
///
/// The argument is limited to -300..=300, so that a product of two results is a normal number:
/// beyond, the value at the limit is returned. NaN gives the value at -300: callers keep NaN out.
#[inline(always)]
#[must_use]
pub fn branchless_exp(x: f64) -> f64 {
    let x = if x > -300.0 { x } else { -300.0 };
    let x = if x < 300.0 { x } else { 300.0 };
    let shifted = x * core::f64::consts::LOG2_E + ROUNDING_SHIFT;
    let power = shifted - ROUNDING_SHIFT;
    let r = (x - power * LN_2_HIGH) - power * LN_2_LOW;
    // The Taylor series on |r| <= ln(2)/2; its 14th term is below 2^-58 of the sum. Split in
    // even and odd halves, which shortens the chain of dependent operations.
    let s = r * r;
    let even = 1.0 / 2.0
        + s * (1.0 / 24.0
            + s * (1.0 / 720.0
                + s * (1.0 / 40_320.0 + s * (1.0 / 3_628_800.0 + s * (1.0 / 479_001_600.0)))));
    let odd = 1.0 / 6.0
        + s * (1.0 / 120.0
            + s * (1.0 / 5_040.0
                + s * (1.0 / 362_880.0 + s * (1.0 / 39_916_800.0 + s * (1.0 / 6_227_020_800.0)))));
    let fraction = 1.0 + (r + s * (even + r * odd));
    let scale = f64::from_bits(shifted.to_bits().wrapping_add(1023) << 52);
    fraction * scale
}

#[cfg(test)]
mod tests {
    use super::branchless_exp;
    use crate::fingerprint::SplitMix;

    #[test]
    fn agrees_with_libm_within_two_units_in_the_last_place() {
        let mut words = SplitMix(11);
        for _ in 0..400_000 {
            let x = (crate::uniform(words.next()) - 0.5) * 600.0;
            let narrow = x / 50.0;
            for x in [x, narrow] {
                let (found, expected) = (branchless_exp(x), crate::exp(x));
                let apart = found.to_bits().abs_diff(expected.to_bits());
                assert!(apart <= 2, "exp({x}): {found} against {expected}, {apart} units apart");
            }
        }
    }

    #[test]
    fn saturates_beyond_the_limits() {
        assert_eq!(branchless_exp(0.0), 1.0);
        assert_eq!(branchless_exp(1e9), branchless_exp(300.0));
        assert_eq!(branchless_exp(f64::NEG_INFINITY), branchless_exp(-300.0));
        assert_eq!(branchless_exp(f64::NAN), branchless_exp(-300.0));
        assert!(branchless_exp(-300.0) * branchless_exp(-300.0) >= f64::MIN_POSITIVE);
        assert!((branchless_exp(300.0) * branchless_exp(300.0)).is_finite());
    }
}
