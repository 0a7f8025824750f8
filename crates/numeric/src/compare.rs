//! Minimum, maximum and clamp with every case defined.
//!
//! `-0` is smaller than `+0`. A NaN argument is ignored in favour of the other one; two NaNs give
//! NaN, and [`clamp`] passes a NaN on so that it can be found.

/// The smaller of the two; `-0 < +0`; a number wins over NaN.
#[must_use]
pub fn min(a: f64, b: f64) -> f64 {
    if a < b || b.is_nan() || (a == b && a.is_sign_negative()) { a } else { b }
}

/// The larger of the two; `+0 > -0`; a number wins over NaN.
#[must_use]
pub fn max(a: f64, b: f64) -> f64 {
    if a > b || b.is_nan() || (a == b && a.is_sign_positive()) { a } else { b }
}

/// `x` moved into `low..=high`. NaN stays NaN. If `low > high`, the result is `low`: where limits
/// contradict each other, the floor wins and nothing panics.
#[must_use]
pub fn clamp(x: f64, low: f64, high: f64) -> f64 {
    if x.is_nan() { x } else { max(low, min(x, high)) }
}

#[cfg(test)]
mod tests {
    use super::{clamp, max, min};

    #[test]
    fn signed_zero_and_nan_are_defined_in_both_orders() {
        let nan = f64::NAN;
        for (a, b) in [(-0.0, 0.0), (0.0, -0.0)] {
            assert_eq!(min(a, b).to_bits(), (-0.0_f64).to_bits());
            assert_eq!(max(a, b).to_bits(), 0.0_f64.to_bits());
        }
        assert_eq!((min(nan, 2.0), min(2.0, nan)), (2.0, 2.0));
        assert_eq!((max(nan, 2.0), max(2.0, nan)), (2.0, 2.0));
        assert!(min(nan, nan).is_nan() && max(nan, nan).is_nan());
        assert_eq!((min(1.0, 2.0), max(1.0, 2.0)), (1.0, 2.0));
        assert_eq!((min(2.0, 1.0), max(2.0, 1.0)), (1.0, 2.0));
    }

    #[test]
    fn clamp_is_total() {
        assert_eq!(clamp(5.0, 1.0, 3.0), 3.0);
        assert_eq!(clamp(-5.0, 1.0, 3.0), 1.0);
        assert_eq!(clamp(2.0, 1.0, 3.0), 2.0);
        assert_eq!(clamp(2.0, 7.0, 3.0), 7.0);
        assert!(clamp(f64::NAN, 1.0, 3.0).is_nan());
    }
}
