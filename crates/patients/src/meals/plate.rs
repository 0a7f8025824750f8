//! Food that stands on the table until it is eaten.

use crate::units::Grams;

/// Grams of carbohydrate eaten in a minute at most, as in simglucose.
const EATING_RATE: f64 = 5.0;

/// A queue of food, eaten at up to 5 g/min.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Plate {
    left: f64,
}

impl Plate {
    /// Puts a meal on the table. What is not a positive finite number adds nothing.
    pub fn serve(&mut self, meal: Grams) {
        self.left += crate::patient::tame(meal.0);
    }

    /// What is eaten in the coming minute.
    pub fn eat_for_a_minute(&mut self) -> Grams {
        let bite = if self.left < EATING_RATE { self.left } else { EATING_RATE };
        self.left -= bite;
        Grams(bite)
    }

    /// What has not been eaten yet.
    #[must_use]
    pub fn left(&self) -> Grams {
        Grams(self.left)
    }
}

#[cfg(test)]
mod tests {
    use super::Plate;
    use crate::units::Grams;

    #[test]
    fn a_meal_is_eaten_at_five_grams_a_minute_and_then_it_is_gone() {
        let mut plate = Plate::default();
        plate.serve(Grams(12.0));
        let bites: Vec<f64> = (0..4).map(|_| plate.eat_for_a_minute().0).collect();
        assert_eq!(bites, [5.0, 5.0, 2.0, 0.0]);
        plate.serve(Grams(f64::NAN));
        plate.serve(Grams(-3.0));
        assert_eq!(plate.left(), Grams(0.0));
    }
}
