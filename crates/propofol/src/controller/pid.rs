//! The proportional-integral-derivative controller: it moves the target of an effect-site infusion.
//!
//! The model says which index the present effect will show and which one it shows now; their
//! difference is added to what is measured (Smith's prediction), so that the loop does not wait for
//! its own delay. The integral is in the logarithm of the concentration. It stands still while the
//! effect site has not come to what was asked of it, or while the index is not usable: there is
//! nothing to learn then, and nothing winds up (PRO-03).

use super::{Leave, Level, Passed, Typical, usable, within};
use crate::algorithm::{Algorithm, Observation, Settings, Wish};
use crate::effect::typical_delay;
use crate::kinetics::{Concentrations, bounded};
use crate::profile::PidParameters;
use crate::reason::Reason;
use crate::units::{Index, MgPerSecond, Milligrams, UgPerMl};
use homeostat_numeric::{abs, clamp, exp, min, round};
use homeostat_record::List;
use minicbor::{Decode, Encode};

/// Most periods of the delay: 110 s at 88 years, at a period of 1 s.
const LINE: usize = 120;
/// Thousandths of the index in the line.
const MILLI: f64 = 1_000.0;

/// The controller for one person.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pid {
    parameters: PidParameters,
    typical: Typical,
}

/// All that it remembers.
#[derive(Clone, Copy, Debug, PartialEq, Encode, Decode)]
#[cbor(array)]
pub struct PidState {
    /// The model's concentrations.
    #[n(0)]
    now: Concentrations,
    /// Thousandths of the index that the model predicted in the periods of the delay, oldest first.
    #[n(1)]
    line: List<i32, LINE>,
    /// Filtered error of the predicted index.
    #[n(2)]
    error: f64,
    /// Change of that error per second.
    #[n(3)]
    trend: f64,
    /// Integral: natural logarithm of the concentration's ratio to the typical one.
    #[n(4)]
    integral: f64,
    /// The level that is held when the index is lost.
    #[n(5)]
    level: Level,
    /// The last rate, mg/s.
    #[n(6)]
    last: f64,
}

impl Algorithm for Pid {
    type State = PidState;

    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    fn start(&self, settings: &Settings) -> PidState {
        let delay = typical_delay(&settings.person).0;
        let periods = bounded(round(delay / self.typical.period.0 + 0.5), 1.0, 119.0) as usize;
        let awake = thousandths(self.typical.effect.awake);
        let mut line = List::new();
        for _ in 0..periods {
            // Fewer than the list holds.
            let _ = line.push(awake);
        }
        PidState {
            now: Concentrations::default(),
            line,
            error: 0.0,
            trend: 0.0,
            integral: 0.0,
            level: Level::default(),
            last: 0.0,
        }
    }

    fn step(&self, settings: &Settings, state: &PidState, seen: &Observation) -> (PidState, Wish) {
        let typical = &self.typical;
        let mut next = *state;
        let aim = self.follow(settings, &mut next, seen);
        let (aim, reason) = match next.level.follow(seen, next.now.effect()) {
            Some(held) => held,
            None => (aim, Reason::Maintenance),
        };
        let most = self.parameters.rate_most / 1_000.0 * settings.person.weight.0;
        let most = MgPerSecond(min(settings.rate_most.0, most));
        let wished = typical.outlook.rate_to(&next.now, aim, most);
        let (rate, reason) = Leave::of(settings, seen).limit(
            (wished, reason),
            MgPerSecond(state.last),
            typical.compartments.holding(&next.now, next.now.effect()),
        );
        next.last = rate.0;
        let wish = Wish {
            dose: rate * typical.period,
            reason: reason as u16,
            effect_site: next.now.effect(),
            plasma: UgPerMl(next.now.plasma),
            aim,
            predicted: Index(settings.target.0 + next.error),
            half_effect: UgPerMl(typical.effect.half.0 * exp(next.integral)),
        };
        if next.is_sound() && rate.is_finite() {
            return (next, wish);
        }
        // A fault of arithmetic: begin anew and abstain (CTL-18).
        let reason = Reason::NotFinite as u16;
        (self.start(settings), Wish { dose: Milligrams(f64::NAN), reason, ..wish })
    }
}

impl PidState {
    fn is_sound(&self) -> bool {
        let numbers = [self.error, self.trend, self.integral, self.last];
        self.now.is_finite()
            && self.level.is_sound()
            && numbers.iter().all(|number| number.is_finite())
    }

    /// One period of the model; returns the index that its delayed effect shows now.
    fn advance(&mut self, typical: &Typical, given: Milligrams) -> f64 {
        self.now = typical.outlook.advance(self.now, given / typical.period).not_negative();
        let coming = thousandths(typical.effect.at(self.now.effect()).index);
        f64::from(self.line.pass(coming)) / MILLI
    }
}

impl Pid {
    /// The controller of the person of these settings.
    #[must_use]
    pub fn new(parameters: PidParameters, settings: &Settings) -> Self {
        Self { parameters, typical: Typical::new(settings) }
    }

    /// Its numbers.
    #[must_use]
    pub const fn parameters(&self) -> &PidParameters {
        &self.parameters
    }

    /// Brings the state to now and returns the effect-site concentration to steer to.
    fn follow(&self, settings: &Settings, state: &mut PidState, seen: &Observation) -> UgPerMl {
        let (p, typical) = (&self.parameters, &self.typical);
        let passed = Passed::of(seen, typical.period);
        let mut shown = typical.effect.awake.0;
        for _ in 0..passed.periods {
            shown = state.advance(typical, passed.given);
        }
        let seconds = typical.period.0 * f64::from(passed.periods);
        let base = typical.effect.concentration_for(Index(settings.target.0 + p.above_target));
        if let Some((index, weight)) = usable(seen).filter(|_| passed.periods > 0) {
            let coming = typical.effect.at(state.now.effect()).index.0;
            let error = index.0 + coming - shown - settings.target.0 - p.above_target;
            let share = weight * min(seconds / p.filter_time, 1.0);
            let moved = share * (clamp(error, -p.error_most, p.error_most) - state.error);
            state.trend = moved / seconds;
            state.error += moved;
            let asked = self.asked(settings, state, base);
            let come = abs(state.now.effect_site / asked.0 - 1.0) < p.near_share;
            if come {
                let change = weight * seconds / p.integral_time * p.gain / 100.0 * state.error;
                state.integral = clamp(state.integral + change, -p.change_most, p.change_most);
            }
        }
        self.asked(settings, state, base)
    }

    /// The concentration asked for.
    fn asked(&self, settings: &Settings, state: &PidState, base: UgPerMl) -> UgPerMl {
        let p = &self.parameters;
        let proportional = p.gain / 100.0 * (state.error + p.derivative_time * state.trend);
        let change = clamp(proportional + state.integral, -p.change_most, p.change_most);
        within(settings, UgPerMl(base.0 * (1.0 - p.start_below) * exp(change)))
    }
}

#[allow(clippy::cast_possible_truncation)]
fn thousandths(index: Index) -> i32 {
    bounded(round(index.0 * MILLI), 0.0, 200_000.0) as i32
}

#[cfg(test)]
mod tests;
