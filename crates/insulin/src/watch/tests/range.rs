//! Bounds, background, envelope, ceilings, effort.

use super::{World, carbohydrate, changed_content, first, series, silence, steps};
use crate::profile::scale::{MilliUnits, MilliUnitsPerHour};
use homeostat_record::{Action, Announcement, Cause, Cycle, Steps};
use homeostat_supervisor::Profile as _;

#[test]
fn the_bounds_are_those_of_the_profile_in_whole_steps() {
    let world = World::new();
    let [insulin, absent] = world.supervised.limits();
    // 48 U a day in steps of 0.05 U.
    assert_eq!(insulin.cycle_max, steps(384), "40 %");
    assert_eq!(
        insulin.windows.map(|window| (window.cycles, window.max.0)),
        [(1, 384), (12, 432), (48, 768), (288, 1_920)]
    );
    assert_eq!((insulin.acting_max, insulin.label_max), (steps(480), steps(500)));
    assert_eq!(insulin.tolerance, steps(4), "0.2 U");
    assert_eq!(absent.label_max, Steps::ZERO);
    assert_eq!(world.supervised.lease().as_minutes(), 15);
    assert_eq!(world.supervised.timing().input_lost, 4);
}

#[test]
fn act_02_the_background_loses_no_remainder() {
    for (basal, step) in [(1_000, 50), (835, 25), (50, 100), (289, 50), (10_000, 1)] {
        let content = changed_content(|content| {
            content.person.basal = MilliUnitsPerHour(basal);
            content.person.daily_dose = MilliUnits(240_000.min(basal * 40).max(20_000));
            content.gates.daily_dose_most = MilliUnits(300_000);
            content.delivery.step = MilliUnits(step);
            content.delivery.automatic_most = MilliUnits(basal.clamp(100, 5_000));
        });
        let world = World::of(content);
        let mut total = 0_u64;
        for cycle in 0..288_u64 {
            let amount = world.supervised.background(Cycle(cycle));
            let exact = basal as f64 / 12.0 / step as f64;
            assert!((f64::from(amount.0) - exact).abs() < 1.0, "{basal}/{step}");
            total += u64::from(amount.0);
        }
        assert_eq!(total, u64::from(basal) * 24 / u64::from(step), "{basal}/{step} in a day");
    }
    let last = World::new().supervised.background(Cycle(u64::MAX));
    assert!(last <= steps(2), "the largest number of a cycle is no special case");
}

#[test]
fn sup_02_the_envelope_is_the_automatic_ceiling_and_the_announced_meal() {
    let mut world = World::steady(120);
    let most = |found: homeostat_supervisor::Findings| found.envelope[0].most.0;
    assert_eq!(most(world.mg_dl(121)), 40, "2 U");
    assert_eq!(most(world.act(121, carbohydrate(60_000))), 208, "and 1.4 times 6 U for 60 g");
    assert_eq!(most(world.act(122, carbohydrate(60_000))), 40, "the same entry again (GLY-23)");
    assert_eq!(most(world.act(120, carbohydrate(30_000))), 124, "another one");
    assert_eq!(most(world.act(121, carbohydrate(151_000))), 40, "larger than an entry may be");
    assert_eq!(most(world.mg_dl(122)), 40);
    world.mg_dl(120);
    world.mg_dl(121);
    assert_eq!(most(world.act(121, carbohydrate(30_000))), 124, "equal, but after the time");
}

#[test]
fn an_announcement_that_is_no_meal_allows_nothing() {
    let mut world = World::steady(120);
    let other = Action::Announce(Announcement { kind: 2, amount: 60_000 });
    assert_eq!(world.act(121, other).envelope[0].most, steps(40));
    assert_eq!(world.act(121, carbohydrate(60_000)).envelope[0].most, steps(208), "nor repeats it");
}

#[test]
fn sen_02_without_a_value_nothing_is_increased() {
    let mut world = World::steady(120);
    for found in silence(&mut world, 6) {
        assert_eq!(found.envelope[0].most, steps(2), "a cycle of basal, rounded up");
    }
}

#[test]
fn d_4_a_limited_loop_never_gives_more_than_the_programmed_basal() {
    let mut world = World::steady(120);
    let mut given = 0;
    let mut basal = 0;
    for cycle in 0..288 {
        let found = world.mg_dl(120 + cycle % 7 * 3);
        given += found.limited[0].0;
        basal += found.background[0].0;
        // The loop takes whatever it may.
        world.ordered += u64::from(found.limited[0].0);
        assert!(given <= basal + 1, "one step at most is carried over");
    }
    assert_eq!(basal, 480, "24 U");
}

#[test]
fn sup_10_saturation_at_least_and_at_most_delivery() {
    let mut world = World::steady(120);
    world.ordered = 5;
    world.mg_dl(121);
    let path: std::vec::Vec<i32> = (0..40).map(|step| 120 + step % 5 * 2).collect();
    let found = series(&mut world, &path);
    assert_eq!(first(&found, Cause::Saturation), Some(30), "nothing for 2.5 h");
    let mut world = World::steady(250);
    let mut most = world.mg_dl(251).envelope[0].most;
    let mut at = None;
    for step in 0..60 {
        world.ordered += u64::from(most.0);
        let found = world.mg_dl(250 + step % 5 * 2);
        most = found.envelope[0].most;
        if found.active.has(Cause::Saturation) && at.is_none() {
            at = Some(step);
        }
    }
    assert_eq!(at, Some(48), "all that was permitted for 4 h");
    assert!(!world.mg_dl(251).active.has(Cause::Saturation), "it ends with the amount");
}

#[test]
fn sup_02_corrections_on_board_are_bounded_and_basal_and_meals_are_not() {
    let mut world = World::steady(250);
    let mut most = world.mg_dl(251).envelope[0].most;
    let mut total = 0;
    let mut acting = 0;
    for step in 0..36 {
        total += most.0;
        world.ordered += u64::from(most.0);
        let found = world.mg_dl(250 + step % 5 * 2);
        (most, acting) = (found.envelope[0].most, acting.max(found.acting[0].0));
        assert!(most >= found.background[0], "the basal therapy is never withheld by it");
    }
    // 20 % of 48 U, and about 2 U of basal that is always on board, in steps of 0.05 U.
    let steady = world.supervised.curve.steady(1_667).0;
    assert!((38..46).contains(&steady), "{steady}");
    assert!(acting <= 192 + steady + 3, "{acting}");
    assert!(total > 192, "and it was used: {total}");
    let found = world.act(251, carbohydrate(60_000));
    assert!(found.envelope[0].most.0 >= 120, "6 U for a meal come on top");
}

#[test]
fn gly_23_a_limited_loop_covers_an_announced_meal() {
    let mut world = World::steady(120);
    let before = world.mg_dl(121).limited[0];
    let found = world.act(120, carbohydrate(60_000));
    assert!(before <= steps(3) && found.limited[0].0 >= 168, "8.4 U: {:?}", found.limited);
    assert!(world.mg_dl(121).limited[0] <= steps(3), "once");
}

#[test]
fn the_background_pauses_while_glucose_sinks() {
    let mut world = World::steady(100);
    assert!(series(&mut world, &[101, 99, 100]).iter().any(|found| found.background[0] > steps(0)));
    let found = series(&mut world, &[92, 85, 78]);
    assert_eq!(found[2].background[0], Steps::ZERO, "44 mg/dL in half an hour");
    let found = series(&mut world, &[75, 74, 74, 75, 74, 75]);
    assert!(found[3..].iter().any(|found| found.background[0] > steps(0)), "not falling any more");
    assert_eq!(world.mg_dl(69).background[0], Steps::ZERO, "below the level of resumption");
    world.silent();
    assert!(silence(&mut world, 3).iter().any(|found| found.background[0] > steps(0)));
}

#[test]
fn what_is_on_board_beyond_basal_and_meals_counts_against_the_background() {
    let mut world = World::steady(150);
    let given = |world: &mut World, units: u64, cycles: i32| {
        world.ordered += units * 20;
        let mut total = 0;
        for cycle in 0..cycles {
            let background = world.mg_dl(150 + cycle % 5).background[0];
            world.ordered += u64::from(background.0);
            total += background.0;
        }
        total
    };
    assert_eq!(given(&mut world, 0, 12), 20, "an hour of basal");
    assert_eq!(given(&mut world, 3, 6), 0, "three units are as good as basal insulin");
    let later = given(&mut world, 0, 72);
    assert!((30..=100).contains(&later), "{later}: they have acted, and it goes on");
    let mut world = World::steady(150);
    world.act(150, carbohydrate(60_000));
    assert_eq!(given(&mut world, 6, 12), 20, "the meal's own insulin is not counted");
}

#[test]
fn a_loop_that_has_not_begun_is_not_saturated() {
    let mut world = World::new();
    let path: std::vec::Vec<i32> = (0..60).map(|step| 120 + step % 5 * 2).collect();
    assert_eq!(first(&series(&mut world, &path), Cause::Saturation), None);
}

#[test]
fn gly_22_after_two_hours_of_nothing_the_background_is_the_least() {
    let least_after = |value: i32| {
        let mut world = World::steady(value);
        world.ordered = 5;
        world.mg_dl(value);
        let path: std::vec::Vec<i32> = (0..26).map(|step| value + step % 5 * 2).collect();
        let found = series(&mut world, &path);
        found.iter().position(|found| found.envelope[0].least > Steps::ZERO)
    };
    assert_eq!(least_after(130), Some(24));
    assert_eq!(least_after(71), None, "unless glucose is low");
}

#[test]
fn high_glucose_for_long_is_a_need() {
    let mut world = World::steady(290);
    let path: std::vec::Vec<i32> = (0..16).map(|step| 305 + step % 4 * 2).collect();
    let found = series(&mut world, &path);
    assert_eq!(first(&found, Cause::PhysiologicNeed), Some(12), "an hour above 300");
    assert!(!world.mg_dl(295).active.has(Cause::PhysiologicNeed));
}

#[test]
fn ctl_10_what_was_ordered_is_acting() {
    let mut world = World::steady(120);
    let before = world.mg_dl(121).acting[0];
    world.ordered += 100;
    let after = world.mg_dl(122).acting[0];
    assert!(after.0 >= before.0 + 98, "{before:?}, {after:?}");
}
