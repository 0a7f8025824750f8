//! How a controller conducts itself over hours: cycles that may each be defended can still add up to
//! a fault. A proposal is held against the controller's own prediction, its figures against the
//! readings. The factors here are round numbers; the limits in `conduct.rs` were measured.

use crate::leak::Leak;
use crate::settings::{Settings, Years};
use crate::situation::{Claims, Situation};
use crate::whole::share;
use minicbor::{Decode, Encode};

/// Cycles of one, two and six hours.
const HOUR: i64 = 12;
const TWO_HOURS: i64 = 24;
const SIX_HOURS: i64 = 72;
/// A shorter or a longer cycle is no step from which a change can be told, milliseconds.
const STEP: core::ops::RangeInclusive<u64> = 240_000..=360_000;
/// A reading that is older than this did not come in this cycle, milliseconds.
const FRESH: u64 = 360_000;

/// From this height above the target on, the controller's own lowest prediction calls for insulin,
/// and from that one on for more than basal; no height counts beyond the most, thousandths of
/// mg/dL.
const CALLS: i64 = 15_000;
const CALLS_FOR_MORE: i64 = 25_000;
const HEIGHT_MOST: i64 = 60_000;
/// So often the roughness of the readings is taken off a height: a controller may well trust a rough
/// signal less.
const DOUBT: i64 = 3;
/// A dose is taken to answer what it lowers, repeated for so many cycles: in children younger than
/// this, in whom a unit does more than their settings tell, and in others.
const CHILD: Years = Years(13);
const REPEATED_CHILD: i64 = 18;
const REPEATED: i64 = 9;
/// The dose of an inferred meal answers many cycles, but not all of them.
const ANSWER_MOST: i64 = 120_000;

/// By how much more than the settings tell a unit and a gram are taken to move glucose where one is
/// weighed against the other.
const STRONGER: i64 = 2;
/// A single growth of the carbohydrate figure counts at most, thousandths of mg/dL.
const GROWTH_MOST: i64 = 40_000;
/// How far readings are taken to move in a cycle even where they stand still, thousandths of
/// mg/dL.
const MOVED_LEAST: i64 = 1_000;

/// What is told of a cycle with a fresh reading and figures, thousandths of mg/dL and of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub(crate) struct Moment {
    /// The reading.
    #[n(0)]
    pub(crate) level: i64,
    /// The lowest glucose that the controller predicts.
    #[n(1)]
    pub(crate) lowest: i64,
    /// Its sensitivity ratio; zero when it states none.
    #[n(2)]
    pub(crate) ratio: i64,
    /// How far its carbohydrate on board raises glucose.
    #[n(3)]
    pub(crate) raises: i64,
    /// How far insulin beyond basal lowers it in the coming five minutes.
    #[n(4)]
    pub(crate) lowers: i64,
}

impl Moment {
    /// What is seen now, if there are a fresh reading and the figures.
    pub(crate) fn of(settings: &Settings, situation: &Situation, claims: &Claims) -> Option<Self> {
        let seen = situation.seen.filter(|seen| seen.age <= FRESH && !seen.coded)?;
        let stronger =
            |milliunits| lowered(settings, milliunits, claims.ratio).saturating_mul(STRONGER);
        Some(Self {
            level: seen.latest,
            lowest: claims.lowest?,
            ratio: claims.ratio,
            raises: stronger(settings.for_carbohydrate(claims.carbohydrate)),
            lowers: stronger(situation.acting.coming),
        })
    }
}

/// How far milliunits lower glucose, thousandths of mg/dL, at the ratio that the controller states:
/// whoever gives more than the settings has found that a unit does less.
fn lowered(settings: &Settings, milliunits: i64, ratio: i64) -> i64 {
    let by_settings = share(milliunits, settings.person.fall_per_unit.0.into(), 1_000);
    share(by_settings, 1_000, if ratio > 0 { ratio } else { 1_000 })
}

/// Sums of what was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub(crate) struct Signs {
    /// The last moment, if no cycle is missing between it and now.
    #[n(0)]
    before: Option<Moment>,
    /// The last change of the readings, and by how much their changes differ, over two hours.
    #[n(1)]
    change: i64,
    #[n(2)]
    rough: Leak,
    /// Its own predicted height that its doses do not answer, over six hours.
    #[n(3)]
    pub(crate) unanswered: Leak,
    /// The same height where no more than basal was proposed, over six hours.
    #[n(4)]
    pub(crate) held_back: Leak,
    /// How much its carbohydrate grew while the readings, without what insulin explains, fell; over
    /// an hour.
    #[n(5)]
    pub(crate) imagined: Leak,
    /// How far the readings moved, without what insulin explains, in the same hour.
    #[n(6)]
    unexplained: Leak,
}

impl Signs {
    /// Nothing was seen.
    pub(crate) const NONE: Self = Self {
        before: None,
        change: 0,
        rough: Leak::NOTHING,
        unanswered: Leak::NOTHING,
        held_back: Leak::NOTHING,
        imagined: Leak::NOTHING,
        unexplained: Leak::NOTHING,
    };

    /// Takes a moment that comes `passed` milliseconds after the last, with the proposed
    /// milliunits. A moment that is not `judged` (the beginning, or predictions leap at a meal)
    /// is only remembered.
    pub(crate) fn take(
        &mut self,
        settings: &Settings,
        now: Option<Moment>,
        (proposed, judged): (i64, bool),
        passed: u64,
    ) {
        let before = core::mem::replace(&mut self.before, now);
        let Some(now) = now else { return };
        let before = before.filter(|_| STEP.contains(&passed));
        let change = before.map_or(0, |before| now.level.saturating_sub(before.level));
        let last = core::mem::replace(&mut self.change, change);
        self.rough.add(change.saturating_sub(last).saturating_abs(), TWO_HOURS);
        if judged {
            self.dose(settings, &now, proposed);
        }
        if let Some(before) = before {
            self.carbohydrate(&before, &now, judged);
        }
    }

    /// The dose against the controller's own prediction.
    fn dose(&mut self, settings: &Settings, now: &Moment, proposed: i64) {
        let doubt = share(self.rough.held(), DOUBT, TWO_HOURS);
        let above = now.lowest.saturating_sub(settings.levels.target.0.into());
        let height = above.saturating_sub(doubt);
        let counted = height.clamp(0, HEIGHT_MOST);
        let child = settings.person.age < CHILD;
        let repeated = if child { REPEATED_CHILD } else { REPEATED };
        let answer = lowered(settings, proposed, now.ratio).saturating_mul(repeated);
        let answer = answer.min(ANSWER_MOST);
        let unanswered = if height > CALLS { counted.saturating_sub(answer) } else { 0 };
        self.unanswered.add(unanswered, SIX_HOURS);
        let basal = settings.basal_cycle().saturating_add(settings.milliunits(1));
        let held_back = height > CALLS_FOR_MORE && proposed <= basal;
        self.held_back.add(if held_back { counted } else { 0 }, SIX_HOURS);
    }

    /// The carbohydrate figure against the readings.
    fn carbohydrate(&mut self, before: &Moment, now: &Moment, judged: bool) {
        let unexplained = now.level.saturating_sub(before.level).saturating_add(before.lowers);
        let grown = now.raises.saturating_sub(before.raises).clamp(0, GROWTH_MOST);
        let imagined = judged && unexplained < 0 && now.ratio == before.ratio;
        self.imagined.add(if imagined { grown } else { 0 }, HOUR);
        self.unexplained.add(unexplained.saturating_abs(), HOUR);
    }

    /// How far the readings are taken to have moved in an hour, without what insulin explains.
    pub(crate) fn unexplained(&self) -> i64 {
        self.unexplained.held().saturating_add(MOVED_LEAST.saturating_mul(HOUR))
    }
}
