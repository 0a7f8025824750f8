//! One reading, and what its value is: a number, a code, or a number of the wrong unit.

use super::Rejection;
use crate::profile;
use crate::profile::scale::{Grade, MilliMgDl, Percent};
use crate::units::{GlucoseMgDl, GlucoseMmolL};
use homeostat_record::Span;
use minicbor::{Decode, Encode};

/// What a sensor says of glucose, in its own words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Value {
    /// Thousandths of mg/dL.
    MilliMgDl(i32),
    /// Thousandths of mmol/L.
    MilliMmolL(i32),
    /// Below the measuring range, said by the sensor itself.
    Low,
    /// Above the measuring range, said by the sensor itself.
    High,
}

/// One reading, from a frame or from an export.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reading {
    /// When it was taken, by the sensor's own monotonic clock.
    pub taken: Span,
    /// What it says.
    pub value: Value,
    /// Signal quality; `None` when the sensor does not know: then it counts as good, and the other
    /// checks alone decide.
    pub quality: Option<Percent>,
    /// Noise grade; `None` when the sensor does not know: then the computed grade alone counts.
    pub noise: Option<Grade>,
}

impl Reading {
    /// A reading of which nothing but time and value is known.
    #[must_use]
    pub const fn plain(taken: Span, value: Value) -> Self {
        Self { taken, value, quality: None, noise: None }
    }
}

/// A number at a time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Point {
    /// When, by the sensor's clock.
    #[n(0)]
    pub taken: Span,
    /// Glucose.
    #[n(1)]
    pub value: MilliMgDl,
}

impl Point {
    /// Minutes from `earlier` to `self`; zero if it is not earlier.
    pub(super) fn minutes_since(&self, earlier: &Self) -> f64 {
        let millis = self.taken.as_millis().saturating_sub(earlier.taken.as_millis());
        super::minutes(Span::from_millis(millis))
    }

    /// Glucose in mg/dL.
    pub(super) fn level(&self) -> f64 {
        f64::from(self.value.0) / 1_000.0
    }
}

/// How long a reading can show that a value is one of the other unit.
const SLIP_MEMORY: Span = Span::from_minutes(30);

/// The number that `reading` means, or why it means none. `last` is the last accepted reading.
pub(super) fn number(
    bounds: &profile::Sensing,
    reading: &Reading,
    last: Option<&Point>,
) -> Result<MilliMgDl, Rejection> {
    let (said, other) = match reading.value {
        Value::Low => return Err(Rejection::BelowRange),
        // No number, but a bound: the end of the range stands for it, which is less than the
        // truth.
        Value::High => return Ok(MilliMgDl(bounds.range_high.0.saturating_mul(1_000))),
        Value::MilliMgDl(value) => {
            let value = GlucoseMgDl(f64::from(value) / 1_000.0);
            (value, GlucoseMgDl::from(GlucoseMmolL(value.0)))
        }
        Value::MilliMmolL(value) => {
            let value = GlucoseMmolL(f64::from(value) / 1_000.0);
            (GlucoseMgDl::from(value), GlucoseMgDl(value.0))
        }
    };
    let (low, high) = (f64::from(bounds.range_low.0), f64::from(bounds.range_high.0));
    if (low..=high).contains(&said.0) {
        return Ok(MilliMgDl(thousandths(said)));
    }
    let since = last.and_then(|last| {
        let millis = reading.taken.as_millis().checked_sub(last.taken.as_millis())?;
        (millis <= SLIP_MEMORY.as_millis()).then(|| last.level())
    });
    let tolerance = f64::from(bounds.slip_tolerance.0) / 1_000.0;
    let near = since.is_some_and(|last| homeostat_numeric::abs(other.0 - last) <= tolerance * last);
    // Far too much for its unit, and ordinary in the other one: no other explanation is needed.
    let mislabelled = matches!(reading.value, Value::MilliMmolL(_))
        && (low..=high).contains(&other.0)
        && said.0 > high;
    Err(if near || mislabelled {
        Rejection::UnitSlip
    } else if is_failure_code(said, high) {
        Rejection::FailureCode
    } else if said.0 < low {
        Rejection::BelowRange
    } else {
        Rejection::AboveRange
    })
}

/// Codes of sensors that failed: ten and less, exactly 38, and more than twice the range.
fn is_failure_code(value: GlucoseMgDl, range_high: f64) -> bool {
    const LARGEST_LOW_CODE: f64 = 10.0;
    const CODE: core::ops::Range<f64> = 38.0..38.000_5;
    value.0 <= LARGEST_LOW_CODE || CODE.contains(&value.0) || value.0 > 2.0 * range_high
}

/// A value within the measuring range in thousandths.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
fn thousandths(value: GlucoseMgDl) -> u32 {
    homeostat_numeric::round(value.0 * 1_000.0) as u32
}
