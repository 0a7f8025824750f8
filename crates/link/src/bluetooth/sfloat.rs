//! Decimal numbers of medical devices (ISO/IEEE 11073-20601): SFLOAT in sixteen bits, FLOAT in
//! thirty-two. A mantissa times a power of ten, and five codes that are no numbers.
//!
//! One number has several codes: 1, 10 tenths, 100 hundredths. All are decoded; encoding gives the one
//! with the fewest decimals, and no needless power of ten above one. Near a special code a digit is
//! lost: 2046 exists only as 205 tens. [`Sfloat::exact`] refuses what would lose a digit, which is
//! what a dose needs.

use super::packet::{Reader, Writer};
use super::{Attribute, Fault};

/// `mantissa` times ten to the `exponent`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decimal {
    /// Digits with their sign.
    pub mantissa: i32,
    /// Power of ten.
    pub exponent: i8,
}

/// What a code means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Number {
    /// A number.
    Finite(Decimal),
    /// Not a number: the value is invalid or missing.
    NotANumber,
    /// Not at this resolution.
    NotAtThisResolution,
    /// Above all numbers.
    Above,
    /// Below all numbers.
    Below,
    /// A code without a meaning.
    Reserved,
}

impl Number {
    /// The number in thousandths, rounded half away from zero; `None` for what is no number or does not
    /// fit.
    #[must_use]
    pub fn thousandths(self) -> Option<i32> {
        let Self::Finite(Decimal { mantissa, exponent }) = self else { return None };
        let wide = i64::from(mantissa);
        let shift = i32::from(exponent).checked_add(3)?;
        let scaled = if shift >= 0 {
            // Nothing but zero has room for more than nine places.
            let factor = 10_i64.checked_pow(u32::try_from(shift).ok()?);
            if wide == 0 { 0 } else { wide.checked_mul(factor?)? }
        } else {
            match 10_i64.checked_pow(shift.unsigned_abs()) {
                Some(divisor) => round_half_away(wide, divisor),
                None => 0,
            }
        };
        i32::try_from(scaled).ok()
    }
}

/// Sixteen bits: an exponent of four and a mantissa of twelve.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Sfloat(pub u16);

/// Thirty-two bits: an exponent of eight and a mantissa of twenty-four.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Float(pub u32);

impl Sfloat {
    /// Not a number.
    pub const NOT_A_NUMBER: Self = Self(0x07FF);
    /// Not at this resolution.
    pub const NOT_AT_THIS_RESOLUTION: Self = Self(0x0800);
    /// Above all numbers.
    pub const ABOVE: Self = Self(0x07FE);
    /// Below all numbers.
    pub const BELOW: Self = Self(0x0802);

    /// What the code means.
    #[must_use]
    pub fn number(self) -> Number {
        match self.0 {
            0x07FF => Number::NotANumber,
            0x0800 => Number::NotAtThisResolution,
            0x07FE => Number::Above,
            0x0802 => Number::Below,
            0x0801 => Number::Reserved,
            code => {
                // The sign is the highest bit of each field.
                let [high, _] = code.to_be_bytes();
                let mantissa = i32::from((code << 4).cast_signed() >> 4);
                Number::Finite(Decimal { mantissa, exponent: high.cast_signed() >> 4 })
            }
        }
    }

    /// The code of `value` times ten to the minus `decimals`, if there is one that loses nothing.
    #[must_use]
    pub fn exact(value: i64, decimals: u8) -> Option<Self> {
        Self::search(value, decimals, |value, divisor| {
            (value.checked_rem(divisor)? == 0).then(|| value.checked_div(divisor)).flatten()
        })
    }

    /// The code next to `value` times ten to the minus `decimals`; `None` when it is too large.
    #[must_use]
    pub fn nearest(value: i64, decimals: u8) -> Option<Self> {
        Self::exact(value, decimals).or_else(|| {
            // The most decimals that leave a mantissa with room.
            let exponents = -8..=7_i32;
            exponents.filter_map(|exponent| Self::rounded(value, decimals, exponent)).next()
        })
    }

    fn rounded(value: i64, decimals: u8, exponent: i32) -> Option<Self> {
        let dropped = u32::try_from(exponent.checked_add(i32::from(decimals))?).ok()?;
        let divisor = 10_i64.checked_pow(dropped)?;
        let code = Self::code(round_half_away(value, divisor), exponent)?;
        // Rounding may leave a needless zero.
        let Number::Finite(Decimal { mantissa, exponent }) = code.number() else { return None };
        let decimals = u8::try_from(exponent.checked_neg()?).unwrap_or(0);
        let raised = 10_i64.checked_pow(u32::try_from(Ord::max(exponent, 0)).ok()?)?;
        Self::exact(i64::from(mantissa).checked_mul(raised)?, decimals)
    }

    /// The fewest decimals first, then the least power of ten.
    fn search(value: i64, decimals: u8, divide: impl Fn(i64, i64) -> Option<i64>) -> Option<Self> {
        let exponents = (-8..=0_i32).rev().chain(1..=7);
        exponents
            .filter_map(|exponent| {
                let dropped = exponent.checked_add(i32::from(decimals))?;
                let mantissa = if dropped >= 0 {
                    divide(value, 10_i64.checked_pow(u32::try_from(dropped).ok()?)?)?
                } else {
                    value.checked_mul(10_i64.checked_pow(dropped.unsigned_abs())?)?
                };
                Self::code(mantissa, exponent)
            })
            .next()
    }

    /// The code of these digits; `None` when they do not fit or mean something else.
    fn code(mantissa: i64, exponent: i32) -> Option<Self> {
        let mantissa = i16::try_from(mantissa).ok().filter(|m| (-2048..=2047).contains(m))?;
        let exponent = i8::try_from(exponent).ok().filter(|e| (-8..=7).contains(e))?;
        let code = (exponent.cast_unsigned() & 0xF, mantissa.cast_unsigned() & 0x0FFF);
        let code = Self(u16::from(code.0) << 12 | code.1);
        matches!(code.number(), Number::Finite(_)).then_some(code)
    }
}

impl Float {
    /// What the code means.
    #[must_use]
    pub fn number(self) -> Number {
        match self.0 {
            0x007F_FFFF => Number::NotANumber,
            0x0080_0000 => Number::NotAtThisResolution,
            0x007F_FFFE => Number::Above,
            0x0080_0002 => Number::Below,
            0x0080_0001 => Number::Reserved,
            code => {
                let [exponent, ..] = code.to_be_bytes();
                let mantissa = (code << 8).cast_signed() >> 8;
                Number::Finite(Decimal { mantissa, exponent: exponent.cast_signed() })
            }
        }
    }

    /// The code of these digits; `None` when they do not fit or mean something else.
    #[must_use]
    pub fn of(decimal: Decimal) -> Option<Self> {
        let mantissa = decimal.mantissa.cast_unsigned() & 0x00FF_FFFF;
        let code = Self(u32::from(decimal.exponent.cast_unsigned()) << 24 | mantissa);
        (code.number() == Number::Finite(decimal)).then_some(code)
    }
}

/// A quotient rounded half away from zero.
fn round_half_away(value: i64, divisor: i64) -> i64 {
    let half = divisor / 2;
    let size = value.unsigned_abs().saturating_add(half.unsigned_abs());
    let rounded = size.checked_div(divisor.unsigned_abs()).unwrap_or(0);
    let rounded = i64::try_from(rounded).unwrap_or(i64::MAX);
    if value < 0 { rounded.saturating_neg() } else { rounded }
}

impl Attribute for Sfloat {
    fn read(input: &mut Reader<'_>) -> Result<Self, Fault> {
        input.get().map(Self)
    }

    fn write(&self, out: &mut Writer) {
        out.add(&self.0);
    }
}

impl Attribute for Float {
    fn read(input: &mut Reader<'_>) -> Result<Self, Fault> {
        input.get().map(Self)
    }

    fn write(&self, out: &mut Writer) {
        out.add(&self.0);
    }
}
