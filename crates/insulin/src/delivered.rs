//! What the pump delivered since the last cycle, from its totals (ACT-03).
//!
//! Totals make a lost, doubled or late report harmless. While no report comes, what was proposed counts
//! as delivered; the next report puts that right (CTL-10).

use crate::on_board::History;
use homeostat_record::{Action, ActuatorStatus, Input, Instant, OrderId, Report, Span};
use minicbor::{Decode, Encode};

/// The manipulated variable that insulin is.
pub const INSULIN: u8 = 0;

/// The pump's totals when it was last heard of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
struct Totals {
    #[n(0)]
    pump: u32,
    #[n(1)]
    delivered: u64,
    /// The last order that it had accepted.
    #[n(2)]
    accepted: OrderId,
}

impl Totals {
    /// Whether a report was long under way, and says nothing new.
    fn are_newer_than(&self, report: &Report) -> bool {
        self.pump == report.actuator && report.is_late_after(self.accepted, self.delivered)
    }
}

/// The delivery as the controller knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Delivered {
    #[n(0)]
    history: History,
    #[n(1)]
    totals: Option<Totals>,
    /// Booked on trust since the last report.
    #[n(2)]
    on_trust: u32,
    /// Proposed in the last cycle.
    #[n(3)]
    proposed: u32,
    /// When the last cycle was, and the milliseconds since that are less than half a cycle, or
    /// were counted ahead.
    #[n(4)]
    last: Option<Instant>,
    #[n(5)]
    uncounted: i64,
}

/// What one cycle brought.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Booked {
    /// Steps that came in through the pump; negative when trust was misplaced.
    pub pump: i64,
    /// Steps that a person gave by other means.
    pub given: u32,
    /// Steps that were proposed in the last cycle.
    pub proposed: u32,
    /// Whole cycles since the last one.
    pub cycles: u64,
    /// Whether the pump was heard of.
    pub heard: bool,
    /// Whether the pump is able to deliver, as far as is known.
    pub running: bool,
}

impl Delivered {
    /// The beginning: the basal therapy went on before.
    #[must_use]
    pub fn start(basal: impl FnMut(usize) -> u32) -> Self {
        Self {
            history: History::filled(basal),
            totals: None,
            on_trust: 0,
            proposed: 0,
            last: None,
            uncounted: 0,
        }
    }

    /// The history, newest cycle first.
    #[must_use]
    pub const fn history(&self) -> &History {
        &self.history
    }

    /// Notes what was proposed: it counts as delivered until the pump says otherwise.
    #[must_use]
    pub fn proposed(&self, steps: u32) -> Self {
        Self { proposed: steps, ..*self }
    }

    /// Takes in the reports of accepted pumps and what people gave. `period` is the cycle's length.
    #[must_use]
    pub fn book(&self, input: &Input, period: Span, pumps: &[u32]) -> (Self, Booked) {
        let mut next = *self;
        let cycles = next.age(input.now, period);
        let mut booked = Booked { cycles, running: true, ..Booked::default() };
        for report in &input.reports {
            let late = next.totals.is_some_and(|totals| totals.are_newer_than(report));
            if report.channel == INSULIN && pumps.contains(&report.actuator) && !late {
                booked.pump = booked.pump.saturating_add(next.report(report));
                booked.heard = true;
                booked.running = report.status == ActuatorStatus::Running;
            }
        }
        if !booked.heard {
            next.history = next.history.with(next.proposed);
            next.on_trust = next.on_trust.saturating_add(next.proposed);
            booked.pump = i64::from(next.proposed);
        }
        for person in &input.people {
            if let Action::Given { channel: INSULIN, steps } = person.action {
                next.history = next.history.with(steps.0);
                booked.given = booked.given.saturating_add(steps.0);
            }
        }
        booked.proposed = core::mem::take(&mut next.proposed);
        (next, booked)
    }

    /// Moves the history on by whole cycles. Across a restart of the device the time is not known:
    /// one cycle is taken, so that nothing fades by guesswork.
    fn age(&mut self, now: Instant, period: Span) -> u64 {
        let length = i64::try_from(period.as_millis()).unwrap_or(i64::MAX).max(1);
        let since = self.last.and_then(|last| now.since(last));
        let passed =
            since.map_or(length, |span| i64::try_from(span.as_millis()).unwrap_or(i64::MAX));
        let uncounted = self.uncounted.saturating_add(passed);
        // Half a cycle of lateness is jitter, not a missed cycle.
        let cycles = uncounted.saturating_add(length / 2) / length;
        let whole = u64::try_from(cycles).unwrap_or(0);
        self.history = self.history.aged(whole);
        self.uncounted = uncounted.saturating_sub(cycles.saturating_mul(length));
        self.last = Some(now);
        whole
    }

    /// Books what a report adds to the totals.
    fn report(&mut self, report: &Report) -> i64 {
        let before = self.totals.filter(|totals| totals.pump == report.actuator);
        let Report { actuator: pump, delivered_total: delivered, accepted, .. } = *report;
        let first = self.totals.is_none();
        self.totals = Some(Totals { pump, delivered, accepted });
        let added = match before {
            // What a pump delivered before this loop began belongs to the basal therapy before.
            None if first => u64::from(self.on_trust),
            // A new pump, or a new session of it, counts from nothing.
            None => delivered,
            Some(before) => delivered.checked_sub(before.delivered).unwrap_or(delivered),
        };
        let added = u32::try_from(added).unwrap_or(u32::MAX);
        let on_trust = core::mem::take(&mut self.on_trust);
        self.history = match added.checked_sub(on_trust) {
            Some(more) => self.history.with(more),
            None => self.history.without(on_trust.saturating_sub(added)),
        };
        i64::from(added).saturating_sub(i64::from(on_trust))
    }
}

#[cfg(test)]
mod tests;
