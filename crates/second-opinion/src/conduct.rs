//! How a controller conducts itself. Nothing here forbids a dose: what is found is a difference,
//! said once and then forgotten.

use crate::band::{FALLING, MEAL_LEAST};
use crate::leak::Leak;
use crate::lessons::Lessons;
use crate::meals::WATCHED;
use crate::overdue::Overdue;
use crate::settings::Settings;
use crate::signs::{Moment, Signs};
use crate::situation::{Claims, Situation};
use crate::whole::share;
use homeostat_record::{Action, ActuatorStatus, Input, Phase, Report};
use minicbor::{Decode, Encode};

/// Cycles without a proposal from which that is a difference, and after as many again.
const SILENCE: u32 = 3;
/// Cycles with figures at the beginning that are not judged.
const BEGINNING: u32 = 12;
/// Cycles after an announcement in which predictions leap.
const LEAP: u32 = 3;

/// How much of each sign is still within what the shipped controllers do on undisturbed days, with
/// a margin (README, "Conduct").
///
/// Predicted height at which no more than basal is proposed, thousandths of mg/dL.
const HELD_BACK: i64 = 3_105_000;
/// Predicted height that doses do not answer, thousandths of mg/dL: only of a controller that
/// infers meals nobody announced. Another cannot answer them before glucose is high.
const UNANSWERED: i64 = 1_235_000;
/// Growth of its carbohydrate against the readings, per mille of how far those moved.
const IMAGINED: i64 = 1_475;
/// Lessons without a reason in a day, 10,000ths of the ratio.
const TIMID: i64 = 1_080;
const BOLD: i64 = 1_210;

/// What is remembered of a controller's conduct.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub(crate) struct Conduct {
    /// People chose automatic operation and nothing has ended it since.
    #[n(0)]
    automatic: bool,
    /// Cycles in a row without a proposal and without a reason for that.
    #[n(1)]
    silent: u32,
    /// Cycles with figures, and since carbohydrate was announced.
    #[n(2)]
    judged: u32,
    #[n(3)]
    since_meal: u32,
    /// It states carbohydrate on board that nobody announced.
    #[n(4)]
    infers: bool,
    #[n(5)]
    pub(crate) signs: Signs,
    #[n(6)]
    pub(crate) lessons: Lessons,
    #[n(7)]
    overdue: Overdue,
}

/// What a controller offers in a cycle.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Offer<'a> {
    /// The proposed milliunits, if there is a proposal.
    pub(crate) proposed: Option<i64>,
    /// Its figures, if it states any.
    pub(crate) claims: Option<&'a Claims>,
    /// Milliunits that arrived since the last cycle.
    pub(crate) arrived: i64,
}

impl Conduct {
    /// Nothing is known of the controller.
    pub(crate) const fn new() -> Self {
        Self {
            automatic: false,
            silent: 0,
            judged: 0,
            since_meal: u32::MAX,
            infers: false,
            signs: Signs::NONE,
            lessons: Lessons::NONE,
            overdue: Overdue::NOTHING,
        }
    }

    /// Takes a cycle that comes `passed` milliseconds after the last. Returns the milliunits by
    /// which the conduct differs from what is expected: `said` if it is not an amount that differs.
    pub(crate) fn take(
        &mut self,
        settings: &Settings,
        situation: &Situation,
        offer: Offer<'_>,
        (input, passed, said): (&Input, u64, i64),
    ) -> i64 {
        let undisturbed = self.heed(input);
        let lost = self.lost(settings, situation, offer.arrived, (undisturbed, passed));
        let fresh = situation.usable(settings).is_some();
        let silent = offer.proposed.is_none() && undisturbed && fresh;
        self.silent = if silent { self.silent.saturating_add(1) } else { 0 };
        self.judge(settings, situation, offer, passed);
        let speaks = (silent && self.silent.checked_rem(SILENCE) == Some(0)) | self.found();
        if speaks { lost.max(said) } else { lost }
    }

    /// Heeds what people do. Returns whether the loop is automatic, as they chose, and nothing is
    /// the matter.
    fn heed(&mut self, input: &Input) -> bool {
        let was = self.automatic;
        for person in &input.people {
            match person.action {
                Action::Choose(phase) => self.automatic = phase == Phase::Automatic,
                Action::Stop => self.automatic = false,
                _ => {}
            }
        }
        let running = |report: &Report| report.status == ActuatorStatus::Running;
        was && self.automatic && input.conditions.is_empty() && input.reports.iter().all(running)
    }

    /// The milliunits of a meal that did not arrive, though nothing told why.
    fn lost(
        &mut self,
        settings: &Settings,
        situation: &Situation,
        arrived: i64,
        (undisturbed, passed): (bool, u64),
    ) -> i64 {
        if !undisturbed {
            self.overdue = Overdue::NOTHING;
        }
        let high = situation.usable(settings).is_some_and(|seen| {
            seen.latest >= MEAL_LEAST && seen.slope.is_some_and(|slope| slope >= FALLING)
        });
        let beyond = arrived.saturating_sub(settings.basal(passed));
        let missing = self.overdue.take(beyond, passed, high);
        if undisturbed && situation.announced >= WATCHED {
            self.overdue.announce(settings.for_carbohydrate(situation.announced));
        }
        missing
    }

    fn judge(&mut self, settings: &Settings, situation: &Situation, offer: Offer<'_>, passed: u64) {
        self.since_meal = match situation.announced > 0 {
            true => 0,
            false => self.since_meal.saturating_add(1),
        };
        let offered = offer.proposed.zip(offer.claims).filter(|_| self.automatic);
        let Some((proposed, claims)) = offered else {
            self.signs.take(settings, None, (0, false), passed);
            return;
        };
        self.judged = self.judged.saturating_add(1);
        self.infers |= claims.carbohydrate > 0 && situation.recent_carbohydrate == 0;
        let judged = self.judged > BEGINNING && self.since_meal > LEAP;
        let now = Moment::of(settings, situation, claims);
        self.signs.take(settings, now, (proposed, judged), passed);
        if let Some(now) = now {
            self.lessons.take(now.ratio, now.level);
        }
    }

    /// Whether a sign is over its limit; it is forgotten then.
    fn found(&mut self) -> bool {
        let unanswered = if self.infers { UNANSWERED } else { i64::MAX };
        let imagined = share(self.signs.unexplained(), IMAGINED, 1_000);
        let limits: [(&mut Leak, i64); 5] = [
            (&mut self.signs.unanswered, unanswered),
            (&mut self.signs.held_back, HELD_BACK),
            (&mut self.signs.imagined, imagined),
            (&mut self.lessons.timid, TIMID),
            (&mut self.lessons.bold, BOLD),
        ];
        limits.into_iter().fold(false, |found, (leak, most)| leak.over(most) | found)
    }
}

#[cfg(test)]
mod tests;
