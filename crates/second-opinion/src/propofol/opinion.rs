//! One weighing of a proposal of propofol: remember what happened, then judge.

use super::delivery::Delivery;
use super::kinetics::{Drug, Model};
use super::monitor::{Monitor, Seen};
use super::settings::{PropofolSettings, PropofolSettingsError};
use super::stage::{Stage, Staged};
use crate::timeline::{Step, Timeline};
use crate::whole::share;
use homeostat_record::{
    Action, Cause, Input, Objection, Opinion, Phase, Proposal, Rationale, SecondOpinion, Steps,
};
use minicbor::{Decode, Encode};

/// Two estimates of one concentration may part by this much: per mille, and nanograms per
/// millilitre for the roundings of what is nearly nothing (issue: within 5 %).
const APART: (i64, i64) = (50, 40);
/// An index that is stated to have been used may lie this far outside the last samples: a filter
/// lags, and one cycle's samples are averaged. Thousandths.
const INDEX_APART: i64 = 8_000;
/// Two clocks and two roundings, one cycle: milliseconds by which two honest times may differ.
pub(crate) const GRACE: u64 = 6_000;
/// What keeps a level may be exceeded by this, per mille, and these steps, where nothing may rise.
const HOLD: (i64, i64) = (150, 3);
/// A bound that both sides compute is allowed so much more here, per mille.
const BEYOND: i64 = 50;
/// Longest time that is stepped through in one cycle, seconds.
const LONGEST: u64 = 600;
/// Cycles in a row without a proposal from which that is a difference.
const SILENCE: u32 = 3;

/// The second opinion on a loop of propofol.
///
/// It abstains where there is no proposal, objects to what it would not allow, differs where too
/// little is given to a person whose index is high, where a controller is silent, or where the
/// controller's concentrations lie above its own, and concurs otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PropofolOpinion {
    settings: PropofolSettings,
    model: Model,
}

/// What the opinion remembers from cycle to cycle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct PropofolState {
    #[n(0)]
    line: Timeline,
    /// Milliseconds that made no whole second yet.
    #[n(1)]
    rest: u64,
    #[n(2)]
    monitor: Monitor,
    #[n(3)]
    delivery: Delivery,
    #[n(4)]
    drug: Drug,
    #[n(5)]
    staged: Staged,
    /// People chose automatic operation and nothing has ended it since.
    #[n(6)]
    automatic: bool,
    #[n(7)]
    silent: u32,
}

/// The controller's own figures, in the order of the profile's page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Claims {
    /// Effect-site concentration, nanograms per millilitre.
    effect: i64,
    /// Index used, thousandths.
    index: Option<i64>,
    /// Weight of the index, per mille.
    weight: i64,
    /// It says that the induction is over.
    maintains: bool,
}

impl Claims {
    fn of(rationale: &Rationale) -> Option<Self> {
        let [effect, _, _, index, _, weight, _, stage] = rationale.figures.map(i64::from);
        let index = (index >= 0).then_some(index);
        let claims = Self { effect, index, weight, maintains: stage / 10 == 2 };
        (rationale.figures != [0; 8]).then_some(claims)
    }
}

/// A bound on the amount of this cycle, nanograms.
type Bound = (Objection, i64);

impl PropofolOpinion {
    /// An opinion from the canonical bytes of the signed profile.
    ///
    /// # Errors
    /// [`PropofolSettingsError`] when they are not a profile that can be worked with.
    pub fn from_profile(bytes: &[u8]) -> Result<Self, PropofolSettingsError> {
        let settings = PropofolSettings::from_profile(bytes)?;
        Ok(Self { settings, model: Model::new(settings.kinetics) })
    }

    /// Effect-site concentration by the opinion's own account, nanograms per millilitre.
    #[must_use]
    pub fn effect_site(&self, state: &PropofolState) -> i64 {
        self.model.concentration(state.drug.effect)
    }

    /// Takes what happened into the state. Returns what is seen.
    fn remember(&self, state: &mut PropofolState, input: &Input) -> Seen {
        let settings = &self.settings;
        let before = state.line.tick();
        let doubt = input.conditions.has(Cause::ClockDoubtful);
        if state.line.advance(input.now, doubt) == Step::Broken {
            state.monitor.forget();
        }
        let tick = state.line.tick();
        state.monitor.take(state.line, input, settings);
        let came = state.delivery.take(tick, input, settings);
        let passed = tick.saturating_sub(before).saturating_add(state.rest);
        let seconds = (passed / 1_000).min(LONGEST);
        state.rest = passed % 1_000;
        let given = settings.nanograms(came.steps);
        if seconds == 0 {
            state.drug.central = state.drug.central.saturating_add(given).max(0);
        } else {
            let seconds = u32::try_from(seconds).unwrap_or(0);
            self.model.pass(&mut state.drug, seconds, given);
        }
        // What a person gave otherwise was given at once, and now.
        let other = settings.nanograms(came.given);
        state.drug.central = state.drug.central.saturating_add(other);
        state.staged.take(tick, input, given.saturating_add(other));
        for person in &input.people {
            match person.action {
                Action::Choose(phase) => state.automatic = phase == Phase::Automatic,
                Action::Stop => state.automatic = false,
                _ => {}
            }
        }
        state.monitor.seen(tick, settings)
    }

    /// Nanograms that keep the effect-site level for a cycle, with tolerance.
    fn hold(&self, state: &PropofolState) -> i64 {
        let settings = &self.settings;
        let amount = state.drug.effect;
        let exact = self.model.hold(&state.drug, amount, settings.times.period);
        let (share_more, steps_more) = HOLD;
        let more = share(exact, share_more, 1_000);
        exact.saturating_add(more).saturating_add(settings.nanograms(steps_more))
    }

    /// What is forbidden whatever was proposed before.
    fn forbidden(&self, seen: &Seen, stage: Stage) -> bool {
        let index = &self.settings.index;
        let lasts = |lasted: u64, after: u64| seen.usable && lasted >= after.saturating_add(GRACE);
        matches!(stage, Stage::Before | Stage::Emergence)
            || lasts(seen.deep, index.deep_after)
            || lasts(seen.suppressed, index.deep_after)
            || seen.pressure.is_some_and(|pressure| pressure < self.settings.pressure.stop)
    }

    /// The strictest bound on this cycle's amount.
    fn strictest(&self, state: &PropofolState, seen: &Seen, stage: Stage) -> Bound {
        let settings = &self.settings;
        let delivery = &settings.delivery;
        if self.forbidden(seen, stage) {
            return (Objection::MustNotDeliver, 0);
        }
        let beyond = |bound: i64| bound.saturating_add(share(bound, BEYOND, 1_000));
        let cycle = match stage {
            Stage::Induction => delivery.cycle,
            _ => delivery.maintenance,
        };
        let two = settings.nanograms(2);
        let mut bound = (Objection::OutsideDeclaredSpace, cycle.saturating_add(two));
        let mut hold_to = |rule: Objection, most: i64| {
            if most < bound.1 {
                bound = (rule, most.max(0));
            }
        };
        if stage == Stage::Induction {
            let given = state.staged.induced();
            hold_to(Objection::TooMuch, beyond(delivery.induction).saturating_sub(given));
        }
        let limits = [delivery.five_minutes, delivery.hour, delivery.day];
        for (given, limit) in state.delivery.within().into_iter().zip(limits) {
            let given = settings.nanograms(given);
            hold_to(Objection::TooMuch, beyond(limit).saturating_sub(given).saturating_add(two));
        }
        let lately = settings.nanograms(state.delivery.lately_proposed());
        let no_more = self.hold(state).max(lately).saturating_add(two);
        let times = &settings.times;
        if seen.without > times.limited_after.saturating_add(GRACE) {
            hold_to(Objection::InputNotUsable, no_more);
        }
        let low = settings.index.low_after.saturating_add(GRACE);
        let pressure = seen.pressure.is_some_and(|pressure| pressure < settings.pressure.low);
        if (seen.usable && seen.low >= low) || pressure {
            hold_to(Objection::TooMuch, no_more);
        }
        bound
    }

    /// The amount beyond which the effect site would pass its highest level, if `proposed` does.
    fn effect_bound(&self, state: &PropofolState, proposed: i64) -> Option<i64> {
        let most = self.settings.delivery.effect_most;
        let most = self.model.amount(most.saturating_add(share(most, BEYOND, 1_000)));
        // The effect site never passes the plasma: nothing to foresee where that is within.
        if state.drug.central.saturating_add(proposed) <= most && state.drug.effect <= most {
            return None;
        }
        let passes = |amount: i64| self.model.peak(&state.drug, amount) > most;
        if !passes(proposed) {
            return None;
        }
        // The peak grows with the amount: halve the range a fixed number of times.
        let (mut within, mut beyond) = (0_i64, proposed);
        for _ in 0..8 {
            let middle = within.saturating_add(beyond) / 2;
            if passes(middle) { beyond = middle } else { within = middle }
        }
        Some(within)
    }

    /// What is wrong with the controller's own figures.
    fn refuted(&self, state: &PropofolState, seen: &Seen, claims: &Claims) -> Option<Objection> {
        let mine = self.effect_site(state);
        let (part, least) = APART;
        let understated = mine.saturating_sub(share(mine, part, 1_000)).saturating_sub(least);
        if claims.effect < understated {
            return Some(Objection::ActingAmountUnderstated);
        }
        let stale = seen.without > self.settings.times.limited_after.saturating_add(GRACE);
        if let Some(index) = claims.index {
            let (low, high) = seen.range.unwrap_or((i64::MAX, i64::MIN));
            let near = low.saturating_sub(INDEX_APART)..=high.saturating_add(INDEX_APART);
            if !near.contains(&index) || (stale && claims.weight > 0) {
                return Some(Objection::InputNotUsable);
            }
        }
        None
    }

    /// Nanograms that are wanting: a high index that nothing answers, or concentrations that are
    /// claimed to be there and are not.
    fn wanting(&self, state: &PropofolState, seen: &Seen, stage: Stage, proposed: i64) -> i64 {
        let index = &self.settings.index;
        let lasts = seen.high >= index.high_after.saturating_add(GRACE);
        if stage != Stage::Maintenance || !seen.usable || !lasts || seen.unwell {
            return 0;
        }
        let hold = self.model.hold(&state.drug, state.drug.effect, self.settings.times.period);
        hold.saturating_sub(self.settings.nanograms(2)).saturating_sub(proposed).max(0)
    }

    fn overstated(&self, state: &PropofolState, claims: &Claims) -> i64 {
        let mine = self.effect_site(state);
        let (part, least) = APART;
        let most = mine.saturating_add(share(mine, part, 1_000)).saturating_add(least);
        self.model.amount(claims.effect.saturating_sub(most).max(0))
    }

    fn judge(
        &self,
        state: &PropofolState,
        seen: &Seen,
        (steps, claims): (Steps, Option<&Claims>),
    ) -> Opinion {
        let settings = &self.settings;
        let claimed = claims.is_some_and(|claims| claims.maintains);
        let stage = state.staged.stage(state.line.tick(), claimed, settings);
        let proposed = settings.nanograms(steps.0.into());
        let (mut rule, mut most) = self.strictest(state, seen, stage);
        if let Some(within) = self.effect_bound(state, proposed).filter(|within| *within < most) {
            (rule, most) = (Objection::TooMuch, within);
        }
        let at_most = settings.steps(most);
        if steps > at_most {
            return Opinion::Object { rule, at_most };
        }
        let refuted = claims.and_then(|claims| self.refuted(state, seen, claims));
        if let Some(rule) = refuted {
            return Opinion::Object {
                rule,
                at_most: at_most.or_less(settings.steps(self.hold(state))),
            };
        }
        let wanting = self.wanting(state, seen, stage, proposed);
        let over = claims.map_or(0, |claims| self.overstated(state, claims));
        match settings.steps(wanting.max(over)) {
            Steps::ZERO => Opinion::Concur,
            steps => Opinion::Differ { steps },
        }
    }
}

impl SecondOpinion for PropofolOpinion {
    type State = PropofolState;

    fn start(&self) -> PropofolState {
        PropofolState {
            line: Timeline::new(),
            rest: 0,
            monitor: Monitor::default(),
            delivery: Delivery::default(),
            drug: Drug::default(),
            staged: Staged::default(),
            automatic: false,
            silent: 0,
        }
    }

    fn weigh(
        &self,
        state: &PropofolState,
        input: &Input,
        proposal: &Proposal,
    ) -> (PropofolState, Opinion) {
        let mut next = *state;
        let seen = self.remember(&mut next, input);
        let [steps, other] = proposal.steps;
        let claims = Claims::of(&proposal.rationale);
        let opinion = match (steps, other) {
            (_, Some(other)) if other > Steps::ZERO => {
                Opinion::Object { rule: Objection::OutsideDeclaredSpace, at_most: Steps::ZERO }
            }
            (None, _) => self.silence(&mut next),
            (Some(steps), _) => {
                next.silent = 0;
                self.judge(&next, &seen, (steps, claims.as_ref()))
            }
        };
        next.delivery.expect(steps.map_or(0, |steps| steps.0));
        (next, opinion)
    }
}

impl PropofolOpinion {
    /// A controller that says nothing while it is to treat differs from one that treats.
    fn silence(&self, state: &mut PropofolState) -> Opinion {
        state.silent = state.silent.saturating_add(1);
        let stage = state.staged.stage(state.line.tick(), false, &self.settings);
        let treats = matches!(stage, Stage::Induction | Stage::Maintenance);
        if !(state.automatic && treats && state.silent >= SILENCE) {
            return Opinion::Abstain;
        }
        Opinion::Differ { steps: self.settings.steps(self.hold(state)).or_more(Steps(1)) }
    }
}
