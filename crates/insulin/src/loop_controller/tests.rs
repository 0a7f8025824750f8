use super::LoopController;
use crate::algorithm::{Algorithm, Nothing, Observation, OpenLoop, Wish};
use crate::profile::scale::{MilliUnits, MilliUnitsPerHour};
use crate::profile::tests::ADULT;
use crate::profile::{Content, Settings};
use crate::reason::Reason;
use crate::units::{GlucoseMgDl, Grams, Units};
use homeostat_kernel::Controller;
use homeostat_record::{
    Action, ActuatorStatus, Announcement, Bytes, Canonical, Cycle, Frame, Input, Instant,
    PersonAction, Proposal, Report, Role, SensorFrame, Steps,
};
use proptest::prelude::*;

/// Wishes for what a function makes of each observation.
#[derive(Clone, Copy)]
struct Wishing(fn(&Observation) -> Wish);

impl Algorithm for Wishing {
    type State = Nothing;
    fn start(&self, _: &Settings) -> Nothing {
        Nothing {}
    }
    fn step(&self, _: &Settings, _: &Nothing, seen: &Observation) -> (Nothing, Wish) {
        (Nothing {}, (self.0)(seen))
    }
}

const NOTHING: Wish = Wish {
    dose: Units(0.0),
    meal: Units(0.0),
    reason: Reason::Correction,
    predicted_least: None,
    predicted_eventual: None,
    carbohydrate_on_board: Grams(0.0),
    ratio: 1.0,
};

struct World<A: Algorithm> {
    controller: LoopController<A>,
    state: <LoopController<A> as Controller>::State,
    cycle: u64,
    delivered: u64,
    status: ActuatorStatus,
}

impl<A: Algorithm + Copy> World<A>
where
    LoopController<A>: Controller,
{
    fn of(content: Content, algorithm: A) -> Self {
        let controller = LoopController::new(&content.check().unwrap(), algorithm);
        let state = controller.start();
        Self { controller, state, cycle: 0, delivered: 1_000, status: ActuatorStatus::Running }
    }

    fn input(&self, value: Option<i32>, actions: &[Action]) -> Input {
        let now = Instant { boot: 1, millis: 10_000_000 + self.cycle * 300_000 };
        let mut input = Input { cycle: Cycle(self.cycle), now, ..Input::default() };
        if let Some(value) = value {
            let frame = SensorFrame {
                source: 7,
                sequence: u32::try_from(self.cycle).unwrap() + 1,
                taken_millis: self.cycle * 300_000,
                value_thousandths: value * 1_000,
                quality: 90,
                session_minutes: 700 + u16::try_from(self.cycle * 5).unwrap(),
                ..SensorFrame::default()
            };
            let bytes = Bytes::copy_of(&frame.encode()).unwrap();
            input.frames.push(Frame { received: now, bytes }).unwrap();
        }
        let report = Report {
            actuator: 9,
            status: self.status,
            delivered_total: self.delivered,
            ..Report::default()
        };
        input.reports.push(report).unwrap();
        for action in actions {
            input.people.push(PersonAction { by: Role::User, action: *action }).unwrap();
        }
        input
    }

    /// One cycle; the pump delivers what was proposed.
    fn step(&mut self, value: Option<i32>, actions: &[Action]) -> Proposal {
        let input = self.input(value, actions);
        let (state, proposal) = self.controller.propose(&self.state, &input);
        (self.state, self.cycle) = (state, self.cycle + 1);
        if self.status == ActuatorStatus::Running {
            self.delivered += u64::from(proposal.steps[0].unwrap_or_default().0);
        }
        proposal
    }

    /// The proposal after an hour of ordinary readings.
    fn settled(&mut self, actions: &[Action]) -> Proposal {
        for step in 0..12 {
            self.step(Some(120 + step % 3 * 2), &[]);
        }
        self.step(Some(121), actions)
    }
}

fn world(wish: fn(&Observation) -> Wish) -> World<Wishing> {
    World::of(Content::reference_for(&ADULT), Wishing(wish))
}

fn units(proposal: &Proposal) -> f64 {
    f64::from(proposal.steps[0].expect("a proposal").0) * 0.05
}

fn carbohydrate(milligrams: u32) -> Action {
    Action::Announce(Announcement { kind: 1, amount: milligrams })
}

#[test]
fn act_02_the_open_loop_delivers_the_basal_rate_to_the_last_step() {
    for (basal, step) in [(1_000, 50), (835, 25), (470, 100)] {
        let mut content = Content::reference_for(&ADULT);
        content.person.basal = MilliUnitsPerHour(basal);
        content.delivery.step = MilliUnits(step);
        let mut world = World::of(content, OpenLoop);
        let total: u32 = (0..288).map(|_| world.step(Some(120), &[]).steps[0].unwrap().0).sum();
        let expected = f64::from(basal) * 24.0 / f64::from(step);
        assert!((f64::from(total) - expected).abs() <= 1.0, "{basal}/{step}: {total}");
    }
}

#[test]
fn act_02_the_remainder_is_carried_and_bounded() {
    // 0.03 U a cycle with steps of 0.05 U.
    let mut small = world(|_| Wish { dose: Units(0.03), ..NOTHING });
    small.settled(&[]);
    let amounts: std::vec::Vec<u32> =
        (0..10).map(|_| small.step(Some(121), &[]).steps[0].unwrap().0).collect();
    assert_eq!(amounts.iter().sum::<u32>(), 6, "{amounts:?}");
    assert!(amounts.iter().all(|steps| *steps <= 1));
    // A wish for nothing gives nothing, whatever is carried.
    assert_eq!(units(&world(|_| NOTHING).settled(&[])), 0.0);
}

#[test]
fn ctl_18_a_wish_that_is_no_number_is_no_proposal() {
    let wishes: [fn(&Observation) -> Wish; 4] = [
        |_| Wish { dose: Units(f64::NAN), ..NOTHING },
        |_| Wish { dose: Units(f64::INFINITY), ..NOTHING },
        |_| Wish { ratio: f64::NAN, ..NOTHING },
        |_| Wish { predicted_least: Some(GlucoseMgDl(f64::NAN)), ..NOTHING },
    ];
    for wish in wishes {
        let proposal = world(wish).settled(&[]);
        assert_eq!(proposal.steps, [None, None]);
        assert_eq!(proposal.rationale.reason, Reason::NotFinite as u16);
    }
    assert_eq!(units(&world(|_| Wish { dose: Units(-3.0), ..NOTHING }).settled(&[])), 0.0);
}

#[test]
fn sup_02_the_proposal_stays_within_the_ceiling_of_the_profile() {
    let greedy = |_: &Observation| Wish { dose: Units(1e9), meal: Units(1e9), ..NOTHING };
    let proposal = world(greedy).settled(&[]);
    assert!(units(&proposal) <= 2.05, "2 U, and a carried step");
    assert_eq!(proposal.rationale.reason, Reason::OnBoard as u16);
    let first = |seen: &Observation| {
        let dose = Units(if seen.time.0 < 59.0 { 0.0 } else { 1e9 });
        Wish { dose, meal: dose, ..NOTHING }
    };
    let alone = world(first).settled(&[]);
    assert!((1.95..=2.05).contains(&units(&alone)));
    assert_eq!(alone.rationale.reason, Reason::Ceiling as u16);
    let with_meal = world(first).settled(&[carbohydrate(60_000)]);
    assert!((10.35..=10.45).contains(&units(&with_meal)), "and 1.4 times 6 U for 60 g");
    assert_eq!(with_meal.rationale.figures[6], 8_400);
}

#[test]
fn gly_23_an_entry_counts_once_and_within_its_bound() {
    let meal = |seen: &Observation| {
        let dose = Units(seen.announced.map_or(0.0, |grams| grams.0 / 10.0));
        Wish { dose, meal: dose, reason: Reason::Meal, ..NOTHING }
    };
    let mut once = world(meal);
    assert_eq!(units(&once.settled(&[carbohydrate(40_000)])), 4.0);
    assert_eq!(units(&once.step(Some(122), &[carbohydrate(40_000)])), 0.0, "two caregivers");
    assert_eq!(units(&once.step(Some(123), &[carbohydrate(20_000)])), 2.0);
    assert_eq!(units(&world(meal).settled(&[carbohydrate(151_000)])), 0.0);
}

#[test]
fn gly_21_nothing_is_proposed_while_the_sensor_reads_low() {
    let mut eager = world(|_| Wish { dose: Units(0.5), ..NOTHING });
    eager.settled(&[]);
    for value in [100, 85, 69] {
        let proposal = eager.step(Some(value), &[carbohydrate(20_000)]);
        assert_eq!(units(&proposal) == 0.0, value < 70, "{value}");
    }
}

#[test]
fn sen_04_trust_limits_what_an_algorithm_may_do() {
    let eager = |_: &Observation| Wish { dose: Units(0.5), ..NOTHING };
    let basal = 1.0 / 12.0 + 0.05;
    let mut silent = world(eager);
    silent.settled(&[]);
    let proposal = silent.step(None, &[]);
    assert!(units(&proposal) <= basal);
    assert_eq!(proposal.rationale.reason, Reason::NoGlucose as u16);
    let mut fresh = world(eager);
    let first = fresh.step(Some(120), &[]);
    assert!(units(&first) <= basal, "no increase upon the first reading");
    assert_eq!(first.rationale.reason, Reason::ReduceOnly as u16);
    assert!(units(&world(eager).settled(&[])) >= 0.5);
}

#[test]
fn gly_20_noise_raises_the_target() {
    let target = |noise: u8| {
        let mut world = world(|seen| Wish { predicted_least: Some(seen.target), ..NOTHING });
        world.settled(&[]);
        let mut input = world.input(None, &[]);
        let frame = SensorFrame {
            source: 7,
            sequence: 99,
            taken_millis: world.cycle * 300_000,
            value_thousandths: 122_000,
            quality: 90,
            noise,
            session_minutes: 900,
            ..SensorFrame::default()
        };
        let bytes = Bytes::copy_of(&frame.encode()).unwrap();
        input.frames.push(Frame { received: input.now, bytes }).unwrap();
        world.controller.propose(&world.state, &input).1.rationale.figures[2]
    };
    assert_eq!([0, 1, 2, 3].map(target), [110, 110, 143, 110]);
}

#[test]
fn act_07_a_pump_that_could_not_deliver_is_owed_nothing() {
    let mut world = world(|_| Wish { dose: Units(0.049), ..NOTHING });
    world.settled(&[]);
    world.status = ActuatorStatus::Occluded;
    let amounts: std::vec::Vec<u32> =
        (0..8).map(|_| world.step(Some(120), &[]).steps[0].unwrap().0).collect();
    assert_eq!(amounts, [0; 8], "no remainder is carried through an occlusion");
}

#[test]
fn ctl_10_on_board_is_what_the_pump_delivered() {
    let mut world = world(|_| NOTHING);
    let before = world.settled(&[]).rationale.figures[0];
    world.delivered += 100;
    let after = world.step(Some(120), &[]).rationale.figures[0];
    assert!((4_800..5_010).contains(&(after - before)), "5 U through the pump: {after}");
    let given = Action::Given { channel: 0, steps: Steps(40) };
    let with_pen = world.step(Some(121), &[given]).rationale.figures[0];
    assert!((1_900..2_010).contains(&(with_pen - after)), "2 U by pen: {with_pen}");
}

#[test]
fn ctl_01_the_same_bytes_give_the_same_bytes() {
    let mut world = world(|_| Wish { dose: Units(0.37), ..NOTHING });
    world.settled(&[]);
    let input = world.input(Some(130), &[]);
    let mut buffer = [0; 4_096];
    let bytes = world.state.encode_canonical(&mut buffer).unwrap();
    let copy = Canonical::decode_canonical(bytes).unwrap();
    assert_eq!(world.state, copy);
    let (first, one) = world.controller.propose(&world.state, &input);
    let (second, two) = world.controller.propose(&copy, &input);
    assert_eq!((first.digest(), one), (second.digest(), two));
}

fn any_action() -> impl Strategy<Value = Action> {
    prop_oneof![
        any::<u32>().prop_map(carbohydrate),
        (0..200_000_u32).prop_map(carbohydrate),
        any::<u32>().prop_map(|steps| Action::Given { channel: 0, steps: Steps(steps) }),
        any::<i32>().prop_map(Action::Reference),
        Just(Action::Stop),
    ]
}

proptest! {
    #[test]
    fn ctl_11_any_inputs_give_bounded_proposals(
        cycles in prop::collection::vec(
            (prop::option::of(any::<i16>()), any_action(), any::<u64>(), 0..8_u8), 1..20,
        ),
        dose in prop_oneof![Just(f64::NAN), any::<f64>(), 0.0..5.0_f64],
    ) {
        let wishes: fn(&Observation) -> Wish = |seen| Wish {
            dose: Units(seen.on_board.0 * 7.0 + seen.time.0),
            meal: Units(seen.delivered.0),
            ratio: seen.target.0,
            ..NOTHING
        };
        let mut world = world(wishes);
        for (value, action, number, kind) in cycles {
            let mut input = world.input(value.map(i32::from), &[action]);
            if kind == 0 {
                input.now.boot = 2;
            }
            if kind == 1 {
                input.now.millis = number;
            }
            if kind == 2 {
                let report = Report { actuator: 9, delivered_total: number, ..Report::default() };
                prop_assert_eq!(input.reports.push(report), Ok(()));
            }
            let (state, proposal) = world.controller.propose(&world.state, &input);
            world.state = state;
            world.cycle += 1;
            if let Some(steps) = proposal.steps[0] {
                // The ceiling, the largest meal that an entry may be, and a carried step.
                prop_assert!(steps.0 <= 40 + 420 + 1);
            }
            prop_assert_eq!(proposal.steps[1], None);
            let mut buffer = [0; 4_096];
            prop_assert!(world.state.encode_canonical(&mut buffer).is_ok());
        }
        let (steps, carried) = world.controller.whole_steps(Units(dose), 49_999);
        prop_assert!(carried < 50_000);
        prop_assert!(dose.is_nan() || steps.0 <= 1 + u32::MAX / 50_000);
    }
}

#[test]
fn gly_22_after_two_hours_of_nothing_the_basal_rate_is_proposed() {
    let first_above_zero = |path: fn(i32) -> i32, cycles: i32| {
        let mut idle = world(|_| NOTHING);
        let doses: std::vec::Vec<f64> =
            (0..cycles).map(|step| units(&idle.step(Some(path(step)), &[]))).collect();
        doses.iter().position(|dose| *dose > 0.0)
    };
    let began = first_above_zero(|step| 130 + step % 4 * 2, 36).expect("basal goes on");
    assert!((22..26).contains(&began), "{began} cycles");
    assert_eq!(first_above_zero(|step| 72 + step % 4 * 2, 36), None, "unless glucose is low");
    assert_eq!(first_above_zero(|step| 230 - 6 * step, 27), None, "or will be");
}
