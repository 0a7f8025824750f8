//! The device's end of an insulin delivery service that the link carries: what the pump says of itself in
//! the service's words, and its history. For people and records: the ledger counts the totals of
//! [`Report`](crate::Report), and what is delivered is ordered by [`Order`](crate::Order) alone.

use super::{Filter, HistoryRecord, Operator, RecordAccess, Status, StatusChanged};
use crate::bluetooth::{Attribute, Counter, Protection};
use crate::channel::Received;
use crate::message::{Characteristic, Message};

/// Records that are held, the newest.
const HELD: usize = 32;
/// Number of a service's first record.
const FIRST: u32 = 1;
/// No more records are missed at once: a number beyond it is none.
const LEAP: u32 = 1 << 16;

/// The port of one pump.
#[derive(Clone, Debug)]
pub struct InsulinPort {
    status: Option<Status>,
    /// By their number, modulo their number.
    records: [Option<HistoryRecord>; HELD],
    /// Number of the record that comes next.
    next: u32,
    missed: u32,
    counter: Counter,
    unusable: u64,
}

impl Default for InsulinPort {
    fn default() -> Self {
        Self {
            status: None,
            records: [None; HELD],
            next: FIRST,
            missed: 0,
            counter: Counter::FIRST,
            unusable: 0,
        }
    }
}

impl InsulinPort {
    /// Takes what the pump said; gives what is to be said to it.
    pub fn hear(&mut self, received: &Received) -> Option<Message> {
        if received.first {
            // It may have been started anew, and its history with it.
            *self = Self { unusable: self.unusable, ..Self::default() };
        }
        let Message::Value { of, bytes } = &received.message else { return None };
        self.value(*of, bytes.as_slice())
    }

    pub(crate) fn value(&mut self, of: Characteristic, bytes: &[u8]) -> Option<Message> {
        match of {
            Characteristic::InsulinStatus => self.status = self.read(bytes).or(self.status),
            Characteristic::InsulinHistory => {
                if let Some(record) = self.read(bytes) {
                    self.keep(record);
                }
            }
            Characteristic::InsulinChanged => {
                let StatusChanged(changed) = self.read(bytes)?;
                return (changed & StatusChanged::HISTORY != 0).then(|| self.request());
            }
            Characteristic::InsulinRecords => {
                let _: Option<RecordAccess> = self.read(bytes);
            }
            _ => self.unusable = self.unusable.saturating_add(1),
        }
        None
    }

    /// How the pump is, in its own words.
    #[must_use]
    pub const fn status(&self) -> Option<&Status> {
        self.status.as_ref()
    }

    /// The newest records of its history, the oldest of them first.
    pub fn records(&self) -> impl Iterator<Item = &HistoryRecord> {
        let first = self.next.saturating_sub(HELD as u32);
        (first..self.next).filter_map(|number| self.slot(number)?.as_ref())
    }

    /// Records that were lost on the way, or were there no longer.
    #[must_use]
    pub const fn missed(&self) -> u32 {
        self.missed
    }

    /// Values that could not be used.
    #[must_use]
    pub const fn unusable(&self) -> u64 {
        self.unusable
    }

    fn read<T: Attribute + Copy>(&mut self, bytes: &[u8]) -> Option<T> {
        let value = T::decode(bytes, Protection::CounterAndCheckSum);
        if value.is_err() {
            self.unusable = self.unusable.saturating_add(1);
        }
        value.ok().map(|value| *value.shown())
    }

    fn slot(&self, number: u32) -> Option<&Option<HistoryRecord>> {
        self.records.get(number as usize % HELD)
    }

    fn keep(&mut self, record: HistoryRecord) {
        let Some(skipped) = record.sequence.checked_sub(self.next) else { return };
        let Some(next) = record.sequence.checked_add(1).filter(|_| skipped < LEAP) else {
            self.unusable = self.unusable.saturating_add(1);
            return;
        };
        self.missed = self.missed.saturating_add(skipped);
        self.next = next;
        if let Some(slot) = self.records.get_mut(record.sequence as usize % HELD) {
            *slot = Some(record);
        }
        // What was skipped leaves no older record in its place.
        let held = self.next.saturating_sub(HELD as u32)..self.next;
        for slot in &mut self.records {
            slot.take_if(|record| !held.contains(&record.sequence));
        }
    }

    fn request(&mut self) -> Message {
        let access = RecordAccess::Report(Operator::From(Filter::Sequence, self.next));
        let bytes = access.encode(Protection::CounterAndCheckSum, self.counter);
        self.counter = self.counter.next();
        Message::Value { of: Characteristic::InsulinRecords, bytes }
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;
    use crate::bluetooth::Sfloat;
    use crate::bluetooth::insulin::{Event, OperationalState, TherapyState};
    use std::vec::Vec;

    fn say<T: Attribute>(port: &mut InsulinPort, of: Characteristic, value: &T) -> Option<Message> {
        let bytes = value.encode(Protection::CounterAndCheckSum, Counter::FIRST);
        port.value(of, bytes.as_slice())
    }

    fn tell(port: &mut InsulinPort, sequence: u32) {
        let event = Event::ReservoirChanged(Sfloat(100));
        let record = HistoryRecord { sequence, seconds: 1, event };
        assert_eq!(say(port, Characteristic::InsulinHistory, &record), None);
    }

    fn held(port: &InsulinPort) -> Vec<u32> {
        port.records().map(|record| record.sequence).collect()
    }

    #[test]
    fn iop_09_a_changed_history_is_asked_for_from_the_next_record_on() {
        let mut port = InsulinPort::default();
        let changed = StatusChanged(StatusChanged::HISTORY);
        let from = |port: &mut InsulinPort| {
            let asks = say(port, Characteristic::InsulinChanged, &changed);
            let Some(Message::Value { of: Characteristic::InsulinRecords, bytes }) = asks else {
                panic!("{asks:?}")
            };
            let read = RecordAccess::decode(bytes.as_slice(), Protection::CounterAndCheckSum);
            *read.expect("protected").shown()
        };
        let asked = |first| RecordAccess::Report(Operator::From(Filter::Sequence, first));
        assert_eq!(from(&mut port), asked(1));
        (1..=3).for_each(|number| tell(&mut port, number));
        assert_eq!(from(&mut port), asked(4));
        // A doubled one changes nothing, a gap is counted, the oldest goes.
        tell(&mut port, 3);
        tell(&mut port, 6);
        assert_eq!((held(&port), port.missed()), (Vec::from([1, 2, 3, 6]), 2));
        (7..=34).for_each(|number| tell(&mut port, number));
        assert_eq!(held(&port), [&[3][..], &(6..=34).collect::<Vec<_>>()].concat());
        tell(&mut port, 1_000);
        assert_eq!(held(&port), [1_000]);
        assert_eq!(say(&mut port, Characteristic::InsulinChanged, &StatusChanged(4)), None);
        assert_eq!(port.unusable(), 0);
        tell(&mut port, u32::MAX - 1);
        tell(&mut port, 1_001);
        assert_eq!((held(&port), port.unusable()), (Vec::from([1_000, 1_001]), 1));
    }

    #[test]
    fn iop_09_the_status_is_the_last_that_was_whole() {
        let mut port = InsulinPort::default();
        let status = Status {
            therapy: TherapyState::Run,
            operational: OperationalState::Ready,
            reservoir: Sfloat(0x0096),
            flags: 1,
        };
        assert_eq!(say(&mut port, Characteristic::InsulinStatus, &status), None);
        let stop = Status { therapy: TherapyState::Stop, ..status };
        let mut bytes =
            stop.encode(Protection::CounterAndCheckSum, Counter::FIRST).as_slice().to_vec();
        bytes[0] ^= 1;
        assert_eq!(port.value(Characteristic::InsulinStatus, &bytes), None);
        assert_eq!(port.value(Characteristic::GlucoseMeasurement, &bytes), None);
        assert_eq!((port.status(), port.unusable()), (Some(&status), 2));
    }
}
