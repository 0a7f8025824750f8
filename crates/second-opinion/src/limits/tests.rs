//! The rules at their boundaries. Reference adult: 50 U a day, 1.2 U/h (100 mU a cycle), 10 g/U,
//! 30 mg/dL/U, steps of 10 mU; so the basal share is 120 mU.

use super::*;
use crate::delivery::Acting;
use crate::glucose::Seen;
use crate::tests::world::settings;

/// Steady at 120 mg/dL, nothing beyond basal.
pub(crate) fn calm() -> Situation {
    let seen = Seen {
        latest: 120_000,
        credited: 120_000,
        recent: (120_000, 120_000),
        age: 0,
        slope: Some(0),
        coded: false,
        poor: false,
        same_for: 0,
    };
    Situation {
        seen: Some(seen),
        acting: Acting { reported: 2_400, unknown: 0, beyond_basal: 0, coming: 0 },
        known_for: 21_600_000,
        unabsorbed: 0,
        recent_carbohydrate: 0,
        announced: 0,
        windows: [120, 480, 2_880],
        surplus: 0,
        missing: 0,
        stopped_long: false,
    }
}

/// Calm but for what is seen.
pub(crate) fn seeing(change: impl Fn(&mut Seen)) -> Situation {
    let mut situation = calm();
    if let Some(seen) = &mut situation.seen {
        change(seen);
    }
    situation
}

fn allowed(situation: &Situation) -> Allowed {
    strictest(&settings(), situation, None)
}

#[test]
fn the_need_is_what_glucose_rise_and_carbohydrate_call_for_with_margin() {
    // (120 - 110) / 30 = 333 mU; * 1.1 = 366; and two automatic amounts, because nothing explains
    // that glucose does not fall, and this cycle's basal.
    assert_eq!(allowed(&calm()), (Objection::OutsideDeclaredSpace, 1_210));
    let need = |situation: &Situation| by_need(&settings(), situation, None).1;
    assert_eq!(need(&calm()), 366 + 2_400 + 100);
    let mut acting = calm();
    acting.acting.beyond_basal = 700;
    assert_eq!(need(&acting), 366 + 2_400 + 100 - 700);
    acting.acting.beyond_basal = 9_000;
    assert_eq!(need(&acting), 120, "the basal insulin is not forbidden by need");
    acting.acting.beyond_basal = -9_000;
    assert_eq!(
        need(&acting),
        366 + 2_400 + 100 + 2_400,
        "a deficit counts for no more than suspicion grants"
    );
    // One more mg/dL/min for an hour: 60 / 30 = 2 U.
    assert_eq!(need(&seeing(|seen| seen.slope = Some(1_000))), 2_566 + 3_600 + 100);
    // Suspicion: one amount while falling, two while not falling, three while rising.
    assert_eq!(need(&seeing(|seen| seen.slope = Some(-500))), 366 + 1_200 + 100);
    assert_eq!(need(&seeing(|seen| seen.slope = Some(-499))), 366 + 2_400 + 100);
    assert_eq!(need(&seeing(|seen| seen.slope = Some(199))), 804 + 2_400 + 100);
    assert_eq!(need(&seeing(|seen| seen.slope = Some(200))), 806 + 3_600 + 100);
    assert_eq!(need(&seeing(|seen| seen.slope = Some(-1_000))), 366 + 1_300);
    assert_eq!(need(&seeing(|seen| seen.slope = None)), 366 + 1_300);
    let steep = need(&seeing(|seen| seen.slope = Some(4_000)));
    assert_eq!(need(&seeing(|seen| seen.slope = Some(9_000))), steep);
    // At most 15 % of 50 U is correction.
    assert_eq!(need(&seeing(|seen| seen.credited = 900_000)), 7_500 * 11 / 10 + 2_500);
    // A learned ratio widens or narrows the need, within its bounds.
    let learned = |ratio: i64| {
        let claims = Claims { ratio, ..crate::claims::tests::HONEST };
        by_need(&settings(), &calm(), Some(&claims)).1
    };
    assert_eq!((learned(0), learned(1_000)), (366 + 2_500, 366 + 2_500));
    assert_eq!((learned(1_200), learned(9_000)), (438 + 2_500, 438 + 2_500));
    assert_eq!((learned(700), learned(1)), (256 + 2_500, 256 + 2_500));
    let mut meal = calm();
    meal.unabsorbed = 30_000;
    assert_eq!(need(&meal), (333 + 3_000) * 11 / 10 + 2_500);
    assert_eq!(need(&seeing(|seen| seen.credited = 60_000)), 2_500);
}

#[test]
fn levels_forbid_at_their_boundaries() {
    let most = |situation: &Situation| by_level(&settings(), situation).1;
    assert_eq!(most(&seeing(|seen| seen.latest = 60_000)), i64::MAX);
    assert_eq!(most(&seeing(|seen| seen.latest = 59_999)), 0);
    let old = |age: u64| seeing(|seen| (seen.latest, seen.age) = (59_999, age));
    assert_eq!((most(&old(1_800_000)), most(&old(1_800_001))), (0, i64::MAX));
    let falling =
        |latest: i64, slope: i64| seeing(|seen| (seen.latest, seen.slope) = (latest, Some(slope)));
    assert_eq!(most(&falling(79_999, -500)), 0);
    assert_eq!(most(&falling(80_000, -500)), i64::MAX);
    assert_eq!(most(&falling(79_999, -499)), i64::MAX);
    for (latest, expected) in [(70_000, 120), (69_999, 0), (59_999, 0)] {
        let stopped = Situation { stopped_long: true, ..falling(latest, -500) };
        assert_eq!(most(&stopped), expected);
    }
    for (latest, expected) in [(70_000, i64::MAX), (69_999, 0), (59_999, 0)] {
        let meal = Situation { announced: 1, ..falling(latest, -500) };
        assert_eq!(most(&meal), expected, "a meal at {latest}");
    }
}

#[test]
fn the_input_forbids_at_its_boundaries() {
    let most = |situation: &Situation| by_input(&settings(), situation).1;
    assert_eq!(most(&seeing(|seen| seen.age = 690_000)), i64::MAX);
    assert_eq!(most(&seeing(|seen| seen.age = 690_001)), 120);
    assert_eq!(most(&Situation { seen: None, ..calm() }), 120);
    assert_eq!(most(&seeing(|seen| seen.same_for = 3_599_999)), i64::MAX);
    assert_eq!(most(&seeing(|seen| seen.same_for = 3_600_000)), 120);
    let coded = seeing(|seen| (seen.same_for, seen.coded) = (9_000_000, true));
    assert_eq!(most(&coded), i64::MAX, "a truthful High is exempt (GLY-19)");
    assert_eq!(most(&seeing(|seen| seen.poor = true)), 120);
}

#[test]
fn the_windows_and_what_is_on_board_forbid_what_is_beyond_them() {
    let most = |situation: &Situation| by_windows(&settings(), situation).1;
    assert_eq!(most(&calm()), 21_300 + 20, "the hour");
    let windows = [0, 3_900, 0];
    assert_eq!(most(&Situation { windows, ..calm() }), 1_000 + 20, "four hours");
    let windows = [0, 0, 9_950];
    assert_eq!(most(&Situation { windows, ..calm() }), 500 + 20, "the day");
    let mut full = calm();
    full.acting = Acting { reported: 24_000, unknown: 500, beyond_basal: 0, coming: 0 };
    assert_eq!(most(&full), 500 + 20, "on board");
    full.acting.reported = 90_000;
    assert_eq!(most(&full), 120);
}

#[test]
fn the_declared_space_is_the_cycle_and_the_automatic_amount_with_the_meal() {
    let most = |situation: &Situation| by_declaration(&settings(), situation).1;
    assert_eq!(most(&calm()), 1_210);
    assert_eq!(most(&Situation { announced: 40_000, ..calm() }), 5_210);
    assert_eq!(most(&Situation { announced: 900_000, ..calm() }), 20_000);
}
