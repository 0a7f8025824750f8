//! The controllers' own numbers: every one that a clinician could question, declared once with its
//! unit, the value of the reference profile and the range in which a signed profile may move it.
//!
//! A profile holds all of them, as thousandths, or it is no profile: a controller has no number to
//! fall back on. What stands beside the ranges here is written into reference profiles and is read
//! by nothing else.
//!
//! Origin. Starting points: the fields' practice (oref0 0.7.1, LoopAlgorithm: partial doses, a
//! threshold near 80 mg/dL, correction at a few times the basal rate) and the mean response of the
//! UVA/Padova S2008 cohort. They were then moved by hand and by a random search on that cohort
//! together with sensor noise, wrong settings, random meals, drop-outs and a Hovorka cohort, with
//! time below 54 mg/dL weighed far above time in range. One set serves every person.

use super::{Field, ProfileError, format_1};
use homeostat_record::List;
use minicbor::data::Type;
use minicbor::decode::{Decoder, Error as DecodeError};
use minicbor::encode::{Encoder, Error as EncodeError, Write};
use minicbor::{Decode, Encode};

/// Largest number of values in one list of tuning values.
pub const TUNING_MAX: usize = 64;

/// The tuning values as the profile's bytes hold them, in thousandths of each number's unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(
    clippy::large_enum_variant,
    reason = "the larger one is the usual one, and nothing is boxed"
)]
pub enum Tuning {
    /// Format 1: the values of one controller, or none for those that release 0.1.0 had in its code.
    Single(List<u32, TUNING_MAX>),
    /// Format 2: the values of each controller.
    Each {
        /// [`RulesParameters`] in the order of their bounds.
        rules: List<u32, TUNING_MAX>,
        /// [`PredictiveParameters`] in the order of their bounds.
        predictive: List<u32, TUNING_MAX>,
    },
}

impl Default for Tuning {
    fn default() -> Self {
        Self::Each { rules: List::new(), predictive: List::new() }
    }
}

impl Tuning {
    /// The numbers of the reference profile, written out.
    #[must_use]
    pub(super) fn reference() -> Self {
        let rules = written(RulesParameters::BOUNDS);
        Self::Each { rules, predictive: written(PredictiveParameters::BOUNDS) }
    }

    /// The numbers of both controllers. A list that is not whole is refused, and so is a value
    /// outside its range.
    pub(super) fn read(&self) -> Result<(RulesParameters, PredictiveParameters), ProfileError> {
        let rules = RulesParameters::read(self.rules())?;
        Ok((rules, PredictiveParameters::read(self.predictive())?))
    }

    /// The values of the rule-based controller.
    fn rules(&self) -> &[u32] {
        match self {
            Self::Single(list) => own(list, &format_1::RULES, &format_1::PREDICTIVE),
            Self::Each { rules, .. } => rules.as_slice(),
        }
    }

    /// The values of the predictive controller.
    fn predictive(&self) -> &[u32] {
        match self {
            Self::Single(list) => own(list, &format_1::PREDICTIVE, &format_1::RULES),
            Self::Each { predictive, .. } => predictive.as_slice(),
        }
    }
}

/// A single list is a controller's own unless it is empty or has the length of the other's.
fn own<'a>(list: &'a List<u32, TUNING_MAX>, implied: &'a [u32], other: &[u32]) -> &'a [u32] {
    if list.is_empty() || list.len() == other.len() { implied } else { list.as_slice() }
}

fn written(bounds: &[Bound]) -> List<u32, TUNING_MAX> {
    let mut list = List::new();
    for bound in bounds {
        // Fewer numbers than places: a test counts them.
        let _ = list.push(thousandths(bound.reference));
    }
    list
}

impl<C> Encode<C> for Tuning {
    fn encode<W: Write>(
        &self,
        out: &mut Encoder<W>,
        context: &mut C,
    ) -> Result<(), EncodeError<W::Error>> {
        match self {
            Self::Single(list) => list.encode(out, context),
            Self::Each { rules, predictive } => {
                out.array(2)?;
                rules.encode(out, context)?;
                predictive.encode(out, context)
            }
        }
    }
}

impl<'b, C> Decode<'b, C> for Tuning {
    fn decode(input: &mut Decoder<'b>, context: &mut C) -> Result<Self, DecodeError> {
        let start = input.position();
        let length = input.array()?;
        if length == Some(2) && input.datatype()? == Type::Array {
            let rules = List::decode(input, context)?;
            return Ok(Self::Each { rules, predictive: List::decode(input, context)? });
        }
        input.set_position(start);
        List::decode(input, context).map(Self::Single)
    }
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
    /// Numbers of the model-predictive controller.
    PredictiveParameters = "tuning.predictive" {
        /// Subcutaneous absorption: time constant of each of two compartments, minutes.
        absorption = 50.0, 25.0..=90.0;
        /// Onset of insulin action, minutes.
        action = 45.0, 20.0..=120.0;
        /// Return of glucose to its reference without disturbance, minutes.
        return_time = 300.0, 100.0..=1000.0;
        /// The reference of that return, mg/dL.
        return_level = 120.0, 90.0..=160.0;
        /// Appearance of a meal: time constant of each of two compartments, minutes.
        appearance = 45.0, 20.0..=90.0;
        /// Peak fall of glucose as a part of the model's total insulin effect (follows from the
        /// four times above).
        peak_share = 0.6, 0.3..=0.9;
        /// How much stronger than the correction factor insulin is taken to be at first, grown-up.
        strength_grown = 1.5, 1.0..=4.0;
        /// The same for a child: published correction factors of children understate by 2 to 4.
        strength_child = 2.9, 1.0..=6.0;
        /// Up to this age a child, years; grown-up two years later, between them in proportion.
        child_until = 12.0, 6.0..=16.0;
        /// Spread of the meal disturbance that may begin in one cycle, mg/dL.
        meal_spread = 80.0, 5.0..=200.0;
        /// Variance that the glucose model gathers in one cycle, (mg/dL)².
        model_variance = 0.1, 0.01..=10.0;
        /// Variance of an ideal reading, (mg/dL)².
        reading_variance = 1.0, 0.1..=25.0;
        /// How many times the estimated noise is taken as the reading's spread (it is correlated).
        noise_gain = 2.0, 0.5..=6.0;
        /// Estimated noise that counts as none, mg/dL.
        noise_free = 2.0, 0.5..=5.0;
        /// A reading so far below the estimate is not glucose, mg/dL per cycle.
        jump = 30.0, 20.0..=60.0;
        /// How much the noise widens that, mg/dL per mg/dL.
        jump_noise = 2.0, 0.0..=4.0;
        /// Largest rise that one reading may teach, mg/dL.
        rise_most = 34.0, 20.0..=80.0;
        /// How long a reading that is not glucose is disbelieved, cycles.
        disbelief = 9.0, 2.0..=12.0;
        /// The predicted floor lies so far below the target, mg/dL.
        below_target = 22.0, 0.0..=30.0;
        /// Rise of the floor per mg/dL of sensor noise.
        floor_noise = 1.4, 0.0..=3.0;
        /// Part of the permitted dose given in one cycle.
        correction_share = 0.056, 0.01..=0.3;
        /// The same while a meal that was seen is young.
        meal_share = 0.6, 0.1..=1.0;
        /// Highest correction rate, as a multiple of basal.
        correction_most = 8.8, 1.0..=10.0;
        /// Highest rate for a meal that was seen, as a multiple of basal.
        meal_most = 36.0, 1.0..=60.0;
        /// How strongly noise lowers the correction rate, per mg/dL.
        rate_noise = 0.1, 0.0..=1.0;
        /// Largest meal bolus as a part of the daily dose.
        bolus_most = 0.4, 0.1..=0.6;
        /// Disturbance that is a meal, mg/dL still to appear.
        meal_from = 29.0, 10.0..=100.0;
        /// How much noise raises that, mg/dL per mg/dL.
        meal_from_noise = 3.1, 0.0..=10.0;
        /// A meal is not recognised below this, mg/dL.
        meal_above = 100.0, 80.0..=150.0;
        /// How much noise raises that, mg/dL per mg/dL.
        meal_above_noise = 3.3, 0.0..=6.0;
        /// How long a meal is young, minutes.
        meal_young = 75.0, 30.0..=120.0;
        /// A new meal of ordinary size is not recognised earlier than this, minutes.
        meal_apart = 300.0, 120.0..=480.0;
        /// First gain of the announced bolus.
        bolus_start = 0.8, 0.3..=1.0;
        /// Range of that gain: least.
        bolus_least = 0.2, 0.1..=1.0;
        /// Range of that gain: largest.
        bolus_gain_most = 1.7, 1.0..=2.0;
        /// First part of a seen meal's remainder that is counted on.
        response_start = 0.107, 0.0..=0.3;
        /// Largest such part.
        response_most = 0.6, 0.2..=1.0;
        /// Range of the sensitivity ratio: least (strongest action of the controller).
        sensitivity_least = 0.4, 0.3..=1.0;
        /// Range of the sensitivity ratio: largest.
        sensitivity_most = 1.6, 1.0..=3.0;
        /// Lowest glucose after a meal that is aimed at, mg/dL.
        nadir_aim = 88.0, 75.0..=110.0;
        /// How much noise lowers the nadir that is believed, mg/dL per mg/dL.
        nadir_noise = 1.35, 0.0..=2.0;
        /// A meal whose peak stays below this teaches nothing upward, mg/dL.
        peak_free = 160.0, 140.0..=200.0;
        /// Rise of the gain per mg/dL of nadir above the aim.
        rise_per = 0.004, 0.0..=0.01;
        /// Largest rise per meal.
        gain_rise_most = 0.12, 0.0..=0.2;
        /// Fall of the gain per mg/dL of nadir below the aim.
        fall_per = 0.012, 0.005..=0.03;
        /// Largest fall per meal.
        gain_fall_most = 0.35, 0.1..=0.5;
        /// Part of a rise that goes to the sensitivity ratio.
        ratio_rise = 0.5, 0.0..=1.0;
        /// Part of a fall that goes to the sensitivity ratio.
        ratio_fall = 1.17, 0.2..=2.0;
        /// Part of a gain's change that reaches the response to seen meals.
        response_rate = 0.6, 0.1..=1.0;
        /// How strongly late insulin is moved into the next bolus.
        shift = 0.5, 0.0..=1.0;
        /// Late insulin, as a part of a bolus, that takes all blame for a low.
        late_blame = 0.235, 0.05..=1.0;
        /// Blame that the sensitivity ratio takes in any case.
        least_blame = 0.2, 0.0..=1.0;
        /// Carbohydrate that a seen meal is taken to hold when late insulin is judged, g.
        seen_meal = 60.0, 20.0..=100.0;
        /// Readings in a row, since a gap, that a meal is recognised from: after a gap the rest of
        /// the last meal looks new.
        row_meal = 18.0, 3.0..=48.0;
        /// Readings in a row above what was expected that a meal is recognised from: one alone is a
        /// jump of the sensor.
        rising_meal = 2.0, 0.0..=6.0;
        /// Below this glucose is low, mg/dL.
        low = 70.0, 60.0..=80.0;
        /// For so long after a low a rise is the return from it and no meal, minutes.
        rebound = 150.0, 0.0..=360.0;
        /// For so long after a low nothing argues for a lesser sensitivity, minutes.
        calm = 1440.0, 0.0..=4320.0;
        /// Up to this age a meal that the next one cuts short teaches nothing upward, minutes: the
        /// lowest glucose comes late.
        episode_short = 180.0, 0.0..=300.0;
        /// From this age on it teaches in full, minutes.
        episode_whole = 270.0, 1.0..=480.0;
        /// Part of a meal's insulin that may fail to come before nothing is learned upward.
        withheld_most = 0.15, 0.0..=10.0;
    }
}

parameters! {
    /// Numbers of the rule-based controller.
    RulesParameters = "tuning.rules" {
        /// Subcutaneous absorption: time constant of each of two compartments, minutes.
        absorption = 50.0, 25.0..=90.0;
        /// Onset of insulin action, minutes.
        action = 45.0, 20.0..=120.0;
        /// How much stronger than the correction factor insulin is taken to be, grown-up.
        strength_grown = 1.4, 1.0..=4.0;
        /// The same for a child.
        strength_child = 2.6, 1.0..=6.0;
        /// Up to this age a child, years; grown-up two years later, between them in proportion.
        child_until = 12.0, 6.0..=16.0;
        /// Level aimed at, below the profile's target, mg/dL.
        below_target = 5.0, 0.0..=20.0;
        /// Look-ahead of the low-glucose suspend, minutes.
        look_ahead = 30.0, 15.0..=60.0;
        /// Look-ahead of the trend in the eventual glucose, minutes.
        trend_ahead = 40.0, 15.0..=60.0;
        /// Largest rise that the eventual glucose counts on, mg/dL/min.
        rise_most = 1.0, 0.0..=3.0;
        /// Largest trend that is believed, mg/dL/min.
        trend_most = 4.0, 1.0..=6.0;
        /// A fall faster than this forbids more than basal, mg/dL/min.
        fall_stop = 0.5, 0.2..=2.0;
        /// Part of the missing correction given in one cycle.
        correction_share = 0.1, 0.01..=0.5;
        /// Highest rate, as a multiple of basal.
        rate_most = 3.0, 1.0..=6.0;
        /// Rate without a reading while insulin is on board, as a part of basal.
        blind_share = 0.5, 0.0..=1.0;
        /// No bolus below this, mg/dL.
        bolus_above = 70.0, 60.0..=90.0;
        /// Largest meal bolus as a part of the daily dose.
        bolus_most = 0.4, 0.1..=0.6;
        /// First part of the carbohydrate ratio's bolus that is given.
        bolus_start = 0.9, 0.3..=1.0;
        /// Least such part.
        bolus_least = 0.4, 0.2..=1.0;
        /// Largest such part.
        bolus_gain_most = 1.3, 1.0..=1.5;
        /// A reading below this is a low that lowers the part, mg/dL.
        low_event = 74.0, 65.0..=90.0;
        /// What the part is multiplied by after a low.
        low_factor = 0.85, 0.5..=1.0;
        /// A day whose lowest reading stays above this raises the part, mg/dL.
        free_day = 90.0, 80.0..=120.0;
        /// What the part is multiplied by after such a day.
        free_factor = 1.08, 1.0..=1.1;
    }
}
