//! Norepinephrine: from infusion to concentration to pressure.

use super::covariates::Covariates;
use super::covariates::sigmoid;
use super::mammillary::{Compartments, Concentrations, Propagator};
use super::units::{Litres, LitresPerMinute, MmHg, NgPerMl, PerMinute, Seconds, UgPerSecond};
use super::validity::{Breach, Limits, ModelCard, ModelRefusal};
use homeostat_numeric::{pow, round};

/// A published model of kinetics and of the effect on pressure. Potency differs tenfold between them
/// and between people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NorepinephrineModel {
    /// Kinetics of Li 2024 (volunteers; without endogenous norepinephrine and without propofol's effect
    /// on clearance, 12 % at 3.5 µg/mL), effect of Joachim 2024 (anaesthetised patients) whose largest
    /// effect is the person's own awake pressure. To put the two together is ours.
    LiJoachim,
    /// Beloeil 2005: septic shock and trauma, at a SAPS II of 20.
    Beloeil,
    /// Oualha 2014: critically ill children.
    Oualha,
}

const LI_JOACHIM: ModelCard = ModelCard {
    name: "li-joachim",
    source: "kinetics: Li et al. 2024; effect: Joachim et al. 2024, Br J Clin Pharmacol",
    range_source: "adults; limits ours",
    age: (18.0, 100.0),
    weight: (30.0, 160.0),
    lean_body_mass: false,
};
const BELOEIL: ModelCard = ModelCard {
    name: "beloeil",
    source: "Beloeil et al. 2005, Br J Anaesth 95:782, doi 10.1093/bja/aei259",
    range_source: "adults with septic shock or trauma; limits ours",
    age: (18.0, 100.0),
    weight: (40.0, 160.0),
    lean_body_mass: false,
};
const OUALHA: ModelCard = ModelCard {
    name: "oualha",
    source: "Oualha et al. 2014, Br J Clin Pharmacol 78:886, doi 10.1111/bcp.12412",
    range_source: "children; limits ours",
    age: (0.0, 18.0),
    weight: (2.0, 90.0),
    lean_body_mass: false,
};

/// How pressure rises with concentration.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PressureEffect {
    /// Largest rise.
    pub largest: MmHg,
    /// Concentration of half of it.
    pub half: NgPerMl,
    /// Steepness.
    pub steepness: f64,
    /// What the body makes itself, whose effect is in the awake pressure already.
    pub endogenous: NgPerMl,
}

/// A person's norepinephrine.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pressor {
    /// Volumes and clearances.
    pub compartments: Compartments,
    /// From the start of the infusion to the central compartment.
    pub lag: Seconds,
    /// Effect on pressure.
    pub effect: PressureEffect,
}

impl NorepinephrineModel {
    /// Every model.
    pub const ALL: [Self; 3] = [Self::LiJoachim, Self::Beloeil, Self::Oualha];

    /// Name, source and range.
    #[must_use]
    pub fn card(self) -> ModelCard {
        match self {
            Self::LiJoachim => LI_JOACHIM,
            Self::Beloeil => BELOEIL,
            Self::Oualha => OUALHA,
        }
    }

    /// The model of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|model| model.card().name == name)
    }

    /// The figures of a person with this awake pressure, and the limits overridden.
    ///
    /// # Errors
    /// [`ModelRefusal`] naming the limit that the person is beyond, unless overridden.
    pub fn fit(
        self,
        person: &Covariates,
        awake: MmHg,
        limits: Limits,
    ) -> Result<(Pressor, Vec<Breach>), ModelRefusal> {
        let overridden = self.card().admit(person, limits)?;
        let weight = person.weight().0;
        let size = weight / 70.0;
        let one = |volume, clearance| Compartments {
            volumes: [Litres(volume), Litres(1.0), Litres(1.0)],
            clearances: [LitresPerMinute(clearance), LitresPerMinute(0.0), LitresPerMinute(0.0)],
            effect_site: PerMinute(1.0),
        };
        let effect = |largest, half, steepness, endogenous| PressureEffect {
            largest: MmHg(largest),
            half: NgPerMl(half),
            steepness,
            endogenous: NgPerMl(endogenous),
        };
        let pressor = match self {
            Self::LiJoachim => {
                let ageing = homeostat_numeric::exp(-0.003_77 * (person.age().0 - 35.0));
                let allometric = pow(size, 0.75);
                let mut compartments = one(2.4 * size, 2.1 * ageing * allometric);
                compartments.volumes[1] = Litres(3.6 * size);
                compartments.clearances[1] = LitresPerMinute(0.6 * allometric);
                // 15.27 nmol/L of 169.18 g/mol.
                let effect = effect(awake.0, 15.27 * 0.169_18, 1.46, 0.0);
                Pressor { compartments, lag: Seconds(13.7 * pow(size, 0.25)), effect }
            }
            Self::Beloeil => Pressor {
                compartments: one(8.84, 59.6 / 20.0),
                lag: Seconds(0.0),
                effect: effect(98.7, 7.04, 1.8, 0.0),
            },
            Self::Oualha => {
                let allometric = pow(weight, 0.75);
                Pressor {
                    compartments: one(0.08 * weight, 0.11 * allometric),
                    lag: Seconds(0.0),
                    effect: effect(32.0, 4.11, 1.0, 0.052 / 0.11),
                }
            }
        };
        Ok((pressor, overridden))
    }
}

impl PressureEffect {
    /// The rise at a concentration of what was infused.
    #[must_use]
    pub fn rise(&self, infused: NgPerMl) -> MmHg {
        let of = |concentration| sigmoid(concentration, self.half.0, self.steepness);
        let own = self.endogenous.0;
        MmHg(self.largest.0 * (of(own + infused.0) - of(own)))
    }
}

/// Longest lag, in seconds.
const LONGEST_LAG: usize = 64;

/// A person's norepinephrine in time.
#[derive(Clone, Debug)]
pub struct PressorCourse {
    effect: PressureEffect,
    second: Propagator,
    now: Concentrations,
    /// Rates on their way; a ring.
    on_the_way: [f64; LONGEST_LAG],
    lag: usize,
    place: usize,
}

impl PressorCourse {
    /// Nothing infused yet. The lag is rounded to a second and at most 64 s.
    #[must_use]
    pub fn new(pressor: &Pressor) -> Self {
        let lag = round(pressor.lag.0) as usize;
        Self {
            effect: pressor.effect,
            second: Propagator::new(&pressor.compartments, Seconds(1.0)),
            now: Concentrations::default(),
            on_the_way: [0.0; LONGEST_LAG],
            lag: Ord::min(lag, LONGEST_LAG - 1),
            place: 0,
        }
    }

    /// Lives through one second at this rate.
    pub fn advance_second(&mut self, rate: UgPerSecond) {
        self.on_the_way[self.place] = rate.0;
        let arriving = self.on_the_way[(self.place + LONGEST_LAG - self.lag) % LONGEST_LAG];
        self.place = (self.place + 1) % LONGEST_LAG;
        self.now = self.second.advance(self.now, arriving);
    }

    /// Infused norepinephrine in plasma.
    #[must_use]
    pub fn plasma(&self) -> NgPerMl {
        NgPerMl(self.now.plasma)
    }

    /// What it adds to mean arterial pressure.
    #[must_use]
    pub fn rise(&self) -> MmHg {
        self.effect.rise(self.plasma())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn course(model: NorepinephrineModel, weight: f64, age: f64) -> PressorCourse {
        use crate::anaesthesia::{covariates::Sex, units::Centimetres};
        use crate::units::{Kilograms, Years};
        let height = if age < 18.0 { 110.0 } else { 170.0 };
        let person =
            Covariates::new(Years(age), Sex::Female, Centimetres(height), Kilograms(weight));
        let fitted = model.fit(&person.unwrap(), MmHg(90.0), Limits::Keep).unwrap();
        assert!(fitted.1.is_empty() && fitted.0.compartments.impossible().is_none());
        PressorCourse::new(&fitted.0)
    }

    #[test]
    fn infusions_settle_at_rate_over_clearance() {
        // 70 kg and 35 years: 2.1 L/min; SAPS II of 20: 2.98 L/min; 16 kg: 0.11 * 8 L/min.
        let cases = [
            (NorepinephrineModel::LiJoachim, 70.0, 35.0, 2.1),
            (NorepinephrineModel::Beloeil, 70.0, 35.0, 2.98),
            (NorepinephrineModel::Oualha, 16.0, 4.0, 0.88),
        ];
        for (model, weight, age, clearance) in cases {
            let mut course = course(model, weight, age);
            for _ in 0..20_000 {
                course.advance_second(UgPerSecond(0.05));
            }
            let expected = 3.0 / clearance;
            let found = course.plasma().0;
            assert!((found / expected - 1.0).abs() < 1e-9, "{model:?}: {found}");
            assert!(course.rise().0 > 0.0);
        }
    }

    #[test]
    fn the_lag_is_kept_and_half_effect_is_half() {
        let mut li = course(NorepinephrineModel::LiJoachim, 70.0, 35.0);
        for second in 0..15 {
            assert_eq!(li.plasma().0, 0.0, "second {second}");
            li.advance_second(UgPerSecond(0.1));
        }
        assert!(li.plasma().0 > 0.0);
        let half = li.effect.rise(NgPerMl(2.583_378_6)).0;
        assert!((half - 45.0).abs() < 1e-5, "{half}");
        let oualha = course(NorepinephrineModel::Oualha, 16.0, 4.0).effect;
        assert_eq!(oualha.rise(NgPerMl(0.0)).0, 0.0);
        // 32 (4.5827/8.6927 - 0.4727/4.5827)
        assert!((oualha.rise(NgPerMl(4.11)).0 - 13.569_178_5).abs() < 1e-6);
    }

    #[test]
    fn limits_are_named() {
        use crate::anaesthesia::{covariates::Sex, units::Centimetres};
        use crate::units::{Kilograms, Years};
        let child =
            Covariates::new(Years(4.0), Sex::Female, Centimetres(105.0), Kilograms(16.0)).unwrap();
        let refusal = NorepinephrineModel::Beloeil.fit(&child, MmHg(70.0), Limits::Keep);
        assert!(refusal.unwrap_err().to_string().starts_with("beloeil is valid for age 18"));
        let kept = NorepinephrineModel::Beloeil.fit(&child, MmHg(70.0), Limits::Override).unwrap();
        assert_eq!(kept.1.len(), 2);
        for model in NorepinephrineModel::ALL {
            assert_eq!(NorepinephrineModel::named(model.card().name), Some(model));
        }
    }
}
