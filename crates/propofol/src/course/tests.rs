use super::Course;
use crate::algorithm::Stage;
use crate::testing::{EMERGENCE, INDUCTION, MAINTENANCE, Rig, announced};
use crate::units::Index;
use homeostat_record::{Action, Announcement, Input, PersonAction, Role};

/// The course of an anaesthetic, cycle by cycle.
struct Case {
    rig: Rig,
    course: Course,
}

impl Case {
    fn new() -> Self {
        Self { rig: Rig::new(), course: Course::default() }
    }

    fn step(&mut self, what: &[(u8, u32)], given: i64, index: Option<f64>) -> Stage {
        let input = announced(self.rig.silent(), what);
        self.take(&input, given, index)
    }

    fn take(&mut self, input: &Input, given: i64, index: Option<f64>) -> Stage {
        let content = &self.rig.content;
        let course = self.course.next(content, input, given);
        self.course = course.settled(content, input.now, index.map(Index));
        self.course.stage()
    }

    fn induced() -> Self {
        let mut case = Self::new();
        assert_eq!(case.step(&INDUCTION, 0, None), Stage::Induction);
        case
    }

    /// The cycle in which the induction ends.
    fn ends(&mut self, given: i64, index: Option<f64>) -> Option<usize> {
        (1..200).find(|_| self.step(&[], given, index) == Stage::Maintenance)
    }
}

#[test]
fn pro_01_no_stage_begins_without_a_clinician() {
    let mut case = Case::new();
    for _ in 0..50 {
        assert_eq!(case.step(&[], 1_000, Some(50.0)), Stage::Before);
    }
    for by in [Role::Unknown, Role::User, Role::Authorised] {
        let mut input = case.rig.silent();
        for (kind, amount) in INDUCTION {
            let action = Action::Announce(Announcement { kind, amount });
            input.people.push(PersonAction { by, action }).unwrap();
        }
        assert_eq!(case.take(&input, 0, None), Stage::Before, "{by:?}");
    }
    assert_eq!(case.step(&[(4, 0), (1, 9)], 0, None), Stage::Before, "no such stage");
    assert_eq!(case.step(&INDUCTION, 0, None), Stage::Induction);
}

#[test]
fn pro_01_an_induction_needs_preconditions_that_still_hold() {
    let mut case = Case::new();
    assert_eq!(case.step(&[(1, 1)], 0, None), Stage::Before);
    assert_eq!(case.step(&[(4, 0)], 0, None), Stage::Before);
    for _ in 0..180 {
        case.step(&[], 0, None);
    }
    assert_eq!(case.step(&[(1, 1)], 0, None), Stage::Before, "after 15 minutes they are stale");
    case.step(&[(4, 0)], 0, None);
    assert_eq!(case.step(&[(1, 2)], 0, None), Stage::Maintenance);
    // In whatever order they are said.
    assert_eq!(Case::new().step(&[(1, 1), (4, 0)], 0, None), Stage::Induction);
}

#[test]
fn pro_01_an_induction_ends_by_depth_by_amount_or_by_time() {
    // Below 60 for 30 s.
    assert_eq!(Case::induced().ends(0, Some(59.0)), Some(7));
    let mut lighter = Case::induced();
    for _ in 0..5 {
        lighter.step(&[], 0, Some(59.0));
    }
    lighter.step(&[], 0, Some(61.0));
    assert_eq!(lighter.ends(0, Some(59.0)), Some(7), "one lighter cycle begins it anew");
    // 2.5 mg/kg of 75 kg are 187.5 mg: 12 cycles of 16.6 mg.
    assert_eq!(Case::induced().ends(16_600, Some(80.0)), Some(12));
    // Five minutes, index or not.
    assert_eq!(Case::induced().ends(0, Some(80.0)), Some(60));
    assert_eq!(Case::induced().ends(0, None), Some(60));
}

#[test]
fn pro_01_emergence_never_begins_or_ends_by_itself() {
    let mut case = Case::induced();
    assert_eq!(case.step(&[(1, 2)], 0, None), Stage::Maintenance);
    for index in [5.0, 99.0] {
        for _ in 0..300 {
            assert_eq!(case.step(&[], 0, Some(index)), Stage::Maintenance);
        }
    }
    assert_eq!(case.step(&EMERGENCE, 0, None), Stage::Emergence);
    for _ in 0..300 {
        assert_eq!(case.step(&[], 0, Some(30.0)), Stage::Emergence);
    }
    assert_eq!(case.step(&[(1, 1)], 0, None), Stage::Emergence, "preconditions are asked again");
    assert_eq!(case.step(&MAINTENANCE, 0, None), Stage::Maintenance);
}

#[test]
fn an_induction_counts_its_own_amount() {
    let mut case = Case::induced();
    let content = case.rig.content;
    assert_eq!(case.course.left(&content), 187_500);
    case.step(&[], 100_000, Some(90.0));
    case.step(&[], -20_000, Some(90.0));
    assert_eq!(case.course.left(&content), 107_500, "what trust had misplaced comes back");
    case.step(&INDUCTION, 0, Some(90.0));
    assert_eq!(case.course.left(&content), 187_500, "a person decided again");
}
