//! The insulin loop: a five-minute cycle.

use super::{
    ago, alarm, alarms, amount, clock, course, decimal, device, finished, good, mode_shown, next,
    past, phases, state, total, trend,
};
use homeostat_bedside::view::{
    AlarmKind, AlarmState, Amount, Audio, Band, Channel, Chart, Entry, Grade, Length, Limit, Mark,
    Measured, Next, Offers, PastKind, Pending, Priority, Scale, Series, TrendSign, View, What,
};
use homeostat_record::Mode;

const MIN: fn(u64) -> Length = Length::minutes;

pub(super) fn view(mode: Mode) -> View {
    let mut view = View {
        therapy: "Automated insulin delivery".to_owned(),
        clock: clock(Length::seconds(1)),
        mode: words(mode),
        controlled: glucose(),
        others: vec![on_board()],
        channels: vec![pump()],
        limits: limits(),
        next: next("next automatic dose", MIN(3)),
        alarms: alarms(Vec::new()),
        chart: chart(None),
        history: history(),
        handover: handover(),
        offers: Offers { phases: phases(mode, &[]), entries: entries(), ..Offers::default() },
        device: device(
            "profile of person 3f, revision 7, signed",
            vec![
                state("Sensor link", "secure, 1 message in 5 min as expected", Some(MIN(2))),
                state("Pump link", "secure", Some(Length::seconds(7))),
            ],
        ),
    };
    change(&mut view, mode);
    finished(view)
}

fn glucose() -> Measured {
    Measured {
        name: "Glucose".to_owned(),
        value: Some("112".to_owned()),
        unit: "mg/dL".to_owned(),
        taken: Some(ago(Length::seconds(130))),
        interval: MIN(5),
        allowance: MIN(1),
        quality: good(""),
        trend: trend(TrendSign::Steady, "steady, +1 mg/dL in 5 min"),
        aim: "110 mg/dL".to_owned(),
        alarm_limits: "below 70, above 250 mg/dL".to_owned(),
        place: "in range".to_owned(),
    }
}

fn on_board() -> Measured {
    Measured {
        name: "Insulin on board".to_owned(),
        value: Some("2.35".to_owned()),
        unit: "U".to_owned(),
        taken: Some(ago(Length::seconds(125))),
        interval: MIN(5),
        allowance: MIN(1),
        quality: good("computed from the record"),
        trend: None,
        aim: String::new(),
        alarm_limits: String::new(),
        place: String::new(),
    }
}

fn pump() -> Channel {
    Channel {
        name: "Insulin".to_owned(),
        now: "0.95 U/h".to_owned(),
        source: "set by the loop".to_owned(),
        actuator: "running as ordered".to_owned(),
        well: true,
        reported: Some(ago(Length::seconds(7))),
        interval: MIN(1),
        allowance: Length::seconds(30),
        ordered: amount("11.45 U", Length::seconds(125)),
        accepted: amount("11.45 U", Length::seconds(124)),
        delivered: amount("11.40 U", Length::seconds(7)),
        verified: Amount::default(),
        uncertain: "0.05 U is under way; it counts as given for every limit.".to_owned(),
        temporary: String::new(),
        totals: vec![
            total(MIN(60), "1.05 U"),
            total(MIN(240), "7.80 U"),
            total(MIN(1_440), "11.40 U"),
        ],
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
        limit("largest dose in one cycle", "0.30 U", "0.08 U", 267, false),
        limit("in any 60 minutes", "4.00 U", "1.05 U", 263, false),
        limit("on board", "6.00 U", "2.35 U", 392, false),
        limit("in any 24 hours", "60.0 U", "11.4 U", 190, false),
    ]
}

fn chart(gap: Option<u64>) -> Chart {
    Chart {
        summary: "Glucose in the last 6 hours: lowest 84, highest 147, mostly in range 70 to 180 \
                  mg/dL; insulin below."
            .to_owned(),
        upper: vec![Series {
            name: "Glucose".to_owned(),
            unit: "mg/dL".to_owned(),
            steps: false,
            points: course(MIN(5), 72, 115.0, 35.0, gap),
        }],
        lower: vec![Series {
            name: "Insulin".to_owned(),
            unit: "U/h".to_owned(),
            steps: true,
            points: course(MIN(5), 72, 1.2, 1.1, None),
        }],
        bands: vec![Band { name: "in range".to_owned(), low: 70.0, high: 180.0 }],
        marks: vec![
            Mark { at: ago(MIN(290)), words: "automatic".to_owned() },
            Mark { at: ago(MIN(95)), words: "45 g carbohydrate".to_owned() },
        ],
    }
}

fn history() -> Vec<homeostat_bedside::view::Past> {
    vec![
        past(MIN(38), PastKind::Alarm, "The sensor signal is weak: ended"),
        past(MIN(52), PastKind::Alarm, "The sensor signal is weak: low priority, technical"),
        past(MIN(94), PastKind::Dose, "4.50 U for the meal, asked for by the user, delivered"),
        past(MIN(95), PastKind::Person, "45 g carbohydrate announced by the user"),
        past(MIN(290), PastKind::Mode, "Automatic, chosen by the user"),
        past(MIN(292), PastKind::Person, "Amounts reconciled by the user"),
        past(MIN(355), PastKind::Mode, "Manual, chosen by the user"),
    ]
}

fn handover() -> Vec<String> {
    let lines = [
        "Glucose 112 mg/dL, steady, taken 130 s ago.",
        "Insulin on board 2.35 U; 1.05 U in the last hour, 7.80 U in the last 4 hours.",
        "Last dose by a person: 4.50 U for the meal, 94 min ago.",
        "The loop's temporary rate is cancelled at the pump; the manual rate 0.85 U/h runs.",
        "What to do: measure by finger before you correct; next look within the hour.",
    ];
    lines.map(str::to_owned).into()
}

fn entries() -> Vec<Entry> {
    let entry =
        |id: &str, name: &str, help: &str, what, unit: &str, scale, read_back: &str| Entry {
            id: id.to_owned(),
            name: name.to_owned(),
            help: help.to_owned(),
            what,
            unit: unit.to_owned(),
            step: decimal("0.05"),
            least: decimal("0.05"),
            most: decimal("10"),
            usual_least: decimal("0.2"),
            usual_most: decimal("8"),
            scale,
            read_back: read_back.to_owned(),
            recent: String::new(),
        };
    let units = Scale { numerator: 1_000, denominator: 1 };
    let dose = Entry {
        recent: "Last: 4.50 U, 94 min ago.".to_owned(),
        ..entry(
            "dose",
            "Extra dose",
            "Given whole or refused, never reduced.",
            What::Request(0),
            "U",
            units,
            "Give {amount} of insulin now, besides what the loop gives.",
        )
    };
    let rate = Entry {
        least: decimal("0.00"),
        most: decimal("5"),
        usual_least: decimal("0.3"),
        usual_most: decimal("2"),
        ..entry(
            "rate",
            "Manual rate",
            "Runs in manual operation until you change it.",
            What::SetManual(0),
            "U/h",
            Scale { numerator: 1_000, denominator: 12 },
            "Run {amount} of insulin in manual operation.",
        )
    };
    let meal = Entry {
        step: decimal("1"),
        least: decimal("1"),
        most: decimal("200"),
        usual_least: decimal("5"),
        usual_most: decimal("120"),
        ..entry(
            "carbohydrate",
            "Meal",
            "Carbohydrate that is about to be eaten.",
            What::Announce(1),
            "g",
            units,
            "Announce a meal with {amount} of carbohydrate.",
        )
    };
    let finger = Entry {
        step: decimal("1"),
        least: decimal("20"),
        most: decimal("600"),
        usual_least: decimal("60"),
        usual_most: decimal("300"),
        ..entry(
            "finger",
            "Finger measurement",
            "Checks the sensor; it does not replace it.",
            What::Reference,
            "mg/dL",
            units,
            "Enter a finger measurement of {amount}.",
        )
    };
    let pen = entry(
        "pen",
        "Given by pen",
        "Counts for every limit and for insulin on board.",
        What::Given(0),
        "U",
        units,
        "Book {amount} of insulin as given by pen.",
    );
    vec![dose, meal, rate, pen, finger]
}

fn words(mode: Mode) -> homeostat_bedside::view::ModeShown {
    let say = |age, words| mode_shown(mode, age, words);
    let shown = match mode {
        Mode::Off => say(
            MIN(40),
            [
                "Switched off by the user.",
                "It measures nothing and orders nothing. The pump delivers its own basal rate.",
                "Use your usual therapy.",
                "Switch on; after the self-test choose automatic.",
            ],
        ),
        Mode::SelfTest => say(
            Length::seconds(12),
            [
                "Switched on by the user.",
                "It tests itself, its record and its links. It orders nothing.",
                "Wait for the end of the self-test.",
                "After the self-test choose automatic.",
            ],
        ),
        Mode::Standby => say(
            MIN(6),
            [
                "Chosen by the user.",
                "It shows glucose and orders nothing. The pump delivers its own basal rate.",
                "Choose manual or automatic when you are ready.",
                "Choose automatic: 2 more sensor values are needed first.",
            ],
        ),
        Mode::Manual => say(
            MIN(22),
            [
                "Chosen by the user.",
                "It delivers the rate that you set, 0.85 U/h, within the limits.",
                "Watch glucose and set the rate yourself.",
                "Reconcile the amounts, then choose automatic.",
            ],
        ),
        Mode::Advisory => say(
            MIN(15),
            [
                "Chosen by the user.",
                "It proposes a rate and changes nothing until you confirm.",
                "Read the proposal and confirm it, or let it expire.",
                "Choose automatic.",
            ],
        ),
        Mode::Automatic => say(
            MIN(290),
            [
                "Chosen by the user; every condition is met.",
                "It sets insulin every 5 minutes within the limits.",
                "Nothing. Announce meals.",
                "It is in automatic operation.",
            ],
        ),
        Mode::AutomaticLimited => say(
            MIN(4),
            [
                "The glucose signal is noisy or weak.",
                "It may reduce insulin but not raise it above the basal rate.",
                "Check the sensor's seat. Measure by finger before you decide anything.",
                "By itself, 15 minutes after the signal is good again.",
            ],
        ),
        Mode::FallbackBackground => say(
            MIN(31),
            [
                "No glucose value for 35 minutes.",
                "It delivers the agreed basal rate, 0.85 U/h, and no corrections.",
                "Check sensor and distance. Measure by finger.",
                "By itself in two steps of 15 minutes after values return.",
            ],
        ),
        Mode::FallbackSuspend => say(
            MIN(3),
            [
                "Low glucose: 58 mg/dL.",
                "Insulin is stopped. It looks again with every value.",
                "Take fast carbohydrate now and enter it.",
                "By itself in steps after glucose has recovered.",
            ],
        ),
        Mode::FailStop => say(
            MIN(2),
            [
                "The pump does not stop when it is told to.",
                "It orders nothing more and has let the pump's order run out.",
                "Disconnect the pump from the body now. Use your back-up therapy.",
                "Not here: an authorised person must check, reset and test the device.",
            ],
        ),
        Mode::Service => say(
            MIN(18),
            [
                "Chosen by an authorised person.",
                "It is being serviced. It orders nothing.",
                "Do not connect a person.",
                "End service; switch on; after the self-test choose automatic.",
            ],
        ),
        Mode::Handover => say(
            Length::seconds(50),
            [
                "Automatic operation was ended by the user.",
                "The loop's temporary rate is cancelled at the pump. It delivers the manual rate, 0.85 U/h.",
                "Read what you take over, then set the rate that you want.",
                "Reconcile the amounts, then choose automatic.",
            ],
        ),
    };
    let time_left = (mode == Mode::FallbackBackground).then(|| Next {
        words: "Without an answer it goes to manual".to_owned(),
        at: super::soon(MIN(89)),
    });
    homeostat_bedside::view::ModeShown { time_left, ..shown }
}

/// What the mode brings along.
fn change(view: &mut View, mode: Mode) {
    match mode {
        Mode::Off | Mode::Service => quiet(view),
        Mode::SelfTest => {
            quiet(view);
            view.controlled.value = None;
            view.controlled.taken = None;
            view.controlled.place = String::new();
            view.controlled.trend = None;
            view.next = next("self-test ends", Length::seconds(20));
        }
        Mode::Standby => {
            by_hand(view, "0.85 U/h", "the pump's own basal rate");
            view.limits.clear();
            view.next = None;
        }
        Mode::Manual => by_hand(view, "0.85 U/h", "set by the user"),
        Mode::Handover => {
            by_hand(view, "0.85 U/h", "set by the user");
            view.channels[0].temporary =
                "The loop's temporary rate was cancelled at the pump 45 s ago.".to_owned();
            view.offers.reconcile = Some(reconcile());
        }
        Mode::Advisory => advise(view),
        Mode::Automatic => {}
        Mode::AutomaticLimited => limited(view),
        Mode::FallbackBackground => lost(view),
        Mode::FallbackSuspend => low(view),
        Mode::FailStop => failed(view),
    }
}

fn reconcile() -> String {
    "The record says: 11.40 U delivered by the pump, 0 U by pen. Confirm only if that is what was \
     really given."
        .to_owned()
}

fn quiet(view: &mut View) {
    by_hand(view, "0.85 U/h", "the pump's own basal rate");
    view.limits.clear();
    view.next = None;
    view.offers.entries.clear();
}

fn by_hand(view: &mut View, now: &str, source: &str) {
    now.clone_into(&mut view.channels[0].now);
    source.clone_into(&mut view.channels[0].source);
    view.next = None;
    view.offers.reconcile = Some(reconcile());
}

fn advise(view: &mut View) {
    by_hand(view, "0.85 U/h", "set by the user");
    view.offers.reconcile = None;
    view.offers.pending = Some(Pending {
        words: "run 1.10 U/h instead of 0.85 U/h, because glucose rises slowly".to_owned(),
        expires: Next { words: "The proposal expires".to_owned(), at: super::soon(MIN(9)) },
    });
}

fn limited(view: &mut View) {
    view.controlled.quality =
        homeostat_bedside::view::Quality { grade: Grade::Reduced, words: "weak signal".to_owned() };
    view.limits[0].bound = "0.07 U (basal rate)".to_owned();
    view.limits[0].used = "0.07 U".to_owned();
    view.limits[0].share = 1_000;
    view.limits[0].binding = true;
    view.limits[2].share = 842;
    view.limits[2].used = "5.05 U".to_owned();
    view.others[0].value = Some("5.05".to_owned());
    view.alarms = alarms(vec![alarm(
        "QualityReduced",
        Priority::Low,
        AlarmKind::Technical,
        (
            "The glucose signal is noisy or weak.",
            "Check the sensor's seat. Measure by finger before you decide anything.",
        ),
        MIN(4),
    )]);
}

fn lost(view: &mut View) {
    view.controlled.taken = Some(ago(MIN(36)));
    view.controlled.place = "was in range".to_owned();
    view.controlled.trend = trend(TrendSign::Falls, "fell, -4 mg/dL in 5 min");
    view.channels[0].source = "the agreed basic therapy".to_owned();
    view.channels[0].now = "0.85 U/h".to_owned();
    view.chart = chart(Some(65));
    view.next = next("next part of the basal rate", MIN(3));
    view.device.links[0].well = false;
    view.device.links[0].words = "nothing heard".to_owned();
    view.device.links[0].heard = Some(ago(MIN(36)));
    let mut missing = alarm(
        "InputMissing",
        Priority::Medium,
        AlarmKind::Technical,
        ("No glucose value.", "Check sensor and phone distance. Measure by finger."),
        MIN(31),
    );
    missing.state = AlarmState::AudioPaused;
    let mut weak = alarm(
        "LinkAttacked",
        Priority::Medium,
        AlarmKind::Technical,
        (
            "Possible attack on the device: remote paths are closed.",
            "Tell the person responsible for security. Therapy needs nothing.",
        ),
        MIN(140),
    );
    weak.state = AlarmState::Latched;
    view.alarms = alarms(vec![weak, missing]);
    view.alarms.audio = Audio::PausedUntil(super::soon(Length::seconds(80)));
}

fn low(view: &mut View) {
    view.controlled.value = Some("58".to_owned());
    view.controlled.place = "low".to_owned();
    view.controlled.trend = trend(TrendSign::FallsFast, "falls fast, -14 mg/dL in 5 min");
    view.channels[0].now = "0.00 U/h".to_owned();
    view.channels[0].source = "suspended".to_owned();
    view.channels[0].actuator = "stopped, no flow measured".to_owned();
    view.next = next("looks again with the next value", MIN(3));
    let mut saturation = alarm(
        "Saturation",
        Priority::Medium,
        AlarmKind::Physiologic,
        ("The loop has been at its least delivery for hours.", "Check infusion site and sensor."),
        MIN(71),
    );
    saturation.state = AlarmState::Acknowledged;
    let stop = alarm(
        "PhysiologicStop",
        Priority::High,
        AlarmKind::Physiologic,
        ("Low glucose: insulin is stopped.", "Take fast carbohydrate now and enter it."),
        MIN(3),
    );
    view.alarms = alarms(vec![saturation, stop]);
}

fn failed(view: &mut View) {
    view.channels[0].now = "not known".to_owned();
    view.channels[0].source = "nothing is ordered".to_owned();
    view.channels[0].actuator = "delivers although it was stopped".to_owned();
    view.channels[0].well = false;
    view.channels[0].uncertain =
        "0.35 U more than ordered was delivered in the last 2 min.".to_owned();
    view.next = None;
    view.offers.entries.clear();
    view.offers.reset = Some(
        "Releases the cause after the device was checked; a self-test follows. Authorised people \
         alone."
            .to_owned(),
    );
    view.device.links[1].well = false;
    view.device.links[1].words = "secure, but the pump does not obey".to_owned();
    view.alarms = alarms(vec![alarm(
        "ActuatorDisobeys",
        Priority::High,
        AlarmKind::Technical,
        (
            "The pump does not stop.",
            "Disconnect the pump from the body now. Use your back-up therapy.",
        ),
        MIN(2),
    )]);
}
