use super::{LoopController, LoopControllerState};
use crate::algorithm::{Algorithm, Observation, Settings, Stage, Validity, Wish};
use crate::reason::Reason;
use crate::testing::{EMERGENCE, INDUCTION, MAINTENANCE, Rig, Said, announced, said};
use crate::units::{Index, Milligrams, Seconds, UgPerMl};
use crate::{Method, MethodState};
use core::cell::Cell;
use homeostat_kernel::Controller;
use homeostat_numeric::abs;
use homeostat_record::{Canonical, Input, Proposal, Steps};
use std::vec::Vec;

/// Wishes what it is told to, and shows what it observed.
struct Fixed<'a> {
    dose: &'a Cell<f64>,
    seen: &'a Cell<Option<Observation>>,
}

impl Algorithm for Fixed<'_> {
    type State = u32;

    fn start(&self, _: &Settings) -> u32 {
        0
    }

    fn step(&self, _: &Settings, state: &u32, seen: &Observation) -> (u32, Wish) {
        self.seen.set(Some(*seen));
        (state + 1, wish(self.dose.get()))
    }
}

fn wish(dose: f64) -> Wish {
    Wish {
        dose: Milligrams(dose),
        reason: Reason::Maintenance as u16,
        effect_site: UgPerMl(3.0),
        plasma: UgPerMl(3.1),
        aim: UgPerMl(3.2),
        predicted: Index(50.0),
        half_effect: UgPerMl(2.9),
    }
}

/// A loop with a fixed wish and the devices around it.
struct Case<'a> {
    rig: Rig,
    controller: LoopController<Fixed<'a>>,
    state: LoopControllerState<u32>,
    dose: &'a Cell<f64>,
    seen: &'a Cell<Option<Observation>>,
}

impl<'a> Case<'a> {
    fn new(dose: &'a Cell<f64>, seen: &'a Cell<Option<Observation>>) -> Self {
        let rig = Rig::new();
        let controller = LoopController::new(&rig.profile(), Fixed { dose, seen });
        let state = controller.start();
        Self { rig, controller, state, dose, seen }
    }

    /// In maintenance, the loop closed.
    fn maintained(dose: &'a Cell<f64>, seen: &'a Cell<Option<Observation>>) -> Self {
        let mut case = Self::new(dose, seen);
        for _ in 0..14 {
            case.steady(50_000);
        }
        let input = announced(case.rig.steady(50_000), &MAINTENANCE);
        case.step(&input);
        assert_eq!(case.observed().validity, Validity::Closed);
        case
    }

    fn step(&mut self, input: &Input) -> Proposal {
        let (state, proposal) = self.controller.propose(&self.state, input);
        self.state = state;
        proposal
    }

    fn steady(&mut self, index: i32) -> Proposal {
        let input = self.rig.steady(index);
        self.step(&input)
    }

    fn next(&mut self, at: impl FnMut(u64) -> Option<Said>) -> Proposal {
        let input = self.rig.next(at);
        self.step(&input)
    }

    fn announce(&mut self, what: &[(u8, u32)]) -> Proposal {
        let input = announced(self.rig.steady(80_000), what);
        self.step(&input)
    }

    fn observed(&self) -> Observation {
        self.seen.get().expect("observed")
    }
}

fn steps(proposal: &Proposal) -> u32 {
    proposal.steps[0].expect("proposed").0
}

fn reason(proposal: &Proposal) -> Option<Reason> {
    Reason::of(proposal.rationale.reason)
}

#[test]
fn pro_01_nothing_is_proposed_before_a_stage_or_after_it() {
    let (dose, seen) = (Cell::new(2.0), Cell::new(None));
    let mut case = Case::new(&dose, &seen);
    for _ in 0..20 {
        let proposal = case.steady(93_000);
        assert_eq!((steps(&proposal), reason(&proposal)), (0, Some(Reason::NotBegun)));
        assert!(!case.observed().may_increase);
    }
    let proposal = case.announce(&INDUCTION);
    assert_eq!(steps(&proposal), 200);
    assert!(case.observed().may_increase && case.observed().stage == Stage::Induction);
    case.steady(80_000);
    let proposal = case.announce(&EMERGENCE);
    assert_eq!((steps(&proposal), reason(&proposal)), (0, Some(Reason::Emergence)));
    let [effect_site, plasma, ..] = proposal.rationale.figures;
    assert!(effect_site > 0 && plasma > effect_site, "the remaining effect is shown");
}

#[test]
fn act_02_remainders_are_carried_and_never_lost() {
    // 1.2345 mg are 123 steps and a rest.
    let (dose, seen) = (Cell::new(1.234_5), Cell::new(None));
    let mut case = Case::maintained(&dose, &seen);
    let given: Vec<u32> = (0..40).map(|_| steps(&case.steady(50_000))).collect();
    assert!(given.iter().all(|steps| (123..=124).contains(steps)), "{given:?}");
    assert_eq!(given.iter().sum::<u32>(), 4_938);
    // A pump that cannot deliver is owed nothing.
    let mut input = case.rig.steady(50_000);
    let mut report = case.rig.report(0);
    report.status = homeostat_record::ActuatorStatus::Empty;
    input.reports.push(report).unwrap();
    case.step(&input);
    assert!(case.state.carried < 10_000);
}

#[test]
fn an_induction_is_held_to_its_rate_and_its_amount() {
    let (dose, seen) = (Cell::new(50.0), Cell::new(None));
    let mut case = Case::new(&dose, &seen);
    for _ in 0..14 {
        case.steady(79_000);
    }
    let mut sum = 0;
    let mut last = case.announce(&INDUCTION);
    for _ in 0..30 {
        if case.observed().stage != Stage::Induction {
            break;
        }
        let given = steps(&last);
        assert!(given <= 1_667, "{given}");
        sum += given;
        let mut input = case.rig.steady(79_000);
        input.reports.push(case.rig.report(u64::from(given))).unwrap();
        last = case.step(&input);
    }
    assert_eq!(sum, 18_750, "2.5 mg/kg");
    assert_eq!(case.observed().stage, Stage::Maintenance);
    // 44 ug/kg/s for 75 kg.
    assert!((1_650..=1_651).contains(&steps(&last)) && reason(&last) == Some(Reason::RateMost));
}

#[test]
fn pro_06_without_an_index_nothing_rises_and_the_level_is_kept() {
    let (dose, seen) = (Cell::new(0.8), Cell::new(None));
    let mut case = Case::maintained(&dose, &seen);
    assert_eq!(steps(&case.steady(50_000)), 80);
    dose.set(3.0);
    let proposal = case.next(|_| None);
    assert_eq!(steps(&proposal), 300, "a gap shorter than ten seconds holds nothing back");
    dose.set(5.0);
    let proposals: Vec<Proposal> = (0..40).map(|_| case.next(|_| None)).collect();
    assert!(proposals.iter().all(|proposal| steps(proposal) == 300), "no more than before");
    let reasons = [0, 5, 39].map(|cycle| reason(&proposals[cycle]));
    assert_eq!(reasons, [Reason::ObserverOnly, Reason::Frozen, Reason::Lost].map(Some));
    // After a pause of the loop what holds the level may be given again, not more.
    dose.set(0.0);
    case.next(|_| None);
    dose.set(5.0);
    let given = steps(&case.next(|_| None));
    let books = case.state.books;
    let keeping = case.controller.books.holding(&books, UgPerMl(books.effect_site));
    let keeping = (keeping * Seconds(5.0)).0;
    assert!(
        keeping > 0.1 && abs(f64::from(given) / 100.0 - keeping) < 0.02,
        "{given} of {keeping}"
    );
}

#[test]
fn pro_05_too_deep_stops_and_low_forbids_an_increase() {
    let (dose, seen) = (Cell::new(0.5), Cell::new(None));
    let mut case = Case::maintained(&dose, &seen);
    case.steady(50_000);
    dose.set(2.0);
    let mut reasons = Vec::new();
    for _ in 0..16 {
        let proposal = case.steady(37_000);
        reasons.push((steps(&proposal), reason(&proposal)));
    }
    // Below the middle between low and target no more than holds what is there, which is little here.
    let held = |found: &(u32, Option<Reason>)| found.0 < 50 && found.1 == Some(Reason::Low);
    assert!(reasons.iter().all(held), "{reasons:?}");
    dose.set(3.0);
    let proposal = case.steady(37_000);
    assert!(held(&(steps(&proposal), reason(&proposal))));
    assert!(!case.observed().may_increase);
    for _ in 0..7 {
        case.steady(25_000);
    }
    let proposal = case.steady(25_000);
    assert_eq!((steps(&proposal), reason(&proposal)), (0, Some(Reason::Deep)));
    let suppressed = Said { suppression: 30, ..said(45_000) };
    for _ in 0..30 {
        assert_eq!(steps(&case.next(|_| Some(suppressed))), 0);
    }
}

#[test]
fn pro_05_a_low_pressure_limits_and_a_very_low_one_stops() {
    let (dose, seen) = (Cell::new(0.5), Cell::new(None));
    let mut case = Case::maintained(&dose, &seen);
    let mut read = |dose: f64, mmhg: i32| {
        case.dose.set(dose);
        let mut input = case.rig.steady(50_000);
        let frame = case.rig.pressure(mmhg);
        input.frames.push(case.rig.arrived(&frame)).unwrap();
        let proposal = case.step(&input);
        (steps(&proposal), reason(&proposal))
    };
    assert_eq!(read(0.5, 80), (50, Some(Reason::Maintenance)));
    for _ in 0..3 {
        read(0.5, 52);
    }
    let (given, why) = read(3.0, 52);
    assert_eq!(why, Some(Reason::PressureLow));
    assert!(given < 60, "what the body eliminates at 3 ug/mL: {given}");
    for _ in 0..2 {
        read(0.5, 40);
    }
    assert_eq!(read(0.5, 40), (0, Some(Reason::PressureStop)));
}

#[test]
fn ctl_18_a_wish_that_is_no_number_abstains_and_begins_anew() {
    let (dose, seen) = (Cell::new(0.5), Cell::new(None));
    let mut case = Case::maintained(&dose, &seen);
    assert!(case.state.algorithm > 10);
    for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        dose.set(bad);
        let proposal = case.steady(50_000);
        assert_eq!(proposal.steps, [None, None]);
        assert_eq!(reason(&proposal), Some(Reason::NotFinite));
        assert_eq!(case.state.algorithm, 0);
    }
    dose.set(-3.0);
    assert_eq!(steps(&case.steady(50_000)), 0);
    dose.set(1e300);
    assert_eq!(steps(&case.steady(50_000)), 375, "asleep");
    for _ in 0..4 {
        case.steady(64_000);
    }
    assert_eq!(steps(&case.steady(64_000)), 1_650);
}

#[test]
fn ctl_15_the_rationale_holds_the_figures_of_the_page() {
    let (dose, seen) = (Cell::new(0.5), Cell::new(None));
    let mut case = Case::maintained(&dose, &seen);
    let said = Said { quality: 65, ..said(48_000) };
    let figures = case.next(|_| Some(said)).rationale.figures;
    // The concentrations are the population's, whatever the algorithm believes.
    let books = case.state.books;
    let stated = [books.effect_site, books.plasma].map(|it| (it * 1_000.0) as i32);
    assert!(stated[1] > 0 && abs(f64::from(stated[1] - figures[1])) <= 1.0);
    assert!(abs(f64::from(stated[0] - figures[0])) <= 1.0);
    assert_eq!(figures[2], 3_200);
    assert!((47_900..48_100).contains(&figures[3]), "{figures:?}");
    assert_eq!([figures[4], figures[5], figures[6], figures[7]], [50_000, 500, 2_900, 23]);
    assert_eq!(case.next(|_| None).rationale.figures[3], -1);
}

#[test]
fn what_the_pump_and_people_gave_is_observed() {
    let (dose, seen) = (Cell::new(0.5), Cell::new(None));
    let mut case = Case::maintained(&dose, &seen);
    let mut input = case.rig.steady(50_000);
    input.reports.push(case.rig.report(0)).unwrap();
    case.step(&input);
    let mut input = case.rig.steady(50_000);
    input.reports.push(case.rig.report(47)).unwrap();
    let action = homeostat_record::Action::Given { channel: 0, steps: Steps(2_000) };
    let by = homeostat_record::Role::Clinician;
    input.people.push(homeostat_record::PersonAction { by, action }).unwrap();
    case.step(&input);
    let observed = case.observed();
    assert!(abs(observed.delivered.0 - 0.47) < 1e-9 && abs(observed.given.0 - 20.0) < 1e-9);
    assert!(abs(observed.passed.0 - 5.0) < 1e-9);
}

#[test]
fn each_method_keeps_its_own_state() {
    let (dose, seen) = (Cell::new(0.5), Cell::new(None));
    let fixed = || Fixed { dose: &dose, seen: &seen };
    type Chosen<'a> = Method<Fixed<'a>, Fixed<'a>, Fixed<'a>>;
    let (pid, model): (Chosen<'_>, Chosen<'_>) =
        (Method::Pid(fixed()), Method::Predictive(fixed()));
    let settings = Rig::new().profile().settings();
    assert_eq!(pid.start(&settings), MethodState::Pid(0));
    let controller = LoopController::new(&Rig::new().profile(), pid);
    let mut state = controller.start();
    for _ in 0..3 {
        (state, _) = controller.propose(&state, &Input::default());
    }
    assert_eq!(state.algorithm, MethodState::Pid(3));
    let controller = LoopController::new(&Rig::new().profile(), model);
    let (state, _) = controller.propose(&state, &Input::default());
    assert_eq!(state.algorithm, MethodState::Predictive(1), "a foreign state is not used");
    let mut space = [0; 2_048];
    let bytes = state.encode_canonical(&mut space).unwrap();
    assert_eq!(LoopControllerState::decode_canonical(bytes), Ok(state));
}

proptest::proptest! {
    #[test]
    fn ctl_any_wish_stays_within_the_declared_space(
        doses in proptest::collection::vec(proptest::num::f64::ANY, 1..30),
        indices in proptest::collection::vec(-1_000..101_000_i32, 30),
        stage in 0_u32..5,
    ) {
        let (dose, seen) = (Cell::new(0.0), Cell::new(None));
        let mut case = Case::maintained(&dose, &seen);
        case.announce(&[(4, 0), (1, stage)]);
        for (wished, index) in doses.iter().zip(&indices) {
            dose.set(*wished);
            let proposal = case.steady(*index);
            proptest::prop_assert!(proposal.steps[0].is_none_or(|steps| steps.0 <= 1_667));
        }
    }
}
