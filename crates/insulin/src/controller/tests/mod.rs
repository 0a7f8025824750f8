//! What holds for both controllers, and helpers.

mod adapt;
mod design_model;
mod observer;
mod predictive;
mod rules;

use super::CYCLE;
use crate::algorithm::{Algorithm, Observation};
use crate::profile::tests::ADULT;
use crate::profile::{Profile, Settings};
use crate::sensing::Trust;
use crate::units::{GlucoseMgDl, Grams, Minutes, Units};
use homeostat_record::Canonical;
use proptest::prelude::*;

pub(super) fn settings() -> Settings {
    Profile::reference_for(&ADULT).unwrap().settings()
}

/// A quiet observation: this reading, the basal rate delivered, nothing else.
pub(super) fn quiet(settings: &Settings, cycle: u32, glucose: f64) -> Observation {
    Observation {
        time: Minutes(f64::from(cycle) * CYCLE),
        glucose: Some(GlucoseMgDl(glucose)),
        at_end: false,
        trust: Trust::Full,
        slope: None,
        delivered: settings.basal * Minutes(CYCLE),
        given: Units(0.0),
        withheld: Units(0.0),
        announced: None,
        on_board: Units(0.0),
        target: settings.target,
    }
}

/// The state after so many cycles of the same quiet observation.
pub(super) fn settled<A: Algorithm>(algorithm: &A, settings: &Settings, glucose: f64) -> A::State {
    let mut state = algorithm.start(settings);
    for cycle in 0..24 {
        state = algorithm.step(settings, &state, &quiet(settings, cycle, glucose)).0;
    }
    state
}

fn trust() -> impl Strategy<Value = Trust> {
    prop_oneof![
        Just(Trust::Unusable),
        Just(Trust::ReduceOnly),
        Just(Trust::Cautious),
        Just(Trust::Full)
    ]
}

fn any_number() -> impl Strategy<Value = f64> {
    prop_oneof![
        4 => 0.0..400.0_f64,
        1 => any::<f64>(),
        1 => Just(f64::NAN),
        1 => Just(f64::INFINITY),
        1 => Just(-0.0),
        1 => Just(5e-324),
    ]
}

prop_compose! {
    /// Whatever a loop with a fault in it might hand over.
    pub(super) fn wild()(
        glucose in proptest::option::of(any_number()),
        trust in trust(),
        at_end in any::<bool>(),
        withheld in any_number(),
        delivered in any_number(),
        given in any_number(),
        announced in proptest::option::weighted(0.2, any_number()),
        jump in prop_oneof![9 => Just(1_u32), 1 => 0_u32..300],
    ) -> (Observation, u32) {
        let observation = Observation {
            time: Minutes(0.0),
            glucose: glucose.map(GlucoseMgDl),
            at_end,
            trust,
            slope: None,
            delivered: Units(delivered),
            given: Units(given),
            withheld: Units(withheld),
            announced: announced.map(Grams),
            on_board: Units(0.0),
            target: GlucoseMgDl(110.0),
        };
        (observation, jump)
    }
}

/// Runs over wild observations; every dose is finite, not negative, within `most(announced)`.
pub(super) fn survives<A: Algorithm>(
    algorithm: &A,
    seen: &[(Observation, u32)],
    most: impl Fn(&Settings, bool) -> f64,
) -> Result<(), TestCaseError> {
    let settings = settings();
    let mut state = algorithm.start(&settings);
    let mut cycle = 0;
    for (observation, jump) in seen {
        cycle += jump;
        let seen = Observation { time: Minutes(f64::from(cycle) * CYCLE), ..*observation };
        let (after, wish) = algorithm.step(&settings, &state, &seen);
        let again = algorithm.step(&settings, &state, &seen);
        prop_assert!(again.0 == after && again.1 == wish, "CTL-01: the same twice");
        prop_assert!(wish.dose.0.is_finite() && wish.dose.0 >= 0.0, "dose {}", wish.dose);
        prop_assert!(wish.meal.0 >= 0.0 && wish.meal.0 <= wish.dose.0);
        prop_assert!(wish.dose.0 <= most(&settings, seen.announced.is_some()) + 1e-9);
        let mut bytes = [0_u8; 2_048];
        let encoded = after.encode_canonical(&mut bytes).unwrap();
        prop_assert!(A::State::decode_canonical(encoded) == Ok(after));
        state = after;
    }
    Ok(())
}
