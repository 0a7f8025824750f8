//! What people are shown of the past, as it is gathered cycle by cycle: bounded, and never read by
//! control.

use std::collections::VecDeque;

use homeostat_assembly::explanation::{Sentences, row};
use homeostat_bedside::view::{At, Length, Mark, Past, PastKind, Point, mode_name};
use homeostat_record::{
    Action, ActuatorStatus, AlarmEvent, AlarmEventKind, Authority, CHANNELS, CycleEntry, Decision,
    Input, Mode, Order, PersonAction, Phase, Refusal, Report, SensorFrame, Steps,
};

use crate::delivery::left_the_pump;
use crate::face::{Face, Said};

/// Variables that a therapy measures at most.
const VARIABLES: usize = 2;
/// Lines of the past at most.
const PAST_MAX: usize = 120;
/// Points of a curve at most.
const POINTS_MAX: usize = 800;
/// Marks on the chart at most.
const MARKS_MAX: usize = 24;
/// Counts of delivery at most: a day of minutes.
const COUNTS_MAX: usize = 1_500;
/// How close together counts of delivery are kept.
const COUNT_EVERY: Length = Length::minutes(1);

/// The last that was said of a variable.
#[derive(Clone, Debug)]
pub(crate) struct Reading {
    pub said: Said,
    pub taken: At,
}

/// What was last ordered.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ordered {
    pub at: At,
    pub order: Order,
}

/// A dose that a person asked for or gave.
#[derive(Clone, Debug)]
pub(crate) struct Dose {
    pub at: At,
    pub action: Action,
    pub words: String,
}

/// The last cycle.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Last {
    pub at: At,
    pub entry: CycleEntry,
}

/// All that is gathered.
#[derive(Debug, Default)]
pub(crate) struct Memory {
    /// What kind of start it was, in words.
    pub start: &'static str,
    pub last: Option<Last>,
    pub since: At,
    pub chosen: String,
    pub readings: [Option<Reading>; VARIABLES],
    pub reports: [Option<Report>; CHANNELS],
    pub ordered: Option<Ordered>,
    pub curves: [Curve; VARIABLES],
    pub rates: [Curve; CHANNELS],
    pub marks: VecDeque<Mark>,
    pub past: VecDeque<Past>,
    pub doses: VecDeque<Dose>,
    pub counts: [Counts; CHANNELS],
}

/// Points of a curve, in order of time.
#[derive(Clone, Debug, Default)]
pub(crate) struct Curve(VecDeque<Point>);

impl Curve {
    /// Adds a point, unless the last one is too near; old ones go.
    fn add(&mut self, point: Point, every: Length, back: Length) {
        let Point(at, value) = point;
        if let Some(Point(last, before)) = self.0.back()
            && last.age(at) < every
            && before.is_some() == value.is_some()
        {
            return;
        }
        self.0.push_back(point);
        while self.0.len() > POINTS_MAX || self.0.front().is_some_and(|old| old.0.age(at) > back) {
            self.0.pop_front();
        }
    }

    pub(crate) fn points(&self) -> impl DoubleEndedIterator<Item = &Point> {
        self.0.iter()
    }
}

/// Running totals of delivery, in order of time.
#[derive(Clone, Debug, Default)]
pub(crate) struct Counts(VecDeque<(At, u64)>);

impl Counts {
    fn add(&mut self, at: At, total: u64) {
        // The newest stands for its minute, so that the present is always counted.
        let crowded = self.0.len() >= 2
            && self.0.get(self.0.len() - 2).is_some_and(|(before, _)| before.age(at) < COUNT_EVERY);
        if crowded {
            self.0.pop_back();
        }
        self.0.push_back((at, total));
        if self.0.len() > COUNTS_MAX {
            self.0.pop_front();
        }
    }

    /// What was counted within a window that ends now, and whether the counts reach back so far.
    pub(crate) fn within(&self, window: Length, now: At) -> Option<(u64, bool)> {
        let (_, total) = self.0.back()?;
        let (first, _) = self.0.front()?;
        let before = self.0.iter().rev().find(|(at, _)| at.age(now) >= window);
        let (_, from) = before.or(self.0.front())?;
        Some((total.saturating_sub(*from), first.age(now) >= window))
    }
}

fn keep<T>(queue: &mut VecDeque<T>, most: usize, item: T) {
    queue.push_front(item);
    queue.truncate(most);
}

/// A sentence of its own.
pub(crate) fn sentence(words: &str) -> String {
    let mut letters = words.chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string());
    first.unwrap_or_default() + letters.as_str()
}

/// A sentence as a part of another: without its capital and its full stop.
pub(crate) fn clause(words: &str) -> String {
    let mut letters = words.trim_end_matches('.').chars();
    let first = letters.next().map(|first| first.to_lowercase().to_string());
    first.unwrap_or_default() + letters.as_str()
}

impl Memory {
    /// Takes in what a cycle was and gave.
    pub(crate) fn cycle(&mut self, face: &dyn Face, entry: &CycleEntry) {
        let at = At::from(entry.input.now);
        self.arrived(face, &entry.input);
        self.delivered(face, at, &entry.decision);
        self.people(face, at, entry);
        self.alarms(face, at, &entry.decision);
        self.mode(face, at, entry);
        self.last = Some(Last { at, entry: *entry });
    }

    /// Takes in messages and reports.
    pub(crate) fn arrived(&mut self, face: &dyn Face, input: &Input) {
        let reach = face.reach();
        for frame in &input.frames {
            let Ok(decoded) = SensorFrame::decode(frame.bytes.as_slice()) else { continue };
            let Some(said) = face.read(&decoded) else { continue };
            let taken = At::from(frame.received);
            if let (Some(curve), Some(slot)) =
                (self.curves.get_mut(said.variable), self.readings.get_mut(said.variable))
            {
                let value = said.value.as_ref().ok().map(|(value, _)| *value);
                curve.add(Point(taken, value), reach.every, reach.back);
                *slot = Some(Reading { said, taken });
            }
        }
        for report in &input.reports {
            if let Some(slot) = self.reports.get_mut(usize::from(report.channel)) {
                *slot = Some(*report);
            }
        }
    }

    fn delivered(&mut self, face: &dyn Face, at: At, decision: &Decision) {
        let (bounds, reach) = (face.bounds(), face.reach());
        if let Some(order) = decision.order {
            self.ordered = Some(Ordered { at, order });
        }
        for (channel, (rates, counts)) in self.rates.iter_mut().zip(&mut self.counts).enumerate() {
            let Some(account) = decision.accounts.get(channel) else { continue };
            counts.add(at, left_the_pump(account));
            let ordered = decision.order.and_then(|order| order.steps.get(channel).copied());
            // Each order counts: none is left out between two others.
            let rate = Point(at, ordered.map(|steps| bounds.rate(steps)));
            rates.add(rate, Length::default(), reach.back);
        }
    }

    fn people(&mut self, face: &dyn Face, at: At, entry: &CycleEntry) {
        let sentences = Sentences(face.vocabulary());
        for person in &entry.input.people {
            let refused = refusal(&entry.decision, person);
            let why =
                refused.map(|refusal| format!(" \u{2014} refused: {}", sentences.refusal(refusal)));
            let words = sentence(&sentences.person(person)) + &why.unwrap_or_default();
            let kind = kind(person.action);
            if kind == PastKind::Dose && refused.is_none() {
                let dose = Dose { at, action: person.action, words: words.clone() };
                keep(&mut self.doses, MARKS_MAX, dose);
            }
            if let Action::Announce(told) = person.action {
                self.mark(at, face.short(told));
            }
            keep(&mut self.past, PAST_MAX, Past { at, kind, words });
        }
        if let Some(unmet) = &entry.decision.unmet {
            let mut missing = sentences.unmet(unmet);
            missing.extend(unmet.causes.iter().map(|cause| clause(sentences.told(cause).0)));
            let phase = homeostat_assembly::explanation::phase_words(unmet.phase);
            let words = format!("Not begun: {phase}. Missing: {}.", missing.join("; "));
            keep(&mut self.past, PAST_MAX, Past { at, kind: PastKind::Mode, words });
        }
    }

    fn alarms(&mut self, face: &dyn Face, at: At, decision: &Decision) {
        let sentences = Sentences(face.vocabulary());
        for event in &decision.alarms {
            let Some(what) = happened(event) else { continue };
            let words = format!("{} \u{2014} {what}", sentences.told(event.cause).0);
            keep(&mut self.past, PAST_MAX, Past { at, kind: PastKind::Alarm, words });
        }
    }

    fn mode(&mut self, face: &dyn Face, at: At, entry: &CycleEntry) {
        let decision = &entry.decision;
        let before = self.last.map(|last| last.entry.decision);
        if before.is_some_and(|before| before.mode == decision.mode) {
            return;
        }
        let sentences = Sentences(face.vocabulary());
        let mut by_person = false;
        if before.is_none_or(|before| before.phase != decision.phase) {
            (self.chosen, by_person) = chosen(&sentences, self.start, before.as_ref(), entry);
        }
        self.since = at;
        let why = decision.governing.filter(|_| limited(decision.mode));
        let why = why.map_or(self.chosen.as_str(), |cause| sentences.told(cause).0);
        let name = mode_name(decision.mode);
        // What a person did stands in a line of its own.
        let alone = why.is_empty() || by_person;
        let words = if alone { name.to_owned() } else { format!("{name}. {why}") };
        self.mark(at, name.to_lowercase());
        keep(&mut self.past, PAST_MAX, Past { at, kind: PastKind::Mode, words });
    }

    fn mark(&mut self, at: At, words: String) {
        self.marks.push_back(Mark { at, words });
        if self.marks.len() > MARKS_MAX {
            self.marks.pop_front();
        }
    }

    /// The newest report of a manipulated variable, those that no cycle has taken yet included.
    pub(crate) fn report(&self, channel: usize, waiting: &Input) -> Option<Report> {
        let of = |report: &&Report| usize::from(report.channel) == channel;
        let newest = waiting.reports.iter().rfind(of).copied();
        newest.or(self.reports.get(channel).copied().flatten())
    }
}

/// Whether a cause says why this mode is shown.
pub(crate) const fn limited(mode: Mode) -> bool {
    match mode {
        Mode::AutomaticLimited
        | Mode::FallbackBackground
        | Mode::FallbackSuspend
        | Mode::FailStop => true,
        Mode::Off
        | Mode::SelfTest
        | Mode::Standby
        | Mode::Manual
        | Mode::Advisory
        | Mode::Automatic
        | Mode::Service
        | Mode::Handover => false,
    }
}

/// Who or what brought this phase about, and whether it was a person.
fn chosen(
    sentences: &Sentences<'_>,
    start: &str,
    before: Option<&Decision>,
    entry: &CycleEntry,
) -> (String, bool) {
    let phase = entry.decision.phase;
    let mut acted = entry.input.people.iter().filter(|person| match person.action {
        Action::Choose(chosen) => chosen == phase,
        Action::Stop => phase == Phase::Standby,
        Action::Reset => phase == Phase::SelfTest,
        _ => false,
    });
    if let Some(person) = acted.next_back() {
        return (sentence(&sentences.person(person)) + ".", true);
    }
    let before = before.map(|before| (before.phase, before.authority));
    let words = match (before, phase) {
        (None, Phase::Off) => {
            let start = sentence(start);
            return (format!("{start}. It is switched off until a person chooses."), false);
        }
        (None, _) => return (sentence(start) + ".", false),
        (Some((Phase::SelfTest, _)), Phase::Standby) => "The self-test has ended.",
        (Some((Phase::Automatic, Authority::Background)), Phase::Manual) => {
            "The fallback has lasted for as long as it may."
        }
        (Some((Phase::Advisory, _)), Phase::Manual) => "The loop may not propose any more.",
        _ => "",
    };
    (words.to_owned(), false)
}

const fn kind(action: Action) -> PastKind {
    match action {
        Action::Request { .. } | Action::SetManual { .. } | Action::Given { .. } => PastKind::Dose,
        Action::Choose(_)
        | Action::Stop
        | Action::Acknowledge
        | Action::Reset
        | Action::Reconcile
        | Action::Announce(_)
        | Action::Reference(_)
        | Action::Confirm => PastKind::Person,
    }
}

/// Why what a person asked for was refused, if it was.
fn refusal(decision: &Decision, person: &PersonAction) -> Option<Refusal> {
    let channel = match person.action {
        Action::Request { channel, .. } | Action::SetManual { channel, .. } => channel,
        _ => return None,
    };
    decision.refused.get(usize::from(channel)).copied().flatten()
}

/// What happened to an alarm condition, where it belongs to the past that people read.
fn happened(event: &AlarmEvent) -> Option<&'static str> {
    // What is no alarm is not listed as one.
    row(event.cause)?;
    Some(match event.kind {
        AlarmEventKind::Raised => "raised",
        AlarmEventKind::Escalated => "escalated",
        AlarmEventKind::Acknowledged => "acknowledged",
        AlarmEventKind::Ended => "ended",
        AlarmEventKind::Repeated => return None,
    })
}

/// The amount per cycle that nobody asked for.
pub(crate) fn basis(order: &Order, channel: usize) -> Steps {
    let all = order.steps.get(channel).copied().unwrap_or_default();
    all.saturating_sub(order.requested.get(channel).copied().unwrap_or_default())
}

/// Whether the actuator does what it should.
pub(crate) const fn delivers(status: ActuatorStatus) -> bool {
    match status {
        ActuatorStatus::Running | ActuatorStatus::Stopped | ActuatorStatus::Reverted => true,
        ActuatorStatus::Occluded | ActuatorStatus::Empty | ActuatorStatus::Failed => false,
    }
}
