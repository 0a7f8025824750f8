//! One cycle in words that a clinician understands: what was seen, what was proposed and why, what
//! limited it, what the second opinion said, what was ordered and delivered.
//!
//! Everything is read from the record of the cycle; nothing is guessed or computed anew.

use homeostat_insulin::presentation::{cause_words, describe, in_both_units};
use homeostat_insulin::profile::Profile;
use homeostat_insulin::units::GlucoseMgDl;
use homeostat_record::{
    Action, ActuatorStatus, AlarmEventKind, Authority, Cause, CycleEntry, Decision, Input, Limit,
    Mode, Objection, Opinion, PersonAction, Phase, Priority, Refusal, Role, SensorFrame, Source,
    StatusFlags, Steps, Verdict,
};

/// A cycle explained: headings with their sentences, in the order in which things happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// Pairs of heading and sentence.
    pub parts: Vec<(&'static str, String)>,
}

impl core::fmt::Display for Explanation {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        for (index, (heading, words)) in self.parts.iter().enumerate() {
            if index > 0 {
                writeln!(f)?;
            }
            write!(f, "{heading:<10} {words}")?;
        }
        Ok(())
    }
}

/// Explains a cycle of a loop with this profile.
#[must_use]
pub fn explain(entry: &CycleEntry, profile: &Profile) -> Explanation {
    let words = Words { step: f64::from(profile.content().delivery.step.0) / 1_000.0 };
    let CycleEntry { input, proposal, decision, .. } = entry;
    let mut parts = Vec::new();
    let mut part = |heading, words: String| parts.push((heading, words));
    part("Mode", mode(decision));
    for sentence in seen(input) {
        part("Seen", sentence);
    }
    for report in &input.reports {
        part("Pump", words.report(report));
    }
    for person in &input.people {
        part("People", words.person(person));
    }
    for cause in input.conditions.iter() {
        part("Device", cause_in_words(cause));
    }
    match proposal {
        None => part("Proposed", "the controller gave no usable answer".to_owned()),
        Some(proposal) => {
            let amount = proposal.steps[0].map_or("nothing to say".to_owned(), |s| words.units(s));
            part("Proposed", format!("{amount}: {}", describe(&proposal.rationale)));
        }
    }
    part("Opinion", words.opinion(decision.opinion));
    part("Limits", words.limits(decision));
    if let Some(refusal) = decision.refused[0] {
        part("Refused", format!("the person's request, whole: {}", refusal_words(refusal)));
    }
    if let Some(unmet) = decision.unmet {
        part("Not begun", unmet_words(&unmet));
    }
    part("Ordered", words.order(decision));
    part("Ledger", words.ledger(decision));
    for event in &decision.alarms {
        part("Alarm", alarm(event.cause, event.kind, event.priority));
    }
    Explanation { parts }
}

/// A cause in this therapy's words, with what to do and the requirement that it comes from.
#[must_use]
pub fn cause_in_words(cause: Cause) -> String {
    let row = homeostat_supervisor::TABLE.iter().find(|row| row.cause == cause);
    let (message, advice) = cause_words(cause)
        .or_else(|| row.map(|row| (row.message, row.advice)))
        .unwrap_or((cause.name(), ""));
    let requirement = row.map_or("", |row| row.requirement);
    format!("{message} {advice} [{requirement}]")
}

/// The mode that people see, in words.
#[must_use]
pub const fn mode_words(mode: Mode) -> &'static str {
    match mode {
        Mode::Off => "off",
        Mode::SelfTest => "self-test",
        Mode::Standby => "standby",
        Mode::Manual => "manual: a person sets the delivery",
        Mode::Advisory => "advisory",
        Mode::Automatic => "automatic",
        Mode::AutomaticLimited => "automatic, limited: may reduce, not increase",
        Mode::FallbackBackground => "fallback: the pre-agreed basal rate",
        Mode::FallbackSuspend => "fallback: insulin stopped",
        Mode::FailStop => "fail-stop",
        Mode::Service => "service",
        Mode::Handover => "hand-over to a person",
    }
}

fn mode(decision: &Decision) -> String {
    let name = mode_words(decision.mode);
    let authority = match decision.authority {
        Authority::FailStop => "none",
        Authority::Suspend => "suspend only",
        Authority::Background => "background only",
        Authority::Limited => "limited",
        Authority::Full => "full",
    };
    let because = decision.governing.map_or(String::new(), |cause| {
        let holds = if decision.active.has(cause) { "" } else { " (over, not yet released)" };
        format!(". Because{holds}: {}", cause_in_words(cause))
    });
    format!("{name}; the machine's authority is {authority}{because}")
}

fn seen(input: &Input) -> Vec<String> {
    if input.frames.is_empty() {
        return vec!["no message from the sensor".to_owned()];
    }
    input
        .frames
        .iter()
        .map(|frame| match SensorFrame::decode(frame.bytes.as_slice()) {
            Err(_) => "a damaged message".to_owned(),
            Ok(read) => reading(&read),
        })
        .collect()
}

fn reading(frame: &SensorFrame) -> String {
    let value = GlucoseMgDl(f64::from(frame.value_thousandths) / 1_000.0);
    let said = if frame.status.any(StatusFlags::BELOW_RANGE) {
        "\"Low\": below the measuring range".to_owned()
    } else if frame.status.any(StatusFlags::ABOVE_RANGE) {
        "\"High\": above the measuring range".to_owned()
    } else {
        format!("glucose {}", in_both_units(value))
    };
    let quality =
        if frame.quality <= 100 { format!(", quality {} %", frame.quality) } else { String::new() };
    format!("{said}{quality}, message {} of sensor {:08x}", frame.sequence, frame.source)
}

fn refusal_words(refusal: Refusal) -> String {
    match refusal {
        Refusal::Bound(limit) => format!("it would pass {}", limit_words(limit)),
        Refusal::Phase => "requests are not taken in this mode".to_owned(),
        Refusal::Authority => "delivery is not allowed now".to_owned(),
        Refusal::TooSoon => "another request was granted too short a time ago".to_owned(),
        Refusal::Channel => "there is no such drug".to_owned(),
        Refusal::Role => "a person who is not identified may only stop".to_owned(),
    }
}

fn unmet_words(unmet: &homeostat_record::Unmet) -> String {
    let mut reasons: Vec<String> = Vec::new();
    let mut add = |holds: bool, words: &str| {
        if holds {
            reasons.push(words.to_owned());
        }
    };
    add(unmet.path, "it cannot be entered from the present mode");
    add(unmet.role, "this person may not choose it");
    add(unmet.inputs, "too few good readings in a row");
    add(unmet.ledger, "what was given meanwhile is not reconciled");
    reasons.extend(unmet.causes.iter().map(cause_in_words));
    format!("{}: {}", phase_words(unmet.phase), reasons.join("; "))
}

const fn phase_words(phase: Phase) -> &'static str {
    match phase {
        Phase::Off => "off",
        Phase::SelfTest => "self-test",
        Phase::Standby => "standby",
        Phase::Manual => "manual operation",
        Phase::Advisory => "advisory operation",
        Phase::Automatic => "automatic operation",
        Phase::Service => "service",
    }
}

fn limit_words(limit: Limit) -> String {
    match limit {
        Limit::CycleMax => "the largest amount in one cycle".to_owned(),
        Limit::CycleMin => "the smallest amount in one cycle".to_owned(),
        Limit::SlewUp => "the largest increase from cycle to cycle".to_owned(),
        Limit::SlewDown => "the largest decrease from cycle to cycle".to_owned(),
        Limit::Window(0) => "the largest amount within 1 h".to_owned(),
        Limit::Window(1) => "the largest amount within 4 h".to_owned(),
        Limit::Window(2) => "the largest amount within 24 h".to_owned(),
        Limit::Window(number) => format!("the largest amount within window {number}"),
        Limit::Acting => "the largest insulin on board".to_owned(),
        Limit::Label => "the limit of the label".to_owned(),
        Limit::Authority => "the ceiling of the present mode".to_owned(),
        Limit::Envelope => "the range that the glucose now allows".to_owned(),
        Limit::Request => "the largest single request".to_owned(),
    }
}

fn alarm(cause: Cause, kind: AlarmEventKind, priority: Priority) -> String {
    let event = match kind {
        AlarmEventKind::Raised => "raised",
        AlarmEventKind::Escalated => "escalated",
        AlarmEventKind::Acknowledged => "acknowledged by a person",
        AlarmEventKind::Ended => "ended",
        AlarmEventKind::Repeated => "repeated, nobody has answered",
    };
    let priority = match priority {
        Priority::None => "no alarm, logged",
        Priority::Low => "low priority",
        Priority::Medium => "medium priority",
        Priority::High => "high priority",
    };
    format!("{event} ({priority}): {}", cause_in_words(cause))
}

/// Amounts in units of insulin.
struct Words {
    step: f64,
}

impl Words {
    fn units(&self, steps: Steps) -> String {
        format!("{:.3} U", f64::from(steps.0) * self.step)
    }

    fn total(&self, steps: u64) -> String {
        format!("{:.2} U", steps as f64 * self.step)
    }

    fn report(&self, report: &homeostat_record::Report) -> String {
        let status = match report.status {
            ActuatorStatus::Running => "carries out orders",
            ActuatorStatus::Stopped => "stopped, and nothing flows",
            ActuatorStatus::Reverted => "delivers its own basal rate: its last order ran out",
            ActuatorStatus::Occluded => "is occluded",
            ActuatorStatus::Empty => "is empty",
            ActuatorStatus::Failed => "is out of order",
        };
        format!("{status}; {} delivered since its start", self.total(report.delivered_total))
    }

    fn person(&self, person: &PersonAction) -> String {
        let who = match person.by {
            Role::Unknown => "somebody",
            Role::User => "the user",
            Role::Clinician => "a clinician",
            Role::Authorised => "an authorised person",
        };
        let did = match person.action {
            Action::Choose(phase) => format!("chose {}", phase_words(phase)),
            Action::Stop => "stopped delivery".to_owned(),
            Action::Acknowledge => "acknowledged the alarms".to_owned(),
            Action::Reset => "released causes that need authority, after a self-test".to_owned(),
            Action::Reconcile => "stated that the ledger agrees with what was given".to_owned(),
            Action::Request { steps, .. } => format!("asked for {}", self.units(steps)),
            Action::SetManual { steps, .. } => {
                let rate = f64::from(steps.0) * self.step * 12.0;
                format!("set the manual rate to {rate:.2} U/h")
            }
            Action::Given { steps, .. } => format!("gave {} by other means", self.units(steps)),
            Action::Announce(told) if told.kind == 1 => {
                format!("announced {:.0} g of carbohydrate", f64::from(told.amount) / 1_000.0)
            }
            Action::Announce(told) => format!("announced something of kind {}", told.kind),
            Action::Reference(value) => {
                let value = GlucoseMgDl(f64::from(value) / 1_000.0);
                format!("entered a finger measurement of {}", in_both_units(value))
            }
            Action::Confirm => "confirmed the proposal".to_owned(),
        };
        format!("{who} {did}")
    }

    fn opinion(&self, opinion: Opinion) -> String {
        match opinion {
            Opinion::Abstain => "abstains".to_owned(),
            Opinion::Concur => "would allow this".to_owned(),
            Opinion::Differ { steps } => {
                format!("would allow this, but its own figure is {} away", self.units(steps))
            }
            Opinion::Object { rule, at_most } => {
                let why = match rule {
                    Objection::TooMuch => "more than it holds safe",
                    Objection::MustNotDeliver => "nothing may be delivered with this input",
                    Objection::OutsideDeclaredSpace => "outside the declared space of commands",
                    Objection::ActingAmountUnderstated => {
                        "the controller takes insulin on board for less than it is"
                    }
                    Objection::InputNotUsable => "the controller used an input that is not usable",
                };
                format!("objects: {why}; would allow at most {}", self.units(at_most))
            }
        }
    }

    fn limits(&self, decision: &Decision) -> String {
        match decision.verdicts[0] {
            Verdict::NotDue => "no proposal of the controller was due".to_owned(),
            Verdict::AsProposed => "none: ordered as proposed".to_owned(),
            Verdict::Bounded(limit) => format!("moved to {} [SUP-02, SUP-03]", limit_words(limit)),
            Verdict::Substituted(cause) => {
                format!("the proposal was replaced. Because: {}", cause_in_words(cause))
            }
        }
    }

    fn order(&self, decision: &Decision) -> String {
        let Some(order) = decision.order else {
            return "nothing: the pump goes over to its own basal rate when its lease ends"
                .to_owned();
        };
        let source = match order.source {
            Source::Nothing => "nothing",
            Source::Controller => "the controller's",
            Source::Background => "the basic therapy",
            Source::Suspension => "the suspension amount",
            Source::Manual => "the manual setting",
        };
        let requested = match order.requested[0] {
            Steps(0) => String::new(),
            steps => format!(", of it {} on a person's request", self.units(steps)),
        };
        let amount = self.units(order.steps[0]);
        format!("{amount} ({source}){requested}; order {}", order.id.0)
    }

    fn ledger(&self, decision: &Decision) -> String {
        let account = &decision.accounts[0];
        format!(
            "ordered {}, accepted {}, delivered {} since the start; {} still acting",
            self.total(account.ordered),
            self.total(account.accepted),
            self.total(account.delivered),
            self.units(decision.acting[0])
        )
    }
}
