//! What came into the patient: totals of the pump, and what is presumed where it says nothing.

use super::settings::PropofolSettings;
use crate::held_up::is_held_up;
use homeostat_record::{Action, Input, OrderId, Report};
use minicbor::{Decode, Encode};

/// Slots of a window.
const SLOTS: usize = 12;
/// Milliseconds in a slot of five minutes, an hour and a day.
const SPANS: [u64; 3] = [25_000, 300_000, 7_200_000];

/// A window in slots, the present one first. The oldest is dropped whole, so that no more is told
/// than was given within it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
struct Window {
    #[n(0)]
    #[cbor(with = "homeostat_record::packed")]
    steps: [u32; SLOTS],
    #[n(1)]
    slot: u64,
}

impl Window {
    fn add(&mut self, tick: u64, span: u64, steps: i64) {
        let slot = tick.checked_div(span).unwrap_or(0);
        let passed = usize::try_from(slot.saturating_sub(self.slot)).unwrap_or(SLOTS).min(SLOTS);
        self.slot = self.slot.max(slot);
        self.steps.rotate_right(passed);
        for emptied in self.steps.iter_mut().take(passed) {
            *emptied = 0;
        }
        if let Some(present) = self.steps.first_mut() {
            // What turned out not to have come is taken back where it was counted last.
            let sum = i64::from(*present).saturating_add(steps);
            *present = u32::try_from(sum.max(0)).unwrap_or(u32::MAX);
        }
    }

    fn sum(&self) -> i64 {
        self.steps.iter().fold(0, |sum, steps| sum.saturating_add((*steps).into()))
    }
}

/// What a pump last told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
struct Told {
    #[n(0)]
    pump: u32,
    #[n(1)]
    accepted: OrderId,
    #[n(2)]
    total: u64,
}

/// What is remembered of delivery.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub(crate) struct Delivery {
    #[n(0)]
    pump: Option<Told>,
    /// Steps that were presumed since, without a report.
    #[n(1)]
    presumed: i64,
    /// What the loop proposed last, and before.
    #[n(2)]
    proposed: (u32, u32),
    #[n(3)]
    windows: [Window; 3],
}

/// What came in since the last cycle.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Came {
    /// Steps, negative when what had been presumed did not come.
    pub(crate) steps: i64,
    /// Steps by a person's other means.
    pub(crate) given: i64,
}

impl Delivery {
    /// Takes the reports and actions of a cycle.
    pub(crate) fn take(&mut self, tick: u64, input: &Input, settings: &PropofolSettings) -> Came {
        let known = |actuator: u32| settings.pumps.contains(&Some(actuator));
        let reports = input.reports.iter().filter(|report| !self.is_late(report));
        let theirs = reports.filter(|report| report.channel == 0 && known(report.actuator));
        // Of two that come together the newer one, whichever was held up.
        let heard = theirs.reduce(|one, next| {
            let same = one.actuator == next.actuator;
            let late = is_held_up(next, one.accepted, one.delivered_total);
            if same && late { one } else { next }
        });
        let mut came = Came::default();
        if let Some(report) = heard {
            let Report { actuator: pump, accepted, delivered_total: total, .. } = *report;
            let before = self.pump.filter(|told| told.pump == pump);
            // A total that fell is a new session of the pump: all of it is new.
            let since = match before {
                Some(told) => total.checked_sub(told.total).unwrap_or(total),
                None => 0,
            };
            let since = i64::try_from(since).unwrap_or(i64::MAX);
            came.steps = since.saturating_sub(self.presumed);
            self.presumed = 0;
            self.pump = Some(Told { pump, accepted, total });
        } else if self.pump.is_some() {
            came.steps = self.proposed.0.into();
            self.presumed = self.presumed.saturating_add(came.steps);
        }
        for person in &input.people {
            if let Action::Given { channel: 0, steps } = person.action {
                came.given = came.given.saturating_add(steps.0.into());
            }
        }
        let all = came.steps.saturating_add(came.given);
        for (window, span) in self.windows.iter_mut().zip(SPANS) {
            window.add(tick, span, all);
        }
        came
    }

    /// A report of before the last one, which was held up.
    fn is_late(&self, report: &Report) -> bool {
        self.pump.is_some_and(|told| {
            told.pump == report.actuator && is_held_up(report, told.accepted, told.total)
        })
    }

    /// What is proposed now: presumed if nobody tells.
    pub(crate) fn expect(&mut self, steps: u32) {
        self.proposed = (steps, self.proposed.0);
    }

    /// The larger of the last two proposals, steps.
    pub(crate) fn lately_proposed(&self) -> i64 {
        self.proposed.0.max(self.proposed.1).into()
    }

    /// Steps within five minutes, an hour, a day; a little less rather than more.
    pub(crate) fn within(&self) -> [i64; 3] {
        self.windows.map(|window| window.sum())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::propofol::tests::profile;

    #[test]
    fn act_03_a_report_that_was_long_under_way_is_no_new_session() {
        let settings = PropofolSettings::from_profile(&profile()).unwrap();
        let pump = settings.pumps[0].unwrap();
        let mut delivery = Delivery::default();
        let mut hear = |told: &[(u64, u64)]| {
            let mut input = Input::default();
            for (order, total) in told {
                let of = Report { actuator: pump, delivered_total: *total, ..Report::default() };
                input.reports.push(Report { accepted: OrderId(*order), ..of }).unwrap();
            }
            delivery.expect(7);
            delivery.take(0, &input, &settings).steps
        };
        hear(&[(4, 1_000)]);
        assert_eq!(hear(&[(6, 1_050)]), 50);
        assert_eq!(hear(&[(5, 1_020), (6, 1_040)]), 7, "as in silence");
        assert_eq!(hear(&[(7, 1_057), (5, 1_020)]), 0, "presumed already");
        assert_eq!(hear(&[(9, 1_090), (8, 1_080)]), 33, "the newer of two, whichever comes first");
        assert_eq!(hear(&[(10, 9)]), 9, "a new session has taken a new order");
        hear(&[(u64::MAX, 20)]);
        assert_eq!(hear(&[(12, 31)]), 11, "no number makes it unheard");
    }
}
