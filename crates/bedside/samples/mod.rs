//! Views as a device would build them, for every mode of both therapies: for tests and for the
//! demonstration. The same views stand as JSON beside this file.

// Each test or example that includes this file uses a part of it.
#![allow(dead_code)]

mod insulin;
mod propofol;

use homeostat_bedside::view::{
    Alarm, AlarmKind, AlarmState, Alarms, Amount, At, Audio, Channel, Civil, Clock, Decimal,
    Device, Grade, Length, ModeShown, Next, Past, PastKind, PhaseOffer, Point, Priority, Quality,
    State, Total, Trend, TrendSign, View, Zone, mode_code, mode_name,
};
use homeostat_record::{Mode, Phase};

/// A therapy of the samples.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Therapy {
    Insulin,
    Propofol,
}

impl Therapy {
    pub(crate) const ALL: [Self; 2] = [Self::Insulin, Self::Propofol];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Insulin => "insulin",
            Self::Propofol => "propofol",
        }
    }
}

/// The view of a therapy in a mode.
pub(crate) fn sample(therapy: Therapy, mode: Mode) -> View {
    match therapy {
        Therapy::Insulin => insulin::view(mode),
        Therapy::Propofol => propofol::view(mode),
    }
}

/// The name of the sample's file, for example `insulin/m5.json`.
pub(crate) fn file(therapy: Therapy, mode: Mode) -> String {
    format!("{}/{}.json", therapy.name(), mode_code(mode).to_lowercase())
}

/// The same view so much later: everything keeps its age.
pub(crate) fn later(mut view: View, by: Length) -> View {
    let move_on = |at: &mut At| at.0 += by.0;
    let amounts = |channel: &mut Channel| {
        let all = [&mut channel.ordered, &mut channel.accepted, &mut channel.delivered];
        all.into_iter()
            .chain([&mut channel.verified])
            .filter_map(|a| a.at.as_mut())
            .for_each(move_on);
    };
    move_on(&mut view.clock.now);
    move_on(&mut view.mode.since);
    view.mode.time_left.iter_mut().for_each(|left| move_on(&mut left.at));
    view.controlled.taken.iter_mut().for_each(move_on);
    view.others.iter_mut().filter_map(|other| other.taken.as_mut()).for_each(move_on);
    view.channels.iter_mut().for_each(amounts);
    view.channels.iter_mut().filter_map(|channel| channel.reported.as_mut()).for_each(move_on);
    view.next.iter_mut().for_each(|next| move_on(&mut next.at));
    view.alarms.conditions.iter_mut().for_each(|alarm| move_on(&mut alarm.since));
    if let Audio::PausedUntil(until) = &mut view.alarms.audio {
        move_on(until);
    }
    let curves = view.chart.upper.iter_mut().chain(&mut view.chart.lower);
    curves.flat_map(|series| &mut series.points).for_each(|point| move_on(&mut point.0));
    view.chart.marks.iter_mut().for_each(|mark| move_on(&mut mark.at));
    view.history.iter_mut().for_each(|past| move_on(&mut past.at));
    view.offers.pending.iter_mut().for_each(|pending| move_on(&mut pending.expires.at));
    let device = &mut view.device;
    let parts = device.links.iter_mut().chain([&mut device.self_test, &mut device.record]);
    parts.filter_map(|part| part.heard.as_mut()).for_each(move_on);
    view
}

/// Six hours after the device was started.
pub(crate) const NOW: At = At(6 * 3_600_000);

fn ago(length: Length) -> At {
    At(NOW.0 - length.0)
}

fn soon(length: Length) -> At {
    At(NOW.0 + length.0)
}

fn clock(report_within: Length) -> Clock {
    Clock {
        boot: 12,
        now: NOW,
        civil: Some(Civil(1_791_198_300_000)),
        zone: Zone { name: "CEST".to_owned(), minutes_east: 120 },
        speed: 1,
        report_within,
    }
}

fn decimal(text: &str) -> Decimal {
    text.parse().unwrap_or_default()
}

fn amount(text: &str, age: Length) -> Amount {
    Amount { text: Some(text.to_owned()), at: Some(ago(age)) }
}

fn total(window: Length, text: &str) -> Total {
    Total { window, text: text.to_owned(), whole: window <= Length(NOW.0) }
}

fn state(name: &str, words: &str, heard: Option<Length>) -> State {
    State { name: name.to_owned(), well: true, words: words.to_owned(), heard: heard.map(ago) }
}

fn good(words: &str) -> Quality {
    Quality { grade: Grade::Good, words: words.to_owned() }
}

fn trend(sign: TrendSign, words: &str) -> Option<Trend> {
    Some(Trend { sign, words: words.to_owned() })
}

fn past(age: Length, kind: PastKind, words: &str) -> Past {
    Past { at: ago(age), kind, words: words.to_owned() }
}

fn alarm(id: &str, priority: Priority, kind: AlarmKind, words: (&str, &str), age: Length) -> Alarm {
    Alarm {
        id: id.to_owned(),
        priority,
        kind,
        message: words.0.to_owned(),
        what_to_do: words.1.to_owned(),
        since: ago(age),
        state: AlarmState::Active,
    }
}

fn alarms(conditions: Vec<Alarm>) -> Alarms {
    Alarms {
        conditions,
        audio: Audio::On,
        role_of_this_screen: "This screen shows the device's own alarms. The sound comes from the \
                              device, not from here."
            .to_owned(),
    }
}

/// The mode and what is said about it: why, what the device does, what to do, how to return.
fn mode_shown(mode: Mode, age: Length, words: [&str; 4]) -> ModeShown {
    let [why, doing, what_to_do, how_to_return] = words.map(str::to_owned);
    ModeShown { mode, since: ago(age), why, doing, what_to_do, how_to_return, time_left: None }
}

fn next(words: &str, after: Length) -> Option<Next> {
    Some(Next { words: words.to_owned(), at: soon(after) })
}

fn phase(phase: Phase, words: &str, unmet: &[&str]) -> PhaseOffer {
    let unmet = unmet.iter().map(|&words| words.to_owned()).collect();
    PhaseOffer { phase, words: words.to_owned(), unmet }
}

/// What people can choose in a mode.
fn phases(mode: Mode, missing: &[&str]) -> Vec<PhaseOffer> {
    let standby = phase(Phase::Standby, "Ends automatic delivery; the device stays ready.", &[]);
    let manual = phase(
        Phase::Manual,
        "You set the delivery. The limits stay on. What the loop had ordered is cancelled.",
        &[],
    );
    let automatic = phase(Phase::Automatic, "The loop treats within its limits.", missing);
    let advisory = phase(Phase::Advisory, "The loop proposes; you confirm each change.", missing);
    let off = phase(Phase::Off, "Switches the device off.", &[]);
    match mode {
        Mode::Off => vec![phase(Phase::SelfTest, "Switches on; begins with the self-test.", &[])],
        Mode::SelfTest => vec![off],
        Mode::Standby => vec![manual, advisory, automatic, off],
        Mode::Service => vec![off],
        Mode::FailStop => vec![off],
        Mode::Manual => vec![standby, advisory, automatic],
        Mode::Advisory => vec![standby, manual, automatic],
        Mode::Automatic | Mode::AutomaticLimited => vec![standby, manual, advisory],
        Mode::FallbackBackground | Mode::FallbackSuspend => vec![standby, manual],
        Mode::Handover => vec![standby, manual, advisory, automatic],
    }
}

/// A course that swings gently around `middle`: no random numbers, no mathematics library.
fn course(every: Length, count: u64, middle: f64, swing: f64, gap: Option<u64>) -> Vec<Point> {
    let wave = |step: u64| {
        let phase = f64::from(u32::try_from(step % 64).unwrap_or(0)) / 64.0;
        let triangle = if phase < 0.5 { 4.0 * phase - 1.0 } else { 3.0 - 4.0 * phase };
        triangle * (1.5 - 0.5 * triangle * triangle)
    };
    let value = |step: u64| {
        let value = middle + swing * (0.7 * wave(step) + 0.3 * wave(step * 5 + 9));
        (value * 10.0).round() / 10.0
    };
    let back = |step: u64| ago(Length((count - 1 - step) * every.0 + every.0 / 2));
    (0..count)
        .map(|step| Point(back(step), (gap.is_none_or(|from| step < from)).then(|| value(step))))
        .collect()
}

fn device(profile: &str, links: Vec<State>) -> Device {
    Device {
        identity: "device 7c41-09aa".to_owned(),
        software: "Homeostat 0.3.0".to_owned(),
        profile: profile.to_owned(),
        self_test: state("Self-test", "passed", Some(Length(NOW.0 - 42_000))),
        links,
        record: state("Record", "complete, 41 % full", Some(Length::seconds(4))),
        power: state("Power", "external; battery 96 %", None),
    }
}

/// Fills in what follows from the alarms and from the mode alone.
fn finished(mut view: View) -> View {
    let unanswered = |alarm: &Alarm| alarm.state != AlarmState::Acknowledged;
    view.offers.acknowledge = view.alarms.conditions.iter().any(unanswered);
    let words = format!("{}: {}", mode_name(view.mode.mode), view.mode.why);
    let newer = view.history.iter().take_while(|past| past.at > view.mode.since).count();
    view.history.retain(|past| past.at != view.mode.since);
    view.history.insert(newer, Past { at: view.mode.since, kind: PastKind::Mode, words });
    let controlled = &view.controlled;
    if let (Some(value), Some(taken), Some(first)) =
        (&controlled.value, controlled.taken, view.handover.first_mut())
    {
        let trend = controlled.trend.as_ref().map_or("trend unknown", |trend| &trend.words);
        let age = taken.age(NOW).words();
        *first =
            format!("{} {value} {}, {trend}, taken {age} ago.", controlled.name, controlled.unit);
    }
    view.offers.audio_pause = view.offers.acknowledge.then_some(Length::minutes(2));
    view
}
