//! The therapy within the whole loop: kernel, supervisor and this crate around a scripted sensor
//! and an obedient pump.

use homeostat_insulin::LoopController;
use homeostat_insulin::algorithm::{Algorithm, Nothing, Observation, Wish};
use homeostat_insulin::profile::{Profile, ReferencePerson, Settings};
use homeostat_insulin::reason::Reason;
use homeostat_insulin::units::{GramsPerUnit, Kilograms, MgDlPerUnit, Units, UnitsPerHour, Years};
use homeostat_insulin::watch::Supervised;
use homeostat_kernel::{Controller, Loop, LoopState, Outcome};
use homeostat_record::{
    Action, Announcement, Authority, Bytes, Cause, CycleEntry, Decision, Frame, Input, List,
    Opinion, OrderId, PersonAction, Phase, Proposal, Report, Role, SecondOpinion, SensorFrame,
    Source, Steps,
};
use homeostat_supervisor::Profile as Therapy;

const PERSON: ReferencePerson = ReferencePerson {
    age: Years(44.0),
    weight: Kilograms(75.0),
    daily_dose: Units(48.0),
    basal: UnitsPerHour(1.2),
    carbohydrate_ratio: GramsPerUnit(10.0),
    correction_factor: MgDlPerUnit(40.0),
    pump_step: Units(0.05),
    sensor: 7,
    pump: 9,
};

/// Wishes for a function of what it sees.
#[derive(Clone, Copy, Debug)]
struct Wishing(fn(&Settings, &Observation) -> Wish);

impl Algorithm for Wishing {
    type State = Nothing;
    fn start(&self, _: &Settings) -> Nothing {
        Nothing {}
    }
    fn step(&self, settings: &Settings, _: &Nothing, seen: &Observation) -> (Nothing, Wish) {
        (Nothing {}, (self.0)(settings, seen))
    }
}

/// A second opinion that has none.
#[derive(Clone, Copy, Debug)]
struct Silent;

impl SecondOpinion for Silent {
    type State = Nothing;
    fn start(&self) -> Nothing {
        Nothing {}
    }
    fn weigh(&self, _: &Nothing, _: &Input, _: &Proposal) -> (Nothing, Opinion) {
        (Nothing {}, Opinion::Abstain)
    }
}

type Machine = Loop<LoopController<Wishing>, Supervised, Silent>;
type State = LoopState<
    <LoopController<Wishing> as Controller>::State,
    <Supervised as Therapy>::Watch,
    Nothing,
>;

struct World {
    machine: Machine,
    state: State,
    input: Input,
    report: Report,
    sequence: u32,
    entry: Option<CycleEntry>,
}

impl World {
    fn new(wish: fn(&Settings, &Observation) -> Wish) -> Self {
        let profile = Profile::reference_for(&PERSON).unwrap();
        let machine = Loop {
            controller: LoopController::new(&profile, Wishing(wish)),
            profile: Supervised::new(&profile),
            opinion: Silent,
        };
        let mut input = Input::default();
        input.now.millis = 10_000_000;
        let report = Report { actuator: 9, ..Report::default() };
        Self { state: machine.start(), machine, input, report, sequence: 0, entry: None }
    }

    /// Automatic operation has begun and glucose is steady.
    fn automatic(wish: fn(&Settings, &Observation) -> Wish) -> Self {
        let mut world = Self::new(wish);
        world.cycle(Some(120), &[Action::Choose(Phase::SelfTest)]);
        for step in 0..10 {
            world.cycle(Some(120 + step % 4 * 2), &[]);
        }
        let actions = [Action::Reconcile, Action::Choose(Phase::Automatic)];
        let begun = world.cycle(Some(121), &actions);
        assert_eq!((begun.phase, begun.unmet), (Phase::Automatic, None));
        world
    }

    fn cycle(&mut self, value: Option<i32>, actions: &[Action]) -> Decision {
        self.input.cycle.0 += 1;
        self.input.now.millis += 300_000;
        self.input.frames = List::new();
        if let Some(value) = value {
            self.sequence += 1;
            let frame = SensorFrame {
                source: 7,
                sequence: self.sequence,
                taken_millis: self.input.now.millis - 5_000,
                value_thousandths: value * 1_000,
                quality: 100,
                session_minutes: 120 + u16::try_from(self.input.cycle.0 * 5).unwrap(),
                ..SensorFrame::default()
            };
            let bytes = Bytes::copy_of(&frame.encode()).unwrap();
            self.input.frames.push(Frame { received: self.input.now, bytes }).unwrap();
        }
        self.input.reports = List::new();
        self.report.received = self.input.now;
        self.input.reports.push(self.report).unwrap();
        self.input.people = List::new();
        for action in actions {
            self.input.people.push(PersonAction { by: Role::User, action: *action }).unwrap();
        }
        let Outcome { state, entry, admitted } = self.machine.cycle(&self.state, &self.input);
        self.state = state;
        self.entry = Some(entry);
        if let Some(admitted) = admitted {
            // The pump takes the order and has delivered it by the next cycle.
            let steps = u64::from(admitted.steps()[0].0);
            self.report.accepted = OrderId(admitted.id().0);
            self.report.accepted_total += steps;
            self.report.delivered_total += steps;
        }
        entry.decision
    }

    fn series(&mut self, values: impl IntoIterator<Item = i32>) -> Vec<Decision> {
        values.into_iter().map(|value| self.cycle(Some(value), &[])).collect()
    }
}

fn basal(settings: &Settings, _: &Observation) -> Wish {
    Wish::basal(settings, Reason::Basal)
}

fn eager(settings: &Settings, _: &Observation) -> Wish {
    Wish { dose: Units(50.0), ..Wish::basal(settings, Reason::Correction) }
}

fn ordered(decision: &Decision) -> u32 {
    decision.order.map_or(0, |order| order.steps[0].0)
}

#[test]
fn f_s01_a_silent_sensor_leads_to_the_background_after_20_minutes() {
    let mut world = World::automatic(basal);
    world.series([120, 122, 124, 121]);
    let silent: Vec<Decision> = (0..6).map(|_| world.cycle(None, &[])).collect();
    let authorities: Vec<Authority> = silent.iter().map(|decision| decision.authority).collect();
    assert_eq!(authorities[1], Authority::Limited, "T1");
    assert_eq!(authorities[3], Authority::Background, "T2");
    assert_eq!(silent[3].governing, Some(Cause::InputMissing));
    let total: u32 = silent.iter().map(ordered).sum();
    assert_eq!(total, 12, "0.6 U in half an hour: the programmed basal");
}

#[test]
fn gly_21_a_low_stops_delivery_and_the_record_says_why() {
    let mut world = World::automatic(basal);
    world.series([110, 100, 92, 84, 76, 68, 62]);
    let low = world.cycle(Some(58), &[]);
    assert_eq!((low.authority, low.governing), (Authority::Suspend, Some(Cause::PhysiologicStop)));
    assert_eq!((ordered(&low), low.order.map(|order| order.source)), (0, Some(Source::Suspension)));
    let entry = world.entry.unwrap();
    assert_eq!(entry.proposal.unwrap().rationale.reason, Reason::Low as u16);
}

#[test]
fn f_c03_a_controller_that_asks_for_the_most_is_bounded_by_what_is_on_board() {
    let mut world = World::automatic(eager);
    // Glucose that only falls when much insulin acts, seen by nobody: the worst patience.
    let decisions = world.series((0..48).map(|step| 180 + step % 5 * 2));
    let most = decisions.iter().map(|decision| decision.acting[0].0).max().unwrap();
    // 20 % of 48 U, the steady basal of about 2.4 U, one cycle's background and roundings.
    assert!(most <= 192 + 56, "{most} steps of 0.05 U on board");
    assert!(decisions.iter().all(|decision| ordered(decision) <= 48 + 1));
    let clamped = decisions.iter().filter(|d| d.active.has(Cause::GuardClamping)).count();
    assert_eq!(clamped, 0, "the controller's side keeps its own bounds; the guard has no work");
}

#[test]
fn an_announced_meal_is_delivered_whole_through_guard_and_supervisor() {
    let meal = |settings: &Settings, seen: &Observation| {
        let basal = Wish::basal(settings, Reason::Basal);
        match seen.announced {
            None => basal,
            Some(grams) => {
                let meal = grams / settings.carbohydrate_ratio;
                Wish { dose: basal.dose + meal, meal, reason: Reason::Meal, ..basal }
            }
        }
    };
    let mut world = World::automatic(meal);
    world.series([120, 123, 121, 124, 122]);
    let announce = Action::Announce(Announcement { kind: 1, amount: 70_000 });
    let decision = world.cycle(Some(121), &[announce]);
    assert_eq!(ordered(&decision), 142, "7 U for 70 g and 0.1 U of basal");
    let entry = world.entry.unwrap();
    assert_eq!(entry.proposal.unwrap().rationale.figures[6], 7_000);
    assert_eq!(decision.authority, Authority::Full);
}

#[test]
fn f_s05_after_a_compression_low_delivery_does_not_rise_at_once() {
    let rise = |settings: &Settings, seen: &Observation| {
        let slope = seen.slope.map_or(0.0, |slope| slope.0);
        let basal = Wish::basal(settings, Reason::Basal);
        Wish { dose: Units(if slope > 1.0 { 1.5 } else { basal.dose.0 }), ..basal }
    };
    let mut world = World::automatic(rise);
    let night = [120, 122, 121, 123, 120, 121, 96, 74, 72, 73, 74, 98, 121, 122, 121, 120];
    let decisions = world.series(night);
    assert!(decisions.iter().any(|decision| decision.active.has(Cause::ArtefactSuspected)));
    assert!(decisions.iter().all(|decision| ordered(decision) <= 3), "never above basal");
    // The same rise without a fall before it is answered.
    let mut world = World::automatic(rise);
    let meal = world.series([120, 122, 121, 123, 130, 142, 156, 170]);
    assert!(meal.iter().any(|decision| ordered(decision) >= 30));
}

#[test]
fn ctl_18_a_controller_without_a_number_leaves_the_background() {
    let nothing = |settings: &Settings, _: &Observation| Wish {
        dose: Units(f64::NAN),
        ..Wish::basal(settings, Reason::Basal)
    };
    let mut world = World::automatic(nothing);
    let decisions = world.series([121, 122, 120, 123, 121, 122]);
    assert!(decisions.iter().all(|decision| decision.order.is_some()));
    assert_eq!(decisions.iter().map(ordered).sum::<u32>(), 12, "0.6 U in half an hour");
    assert!(decisions.iter().all(|decision| decision.order.unwrap().source != Source::Nothing));
    let refused = Steps(ordered(&decisions[0]));
    assert!(refused <= Steps(3));
}
