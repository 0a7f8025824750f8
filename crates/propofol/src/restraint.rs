//! What holds the controller back whatever the target asks for: an index too deep, a suppressed
//! electroencephalogram, a low arterial pressure (PRO-05). Fast down, slow up.

use crate::algorithm::Circulation;
use crate::profile::Content;
use crate::reason::Reason;
use crate::sensing::Sensed;
use homeostat_record::{Instant, Span};
use minicbor::{Decode, Encode};

/// What is remembered of the bounds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Restraint {
    /// Since when the index is too deep.
    #[n(0)]
    deep: Option<Instant>,
    /// Since when the electroencephalogram is suppressed.
    #[n(1)]
    suppressed: Option<Instant>,
    /// Since when the index is low.
    #[n(2)]
    low: Option<Instant>,
    /// A stop of the index is in force; whether suppression began it.
    #[n(3)]
    stop: Option<bool>,
    /// Since when the index argues for the end of a stop, or is not there.
    #[n(4)]
    clear: Option<Instant>,
    #[n(5)]
    circulation: Circulation,
    /// Since when pressure is well.
    #[n(6)]
    pressed: Option<Instant>,
}

/// What of it holds in this cycle.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Held {
    /// The index stops delivery, and why.
    pub deep: Option<Reason>,
    /// The index is low for long.
    pub low: bool,
    /// What pressure permits.
    pub circulation: Circulation,
}

impl Held {
    /// Why nothing may be given.
    #[must_use]
    pub fn stop(&self) -> Option<Reason> {
        let pressed = self.circulation == Circulation::Stop;
        self.deep.or(pressed.then_some(Reason::PressureStop))
    }
}

impl Restraint {
    /// Looks at what was sensed in one cycle.
    #[must_use]
    pub fn next(&self, content: &Content, now: Instant, sensed: &Sensed) -> (Self, Held) {
        let mut next = *self;
        next.follow_index(content, now, sensed);
        next.follow_pressure(content, now, sensed);
        let deep = next.stop.map(|by| if by { Reason::Suppressed } else { Reason::Deep });
        let low = lasted(next.low, now, content.index.low_after.0);
        (next, Held { deep, low, circulation: next.circulation })
    }

    fn follow_index(&mut self, content: &Content, now: Instant, sensed: &Sensed) {
        let bounds = &content.index;
        let level = |milli: u32| f64::from(milli) / 1_000.0;
        let limit = f64::from(bounds.suppressed.0);
        if let Some(index) = sensed.index {
            hold(&mut self.deep, index.0 < level(bounds.deep.0), now);
            hold(&mut self.low, index.0 < level(bounds.low.0), now);
            if let Some(ratio) = sensed.suppression {
                hold(&mut self.suppressed, ratio.0 > limit, now);
            }
        }
        let fresh = sensed.index.is_some();
        let deep = fresh && lasted(self.deep, now, bounds.deep_after.0);
        let suppressed = fresh && lasted(self.suppressed, now, bounds.deep_after.0);
        if deep || suppressed {
            self.stop = Some(self.stop.unwrap_or(suppressed && !deep));
        }
        let risen = sensed.index.is_none_or(|index| index.0 > level(bounds.resume.0));
        let quiet = sensed.suppression.is_none_or(|ratio| ratio.0 <= limit);
        // Without an index a stop ends by its time too: a stop is not the safe state (PRO-07).
        hold(&mut self.clear, risen && quiet, now);
        if self.stop.is_some() && lasted(self.clear, now, bounds.resume_after.0) {
            self.stop = None;
        }
    }

    fn follow_pressure(&mut self, content: &Content, now: Instant, sensed: &Sensed) {
        let bounds = &content.pressure;
        let Some(pressure) = sensed.pressure else {
            // Nothing is known: what held goes on as no increase.
            self.circulation = self.circulation.min(Circulation::NoIncrease);
            self.pressed = None;
            return;
        };
        // The line is noisy: once well, pressure is well down to the middle of the two levels.
        let (low, resume) = (f64::from(bounds.low.0), f64::from(bounds.resume.0));
        let well = if self.pressed.is_some() { (low + resume) / 2.0 } else { resume };
        hold(&mut self.pressed, pressure.0 > well, now);
        if pressure.0 < f64::from(bounds.stop.0) {
            self.circulation = Circulation::Stop;
        } else if pressure.0 < low {
            self.circulation = self.circulation.max(Circulation::NoIncrease);
        } else if lasted(self.pressed, now, bounds.resume_after.0) {
            self.circulation = Circulation::Free;
        }
    }
}

/// Keeps the beginning of a condition while it holds; across a restart it begins anew.
fn hold(since: &mut Option<Instant>, holds: bool, now: Instant) {
    let begun = since.filter(|since| now.since(*since).is_some());
    *since = holds.then(|| begun.unwrap_or(now));
}

/// Whether a condition has held for so long.
fn lasted(since: Option<Instant>, now: Instant, seconds: u32) -> bool {
    let least = Span::from_seconds(u64::from(seconds));
    since.and_then(|since| now.since(since)).is_some_and(|age| age >= least)
}

#[cfg(test)]
mod tests;
