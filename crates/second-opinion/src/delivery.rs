//! What was given: from the actuator's totals, from people, and, until a report says otherwise,
//! from what was proposed (CTL-10: unknown counts as delivered).

use crate::curve::{Curve, WHOLE};
use crate::held_up::is_held_up;
use crate::history::Slots;
use crate::settings::Settings;
use crate::shortfall::Shortfall;
use crate::timeline::{SLOT, Timeline};
use crate::whole::{share, signed};
use homeostat_record::{Action, ActuatorStatus, Input, OrderId, Report, Steps};
use minicbor::{Decode, Encode};

/// The manipulated variable that is insulin.
const INSULIN: u8 = 0;
/// Slots of the insulin history: ten hours.
const SLOTS: usize = 120;
/// Milliseconds of a slot of the day's history.
const HOUR: u64 = 3_600_000;
/// Cycles whose authorised amounts may still be waiting at the actuator.
const WAITING: usize = 3;

/// What is remembered of delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub(crate) struct Delivery {
    /// Steps by five minutes.
    #[n(0)]
    slots: Slots<SLOTS>,
    /// Steps by hours.
    #[n(1)]
    hours: Slots<24>,
    #[n(2)]
    pump: Option<Pump>,
    /// Steps of the previous cycle of which no report can have told.
    #[n(3)]
    last: u32,
    /// Steps of earlier cycles of which no report has told.
    #[n(4)]
    earlier: u32,
    /// Amounts that the newest cycles authorised, the newest first.
    #[n(5)]
    authorised: [u32; WAITING],
    /// Authorised steps that were not delivered yet.
    #[n(6)]
    room: i64,
    /// What a person set as the amount per cycle of manual operation.
    #[n(7)]
    manual: u32,
    /// When the history begins and when the previous cycle was.
    #[n(8)]
    since: u64,
    #[n(9)]
    previous: u64,
    #[n(10)]
    shortfall: Shortfall,
    /// Steps reported in this cycle.
    #[n(11)]
    reported: i64,
}

/// What does not add up between proposals and delivery, steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Mismatch {
    /// Delivered beyond all that was authorised.
    pub(crate) surplus: i64,
    /// Proposed and not delivered.
    pub(crate) missing: i64,
}

/// The last good report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
struct Pump {
    #[n(0)]
    identity: u32,
    #[n(1)]
    accepted: OrderId,
    #[n(2)]
    delivered: u64,
    /// Accepted and not delivered.
    #[n(3)]
    owed: u64,
    #[n(4)]
    at: u64,
    /// The total of a report that ran backward: the second in a row is a new count.
    #[n(5)]
    backward: Option<u64>,
}

/// Insulin that still acts, milliunits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Acting {
    /// Of all that was reported as delivered.
    pub(crate) reported: i64,
    /// Of what may have been delivered besides.
    pub(crate) unknown: i64,
    /// Of all, less what the basal rate would have left over the same history.
    pub(crate) beyond_basal: i64,
    /// What of the reported insulin acts within the coming five minutes, less the basal's.
    pub(crate) coming: i64,
}

impl Delivery {
    /// Nothing was given before `tick`.
    pub(crate) const fn new(tick: u64) -> Self {
        Self {
            slots: Slots::empty(tick / SLOT),
            hours: Slots::empty(tick / HOUR),
            pump: None,
            last: 0,
            earlier: 0,
            authorised: [0; WAITING],
            room: 0,
            manual: 0,
            since: tick,
            previous: tick,
            shortfall: Shortfall::new(tick),
            reported: 0,
        }
    }

    /// Takes the reports and the doses of a cycle. Returns what does not add up.
    pub(crate) fn take(&mut self, line: Timeline, input: &Input, settings: &Settings) -> Mismatch {
        let tick = line.tick();
        self.reported = 0;
        self.slots.advance(tick / SLOT);
        self.hours.advance(tick / HOUR);
        for report in input.reports.iter().filter(|report| heard(report, settings)) {
            if let Some(at) = line.locate(input.now, report.received) {
                self.report(at, report, settings);
            }
        }
        for person in &input.people {
            match person.action {
                Action::Given { channel: INSULIN, steps } => {
                    self.record(tick, steps.0);
                }
                Action::Request { channel: INSULIN, steps } => {
                    self.last = self.last.saturating_add(steps.0);
                    self.authorise_more(steps.0);
                }
                Action::SetManual { channel: INSULIN, steps } => self.manual = steps.0,
                _ => {}
            }
        }
        let surplus = self.room.saturating_neg().max(0);
        self.room = self.room.max(0);
        self.previous = tick;
        let missing = self.shortfall.take(line, input, self.reported, self.waiting());
        Mismatch { surplus, missing }
    }

    fn report(&mut self, at: u64, report: &Report, settings: &Settings) {
        let total = report.delivered_total;
        let owed = match report.status {
            ActuatorStatus::Running => report.accepted_total.saturating_sub(total),
            _ => 0,
        };
        let fresh = Pump {
            identity: report.actuator,
            accepted: report.accepted,
            delivered: total,
            owed,
            at,
            backward: None,
        };
        let Some(pump) = self.pump else {
            let ordered = u64::try_from(self.unknown()).unwrap_or(0);
            self.delivered(self.since, at, total.min(ordered));
            self.pump = Some(fresh);
            return self.settle(at, true);
        };
        if pump.identity != report.actuator {
            self.delivered(pump.at, at, total.min(u64::from(settings.bounds.hour.0)));
            self.pump = Some(fresh);
            return self.settle(at, true);
        }
        if is_held_up(report, pump.accepted, pump.delivered) {
            return;
        }
        if let Some(more) = total.checked_sub(pump.delivered) {
            self.delivered(pump.at, at, more);
            let answered = report.accepted != pump.accepted
                || report.status != ActuatorStatus::Running
                || at > self.previous && pump.at > self.previous;
            self.pump = Some(fresh);
            return self.settle(at, answered);
        }
        match pump.backward {
            Some(earlier) if total >= earlier => {
                self.delivered(pump.at, at, total);
                self.pump = Some(fresh);
                self.settle(at, true);
            }
            _ => self.pump = Some(Pump { backward: Some(total), ..pump }),
        }
    }

    /// Counts delivered steps half a slot before the report, as the profile's page has it, or in
    /// the middle of a shorter time: after a silence they may all have been delivered late.
    fn delivered(&mut self, from: u64, until: u64, steps: u64) {
        let middle = from.midpoint(until.max(from)).max(until.saturating_sub(SLOT / 2));
        let steps = u32::try_from(steps).unwrap_or(u32::MAX);
        self.record(middle, steps);
        self.reported = self.reported.saturating_add(i64::from(steps));
        self.room = self.room.saturating_sub(i64::from(steps)).max(i64::from(i32::MIN));
    }

    fn record(&mut self, tick: u64, steps: u32) {
        self.slots.add(tick / SLOT, steps);
        self.hours.add(tick / HOUR, steps);
    }

    /// A report has come: what was ordered before it is no longer unknown; the newest order is,
    /// unless the report answers it.
    fn settle(&mut self, at: u64, answered: bool) {
        if at >= self.previous {
            let owed = self.pump.map_or(0, |pump| signed(pump.owed));
            self.room = self.room.min(self.waiting().max(owed));
            self.earlier = 0;
            if answered {
                self.last = 0;
            }
        }
    }

    /// Remembers what the coming cycle may deliver: the proposal, or the background in its place.
    pub(crate) fn expect(&mut self, proposed: Option<Steps>, settings: &Settings) {
        let assumed = proposed.map_or(0, |steps| steps.0.min(settings.bounds.cycle.0));
        self.earlier = self.earlier.saturating_add(self.last);
        self.last = assumed;
        let background = settings.steps(settings.basal_cycle()).0;
        self.shortfall.propose(i64::from(assumed), i64::from(background));
        let background = background.saturating_add(2);
        self.authorised.rotate_right(1);
        let authorised = assumed.max(background).max(self.manual);
        if let Some(newest) = self.authorised.first_mut() {
            *newest = 0;
        }
        self.authorise_more(authorised);
    }

    fn authorise_more(&mut self, steps: u32) {
        if let Some(newest) = self.authorised.first_mut() {
            *newest = newest.saturating_add(steps);
        }
        self.room = self.room.saturating_add(i64::from(steps));
    }

    /// Milliseconds since the history began.
    pub(crate) const fn known_for(&self, tick: u64) -> u64 {
        tick.saturating_sub(self.since)
    }

    /// Steps that may have been delivered although no report says so: what was ordered since the
    /// last report, and what the pump still owed then. It cannot owe more than the last cycles
    /// authorised.
    pub(crate) fn unknown(&self) -> i64 {
        let owed = self.pump.map_or(0, |pump| signed(pump.owed)).min(self.waiting());
        i64::from(self.last).saturating_add(i64::from(self.earlier)).saturating_add(owed)
    }

    /// Steps that the newest cycles authorised.
    fn waiting(&self) -> i64 {
        self.authorised.iter().map(|steps| i64::from(*steps)).fold(0, i64::saturating_add)
    }

    /// Steps of the newest slots, five minutes each, and what is unknown.
    pub(crate) fn within(&self, slots: usize) -> i64 {
        self.slots.sum(slots).saturating_add(self.unknown())
    }

    /// Steps of the last 23 to 24 hours, and what is unknown.
    pub(crate) fn within_day(&self) -> i64 {
        self.hours.sum(24).saturating_add(self.unknown())
    }

    /// Steps that were reported as delivered in this cycle.
    pub(crate) const fn reported(&self) -> i64 {
        self.reported
    }

    /// What still acts, by convolution of the history with the curve.
    pub(crate) fn acting(&self, tick: u64, curve: &Curve, settings: &Settings) -> Acting {
        let (mut reported, mut basal, mut coming) = (0_i64, 0_i64, 0_i64);
        for (slot, steps) in self.slots.newest_first() {
            let begin = slot.saturating_mul(SLOT);
            let end = begin.saturating_add(SLOT).min(tick);
            let lived = end.saturating_sub(begin.max(self.since));
            let age = tick.saturating_sub(begin.midpoint(end)) / 60_000;
            let remains = curve.remaining(age);
            let acts = remains.saturating_sub(curve.remaining(age.saturating_add(SLOT / 60_000)));
            let dose = settings.milliunits(i64::from(steps));
            let usual = settings.basal(lived);
            reported = reported.saturating_add(dose.saturating_mul(remains));
            basal = basal.saturating_add(usual.saturating_mul(remains));
            coming = coming.saturating_add(dose.saturating_sub(usual).saturating_mul(acts));
        }
        let unknown = settings.milliunits(self.unknown());
        let reported = share(reported, 1, WHOLE);
        let all = reported.saturating_add(unknown);
        let beyond_basal = all.saturating_sub(share(basal, 1, WHOLE));
        Acting { reported, unknown, beyond_basal, coming: share(coming, 1, WHOLE) }
    }
}

/// Whether a report is the insulin pump's that the profile names.
fn heard(report: &Report, settings: &Settings) -> bool {
    report.channel == INSULIN && settings.pumps.contains(&Some(report.actuator))
}

#[cfg(test)]
mod tests;
