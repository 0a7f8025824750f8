//! What changes in a person from hour to hour and day to day: options for every model family.
//!
//! All are off by default, so that the published models stay the published models.

use crate::random::Seed;
use crate::units::MgPerDl;
use homeostat_numeric::{clamp, exp, max};

/// How insulin sensitivity changes over the day: the factor at four hours, with a smooth change over
/// two hours at each. It multiplies the action of insulin on utilisation and on production.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DailySensitivity {
    /// Hour of the day at which a factor begins, and the factor; in order of the hours.
    pub knots: [(f64, f64); 4],
}

impl DailySensitivity {
    /// The same all day.
    pub const CONSTANT: Self = Self { knots: [(0.0, 1.0), (6.0, 1.0), (12.0, 1.0), (18.0, 1.0)] };
    /// Less sensitive from the early morning to noon (dawn phenomenon): the default profile of the
    /// `LoopInsighT1` simulator.
    pub const DAWN: Self = Self { knots: [(0.0, 1.0), (4.0, 0.8), (11.0, 0.9), (17.0, 1.0)] };
    /// The classes of a day by its least sensitive meals, after the idea of Visentin et al. (2018):
    /// constant; breakfast; lunch; dinner; breakfast and lunch; lunch and dinner; breakfast and
    /// dinner. The depth (0.7) is ours: the paper's figures are not known to us.
    pub const CLASSES: [Self; 7] = [
        Self::CONSTANT,
        Self::meals(0.7, 1.0, 1.0),
        Self::meals(1.0, 0.7, 1.0),
        Self::meals(1.0, 1.0, 0.7),
        Self::meals(0.7, 0.7, 1.0),
        Self::meals(1.0, 0.7, 0.7),
        Self::meals(0.7, 1.0, 0.7),
    ];

    const fn meals(breakfast: f64, lunch: f64, dinner: f64) -> Self {
        Self { knots: [(4.0, breakfast), (11.0, lunch), (17.0, dinner), (23.0, 1.0)] }
    }

    /// The factor at a minute since midnight of the first day.
    #[must_use]
    pub fn at(&self, minute: u32) -> f64 {
        let hour = f64::from(minute % 1440) / 60.0;
        let mut from = self.knots[3].1;
        let mut factor = from;
        for (begin, next) in self.knots {
            if hour >= begin {
                let part = clamp((hour - begin) / 2.0, 0.0, 1.0);
                factor = from + (next - from) * part * part * (3.0 - 2.0 * part);
            }
            from = next;
        }
        factor
    }
}

/// A plain form of glucagon counter-regulation: secretion rises as glucose falls below a threshold and
/// while it is falling, and liver production follows.
///
/// The chain is that of the UVA/Padova S2013 model; its constants are the placeholders of
/// `LoopInsighT1` ("find reliable value"), and the threshold, below which secretion rises, is ours. It
/// makes deep hypoglycaemia rarer in a plausible way and supports no claim about glucagon.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CounterRegulation {
    /// Glucose below which secretion rises.
    pub threshold: MgPerDl,
    /// Secretion per glucose deficit (kGSRs), ng/L/min per mg/dL.
    pub static_gain: f64,
    /// Secretion per fall of glucose (delta), ng/L/min per mg/dL/min.
    pub dynamic_gain: f64,
    /// Production per delayed glucagon (xi), mg/kg/min per ng/L.
    pub production_gain: f64,
}

impl Default for CounterRegulation {
    fn default() -> Self {
        Self {
            threshold: MgPerDl(80.0),
            static_gain: 0.2,
            dynamic_gain: 0.1,
            production_gain: 0.01,
        }
    }
}

/// What makes a person vary.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Variability {
    /// Sensitivity over the day.
    pub daily: DailySensitivity,
    /// Deviation of the logarithm of sensitivity from day to day, drawn anew at midnight and held
    /// within two deviations; 0 is none.
    pub from_day_to_day: f64,
    /// Glucagon, if any.
    pub counter_regulation: Option<CounterRegulation>,
}

impl Default for Variability {
    fn default() -> Self {
        Self { daily: DailySensitivity::CONSTANT, from_day_to_day: 0.0, counter_regulation: None }
    }
}

/// What acts on a person in one minute.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Acting {
    /// Factor on insulin sensitivity.
    pub(crate) sensitivity: f64,
    /// Production above the model's own, mg/kg/min.
    pub(crate) production: f64,
}

/// A person's variability in progress.
#[derive(Clone, Debug)]
pub(crate) struct Physiology {
    options: Variability,
    seed: Seed,
    subject: String,
    day: Option<u32>,
    day_factor: f64,
    glucose_before: Option<f64>,
    /// Static secretion, concentration (above basal, ng/L) and delayed action of glucagon.
    glucagon: [f64; 3],
}

impl Physiology {
    pub(crate) fn new(options: Variability, seed: Seed, subject: &str) -> Self {
        Self {
            options,
            seed,
            subject: subject.into(),
            day: None,
            day_factor: 1.0,
            glucose_before: None,
            glucagon: [0.0; 3],
        }
    }

    pub(crate) fn again(&self) -> Self {
        Self::new(self.options, self.seed, &self.subject)
    }

    /// What acts in this minute, which begins at this plasma glucose.
    pub(crate) fn advance_minute(&mut self, minute: u32, glucose: MgPerDl) -> Acting {
        let day = minute / 1440;
        if self.day != Some(day) {
            self.day = Some(day);
            let mut stream = self.seed.numbered(&self.subject, "sensitivity of the day", day);
            let deviation = clamp(stream.normal(), -2.0, 2.0);
            self.day_factor = exp(self.options.from_day_to_day * deviation);
        }
        let falling = max(0.0, self.glucose_before.map_or(0.0, |before| before - glucose.0));
        self.glucose_before = Some(glucose.0);
        let production = self
            .options
            .counter_regulation
            .map_or(0.0, |regulation| self.secrete(regulation, glucose.0, falling));
        Acting { sensitivity: self.options.daily.at(minute) * self.day_factor, production }
    }

    /// One minute of the glucagon chain, by Euler's method in tenths of a minute.
    fn secrete(&mut self, regulation: CounterRegulation, glucose: f64, falling: f64) -> f64 {
        const RELEASE: f64 = 0.5;
        const CLEARANCE: f64 = 0.2;
        const ACTION: f64 = 0.1;
        let wanted = regulation.static_gain * max(0.0, regulation.threshold.0 - glucose);
        let dynamic =
            if glucose < regulation.threshold.0 { regulation.dynamic_gain * falling } else { 0.0 };
        for _ in 0..10 {
            let [secretion, level, action] = self.glucagon;
            self.glucagon = [
                secretion + 0.1 * RELEASE * (wanted - secretion),
                level + 0.1 * (secretion + dynamic - CLEARANCE * level),
                action + 0.1 * ACTION * (level - action),
            ];
        }
        regulation.production_gain * self.glucagon[2]
    }
}

#[cfg(test)]
mod tests {
    use super::{CounterRegulation, DailySensitivity, Physiology, Variability};
    use crate::random::Seed;
    use crate::units::MgPerDl;

    #[test]
    fn the_dawn_profile_passes_its_knots() {
        let at = |hour: u32| DailySensitivity::DAWN.at(hour * 60);
        assert_eq!([at(3), at(6), at(10), at(13), at(19), at(23)], [1.0, 0.8, 0.8, 0.9, 1.0, 1.0]);
        assert!((at(5) - 0.9).abs() < 1e-12, "half way in the middle of the change");
        assert_eq!(DailySensitivity::DAWN.at(1440 + 360), 0.8);
        assert!((0..1440).all(|minute| DailySensitivity::CONSTANT.at(minute) == 1.0));
    }

    #[test]
    fn off_means_that_nothing_acts() {
        let mut person = Physiology::new(Variability::default(), Seed(1), "a");
        for minute in 0..3000 {
            let acting = person.advance_minute(minute, MgPerDl(30.0));
            assert_eq!((acting.sensitivity, acting.production), (1.0, 0.0));
        }
    }

    #[test]
    fn sim_04_days_differ_and_a_seed_repeats_them() {
        let options = Variability { from_day_to_day: 0.2, ..Variability::default() };
        let days = |seed| {
            let mut person = Physiology::new(options, Seed(seed), "a");
            (0..5)
                .map(|day| person.advance_minute(day * 1440, MgPerDl(120.0)).sensitivity)
                .collect::<Vec<f64>>()
        };
        assert_eq!(days(3), days(3));
        assert_ne!(days(3), days(4));
        assert!(days(3).windows(2).all(|pair| pair[0] != pair[1]));
        assert!(days(3).iter().all(|factor| (0.67..=1.5).contains(factor)));
    }

    #[test]
    fn counter_regulation_answers_low_glucose_alone() {
        let regulation = Some(CounterRegulation::default());
        let options = Variability { counter_regulation: regulation, ..Variability::default() };
        let settled = |glucose| {
            let mut person = Physiology::new(options, Seed(1), "a");
            (0..300).map(|m| person.advance_minute(m, MgPerDl(glucose)).production).last()
        };
        assert_eq!(settled(90.0), Some(0.0));
        // Gains in a row: 0.2 * 30 / 0.2 * 0.01.
        assert!((settled(50.0).unwrap() - 0.3).abs() < 1e-6, "{:?}", settled(50.0));
    }
}
