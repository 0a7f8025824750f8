//! Whole days: an honest controller is agreed with, broken ones are not.
//!
//! The person here is a few lines of whole numbers (insulin acts by the curve, a meal is absorbed
//! evenly over three hours); the trial's patients are the judge, this is the daily check.

use super::world::{Turn, World};
use homeostat_record::Opinion;

/// One way in which a controller can be broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    None,
    DoseDoubled,
    InsulinOnBoardIgnored,
    SignFlipped,
    CarbohydrateRatioHalved,
    MealIgnored,
    OldGlucose,
    UnitSlip,
}

/// A day with three meals; how many cycles were objected to or differed.
fn day(fault: Fault) -> usize {
    let mut world = World::new();
    let (mut glucose, mut insulin) = (150_000_i64, 0_i64);
    let mut meals: std::vec::Vec<(u64, i64)> = std::vec::Vec::new();
    let mut disputed = 0;
    let mut before = glucose;
    for cycle in 0..288_u64 {
        let meal = match cycle {
            84 => 45_000,
            150 => 70_000,
            220 => 60_000,
            _ => 0,
        };
        if meal > 0 {
            meals.push((cycle, i64::from(meal)));
        }
        let slope = (glucose - before) / 5;
        before = glucose;
        let turn = decide(&world, fault, glucose, slope, meal);
        let turn = Turn { glucose: Some(u32::try_from(glucose / 1_000).unwrap()), ..turn };
        disputed += usize::from(!matches!(world.turn(turn), Opinion::Concur));
        let given: i64 = world.doses.iter().map(|(_, steps)| i64::from(*steps) * 10).sum();
        let acted = given - i64::from(world.on_board());
        let basal = if cycle < 72 { acted - insulin } else { 100 };
        let absorbed: i64 =
            meals.iter().filter(|(at, _)| cycle - at < 36).map(|(_, g)| g / 36).sum();
        glucose = (glucose - (acted - insulin - basal) * 30 + absorbed * 3).clamp(40_000, 399_000);
        insulin = acted;
    }
    disputed
}

/// A plain controller: basal, half of the correction beyond what acts, the meal at once.
fn decide(world: &World, fault: Fault, glucose: i64, slope: i64, meal: u32) -> Turn {
    let basal = 100_i64;
    let beyond = i64::from(world.on_board()) - if world.orders < 72 { 1_700 } else { 1_950 };
    let beyond = if fault == Fault::InsulinOnBoardIgnored { 0 } else { beyond };
    let used = match fault {
        Fault::OldGlucose => 240_000,
        Fault::UnitSlip => glucose / 18,
        _ => glucose,
    };
    let sign = if fault == Fault::SignFlipped { -1 } else { 1 };
    let height = (used - 110_000) * sign;
    let correction = (height / 30 - beyond.max(0)) / 2;
    let ratio = if fault == Fault::CarbohydrateRatioHalved { 5 } else { 10 };
    let covered = if fault == Fault::MealIgnored { 0 } else { i64::from(meal) / ratio };
    let low = used < 80_000 || used + slope * 20 < 80_000;
    let wanted = match low && fault != Fault::SignFlipped {
        true => 0,
        false => (basal + correction.clamp(-basal, 900) + covered).max(0),
    };
    let wanted = if fault == Fault::DoseDoubled { wanted * 2 } else { wanted };
    let on_board = (fault == Fault::InsulinOnBoardIgnored).then_some(0);
    let used = Some(i32::try_from(used / 1_000).unwrap());
    let steps = u32::try_from(wanted / 10).unwrap();
    Turn { steps, carbohydrate: meal, on_board, used, ..Turn::default() }
}

#[test]
fn an_honest_controller_is_never_disputed() {
    assert_eq!(day(Fault::None), 0);
}

#[test]
fn sup_04_every_broken_controller_is_disputed() {
    for fault in [
        Fault::DoseDoubled,
        Fault::InsulinOnBoardIgnored,
        Fault::SignFlipped,
        Fault::CarbohydrateRatioHalved,
        Fault::MealIgnored,
        Fault::OldGlucose,
        Fault::UnitSlip,
    ] {
        assert!(day(fault) > 0, "{fault:?} was never disputed");
    }
}
