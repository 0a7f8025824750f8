//! Announced carbohydrate.

use super::*;
use crate::tests::world::settings;
use homeostat_record::{Announcement, PersonAction, Role};

const MINUTE: u64 = 60_000;
const START: u64 = 172_800_000;

fn announce(meals: &mut Meals, tick: u64, kind: u8, amount: u32) -> i64 {
    let mut input = Input::default();
    let action = Action::Announce(Announcement { kind, amount });
    input.people.push(PersonAction { by: Role::User, action }).unwrap();
    meals.take(tick, &input, &settings())
}

#[test]
fn gly_23_repeated_and_too_large_entries_count_as_none() {
    let mut meals = Meals::new(START);
    assert_eq!(announce(&mut meals, START, 1, 50_000), 50_000);
    assert_eq!(announce(&mut meals, START + 14 * MINUTE, 1, 50_000), 0);
    assert_eq!(announce(&mut meals, START + 14 * MINUTE, 1, 50_001), 50_001);
    assert_eq!(announce(&mut meals, START + 15 * MINUTE, 1, 50_000), 50_000);
    assert_eq!(announce(&mut meals, START + 16 * MINUTE, 1, 150_001), 0);
    assert_eq!(announce(&mut meals, START + 16 * MINUTE, 1, 150_000), 150_000);
    assert_eq!(announce(&mut meals, START + 16 * MINUTE, 2, 40_000), 0);
    assert_eq!(meals.recent(&settings()), 300_001);
}

#[test]
fn carbohydrate_is_unabsorbed_for_one_and_a_half_of_the_declared_time() {
    let mut meals = Meals::new(START);
    announce(&mut meals, START, 1, 54_000);
    for (minutes, left) in [(0, 54_000), (90, 36_000), (180, 18_000), (270, 0), (400, 0)] {
        assert_eq!(meals.unabsorbed(START + minutes * MINUTE, &settings()), left, "{minutes} min");
    }
    meals.take(START + 360 * MINUTE, &Input::default(), &settings());
    assert_eq!(meals.recent(&settings()), 54_000);
    meals.take(START + 370 * MINUTE, &Input::default(), &settings());
    assert_eq!(meals.recent(&settings()), 0);
}

#[test]
fn only_meals_are_watched() {
    let mut meals = Meals::new(START);
    announce(&mut meals, START, 1, 9_999);
    assert_eq!(meals.open(), None);
    announce(&mut meals, START, 1, 60_000);
    meals.answer(1_500);
    meals.answer(-700);
    let open = Open { since: START, called_for: 6_000, answered: 1_500 };
    assert_eq!(meals.open(), Some(open));
    meals.close();
    assert_eq!(meals.open(), None);
}
