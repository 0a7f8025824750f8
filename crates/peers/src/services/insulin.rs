//! The pump as an insulin delivery service: how it is, what it did. A command is answered and never
//! carried out: an order has an identity, a lease and an age, and a command of that service has none of
//! them, so that it would be a second way to the drive, round the first one's limits.

use std::collections::VecDeque;

use homeostat_link::bluetooth::insulin::{
    AccessCode, AccessResult, AnnunciationKind, AnnunciationStatus, BasalContext, BasalRateChange,
    BolusType, Command, CommandResult, Event, HistoryRecord, OperationalState, Operator,
    RecordAccess, RecordingReason, ReferenceTime, Status, StatusChanged, TherapyState,
};
use homeostat_link::bluetooth::{Attribute, Counter, Protection, Sfloat};
use homeostat_link::{Characteristic, Message, Order};
use homeostat_record::{ActuatorStatus, Instant, Steps};

use crate::pump::Pump;

/// Records that are kept, since the start.
const KEPT: usize = 32;
/// A reference time is written again after so many seconds: records count from it in sixteen bits.
const REFERENCE_SECONDS: u64 = 43_200;
const RESERVOIR_ATTACHED: u8 = 1;

/// An insulin delivery service.
#[derive(Clone, Debug)]
pub struct InsulinService {
    /// Thousandths of a unit in a step.
    step: i64,
    records: VecDeque<HistoryRecord>,
    next: u32,
    /// The last record that was given.
    given: u32,
    reference: Option<Instant>,
    status: ActuatorStatus,
    rate: Sfloat,
    said: Option<Status>,
    counter: Counter,
}

impl InsulinService {
    /// The service of a pump that was just switched on, with so many thousandths of a unit in a step.
    #[must_use]
    pub const fn new(step: u32) -> Self {
        Self {
            step: step as i64,
            records: VecDeque::new(),
            next: 1,
            given: 0,
            reference: None,
            status: ActuatorStatus::Reverted,
            rate: Sfloat(0),
            said: None,
            counter: Counter::FIRST,
        }
    }

    /// The pump took an order.
    pub fn took(&mut self, now: Instant, order: &Order, pump: &Pump) {
        let requested = order.requested[0];
        let even = order.steps[0].saturating_sub(requested);
        self.basal(now, even, BasalContext::Controller, pump);
        if requested > Steps::ZERO {
            let units = self.units(u64::from(requested.0));
            // The service counts boluses in sixteen bits.
            let number = order.id.0 as u16;
            let event = Event::BolusProgrammed(number, BolusType::Fast, units, Sfloat(0), 0);
            self.write(now, event);
        }
    }

    /// What it says after a tick: its status if that has changed, and that there is a history to be read,
    /// until it is.
    pub fn ticked(&mut self, now: Instant, pump: &Pump) -> Vec<Message> {
        let (before, status) = (self.status, pump.status());
        if status != before {
            self.status = status;
            self.changed(now, before, status);
        }
        match status {
            ActuatorStatus::Running => {}
            ActuatorStatus::Reverted => {
                self.basal(now, pump.settings().background[0], BasalContext::Device, pump);
            }
            ActuatorStatus::Stopped
            | ActuatorStatus::Occluded
            | ActuatorStatus::Empty
            | ActuatorStatus::Failed => {
                self.basal(now, Steps::ZERO, BasalContext::Device, pump);
            }
        }
        let mut all = Vec::new();
        let shown = self.shown(pump);
        if self.said != Some(shown) {
            self.said = Some(shown);
            all.push(self.value(Characteristic::InsulinStatus, &shown));
        }
        if self.given.saturating_add(1) < self.next {
            let history = StatusChanged(StatusChanged::HISTORY);
            all.push(self.value(Characteristic::InsulinChanged, &history));
        }
        all
    }

    /// Somebody new listens: everything is said to him again.
    pub const fn greeted(&mut self) {
        self.said = None;
        self.given = 0;
    }

    /// What it answers to a value.
    pub fn asked(&mut self, of: Characteristic, bytes: &[u8]) -> Vec<Message> {
        match of {
            Characteristic::InsulinRecords => self.history(bytes),
            Characteristic::InsulinCommand => {
                let command = Command::decode(bytes, Protection::CounterAndCheckSum);
                let refused = command.map(|command| {
                    Command::Response(command.shown().code().code(), CommandResult::NotSupported)
                });
                refused.iter().map(|refused| self.value(of, refused)).collect()
            }
            _ => Vec::new(),
        }
    }

    fn history(&mut self, bytes: &[u8]) -> Vec<Message> {
        let request = RecordAccess::decode(bytes, Protection::CounterAndCheckSum);
        let Ok(RecordAccess::Report(operator)) = request.map(|request| *request.shown()) else {
            return Vec::new();
        };
        let wanted = |number: u32| match operator {
            Operator::All(_) => true,
            Operator::UpTo(_, last) => number <= last,
            Operator::From(_, first) => number >= first,
            Operator::Between(_, first, last) => (first..=last).contains(&number),
            Operator::First(_) => self.records.front().is_some_and(|one| one.sequence == number),
            Operator::Last(_) => number.checked_add(1) == Some(self.next),
        };
        let found: Vec<_> =
            self.records.iter().filter(|one| wanted(one.sequence)).copied().collect();
        self.given = found.last().map_or(self.given, |last| Ord::max(self.given, last.sequence));
        let result = if found.is_empty() { AccessResult::NoRecords } else { AccessResult::Success };
        let answer = RecordAccess::Response(AccessCode::Report.code(), result);
        let mut all: Vec<_> =
            found.iter().map(|one| self.value(Characteristic::InsulinHistory, one)).collect();
        all.push(self.value(Characteristic::InsulinRecords, &answer));
        all
    }

    fn changed(&mut self, now: Instant, before: ActuatorStatus, status: ActuatorStatus) {
        let (was, is) = (states(before), states(status));
        if was.0 != is.0 {
            self.write(now, Event::TherapyStateChanged(was.0, is.0));
        }
        if was.1 != is.1 {
            self.write(now, Event::OperationalStateChanged(was.1, is.1));
        }
        let announced =
            [(before, AnnunciationStatus::Confirmed), (status, AnnunciationStatus::Pending)];
        for (of, stands) in announced {
            if let Some(kind) = announces(of) {
                let kind = kind.code();
                self.write(now, Event::AnnunciationChanged(kind, kind, stands, None, None));
            }
        }
    }

    /// A rate, in steps of a control cycle.
    fn basal(&mut self, now: Instant, steps: Steps, context: BasalContext, pump: &Pump) {
        let period = Ord::max(pump.settings().period.as_millis(), 1);
        let to = self.units(u64::from(steps.0) * 3_600_000 / period);
        let from = std::mem::replace(&mut self.rate, to);
        if from != to {
            let change = BasalRateChange { from, to, context: Some(context) };
            self.write(now, Event::BasalRateChanged(change));
        }
    }

    fn units(&self, steps: u64) -> Sfloat {
        let thousandths = i64::try_from(steps).unwrap_or(i64::MAX).saturating_mul(self.step);
        Sfloat::nearest(thousandths, 3).unwrap_or(Sfloat::NOT_A_NUMBER)
    }

    fn shown(&self, pump: &Pump) -> Status {
        let (therapy, operational) = states(self.status);
        let left = pump.supplies().reservoir[0];
        let reservoir = left.map_or(Sfloat::NOT_A_NUMBER, |left| self.units(u64::from(left.0)));
        Status { therapy, operational, reservoir, flags: RESERVOIR_ATTACHED }
    }

    fn write(&mut self, now: Instant, event: Event) {
        let since = |reference: Instant| now.since(reference).map(|span| span.as_millis() / 1_000);
        let seconds = self.reference.and_then(since).filter(|s| *s < REFERENCE_SECONDS);
        if seconds.is_none() {
            self.reference = Some(now);
            self.push(0, Event::ReferenceTime(NO_CIVIL_TIME));
        }
        self.push(seconds.unwrap_or(0) as u16, event);
    }

    fn push(&mut self, seconds: u16, event: Event) {
        if self.records.len() == KEPT {
            self.records.pop_front();
        }
        self.records.push_back(HistoryRecord { sequence: self.next, seconds, event });
        self.next = self.next.saturating_add(1);
    }

    fn value<T: Attribute>(&mut self, of: Characteristic, value: &T) -> Message {
        let bytes = value.encode(Protection::CounterAndCheckSum, self.counter);
        self.counter = self.counter.next();
        Message::Value { of, bytes }
    }
}

/// This pump knows no civil time.
const NO_CIVIL_TIME: ReferenceTime = ReferenceTime {
    reason: RecordingReason::DateTimeLost,
    year: 0,
    rest: [0; 5],
    zone: -128,
    daylight: 255,
};

const fn states(status: ActuatorStatus) -> (TherapyState, OperationalState) {
    match status {
        ActuatorStatus::Running | ActuatorStatus::Reverted => {
            (TherapyState::Run, OperationalState::Ready)
        }
        ActuatorStatus::Stopped => (TherapyState::Stop, OperationalState::Ready),
        ActuatorStatus::Occluded | ActuatorStatus::Empty => {
            (TherapyState::Run, OperationalState::Waiting)
        }
        ActuatorStatus::Failed => (TherapyState::Undetermined, OperationalState::Undetermined),
    }
}

const fn announces(status: ActuatorStatus) -> Option<AnnunciationKind> {
    match status {
        ActuatorStatus::Occluded => Some(AnnunciationKind::Occlusion),
        ActuatorStatus::Empty => Some(AnnunciationKind::ReservoirEmpty),
        ActuatorStatus::Failed => Some(AnnunciationKind::Mechanical),
        ActuatorStatus::Running | ActuatorStatus::Stopped | ActuatorStatus::Reverted => None,
    }
}
