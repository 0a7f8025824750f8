use super::*;
use proptest::prelude::*;

const NONE: PumpFaults =
    PumpFaults { occluded: false, stalled: false, runaway: Steps(0), empty: false, error: 0.0 };

fn settings() -> PumpSettings {
    PumpSettings {
        identity: 7,
        channels: 1,
        order_max: [Steps(100), Steps(0)],
        background: [Steps(11), Steps(0)],
        when_silent: Reversion::Background,
        period: Span::from_minutes(5),
        tick: Span::from_minutes(1),
        request_per_tick: [Steps(30), Steps(0)],
        valid_most: Span::from_minutes(30),
        reservoir: [None; CHANNELS],
        measures_flow: true,
    }
}

fn pump_of(settings: PumpSettings) -> Pump {
    Pump::new(settings, Box::new(SharedKeeper::default())).unwrap()
}

fn at(minute: u64) -> Instant {
    Instant { boot: 1, millis: minute * 60_000 }
}

fn order(id: u64, steps: u32, requested: u32) -> Order {
    Order {
        id: OrderId(id),
        valid_for: Span::from_minutes(15),
        steps: [Steps(steps), Steps(0)],
        requested: [Steps(requested), Steps(0)],
    }
}

const FRESH: Option<Span> = Some(Span::ZERO);

fn counts(pump: &mut Pump, minutes: core::ops::Range<u64>) -> Vec<u32> {
    minutes.map(|minute| pump.tick(at(minute), &NONE).unwrap().counted[0].0).collect()
}

fn report(pump: &Pump) -> Report {
    pump.reports().next().unwrap()
}

#[test]
fn act_06_without_orders_it_follows_its_own_programme_for_ever() {
    let mut pump = pump_of(settings());
    assert_eq!(counts(&mut pump, 0..10), [2, 2, 2, 2, 3, 2, 2, 2, 2, 3]);
    assert_eq!(report(&pump).status, ActuatorStatus::Reverted);
    assert_eq!((report(&pump).accepted_total, report(&pump).delivered_total), (0, 22));
}

#[test]
fn act_05_an_order_is_given_evenly_once_and_reverts_after_its_lease() {
    let mut pump = pump_of(settings());
    assert_eq!(pump.take(at(0), &order(1, 13, 0), at(0), FRESH), Ok(()));
    assert_eq!(pump.take(at(0), &order(1, 13, 0), at(0), FRESH), Err(Why::TakenAlready));
    // Fifteen minutes of lease, of which five deliver; the instant of expiry still belongs to it.
    let expected = [2, 3, 2, 3, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 2, 2, 2, 3];
    assert_eq!(counts(&mut pump, 0..21), expected);
    assert_eq!(pump.take(at(21), &order(1, 13, 0), at(21), FRESH), Err(Why::TakenAlready));
    assert_eq!(report(&pump).status, ActuatorStatus::Reverted);
    assert_eq!(report(&pump).delivered_total, 13 + 11);
}

#[test]
fn act_05_age_counts_against_the_lease_by_the_pumps_own_clock() {
    let mut pump = pump_of(settings());
    assert_eq!(pump.take(at(0), &order(1, 10, 0), at(0), None), Err(Why::Expired));
    let over = Some(Span::from_millis(15 * 60_000 + 1));
    assert_eq!(pump.take(at(0), &order(1, 10, 0), at(0), over), Err(Why::Expired));
    let aged = Some(Span::from_minutes(12));
    assert_eq!(pump.take(at(0), &order(1, 10, 0), at(0), aged), Ok(()));
    assert_eq!(counts(&mut pump, 0..5), [2, 2, 2, 2, 2]);
    assert_eq!(pump.status(), ActuatorStatus::Reverted);
    // An order that claims a longer lease than the pump's own does not get it.
    let long = Order { valid_for: Span::from_minutes(10_000), ..order(2, 0, 0) };
    assert_eq!(pump.take(at(5), &long, at(5), FRESH), Ok(()));
    assert_eq!(counts(&mut pump, 5..37).iter().sum::<u32>(), 2);
}

#[test]
fn act_04_its_own_limits_stand_above_any_order() {
    let mut pump = pump_of(settings());
    assert_eq!(pump.take(at(0), &order(1, 101, 0), at(0), FRESH), Err(Why::BeyondLimits));
    let other = Order { steps: [Steps(1); 2], ..order(1, 0, 0) };
    assert_eq!(pump.take(at(0), &other, at(0), FRESH), Err(Why::NoSuchChannel));
    assert_eq!(pump.take(at(0), &order(1, 100, 100), at(0), FRESH), Ok(()));
    assert_eq!(pump.take(at(0), &order(2, 1, 1), at(0), FRESH), Err(Why::BeyondLimits));
    assert_eq!(counts(&mut pump, 0..5), [30, 30, 30, 10, 0]);
    assert_eq!(pump.refused_and_missed(), (3, 0));
}

#[test]
fn act_04_a_kill_does_not_forget_what_the_period_gave() {
    let kept = SharedKeeper::default();
    let mut pump = Pump::new(settings(), Box::new(kept.clone())).unwrap();
    pump.take(at(0), &order(1, 100, 90), at(0), FRESH).unwrap();
    assert_eq!(counts(&mut pump, 0..3), [32, 32, 32]);
    let mut pump = Pump::new(settings(), Box::new(kept)).unwrap();
    pump.take(at(3), &order(2, 100, 0), at(3), FRESH).unwrap();
    // Four are left of the hundred until a whole period has passed; what found no room comes then.
    assert_eq!(counts(&mut pump, 3..8), [4, 0, 0, 0, 20]);
}

#[test]
fn act_05_what_was_slept_through_is_not_made_up_for_under_a_lease_that_is_over() {
    let mut pump = pump_of(settings());
    let short = Order { valid_for: Span::from_minutes(2), ..order(1, 100, 0) };
    pump.take(at(0), &short, at(0), FRESH).unwrap();
    assert_eq!(counts(&mut pump, 0..1), [20]);
    let late: Vec<_> = core::iter::from_fn(|| pump.tick(at(4), &NONE)).collect();
    assert!(late.iter().all(|given| given.under.is_none()), "{late:?}");
    assert_eq!(late.iter().map(|given| given.counted[0].0).collect::<Vec<_>>(), [2, 2, 2, 2]);
}

#[test]
fn a_request_goes_on_under_the_next_order() {
    let mut pump = pump_of(settings());
    pump.take(at(0), &order(1, 100, 90), at(0), FRESH).unwrap();
    assert_eq!(counts(&mut pump, 0..2), [32, 32]);
    pump.take(at(2), &order(2, 5, 0), at(2), FRESH).unwrap();
    assert_eq!(counts(&mut pump, 2..7), [31, 1, 1, 1, 1]);
}

#[test]
fn a_stop_holds_until_a_newer_order_and_over_a_restart() {
    let kept = SharedKeeper::default();
    let mut pump = Pump::new(settings(), Box::new(kept.clone())).unwrap();
    pump.take(at(0), &order(4, 50, 50), at(0), FRESH).unwrap();
    assert_eq!(counts(&mut pump, 0..1), [30]);
    pump.stop(at(1)).unwrap();
    assert_eq!(pump.status(), ActuatorStatus::Running, "not stopped until no flow was measured");
    assert_eq!(counts(&mut pump, 1..40).iter().sum::<u32>(), 0);
    assert_eq!(pump.status(), ActuatorStatus::Stopped);
    assert_eq!(pump.take(at(40), &order(4, 50, 50), at(40), FRESH), Err(Why::TakenAlready));
    drop(pump);
    let mut pump = Pump::new(settings(), Box::new(kept)).unwrap();
    assert_eq!(counts(&mut pump, 0..5), [0; 5]);
    assert_eq!(report(&pump).session, 2);
    pump.take(at(5), &order(5, 5, 0), at(5), FRESH).unwrap();
    assert_eq!(counts(&mut pump, 5..10), [1; 5]);
}

#[test]
fn act_10_an_order_sent_before_a_stop_does_not_undo_it_whenever_it_arrives() {
    let mut pump = pump_of(settings());
    let before = |minute: u64| Instant { boot: 9, millis: minute * 60_000 };
    pump.stop(before(2)).unwrap();
    // An older stop, arriving late, does not move the line.
    pump.stop(before(1)).unwrap();
    for sent in [before(1), before(2)] {
        assert_eq!(pump.take(at(3), &order(4, 50, 0), sent, FRESH), Err(Why::Expired));
    }
    assert_eq!(counts(&mut pump, 3..8), [0; 5]);
    assert_eq!(pump.take(at(8), &order(4, 50, 0), before(8), FRESH), Ok(()));
    assert_eq!(counts(&mut pump, 8..13), [10; 5]);
}

#[test]
fn act_10_a_person_who_stops_at_the_pump_is_undone_by_nobody_else() {
    let mut pump = pump_of(settings());
    pump.stop_at_pump().unwrap();
    pump.stop(at(0)).unwrap();
    assert_eq!(pump.take(at(0), &order(1, 0, 0), at(0), FRESH), Err(Why::StoppedByPerson));
    assert_eq!(counts(&mut pump, 0..3), [0, 0, 0]);
    pump.resume_at_pump().unwrap();
    assert_eq!(counts(&mut pump, 3..8), [2, 2, 2, 2, 3]);
    assert_eq!(pump.take(at(8), &order(1, 5, 0), at(8), FRESH), Ok(()));
}

#[test]
fn act_11_a_stop_that_still_flows_is_a_failure() {
    let mut pump = pump_of(settings());
    pump.stop(at(0)).unwrap();
    let runs = PumpFaults { runaway: Steps(3), ..NONE };
    let delivered = pump.tick(at(0), &runs).unwrap();
    assert_eq!((delivered.counted[0], delivered.real[0]), (Steps(0), 3.0));
    assert_eq!(pump.status(), ActuatorStatus::Failed);
    assert_eq!((report(&pump).delivered_total, report(&pump).verified_total), (0, Some(3)));
    pump.tick(at(1), &NONE).unwrap();
    assert_eq!(pump.status(), ActuatorStatus::Stopped);
    // Without a measurement it never claims to have stopped.
    let mut blind = pump_of(PumpSettings { measures_flow: false, ..settings() });
    blind.stop(at(0)).unwrap();
    blind.tick(at(0), &NONE).unwrap();
    assert_eq!((blind.status(), report(&blind).verified_total), (ActuatorStatus::Running, None));
}

#[test]
fn act_07_occlusion_stall_and_an_empty_reservoir() {
    let mut pump = pump_of(PumpSettings { reservoir: [Some(Steps(12)), None], ..settings() });
    pump.take(at(0), &order(1, 50, 0), at(0), FRESH).unwrap();
    let tick = |pump: &mut Pump, minute, faults| {
        let delivered = pump.tick(at(minute), &faults).unwrap();
        (delivered.counted[0].0, delivered.real[0], pump.status())
    };
    let occluded = PumpFaults { occluded: true, ..NONE };
    let stalled = PumpFaults { stalled: true, ..NONE };
    assert_eq!(tick(&mut pump, 0, occluded), (0, 0.0, ActuatorStatus::Occluded));
    assert_eq!(tick(&mut pump, 1, stalled), (10, 0.0, ActuatorStatus::Running));
    assert_eq!(tick(&mut pump, 2, NONE), (10, 10.0, ActuatorStatus::Running));
    assert_eq!(tick(&mut pump, 3, NONE), (2, 2.0, ActuatorStatus::Empty));
    assert_eq!(pump.supplies().reservoir, [Some(Steps(0)), None]);
    pump.refill().unwrap();
    assert_eq!(pump.supplies().reservoir, [Some(Steps(12)), None]);
    assert_eq!(tick(&mut pump, 4, NONE), (10, 10.0, ActuatorStatus::Running));
    assert_eq!(report(&pump).verified_total, Some(22));
}

#[test]
fn a_held_rate_is_the_orders_own_and_no_more_than_the_background() {
    let hold = Reversion::Hold { at_most: Span::from_seconds(10) };
    let seconds = PumpSettings {
        when_silent: hold,
        period: Span::from_seconds(5),
        tick: Span::from_seconds(1),
        background: [Steps(10), Steps(0)],
        ..settings()
    };
    let second = |second: u64| Instant { boot: 1, millis: second * 1_000 };
    let run = |steps: u32| {
        let mut pump = pump_of(seconds);
        let order = Order { valid_for: Span::from_seconds(7), ..order(1, steps, 0) };
        pump.take(second(0), &order, second(0), FRESH).unwrap();
        (0..30).map(|s| pump.tick(second(s), &NONE).unwrap().counted[0].0).collect::<Vec<_>>()
    };
    let (small, large) = (run(5), run(100));
    assert_eq!(small[..8], [1, 1, 1, 1, 1, 0, 0, 0]);
    assert_eq!(small[8..], [[1; 9].as_slice(), &[0; 13]].concat());
    assert_eq!(large[..5], [20; 5]);
    assert_eq!(large[8..17], [2; 9]);
    assert_eq!(large[17..], [0; 13]);
    // A pump that never had an order stands still.
    let mut pump = pump_of(seconds);
    assert_eq!(pump.tick(second(0), &NONE).unwrap().counted[0], Steps(0));
}

#[test]
fn ticks_come_once_and_a_long_sleep_is_not_made_up_for() {
    let mut pump = pump_of(settings());
    assert!(pump.tick(at(0), &NONE).is_some());
    assert!(pump.tick(at(0), &NONE).is_none());
    assert_eq!(pump.next_tick(), Some(at(1)));
    // Four minutes late: each of them is given.
    let late: Vec<_> = core::iter::from_fn(|| pump.tick(at(4), &NONE)).collect();
    assert_eq!(late.iter().map(|given| given.at).collect::<Vec<_>>(), [1, 2, 3, 4].map(at));
    let late: Vec<_> = core::iter::from_fn(|| pump.tick(at(60), &NONE)).collect();
    assert_eq!(late.len(), 1);
    assert_eq!(pump.refused_and_missed(), (0, 55));
}

/// A keeper that cannot write any more.
struct Full(u32);

impl Keeper for Full {
    fn recall(&mut self) -> Result<Option<Remembered>, KeeperError> {
        Ok(None)
    }

    fn keep(&mut self, _: &Remembered) -> Result<(), KeeperError> {
        self.0 = self.0.saturating_sub(1);
        let error = std::io::Error::from(std::io::ErrorKind::StorageFull);
        if self.0 > 0 { Ok(()) } else { Err(KeeperError::System { file: "x".into(), error }) }
    }

    fn keep_durably(&mut self, remembered: &Remembered) -> Result<(), KeeperError> {
        self.keep(remembered)
    }
}

#[test]
fn what_cannot_be_kept_is_neither_accepted_nor_delivered() {
    let mut pump = Pump::new(settings(), Box::new(Full(3))).unwrap();
    assert_eq!(counts(&mut pump, 0..1), [2]);
    assert_eq!(pump.take(at(1), &order(1, 5, 0), at(1), FRESH), Err(Why::Unable));
    assert_eq!(counts(&mut pump, 1..4), [0, 0, 0]);
    assert_eq!((report(&pump).accepted, report(&pump).delivered_total), (OrderId(0), 2));
    assert_eq!(pump.status(), ActuatorStatus::Failed);
    assert!(pump.stop(at(0)).is_err());
    assert_eq!(pump.remembered().halt, Halt::ByDevice);
}

#[test]
fn settings_that_contradict_themselves_are_refused() {
    let refused = |settings: PumpSettings| settings.check().unwrap_err();
    let good = settings();
    assert_eq!(good.check(), Ok(5));
    assert_eq!(refused(PumpSettings { channels: 0, ..good }), UnfitPump::Channels(0));
    let odd = PumpSettings { tick: Span::from_millis(70_000), ..good };
    assert_eq!(refused(odd), UnfitPump::Ticks { period: 300_000, tick: 70_000 });
    let odd = PumpSettings { tick: Span::ZERO, ..good };
    assert_eq!(refused(odd), UnfitPump::Ticks { period: 300_000, tick: 0 });
    let odd = PumpSettings { background: [Steps(101), Steps(0)], ..good };
    assert_eq!(refused(odd), UnfitPump::Background(0));
    assert_eq!(refused(PumpSettings { valid_most: Span::ZERO, ..good }), UnfitPump::Lease);
}

/// What happens to a pump.
#[derive(Clone, Copy, Debug)]
enum Happens {
    Order { id: u64, steps: u32, requested: u32, age: u64, lease: u64 },
    Stop,
    StopAtPump,
    ResumeAtPump,
    Kill,
    Occluded,
    Tick,
}

fn happens() -> impl Strategy<Value = Happens> {
    let order = (0_u64..60, 0_u32..140, 0_u32..140, 0_u64..20, 0_u64..40).prop_map(
        |(id, steps, requested, age, lease)| Happens::Order { id, steps, requested, age, lease },
    );
    prop_oneof![
        8 => order,
        1 => Just(Happens::Stop),
        1 => Just(Happens::StopAtPump),
        1 => Just(Happens::ResumeAtPump),
        1 => Just(Happens::Kill),
        1 => Just(Happens::Occluded),
        12 => Just(Happens::Tick),
    ]
}

proptest! {
    #[test]
    fn act_04_act_05_whatever_comes_limits_hold_ids_are_taken_once_totals_grow(
        story in prop::collection::vec(happens(), 1..300)
    ) {
        let kept = SharedKeeper::default();
        let mut pump = Pump::new(settings(), Box::new(kept.clone())).unwrap();
        let (mut taken, mut minute, mut counted) = (Vec::new(), 0_u64, Vec::new());
        let (mut before, mut accepted, mut delivered) = (report(&pump), 0_u64, 0_u64);
        let mut stopped = None;
        for event in story {
            let mut faults = NONE;
            match event {
                Happens::Order { id, steps, requested, age, lease } => {
                    let valid_for = Span::from_minutes(lease);
                    let order = Order { valid_for, ..order(id, steps, requested) };
                    let sent = at(minute.saturating_sub(age));
                    let age_at_most = Some(Span::from_minutes(age));
                    if pump.take(at(minute), &order, sent, age_at_most).is_ok() {
                        prop_assert!(stopped.is_none_or(|stopped| sent > stopped));
                        prop_assert!(age <= lease && steps <= 100 && requested <= steps);
                        prop_assert!(taken.last().is_none_or(|last| *last < id));
                        taken.push(id);
                        accepted += u64::from(steps);
                    }
                    continue;
                }
                Happens::Stop => { pump.stop(at(minute)).unwrap(); stopped = Some(at(minute)); continue }
                Happens::StopAtPump => { pump.stop_at_pump().unwrap(); continue }
                Happens::ResumeAtPump => { pump.resume_at_pump().unwrap(); continue }
                Happens::Kill => {
                    pump = Pump::new(settings(), Box::new(kept.clone())).unwrap();
                    stopped = None;
                    continue;
                }
                Happens::Occluded => faults.occluded = true,
                Happens::Tick => {}
            }
            let halted = pump.remembered().halt != Halt::No;
            let given = pump.tick(at(minute), &faults).unwrap();
            minute += 1;
            prop_assert!(!halted || given.counted[0] == Steps(0));
            prop_assert_eq!(given.real[0], f64::from(given.counted[0].0));
            counted.push(given.counted[0].0);
            delivered += u64::from(given.counted[0].0);
            let window = counted.iter().rev().take(5).sum::<u32>();
            prop_assert!(window <= 100, "{window} steps within a period");
            let now = report(&pump);
            prop_assert_eq!((now.accepted_total, now.delivered_total), (accepted, delivered));
            prop_assert_eq!(now.verified_total, Some(delivered));
            prop_assert!(now.accepted >= before.accepted && now.session >= before.session);
            before = now;
        }
    }

    #[test]
    fn an_order_without_a_request_is_split_exactly(steps in 0_u32..=100, ticks in 1_u64..=60) {
        let period = Span::from_minutes(ticks);
        let mut pump = pump_of(PumpSettings { period, ..settings() });
        let long = Order { valid_for: Span::from_minutes(30), ..order(1, steps, 0) };
        pump.take(at(0), &long, at(0), FRESH).unwrap();
        let most = Ord::min(ticks, 31);
        let given = counts(&mut pump, 0..most);
        let even = steps / u32::try_from(ticks).unwrap();
        prop_assert!(given.iter().all(|portion| (even..=even + 1).contains(portion)));
        prop_assert!(most < ticks || given.iter().sum::<u32>() == steps);
    }
}
