//! What was ordered, accepted, delivered and verified: four amounts that are never mixed (ACT-03).
//!
//! Reports carry totals, so that a lost, doubled or late report changes nothing. What is unknown
//! counts as delivered for limits (an order counts in full from the moment it is given) and as not
//! delivered for under-delivery.

use crate::lease::Heard;
use core::cmp::Ordering;
use homeostat_record::{Account, ActuatorStatus, Cause, CauseSet, OrderId, Report, Steps};
use minicbor::{Decode, Encode};

/// What a report may be held against.
#[derive(Clone, Copy, Debug)]
pub struct Terms {
    /// Largest difference that is not yet a deviation.
    pub tolerance: Steps,
    /// The last order that was issued.
    pub issued: OrderId,
    /// Another actuator may be taken in: nothing is being treated.
    pub exchange: bool,
}

/// The books of one manipulated variable.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Ledger {
    /// The four amounts.
    #[n(0)]
    pub account: Account,
    /// The last report that was news; `None` before the first.
    #[n(1)]
    pub last: Option<Report>,
    /// Accepted under earlier orders than the last one: delivered by now, since an actuator
    /// finishes one order before it takes the next.
    #[n(2)]
    due: u64,
    /// Delivered beyond what was accepted, and explained: by the actuator's own background, or by
    /// a person who reconciled.
    #[n(3)]
    surplus: u64,
    /// Accepted and never delivered, and explained by a person who reconciled.
    #[n(4)]
    shortfall: u64,
    /// First of the orders of nothing that are in force.
    #[n(5)]
    stop: Option<OrderId>,
    /// The actuator's delivered total when it was first known to have accepted that order.
    #[n(6)]
    stop_total: Option<u64>,
    /// When it was last seen to follow: it took a newer order, or has taken the newest.
    #[n(7)]
    pub heard: Heard,
}

impl Ledger {
    /// Delivered beyond all that was ordered: counts for limits on top of the orders.
    #[must_use]
    pub fn excess(&self) -> u64 {
        self.most().saturating_sub(self.account.ordered)
    }

    /// The last order that the actuator is known to have accepted.
    #[must_use]
    pub fn last_accepted(&self) -> OrderId {
        self.last.map(|last| last.accepted).unwrap_or_default()
    }

    /// Books an order.
    pub fn order(&mut self, id: OrderId, steps: Steps) {
        self.account.ordered = self.account.ordered.saturating_add(u64::from(steps.0));
        if steps == Steps::ZERO {
            self.stop = self.stop.or(Some(id));
        } else {
            self.stop = None;
            self.stop_total = None;
        }
    }

    /// A person states that the books agree with what was really given.
    pub fn reconcile(&mut self) {
        self.surplus = self.most().saturating_sub(self.account.accepted);
        self.shortfall = self.due.saturating_sub(self.least());
    }

    /// Takes in one report and says what is wrong with it.
    pub fn take(&mut self, report: &Report, terms: &Terms) -> CauseSet {
        let Some(last) = self.last else {
            self.meet(report);
            return CauseSet::EMPTY;
        };
        if report.actuator != last.actuator {
            return self.exchange(report, terms);
        }
        if report.accepted > terms.issued.max(last.accepted) {
            return CauseSet::EMPTY.with(Cause::IdentityMismatch);
        }
        if is_old(&last, report) {
            return CauseSet::EMPTY;
        }
        let mut wrong = CauseSet::EMPTY.with_if(Cause::OverDelivery, is_backward(&last, report));
        self.book(&last, report, terms);
        wrong = wrong.with_if(Cause::ActuatorDisobeys, self.flows_though_stopped(report, terms));
        wrong
    }

    /// What is wrong with the books as they stand.
    #[must_use]
    pub fn deviations(&self, tolerance: Steps) -> CauseSet {
        let tolerance = u64::from(tolerance.0);
        let excused = self.account.accepted.saturating_add(self.surplus);
        let over = self.most() > excused.saturating_add(tolerance);
        let taken = self.account.accepted > self.account.ordered.saturating_add(tolerance);
        let given = self.least().saturating_add(self.shortfall).saturating_add(tolerance);
        CauseSet::EMPTY
            .with_if(Cause::OverDelivery, over)
            .with_if(Cause::OverDelivery, taken)
            .with_if(Cause::UnderDelivery, given < self.due)
            .with_if(Cause::UnderDelivery, self.last.is_some_and(|last| cannot(last.status)))
    }

    /// The largest amount that may have been delivered.
    fn most(&self) -> u64 {
        self.account.delivered.max(self.account.verified)
    }

    /// The amount that surely was: where nothing is verified, the drive's own count.
    fn least(&self) -> u64 {
        let verifies = self.last.is_some_and(|last| last.verified_total.is_some());
        if verifies {
            self.account.delivered.min(self.account.verified)
        } else {
            self.account.delivered
        }
    }

    /// First contact: of what was ordered before, all that the totals can hold counts.
    fn meet(&mut self, report: &Report) {
        let ordered = self.account.ordered;
        self.account.accepted = report.accepted_total.min(ordered);
        self.account.delivered = report.delivered_total.min(ordered);
        self.account.verified = report.verified_total.unwrap_or(0).min(ordered);
        self.last = Some(*report);
        self.heard = Heard::at(report.received);
    }

    fn exchange(&mut self, report: &Report, terms: &Terms) -> CauseSet {
        if !terms.exchange {
            return CauseSet::EMPTY.with(Cause::IdentityMismatch);
        }
        self.last = Some(*report);
        self.heard = Heard::at(report.received);
        self.stop_total = None;
        CauseSet::EMPTY
    }

    fn book(&mut self, last: &Report, report: &Report, terms: &Terms) {
        if report.accepted > last.accepted {
            self.due = self.account.accepted;
            self.heard = Heard::at(report.received);
        }
        if report.accepted >= terms.issued {
            self.heard = Heard::at(report.received);
        }
        let account = &mut self.account;
        let accepted = report.accepted_total.saturating_sub(last.accepted_total);
        account.accepted = account.accepted.saturating_add(accepted);
        let delivered = report.delivered_total.saturating_sub(last.delivered_total);
        account.delivered = account.delivered.saturating_add(delivered);
        let known = report.verified_total.unwrap_or(0);
        let verified = known.saturating_sub(last.verified_total.unwrap_or(0));
        account.verified = account.verified.saturating_add(verified);
        self.last = Some(*report);
        // What is missing of all that was accepted, the last order included: the part of it that is
        // delivered already must not pass for a late delivery of what was missing.
        let missing = self.account.accepted.saturating_sub(self.least());
        self.shortfall = self.shortfall.min(missing);
        if report.status == ActuatorStatus::Reverted {
            let own = self.most().saturating_sub(self.account.accepted);
            self.surplus = self.surplus.max(own);
        }
    }

    /// Whether more is delivered although the actuator has accepted to deliver nothing.
    fn flows_though_stopped(&mut self, report: &Report, terms: &Terms) -> bool {
        let Some(stop) = self.stop else {
            return false;
        };
        if report.accepted < stop {
            return false;
        }
        if report.status == ActuatorStatus::Reverted {
            self.stop_total = None;
            return false;
        }
        let total = report.delivered_total;
        let before = *self.stop_total.get_or_insert(total);
        if total <= before.saturating_add(u64::from(terms.tolerance.0)) {
            return false;
        }
        self.stop_total = Some(total);
        true
    }
}

/// Late or doubled: nothing in it is newer than what is known. Not news.
fn is_old(last: &Report, report: &Report) -> bool {
    match report.accepted.cmp(&last.accepted) {
        Ordering::Less => return true,
        Ordering::Greater => return false,
        Ordering::Equal => {}
    }
    let totals = [
        report.accepted_total < last.accepted_total,
        report.delivered_total < last.delivered_total,
        report.verified_total < last.verified_total,
    ];
    totals.into_iter().any(|less| less)
}

/// A newer report with smaller totals: the count itself cannot be trusted.
fn is_backward(last: &Report, report: &Report) -> bool {
    let totals = [
        report.accepted_total < last.accepted_total,
        report.delivered_total < last.delivered_total,
    ];
    totals.into_iter().any(|less| less)
}

/// Whether the actuator says that it cannot deliver.
const fn cannot(status: ActuatorStatus) -> bool {
    match status {
        ActuatorStatus::Running | ActuatorStatus::Stopped | ActuatorStatus::Reverted => false,
        ActuatorStatus::Occluded | ActuatorStatus::Empty | ActuatorStatus::Failed => true,
    }
}
