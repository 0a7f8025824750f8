//! The rule-based controller, to be read from top to bottom.
//!
//! Basal rate up or down by what glucose will come to, delivery stopped ahead of a low, a bolus
//! for announced carbohydrate that is cut after lows. After oref0 and Loop, from which it differs:
//! it doses in amounts per cycle, counts on no more than a slow rise, and takes insulin to be
//! stronger than the correction factor says.

use super::design_model::{Insulin, InsulinTimes};
use super::{CYCLE, DAY, bounded, cycles_since, phase, strength, usable};
use crate::algorithm::{Algorithm, Observation, Wish};
use crate::profile::{Profile, RulesParameters, Settings};
use crate::reason::Reason;
use crate::sensing::Trust;
use crate::units::{GlucoseMgDl, Grams, Units};
use homeostat_numeric::{clamp, max, min};
use minicbor::{Decode, Encode};

/// The rule-based controller with its parameters.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rules {
    /// Its numbers.
    pub parameters: RulesParameters,
}

/// All that it remembers.
#[derive(Clone, Copy, Debug, PartialEq, Encode, Decode)]
#[cbor(array)]
pub struct RulesState {
    /// Time of the last step, minutes; none before the first.
    #[n(0)]
    time: Option<f64>,
    /// Insulin beyond the basal rate; negative after a stop.
    #[n(1)]
    insulin: Insulin,
    /// The last four readings, newest first, mg/dL.
    #[n(2)]
    recent: [f64; 4],
    /// How many of them are in an unbroken row.
    #[n(3)]
    row: u8,
    /// Part of the carbohydrate ratio's bolus that is given.
    #[n(4)]
    bolus: f64,
    /// Lowest reading of this day, mg/dL.
    #[n(5)]
    lowest: f64,
    /// Whether the present low has already lowered the part.
    #[n(6)]
    counted: bool,
    /// Whether a day has ended that was not yet learned from.
    #[n(7)]
    new_day: bool,
}

/// Minutes that the trend is taken over: three cycles.
const TREND: f64 = 15.0;
/// A low is over this far above the level that made it one, mg/dL.
const LOW_OVER: f64 = 20.0;
/// Glucose that stands for "none seen yet", mg/dL.
const NONE_YET: f64 = 1_000.0;
/// Largest amount that one cycle's record may hold, U.
const RECORD_MOST: f64 = 100.0;

/// The numbers of one decision.
struct Outlook {
    glucose: f64,
    slope: f64,
    /// Glucose after the look-ahead if a fall goes on.
    soon: f64,
    /// Glucose after all insulin on board has acted.
    eventual: f64,
    target: f64,
    /// Fall of glucose per unit, mg/dL.
    factor: f64,
}

impl Algorithm for Rules {
    type State = RulesState;

    fn start(&self, _: &Settings) -> RulesState {
        RulesState {
            time: None,
            insulin: Insulin::default(),
            recent: [0.0; 4],
            row: 0,
            bolus: self.parameters.bolus_start,
            lowest: NONE_YET,
            counted: false,
            new_day: false,
        }
    }

    fn step(
        &self,
        settings: &Settings,
        state: &RulesState,
        seen: &Observation,
    ) -> (RulesState, Wish) {
        let time = bounded(seen.time.0, 0.0, 1e9);
        let mut after = *state;
        after.bring_up(self.times(), settings, seen, time);
        let wish = match usable(seen) {
            Some(glucose) => {
                after.hear(glucose, &self.parameters);
                self.decide(settings, &after, seen, glucose)
            }
            None => {
                after.row = 0;
                self.blind(settings, &after)
            }
        };
        if after.is_sound() && wish.dose.0.is_finite() {
            return (after, wish);
        }
        // A fault of arithmetic: begin anew and abstain (CTL-18).
        let mut anew = self.start(settings);
        anew.time = Some(time);
        (anew, Wish { dose: Units(f64::NAN), ..Wish::basal(settings, Reason::NotFinite) })
    }
}

impl Rules {
    /// The controller with the numbers of a profile; there are no others.
    #[must_use]
    pub const fn of(profile: &Profile) -> Self {
        Self { parameters: *profile.rules() }
    }

    /// The controller with the numbers of the reference profile.
    #[cfg(test)]
    pub(super) const REFERENCE: Self = Self { parameters: RulesParameters::REFERENCE };

    fn times(&self) -> InsulinTimes {
        let p = &self.parameters;
        InsulinTimes { absorption: p.absorption, action: p.action }
    }

    /// No reading: basal, or less while insulin is on board.
    fn blind(&self, settings: &Settings, state: &RulesState) -> Wish {
        let basal = settings.basal.0 / 60.0 * CYCLE;
        let on_board = state.insulin.on_board(self.times());
        let part = if on_board > 0.0 { self.parameters.blind_share } else { 1.0 };
        let wish = Wish::basal(settings, Reason::NoGlucose);
        Wish { dose: Units(basal * part), ratio: state.bolus, ..wish }
    }

    fn outlook(
        &self,
        settings: &Settings,
        state: &RulesState,
        seen: &Observation,
        glucose: f64,
    ) -> Outlook {
        let p = &self.parameters;
        let [newest, .., oldest] = state.recent;
        let slope = if state.row >= 4 { (newest - oldest) / TREND } else { 0.0 };
        let slope = clamp(slope, -p.trend_most, p.trend_most);
        let strength = strength(settings, p.strength_grown, p.strength_child, p.child_until);
        let factor = settings.correction_factor.0 * strength;
        let on_board = state.insulin.on_board(self.times());
        Outlook {
            glucose,
            slope,
            soon: glucose + p.look_ahead * min(slope, 0.0),
            eventual: glucose + p.trend_ahead * min(slope, p.rise_most) - on_board * factor,
            target: max(seen.target.0 - p.below_target, settings.suspend_below.0 + 1.0),
            factor,
        }
    }

    fn decide(
        &self,
        settings: &Settings,
        state: &RulesState,
        seen: &Observation,
        glucose: f64,
    ) -> Wish {
        let p = &self.parameters;
        let basal = settings.basal.0 / 60.0 * CYCLE;
        let low = settings.suspend_below.0;
        let o = self.outlook(settings, state, seen, glucose);
        let wish = |dose: f64, meal: f64, reason: Reason| Wish {
            dose: Units(dose),
            meal: Units(meal),
            reason,
            predicted_least: Some(GlucoseMgDl(min(min(o.soon, o.eventual), o.glucose))),
            predicted_eventual: Some(GlucoseMgDl(o.eventual)),
            carbohydrate_on_board: Grams(
                seen.announced.map_or(0.0, |grams| bounded(grams.0, 0.0, 500.0)),
            ),
            ratio: state.bolus,
        };

        // 1. An announced meal: its bolus, less what is missing to the target, none when low.
        if let Some(grams) = seen.announced {
            if o.glucose < p.bolus_above {
                return wish(0.0, 0.0, Reason::Suspended);
            }
            let full = bounded(grams.0, 0.0, 500.0) / settings.carbohydrate_ratio.0;
            let covered = min(state.bolus * full, p.bolus_most * settings.daily_dose.0);
            let missing = min((o.glucose - o.target) / o.factor, 0.0);
            let bolus = max(covered + missing, 0.0);
            return wish(bolus, bolus, Reason::Meal);
        }
        // 2. Low now, or low soon if the fall goes on: nothing.
        if o.glucose < low || o.soon < low {
            return wish(0.0, 0.0, Reason::Suspended);
        }
        // 3. What is on board will take glucose below the target: less than basal.
        if o.eventual < o.target {
            let part = clamp((o.eventual - low) / (o.target - low), 0.0, 1.0);
            let reason = if part > 0.0 { Reason::Reduced } else { Reason::Suspended };
            return wish(basal * part, 0.0, reason);
        }
        // 4. A fall, or a reading that may only reduce: not more than basal.
        if o.slope < -p.fall_stop {
            return wish(basal, 0.0, Reason::Falling);
        }
        if seen.trust <= Trust::ReduceOnly {
            return wish(basal, 0.0, Reason::ReduceOnly);
        }
        // 5. A part of the correction on top of basal, up to a multiple of it.
        let correction = p.correction_share * (o.eventual - o.target) / o.factor;
        wish(min(basal + correction, p.rate_most * basal), 0.0, Reason::Correction)
    }
}

impl RulesState {
    /// Part of the carbohydrate ratio's bolus that is given.
    #[must_use]
    pub const fn bolus(&self) -> f64 {
        self.bolus
    }

    fn is_sound(&self) -> bool {
        let Self { insulin, recent, bolus, lowest, .. } = self;
        let numbers = [insulin.first, insulin.second, insulin.acting, *bolus, *lowest];
        numbers.iter().chain(recent).all(|number| number.is_finite())
    }

    fn bring_up(
        &mut self,
        times: InsulinTimes,
        settings: &Settings,
        seen: &Observation,
        time: f64,
    ) {
        if let Some(last) = self.time {
            let cycles = cycles_since(last, time);
            let minutes = CYCLE * f64::from(cycles);
            let delivered = bounded(seen.delivered.0 + seen.given.0, -RECORD_MOST, RECORD_MOST);
            let beyond = delivered / minutes - settings.basal.0 / 60.0;
            for _ in 0..cycles.saturating_mul(5) {
                self.insulin = self.insulin.after(beyond, 1.0, times);
            }
            if phase(time) < phase(last) || time - last >= DAY {
                self.new_day = true;
            }
        }
        self.time = Some(time);
    }

    /// Takes in a reading, and learns the bolus from lows and from days without any.
    fn hear(&mut self, glucose: f64, p: &RulesParameters) {
        self.recent.rotate_right(1);
        let [newest, ..] = &mut self.recent;
        *newest = glucose;
        self.row = self.row.saturating_add(1);
        self.lowest = min(self.lowest, glucose);
        if glucose < p.low_event && !self.counted {
            self.bolus = clamp(self.bolus * p.low_factor, p.bolus_least, p.bolus_gain_most);
            self.counted = true;
        }
        if glucose > p.low_event + LOW_OVER {
            self.counted = false;
        }
        if self.new_day {
            self.new_day = false;
            if self.lowest > p.free_day {
                self.bolus = clamp(self.bolus * p.free_factor, p.bolus_least, p.bolus_gain_most);
            }
            self.lowest = NONE_YET;
        }
    }
}
