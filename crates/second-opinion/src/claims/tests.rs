//! The controller's figures at the boundaries of what is believed.

use super::*;
use crate::limits::tests::{calm, seeing};
use crate::tests::world::settings;

/// What an honest controller says of the calm situation.
pub(crate) const HONEST: Claims = Claims {
    on_board: 2_400,
    glucose: Some(120_000),
    lowest: Some(110_000),
    carbohydrate: 0,
    slope: 0,
    meal: 0,
    ratio: 1_000,
};

fn found(situation: &Situation, claims: Claims) -> Option<Objection> {
    refuted(&settings(), situation, &claims)
}

#[test]
fn an_honest_controller_is_believed() {
    assert_eq!(found(&calm(), HONEST), None);
    assert_eq!(overstated(&settings(), &calm(), &HONEST), 0);
    assert_eq!(by_prediction(&settings(), &calm(), &HONEST).1, i64::MAX);
}

#[test]
fn ctl_10_insulin_on_board_is_believed_within_six_in_a_hundred_and_four_steps() {
    let claims = |on_board| Claims { on_board, ..HONEST };
    let understated = Some(Objection::ActingAmountUnderstated);
    assert_eq!(found(&calm(), claims(2_400 - 144 - 40)), None);
    assert_eq!(found(&calm(), claims(2_400 - 144 - 41)), understated);
    assert_eq!(overstated(&settings(), &calm(), &claims(2_400 + 144 + 40)), 0);
    assert_eq!(overstated(&settings(), &calm(), &claims(2_400 + 144 + 41)), 1);
    let young = Situation { known_for: 21_599_999, ..calm() };
    assert_eq!(overstated(&settings(), &young, &claims(9_000)), 0, "from before the history");
    let mut unknown = calm();
    unknown.acting.unknown = 1_000;
    assert_eq!(found(&unknown, HONEST), None, "what is unknown need not be claimed twice");
    assert_eq!(overstated(&settings(), &unknown, &claims(3_400 + 204 + 41)), 1);
}

#[test]
fn glucose_is_believed_near_the_last_readings() {
    let claims = |glucose| Claims { glucose: Some(glucose), ..HONEST };
    let unusable = Some(Objection::InputNotUsable);
    assert_eq!(found(&calm(), claims(120_000 - 15_000 - 14_400)), None);
    assert_eq!(found(&calm(), claims(120_000 - 15_000 - 14_401)), unusable);
    assert_eq!(found(&calm(), claims(120_000 + 15_000 + 14_400)), None);
    assert_eq!(found(&calm(), claims(120_000 + 15_000 + 14_401)), unusable);
    let old = seeing(|seen| seen.age = 700_000);
    assert_eq!(found(&old, HONEST), unusable);
    assert_eq!(found(&old, Claims { glucose: None, ..HONEST }), None);
}

#[test]
fn rates_of_opposite_sign_are_not_believed_when_both_are_steep() {
    let rising = seeing(|seen| seen.slope = Some(1_500));
    let falling = seeing(|seen| seen.slope = Some(-1_500));
    let claims = |slope| Claims { slope, ..HONEST };
    let unusable = Some(Objection::InputNotUsable);
    assert_eq!(
        (found(&rising, claims(-1_500)), found(&falling, claims(1_500))),
        (unusable, unusable)
    );
    assert_eq!((found(&rising, claims(-1_499)), found(&falling, claims(1_499))), (None, None));
    assert_eq!((found(&rising, claims(1_500)), found(&falling, claims(-1_500))), (None, None));
    let unknown = seeing(|seen| seen.slope = None);
    assert_eq!(found(&unknown, claims(-3_000)), None);
}

#[test]
fn carbohydrate_that_nobody_can_have_eaten_and_ratios_out_of_bounds_are_not_believed() {
    let claims = |carbohydrate| Claims { carbohydrate, ..HONEST };
    let mut meal = calm();
    meal.recent_carbohydrate = 40_000;
    assert_eq!(found(&meal, claims(340_000)), None);
    assert_eq!(found(&meal, claims(340_001)), Some(Objection::InputNotUsable));
    let outside = Some(Objection::OutsideDeclaredSpace);
    for (ratio, expected) in [(699, outside), (700, None), (1_200, None), (1_201, outside)] {
        assert_eq!(found(&calm(), Claims { ratio, ..HONEST }), expected);
    }
    assert_eq!(found(&calm(), Claims { ratio: 0, ..HONEST }), None);
}

#[test]
fn a_predicted_low_forbids_but_for_a_meal_or_the_end_of_the_longest_stop() {
    let low = Claims { lowest: Some(78_000), ..HONEST };
    let most = |situation: &Situation| by_prediction(&settings(), situation, &low).1;
    assert_eq!(most(&calm()), 0);
    assert_eq!(most(&Situation { announced: 1, ..calm() }), i64::MAX);
    assert_eq!(most(&Situation { stopped_long: true, ..calm() }), 120);
    let near = Claims { lowest: Some(79_000), ..HONEST };
    assert_eq!(by_prediction(&settings(), &calm(), &near).1, i64::MAX);
}
