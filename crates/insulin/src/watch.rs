//! The insulin profile as the supervisor sees it: bounds, times, and a watch of its own.
//!
//! Whole numbers throughout, and nothing shared with the controller's side: an own frame parser, an
//! own memory of glucose, an own curve of insulin action (SUP-05). What the two have in common is
//! the signed profile alone.
#![deny(clippy::float_arithmetic)]

mod acting;
mod effort;
mod frame;
mod glucose;
mod stop;
mod trail;

#[cfg(test)]
mod tests;

use crate::profile::{Content, Profile};
use acting::{Curve, Delivery};
use effort::{Basis, Effort};
use glucose::Glucose;
use homeostat_record::{Account, CHANNELS, Cause, CauseSet, Cycle, Input, Span, Steps};
use homeostat_supervisor::{
    ChannelLimits, Envelope, Findings, Profile as Therapy, Timing, WINDOWS, WindowLimit,
};
use minicbor::{Decode, Encode};
use stop::Stops;

/// The insulin profile behind the supervisor's window.
#[derive(Clone, Copy, Debug)]
pub struct Supervised {
    content: Content,
    timing: Timing,
    limits: [ChannelLimits; CHANNELS],
    curve: Curve,
}

/// What the watch remembers from cycle to cycle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Watch {
    #[n(0)]
    glucose: Glucose,
    #[n(1)]
    stops: Stops,
    #[n(2)]
    effort: Effort,
    #[n(3)]
    delivery: Delivery,
    /// What announced meals allow, fading like insulin.
    #[n(4)]
    meals: Delivery,
}

impl Supervised {
    /// Prepares a profile: everything that a cycle would compute anew from the same numbers.
    #[must_use]
    pub fn new(profile: &Profile) -> Self {
        let content = *profile.content();
        Self {
            content,
            timing: timing(&content),
            limits: [limits(&content), ABSENT],
            curve: Curve::new(&content),
        }
    }

    /// What automatic delivery may still put on board: beyond the steady basal and the announced
    /// meals, corrections may hold a share of the daily dose. The meal of this cycle comes on top.
    fn room(&self, meals: &Delivery, acting: Steps) -> Steps {
        let content = &self.content;
        let share = content.share_of_daily_dose(content.control.correction_on_board_share);
        let correction = Steps(share.0 / content.delivery.step.0.max(1));
        let allowed =
            self.curve.steady(self.basal_thousandths()).saturating_add(self.curve.on_board(meals));
        allowed.saturating_add(correction).saturating_sub(acting)
    }

    /// Whether what is on board beyond the steady basal and the announced meals, at the person's
    /// carbohydrate ratio, holds the background of this cycle already: a loop gives slow insulin
    /// early and counts on giving less later, and so must the therapy that takes its place.
    fn is_prepaid(&self, meals: &Delivery, acting: Steps) -> bool {
        let content = &self.content;
        let meals = u64::from(self.curve.on_board(meals).0).saturating_mul(1_000)
            / u64::from(content.delivery.meal_share.0.max(1));
        let steady = self.curve.steady(self.basal_thousandths());
        let owed = u64::from(steady.saturating_add(usual_basal(content)).0).saturating_add(meals);
        u64::from(acting.0) >= owed
    }

    /// The basal amount of a cycle, thousandths of a step.
    fn basal_thousandths(&self) -> u64 {
        let content = &self.content;
        let step = u64::from(content.delivery.step.0.max(1));
        let basal = u64::from(content.person.basal.0) * u64::from(content.times.period.0);
        basal.saturating_mul(1_000) / 3_600 / step
    }

    /// The basic therapy of one cycle in whole steps: the remainders are spread over the cycles by
    /// their number, so that none is lost.
    #[must_use]
    pub fn background(&self, cycle: Cycle) -> Steps {
        background(&self.content, cycle)
    }
}

/// A manipulated variable that the loop does not have.
const ABSENT: ChannelLimits = ChannelLimits {
    cycle_max: Steps::ZERO,
    cycle_min: Steps::ZERO,
    slew_up: Steps::ZERO,
    slew_down: Steps::ZERO,
    windows: [WindowLimit { cycles: 0, max: Steps::ZERO }; WINDOWS],
    acting_max: Steps::ZERO,
    label_max: Steps::ZERO,
    request_max: Steps::ZERO,
    tolerance: Steps::ZERO,
};

fn background(content: &Content, cycle: Cycle) -> Steps {
    let rate = u128::from(content.person.basal.0) * u128::from(content.times.period.0);
    let step = u128::from(content.delivery.step.0.max(1)) * 3_600;
    let total = |cycles: u64| u128::from(cycles) * rate / step;
    let next = total(cycle.0.saturating_add(1));
    Steps(u32::try_from(next.saturating_sub(total(cycle.0))).unwrap_or(u32::MAX))
}

/// The basal amount of one cycle in whole steps, rounded up.
fn usual_basal(content: &Content) -> Steps {
    let rate = u64::from(content.person.basal.0) * u64::from(content.times.period.0);
    let step = u64::from(content.delivery.step.0.max(1)).saturating_mul(3_600);
    Steps(u32::try_from(rate.div_ceil(step)).unwrap_or(u32::MAX))
}

/// Cycles as the mode machine counts them.
fn cycles(number: u32) -> u16 {
    u16::try_from(number).unwrap_or(u16::MAX)
}

fn timing(content: &Content) -> Timing {
    let times = &content.times;
    let events = |count: u32| u8::try_from(count).unwrap_or(u8::MAX);
    Timing {
        input_limited: cycles(times.input_limited.0),
        input_lost: cycles(times.input_lost.0),
        deadline_misses: cycles(times.deadline_misses.0),
        record_lost: cycles(times.record_lost.0),
        implausible: cycles(times.implausible.0),
        dwell: cycles(times.dwell.0),
        dwell_cap: cycles(times.dwell_cap.0),
        flap_falls: events(times.flap_falls.0),
        flap_window: cycles(times.flap_window.0),
        clamps: events(times.clamps.0),
        clamp_window: cycles(times.clamp_window.0),
        escalation: cycles(times.escalation.0),
        background_limit: cycles(times.background_most.0),
        handover: cycles(times.handover.0),
        request_interval: cycles(times.request_interval.0),
    }
}

fn limits(content: &Content) -> ChannelLimits {
    let bounds = &content.delivery;
    let step = bounds.step.0.max(1);
    let steps = |milliunits: u32| Steps(milliunits / step);
    let share = |share| steps(content.share_of_daily_dose(share).0);
    let cycle_max = share(bounds.cycle_share).or_less(steps(bounds.label_most.0));
    let window = |cycles, max| WindowLimit { cycles, max };
    let hour = 3_600 / content.times.period.0.max(1);
    ChannelLimits {
        cycle_max,
        cycle_min: steps(bounds.cycle_least.0),
        slew_up: steps(bounds.rise_most.0),
        slew_down: steps(bounds.fall_most.0),
        windows: [
            window(1, cycle_max),
            window(hour, share(bounds.hour_share)),
            window(hour.saturating_mul(4), share(bounds.four_hour_share)),
            window(hour.saturating_mul(24), share(bounds.day_share)),
        ],
        acting_max: share(bounds.on_board_share),
        label_max: steps(bounds.label_most.0),
        request_max: steps(bounds.request_most.0),
        // What an error of a fifth makes of an hour of basal (F-A05).
        tolerance: steps(content.person.basal.0 / 5).or_more(Steps(1)),
    }
}

/// Whether a report of the insulin channel comes from a pump that the profile does not accept.
fn foreign_pump(content: &Content, input: &Input) -> bool {
    let pumps = content.identities.pumps;
    input
        .reports
        .iter()
        .any(|report| report.channel == 0 && !pumps.iter().any(|pump| *pump == report.actuator))
}

impl Therapy for Supervised {
    type Watch = Watch;

    fn timing(&self) -> &Timing {
        &self.timing
    }

    fn limits(&self) -> &[ChannelLimits; CHANNELS] {
        &self.limits
    }

    fn lease(&self) -> Span {
        Span::from_seconds(u64::from(self.content.times.lease.0))
    }

    fn watch_start(&self) -> Watch {
        Watch {
            glucose: Glucose::default(),
            stops: Stops::default(),
            effort: Effort::default(),
            // The steady background went on before.
            delivery: Delivery::start(usual_basal(&self.content).0),
            meals: Delivery::start(0),
        }
    }

    fn watch(
        &self,
        watch: &Watch,
        input: &Input,
        accounts: &[Account; CHANNELS],
    ) -> (Watch, Findings) {
        let content = &self.content;
        let mut next = *watch;
        let account = accounts.first().copied().unwrap_or_default();
        let period = u64::from(content.times.period.0).saturating_mul(1_000);
        next.delivery.book(input, &account, period);
        let look = next.glucose.look(content, input);
        let stops = next.stops.step(content, input, &look);
        let meal = next.effort.meal(content, input);
        next.meals.allow(input.now, period, Steps::ZERO);
        let acting = self.curve.on_board(&next.delivery);
        let prepaid = self.is_prepaid(&next.meals, acting);
        let background = if look.sinks(content) || prepaid {
            Steps::ZERO
        } else {
            background(content, input.cycle)
        };
        let room = self.room(&next.meals, acting);
        next.meals.allow(input.now, period, meal);
        let stopped = next.stops.holds();
        let basis = Basis { background, basal: usual_basal(content), meal, room, stopped };
        let range = next.effort.step(content, input, &look, &account, &basis);
        let foreign = foreign_pump(content, input);
        let causes = CauseSet::EMPTY.with_if(Cause::IdentityMismatch, foreign);
        let causes = causes.union(look.causes).union(stops).union(range.causes);
        let suspension = Steps(content.delivery.suspension.0 / content.delivery.step.0.max(1));
        let findings = Findings {
            active: causes,
            fresh: look.value.is_some() && !causes.has(Cause::InputImplausible),
            envelope: [range.envelope, Envelope::default()],
            background: [background, Steps::ZERO],
            limited: [range.limited, Steps::ZERO],
            suspend: [suspension, Steps::ZERO],
            acting: [acting, Steps::ZERO],
        };
        (next, findings)
    }
}
