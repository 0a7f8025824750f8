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
        /// The index is steered so far above the target: what is given cannot be taken back.
        above_target = 1.25, 0.0..=5.0;
        /// The typical person's concentration is lowered by this part until the index says more.
        start_below = 0.2, 0.0..=0.5;
        /// Change of the logarithm of the concentration per point of the index, hundredths.
        gain = 0.81, 0.1..=5.0;
        /// Integral time, seconds.
        integral_time = 200.0, 30.0..=3_600.0;
        /// Derivative time, seconds.
        derivative_time = 4.7, 0.0..=60.0;
        /// Time constant of the error's filter, seconds.
        filter_time = 68.0, 5.0..=300.0;
        /// Largest error that one sample may teach, points of the index.
        error_most = 27.0, 5.0..=60.0;
        /// The integral moves while the effect site is within this part of what was asked for.
        near_share = 0.32, 0.02..=1.0;
        /// Largest change of the logarithm of the concentration.
        change_most = 1.5, 0.2..=2.0;
        /// Largest rate, micrograms per kilogram and second.
        rate_most = 10.0, 2.0..=100.0;
    }
}

parameters! {
    /// Numbers of the predictive controller.
    PredictiveParameters = "tuning.predictive" {
        /// Spread of the central volume between people, natural logarithm (as the next five).
        spread_central = 0.8, 0.1..=1.5;
        /// Spread of the effect site's equilibration between people.
        spread_effect_site = 0.892, 0.1..=1.5;
        /// Spread of the concentration of half effect between people.
        spread_half = 0.2, 0.05..=0.6;
        /// Spread of clearance between people.
        spread_clearance = 0.2, 0.05..=0.6;
        /// Spread of the fast peripheral volume between people.
        spread_fast = 0.3, 0.05..=1.0;
        /// Spread of the index's delay between people, seconds.
        spread_delay = 3.94, 0.5..=40.0;
        /// How far half effect may drift: standard deviation after one minute, hundredths.
        drift_half = 1.569, 0.05..=10.0;
        /// The same of the kinetic numbers.
        drift_kinetics = 2.9, 0.05..=20.0;
        /// The same in the first minutes, when the linearised filter believes itself too much.
        drift_first = 25.0, 0.05..=60.0;
        /// How long those minutes last.
        first_time = 2.77, 1.0..=15.0;
        /// Variance of the mean index of five seconds, squared points.
        noise_variance = 6.07, 1.0..=100.0;
        /// Largest surprise that one sample may teach, points of the index.
        surprise_most = 12.0, 4.0..=50.0;
        /// How much less is learned while the expectation rests on doubtful numbers.
        caution_of_learning = 2.4, 0.0..=10.0;
        /// Spread of what disturbs the index, points.
        disturbance_spread = 14.0, 1.0..=30.0;
        /// Time constant with which a disturbance is forgotten, minutes.
        disturbance_time = 1.57, 0.3..=30.0;
        /// Part of the disturbance that is expected in the calm minutes at the beginning.
        calm_share = 0.098, 0.01..=1.0;
        /// How long they last, minutes.
        calm_time = 10.07, 1.0..=30.0;
        /// A sample so far above what was expected ends them at once, points.
        arousal_from = 9.748, 2.0..=50.0;
        /// The index is steered so far above the target: what is given cannot be taken back.
        above_target = 1.0, 0.0..=5.0;
        /// Standard deviations of the more sensitive person, in the calm minutes.
        doubt_first = 2.0, 0.0..=4.0;
        /// The same later.
        doubt = 0.8, 0.0..=4.0;
        /// How much deeper than the depths the more sensitive person may become, calm minutes, points.
        reserve_first = 8.65, 0.0..=20.0;
        /// The same later.
        reserve = 1.717, 0.0..=20.0;
        /// How much slower clearance makes a person more sensitive, beside half effect's 1.
        doubt_clearance = 0.053, 0.0..=2.0;
        /// The same of a smaller fast volume.
        doubt_fast = 0.088, 0.0..=2.0;
        /// Largest rate, micrograms per kilogram and second.
        rate_most = 50.0, 5.0..=100.0;
        /// Time constant of each of two filters that say what part of a disturbance lasts, minutes.
        lasting_time = 2.95, 0.2..=15.0;
        /// Part of a lasting disturbance that is met with more depth.
        lasting_share = 1.5, 0.0..=1.5;
        /// Most of that, points.
        lasting_most = 8.0, 0.0..=20.0;
        /// A rise of so many points above the target is met at once.
        chase_above = 8.62, 0.0..=30.0;
        /// Largest depth given to that, points.
        chase_most = 16.58, 0.0..=30.0;
        /// Where the index is typically seen later than after so many seconds, that depth is smaller in
        /// proportion: what is answered late has passed, and the answer stays.
        chase_late = 30.0, 5.0..=300.0;
        /// The near depth is at most so far below the target, points.
        deepest_below = 14.71, 0.0..=20.0;
        /// A fall of so many points is met with less depth.
        relief_from = 0.977, 0.0..=15.0;
        /// Part of the fall beyond that.
        relief_share = 2.81, 0.0..=3.0;
        /// A disturbance that falls is expected to go on falling by so many times what it fell within
        trend_share = 0.355, 0.0..=5.0;
        /// this time, minutes.
        trend_time = 1.592, 0.1..=5.0;
        /// In this time the person must come back by himself, minutes,
        recall_time = 2.529, 0.5..=15.0;
        /// to so many points above the aim.
        recall_above = 8.0, 0.0..=20.0;
    }
}
