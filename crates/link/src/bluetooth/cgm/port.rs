//! The device's end of a glucose service that the link carries: measurements become frames, and what was
//! missed is asked for, to be kept and not to be treated by.

use super::frame_of;
use super::measurement::Measurements;
use super::record_access::{Operator, RecordAccess};
use crate::bluetooth::{Attribute, Counter, Protection};
use crate::channel::Received;
use crate::message::{Characteristic, Message};
use homeostat_record::{SensorFrame, StatusFlags};

/// What a measurement is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading {
    /// The newest.
    Now(SensorFrame),
    /// One that was missed, marked as stored.
    Stored(SensorFrame),
}

/// The port of one sensor. It takes only what a channel received: who said it and how old it is was
/// settled there, and a check sum settles neither (IOP-10).
#[derive(Clone, Debug)]
pub struct GlucosePort {
    source: u32,
    /// Minutes between measurements.
    period: u16,
    /// Minutes of the session at the newest.
    newest: Option<u16>,
    /// What was asked for last, first and last minute.
    asked: Option<(u16, u16)>,
    /// It was not answered yet.
    open: bool,
    /// The sensor's start that was heard last.
    boot: Option<u32>,
    /// Nothing was measured since that start. New keys are no new start: what was asked for before them
    /// may come after them.
    anew: bool,
    unusable: u64,
}

impl GlucosePort {
    /// The port of the sensor with this pseudonym, which measures each so many minutes.
    #[must_use]
    pub const fn of(source: u32, period: u16) -> Self {
        Self {
            source,
            period,
            newest: None,
            asked: None,
            open: false,
            boot: None,
            anew: true,
            unusable: 0,
        }
    }

    /// Takes what the sensor said; gives what is to be said to it.
    pub fn hear(&mut self, received: &Received, give: &mut dyn FnMut(Reading)) -> Option<Message> {
        let boot = Some(received.sent.boot);
        self.anew |= self.boot != boot;
        self.boot = boot;
        let Message::Value { of, bytes } = &received.message else { return None };
        self.value(*of, bytes.as_slice(), give)
    }

    pub(crate) fn value(
        &mut self,
        of: Characteristic,
        bytes: &[u8],
        give: &mut dyn FnMut(Reading),
    ) -> Option<Message> {
        match of {
            Characteristic::GlucoseMeasurement => self.measured(bytes, give),
            Characteristic::GlucoseRecords => {
                match RecordAccess::decode(bytes, Protection::None).map(|said| *said.shown()) {
                    // Whatever became of it: what the sensor has not sent now it does not have.
                    Ok(RecordAccess::Response(..)) => self.open = false,
                    _ => self.is_unusable(),
                }
                None
            }
            _ => {
                self.is_unusable();
                None
            }
        }
    }

    /// Values that could not be used: another characteristic's, a check sum that does not fit, a glucose
    /// that is no number and for which no status gives a reason.
    #[must_use]
    pub const fn unusable(&self) -> u64 {
        self.unusable
    }

    const fn is_unusable(&mut self) {
        self.unusable = self.unusable.saturating_add(1);
    }

    fn measured(&mut self, bytes: &[u8], give: &mut dyn FnMut(Reading)) -> Option<Message> {
        let mut now = false;
        for measurement in Measurements::of(bytes, Protection::CheckSum) {
            let frame = measurement.ok().and_then(|one| frame_of(one.shown(), self.source).ok());
            let Some(mut frame) = frame else {
                self.is_unusable();
                continue;
            };
            if self.newest == Some(frame.session_minutes) {
                continue;
            }
            if self.is_stored(frame.session_minutes) {
                frame.status.0 |= StatusFlags::BACKFILL;
                give(Reading::Stored(frame));
            } else {
                now = true;
                give(Reading::Now(frame));
            }
        }
        let (first, last) = self.asked.filter(|_| now && self.open)?;
        Some(request(RecordAccess::Report(Operator::Between(first, last))))
    }

    /// Whether a measurement of this minute is one that was asked for; otherwise it is the newest, of this
    /// session or of another one.
    fn is_stored(&mut self, minutes: u16) -> bool {
        let before = self.newest.filter(|newest| *newest < minutes);
        let anew = core::mem::take(&mut self.anew);
        let asked = self
            .asked
            .filter(|_| !anew)
            .filter(|(first, last)| (*first..=*last).contains(&minutes));
        if before.is_none() && asked.is_some() {
            return true;
        }
        self.newest = Some(minutes);
        match before {
            None => (self.asked, self.open) = (None, false),
            Some(before) => {
                let apart = minutes.saturating_sub(before);
                if u32::from(apart) * 2 > u32::from(self.period) * 3 {
                    let first = self.asked.filter(|_| self.open).map(|(first, _)| first);
                    let last = minutes.saturating_sub(1);
                    self.asked = Some((first.unwrap_or(before.saturating_add(1)), last));
                    self.open = true;
                }
            }
        }
        false
    }
}

/// A request to a glucose service.
fn request(access: RecordAccess) -> Message {
    let bytes = access.encode(Protection::None, Counter::FIRST);
    Message::Value { of: Characteristic::GlucoseRecords, bytes }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;
    use crate::bluetooth::Sfloat;
    use crate::bluetooth::cgm::{AccessResult, Measurement};
    use homeostat_record::Instant;
    use std::vec::Vec;

    /// What the port makes of measurements at these minutes, in one notification.
    fn heard(port: &mut GlucosePort, minutes: &[u16]) -> (Vec<(u16, bool)>, Option<Message>) {
        let one = |minutes: &u16| {
            let glucose = Sfloat(0x0064);
            let measurement = Measurement { glucose, minutes: *minutes, ..Measurement::default() };
            measurement.encode(Protection::CheckSum).as_slice().to_vec()
        };
        let bytes = minutes.iter().map(one).collect::<Vec<_>>().concat();
        let mut given = Vec::new();
        let asks = port.value(Characteristic::GlucoseMeasurement, &bytes, &mut |reading| {
            let (frame, now) = match reading {
                Reading::Now(frame) => (frame, true),
                Reading::Stored(frame) => (frame, false),
            };
            assert_eq!(frame.status.any(StatusFlags::BACKFILL), !now);
            assert_eq!(frame.sequence, u32::from(frame.session_minutes));
            given.push((frame.session_minutes, now));
        });
        (given, asks)
    }

    fn asks(first: u16, last: u16) -> Option<Message> {
        Some(request(RecordAccess::Report(Operator::Between(first, last))))
    }

    #[test]
    fn iop_08_what_was_missed_is_asked_for_until_it_is_answered_and_never_taken_for_new() {
        let mut port = GlucosePort::of(7, 5);
        assert_eq!(heard(&mut port, &[100]), (Vec::from([(100, true)]), None));
        assert_eq!(heard(&mut port, &[105]), (Vec::from([(105, true)]), None));
        assert_eq!(heard(&mut port, &[105]), (Vec::new(), None));
        assert_eq!(heard(&mut port, &[120]), (Vec::from([(120, true)]), asks(106, 119)));
        // Not answered: asked again, with what is missing since.
        assert_eq!(heard(&mut port, &[135]), (Vec::from([(135, true)]), asks(106, 134)));
        let stored = [(110, false), (115, false), (125, false), (130, false)];
        assert_eq!(heard(&mut port, &[110, 115, 125, 130]), (stored.to_vec(), None));
        let done = RecordAccess::Response(1, AccessResult::Success);
        let done = done.encode(Protection::None, Counter::FIRST);
        port.value(Characteristic::GlucoseRecords, done.as_slice(), &mut |_| panic!("no reading"));
        // One that the answer overtook is still a stored one.
        assert_eq!(heard(&mut port, &[116]), (Vec::from([(116, false)]), None));
        assert_eq!(heard(&mut port, &[140]), (Vec::from([(140, true)]), None));
        // New keys are no new start. A sensor that was started anew is heard, at whatever minute it is.
        let mut said = |boot, minutes| {
            let measurement = Measurement { minutes, ..Measurement::default() };
            let bytes = measurement.encode(Protection::CheckSum);
            let of = Characteristic::GlucoseMeasurement;
            let received = Received {
                message: Message::Value { of, bytes },
                session: 2,
                first: true,
                sent: Instant { boot, millis: 0 },
                age_at_most: None,
            };
            let mut now = None;
            port.hear(&received, &mut |reading| now = Some(matches!(reading, Reading::Now(_))));
            now
        };
        assert_eq!(said(1, 145), Some(true));
        assert_eq!(said(1, 112), Some(false));
        assert_eq!(said(2, 112), Some(true));
        // Another session is one, and asks for nothing of the one before.
        assert_eq!(heard(&mut port, &[0]), (Vec::from([(0, true)]), None));
        assert_eq!(heard(&mut port, &[5]), (Vec::from([(5, true)]), None));
        assert_eq!(port.unusable(), 0);
    }

    #[test]
    fn iop_10_a_changed_bit_a_foreign_value_and_no_glucose_give_no_frame() {
        let mut port = GlucosePort::of(7, 5);
        let mut none = |_: Reading| panic!("a frame");
        let fine = Measurement { glucose: Sfloat(0x0064), minutes: 5, ..Measurement::default() };
        let mut changed = fine.encode(Protection::CheckSum).as_slice().to_vec();
        changed[2] ^= 1;
        let nothing = Measurement { glucose: Sfloat::NOT_A_NUMBER, ..fine };
        let nothing = nothing.encode(Protection::CheckSum);
        let unprotected = fine.encode(Protection::None);
        let all: [&[u8]; 3] = [&changed, nothing.as_slice(), unprotected.as_slice()];
        for bytes in all {
            assert_eq!(port.value(Characteristic::GlucoseMeasurement, bytes, &mut none), None);
        }
        assert_eq!(port.value(Characteristic::InsulinStatus, &changed, &mut none), None);
        assert_eq!(port.value(Characteristic::GlucoseRecords, &[1, 1], &mut none), None);
        assert_eq!(port.unusable(), 5);
    }
}
