//! One cycle in words: what was seen, what was proposed and why, what limited it, what the second opinion
//! said, what was ordered and delivered. Everything is read from the record of the cycle; nothing is
//! guessed or computed anew. A therapy brings its [`Vocabulary`].

use homeostat_record::{
    Action, ActuatorStatus, AlarmEventKind, Announcement, Authority, Cause, CycleEntry, Decision,
    Input, Limit, Mode, Objection, Opinion, PersonAction, Phase, Priority, Rationale, Refusal,
    Role, SensorFrame, Source, Steps, Unmet, Verdict,
};
use homeostat_supervisor::{Row, TABLE};

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

/// Words that differ between therapies.
#[derive(Clone, Copy, Debug)]
pub struct Nouns {
    /// The mode in which the loop may not decide: `fallback: the pre-agreed basal rate`.
    pub background: &'static str,
    /// The mode of a suspension: `fallback: insulin stopped`.
    pub suspended: &'static str,
    /// What an actuator without orders does: `delivers its own basal rate`.
    pub reverted: &'static str,
    /// What follows when there is no order: `the pump goes over to its own basal rate when its lease ends`.
    pub without_order: &'static str,
    /// What still acts: `insulin on board`.
    pub acting: &'static str,
    /// What the envelope follows: `the glucose`.
    pub measured: &'static str,
    /// Lengths of the windows of cumulative bounds: `1 h`.
    pub windows: [&'static str; 4],
}

/// What a therapy says in its own words.
pub trait Vocabulary {
    /// Its nouns.
    fn nouns(&self) -> &'static Nouns;
    /// Message and advice of a cause, where the table's are not specific enough.
    fn cause(&self, cause: Cause) -> Option<(&'static str, &'static str)>;
    /// Why a controller proposed what it did.
    fn rationale(&self, rationale: &Rationale) -> String;
    /// What a sensor said.
    fn reading(&self, frame: &SensorFrame) -> String;
    /// An amount.
    fn amount(&self, steps: Steps) -> String;
    /// A large amount.
    fn total(&self, steps: u64) -> String;
    /// A manual setting as a rate.
    fn manual(&self, steps: Steps) -> String;
    /// What somebody announced: `45 g of carbohydrate`.
    fn announced(&self, told: Announcement) -> String;
    /// What somebody measured by other means: `a finger measurement of 120 mg/dL`.
    fn reference(&self, value: i32) -> String;
}

/// Explains a cycle in the words of its therapy.
#[must_use]
pub fn explain_with(entry: &CycleEntry, vocabulary: &dyn Vocabulary) -> Explanation {
    let words = Sentences(vocabulary);
    let CycleEntry { input, proposal, decision, .. } = entry;
    let mut parts = Vec::new();
    let mut part = |heading, words: String| parts.push((heading, words));
    part("Mode", words.mode(decision));
    for sentence in words.seen(input) {
        part("Seen", sentence);
    }
    for report in &input.reports {
        part("Pump", words.report(report));
    }
    for person in &input.people {
        part("People", words.person(person));
    }
    for cause in input.conditions.iter() {
        part("Device", words.cause(cause));
    }
    match proposal {
        None => part("Proposed", "the controller gave no usable answer".to_owned()),
        Some(proposal) => {
            let amount = proposal.steps[0];
            let amount = amount.map_or("nothing to say".to_owned(), |s| vocabulary.amount(s));
            part("Proposed", format!("{amount}: {}", vocabulary.rationale(&proposal.rationale)));
        }
    }
    part("Opinion", words.opinion(decision.opinion));
    part("Limits", words.limits(decision));
    if let Some(refusal) = decision.refused[0] {
        part("Refused", format!("the person's request, whole: {}", words.refusal(refusal)));
    }
    if let Some(unmet) = decision.unmet {
        part("Not begun", words.not_begun(&unmet));
    }
    part("Ordered", words.order(decision));
    part("Ledger", words.ledger(decision));
    for event in &decision.alarms {
        part("Alarm", words.alarm(event.cause, event.kind, event.priority));
    }
    Explanation { parts }
}

/// The mode that people see, in words.
#[must_use]
pub const fn mode_in_words(mode: Mode, nouns: &Nouns) -> &'static str {
    match mode {
        Mode::Off => "off",
        Mode::SelfTest => "self-test",
        Mode::Standby => "standby",
        Mode::Manual => "manual: a person sets the delivery",
        Mode::Advisory => "advisory",
        Mode::Automatic => "automatic",
        Mode::AutomaticLimited => "automatic, limited: may reduce, not increase",
        Mode::FallbackBackground => nouns.background,
        Mode::FallbackSuspend => nouns.suspended,
        Mode::FailStop => "fail-stop",
        Mode::Service => "service",
        Mode::Handover => "hand-over to a person",
    }
}

/// A cause in a therapy's words, with what to do and the requirement that it comes from.
#[must_use]
pub fn cause_in_words_of(cause: Cause, own: Option<(&'static str, &'static str)>) -> String {
    let (message, advice) = told(cause, own);
    let requirement = row(cause).map_or("", |row| row.requirement);
    format!("{message} {advice} [{requirement}]")
}

/// The supervisor's row of a cause.
#[must_use]
pub fn row(cause: Cause) -> Option<&'static Row> {
    TABLE.iter().find(|row| row.cause == cause)
}

pub(crate) fn told(
    cause: Cause,
    own: Option<(&'static str, &'static str)>,
) -> (&'static str, &'static str) {
    own.or_else(|| row(cause).map(|row| (row.message, row.advice))).unwrap_or((cause.name(), ""))
}

/// Where an ordered amount comes from.
#[must_use]
pub const fn source_words(source: Source) -> &'static str {
    match source {
        Source::Nothing => "nothing",
        Source::Controller => "the controller's",
        Source::Background => "the basic therapy",
        Source::Suspension => "the suspension amount",
        Source::Manual => "the manual setting",
    }
}

/// A phase's name within a sentence.
#[must_use]
pub const fn phase_words(phase: Phase) -> &'static str {
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

/// A vocabulary at work: sentences for people.
#[derive(Clone, Copy)]
pub struct Sentences<'v>(pub &'v dyn Vocabulary);

impl Sentences<'_> {
    /// What a cause means, and what to do.
    #[must_use]
    pub fn told(&self, cause: Cause) -> (&'static str, &'static str) {
        told(cause, self.0.cause(cause))
    }

    fn cause(&self, cause: Cause) -> String {
        cause_in_words_of(cause, self.0.cause(cause))
    }

    fn mode(&self, decision: &Decision) -> String {
        let name = mode_in_words(decision.mode, self.0.nouns());
        let authority = match decision.authority {
            Authority::FailStop => "none",
            Authority::Suspend => "suspend only",
            Authority::Background => "background only",
            Authority::Limited => "limited",
            Authority::Full => "full",
        };
        let because = decision.governing.map_or(String::new(), |cause| {
            let holds = if decision.active.has(cause) { "" } else { " (over, not yet released)" };
            format!(". Because{holds}: {}", self.cause(cause))
        });
        format!("{name}; the machine's authority is {authority}{because}")
    }

    fn seen(&self, input: &Input) -> Vec<String> {
        if input.frames.is_empty() {
            return vec!["no message from the sensor".to_owned()];
        }
        input
            .frames
            .iter()
            .map(|frame| match SensorFrame::decode(frame.bytes.as_slice()) {
                Err(_) => "a damaged message".to_owned(),
                Ok(read) => self.0.reading(&read),
            })
            .collect()
    }

    /// Why a person's request was refused.
    #[must_use]
    pub fn refusal(&self, refusal: Refusal) -> String {
        match refusal {
            Refusal::Bound(limit) => format!("it would pass {}", self.limit(limit)),
            Refusal::Phase => "requests are not taken in this mode".to_owned(),
            Refusal::Authority => "delivery is not allowed now".to_owned(),
            Refusal::TooSoon => "another request was granted too short a time ago".to_owned(),
            Refusal::Channel => "there is no such drug".to_owned(),
            Refusal::Role => "a person who is not identified may only stop".to_owned(),
        }
    }

    fn not_begun(&self, unmet: &Unmet) -> String {
        let mut reasons = self.unmet(unmet);
        reasons.extend(unmet.causes.iter().map(|cause| self.cause(cause)));
        format!("{}: {}", phase_words(unmet.phase), reasons.join("; "))
    }

    /// What is still missing for a phase, its causes apart.
    #[must_use]
    pub fn unmet(&self, unmet: &Unmet) -> Vec<String> {
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
        reasons
    }

    /// A bound's name.
    #[must_use]
    pub fn limit(&self, limit: Limit) -> String {
        match limit {
            Limit::CycleMax => "the largest amount in one cycle".to_owned(),
            Limit::CycleMin => "the smallest amount in one cycle".to_owned(),
            Limit::SlewUp => "the largest increase from cycle to cycle".to_owned(),
            Limit::SlewDown => "the largest decrease from cycle to cycle".to_owned(),
            Limit::Window(number) => match self.0.nouns().windows.get(usize::from(number)) {
                Some(length) if !length.is_empty() => format!("the largest amount within {length}"),
                _ => format!("the largest amount within window {number}"),
            },
            Limit::Acting => format!("the largest {}", self.0.nouns().acting),
            Limit::Label => "the limit of the label".to_owned(),
            Limit::Authority => "the ceiling of the present mode".to_owned(),
            Limit::Envelope => format!("the range that {} now allows", self.0.nouns().measured),
            Limit::Request => "the largest single request".to_owned(),
        }
    }

    fn alarm(&self, cause: Cause, kind: AlarmEventKind, priority: Priority) -> String {
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
        format!("{event} ({priority}): {}", self.cause(cause))
    }

    fn report(&self, report: &homeostat_record::Report) -> String {
        let (does, total) = (self.actuator(report.status), self.0.total(report.delivered_total));
        format!("{does}; {total} delivered since its start")
    }

    /// What an actuator does.
    #[must_use]
    pub fn actuator(&self, status: ActuatorStatus) -> String {
        let does = match status {
            ActuatorStatus::Running => "carries out orders",
            ActuatorStatus::Stopped => "stopped, and nothing flows",
            ActuatorStatus::Reverted => {
                return format!("{}: its last order ran out", self.0.nouns().reverted);
            }
            ActuatorStatus::Occluded => "is occluded",
            ActuatorStatus::Empty => "is empty",
            ActuatorStatus::Failed => "is out of order",
        };
        does.to_owned()
    }

    /// What a person did.
    #[must_use]
    pub fn person(&self, person: &PersonAction) -> String {
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
            Action::Request { steps, .. } => format!("asked for {}", self.0.amount(steps)),
            Action::SetManual { steps, .. } => {
                format!("set the manual rate to {}", self.0.manual(steps))
            }
            Action::Given { steps, .. } => format!("gave {} by other means", self.0.amount(steps)),
            Action::Announce(told) => format!("announced {}", self.0.announced(told)),
            Action::Reference(value) => format!("entered {}", self.0.reference(value)),
            Action::Confirm => "confirmed the proposal".to_owned(),
        };
        format!("{who} {did}")
    }

    fn opinion(&self, opinion: Opinion) -> String {
        match opinion {
            Opinion::Abstain => "abstains".to_owned(),
            Opinion::Concur => "would allow this".to_owned(),
            Opinion::Differ { steps } => {
                format!("would allow this, but its own figure is {} away", self.0.amount(steps))
            }
            Opinion::Object { rule, at_most } => {
                let why = match rule {
                    Objection::TooMuch => "more than it holds safe",
                    Objection::MustNotDeliver => "nothing may be delivered with this input",
                    Objection::OutsideDeclaredSpace => "outside the declared space of commands",
                    Objection::ActingAmountUnderstated => return self.understated(at_most),
                    Objection::InputNotUsable => "the controller used an input that is not usable",
                };
                format!("objects: {why}; would allow at most {}", self.0.amount(at_most))
            }
        }
    }

    fn understated(&self, at_most: Steps) -> String {
        let (acting, amount) = (self.0.nouns().acting, self.0.amount(at_most));
        format!(
            "objects: the controller takes {acting} for less than it is; would allow at most {amount}"
        )
    }

    fn limits(&self, decision: &Decision) -> String {
        match decision.verdicts[0] {
            Verdict::NotDue => "no proposal of the controller was due".to_owned(),
            Verdict::AsProposed => "none: ordered as proposed".to_owned(),
            Verdict::Bounded(limit) => format!("moved to {} [SUP-02, SUP-03]", self.limit(limit)),
            Verdict::Substituted(cause) => {
                format!("the proposal was replaced. Because: {}", self.cause(cause))
            }
        }
    }

    fn order(&self, decision: &Decision) -> String {
        let Some(order) = decision.order else {
            return format!("nothing: {}", self.0.nouns().without_order);
        };
        let source = source_words(order.source);
        let requested = match order.requested[0] {
            Steps(0) => String::new(),
            steps => format!(", of it {} on a person's request", self.0.amount(steps)),
        };
        let amount = self.0.amount(order.steps[0]);
        format!("{amount} ({source}){requested}; order {}", order.id.0)
    }

    fn ledger(&self, decision: &Decision) -> String {
        let account = &decision.accounts[0];
        format!(
            "ordered {}, accepted {}, delivered {} since the start; {} still acting",
            self.0.total(account.ordered),
            self.0.total(account.accepted),
            self.0.total(account.delivered),
            self.0.amount(decision.acting[0])
        )
    }
}
