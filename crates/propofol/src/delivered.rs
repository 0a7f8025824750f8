//! What the pump delivered since the last cycle, from its totals (ACT-03).
//!
//! Totals make a lost, doubled or late report harmless. While no report comes, what was proposed counts
//! as delivered; the next report puts that right (CTL-10).

use homeostat_record::{Action, ActuatorStatus, Input, OrderId, Report};
use minicbor::{Decode, Encode};

/// The manipulated variable that propofol is.
pub const PROPOFOL: u8 = 0;

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
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Delivered {
    #[n(0)]
    totals: Option<Totals>,
    /// Booked on trust since the last report.
    #[n(1)]
    on_trust: u64,
    /// Proposed in the last cycle.
    #[n(2)]
    proposed: u32,
}

/// What one cycle brought.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Booked {
    /// Steps that came in through the pump; negative when trust was misplaced.
    pub pump: i64,
    /// Steps that a person gave by other means.
    pub given: u32,
    /// Whether the pump was heard of, and cannot deliver.
    pub halted: bool,
}

impl Delivered {
    /// Notes what was proposed: it counts as delivered until the pump says otherwise.
    #[must_use]
    pub const fn proposed(&self, steps: u32) -> Self {
        Self { proposed: steps, ..*self }
    }

    /// Takes in the reports of accepted pumps and what people gave.
    #[must_use]
    pub fn book(&self, input: &Input, pumps: &[u32]) -> (Self, Booked) {
        let mut next = *self;
        let mut booked = Booked::default();
        let mut heard = false;
        for report in &input.reports {
            let late = next.totals.is_some_and(|totals| totals.are_newer_than(report));
            if report.channel == PROPOFOL && pumps.contains(&report.actuator) && !late {
                booked.pump = booked.pump.saturating_add(next.report(report));
                booked.halted = report.status != ActuatorStatus::Running;
                heard = true;
            }
        }
        if !heard {
            next.on_trust = next.on_trust.saturating_add(u64::from(self.proposed));
            booked.pump = i64::from(self.proposed);
        }
        for person in &input.people {
            if let Action::Given { channel: PROPOFOL, steps } = person.action {
                booked.given = booked.given.saturating_add(steps.0);
            }
        }
        next.proposed = 0;
        (next, booked)
    }

    /// What a report adds to what was booked.
    fn report(&mut self, report: &Report) -> i64 {
        let Report { actuator: pump, delivered_total: delivered, accepted, .. } = *report;
        let added = match self.totals {
            // What a pump delivered before this loop began is not of this person's anaesthetic:
            // of a first total only what was proposed counts.
            None => self.on_trust.saturating_add(u64::from(self.proposed).min(delivered)),
            Some(before) if before.pump == pump && delivered >= before.delivered => {
                delivered.saturating_sub(before.delivered)
            }
            // A new pump, or a new session of it, counts from nothing.
            Some(_) => delivered,
        };
        self.totals = Some(Totals { pump, delivered, accepted });
        let whole = |steps: u64| i64::try_from(steps).unwrap_or(i64::MAX);
        let on_trust = core::mem::take(&mut self.on_trust);
        whole(added).saturating_sub(whole(on_trust))
    }
}

#[cfg(test)]
mod tests;
