//! The anaesthetic loop: a five-second cycle.

use super::{
    ago, alarm, alarms, amount, clock, course, decimal, device, finished, good, mode_shown, next,
    past, phases, state, total, trend,
};
use homeostat_bedside::view::{
    AlarmKind, AlarmState, Audio, Band, Channel, Chart, Entry, Grade, Length, Limit, Mark,
    Measured, ModeShown, Next, Offers, PastKind, Pending, Priority, Quality, Scale, Series,
    TrendSign, View, What,
};
use homeostat_record::Mode;

const SEC: fn(u64) -> Length = Length::seconds;
const MIN: fn(u64) -> Length = Length::minutes;

pub(super) fn view(mode: Mode) -> View {
    let mut view = View {
        therapy: "Closed-loop propofol anaesthesia".to_owned(),
        clock: clock(Length(500)),
        mode: words(mode),
        controlled: index(),
        others: others(),
        channels: vec![propofol(), remifentanil()],
        limits: limits(),
        next: next("next decision", SEC(3)),
        alarms: alarms(Vec::new()),
        chart: chart(None),
        history: vec![
            past(MIN(8), PastKind::Alarm, "Electrocautery disturbs the index: ended"),
            past(MIN(34), PastKind::Person, "Start of surgery announced by the clinician"),
            past(MIN(41), PastKind::Dose, "40 mg propofol, asked for by the clinician, delivered"),
            past(MIN(44), PastKind::Mode, "Automatic, chosen by the clinician"),
            past(MIN(45), PastKind::Person, "Preconditions acknowledged by the clinician"),
        ],
        handover: [
            "Index 48, steady, taken 2 s ago; effect site 3.0 \u{b5}g/mL.",
            "Propofol 7.4 mg/kg/h now; 412 mg in the last hour.",
            "Remifentanil 0.12 \u{b5}g/kg/min, set by the clinician, goes on.",
            "The loop's order ends at the pump within 15 s; then the rate that you set runs.",
            "What to do: judge depth and circulation yourself; set a rate at once.",
        ]
        .map(str::to_owned)
        .into(),
        offers: Offers { phases: phases(mode, &[]), entries: entries(), ..Offers::default() },
        device: device(
            "adult maintenance, revision 4, signed",
            vec![
                state("Depth monitor", "secure, every second", Some(SEC(1))),
                state("Propofol pump", "secure", Some(SEC(1))),
                state("Remifentanil pump", "secure", Some(SEC(2))),
            ],
        ),
    };
    change(&mut view, mode);
    finished(view)
}

fn index() -> Measured {
    Measured {
        name: "Index of hypnosis".to_owned(),
        value: Some("48".to_owned()),
        unit: String::new(),
        taken: Some(ago(SEC(2))),
        interval: SEC(5),
        allowance: SEC(1),
        quality: good("signal quality 93 %"),
        trend: trend(TrendSign::Steady, "steady"),
        aim: "50, adequate 40 to 60".to_owned(),
        alarm_limits: "below 35, above 65".to_owned(),
        place: "adequate".to_owned(),
    }
}

fn others() -> Vec<Measured> {
    let measured = |name: &str, value: &str, unit: &str, age, every| Measured {
        name: name.to_owned(),
        value: Some(value.to_owned()),
        unit: unit.to_owned(),
        taken: Some(ago(age)),
        interval: every,
        allowance: SEC(1),
        quality: good(""),
        trend: None,
        aim: String::new(),
        alarm_limits: String::new(),
        place: String::new(),
    };
    let effect = Measured {
        quality: good("computed"),
        aim: "3.1 \u{b5}g/mL".to_owned(),
        ..measured("Effect site, propofol", "3.0", "\u{b5}g/mL", SEC(2), SEC(5))
    };
    let pressure = Measured {
        alarm_limits: "below 55 mmHg".to_owned(),
        trend: trend(TrendSign::Falls, "falls slowly"),
        interval: SEC(150),
        allowance: SEC(30),
        ..measured("Mean arterial pressure", "68", "mmHg", SEC(74), SEC(150))
    };
    vec![effect, pressure]
}

fn propofol() -> Channel {
    Channel {
        name: "Propofol".to_owned(),
        now: "7.4 mg/kg/h".to_owned(),
        source: "set by the loop".to_owned(),
        actuator: "running as ordered, flow measured".to_owned(),
        well: true,
        reported: Some(ago(SEC(1))),
        interval: SEC(5),
        allowance: SEC(2),
        ordered: amount("512.4 mg", SEC(2)),
        accepted: amount("512.4 mg", SEC(2)),
        delivered: amount("511.9 mg", SEC(1)),
        verified: amount("511.6 mg", SEC(1)),
        uncertain: String::new(),
        temporary: String::new(),
        totals: vec![
            total(MIN(60), "412 mg"),
            total(MIN(240), "512 mg"),
            total(MIN(1_440), "512 mg"),
        ],
    }
}

fn remifentanil() -> Channel {
    Channel {
        name: "Remifentanil".to_owned(),
        now: "0.12 \u{b5}g/kg/min".to_owned(),
        source: "set by the clinician".to_owned(),
        ordered: amount("0.46 mg", SEC(2)),
        accepted: amount("0.46 mg", SEC(2)),
        delivered: amount("0.46 mg", SEC(2)),
        verified: amount("0.46 mg", SEC(2)),
        totals: vec![
            total(MIN(60), "0.39 mg"),
            total(MIN(240), "0.46 mg"),
            total(MIN(1_440), "0.46 mg"),
        ],
        ..propofol()
    }
}

fn limits() -> Vec<Limit> {
    let limit = |name: &str, bound: &str, used: &str, share, binding| Limit {
        name: name.to_owned(),
        bound: bound.to_owned(),
        used: used.to_owned(),
        share,
        binding,
    };
    vec![
        limit("largest rate", "20 mg/kg/h", "7.4 mg/kg/h", 370, false),
        limit("largest rise in one cycle", "0.5 mg/kg/h", "0.1 mg/kg/h", 200, false),
        limit("effect site", "6.0 \u{b5}g/mL", "3.0 \u{b5}g/mL", 500, false),
        limit("in any 60 minutes", "900 mg", "412 mg", 458, false),
    ]
}

fn chart(gap: Option<u64>) -> Chart {
    let line = |name: &str, unit: &str, steps, points| Series {
        name: name.to_owned(),
        unit: unit.to_owned(),
        steps,
        points,
    };
    Chart {
        summary: "Index in the last hour: lowest 41, highest 57, mostly adequate (40 to 60); \
                  propofol and remifentanil below."
            .to_owned(),
        upper: vec![line("Index", "", false, course(SEC(15), 240, 48.0, 8.0, gap))],
        lower: vec![line("Propofol", "mg/kg/h", true, course(SEC(15), 240, 7.2, 1.8, None))],
        bands: vec![Band { name: "adequate".to_owned(), low: 40.0, high: 60.0 }],
        marks: vec![
            Mark { at: ago(MIN(44)), words: "automatic".to_owned() },
            Mark { at: ago(MIN(34)), words: "surgery".to_owned() },
        ],
    }
}

fn entries() -> Vec<Entry> {
    let milligrams = Scale { numerator: 100, denominator: 1 };
    let dose = Entry {
        id: "bolus".to_owned(),
        name: "Propofol bolus".to_owned(),
        help: "Given whole or refused, never reduced.".to_owned(),
        what: What::Request(0),
        unit: "mg".to_owned(),
        step: decimal("1"),
        least: decimal("1"),
        most: decimal("150"),
        usual_least: decimal("10"),
        usual_most: decimal("60"),
        scale: milligrams,
        read_back: "Give a bolus of {amount} of propofol now.".to_owned(),
        recent: "Last: 40 mg, 41 min ago.".to_owned(),
    };
    let rate = Entry {
        id: "rate".to_owned(),
        name: "Propofol rate".to_owned(),
        help: "Runs in manual operation until you change it.".to_owned(),
        what: What::SetManual(0),
        unit: "mg/kg/h".to_owned(),
        step: decimal("0.1"),
        least: decimal("0.0"),
        most: decimal("20"),
        usual_least: decimal("2"),
        usual_most: decimal("12"),
        scale: Scale { numerator: 700, denominator: 72 },
        read_back: "Run propofol at {amount} in manual operation.".to_owned(),
        recent: String::new(),
    };
    let stimulus = Entry {
        id: "surgery".to_owned(),
        name: "Surgical stimulus".to_owned(),
        help: "Announce its strength, 1 (skin) to 3 (strong).".to_owned(),
        what: What::Announce(4),
        unit: "of 3".to_owned(),
        step: decimal("1"),
        least: decimal("1"),
        most: decimal("3"),
        usual_least: decimal("1"),
        usual_most: decimal("3"),
        scale: Scale { numerator: 1, denominator: 1 },
        read_back: "Announce a surgical stimulus of {amount}.".to_owned(),
        recent: String::new(),
    };
    vec![dose, rate, stimulus]
}

fn words(mode: Mode) -> ModeShown {
    let say = |age, words| mode_shown(mode, age, words);
    let shown = match mode {
        Mode::Off => say(
            MIN(40),
            [
                "Switched off by the clinician.",
                "It measures nothing and orders nothing. The pumps stand still.",
                "Give the anaesthetic by your own means.",
                "Switch on; after the self-test acknowledge the preconditions.",
            ],
        ),
        Mode::SelfTest => say(
            SEC(8),
            [
                "Switched on by the clinician.",
                "It tests itself, its record and its links. It orders nothing.",
                "Wait for the end of the self-test.",
                "After the self-test acknowledge the preconditions.",
            ],
        ),
        Mode::Standby => say(
            MIN(3),
            [
                "Chosen by the clinician.",
                "It shows the index and orders nothing. The pumps stand still.",
                "Acknowledge the preconditions, then choose manual or automatic.",
                "Acknowledge: airway managed, line checked, clinician present.",
            ],
        ),
        Mode::Manual => say(
            MIN(5),
            [
                "Chosen by the clinician.",
                "It runs the rate that you set, 6.0 mg/kg/h, within the limits.",
                "Judge depth and circulation and set the rate yourself.",
                "Reconcile the amounts, then choose automatic.",
            ],
        ),
        Mode::Advisory => say(
            MIN(2),
            [
                "Chosen by the clinician.",
                "It proposes a rate and changes nothing until you confirm.",
                "Read the proposal and confirm it, or let it expire.",
                "Choose automatic.",
            ],
        ),
        Mode::Automatic => say(
            MIN(44),
            [
                "Chosen by the clinician; every condition is met.",
                "It sets propofol every 5 seconds within the limits.",
                "Stay with the patient. Announce surgery and emergence.",
                "It is in automatic operation.",
            ],
        ),
        Mode::AutomaticLimited => say(
            SEC(35),
            [
                "The electroencephalogram is overlaid by muscle.",
                "It may reduce propofol but not raise it.",
                "Check electrodes and relaxation.",
                "By itself, 30 s after the signal is good again.",
            ],
        ),
        Mode::FallbackBackground => say(
            SEC(95),
            [
                "No usable index of hypnosis for 100 s.",
                "It holds the last effect-site level, 3.0 \u{b5}g/mL.",
                "Judge depth yourself. Check electrodes and monitor.",
                "By itself in two steps of 30 s after the index returns.",
            ],
        ),
        Mode::FallbackSuspend => say(
            SEC(40),
            [
                "Arterial pressure dangerously low: 49 mmHg.",
                "Propofol is stopped. Anaesthesia will lighten.",
                "Treat circulation now.",
                "By itself in steps after index and pressure have recovered.",
            ],
        ),
        Mode::FailStop => say(
            SEC(25),
            [
                "The device has found a fault in itself.",
                "It orders nothing more. The pump's order has run out; the pump stands still.",
                "Disconnect the device. Give the anaesthetic by hand now.",
                "Not here: an authorised person must check, reset and test the device.",
            ],
        ),
        Mode::Service => say(
            MIN(18),
            [
                "Chosen by an authorised person.",
                "It is being serviced. It orders nothing.",
                "Do not connect a patient.",
                "End service; switch on; after the self-test acknowledge the preconditions.",
            ],
        ),
        Mode::Handover => say(
            SEC(9),
            [
                "Automatic operation was ended by the clinician.",
                "It runs the rate that was last in force, 7.4 mg/kg/h.",
                "Read what you take over, then set a rate at once.",
                "Reconcile the amounts, then choose automatic.",
            ],
        ),
    };
    let time_left = (mode == Mode::FallbackBackground)
        .then(|| Next { words: "It goes to manual".to_owned(), at: super::soon(SEC(505)) });
    ModeShown { time_left, ..shown }
}

/// What the mode brings along.
fn change(view: &mut View, mode: Mode) {
    match mode {
        Mode::Off | Mode::Service => still(view),
        Mode::SelfTest => {
            still(view);
            view.controlled.value = None;
            view.controlled.taken = None;
            view.controlled.place = String::new();
            view.controlled.trend = None;
            view.next = next("self-test ends", SEC(6));
        }
        Mode::Standby => still(view),
        Mode::Manual => by_hand(view, "6.0 mg/kg/h"),
        Mode::Handover => {
            by_hand(view, "7.4 mg/kg/h");
            view.channels[0].temporary = "The loop's order ends at the pump in 6 s.".to_owned();
        }
        Mode::Advisory => {
            by_hand(view, "6.0 mg/kg/h");
            view.offers.reconcile = None;
            view.offers.pending = Some(Pending {
                words: "run 6.6 mg/kg/h instead of 6.0, because the index rises".to_owned(),
                expires: Next {
                    words: "The proposal expires".to_owned(),
                    at: super::soon(SEC(11)),
                },
            });
        }
        Mode::Automatic => view.limits[1].share = 812,
        Mode::AutomaticLimited => limited(view),
        Mode::FallbackBackground => lost(view),
        Mode::FallbackSuspend => low(view),
        Mode::FailStop => failed(view),
    }
}

fn still(view: &mut View) {
    by_hand(view, "0.0 mg/kg/h");
    for channel in &mut view.channels {
        channel.now = "0".to_owned();
        channel.source = "nothing is ordered".to_owned();
        channel.actuator = "stopped, no flow measured".to_owned();
    }
    view.limits.clear();
    view.offers.entries.clear();
}

fn by_hand(view: &mut View, now: &str) {
    now.clone_into(&mut view.channels[0].now);
    "set by the clinician".clone_into(&mut view.channels[0].source);
    view.next = None;
    view.offers.reconcile = Some(
        "The record says: 511.9 mg propofol delivered. Confirm only if that is what was really \
         given."
            .to_owned(),
    );
}

fn limited(view: &mut View) {
    view.controlled.quality =
        Quality { grade: Grade::Reduced, words: "signal quality 61 %, muscle".to_owned() };
    view.limits[0].bound = "7.4 mg/kg/h".to_owned();
    view.limits[0].share = 1_000;
    view.limits[0].binding = true;
    view.alarms = alarms(vec![alarm(
        "QualityReduced",
        Priority::Low,
        AlarmKind::Technical,
        (
            "The electroencephalogram is of poor quality or overlaid by muscle.",
            "Check electrodes and relaxation. The infusion is not raised.",
        ),
        SEC(35),
    )]);
}

fn lost(view: &mut View) {
    view.controlled.taken = Some(ago(SEC(100)));
    view.controlled.place = String::new();
    view.controlled.quality = Quality { grade: Grade::Poor, words: "electrode off".to_owned() };
    view.channels[0].source = "the agreed basic therapy".to_owned();
    view.chart = chart(Some(233));
    view.device.links[0].well = false;
    view.device.links[0].words = "connected, no usable index".to_owned();
    view.alarms = alarms(vec![alarm(
        "InputMissing",
        Priority::Medium,
        AlarmKind::Technical,
        (
            "No usable index of hypnosis.",
            "Check electrodes and monitor. The last effect-site level is held; judge depth yourself.",
        ),
        SEC(95),
    )]);
}

fn low(view: &mut View) {
    view.others[1].value = Some("49".to_owned());
    view.others[1].place = "dangerously low".to_owned();
    view.others[1].trend = trend(TrendSign::FallsFast, "falls fast");
    view.others[1].taken = Some(ago(SEC(41)));
    view.channels[0].now = "0.0 mg/kg/h".to_owned();
    view.channels[0].source = "suspended".to_owned();
    view.channels[0].actuator = "stopped, no flow measured".to_owned();
    let mut limit = alarm(
        "GuardClamping",
        Priority::Low,
        AlarmKind::Technical,
        ("The dose limits were reached often.", "Check whether the treatment still fits."),
        MIN(9),
    );
    limit.state = AlarmState::Latched;
    view.alarms = alarms(vec![
        limit,
        alarm(
            "PhysiologicStop",
            Priority::High,
            AlarmKind::Physiologic,
            (
                "Too deep, or arterial pressure dangerously low: propofol is stopped.",
                "Treat circulation. Propofol returns when index and pressure have recovered.",
            ),
            SEC(40),
        ),
    ]);
}

fn failed(view: &mut View) {
    still(view);
    view.offers.reset = Some(
        "Releases the cause after the device was checked; a self-test follows. Authorised people \
         alone."
            .to_owned(),
    );
    view.offers.reconcile = None;
    view.device.self_test.well = false;
    view.device.self_test.words = "an invariant was broken".to_owned();
    view.alarms = alarms(vec![alarm(
        "IntegrityLost",
        Priority::High,
        AlarmKind::Technical,
        ("The device has failed.", "Disconnect the device. Give the anaesthetic by hand now."),
        SEC(25),
    )]);
    view.alarms.audio = Audio::On;
}
