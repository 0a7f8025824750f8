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
    assert_eq!(lacks(&high(150_000, -1), 839), 0);
    let mut acting = high(150_000, 0);
    acting.acting.beyond_basal = 1;
    assert_eq!(lacks(&acting, 0), 0, "what acts beyond basal may be enough");
    assert_eq!(lacks(&seeing(|seen| (seen.latest, seen.slope) = (200_000, None)), 0), 0);
    assert_eq!(lacks(&Situation { seen: None, ..calm() }, 0), 0);
}

#[test]
fn a_quarter_of_the_correction_is_a_want_where_it_is_very_high() {
    let lacks = |situation: &Situation, proposed| lacking(&settings(), situation, proposed);
    // (290 - 110) / 30 / 4 = 1.5 U, as far as less than an hour of basal was proposed.
    assert_eq!(lacks(&high(290_000, 0), 840), 360);
    assert_eq!(lacks(&high(290_000, 0), 1_199), 1);
    assert_eq!(lacks(&high(290_000, 0), 1_200), 0);
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

/// What is found in the cycles after a meal of 60 g (6 U) when every cycle answers with this.
fn found(situation: &Situation, answer: i64) -> std::vec::Vec<i64> {
    use homeostat_record::{Action, Announcement, Input, PersonAction, Role};
    let (settings, start) = (settings(), 172_800_000);
    let mut meals = Meals::new(start);
    let mut input = Input::default();
    let action = Action::Announce(Announcement { kind: 1, amount: 60_000 });
    input.people.push(PersonAction { by: Role::User, action }).unwrap();
    meals.take(start, &input, &settings);
    let times = (0..8).map(|cycle| start + cycle * 300_000);
    times.map(|tick| unanswered(&mut meals, &settings, situation, tick, answer)).collect()
}

#[test]
fn a_meal_is_answered_by_a_quarter_of_its_insulin_within_twenty_minutes() {
    let hungry = [0, 0, 0, 0, 1_500, 0, 0, 0];
    assert_eq!(found(&high(110_000, -300), 0), hungry);
    assert_eq!(found(&high(110_000, 0), 299), [0, 0, 0, 0, 120, 0, 0, 0]);
    let none = [0; 8];
    assert_eq!(found(&high(110_000, 0), 300), none, "five cycles of it are a quarter");
    assert_eq!(found(&high(110_000, 0), 1_500), none);
    assert_eq!(found(&high(109_999, 0), 0), none, "low enough to wait");
    assert_eq!(found(&high(200_000, -301), 0), none, "falling");
    let mut covered = high(200_000, 0);
    covered.acting.beyond_basal = 3_000;
    assert_eq!(found(&covered, 0), none, "a person's own bolus covers it");
    covered.acting.beyond_basal = 2_999;
    assert_eq!(found(&covered, 0), hungry);
}
