//! History Data (0x2B28): `event u16 | sequence u32 | seconds u16 | data`.

use super::codes::{
    ActivationType, AnnunciationStatus, BasalContext, BolusEnd, BolusType, EventKind,
    OperationalState, RecordingReason, TbrEnd, TbrType, TherapyState,
};
use crate::bluetooth::packet::{Reader, Writer, checked};
use crate::bluetooth::{Attribute, Fault, Sfloat};
use homeostat_record::Bytes;

/// Longest data of an event that is kept as it is.
const DATA_MAX: usize = 16;

/// One record. Sequence numbers grow by one: a gap is a record that was not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HistoryRecord {
    /// The record's number.
    pub sequence: u32,
    /// Seconds since the reference time before it.
    pub seconds: u16,
    /// What it tells.
    pub event: Event,
}

/// What happened. Events that a loop has no use for are kept as they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// Time from which others are counted.
    ReferenceTime(ReferenceTime),
    /// A bolus was programmed: number, shape, units at once, units over time, minutes.
    BolusProgrammed(u16, BolusType, Sfloat, Sfloat, u16),
    /// A bolus was delivered: number, shape, units at once, units over time, minutes.
    BolusDelivered(u16, BolusType, Sfloat, Sfloat, u16),
    /// More of the bolus that was delivered.
    BolusDeliveredMore(BolusDelivered),
    /// The delivered basal rate has changed.
    BasalRateChanged(BasalRateChange),
    /// A temporary basal rate has begun: how, value, minutes, its template's number.
    TbrStarted(TbrType, Sfloat, u16, Option<u8>),
    /// A temporary basal rate has changed: how, value, minutes programmed, minutes elapsed, template.
    TbrChanged(TbrType, Sfloat, u16, u16, Option<u8>),
    /// A temporary basal rate has ended: how it was, minutes, why, template, annunciation.
    TbrEnded(TbrType, u16, TbrEnd, Option<u8>, Option<u16>),
    /// The state of the therapy has changed, from and to.
    TherapyStateChanged(TherapyState, TherapyState),
    /// The operational state has changed, from and to.
    OperationalStateChanged(OperationalState, OperationalState),
    /// Units left in the reservoir.
    ReservoirChanged(Sfloat),
    /// An annunciation has changed: number, kind, status, two words.
    AnnunciationChanged(u16, u16, AnnunciationStatus, Option<u16>, Option<u16>),
    /// Priming has begun, with so many units.
    PrimingStarted(Sfloat),
    /// Records were found to be damaged.
    DataCorruption,
    /// The largest bolus has changed, from and to, in units.
    MaximumBolusChanged(Sfloat, Sfloat),
    /// Another event of the service.
    Other(EventKind, Bytes<DATA_MAX>),
    /// An event of the maker's, by its number.
    Makers(u16, Bytes<DATA_MAX>),
}

/// A reference time; for people and records only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReferenceTime {
    /// Why it was recorded.
    pub reason: RecordingReason,
    /// Year.
    pub year: u16,
    /// Month, day, hour, minute, second.
    pub rest: [u8; 5],
    /// Quarters of an hour from universal time; -128 is unknown.
    pub zone: i8,
    /// Daylight saving in quarters of an hour; 255 is unknown.
    pub daylight: u8,
}

/// The second part of a bolus that was delivered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BolusDelivered {
    /// It began so many seconds before the end.
    pub began_seconds: u32,
    /// What brought it about.
    pub activation: Option<ActivationType>,
    /// Why it ended.
    pub end: Option<BolusEnd>,
    /// The annunciation that belongs to it.
    pub annunciation: Option<u16>,
}

/// A change of the delivered basal rate, in units an hour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BasalRateChange {
    /// Before.
    pub from: Sfloat,
    /// After.
    pub to: Sfloat,
    /// On whose behalf.
    pub context: Option<BasalContext>,
}

impl Attribute for HistoryRecord {
    fn read(input: &mut Reader<'_>) -> Result<Self, Fault> {
        let code: u16 = input.get()?;
        let (sequence, seconds) = (input.get()?, input.get()?);
        let event = match EventKind::from_code(code) {
            Some(kind) => read_event(kind, input)?,
            None => Event::Makers(code, data(input)?),
        };
        Ok(Self { sequence, seconds, event })
    }

    fn write(&self, out: &mut Writer) {
        out.add(&self.event.code());
        out.add(&self.sequence);
        out.add(&self.seconds);
        write_event(&self.event, out);
    }
}

impl Event {
    /// Its number on the air.
    #[must_use]
    pub const fn code(&self) -> u16 {
        let kind = match self {
            Self::ReferenceTime(_) => EventKind::ReferenceTime,
            Self::BolusProgrammed(..) => EventKind::BolusProgrammed1,
            Self::BolusDelivered(..) => EventKind::BolusDelivered1,
            Self::BolusDeliveredMore(_) => EventKind::BolusDelivered2,
            Self::BasalRateChanged(_) => EventKind::BasalRateChanged,
            Self::TbrStarted(..) => EventKind::TbrStarted,
            Self::TbrChanged(..) => EventKind::TbrChanged,
            Self::TbrEnded(..) => EventKind::TbrEnded,
            Self::TherapyStateChanged(..) => EventKind::TherapyStateChanged,
            Self::OperationalStateChanged(..) => EventKind::OperationalStateChanged,
            Self::ReservoirChanged(_) => EventKind::ReservoirChanged,
            Self::AnnunciationChanged(..) => EventKind::AnnunciationChanged1,
            Self::PrimingStarted(_) => EventKind::PrimingStarted,
            Self::DataCorruption => EventKind::DataCorruption,
            Self::MaximumBolusChanged(..) => EventKind::MaximumBolusChanged,
            Self::Other(kind, _) => *kind,
            Self::Makers(code, _) => return *code,
        };
        kind.code()
    }
}

fn data(input: &mut Reader<'_>) -> Result<Bytes<DATA_MAX>, Fault> {
    Bytes::copy_of(input.remains()).map_err(|_| Fault::Long)
}

fn read_event(kind: EventKind, input: &mut Reader<'_>) -> Result<Event, Fault> {
    Ok(match kind {
        EventKind::ReferenceTime => Event::ReferenceTime(input.get()?),
        EventKind::BolusProgrammed1 => {
            let (id, kind) = (input.get()?, input.get()?);
            Event::BolusProgrammed(id, kind, input.get()?, input.get()?, input.get()?)
        }
        EventKind::BolusDelivered1 => {
            let (id, kind) = (input.get()?, input.get()?);
            Event::BolusDelivered(id, kind, input.get()?, input.get()?, input.get()?)
        }
        EventKind::BolusDelivered2 => Event::BolusDeliveredMore(input.get()?),
        EventKind::BasalRateChanged => Event::BasalRateChanged(input.get()?),
        EventKind::TbrStarted => {
            let flags = checked(input.get()?, 1)?;
            let (kind, value, minutes) = (input.get()?, input.get()?, input.get()?);
            Event::TbrStarted(kind, value, minutes, input.get_if(flags & 1 != 0)?)
        }
        EventKind::TbrChanged => {
            let flags = checked(input.get()?, 1)?;
            let (kind, value, minutes) = (input.get()?, input.get()?, input.get()?);
            let (elapsed, template) = (input.get()?, input.get_if(flags & 1 != 0)?);
            Event::TbrChanged(kind, value, minutes, elapsed, template)
        }
        EventKind::TbrEnded => {
            let flags = checked(input.get()?, 3)?;
            let (kind, minutes, end) = (input.get()?, input.get()?, input.get()?);
            let template = input.get_if(flags & 1 != 0)?;
            Event::TbrEnded(kind, minutes, end, template, input.get_if(flags & 2 != 0)?)
        }
        EventKind::TherapyStateChanged => Event::TherapyStateChanged(input.get()?, input.get()?),
        EventKind::OperationalStateChanged => {
            Event::OperationalStateChanged(input.get()?, input.get()?)
        }
        EventKind::ReservoirChanged => Event::ReservoirChanged(input.get()?),
        EventKind::AnnunciationChanged1 => {
            let flags = checked(input.get()?, 3)?;
            let (id, kind, status) = (input.get()?, input.get()?, input.get()?);
            let first = input.get_if(flags & 1 != 0)?;
            Event::AnnunciationChanged(id, kind, status, first, input.get_if(flags & 2 != 0)?)
        }
        EventKind::PrimingStarted => Event::PrimingStarted(input.get()?),
        EventKind::DataCorruption => Event::DataCorruption,
        EventKind::MaximumBolusChanged => Event::MaximumBolusChanged(input.get()?, input.get()?),
        other => Event::Other(other, data(input)?),
    })
}

fn bits(present: [bool; 2]) -> u8 {
    u8::from(present[0]) | u8::from(present[1]) << 1
}

fn write_event(event: &Event, out: &mut Writer) {
    match event {
        Event::ReferenceTime(time) => out.add(time),
        Event::BolusProgrammed(id, kind, fast, extended, minutes)
        | Event::BolusDelivered(id, kind, fast, extended, minutes) => {
            out.add(id);
            out.add(kind);
            out.add(fast);
            out.add(extended);
            out.add(minutes);
        }
        Event::BolusDeliveredMore(more) => out.add(more),
        Event::BasalRateChanged(change) => out.add(change),
        Event::TbrStarted(kind, value, minutes, template) => {
            out.put(&[bits([template.is_some(), false])]);
            out.add(kind);
            out.add(value);
            out.add(minutes);
            out.add_if(template.as_ref());
        }
        Event::TbrChanged(kind, value, minutes, elapsed, template) => {
            out.put(&[bits([template.is_some(), false])]);
            out.add(kind);
            out.add(value);
            out.add(minutes);
            out.add(elapsed);
            out.add_if(template.as_ref());
        }
        Event::TbrEnded(kind, minutes, end, template, annunciation) => {
            out.put(&[bits([template.is_some(), annunciation.is_some()])]);
            out.add(kind);
            out.add(minutes);
            out.add(end);
            out.add_if(template.as_ref());
            out.add_if(annunciation.as_ref());
        }
        Event::TherapyStateChanged(from, to) => {
            out.add(from);
            out.add(to);
        }
        Event::OperationalStateChanged(from, to) => {
            out.add(from);
            out.add(to);
        }
        Event::ReservoirChanged(units) | Event::PrimingStarted(units) => out.add(units),
        Event::AnnunciationChanged(id, kind, status, first, second) => {
            out.put(&[bits([first.is_some(), second.is_some()])]);
            out.add(id);
            out.add(kind);
            out.add(status);
            out.add_if(first.as_ref());
            out.add_if(second.as_ref());
        }
        Event::DataCorruption => {}
        Event::MaximumBolusChanged(from, to) => {
            out.add(from);
            out.add(to);
        }
        Event::Other(_, data) | Event::Makers(_, data) => out.put(data.as_slice()),
    }
}

impl Attribute for ReferenceTime {
    fn read(input: &mut Reader<'_>) -> Result<Self, Fault> {
        Ok(Self {
            reason: input.get()?,
            year: input.get()?,
            rest: input.take()?,
            zone: input.get()?,
            daylight: input.get()?,
        })
    }

    fn write(&self, out: &mut Writer) {
        out.add(&self.reason);
        out.add(&self.year);
        out.put(&self.rest);
        out.add(&self.zone);
        out.add(&self.daylight);
    }
}

impl Attribute for BolusDelivered {
    fn read(input: &mut Reader<'_>) -> Result<Self, Fault> {
        let flags = checked(input.get()?, 7)?;
        Ok(Self {
            began_seconds: input.get()?,
            activation: input.get_if(flags & 1 != 0)?,
            end: input.get_if(flags & 2 != 0)?,
            annunciation: input.get_if(flags & 4 != 0)?,
        })
    }

    fn write(&self, out: &mut Writer) {
        let low = bits([self.activation.is_some(), self.end.is_some()]);
        out.put(&[low | u8::from(self.annunciation.is_some()) << 2]);
        out.add(&self.began_seconds);
        out.add_if(self.activation.as_ref());
        out.add_if(self.end.as_ref());
        out.add_if(self.annunciation.as_ref());
    }
}

impl Attribute for BasalRateChange {
    fn read(input: &mut Reader<'_>) -> Result<Self, Fault> {
        let flags = checked(input.get()?, 1)?;
        Ok(Self { from: input.get()?, to: input.get()?, context: input.get_if(flags & 1 != 0)? })
    }

    fn write(&self, out: &mut Writer) {
        out.put(&[bits([self.context.is_some(), false])]);
        out.add(&self.from);
        out.add(&self.to);
        out.add_if(self.context.as_ref());
    }
}
