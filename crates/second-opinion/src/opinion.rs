//! One weighing: remember what happened, then judge what is proposed.

use crate::band::{Want, unanswered};
use crate::claims::{overstated, refuted};
use crate::conduct::{Conduct, Offer};
use crate::curve::Curve;
use crate::delivery::Delivery;
use crate::glucose::Track;
use crate::limits::{as_steps, basal_share, strictest};
use crate::meals::Meals;
use crate::settings::{Settings, SettingsError};
use crate::situation::{Claims, Situation};
use crate::timeline::{SLOT, Step, Timeline};
use homeostat_record::{Cause, Input, Objection, Opinion, Proposal, SecondOpinion, Steps};
use minicbor::{Decode, Encode};

/// The second opinion on a loop of insulin.
///
/// It abstains where there is no proposal, objects to what it would not allow, differs where too
/// little is given for too long or where the controller's figures are too far from its own, and
/// concurs otherwise. A difference is only stated beyond the opinion's own tolerance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InsulinOpinion {
    settings: Settings,
    curve: Curve,
}

/// What the opinion remembers from cycle to cycle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct InsulinState {
    #[n(0)]
    line: Timeline,
    #[n(1)]
    track: Track,
    #[n(2)]
    delivery: Delivery,
    #[n(3)]
    meals: Meals,
    #[n(4)]
    want: Want,
    #[n(5)]
    pub(crate) conduct: Conduct,
}

impl InsulinOpinion {
    /// An opinion for the person whose settings these are.
    ///
    /// # Errors
    /// [`SettingsError`] when the settings cannot be worked with.
    pub fn new(settings: Settings) -> Result<Self, SettingsError> {
        settings.check()?;
        let curve = Curve::new(settings.action.duration, settings.action.peak);
        Ok(Self { settings, curve: curve.ok_or(SettingsError::Action)? })
    }

    /// An opinion from the canonical bytes of the signed profile.
    ///
    /// # Errors
    /// [`SettingsError`] when they are not a profile that can be worked with.
    pub fn from_profile(bytes: &[u8]) -> Result<Self, SettingsError> {
        Self::new(Settings::from_profile(bytes)?)
    }

    /// Takes what happened into the state and sees the situation that results. Returns the time
    /// that passed with it, milliseconds.
    fn remember(&self, state: &mut InsulinState, input: &Input) -> (Situation, u64) {
        let settings = &self.settings;
        let before = state.line.tick();
        let doubt = input.conditions.has(Cause::ClockDoubtful);
        if state.line.advance(input.now, doubt) == Step::Broken {
            state.track.forget();
        }
        let tick = state.line.tick();
        let mismatch = state.delivery.take(state.line, input, settings);
        state.track.take(state.line, input, settings);
        let announced = state.meals.take(tick, input, settings);
        let delivery = &state.delivery;
        let [hour, four_hours] = Situation::WINDOWS.map(|slots| delivery.within(slots));
        let stop = u64::from(settings.levels.stop_most.0).saturating_mul(60_000) / SLOT;
        let stop = usize::try_from(stop.saturating_sub(2)).unwrap_or(0);
        let situation = Situation {
            seen: state.track.seen(tick, settings),
            acting: delivery.acting(tick, &self.curve, settings),
            known_for: delivery.known_for(tick),
            unabsorbed: state.meals.unabsorbed(tick, settings),
            recent_carbohydrate: state.meals.recent(settings),
            announced,
            windows: [hour, four_hours, delivery.within_day()],
            surplus: mismatch.surplus,
            missing: mismatch.missing,
            stopped_long: delivery.within(stop) == 0,
        };
        (situation, tick.saturating_sub(before))
    }

    /// Milliunits that are wanting: for long, of a meal, or of what was proposed before.
    fn wanting(
        &self,
        state: &mut InsulinState,
        situation: &Situation,
        steps: Option<Steps>,
        claims: Option<&Claims>,
        passed: u64,
    ) -> i64 {
        let settings = &self.settings;
        let tick = state.line.tick();
        let missing = settings.milliunits(situation.missing);
        let Some(steps) = steps else {
            state.want = Want::new(tick);
            state.meals.close();
            return missing;
        };
        let lasting = state.want.take(settings, situation, steps, (passed, tick));
        let beyond = settings.milliunits(steps.0.into()).saturating_sub(settings.basal_cycle());
        let answer = claims.map_or(beyond, |claims| claims.meal.min(beyond));
        let meal = unanswered(&mut state.meals, settings, situation, tick, answer);
        lasting.max(meal).max(missing)
    }

    /// Milliunits by which the controller's conduct is not what is expected.
    fn strange(
        &self,
        state: &mut InsulinState,
        situation: &Situation,
        (proposal, claims): (&Proposal, Option<&Claims>),
        input: &Input,
        passed: u64,
    ) -> i64 {
        let settings = &self.settings;
        let arrived = settings.milliunits(state.delivery.reported());
        let proposed = proposal.steps[0].map(|steps| settings.milliunits(steps.0.into()));
        let offer = Offer { proposed, claims, arrived };
        let said = basal_share(settings);
        state.conduct.take(settings, situation, offer, (input, passed, said))
    }

    /// What is prohibited in the proposal, if anything.
    fn object(
        &self,
        situation: &Situation,
        steps: Steps,
        claims: Option<&Claims>,
    ) -> Option<Opinion> {
        let settings = &self.settings;
        let strictest = strictest(settings, situation, claims);
        let at_most = as_steps(settings, strictest);
        if steps > at_most {
            return Some(Opinion::Object { rule: strictest.0, at_most });
        }
        let basal = at_most.or_less(settings.steps(basal_share(settings)));
        if situation.surplus > 0 {
            return Some(Opinion::Object { rule: Objection::TooMuch, at_most: basal });
        }
        let rule = refuted(settings, situation, claims?)?;
        Some(Opinion::Object { rule, at_most: basal })
    }
}

impl SecondOpinion for InsulinOpinion {
    type State = InsulinState;

    fn start(&self) -> InsulinState {
        let line = Timeline::new();
        InsulinState {
            line,
            track: Track::new(),
            delivery: Delivery::new(line.tick()),
            meals: Meals::new(line.tick()),
            want: Want::new(line.tick()),
            conduct: Conduct::new(),
        }
    }

    fn weigh(
        &self,
        state: &InsulinState,
        input: &Input,
        proposal: &Proposal,
    ) -> (InsulinState, Opinion) {
        let mut next = *state;
        let settings = &self.settings;
        let (situation, passed) = self.remember(&mut next, input);
        let [steps, other] = proposal.steps;
        let claims = Claims::of(&proposal.rationale);
        let wanting = self.wanting(&mut next, &situation, steps, claims.as_ref(), passed);
        let strange =
            self.strange(&mut next, &situation, (proposal, claims.as_ref()), input, passed);
        let opinion = match (steps, other) {
            (_, Some(other)) if other > Steps::ZERO => {
                Opinion::Object { rule: Objection::OutsideDeclaredSpace, at_most: Steps::ZERO }
            }
            (None, _) => match settings.steps(strange) {
                Steps::ZERO => Opinion::Abstain,
                steps => Opinion::Differ { steps },
            },
            (Some(steps), _) => {
                self.object(&situation, steps, claims.as_ref()).unwrap_or_else(|| {
                    let over = claims.map_or(0, |claims| overstated(settings, &situation, &claims));
                    match settings.steps(wanting.max(over).max(strange)) {
                        Steps::ZERO => Opinion::Concur,
                        steps => Opinion::Differ { steps },
                    }
                })
            }
        };
        next.delivery.expect(steps, settings);
        (next, opinion)
    }
}
