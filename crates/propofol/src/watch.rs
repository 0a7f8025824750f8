//! The propofol profile as the supervisor sees it: bounds, times, and a watch of its own.
//!
//! Whole numbers throughout, and nothing shared with the controller's side: an own frame parser, an
//! own memory of index and pressure, an own stage, own kinetics (SUP-05). What the two have in
//! common is the signed profile alone.
#![deny(clippy::float_arithmetic)]

mod bounds;
mod contact;
mod frame;
mod index;
mod kinetics;
mod level;
mod pressure;
mod pump;
mod response;
mod span;
mod stage;

#[cfg(test)]
mod tests;

use crate::profile::scale::MicrogramsPerKilogram;
use crate::profile::{Content, Profile};
use bounds::Effort;
use homeostat_record::{Account, CHANNELS, Cause, CauseSet, FRAMES_MAX, Input, Span, Steps};
use homeostat_supervisor::{
    ChannelLimits, Envelope, Findings, Profile as Therapy, Timing, WINDOWS, WindowLimit,
};
use kinetics::Kinetics;
use minicbor::{Decode, Encode};
use pressure::Permits;
use stage::Stage;

/// The propofol profile behind the supervisor's window.
#[derive(Clone, Copy, Debug)]
pub struct Supervised {
    content: Content,
    timing: Timing,
    limits: [ChannelLimits; CHANNELS],
    kinetics: Kinetics,
}

/// What the watch remembers from cycle to cycle.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Watch {
    #[n(0)]
    index: index::Memory,
    #[n(1)]
    pressure: pressure::Memory,
    #[n(2)]
    stage: stage::Memory,
    #[n(3)]
    level: level::Memory,
    #[n(4)]
    bounds: bounds::Memory,
    /// The most that the last cycle permitted.
    #[n(5)]
    permitted: Steps,
    /// What held the level in the last cycle.
    #[n(6)]
    holding: Steps,
    #[n(7)]
    response: response::Memory,
    #[n(8)]
    pump: pump::Memory,
}

impl Supervised {
    /// Prepares a profile: everything that a cycle would compute anew from the same numbers.
    #[must_use]
    pub fn new(profile: &Profile) -> Self {
        let content = *profile.content();
        let kinetics = Kinetics::new(&content);
        Self {
            content,
            timing: timing(&content),
            limits: [limits(&content, &kinetics), ABSENT],
            kinetics,
        }
    }

    /// Steps of one period at a rate, rounded up.
    fn of_rate(&self, micrograms_per_second: u32) -> Steps {
        let period = u64::from(self.content.times.period.0);
        let amount = u64::from(micrograms_per_second).saturating_mul(period);
        let steps = amount.div_ceil(u64::from(self.content.delivery.step.0.max(1)));
        Steps(u32::try_from(steps).unwrap_or(u32::MAX))
    }

    /// Steps of one period that hold a level, rounded up; never above the cap.
    fn holding(&self, watch: &Watch, nanograms: u32) -> Steps {
        let level = nanograms.min(self.content.delivery.effect_most.0);
        let thousandths = self.kinetics.holding(watch.level.levels(), level);
        Steps(u32::try_from(thousandths.div_ceil(1_000)).unwrap_or(u32::MAX))
    }

    /// The basic therapy: the frozen level, held by the watch's own model (PRO-06). Where the
    /// plasma is above that level, it waits.
    fn background(&self, watch: &mut Watch, maintained: bool) -> Steps {
        let level = watch.level.frozen(maintained).min(self.content.delivery.effect_most.0);
        let levels = watch.level.levels();
        let holding = self.kinetics.holding(levels, level);
        let least = holding.min(self.kinetics.reaching(levels, level));
        Steps(watch.level.whole(least)).or_less(self.maintenance_most())
    }

    fn maintenance_most(&self) -> Steps {
        let content = &self.content;
        self.of_rate(content.delivery.maintenance_most.of(content.person.weight).0)
    }

    fn asleep_most(&self) -> Steps {
        let content = &self.content;
        self.of_rate(content.delivery.asleep_most.of(content.person.weight).0)
    }

    /// What may be given before what acts reaches a level.
    fn up_to(&self, level: u32, acting: Steps) -> Steps {
        Steps(self.kinetics.acting_at(level)).saturating_sub(acting)
    }

    /// The most that stage, index and pressure permit in this cycle; `kept` is the most where nothing may
    /// be increased beyond what holds the level.
    fn most(&self, watch: &Watch, held: &bounds::Held, kept: Option<Steps>) -> Steps {
        let delivery = &self.content.delivery;
        let by_stage = match watch.stage.stage() {
            Stage::Induction => {
                let left = u32::try_from(watch.stage.left(&self.content)).unwrap_or(u32::MAX);
                self.of_rate(delivery.rate_most.0).or_less(Steps(left))
            }
            // Who is asleep needs no more than a moderate rate, and who is deep no increase: however
            // wrong a controller is, the index that it drives down takes the drug from it.
            Stage::Maintenance if held.asleep => self.asleep_most(),
            Stage::Maintenance => self.maintenance_most(),
            // Nobody has announced anything, and nobody doses by hand.
            Stage::Before | Stage::Emergence if !watch.stage.by_hand() => Steps::ZERO,
            Stage::Before | Stage::Emergence => self.of_rate(delivery.rate_most.0),
        };
        let present = || self.holding(watch, watch.level.levels().effect());
        // Deep enough: no more than keeps the level, however much was given a moment ago.
        if watch.stage.stage() == Stage::Maintenance && held.under {
            return by_stage.or_less(present());
        }
        kept.map_or(by_stage, |kept| by_stage.or_less(kept.or_more(present())))
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

fn timing(content: &Content) -> Timing {
    let times = &content.times;
    let period = times.period.0.max(1);
    // A time has passed in the cycle in which it is reached.
    let cycles = |seconds: u32| u16::try_from(seconds.div_ceil(period)).unwrap_or(u16::MAX);
    let events = |count: u32| u8::try_from(count).unwrap_or(u8::MAX);
    Timing {
        input_limited: cycles(times.limited_after.0),
        input_lost: cycles(times.lost_after.0),
        deadline_misses: u16::try_from(times.deadline_misses.0).unwrap_or(u16::MAX),
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

fn limits(content: &Content, kinetics: &Kinetics) -> ChannelLimits {
    let (bounds, weight) = (&content.delivery, content.person.weight);
    let (step, period) = (bounds.step.0.max(1), content.times.period.0.max(1));
    let by_weight = |amount: MicrogramsPerKilogram| Steps(amount.of(weight).0 / step);
    // Rounded up: a controller that carries remainders at the largest rate stays within.
    let amount = u64::from(bounds.rate_most.0).saturating_mul(u64::from(period));
    let cycle_max = Steps(u32::try_from(amount.div_ceil(u64::from(step))).unwrap_or(u32::MAX));
    let window =
        |seconds: u32, amount| WindowLimit { cycles: seconds / period, max: by_weight(amount) };
    ChannelLimits {
        cycle_max,
        cycle_min: Steps::ZERO,
        // An induction begins and ends at once.
        slew_up: cycle_max,
        slew_down: cycle_max,
        windows: [
            window(60, bounds.minute_most),
            window(300, bounds.five_minute_most),
            window(3_600, bounds.hour_most),
            window(86_400, bounds.day_most),
        ],
        acting_max: Steps(kinetics.acting_at(bounds.effect_most.0)),
        // What a controller may declare at all.
        label_max: cycle_max,
        request_max: by_weight(bounds.request_most).or_less(cycle_max),
        tolerance: Steps(bounds.tolerance.0 / step).or_more(Steps(1)),
    }
}

/// Whether a report of the propofol channel comes from a pump that the profile does not accept.
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
        Watch::default()
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
        let steps = next.level.book(&self.kinetics, input, &account, period);
        if stage::checked(input) {
            next.index.checked();
            next.pressure.checked();
        }
        let mut messages = [None; FRAMES_MAX];
        for (slot, frame) in messages.iter_mut().zip(&input.frames) {
            *slot = frame::read(frame.bytes.as_slice()).map(|message| (message, frame.received));
        }
        let look = next.index.look(content, input, &messages);
        let (permits, of_pressure) = next.pressure.look(content, input.now, &messages);
        if next.stage.follow(content, input, steps, look.value) {
            next.level.begin();
        }
        let maintained = next.stage.stage() == Stage::Maintenance;
        if look.value.is_some() {
            next.level.confirm(input.now);
        }
        let last = Steps(u32::try_from(steps).unwrap_or(u32::MAX));
        let effort = Effort {
            maintained,
            nothing: last == Steps::ZERO,
            most: last >= watch.permitted,
            level: last <= watch.holding,
        };
        let held = next.bounds.step(content, input.now, &look, &effort);
        let by_loop = next.stage.treats() && !next.stage.by_hand();
        let unseen = next.response.permitted(content, input.now, by_loop, look.value);
        let stopped = permits == Permits::Nothing;
        let causes = look
            .causes
            .union(of_pressure)
            .union(held.causes)
            .with_if(Cause::PhysiologicStop, stopped)
            .with_if(Cause::PhysiologicHold, permits == Permits::NoIncrease)
            .with_if(Cause::ActuatorSilent, next.pump.is_silent(content, input))
            .with_if(Cause::IdentityMismatch, foreign_pump(content, input));
        let findings = self.found(&mut next, causes, (permits, &held, last, unseen), look.good);
        (next, findings)
    }
}

impl Supervised {
    /// Amounts of this cycle, once everything was looked at.
    fn found(
        &self,
        watch: &mut Watch,
        causes: CauseSet,
        (permits, held, last, unseen): (Permits, &bounds::Held, Steps, Option<u32>),
        good: bool,
    ) -> Findings {
        let maintained = watch.stage.stage() == Stage::Maintenance;
        let treats = watch.stage.treats();
        let acting = Steps(self.kinetics.acting(watch.level.levels()));
        let stopped = causes.has(Cause::PhysiologicStop);
        let keeps = held.low || permits == Permits::NoIncrease;
        // An anaesthetised person whose index is high gets at least the least level, however low the
        // pressure that does not stop it (PRO-07).
        let wakes = maintained && held.high && !stopped;
        let least = if wakes {
            self.holding(watch, self.content.delivery.effect_least.0)
        } else {
            Steps::ZERO
        };
        let most = self.most(watch, held, keeps.then(|| last.or_more(least)));
        let most = unseen.map_or(most, |level| most.or_less(self.up_to(level, acting)));
        let (background, limited) = if treats && !stopped {
            let kept = self.holding(watch, watch.level.kept(maintained));
            (self.background(watch, maintained), kept.or_more(least))
        } else {
            (Steps::ZERO, Steps::ZERO)
        };
        watch.permitted = most;
        watch.holding = self.holding(watch, watch.level.levels().effect());
        Findings {
            active: causes,
            fresh: good && !causes.has(Cause::InputImplausible),
            envelope: [Envelope { least: least.or_less(most), most }, Envelope::default()],
            background: [background, Steps::ZERO],
            limited: [limited, Steps::ZERO],
            suspend: [Steps::ZERO; CHANNELS],
            acting: [acting, Steps::ZERO],
        }
    }
}
