//! Target-controlled infusion without feedback: the population's kinetics, the population's effect.

use super::{Leave, Passed, Typical, within};
use crate::algorithm::{Algorithm, Observation, Settings, Wish};
use crate::kinetics::Concentrations;
use crate::reason::Reason;
use crate::units::{MgPerSecond, UgPerMl};
use minicbor::{Decode, Encode};

/// Effect-site target control; it has no number of its own.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TargetControlled {
    typical: Typical,
}

impl TargetControlled {
    /// The controller of the person of these settings.
    #[must_use]
    pub fn new(settings: &Settings) -> Self {
        Self { typical: Typical::new(settings) }
    }
}

/// All that it remembers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Encode, Decode)]
#[cbor(array)]
pub struct TargetControlledState {
    /// Concentrations.
    #[n(0)]
    now: Concentrations,
    /// The last rate, mg/s.
    #[n(1)]
    last: f64,
}

impl Algorithm for TargetControlled {
    type State = TargetControlledState;

    fn start(&self, _: &Settings) -> TargetControlledState {
        TargetControlledState::default()
    }

    fn step(
        &self,
        settings: &Settings,
        state: &TargetControlledState,
        seen: &Observation,
    ) -> (TargetControlledState, Wish) {
        let Typical { compartments, outlook, effect, period } = &self.typical;
        let period = *period;
        let passed = Passed::of(seen, period);
        let mut now = state.now;
        for _ in 0..passed.periods {
            now = outlook.advance(now, passed.given / period).not_negative();
        }
        let aim = within(settings, effect.concentration_for(settings.target));
        let wished = outlook.rate_to(&now, aim, settings.rate_most);
        let (rate, reason) = Leave::of(settings, seen).limit(
            (wished, Reason::TargetControlled),
            MgPerSecond(state.last),
            compartments.holding(&now, aim),
        );
        let wish = Wish {
            dose: rate * period,
            reason: reason as u16,
            effect_site: now.effect(),
            plasma: UgPerMl(now.plasma),
            aim,
            predicted: effect.at(now.effect()).index,
            half_effect: effect.half,
        };
        if now.is_finite() && rate.is_finite() {
            return (TargetControlledState { now, last: rate.0 }, wish);
        }
        (self.start(settings), wish)
    }
}
