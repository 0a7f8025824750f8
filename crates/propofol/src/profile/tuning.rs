//! The controllers' own numbers: every one that a clinician could question, declared once with its
//! unit, the value of the reference profile and the range in which a signed profile may move it.
//!
//! A profile holds all of them, as thousandths, or it is no profile: a controller has no number to
//! fall back on. What stands beside the ranges here is written into reference profiles and is read
//! by nothing else.

use super::{Field, ProfileError};
use homeostat_record::List;
use minicbor::{Decode, Encode};

/// Largest number of values in one list of tuning values.
pub const TUNING_MAX: usize = 48;

/// The tuning values as the profile's bytes hold them, in thousandths of each number's unit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Tuning {
    /// [`PidParameters`] in the order of their bounds.
    #[n(0)]
    pub pid: List<u32, TUNING_MAX>,
    /// [`PredictiveParameters`] in the order of their bounds.
    #[n(1)]
    pub predictive: List<u32, TUNING_MAX>,
}

impl Tuning {
    /// The numbers of the reference profile, written out.
    #[must_use]
    pub(super) fn reference() -> Self {
        Self {
            pid: written(PidParameters::BOUNDS),
            predictive: written(PredictiveParameters::BOUNDS),
        }
    }

    /// The numbers of both controllers. A list that is not whole is refused, and so is a value
    /// outside its range.
    pub(super) fn read(&self) -> Result<(PidParameters, PredictiveParameters), ProfileError> {
        let pid = PidParameters::read(self.pid.as_slice())?;
        Ok((pid, PredictiveParameters::read(self.predictive.as_slice())?))
    }
}

fn written(bounds: &[Bound]) -> List<u32, TUNING_MAX> {
    let mut list = List::new();
    for bound in bounds {
        // Fewer numbers than places: a test counts them.
        let _ = list.push(thousandths(bound.reference));
    }
    list
}

/// The declared range of a number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bound {
    /// Its name in the model card.
    pub name: &'static str,
    /// Smallest permitted value.
    pub low: f64,
    /// Largest permitted value.
    pub high: f64,
    /// The value of the reference profile.
    pub reference: f64,
}

/// Thousandths of a declared number, which is not negative and has at most three decimals.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
const fn thousandths(value: f64) -> u32 {
    (value * 1_000.0 + 0.5) as u32
}

/// Refuses a list of another length, and the first value outside its range.
fn check(section: &'static str, bounds: &[Bound], values: &[u32]) -> Result<(), ProfileError> {
    if values.len() != bounds.len() {
        let found = u32::try_from(values.len()).unwrap_or(u32::MAX);
        let expected = "as many values as its controller has numbers";
        return Err(ProfileError::Relation { field: section, found, expected });
    }
    for (index, (bound, found)) in (0..).zip(bounds.iter().zip(values)) {
        let (low, high) = (thousandths(bound.low), thousandths(bound.high));
        if !(low..=high).contains(found) {
            let field = Field { section, index, name: bound.name, unit: "thousandths", low, high };
            return Err(ProfileError::Range { field, found: *found });
        }
    }
    Ok(())
}

macro_rules! parameters {
    (
        $(#[$outer:meta])* $name:ident = $section:literal {
            $($(#[$doc:meta])+ $field:ident = $value:literal, $low:literal..=$high:literal;)*
        }
    ) => {
        $(#[$outer])*
        #[derive(Clone, Copy, Debug, PartialEq)]
        pub struct $name { $($(#[$doc])+ pub $field: f64,)* }

        impl $name {
            /// The values of the reference profile, for tests of the controllers.
            #[cfg(test)]
            pub(crate) const REFERENCE: Self = Self { $($field: $value,)* };
            /// The declared ranges, in the order of the values in a profile.
            pub const BOUNDS: &'static [Bound] = &[
                $(Bound { name: stringify!($field), low: $low, high: $high, reference: $value },)*
            ];

            /// The numbers that a profile holds, all of them.
            #[allow(unused, reason = "a controller may have no number of its own")]
            fn read(values: &[u32]) -> Result<Self, ProfileError> {
                check($section, Self::BOUNDS, values)?;
                let mut left = values.iter();
                // As many values as fields: just checked.
                Ok(Self { $($field: f64::from(left.next().copied().unwrap_or(0)) / 1_000.0,)* })
            }
        }
    };
}

parameters! {
    /// Numbers of the proportional-integral-derivative controller.
    PidParameters = "tuning.pid" {
    }
}

parameters! {
    /// Numbers of the predictive controller.
    PredictiveParameters = "tuning.predictive" {
    }
}
