//! An algorithm in the loop: frames in, whole pump steps out.
//!
//! Order of a cycle: book what the pump delivered, follow the stage, sense, observe, let the
//! algorithm wish, hold the wish to what stage, validity and profile allow, take whole steps and
//! carry the remainder (ACT-02). The guard holds the proposal to its own bounds again; this side
//! stays within them by itself so that the guard has nothing to do.

use crate::algorithm::{Algorithm, Circulation, Observation, Settings, Stage, Validity, Wish};
use crate::books::Books;
use crate::course::Course;
use crate::delivered::{Booked, Delivered};
use crate::kinetics::Concentrations;
use crate::profile::{Content, Profile};
use crate::reason::Reason;
use crate::response::Response;
use crate::restraint::{Held, Restraint};
use crate::sensing::{Front, FrontState, Sensed};
use crate::units::{Milligrams, Seconds, UgPerMl};
use homeostat_kernel::Controller;
use homeostat_numeric::{clamp, max, min, round};
use homeostat_record::{CHANNELS, FIGURES, Input, Instant, Proposal, Rationale, Span, Steps};
use minicbor::{Decode, Encode};

/// Parts of a milligram in which the remainder is carried.
const NANOGRAMS: f64 = 1_000_000.0;

/// This side keeps inside the guard's bound on the effect site by so much: the guard rounds up.
const WITHIN_THE_GUARD: f64 = 0.995;

/// This side takes an index for lower by so much where a low one forbids.
const BELOW_THE_WATCH: f64 = 0.5;

/// A dosing algorithm with everything around it that makes a controller.
#[derive(Clone, Copy, Debug)]
pub struct LoopController<A> {
    algorithm: A,
    content: Content,
    settings: Settings,
    front: Front,
    books: Books,
}

/// What the controller remembers from cycle to cycle.
#[derive(Clone, Copy, Debug, PartialEq, Encode, Decode)]
#[cbor(array)]
pub struct LoopControllerState<S> {
    #[n(0)]
    front: FrontState,
    #[n(1)]
    delivered: Delivered,
    #[n(2)]
    clock: Clock,
    #[n(3)]
    course: Course,
    #[n(4)]
    restraint: Restraint,
    /// Nanograms that were wished for and made no whole step; always less than one step.
    #[n(5)]
    carried: u32,
    /// Steps of the last proposal.
    #[n(6)]
    last: u32,
    /// The population's concentrations.
    #[n(7)]
    books: Concentrations,
    #[n(8)]
    algorithm: S,
    #[n(9)]
    response: Response,
}

/// Time since the loop began, across restarts of the device.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
struct Clock {
    #[n(0)]
    last: Option<Instant>,
    #[n(1)]
    passed: Span,
    /// Since the cycle before.
    #[n(2)]
    step: Span,
}

/// What one cycle is judged by, besides the wish.
struct Circumstances {
    stage: Stage,
    held: Held,
    validity: Validity,
    /// The amount of the last proposal.
    last: Milligrams,
    /// What the induction may still give.
    left: Milligrams,
    /// The population's concentrations.
    books: Concentrations,
    /// The index shows a person asleep, or there is none.
    asleep: bool,
    /// It is below the middle between the low level and the target.
    under: bool,
    /// The level that is permitted while it shows nothing of what was given.
    unseen: Option<UgPerMl>,
}

impl<A: Algorithm> LoopController<A> {
    /// An algorithm with the numbers of a profile.
    #[must_use]
    pub fn new(profile: &Profile, algorithm: A) -> Self {
        let settings = profile.settings();
        Self {
            algorithm,
            content: *profile.content(),
            settings,
            front: Front::new(profile),
            books: Books::new(&profile.compartments(), settings.period),
        }
    }

    fn period(&self) -> Span {
        Span::from_seconds(u64::from(self.content.times.period.0))
    }

    fn amount(&self, steps: u32) -> Milligrams {
        Milligrams(f64::from(steps) * self.settings.step.0)
    }

    /// Holds a wish to what stage, restraints, validity and profile allow.
    fn allowed(&self, wish: Wish, around: &Circumstances) -> Wish {
        let none = |reason: Reason| Wish { dose: Milligrams(0.0), reason: reason as u16, ..wish };
        match around.stage {
            Stage::Before => return none(Reason::NotBegun),
            Stage::Emergence => return none(Reason::Emergence),
            Stage::Induction | Stage::Maintenance => {}
        }
        if let Some(reason) = around.held.stop() {
            return none(reason);
        }
        let (most, reason) = self.most(around);
        if wish.dose > most {
            return Wish { dose: most, reason: reason as u16, ..wish };
        }
        Wish { dose: Milligrams(max(wish.dose.0, 0.0)), ..wish }
    }

    /// The largest amount of this cycle, and what sets it.
    fn most(&self, around: &Circumstances) -> (Milligrams, Reason) {
        let period = self.settings.period;
        let largest = self.settings.rate_most * period;
        let (mut most, mut reason) = (largest, Reason::RateMost);
        let mut within = |bound: Milligrams, of: Reason| {
            if bound < most {
                (most, reason) = (bound, of);
            }
        };
        if around.stage == Stage::Induction {
            within(around.left, Reason::InductionSpent);
        } else {
            let delivery = &self.content.delivery;
            let most = if around.asleep { delivery.asleep_most } else { delivery.maintenance_most };
            let rate = most.of(self.content.person.weight);
            within(Milligrams(f64::from(rate.0) / 1_000.0 * period.0), Reason::RateMost);
        }
        let (_, highest) = self.settings.effect_site;
        let usual = (highest, Reason::EffectMost);
        let (cap, of_cap) = around.unseen.map_or(usual, |level| (level, Reason::Unseen));
        let cap = UgPerMl(cap.0 * WITHIN_THE_GUARD);
        let rate = self.books.under(&around.books, cap, self.settings.rate_most);
        within(rate * period, of_cap);
        // No increase, and yet no less than what keeps the present level: less is not the safe
        // side of an anaesthetic.
        let present = self.holding(&around.books, period);
        let keeping = Milligrams(max(around.last.0, present.0));
        match around.validity {
            Validity::Closed => {}
            Validity::ObserverOnly => within(keeping, Reason::ObserverOnly),
            Validity::Frozen => within(keeping, Reason::Frozen),
            Validity::Lost => within(keeping, Reason::Lost),
        }
        if around.held.low {
            within(around.last, Reason::Low);
        }
        if around.held.circulation == Circulation::NoIncrease {
            within(keeping, Reason::PressureLow);
        }
        if around.under && around.stage == Stage::Maintenance {
            within(present, Reason::Low);
        }
        (most, reason)
    }

    /// Whether the index is below a level, with a margin: the watch averages it for itself.
    fn below(sensed: &Sensed, level: u32) -> Option<bool> {
        let level = f64::from(level) / 1_000.0 + BELOW_THE_WATCH;
        sensed.index.map(|index| index.0 < level)
    }

    /// What keeps the present effect-site level for one period, by the profile's kinetics and never
    /// above the cap.
    fn holding(&self, books: &Concentrations, period: Seconds) -> Milligrams {
        let (_, cap) = self.settings.effect_site;
        let level = clamp(books.effect_site, 0.0, cap.0);
        self.books.holding(books, UgPerMl(level)) * period
    }

    /// Whole steps of a dose, and what remains.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    fn whole_steps(&self, dose: Milligrams, carried: u32) -> (Steps, u32) {
        let step = u64::from(self.content.delivery.step.0.max(1)).saturating_mul(1_000);
        let wished = clamp(round(dose.0 * NANOGRAMS), 0.0, f64::from(u32::MAX)) as u64;
        let amount = wished.saturating_add(u64::from(carried));
        let steps = Steps(u32::try_from(amount / step).unwrap_or(u32::MAX));
        (steps, u32::try_from(amount % step).unwrap_or(0))
    }

    /// Micrograms of what came in.
    fn micrograms(&self, booked: &Booked) -> i64 {
        let steps = booked.pump.saturating_add(i64::from(booked.given));
        steps.saturating_mul(i64::from(self.content.delivery.step.0))
    }

    fn observe(
        &self,
        clock: &Clock,
        sensed: &Sensed,
        booked: &Booked,
        around: &Circumstances,
    ) -> Observation {
        let step = self.settings.step.0;
        let open = around.validity == Validity::Closed
            && around.held.deep.is_none()
            && !around.held.low
            && matches!(around.stage, Stage::Induction | Stage::Maintenance);
        #[allow(clippy::cast_precision_loss)]
        let pump = booked.pump as f64 * step;
        Observation {
            time: seconds(clock.passed),
            passed: seconds(clock.step),
            stage: around.stage,
            index: sensed.index,
            weight: sensed.weight,
            validity: around.validity,
            suppression: sensed.suppression,
            circulation: around.held.circulation,
            delivered: Milligrams(pump),
            given: Milligrams(f64::from(booked.given) * step),
            may_increase: open,
        }
    }
}

impl<A: Algorithm> Controller for LoopController<A>
where
    A::State: Encode<()> + for<'b> Decode<'b, ()>,
{
    type State = LoopControllerState<A::State>;

    fn start(&self) -> Self::State {
        LoopControllerState {
            front: FrontState::default(),
            delivered: Delivered::default(),
            clock: Clock::default(),
            course: Course::default(),
            restraint: Restraint::default(),
            carried: 0,
            last: 0,
            books: Concentrations::default(),
            algorithm: self.algorithm.start(&self.settings),
            response: Response::default(),
        }
    }

    fn propose(&self, state: &Self::State, input: &Input) -> (Self::State, Proposal) {
        let mut next = *state;
        let (content, now) = (&self.content, input.now);
        let pumps = content.identities.pumps;
        let (delivered, booked) = state.delivered.book(input, pumps.as_slice());
        let given = self.micrograms(&booked);
        let course = state.course.next(content, input, given);
        let front = if Course::checked(input) { state.front.checked() } else { state.front };
        let (front, sensed) = self.front.sense(&front, input);
        let (restraint, held) = state.restraint.next(content, now, &sensed);
        next.course = course.settled(content, now, sensed.index);
        (next.front, next.restraint) = (front, restraint);
        next.response = state.response.next(content, now, next.course.stage(), sensed.index);
        next.clock = state.clock.at(now, self.period());
        #[allow(clippy::cast_precision_loss)]
        let left = Milligrams(next.course.left(content) as f64 / 1_000.0);
        let middle = content.index.low.0.midpoint(content.index.target.0);
        let around = Circumstances {
            stage: next.course.stage(),
            held,
            validity: sensed.validity,
            last: self.amount(state.last),
            left,
            books: state.books,
            asleep: Self::below(&sensed, content.index.induced.0).unwrap_or(true),
            under: Self::below(&sensed, middle).unwrap_or(false),
            unseen: next.response.permitted(content, now),
        };
        let seen = self.observe(&next.clock, &sensed, &booked, &around);
        let came = seen.delivered + seen.given;
        next.books = self.books.advance(state.books, seen.passed, came);
        let (algorithm, wish) = self.algorithm.step(&self.settings, &state.algorithm, &seen);
        if !is_sound(&wish) {
            // What it computed last is not believed either: it begins anew, and the supervisor
            // puts the background in its place (CTL-18).
            next.algorithm = self.algorithm.start(&self.settings);
            next.delivered = delivered.proposed(state.last);
            let rationale = rationale(&wish, Reason::NotFinite as u16, &seen, &next.books);
            return (next, Proposal { steps: [None; CHANNELS], rationale });
        }
        next.algorithm = algorithm;
        let around = Circumstances { books: next.books, ..around };
        let wish = self.allowed(wish, &around);
        // A pump that cannot deliver is owed nothing: no catch-up when it can again.
        let carried = if booked.halted { 0 } else { state.carried };
        let (steps, carried) = self.whole_steps(wish.dose, carried);
        (next.carried, next.last) = (carried, steps.0);
        next.delivered = delivered.proposed(steps.0);
        let rationale = rationale(&wish, wish.reason, &seen, &next.books);
        (next, Proposal { steps: [Some(steps), None], rationale })
    }
}

impl Clock {
    /// The clock at this instant; across a restart one period is taken.
    fn at(&self, now: Instant, period: Span) -> Self {
        let step = match self.last {
            None => Span::ZERO,
            Some(last) => now.since(last).unwrap_or(period),
        };
        let passed = self.passed.as_millis().saturating_add(step.as_millis());
        Self { last: Some(now), passed: Span::from_millis(passed), step }
    }
}

#[allow(clippy::cast_precision_loss)]
fn seconds(span: Span) -> Seconds {
    Seconds(span.as_millis() as f64 / 1_000.0)
}

/// Whether every number of a wish is one (CTL-18).
fn is_sound(wish: &Wish) -> bool {
    wish.dose.is_finite()
        && wish.effect_site.is_finite()
        && wish.plasma.is_finite()
        && wish.aim.is_finite()
        && wish.predicted.is_finite()
        && wish.half_effect.is_finite()
}

/// The rationale in the order of the profile's page.
fn rationale(wish: &Wish, reason: u16, seen: &Observation, books: &Concentrations) -> Rationale {
    let stage = f64::from(seen.stage as u8);
    let figures: [i32; FIGURES] = [
        figure(books.effect_site * 1_000.0),
        figure(books.plasma * 1_000.0),
        figure(wish.aim.0 * 1_000.0),
        seen.index.map_or(-1, |index| figure(index.0 * 1_000.0)),
        figure(wish.predicted.0 * 1_000.0),
        figure(min(seen.weight, 1.0) * 1_000.0),
        figure(wish.half_effect.0 * 1_000.0),
        figure(stage * 10.0 + f64::from(seen.validity as u8)),
    ];
    Rationale { reason, figures }
}

/// A whole figure, held at the ends of the type; not a number is zero.
#[allow(clippy::cast_possible_truncation)]
fn figure(value: f64) -> i32 {
    if value.is_nan() {
        return 0;
    }
    clamp(round(value), f64::from(i32::MIN), f64::from(i32::MAX)) as i32
}

#[cfg(test)]
mod tests;
