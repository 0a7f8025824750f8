//! Whole-number arithmetic that has an answer for every operand.

/// `amount * numerator / denominator`, toward zero, held at the ends of the range; zero when the
/// denominator is zero.
pub(crate) fn share(amount: i64, numerator: i64, denominator: i64) -> i64 {
    let product = i128::from(amount).saturating_mul(i128::from(numerator));
    held(product.checked_div(i128::from(denominator)).unwrap_or(0))
}

/// The value, held at the ends of the narrower range.
pub(crate) fn held(value: i128) -> i64 {
    i64::try_from(value).unwrap_or(if value < 0 { i64::MIN } else { i64::MAX })
}

/// The value as a signed number, held at the largest.
pub(crate) fn signed(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

/// The value as an unsigned number, held at zero and at the largest.
pub(crate) fn counted(value: i64) -> u32 {
    u32::try_from(value.max(0)).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_has_an_answer_for_every_operand() {
        assert_eq!(share(7, 3, 2), 10);
        assert_eq!(share(-7, 3, 2), -10);
        assert_eq!(share(7, 3, 0), 0);
        assert_eq!(share(i64::MAX, i64::MAX, 1), i64::MAX);
        assert_eq!(share(i64::MIN, i64::MAX, 1), i64::MIN);
    }

    #[test]
    fn narrowing_holds_at_the_ends() {
        assert_eq!(counted(-1), 0);
        assert_eq!(counted(i64::MAX), u32::MAX);
        assert_eq!(signed(u64::MAX), i64::MAX);
    }
}
