use super::*;
use crate::algorithm::{Algorithm, Person, Sex, Wish};
use crate::effect::Effect;
use crate::kinetics::{Concentrations, Population, Propagator};
use crate::profile::{PidParameters, PredictiveParameters};
use crate::units::{Centimetres, Kilograms, Percent, Years};
use proptest::prelude::*;
use std::collections::VecDeque;
use std::vec;

pub(super) fn predictive() -> Predictive {
    Predictive::new(PredictiveParameters::REFERENCE, &settings())
}

pub(super) fn pid() -> Pid {
    Pid::new(PidParameters::REFERENCE, &settings())
}

fn target_controlled() -> TargetControlled {
    TargetControlled::new(&settings())
}

pub(super) fn settings() -> Settings {
    Settings {
        person: Person {
            age: Years(45.0),
            weight: Kilograms(70.0),
            height: Centimetres(175.0),
            sex: Sex::Male,
            opioids: false,
        },
        target: Index(50.0),
        period: Seconds(5.0),
        step: Milligrams(0.01),
        rate_most: MgPerSecond(10.0 / 3.0),
        effect_site: (UgPerMl(0.8), UgPerMl(6.0)),
        induction_most: Milligrams(175.0),
        deep: Index(30.0),
        suppressed: Percent(10.0),
    }
}

pub(super) fn seen(index: f64) -> Observation {
    Observation {
        time: Seconds(0.0),
        passed: Seconds(5.0),
        stage: Stage::Maintenance,
        index: Some(Index(index)),
        weight: 1.0,
        validity: Validity::Closed,
        suppression: None,
        circulation: Circulation::Free,
        delivered: Milligrams(0.0),
        given: Milligrams(0.0),
        may_increase: true,
    }
}

/// The typical person with another sensitivity, seen after the typical delay.
pub(super) struct Patient {
    step: Propagator,
    effect: Effect,
    pub(super) now: Concentrations,
    shown: VecDeque<f64>,
}

impl Patient {
    pub(super) fn new(sensitivity: f64) -> Self {
        let person = settings().person;
        let effect = Effect::typical(&person);
        Self {
            step: Propagator::new(&Population::Eleveld.equations(&person), Seconds(5.0)),
            effect: effect.with_half(UgPerMl(effect.half.0 / sensitivity)),
            now: Concentrations::default(),
            shown: VecDeque::from(vec![effect.awake.0; 5]),
        }
    }

    /// The index of this moment.
    pub(super) fn index(&self) -> f64 {
        self.effect.at(self.now.effect()).index.0
    }

    fn live(&mut self, dose: Milligrams) -> f64 {
        self.now = self.step.advance(self.now, dose / Seconds(5.0));
        self.shown.push_back(self.index());
        self.shown.pop_front().unwrap_or(0.0)
    }
}

/// Gives the person what an algorithm wishes for; `see` makes the observation of a cycle from the
/// index that the monitor shows.
pub(super) fn run<A: Algorithm>(
    algorithm: &A,
    state: &mut A::State,
    patient: &mut Patient,
    cycles: u32,
    mut see: impl FnMut(u32, f64) -> Observation,
) -> Wish {
    let settings = settings();
    let nothing = Observation { passed: Seconds(0.0), ..seen(93.0) };
    let (_, mut wish) = algorithm.step(&settings, state, &nothing);
    for cycle in 0..cycles {
        let shown = patient.live(wish.dose);
        let observation = Observation { delivered: wish.dose, ..see(cycle, shown) };
        (*state, wish) = algorithm.step(&settings, state, &observation);
    }
    wish
}

fn reasons<A: Algorithm>(algorithm: &A) {
    let settings = settings();
    let mut state = algorithm.start(&settings);
    run(algorithm, &mut state, &mut Patient::new(1.0), 240, |_, shown| seen(shown));
    let rate = |changed: Observation| algorithm.step(&settings, &state, &changed).1;
    let light = Observation { delivered: Milligrams(0.5), ..seen(60.0) };
    let nothing = [
        Observation { stage: Stage::Before, ..light },
        Observation { stage: Stage::Emergence, ..light },
        Observation { circulation: Circulation::Stop, ..light },
        Observation { suppression: Some(Percent(11.0)), ..light },
        Observation { index: Some(Index(29.0)), ..light },
    ];
    for observation in nothing {
        assert_eq!(rate(observation).dose.0, 0.0, "{observation:?}");
    }
    // A low index held by the loop: no more than the last rate.
    let (_, free) = algorithm.step(&settings, &state, &light);
    let held = Observation { may_increase: false, ..light };
    let (next, wish) = algorithm.step(&settings, &state, &held);
    assert!(wish.dose.0 <= free.dose.0);
    let (_, again) = algorithm.step(&settings, &next, &held);
    assert!(again.dose.0 <= wish.dose.0 + 1e-12);
    // Low pressure: no more than that or what holds the level. After a pause the person does not wake.
    let (paused, nothing) = algorithm.step(&settings, &state, &seen(25.0));
    assert_eq!(nothing.dose.0, 0.0);
    let low = Observation { circulation: Circulation::NoIncrease, ..seen(75.0) };
    let (_, free) =
        algorithm.step(&settings, &paused, &Observation { circulation: Circulation::Free, ..low });
    let (_, held) = algorithm.step(&settings, &paused, &low);
    assert!(held.dose.0 > 0.1 && held.dose.0 < free.dose.0, "{held:?} {free:?}");
    assert_eq!(Reason::of(held.reason), Some(Reason::PressureLow));
}

#[test]
fn pro_05_stages_pressure_suppression_and_depth_limit_every_controller() {
    reasons(&target_controlled());
    reasons(&pid());
    reasons(&predictive());
}

fn fades<A: Algorithm>(algorithm: &A) {
    let mut state = algorithm.start(&settings());
    let mut patient = Patient::new(1.0);
    run(algorithm, &mut state, &mut patient, 360, |_, shown| seen(shown));
    let before = patient.index();
    // The index is lost: observer only, then frozen, then lost, for ten minutes in all.
    let wish = run(algorithm, &mut state, &mut patient, 120, |cycle, _| {
        let validity = match cycle {
            0..6 => Validity::ObserverOnly,
            6..24 => Validity::Frozen,
            _ => Validity::Lost,
        };
        Observation { index: None, weight: 0.0, validity, may_increase: false, ..seen(0.0) }
    });
    assert!((patient.index() - before).abs() < 2.0, "{before} and {}", patient.index());
    assert!(wish.dose.0 > 0.0);
    // And it comes back without a jump of what is given.
    let again = run(algorithm, &mut state, &mut patient, 6, |_, shown| seen(shown));
    assert!((again.effect_site.0 - wish.effect_site.0).abs() < 0.2);
}

#[test]
fn pro_06_a_lost_index_holds_the_last_level_without_a_jump() {
    fades(&target_controlled());
    fades(&pid());
    fades(&predictive());
}

fn any_observation() -> impl Strategy<Value = Observation> {
    let number = prop_oneof![
        4 => -10.0..110.0_f64,
        1 => prop::num::f64::ANY,
    ];
    let numbers = prop::collection::vec(number, 8);
    (numbers, 0_u8..4, 0_u8..4, any::<bool>(), any::<bool>()).prop_map(
        |(numbers, stage, validity, known, may_increase)| {
            let stage = match stage {
                0 => Stage::Before,
                1 => Stage::Induction,
                2 => Stage::Maintenance,
                _ => Stage::Emergence,
            };
            let validity = match validity {
                0 => Validity::Lost,
                1 => Validity::Frozen,
                2 => Validity::ObserverOnly,
                _ => Validity::Closed,
            };
            Observation {
                time: Seconds(numbers[0]),
                passed: Seconds(numbers[1]),
                stage,
                index: known.then_some(Index(numbers[2])),
                weight: numbers[3],
                validity,
                suppression: known.then_some(Percent(numbers[4])),
                circulation: match numbers[5] {
                    below if below < 30.0 => Circulation::Stop,
                    below if below < 60.0 => Circulation::NoIncrease,
                    _ => Circulation::Free,
                },
                delivered: Milligrams(numbers[6]),
                given: Milligrams(numbers[7]),
                may_increase,
            }
        },
    )
}

fn total<A: Algorithm>(algorithm: &A, course: &[Observation]) {
    let settings = settings();
    let mut state = algorithm.start(&settings);
    for seen in course {
        let (next, wish) = algorithm.step(&settings, &state, seen);
        state = next;
        let most = settings.rate_most.0 * 5.0;
        assert!((0.0..=most + 1e-9).contains(&wish.dose.0), "{wish:?} after {seen:?}");
        for number in [wish.effect_site.0, wish.plasma.0, wish.aim.0, wish.predicted.0] {
            assert!(number.is_finite(), "{wish:?}");
        }
        assert!(wish.half_effect.0 > 0.0);
        assert!(wish.aim.0 <= settings.effect_site.1.0 || seen.validity < Validity::ObserverOnly);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn ctl_18_every_course_of_observations_gives_a_dose_within_its_range(
        course in prop::collection::vec(any_observation(), 1..40),
    ) {
        total(&target_controlled(), &course);
        total(&pid(), &course);
        total(&predictive(), &course);
    }
}
