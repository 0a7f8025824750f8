//! The watch's own view of arterial pressure: two levels, fast down and slow up (PRO-05).

use super::contact::{Contact, Place, follow};
use super::frame::{Message, Subject};
use super::span::{hold, lasted};
use crate::profile::Content;
use homeostat_record::{Cause, CauseSet, Instant, Span};
use minicbor::{Decode, Encode};

/// What pressure permits. Ordered: less is more harm.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
#[cbor(index_only)]
pub(super) enum Permits {
    /// Nothing may be given.
    #[n(0)]
    Nothing,
    /// No increase.
    #[n(1)]
    NoIncrease,
    /// Whatever the index asks for; also where pressure is not connected.
    #[default]
    #[n(2)]
    All,
}

/// What is remembered of pressure.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub(super) struct Memory {
    #[n(0)]
    contact: Option<Contact>,
    /// The last three values, thousandths of a mmHg, newest first.
    #[n(1)]
    values: [Option<i32>; 3],
    /// When the newest came.
    #[n(2)]
    heard: Option<Instant>,
    #[n(3)]
    permits: Permits,
    /// Since when pressure is well.
    #[n(4)]
    well: Option<Instant>,
}

impl Memory {
    /// Somebody has checked the line: one that was started again is taken anew.
    pub(super) fn checked(&mut self) {
        self.contact = None;
    }

    /// Looks at the messages of one cycle.
    pub(super) fn look(
        &mut self,
        content: &Content,
        now: Instant,
        messages: &[Option<(Message, Instant)>],
    ) -> (Permits, CauseSet) {
        let mut causes = CauseSet::EMPTY;
        for (message, received) in messages.iter().flatten() {
            if message.subject == Subject::Pressure {
                causes = causes.union(self.hear(content, message, (*received, now)));
            }
        }
        self.judge(content, now);
        (self.permits, causes)
    }

    fn hear(
        &mut self,
        content: &Content,
        message: &Message,
        times: (Instant, Instant),
    ) -> CauseSet {
        let nothing = CauseSet::EMPTY;
        if !content.identities.lines.iter().any(|line| *line == message.source) {
            return nothing.with(Cause::IdentityMismatch);
        }
        if message.not_ready || message.stored || message.beyond {
            return nothing;
        }
        let bounds = &content.pressure;
        let age_most = i64::from(bounds.age_most.0).saturating_mul(1_000);
        let Place::New { anew, age } = follow(&mut self.contact, message, times, age_most) else {
            return nothing;
        };
        if anew {
            self.values = [None; 3];
        }
        let whole = u32::try_from(message.value / 1_000).unwrap_or(0);
        if age > age_most || !(bounds.range_low.0..=bounds.range_high.0).contains(&whole) {
            return nothing;
        }
        let [first, second, _] = self.values;
        self.values = [Some(message.value), first, second];
        self.heard = Some(times.1);
        nothing
    }

    /// The mean of the last values; one alone is noise.
    fn mean(&self, content: &Content, now: Instant) -> Option<i64> {
        let most = Span::from_seconds(u64::from(content.pressure.age_most.0));
        if now.since(self.heard?)? > most {
            return None;
        }
        let values = self.values.iter().flatten();
        let (sum, count) = values.fold((0_i64, 0_i64), |(sum, count), value| {
            (sum.saturating_add(i64::from(*value)), count.saturating_add(1))
        });
        sum.checked_div(count)
    }

    fn judge(&mut self, content: &Content, now: Instant) {
        let bounds = &content.pressure;
        let milli = |level: u32| i64::from(level).saturating_mul(1_000);
        let Some(mean) = self.mean(content, now) else {
            // Nothing is known: what held goes on as no increase.
            self.permits = self.permits.max(Permits::NoIncrease);
            self.well = None;
            return;
        };
        // The line is noisy: once well, pressure is well down to the middle of the two levels.
        let (low, resume) = (milli(bounds.low.0), milli(bounds.resume.0));
        let well = if self.well.is_some() { low.midpoint(resume) } else { resume };
        hold(&mut self.well, mean > well, now);
        if mean < milli(bounds.stop.0) {
            self.permits = Permits::Nothing;
        } else if mean < low {
            self.permits = self.permits.min(Permits::NoIncrease);
        } else if lasted(self.well, now, bounds.resume_after.0) {
            self.permits = Permits::All;
        }
    }
}
