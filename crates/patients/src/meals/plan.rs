//! Days with meals.

use crate::random::{Seed, Stream};
use crate::units::Grams;
use homeostat_numeric::{max, round};

/// A meal that begins at a minute since the start.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Meal {
    /// When eating begins.
    pub minute: u32,
    /// Its carbohydrate.
    pub carbohydrate: Grams,
}

/// The standard day, again and again: 45, 70 and 80 g at 7, 12 and 18 h.
#[must_use]
pub fn standard_days(days: u32) -> Vec<Meal> {
    const MEALS: [(u32, f64); 3] = [(7, 45.0), (12, 70.0), (18, 80.0)];
    let of_day = |day: u32| {
        MEALS.map(|(hour, grams)| Meal {
            minute: day * 1440 + hour * 60,
            carbohydrate: Grams(grams),
        })
    };
    (0..days).flat_map(of_day).collect()
}

/// A meal that a random day may have: hours between which it begins (earliest, latest), its mean hour
/// and deviation, its chance, its mean size and deviation.
struct Habit {
    hours: (f64, f64),
    usual: (f64, f64),
    chance: f64,
    grams: (f64, f64),
}

/// Breakfast, snack, lunch, snack, dinner, snack, as the random scenario of simglucose has them.
const HABITS: [Habit; 6] = [
    Habit { hours: (5.0, 9.0), usual: (7.0, 1.0), chance: 0.95, grams: (45.0, 10.0) },
    Habit { hours: (9.0, 10.0), usual: (9.5, 0.5), chance: 0.3, grams: (10.0, 5.0) },
    Habit { hours: (10.0, 14.0), usual: (12.0, 1.0), chance: 0.95, grams: (70.0, 10.0) },
    Habit { hours: (14.0, 16.0), usual: (15.0, 0.5), chance: 0.3, grams: (10.0, 5.0) },
    Habit { hours: (16.0, 20.0), usual: (18.0, 1.0), chance: 0.95, grams: (80.0, 10.0) },
    Habit { hours: (20.0, 23.0), usual: (21.5, 0.5), chance: 0.3, grams: (10.0, 5.0) },
];

/// Random days after simglucose's random scenario: up to three meals and three snacks, at whole
/// minutes, of whole grams. A meal of no grams is left out. Each day and meal has its own stream.
#[must_use]
pub fn random_days(days: u32, subject: &str, seed: Seed) -> Vec<Meal> {
    let mut meals = Vec::new();
    for day in 0..days {
        for (habit, number) in HABITS.iter().zip(0..) {
            let mut stream = seed.numbered(subject, "meal", day * HABITS.len() as u32 + number);
            let happens = stream.chance(habit.chance);
            let minute = day * 1440 + round(60.0 * hour(habit, &mut stream)) as u32;
            let grams = round(max(0.0, habit.grams.0 + habit.grams.1 * stream.normal()));
            if happens && grams > 0.0 {
                meals.push(Meal { minute, carbohydrate: Grams(grams) });
            }
        }
    }
    meals.sort_by_key(|meal| meal.minute);
    meals
}

/// A normal number, drawn again while outside the hours.
fn hour(habit: &Habit, stream: &mut Stream) -> f64 {
    const DRAWS: u32 = 1000;
    let (earliest, latest) = habit.hours;
    (0..DRAWS)
        .map(|_| habit.usual.0 + habit.usual.1 * stream.normal())
        .find(|hour| (earliest..=latest).contains(hour))
        .unwrap_or(habit.usual.0)
}

#[cfg(test)]
mod tests {
    use super::{HABITS, random_days, standard_days};
    use crate::random::Seed;

    #[test]
    fn the_standard_day_repeats() {
        let meals: Vec<(u32, f64)> =
            standard_days(2).iter().map(|meal| (meal.minute, meal.carbohydrate.0)).collect();
        assert_eq!(
            meals,
            [(420, 45.0), (720, 70.0), (1080, 80.0), (1860, 45.0), (2160, 70.0), (2520, 80.0)]
        );
    }

    #[test]
    fn random_days_have_the_means_and_bounds_of_their_habits() {
        let days = 4000;
        let meals = random_days(days, "a", Seed(1));
        let within = |earliest: f64, latest: f64| {
            meals
                .iter()
                .filter(|meal| {
                    let hour = f64::from(meal.minute % 1440) / 60.0;
                    earliest < hour && hour < latest
                })
                .map(|meal| meal.carbohydrate.0)
                .collect::<Vec<f64>>()
        };
        // Breakfast and the evening snack share their hours with no other meal.
        for habit in [&HABITS[0], &HABITS[5]] {
            let sizes = within(habit.hours.0 - 0.01, habit.hours.1 - 0.01);
            let share = sizes.len() as f64 / f64::from(days);
            assert!((share / habit.chance - 1.0).abs() < 0.1, "{share}");
            let mean = sizes.iter().sum::<f64>() / sizes.len() as f64;
            assert!((mean - habit.grams.0).abs() < 0.7, "{mean}");
        }
        assert!(within(0.0, 4.99).is_empty() && within(23.01, 24.0).is_empty());
        assert!(meals.windows(2).all(|pair| pair[0].minute <= pair[1].minute));
    }

    #[test]
    fn sim_14_more_days_leave_the_first_ones_as_they_were() {
        let three = random_days(3, "a", Seed(4));
        assert_eq!(random_days(9, "a", Seed(4))[..three.len()], three);
        assert_ne!(random_days(3, "b", Seed(4)), three);
    }
}
