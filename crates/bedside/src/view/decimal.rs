//! Exact decimal numbers: what people type and read is never a binary fraction.

use serde::{Deserialize, Serialize};
use std::cmp::Ordering;
use std::fmt::{Display, Formatter};
use std::str::FromStr;

/// Most digits of a number, all together.
pub(super) const DIGITS_MAX: usize = 12;
/// Most digits after the separator.
pub(super) const PLACES_MAX: u8 = 6;

/// A number that is not negative, with the digits that it was written with.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Decimal {
    digits: u64,
    places: u8,
}

/// A text that is no [`Decimal`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected digits with at most one point between them, for example 0.05")]
pub struct NoDecimal;

impl Decimal {
    /// `digits` divided by ten to the power of `places`; `None` beyond twelve digits or
    /// six places.
    #[must_use]
    pub const fn new(digits: u64, places: u8) -> Option<Self> {
        if digits >= 10_u64.pow(DIGITS_MAX as u32) || places > PLACES_MAX {
            return None;
        }
        Some(Self { digits, places })
    }

    /// In units of the sixth place, in which every decimal is whole.
    #[must_use]
    pub const fn millionths(self) -> u64 {
        let rest = PLACES_MAX.saturating_sub(self.places) as u32;
        self.digits.saturating_mul(10_u64.pow(rest))
    }

    /// Digits after the separator.
    #[must_use]
    pub const fn places(self) -> u8 {
        self.places
    }

    /// The same number with at least so many digits after the separator.
    #[must_use]
    pub const fn with_places(self, places: u8) -> Self {
        if places <= self.places || places > PLACES_MAX {
            return self;
        }
        let more = (places - self.places) as u32;
        Self { digits: self.digits.saturating_mul(10_u64.pow(more)), places }
    }
}

impl PartialEq for Decimal {
    fn eq(&self, other: &Self) -> bool {
        self.millionths() == other.millionths()
    }
}

impl Eq for Decimal {}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        self.millionths().cmp(&other.millionths())
    }
}

impl Display for Decimal {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        let scale = 10_u64.pow(u32::from(self.places));
        write!(f, "{}", self.digits / scale)?;
        if self.places == 0 {
            return Ok(());
        }
        write!(f, ".{:0width$}", self.digits % scale, width = usize::from(self.places))
    }
}

impl FromStr for Decimal {
    type Err = NoDecimal;

    fn from_str(text: &str) -> Result<Self, NoDecimal> {
        let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
        let all_digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        if !all_digits(whole) || !all_digits(fraction) || text.len() > DIGITS_MAX + 1 {
            return Err(NoDecimal);
        }
        let fraction = if text.contains('.') { fraction } else { "" };
        let places = u8::try_from(fraction.len()).map_err(|_| NoDecimal)?;
        let digits = format!("{whole}{fraction}").parse().map_err(|_| NoDecimal)?;
        Self::new(digits, places).ok_or(NoDecimal)
    }
}

impl TryFrom<String> for Decimal {
    type Error = NoDecimal;

    fn try_from(text: String) -> Result<Self, NoDecimal> {
        text.parse()
    }
}

impl From<Decimal> for String {
    fn from(decimal: Decimal) -> Self {
        decimal.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::Decimal;
    use proptest::prelude::*;

    #[test]
    fn digits_are_kept_and_value_is_compared() {
        let half: Decimal = "0.50".parse().unwrap();
        assert_eq!(half.to_string(), "0.50");
        assert_eq!(half, "0.5".parse().unwrap());
        assert!(half < "10".parse().unwrap());
        assert_eq!("7".parse::<Decimal>().unwrap().with_places(2).to_string(), "7.00");
    }

    #[test]
    fn what_is_no_plain_number_is_refused() {
        for text in ["", ".", ".5", "5.", "1,5", "-1", "+1", "1e3", "1.2.3", " 1", "1.0000000"] {
            assert!(text.parse::<Decimal>().is_err(), "{text}");
        }
        assert!("9999999999999".parse::<Decimal>().is_err());
    }

    proptest! {
        #[test]
        fn text_and_number_are_one(digits in 0_u64..1_000_000_000_000, places in 0_u8..=6) {
            let decimal = Decimal::new(digits, places).unwrap();
            let again: Decimal = decimal.to_string().parse().unwrap();
            prop_assert_eq!(again.to_string(), decimal.to_string());
        }
    }
}
