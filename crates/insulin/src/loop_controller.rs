//! An algorithm in the loop: frames in, whole pump steps out.
//!
//! Order of a cycle: book what the pump delivered, sense, observe, let the algorithm wish, hold
//! the wish to what trust and profile allow, take whole steps and carry the remainder (ACT-02).
//! The guard holds the proposal to its own bounds again; this side stays within them by itself so
//! that the guard has nothing to do.

use crate::algorithm::{Algorithm, Observation, Wish};
use crate::delivered::{Booked, Delivered};
use crate::on_board::{History, InsulinAction};
use crate::profile::{Content, Profile, Settings};
use crate::reason::Reason;
use crate::sensing::{Front, FrontState, Sensed, Trust};
use crate::units::{GlucoseMgDl, Grams, MgDlPerMinute, Minutes, Units, UnitsPerHour};
use homeostat_kernel::Controller;
use homeostat_numeric::{clamp, max, min, round};
use homeostat_record::{Action, Announcement, Input, Instant, Proposal, Rationale};
use homeostat_record::{CHANNELS, FIGURES, Span, Steps};
use minicbor::{Decode, Encode};

/// Announcement of carbohydrate, in milligrams.
const CARBOHYDRATE: u8 = 1;
/// This side keeps inside the guard's bound on corrections by a tenth: the guard rounds up.
const WITHIN_THE_GUARD: f64 = 0.9;
/// Parts of a unit in which the remainder is carried.
const MICROUNITS: f64 = 1_000_000.0;

/// A dosing algorithm with everything around it that makes a controller.
#[derive(Clone, Copy, Debug)]
pub struct LoopController<A> {
    algorithm: A,
    content: Content,
    settings: Settings,
    front: Front,
    action: InsulinAction,
    /// On board at the steady basal rate.
    basal_on_board: Units,
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
    meal: Option<Entry>,
    /// Microunits that were wished for and made no whole step; always less than one step.
    #[n(4)]
    carried: u32,
    /// Milliunits that announced meals allow, by cycle; they fade like insulin.
    #[n(5)]
    meals: History,
    /// Cycles since the pump last delivered anything.
    #[n(6)]
    empty: u64,
    #[n(7)]
    algorithm: S,
}

/// Time since the loop began, across restarts of the device.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
struct Clock {
    #[n(0)]
    last: Option<Instant>,
    #[n(1)]
    passed: Span,
}

/// The last carbohydrate entry that counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
struct Entry {
    #[n(0)]
    at: Instant,
    #[n(1)]
    amount: u32,
}

impl<A: Algorithm> LoopController<A> {
    /// An algorithm with the numbers of a profile.
    #[must_use]
    pub fn new(profile: &Profile, algorithm: A) -> Self {
        let settings = profile.settings();
        let action = InsulinAction::new(settings.insulin_duration, settings.insulin_peak);
        let one_step_a_cycle = action.on_board(&History::filled(|_| 1), Units(1.0));
        let basal = settings.basal * settings.period;
        Self {
            algorithm,
            content: *profile.content(),
            settings,
            front: Front::new(profile),
            action,
            basal_on_board: Units(one_step_a_cycle.0 * basal.0),
        }
    }

    fn period(&self) -> Span {
        Span::from_seconds(u64::from(self.content.times.period.0))
    }

    /// The basal amount of one cycle.
    fn basal(&self) -> Units {
        self.settings.basal * self.settings.period
    }

    /// The fall of glucose that insulin on board explains, beyond what holds it level.
    fn explained(&self, delivered: &Delivered) -> MgDlPerMinute {
        let acting = self.action.acting(delivered.history(), self.settings.step);
        let beyond: UnitsPerHour = acting - self.settings.basal;
        MgDlPerMinute(max(beyond.0, 0.0) * self.settings.correction_factor.0 / 60.0)
    }

    /// Carbohydrate announced in this cycle: entries within the bound, an equal one once (GLY-23).
    fn announced(&self, meal: &mut Option<Entry>, input: &Input) -> Option<Grams> {
        let bounds = &self.content.delivery;
        let within = Span::from_minutes(u64::from(bounds.carbohydrate_repeat.0));
        let mut sum = None;
        for person in &input.people {
            let Action::Announce(Announcement { kind: CARBOHYDRATE, amount }) = person.action
            else {
                continue;
            };
            let grams = Grams(f64::from(amount) / 1_000.0);
            let repeated = meal.is_some_and(|last| {
                let apart = input.now.since(last.at);
                last.amount == amount && apart.is_none_or(|apart| apart < within)
            });
            if repeated || grams.0 > f64::from(bounds.carbohydrate_most.0) || amount == 0 {
                continue;
            }
            *meal = Some(Entry { at: input.now, amount });
            sum = Some(sum.unwrap_or(Grams(0.0)) + grams);
        }
        sum
    }

    /// The target, raised where the readings are of reduced quality (GLY-20).
    fn target(&self, trust: Trust) -> GlucoseMgDl {
        let target = self.settings.target;
        if trust != Trust::Cautious {
            return target;
        }
        let factor = f64::from(self.content.sensing.target_raise.0) / 1_000.0;
        let most = f64::from(self.content.sensing.target_raise_most.0);
        GlucoseMgDl(max(target.0, min(target.0 * factor, most)))
    }

    /// Insulin that an announcement allows.
    fn meal(&self, announced: Option<Grams>) -> Units {
        announced.map_or(Units(0.0), |grams| {
            let share = f64::from(self.content.delivery.meal_share.0) / 1_000.0;
            Units((grams / self.settings.carbohydrate_ratio).0 * share)
        })
    }

    /// What automatic delivery may still put on board: beyond the steady basal and the announced
    /// meals, corrections may hold a share of the daily dose.
    fn room(&self, meals: &History, on_board: Units) -> Units {
        let share = self.content.control.correction_on_board_share;
        let correction = f64::from(self.content.share_of_daily_dose(share).0) / 1_000.0;
        let correction = correction * WITHIN_THE_GUARD;
        let meals = self.action.on_board(meals, Units(0.001));
        Units(self.basal_on_board.0 + meals.0 + correction - on_board.0)
    }

    /// Holds a wish to what sensing and profile allow: `meal` for an announcement, `room` for
    /// corrections on board.
    fn allowed(&self, wish: Wish, sensed: &Sensed, meal: Units, room: Units) -> Wish {
        if sensed.seen.low {
            return Wish { dose: Units(0.0), meal: Units(0.0), reason: Reason::Low, ..wish };
        }
        let basal = self.basal();
        let meal = Units(clamp(wish.meal.0, 0.0, min(meal.0, max(wish.dose.0, 0.0))));
        let automatic = max(wish.dose.0, 0.0) - meal.0;
        let ceiling = f64::from(self.content.delivery.automatic_most.0) / 1_000.0;
        let (most, reason) = match sensed.seen.trust {
            Trust::Unusable => (basal.0, Reason::NoGlucose),
            Trust::ReduceOnly => (basal.0, Reason::ReduceOnly),
            Trust::Cautious | Trust::Full if room.0 < ceiling => {
                (max(room.0, basal.0), Reason::OnBoard)
            }
            Trust::Cautious | Trust::Full => (ceiling, Reason::Ceiling),
        };
        if automatic > most {
            Wish { dose: Units(most) + meal, meal, reason, ..wish }
        } else {
            Wish { dose: Units(automatic) + meal, meal, ..wish }
        }
    }

    /// After a long time without any insulin the basal rate goes on, unless glucose is low or will
    /// be (GLY-22): the guard asks for the same a cycle later.
    fn resumed(&self, wish: Wish, empty: u64, sensed: &Sensed) -> Wish {
        let (levels, period) = (&self.content.glucose, self.settings.period);
        let minutes = empty.saturating_add(1).saturating_mul(self.period().as_minutes());
        let least = self.settings.suspend_below;
        let (Some(glucose), Some(slope)) = (sensed.seen.glucose, sensed.seen.slope) else {
            return wish;
        };
        let ahead = Minutes(f64::from(levels.prediction_horizon.0));
        let predicted = glucose + slope * ahead;
        let long = minutes >= u64::from(levels.stop_most.0);
        let basal = self.settings.basal * period;
        if long && glucose >= least && predicted >= least && wish.dose < basal {
            return Wish { dose: basal, reason: Reason::LongStop, ..wish };
        }
        wish
    }

    /// Whole steps of a dose, and what remains.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    fn whole_steps(&self, dose: Units, carried: u32) -> (Steps, u32) {
        let step = u64::from(self.content.delivery.step.0.max(1)).saturating_mul(1_000);
        let wished = clamp(round(dose.0 * MICROUNITS), 0.0, f64::from(u32::MAX)) as u64;
        let amount = wished.saturating_add(u64::from(carried));
        let steps = Steps(u32::try_from(amount / step).unwrap_or(u32::MAX));
        (steps, u32::try_from(amount % step).unwrap_or(0))
    }
}

impl<A: Algorithm> Controller for LoopController<A>
where
    A::State: Encode<()> + for<'b> Decode<'b, ()>,
{
    type State = LoopControllerState<A::State>;

    fn start(&self) -> Self::State {
        let period = self.basal();
        let (usual, _) = self.whole_steps(period, 0);
        let remainder = max(period.0 / self.settings.step.0 - f64::from(usual.0), 0.0);
        // The basal therapy before, its remainder spread as the pump spreads it.
        let spread = |bucket: usize| {
            let until = |count: usize| {
                homeostat_numeric::floor(remainder * f64::from(u16::try_from(count).unwrap_or(0)))
            };
            usual.0.saturating_add(u32::from(until(bucket.saturating_add(1)) > until(bucket)))
        };
        LoopControllerState {
            front: FrontState::default(),
            delivered: Delivered::start(spread),
            clock: Clock::default(),
            meal: None,
            carried: 0,
            meals: History::default(),
            empty: 0,
            algorithm: self.algorithm.start(&self.settings),
        }
    }

    fn propose(&self, state: &Self::State, input: &Input) -> (Self::State, Proposal) {
        let mut next = *state;
        let pumps = self.content.identities.pumps;
        let (delivered, booked) = state.delivered.book(input, self.period(), pumps.as_slice());
        let explained = self.explained(&delivered);
        let (front, sensed) = self.front.sense(&state.front, input, explained);
        next.front = front;
        next.empty = if booked.pump > 0 { 0 } else { state.empty.saturating_add(booked.cycles) };
        next.clock = state.clock.at(input.now, self.period());
        let announced = self.announced(&mut next.meal, input);
        let seen = self.observe(&next.clock, &sensed, &delivered, &booked, announced);
        let (algorithm, wish) = self.algorithm.step(&self.settings, &state.algorithm, &seen);
        if !is_sound(&wish) {
            // What it computed last is not believed either: it begins anew, and the supervisor
            // puts the background in its place.
            next.algorithm = self.algorithm.start(&self.settings);
            next.meals = state.meals.aged(booked.cycles);
            let (background, _) = self.whole_steps(self.basal(), 0);
            next.delivered = delivered.proposed(background.0);
            let wish = Wish::basal(&self.settings, Reason::NotFinite);
            let rationale = rationale(&wish, &seen, Units(0.0));
            return (next, Proposal { steps: [None; CHANNELS], rationale });
        }
        next.algorithm = algorithm;
        let meal = self.meal(announced);
        let faded = state.meals.aged(booked.cycles);
        let room = self.room(&faded, seen.on_board);
        next.meals = faded.with(figure(meal.0 * 1_000.0).unsigned_abs());
        let wish = self.allowed(wish, &sensed, meal, room);
        let wish = self.resumed(wish, next.empty, &sensed);
        // A pump that cannot deliver is owed nothing: no catch-up when it can again.
        let carried = if booked.heard && !booked.running { 0 } else { state.carried };
        let (steps, carried) = self.whole_steps(wish.dose, carried);
        next.carried = carried;
        next.delivered = delivered.proposed(steps.0);
        let rationale = rationale(&wish, &seen, wish.meal);
        (next, Proposal { steps: [Some(steps), None], rationale })
    }
}

impl<A: Algorithm> LoopController<A> {
    fn observe(
        &self,
        clock: &Clock,
        sensed: &Sensed,
        delivered: &Delivered,
        booked: &Booked,
        announced: Option<Grams>,
    ) -> Observation {
        let step = self.settings.step;
        #[allow(clippy::cast_precision_loss)]
        let pump = booked.pump as f64 * step.0;
        Observation {
            time: Minutes::from(clock.passed),
            glucose: sensed.seen.glucose,
            at_end: sensed.seen.high,
            trust: sensed.seen.trust,
            slope: sensed.seen.slope,
            delivered: Units(pump),
            given: Units(f64::from(booked.given) * step.0),
            withheld: Units(f64::from(booked.proposed) * step.0 - pump),
            announced,
            on_board: self.action.on_board(delivered.history(), step),
            target: self.target(sensed.seen.trust),
        }
    }
}

impl Clock {
    /// The clock at this instant; across a restart one period is taken.
    fn at(&self, now: Instant, period: Span) -> Self {
        let passed = match self.last {
            None => Span::ZERO,
            Some(last) => now.since(last).unwrap_or(period),
        };
        let passed = self.passed.as_millis().saturating_add(passed.as_millis());
        Self { last: Some(now), passed: Span::from_millis(passed) }
    }
}

/// Whether every number of a wish is one (CTL-18).
fn is_sound(wish: &Wish) -> bool {
    let levels = [wish.predicted_least, wish.predicted_eventual];
    wish.dose.is_finite()
        && wish.meal.is_finite()
        && wish.carbohydrate_on_board.is_finite()
        && wish.ratio.is_finite()
        && levels.into_iter().flatten().all(GlucoseMgDl::is_finite)
}

/// The rationale in the order of the profile's page.
fn rationale(wish: &Wish, seen: &Observation, meal: Units) -> Rationale {
    let level = |level: Option<GlucoseMgDl>| level.map_or(-1, |level| figure(max(level.0, 0.0)));
    let figures: [i32; FIGURES] = [
        figure(seen.on_board.0 * 1_000.0),
        level(seen.glucose),
        level(wish.predicted_least),
        level(wish.predicted_eventual),
        figure(wish.carbohydrate_on_board.0 * 1_000.0),
        figure(seen.slope.map_or(0.0, |slope| slope.0) * 1_000.0),
        figure(meal.0 * 1_000.0),
        figure(wish.ratio * 1_000.0),
    ];
    Rationale { reason: wish.reason as u16, figures }
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
