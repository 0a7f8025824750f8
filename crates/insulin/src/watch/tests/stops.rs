//! When delivery stops and goes on.

use super::{World, carbohydrate, first, series, silence};
use homeostat_record::{Action, Announcement, Cause, StatusFlags};
use homeostat_supervisor::Findings;

fn hard(found: &Findings) -> bool {
    found.active.has(Cause::PhysiologicStop)
}

fn predicted(found: &Findings) -> bool {
    found.active.has(Cause::PredictedStop)
}

/// A world in which glucose fell slowly to `value`.
fn low(value: i32) -> World {
    let mut world = World::steady(90);
    let path: std::vec::Vec<i32> = (value..88).rev().step_by(4).collect();
    series(&mut world, &path);
    world
}

#[test]
fn gly_21_delivery_stops_below_60_whatever_is_predicted() {
    let mut world = World::steady(66);
    assert!(!hard(&world.mg_dl(60)));
    assert!(hard(&world.mg_dl(59)));
}

#[test]
fn gly_21_delivery_resumes_at_70_when_not_falling() {
    let mut world = low(58);
    let found = series(&mut world, &[57, 58, 60, 63, 66, 69, 72]);
    let ended = found.iter().position(|found| !hard(found));
    assert_eq!(ended, Some(6), "at 72, not at 60");
    let mut world = low(58);
    let found = series(&mut world, &[56, 62, 70, 78, 77, 73, 71]);
    assert!(!hard(&found[3]), "rising above 70");
}

#[test]
fn ctl_08_noise_at_the_bound_toggles_nothing() {
    let mut world = low(60);
    let found = series(&mut world, &[59, 61, 59, 61, 59, 62, 58, 61, 60]);
    assert!(found.iter().all(hard));
}

#[test]
fn d_4_a_low_predicted_within_30_minutes_stops() {
    // 2 mg/dL per minute: 60 mg/dL less in 30 min.
    let mut world = World::steady(150);
    let found = series(&mut world, &[144, 135, 125, 115, 105, 95]);
    let stop = first(&found, Cause::PredictedStop);
    assert_eq!(stop, Some(5), "at 105 and again at 95 it reaches less in 30 min");
    assert!(found.iter().all(|found| !hard(found)));
    let found = series(&mut world, &[92, 91, 92, 92]);
    assert!(!predicted(&found[3]), "and goes on when it has levelled out");
}

#[test]
fn d_4_a_slow_fall_far_from_low_does_not_stop() {
    let mut world = World::steady(180);
    let path: std::vec::Vec<i32> = (0..12).map(|step| 178 - 8 * step).collect();
    let found = series(&mut world, &path);
    assert_eq!(
        first(&found, Cause::PredictedStop),
        Some(11),
        "at 98 and again at 90, 48 less in 30 min"
    );
}

#[test]
fn f_s11_low_stops_although_it_is_no_number() {
    let mut world = World::steady(80);
    let found = world.changed(|frame| frame.status.0 = StatusFlags::BELOW_RANGE);
    assert!(hard(&found) && !found.fresh);
    assert!(hard(&World::steady(80).mg_dl(39)), "39 is Low of many sensors");
}

#[test]
fn f_s05_a_real_low_behind_an_impossible_step_stops() {
    let found = World::steady(120).mg_dl(50);
    assert!(hard(&found) && found.active.has(Cause::InputImplausible));
}

#[test]
fn a_reference_measurement_that_is_low_stops() {
    let mut world = World::steady(75);
    assert!(hard(&world.act(75, Action::Reference(58_000))));
}

/// Two hours about 63, then a new level above 70 that slowly falls: only the time can end the
/// stop. Says whether it still holds after each reading of the new level.
fn stopped_at_a_falling_level(entry: Option<(usize, Action)>) -> std::vec::Vec<bool> {
    let mut world = World::steady(80);
    assert!(hard(&world.mg_dl(59)));
    for step in 0..20 {
        let value = 62 + i32::try_from(step).unwrap() % 3;
        let found = match entry {
            Some((at, action)) if at == step => world.act(value, action),
            _ => world.mg_dl(value),
        };
        assert!(hard(&found), "below 70 no time ends it");
    }
    let path: std::vec::Vec<i32> = (0..12).map(|step| 200 - 2 * step).collect();
    series(&mut world, &path).iter().map(hard).collect()
}

#[test]
fn gly_22_a_stop_without_carbohydrate_ends_after_120_minutes_unless_low() {
    let held = stopped_at_a_falling_level(None);
    assert!(held[2], "the new level is believed, but there is no trend yet");
    assert!(!held[3], "and two hours have passed");
}

#[test]
fn gly_22_a_carbohydrate_entry_begins_the_time_anew() {
    assert!(stopped_at_a_falling_level(Some((10, carbohydrate(15_000))))[6]);
}

#[test]
fn gly_22_below_70_no_time_ends_a_stop() {
    let mut world = low(58);
    let path: std::vec::Vec<i32> = (0..40).map(|step| 62 + step % 3 * 2).collect();
    assert!(series(&mut world, &path).iter().all(hard));
}

#[test]
fn d_4_when_data_stop_the_stop_lasts_40_minutes_more_at_most() {
    let mut world = World::steady(80);
    assert!(hard(&world.mg_dl(59)));
    let found = silence(&mut world, 12);
    let ended = found.iter().position(|found| !hard(found));
    assert_eq!(ended, Some(8), "40 min after the first cycle without data");
    assert!(found[9].active.has(Cause::InputMissing));
}

#[test]
fn d_4_a_reference_below_70_holds_a_stop_without_data() {
    let mut world = World::steady(80);
    assert!(hard(&world.mg_dl(59)));
    for _ in 0..12 {
        let measured = world.input(&[], &[Action::Reference(65_000)]);
        assert!(hard(&world.step(&measured)), "no comfort after 40 minutes");
    }
    let ended = silence(&mut world, 12).iter().position(|found| !hard(found));
    assert!(ended.is_some(), "but silence alone does end it");
}

/// Only carbohydrate begins the time anew, and only some of it.
#[test]
fn gly_22_an_announcement_that_is_no_carbohydrate_lets_the_time_run() {
    let none = Action::Announce(Announcement { kind: 1, amount: 0 });
    let other = Action::Announce(Announcement { kind: 2, amount: 15_000 });
    for (entry, held) in [(none, false), (other, false), (carbohydrate(15_000), true)] {
        assert_eq!(stopped_at_a_falling_level(Some((10, entry)))[6], held, "{entry:?}");
    }
}

#[test]
fn d_4_a_stop_without_data_lasts_60_minutes_in_all() {
    let mut world = low(58);
    series(&mut world, &[59, 59, 58, 59, 58, 59, 59, 58]);
    let found = silence(&mut world, 12);
    let ended = found.iter().position(|found| !hard(found)).unwrap();
    assert_eq!(ended, 4, "an hour has passed before, but only now the data count as lost");
    assert!(found[ended..].iter().all(|found| !hard(found)), "and does not come back");
}

#[test]
fn a_restart_of_the_device_does_not_end_a_stop() {
    let mut world = low(58);
    world.mg_dl(58);
    world.boot = 2;
    assert!(hard(&world.silent()));
    assert!(hard(&world.mg_dl(58)));
}
