//! Too little, for too long.

use super::*;
use crate::limits::tests::{calm, seeing};
use crate::tests::world::settings;

fn high(latest: i64, slope: i64) -> Situation {
    seeing(|seen| (seen.latest, seen.slope) = (latest, Some(slope)))
}

#[test]
fn less_than_most_of_the_basal_is_a_want_forty_above_the_target() {
    let lacks = |situation: &Situation, proposed| lacking(&settings(), situation, proposed);
    assert_eq!(lacks(&high(150_000, 0), 839), 1);
    assert_eq!(lacks(&high(150_000, 0), 840), 0);
    assert_eq!(lacks(&high(149_999, 0), 0), 0);
    assert_eq!(lacks(&high(150_000, -300), 839), 1);
    assert_eq!(lacks(&high(150_000, -301), 839), 0);
    assert_eq!(lacks(&seeing(|seen| (seen.latest, seen.slope) = (200_000, None)), 0), 0);
    assert_eq!(lacks(&Situation { seen: None, ..calm() }, 0), 0);
}

#[test]
fn a_quarter_of_the_correction_is_a_want_where_it_is_very_high() {
    let lacks = |situation: &Situation, proposed| lacking(&settings(), situation, proposed);
    // (290 - 110) / 30 / 4 = 1.5 U, when less than two hours of basal were proposed.
    assert_eq!(lacks(&high(290_000, 0), 840), 1_500);
    assert_eq!(lacks(&high(290_000, 0), 1_500), 900);
    assert_eq!(lacks(&high(290_000, 0), 2_400), 0);
    let mut acting = high(290_000, 0);
    acting.acting.beyond_basal = 1_499;
    assert_eq!(lacks(&acting, 840), 1);
    assert_eq!(lacks(&high(249_999, 0), 840), 0);
    assert!(lacks(&high(250_000, 0), 840) > 0);
}

#[test]
fn a_want_is_stated_when_it_has_lasted_and_forgotten_when_it_ends() {
    let settings = settings();
    let tick = |cycle: u64| 172_800_000 + cycle * 300_000;
    let mut want = Want::new(tick(0));
    let stated = |want: &mut Want, cycle: u64, situation: &Situation| {
        want.take(&settings, situation, Steps(0), (300_000, tick(cycle)))
    };
    for cycle in 1..18 {
        assert_eq!(stated(&mut want, cycle, &high(200_000, 0)), 0);
    }
    assert_eq!(stated(&mut want, 18, &high(200_000, 0)), 840);
    assert_eq!(stated(&mut want, 19, &calm()), 0);
    assert_eq!(stated(&mut want, 20, &high(200_000, 0)), 0);
}
