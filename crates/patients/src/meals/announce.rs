//! What people tell the loop about their meals, and what they forget.

use super::plan::Meal;
use crate::random::Seed;
use crate::units::{Grams, Minutes};
use homeostat_numeric::{max, round};

/// How somebody announces meals.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Announcing {
    /// Chance that a meal is announced at all.
    pub chance: f64,
    /// The count is this times the truth on average: 0.7 counts 30 % too little.
    pub counting_bias: f64,
    /// Standard deviation of the count, as a fraction of the truth.
    pub counting_deviation: f64,
    /// Announced this long after eating begins at the earliest, and at the latest; before it if negative.
    pub lateness: (Minutes, Minutes),
}

impl Announcing {
    /// Every meal, exactly, as it begins.
    pub const EXACT: Self = Self {
        chance: 1.0,
        counting_bias: 1.0,
        counting_deviation: 0.0,
        lateness: (Minutes(0.0), Minutes(0.0)),
    };
    /// No meal.
    pub const NEVER: Self = Self { chance: 0.0, ..Self::EXACT };
    /// As people do: one meal in ten forgotten, counted with 20 % deviation, up to a quarter of an hour
    /// late. Our assumption.
    pub const EVERYDAY: Self = Self {
        chance: 0.9,
        counting_bias: 1.0,
        counting_deviation: 0.2,
        lateness: (Minutes(0.0), Minutes(15.0)),
    };
}

/// A meal as the loop hears of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Announcement {
    /// When it is announced.
    pub minute: u32,
    /// When eating begins.
    pub meal_minute: u32,
    /// The carbohydrate that the person counted, whole grams.
    pub counted: Grams,
}

/// The announcements of some meals, in order of the time at which they are made. Each meal has its own
/// stream: leaving one out changes no other.
#[must_use]
pub fn announce(
    meals: &[Meal],
    announcing: &Announcing,
    subject: &str,
    seed: Seed,
) -> Vec<Announcement> {
    let mut announcements: Vec<Announcement> = meals
        .iter()
        .filter_map(|meal| {
            let mut stream = seed.numbered(subject, "announcement", meal.minute);
            let told = stream.chance(announcing.chance);
            let factor = announcing.counting_bias + announcing.counting_deviation * stream.normal();
            let late = stream.between(announcing.lateness.0.0, announcing.lateness.1.0);
            // The conversion saturates at minute 0.
            let minute = max(0.0, f64::from(meal.minute) + round(late)) as u32;
            let counted = Grams(round(max(0.0, meal.carbohydrate.0 * factor)));
            told.then_some(Announcement { minute, meal_minute: meal.minute, counted })
        })
        .collect();
    announcements.sort_by_key(|announcement| announcement.minute);
    announcements
}

#[cfg(test)]
mod tests {
    use super::{Announcing, announce};
    use crate::meals::standard_days;
    use crate::random::Seed;
    use crate::units::Minutes;

    #[test]
    fn exact_announcements_are_the_meals() {
        let meals = standard_days(2);
        let told = announce(&meals, &Announcing::EXACT, "a", Seed(1));
        assert_eq!(told.len(), meals.len());
        for (announcement, meal) in told.iter().zip(&meals) {
            assert_eq!((announcement.minute, announcement.meal_minute), (meal.minute, meal.minute));
            assert_eq!(announcement.counted, meal.carbohydrate);
        }
        assert_eq!(announce(&meals, &Announcing::NEVER, "a", Seed(1)), []);
    }

    #[test]
    fn everyday_announcements_err_as_described() {
        let meals = standard_days(3000);
        let told = announce(&meals, &Announcing::EVERYDAY, "a", Seed(2));
        let share = told.len() as f64 / meals.len() as f64;
        // Four standard errors of 9,000 draws.
        assert!((share - 0.9).abs() < 0.0127, "{share}");
        let late = told.iter().map(|a| a.minute - a.meal_minute);
        assert!(late.clone().all(|minutes| minutes <= 15));
        let mean = f64::from(late.sum::<u32>()) / told.len() as f64;
        assert!((mean - 7.5).abs() < 0.2, "{mean}");
        let of_lunch = told.iter().filter(|a| a.meal_minute % 1440 == 720);
        let errors: Vec<f64> = of_lunch.map(|a| a.counted.0 / 70.0 - 1.0).collect();
        let variance = errors.iter().map(|e| e * e).sum::<f64>() / errors.len() as f64;
        assert!((homeostat_numeric::sqrt(variance) - 0.2).abs() < 0.01, "{variance}");
    }

    #[test]
    fn leaving_a_meal_out_changes_no_other_announcement() {
        let meals = standard_days(5);
        let all = announce(&meals, &Announcing::EVERYDAY, "a", Seed(3));
        let fewer = announce(&meals[1..], &Announcing::EVERYDAY, "a", Seed(3));
        let rest: Vec<_> = all.into_iter().filter(|a| a.meal_minute != meals[0].minute).collect();
        assert_eq!(fewer, rest);
        let early =
            Announcing { lateness: (Minutes(-9999.0), Minutes(-9999.0)), ..Announcing::EXACT };
        assert_eq!(announce(&meals[..1], &early, "a", Seed(3))[0].minute, 0);
    }
}
