//! Every sign both ways: a course that may be defended stays silent, the fault speaks. Reference
//! adult: basal 100 mU a cycle, 10 g/U, 30 mg/dL/U, target 110 mg/dL.

use super::*;
use crate::limits::tests::calm;
use crate::tests::world::settings;
use homeostat_record::{Cause, CauseSet, PersonAction, Role};

/// A controller's cycles.
struct Course {
    conduct: Conduct,
    situation: Situation,
    claims: Claims,
    input: Input,
    proposed: Option<i64>,
    arrived: i64,
}

impl Course {
    /// Automatic, steady at 120 mg/dL, at the basal rate.
    fn automatic() -> Self {
        let claims = Claims {
            on_board: 2_400,
            glucose: Some(120_000),
            lowest: Some(110_000),
            carbohydrate: 0,
            slope: 0,
            meal: 0,
            ratio: 1_000,
        };
        let mut course = Self {
            conduct: Conduct::new(),
            situation: calm(),
            claims,
            input: Input::default(),
            proposed: Some(100),
            arrived: 100,
        };
        course.people(Action::Choose(Phase::Automatic));
        course
    }

    /// One cycle; whether there was something to say.
    fn cycle(&mut self) -> i64 {
        let claims = Some(&self.claims);
        let offer = Offer { proposed: self.proposed, claims, arrived: self.arrived };
        let with = (&self.input, 300_000, 120);
        self.conduct.take(&settings(), &self.situation, offer, with)
    }

    /// What was said in so many cycles, between which something changes.
    fn cycles(&mut self, count: i64, change: impl Fn(&mut Self)) -> std::vec::Vec<i64> {
        let mut said = std::vec::Vec::new();
        for _ in 0..count {
            change(self);
            said.extend(Some(self.cycle()).filter(|said| *said > 0));
        }
        said
    }

    /// A cycle in which somebody does something.
    fn people(&mut self, action: Action) {
        self.input.people.push(PersonAction { by: Role::User, action }).unwrap();
        assert_eq!(self.cycle(), 0);
        self.input = Input::default();
    }

    fn reads(&mut self, level: i64) {
        if let Some(seen) = &mut self.situation.seen {
            seen.latest = level;
        }
    }

    fn level(&self) -> i64 {
        self.situation.seen.map_or(0, |seen| seen.latest)
    }
}

const NOTHING: [i64; 0] = [];

#[test]
fn a_day_at_the_basal_rate_and_on_target_says_nothing() {
    assert_eq!(Course::automatic().cycles(576, |_| ()), NOTHING);
}

#[test]
fn a_controller_that_proposes_nothing_in_automatic_operation_differs() {
    let mut course = Course::automatic();
    course.proposed = None;
    assert_eq!(course.cycles(2, |_| ()), NOTHING);
    assert_eq!(course.cycles(1, |_| ()), [120]);
    assert_eq!(course.cycles(6, |_| ()), [120, 120], "and again while it lasts");
}

#[test]
fn a_silence_that_is_explained_is_none() {
    let silent = || Course { proposed: None, ..Course::automatic() };
    let mut manual = silent();
    manual.people(Action::Choose(Phase::Manual));
    assert_eq!(manual.cycles(12, |_| ()), NOTHING);
    let mut stopped = silent();
    stopped.people(Action::Stop);
    assert_eq!(stopped.cycles(12, |_| ()), NOTHING);
    let mut unwell = silent();
    unwell.input.conditions = CauseSet::EMPTY.with(Cause::ControllerFailed);
    assert_eq!(unwell.cycles(12, |_| ()), NOTHING);
    let mut blind = silent();
    blind.situation.seen = None;
    assert_eq!(blind.cycles(12, |_| ()), NOTHING);
}

/// An hour and a half after 60 g (6 U) of which an amount arrives.
fn after_a_meal(arrives: i64, change: impl Fn(&mut Course)) -> std::vec::Vec<i64> {
    let mut course = Course::automatic();
    course.reads(140_000);
    course.situation.announced = 60_000;
    assert_eq!(course.cycle(), 0);
    course.situation.announced = 0;
    course.arrived = 100 + arrives;
    let first = course.cycle();
    course.arrived = 100;
    assert_eq!(first, 0);
    course.cycles(18, change)
}

#[test]
fn a_meal_whose_insulin_does_not_arrive_differs() {
    assert_eq!(after_a_meal(0, |_| ()), [6_000]);
    assert_eq!(after_a_meal(6_000, |_| ()), NOTHING);
    assert_eq!(after_a_meal(0, |course| course.reads(100_000)), NOTHING, "still too low for it");
}

#[test]
fn a_pump_that_does_not_run_explains_what_is_missing() {
    let blocked = |course: &mut Course| {
        let report = Report { status: ActuatorStatus::Occluded, ..Report::default() };
        course.input = Input::default();
        course.input.reports.push(report).unwrap();
    };
    assert_eq!(after_a_meal(0, blocked), NOTHING);
}

/// Ten hours at a predicted height above the target.
fn at_height(height: i64, proposed: i64, infers: bool) -> std::vec::Vec<i64> {
    let mut course = Course::automatic();
    course.claims.lowest = Some(110_000 + height);
    course.claims.carbohydrate = i64::from(infers) * 20_000;
    course.proposed = Some(proposed);
    course.cycles(120, |_| ())
}

#[test]
fn basal_for_hours_under_a_predicted_height_differs() {
    assert_eq!(at_height(60_000, 100, false), [120]);
    assert_eq!(at_height(60_000, 0, false), [120]);
    assert_eq!(at_height(60_000, 160, false), NOTHING, "more than basal");
    assert_eq!(at_height(20_000, 100, false), NOTHING, "a small height");
}

#[test]
fn a_height_that_doses_do_not_answer_differs_where_meals_are_inferred() {
    assert_eq!(at_height(60_000, 130, true), [120]);
    assert_eq!(at_height(60_000, 130, false), NOTHING, "it knows of no meals");
    assert_eq!(at_height(60_000, 220, true), NOTHING, "answered within the hour");
}

#[test]
fn settings_act_twice_as_strong_in_children() {
    let mut course = Course::automatic();
    let mut child = settings();
    child.person.age = crate::settings::Years(9);
    let mut held = [settings(), child].map(|settings| {
        course.conduct = Conduct::new();
        course.conduct.signs.take(
            &settings,
            Some(Moment { level: 200_000, lowest: 160_000, ratio: 1_000, raises: 0, lowers: 0 }),
            (100, true),
            300_000,
        );
        course.conduct.signs.unanswered.held()
    });
    held.sort_unstable();
    assert_eq!(held, [50_000 - 54_000, 50_000 - 27_000]);
}

#[test]
fn a_rough_signal_excuses_whoever_holds_back() {
    let mut course = Course::automatic();
    course.claims.lowest = Some(170_000);
    let said = course.cycles(120, |course| {
        let up = course.conduct.judged % 2 == 0;
        course.reads(if up { 176_000 } else { 164_000 });
    });
    assert_eq!(said, NOTHING);
}

/// Two hours in which the readings move and the carbohydrate figure grows, by so much a cycle.
fn growing(moves: i64, grows: i64) -> usize {
    let mut course = Course::automatic();
    course.reads(200_000);
    let before = course.cycles(24, |_| ());
    let said = course.cycles(24, |course| {
        course.reads(course.level() + moves);
        course.claims.carbohydrate += grows;
    });
    before.len() + said.len()
}

#[test]
fn carbohydrate_that_grows_while_the_readings_fall_differs() {
    assert!(growing(-2_000, 1_500) > 0);
    assert_eq!(growing(2_000, 1_500), 0, "they rise");
    assert_eq!(growing(-2_000, 300), 0, "hardly");
    assert_eq!(growing(-2_000, -1_500), 0, "it falls too");
}

/// A lesson in the middle of a day, at the given reading.
fn lesson(level: i64, ratio: i64) -> std::vec::Vec<i64> {
    let mut course = Course::automatic();
    course.reads(level);
    let mut said = course.cycles(48, |_| ());
    course.claims.ratio = ratio;
    said.extend(course.cycles(48, |_| ()));
    said
}

#[test]
fn a_lesson_without_a_reason_differs() {
    assert_eq!(lesson(140_000, 850), [120], "cautious, and nothing was low");
    assert_eq!(lesson(90_000, 850), NOTHING);
    assert_eq!(lesson(80_000, 1_150), [120], "bold after a low");
    assert_eq!(lesson(140_000, 1_150), NOTHING);
    assert_eq!(lesson(140_000, 950), NOTHING, "a small step");
}
