//! What the page shows of a loop that runs: the real machine of each therapy, a sensor and a pump that
//! say what the test wants.

use std::net::{Ipv4Addr, SocketAddr};

use homeostat_alarm::{Settings, Signals};
use homeostat_assembly::{InstalledProfile, Machine, insulin, propofol};
use homeostat_bedside::entry;
use homeostat_bedside::view::{Grade, MODES, View, mode_code};
use homeostat_device::alarms::AlarmsShown;
use homeostat_device::core::Moment;
use homeostat_device::runtime::Shown;
use homeostat_device::selftest::SelfTest;
use homeostat_device::service::{PeerAt, Started};
use homeostat_link::{Cadence, Part, Party};
use homeostat_panel::Panel;
use homeostat_record::{
    Action, ActuatorStatus, Announcement, Bytes, Cycle, Frame, Input, Instant, Mode, PersonAction,
    Phase, Quantity, Report, Role, SensorFrame, Span, Steps, Unit, WallClock,
};
use homeostat_trial::insulin::cell as glucose;
use homeostat_trial::propofol::{cell as pump, monitor};
use homeostat_trial::{insulin as diabetes, propofol as anaesthesia};

const DEVICE: &str = "homeostat.example/device/test";

/// The index of hypnosis in the register of quantities.
const INDEX: Quantity = Quantity(2);

/// A loop, its page, and the world that a test makes.
struct Bed {
    machine: Box<dyn Machine>,
    panel: Panel,
    now: Instant,
    cycle: u64,
    shown: Option<Shown>,
    signals: Signals,
    report: Report,
    value: Option<i32>,
    sequence: u32,
    kind: (Quantity, Unit, u32),
}

fn contract(part: Part, identity: u32, period: Span) -> PeerAt {
    let latency = Span::from_millis(period.as_millis().min(5_000));
    let silent_after = Span::from_millis(2 * period.as_millis() + latency.as_millis());
    let cadence = Cadence { period, latency, silent_after };
    let party = Party { part, identity };
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, 1));
    PeerAt { party, address, speaks: cadence, hears: cadence, bluetooth: false }
}

impl Bed {
    fn new(
        machine: Box<dyn Machine>,
        profile: InstalledProfile,
        kind: (Quantity, Unit, u32),
        actuator: u32,
    ) -> Self {
        let started = Started {
            start: homeostat_device::restart::Start::First,
            details: Vec::new(),
            boot: 1,
            number: 1,
            self_test: SelfTest::default(),
            listens: SocketAddr::from((Ipv4Addr::LOCALHOST, 1)),
            confinement: String::new(),
            profile,
            software: "homeostat test".to_owned(),
        };
        let period = machine.period();
        let contracts = vec![
            contract(Part::Sensor, kind.2, period),
            contract(Part::Actuator, actuator, period),
        ];
        let panel = Panel::new(&started, 1, contracts).unwrap();
        let report = Report { actuator, status: ActuatorStatus::Running, ..Report::default() };
        let now = Instant { boot: 1, millis: 86_400_000 };
        let (shown, cycle, sequence) = (None, 0, 0);
        let signals = Signals::new(Settings::default(), now);
        Self { machine, panel, now, cycle, shown, signals, report, value: None, sequence, kind }
    }

    fn insulin() -> Self {
        let mut scenario = diabetes::scenario::standard();
        scenario.patients.subjects = vec!["adult#001".to_owned()];
        let trial = diabetes::trial::Trial::prepare(scenario).unwrap();
        let cell = trial.cell(*trial.cells().first().unwrap()).unwrap();
        let (profile, _) = cell.install(DEVICE).unwrap();
        let machine = insulin::start(insulin::Control::Rules, &profile).unwrap();
        let kind = (Quantity(1), Unit(1), glucose::SENSOR);
        Self { value: Some(112_000), ..Self::new(machine, profile, kind, glucose::PUMP) }
    }

    fn propofol() -> Self {
        let mut scenario = anaesthesia::scenario::standard();
        scenario.patients.count = Some(1);
        let trial = anaesthesia::trial::Trial::prepare(scenario).unwrap();
        let key = *trial.roster().cells().first().unwrap();
        let (profile, _) = trial.cell(key).unwrap().install(DEVICE).unwrap();
        let machine = propofol::start(propofol::Control::NAMES[0].1, &profile).unwrap();
        let kind = (INDEX, Unit(3), monitor::MONITOR);
        Self { value: Some(48_000), ..Self::new(machine, profile, kind, pump::PUMP) }
    }

    fn frame(&mut self) -> Option<Frame> {
        self.sequence += 1;
        let (quantity, unit, source) = self.kind;
        // A living person's index is never still.
        let noise = if quantity == INDEX { (self.sequence % 4) as i32 * 100 } else { 0 };
        let value_thousandths = self.value? + noise;
        let frame = SensorFrame {
            quantity,
            unit,
            source,
            sequence: self.sequence,
            taken_millis: self.now.millis,
            value_thousandths,
            quality: 95,
            noise: 0,
            session_minutes: 2_000,
            ..SensorFrame::default()
        };
        let bytes = Bytes::copy_of(&frame.encode()).unwrap();
        Some(Frame { received: self.now, bytes })
    }

    /// One cycle in which these people act.
    fn turn(&mut self, people: &[(Role, Action)]) -> View {
        let wall = Some(WallClock { unix_millis: 1_770_000_000_000, uncertainty_millis: 500 });
        let mut input = Input { cycle: Cycle(self.cycle), now: self.now, wall, ..Input::default() };
        if let Some(frame) = self.frame() {
            input.frames.push(frame).unwrap();
        }
        self.report.received = self.now;
        input.reports.push(self.report).unwrap();
        for &(by, action) in people {
            input.people.push(PersonAction { by, action }).unwrap();
        }
        let turn = self.machine.turn(&input, None);
        if let Some(admitted) = &turn.admitted {
            // A pump that does at once what it is told.
            self.report.accepted = admitted.id();
            self.report.accepted_total += u64::from(admitted.steps()[0].0);
            self.report.delivered_total = self.report.accepted_total;
        }
        let due = self.now.after(self.machine.period());
        self.signals.update(self.now, self.machine.supervisor().alarms());
        let shown = Shown {
            moment: Some(Moment { now: self.now, wall }),
            decision: turn.entry.decision,
            cycle: Cycle(self.cycle),
            links: Vec::new(),
            controller: None,
            starts: 1,
            kept: true,
            storage: Default::default(),
            dropped: Default::default(),
            missed: 0,
            supervisor: self.machine.supervisor(),
            waiting: Input::default(),
            due,
            alarms: AlarmsShown { signals: self.signals, heard: true },
        };
        self.panel.cycle(&turn.entry);
        let view = self.panel.view(&shown);
        (self.shown, self.now, self.cycle) = (Some(shown), due, self.cycle + 1);
        view
    }

    /// The page so much after the last cycle, with what has arrived since.
    fn between(&self, after: Span, waiting: Input) -> View {
        let mut shown = self.shown.clone().unwrap();
        let moment = shown.moment.as_mut().unwrap();
        moment.now = moment.now.after(after);
        shown.waiting = waiting;
        self.panel.view(&shown)
    }

    /// Lets cycles pass until the page shows a mode.
    fn until(&mut self, mode: Mode, people: &[(Role, Action)]) -> View {
        for _ in 0..200 {
            let view = self.turn(people);
            if view.mode.mode == mode {
                return view;
            }
        }
        panic!("not {mode:?}: {:?}", self.shown.as_ref().unwrap().decision);
    }

    fn automatic(&mut self, more: &[Action]) -> View {
        let by = Role::Clinician;
        self.turn(&[(by, Action::Choose(Phase::SelfTest))]);
        self.until(Mode::Standby, &[]);
        for action in more {
            self.turn(&[(by, *action)]);
        }
        let people = [(by, Action::Reconcile), (by, Action::Choose(Phase::Automatic))];
        self.until(Mode::Automatic, &people)
    }
}

fn named<'v>(view: &'v View, name: &str) -> &'v homeostat_bedside::view::Measured {
    view.others.iter().find(|other| other.name == name).unwrap()
}

#[test]
fn uix_01_insulin_shows_what_must_always_be_shown() {
    let mut bed = Bed::insulin();
    let off = bed.turn(&[]);
    assert_eq!((off.mode.mode, off.limits.len()), (Mode::Off, 0));
    assert!(off.mode.why.contains("switched off until a person chooses"), "{}", off.mode.why);
    assert!(off.offers.entries.is_empty() && off.next.is_none());
    let phases: Vec<Phase> = off.offers.phases.iter().map(|offer| offer.phase).collect();
    assert_eq!(phases, [Phase::SelfTest]);

    bed.automatic(&[]);
    for step in 0..4 {
        bed.value = Some(112_000 + step * 12_000);
        bed.turn(&[]);
    }
    let view = bed.between(Span::from_seconds(40), Input::default());
    assert_eq!(view.therapy, "Automated insulin delivery");
    assert_eq!(view.mode.why, "A clinician chose automatic operation.");
    let glucose = &view.controlled;
    assert_eq!(
        (glucose.value.as_deref(), glucose.unit.as_str(), glucose.quality.grade),
        (Some("148"), "mg/dL", Grade::Good)
    );
    assert_eq!(glucose.quality.words, "signal 95 %; 8.2 mmol/L");
    assert_eq!(glucose.trend.as_ref().unwrap().words, "rises fast, +36 mg/dL in 15 min");
    assert_eq!(view.clock.age(glucose.taken.unwrap()).words(), "40 s");
    assert_eq!(glucose.aim, "110 mg/dL");
    assert!(!glucose.is_stale(&view.clock));
    assert_eq!(named(&view, "Insulin on board").unit, "U");

    let [channel] = view.channels.as_slice() else { panic!("one drug") };
    assert!(channel.well && channel.now.ends_with("U/h"), "{channel:?}");
    assert_eq!(channel.source, "set by the loop");
    let told = |amount: &homeostat_bedside::view::Amount| amount.text.clone();
    assert!(told(&channel.ordered).unwrap().ends_with(" U"), "{channel:?}");
    assert_eq!(told(&channel.verified), None, "this pump measures no flow");
    assert_eq!(channel.totals.iter().map(|total| total.whole).collect::<Vec<_>>(), [false; 3]);
    let names: Vec<&str> = view.limits.iter().map(|limit| limit.name.as_str()).collect();
    let expected = ["the largest amount in one cycle", "the largest amount within 1 h"];
    assert_eq!(names[..2], expected);
    assert_eq!(view.next.as_ref().unwrap().words, "The next decision");
    assert!(view.handover[0].starts_with("Glucose 148 mg/dL, rises fast"), "{:?}", view.handover);
    assert!(view.chart.upper[0].points.len() >= 5 && !view.chart.lower[0].points.is_empty());
    let entries: Vec<&str> = view.offers.entries.iter().map(|entry| entry.id.as_str()).collect();
    assert_eq!(entries, ["dose", "carbohydrate", "pen", "finger"]);
}

#[test]
fn sen_02_a_value_is_old_at_one_missed_interval_and_the_fallback_says_why_and_how_long() {
    let mut bed = Bed::insulin();
    bed.automatic(&[]);
    bed.value = None;
    assert!(
        !bed.between(Span::from_seconds(305), Input::default())
            .controlled
            .is_stale(&clock(&bed, 305))
    );
    let late = bed.between(Span::from_seconds(306), Input::default());
    assert!(late.controlled.is_stale(&late.clock), "one interval and its allowance");
    let limited = bed.until(Mode::AutomaticLimited, &[]);
    assert_eq!(limited.mode.why, "No glucose value.");
    let lost = bed.until(Mode::FallbackBackground, &[]);
    assert!(lost.mode.what_to_do.starts_with("Check the sensor"), "{}", lost.mode.what_to_do);
    assert!(lost.mode.how_to_return.contains("once the cause has ended"), "{:?}", lost.mode);
    let left = lost.mode.time_left.unwrap();
    assert!(left.at > lost.clock.now && left.words.contains("manual"), "{left:?}");
    let alarm = lost.alarms.conditions.iter().find(|alarm| alarm.id == "InputMissing").unwrap();
    assert_eq!(alarm.message, "No glucose value.");
    assert!(alarm.since < lost.clock.now);

    // The time that was told is the time that it takes.
    let ended = bed.until(Mode::Handover, &[]);
    assert_eq!(ended.mode.since, left.at);
    assert_eq!(ended.mode.why, "The fallback has lasted for as long as it may.");
}

fn clock(bed: &Bed, seconds: u64) -> homeostat_bedside::view::Clock {
    bed.between(Span::from_seconds(seconds), Input::default()).clock
}

#[test]
fn act_10_a_stop_is_shown_before_the_cycle_that_takes_it_up() {
    let mut bed = Bed::insulin();
    bed.automatic(&[]);
    let mut waiting = Input::default();
    waiting.people.push(PersonAction { by: Role::Unknown, action: Action::Stop }).unwrap();
    let stopped = Report { status: ActuatorStatus::Stopped, ..bed.report };
    waiting.reports.push(stopped).unwrap();
    let view = bed.between(Span::from_seconds(20), waiting);
    assert!(view.mode.doing.starts_with("A person has stopped delivery."), "{:?}", view.mode);
    assert_eq!(view.channels[0].now, "0.00 U/h");
    assert_eq!(view.next.unwrap().words, "It takes up: somebody stopped delivery;");
    let view = bed.turn(&[(Role::Unknown, Action::Stop)]);
    assert_eq!(view.mode.mode, Mode::Handover);
    assert_eq!(view.mode.why, "Somebody stopped delivery.");
    assert_eq!(
        view.history.iter().filter(|past| past.words == "Somebody stopped delivery").count(),
        1
    );
}

#[test]
fn act_08_what_is_measured_beyond_all_orders_is_not_called_the_order() {
    let mut bed = Bed::insulin();
    bed.automatic(&[]);
    bed.report.verified_total = Some(bed.report.delivered_total);
    bed.turn(&[]);
    bed.report.verified_total = Some(bed.report.delivered_total + 2_000);
    let view = bed.until(Mode::FallbackSuspend, &[]);
    let channel = &view.channels[0];
    assert_eq!((channel.now.as_str(), channel.well), ("not known", false));
    assert!(channel.uncertain.contains("more than ordered"), "{channel:?}");
    assert_eq!(view.mode.why, "The pump delivered more insulin than was ordered.");
}

#[test]
fn act_03_an_order_that_was_lost_is_not_called_under_way() {
    let mut bed = Bed::insulin();
    bed.automatic(&[]);
    let before = bed.report;
    bed.turn(&[]);
    bed.report = before;
    bed.turn(&[]);
    bed.report.delivered_total = before.delivered_total;
    let channel = &bed.turn(&[]).channels[0];
    let ending = "; it counts as given for every limit.";
    let (both, under_way) = (&channel.uncertain, "is under way, ");
    assert!(both.contains(under_way) && both.ends_with(ending), "{both}");
    bed.report.delivered_total = bed.report.accepted_total;
    let channel = &bed.turn(&[]).channels[0];
    let lost = &channel.uncertain;
    assert!(lost.contains(&format!("was ordered and not accepted{ending}")), "{lost}");
    assert!(!lost.contains("under way"), "{lost}");
}

#[test]
fn uix_06_what_is_entered_is_what_is_ordered() {
    let mut bed = Bed::insulin();
    bed.automatic(&[]);
    let view = bed.until(Mode::Handover, &[(Role::User, Action::Choose(Phase::Manual))]);
    let missing = &view.offers.phases.iter().find(|offer| offer.phase == Phase::Automatic);
    let missing = &missing.unwrap().unmet;
    assert!(missing.iter().any(|words| words.contains("not reconciled")), "{missing:?}");
    let find = |id: &str| view.offers.entries.iter().find(|entry| entry.id == id).unwrap();
    let read = |id: &str, typed: &str| entry::read(find(id), typed).unwrap();
    let (dose, rate) = (read("dose", "2,5"), read("rate", "1.20"));
    assert!(!dose.unusual && !rate.unusual);
    let view = bed.turn(&[(Role::User, dose.action), (Role::User, rate.action)]);
    let said: Vec<&str> = view.history.iter().map(|past| past.words.as_str()).collect();
    assert!(said.contains(&"The user asked for 2.500 U"), "{said:?}");
    assert!(said.contains(&"The user set the manual rate to 1.20 U/h"), "{said:?}");
    let view = bed.turn(&[]);
    assert_eq!(view.channels[0].now, "1.20 U/h");
    let again = view.offers.entries.iter().find(|entry| entry.id == "dose").unwrap();
    assert_eq!(again.recent, "Last: The user asked for 2.500 U, 5 min ago.");
    // At once another one is refused, whole, and the page says why.
    let view = bed.turn(&[(Role::User, dose.action), (Role::User, dose.action)]);
    let refused = view.history.iter().any(|past| past.words.contains("refused: another request"));
    assert!(refused, "{:?}", view.history);
}

#[test]
fn uix_01_propofol_shows_what_must_always_be_shown() {
    let mut bed = Bed::propofol();
    let standby = {
        bed.turn(&[(Role::Clinician, Action::Choose(Phase::SelfTest))]);
        bed.until(Mode::Standby, &[])
    };
    let stated: Vec<(&str, u8, u32)> = standby
        .offers
        .statements
        .iter()
        .map(|said| (said.id.as_str(), said.kind, said.amount))
        .collect();
    assert_eq!(stated[..2], [("preconditions", 4, 1), ("induction", 1, 1)]);
    let announce =
        |(_, kind, amount): (&str, u8, u32)| Action::Announce(Announcement { kind, amount });
    let view = bed.automatic(&[announce(stated[0]), announce(stated[1])]);
    assert_eq!(view.therapy, "Closed-loop propofol anaesthesia");
    let index = &view.controlled;
    assert_eq!((index.name.as_str(), index.value.as_deref()), ("Index of hypnosis", Some("48")));
    assert!(index.quality.words.starts_with("signal 95 %, muscle 0 dB"), "{index:?}");
    assert_eq!(named(&view, "Effect site, propofol").unit, "\u{b5}g/mL");
    assert!(view.channels[0].now.ends_with("mg/h"), "{:?}", view.channels[0]);
    let marks: Vec<&str> = view.chart.marks.iter().map(|mark| mark.words.as_str()).collect();
    assert!(marks.contains(&"begin induction"), "{marks:?}");
    let bolus = view.offers.entries.iter().find(|entry| entry.id == "bolus").unwrap();
    let amount = entry::read(bolus, "10").unwrap();
    let view = bed.turn(&[(Role::Clinician, amount.action)]);
    let said: Vec<&str> = view.history.iter().map(|past| past.words.as_str()).collect();
    assert!(
        said.iter().any(|words| words.starts_with("A clinician asked for 10.00 mg")),
        "{said:?}"
    );
}

#[test]
fn everything_is_bounded_and_every_mode_has_words() {
    let mut bed = Bed::insulin();
    bed.automatic(&[]);
    let mut seen = std::collections::BTreeSet::new();
    for turn in 0..1_200_u32 {
        bed.value =
            if turn / 60 % 3 == 1 { None } else { Some(100_000 + (turn % 40) as i32 * 500) };
        let user = |action| (Role::User, action);
        let people = match turn % 50 {
            0 => vec![user(Action::Choose(Phase::Manual))],
            10 => vec![
                user(Action::Acknowledge),
                user(Action::Reconcile),
                user(Action::Choose(Phase::Automatic)),
            ],
            number if number % 7 == 2 => {
                vec![user(Action::Request { channel: 0, steps: Steps(3) })]
            }
            _ => Vec::new(),
        };
        let view = bed.turn(&people);
        seen.insert(mode_code(view.mode.mode));
        let ModeWords { why, doing, to_do, back } = ModeWords::of(&view);
        assert!(!doing.is_empty() && !to_do.is_empty() && !back.is_empty(), "{:?}", view.mode);
        assert!(!why.is_empty(), "{:?}", view.mode);
        assert!(view.history.len() <= 120 && view.chart.marks.len() <= 24);
        let points = view.chart.upper.iter().chain(&view.chart.lower).map(|line| line.points.len());
        assert!(points.max() <= Some(1_600), "with a break after each point");
    }
    assert!(seen.len() >= 4 && seen.len() <= MODES.len(), "{seen:?}");
}

struct ModeWords<'v> {
    why: &'v str,
    doing: &'v str,
    to_do: &'v str,
    back: &'v str,
}

impl<'v> ModeWords<'v> {
    fn of(view: &'v View) -> Self {
        let mode = &view.mode;
        Self {
            why: &mode.why,
            doing: &mode.doing,
            to_do: &mode.what_to_do,
            back: &mode.how_to_return,
        }
    }
}
