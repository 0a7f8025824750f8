//! From effect-site concentrations to the bispectral index, and to the tolerance of laryngoscopy.

use super::covariates::{Covariates, quick_sigmoid};
use super::units::{BispectralIndex, NgPerMl, Seconds, UgPerMl};
use homeostat_numeric::{clamp, exp, max, min, pow};

/// How the index depends on effect-site concentrations.
///
/// With U = Cp/C50p + Cr/C50r, phi = (Cp/C50p)/U and I = U / (1 - beta (phi - phi^2)):
/// index = E0 - Emax I^g / (1 + I^g), kept within 0 to 100. Every published form used here is this one
/// with some of its figures fixed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct IndexEffect {
    /// Concentration of propofol of half effect.
    pub propofol_half: UgPerMl,
    /// Concentration of remifentanil of half effect; `None` where the model has no remifentanil.
    pub remifentanil_half: Option<NgPerMl>,
    /// Interaction beyond addition; 0 is addition.
    pub interaction: f64,
    /// Steepness below and above half effect; equal except in Eleveld's model.
    pub steepness: (f64, f64),
    /// Index without drug.
    pub awake: f64,
    /// Largest fall of the index.
    pub depth: f64,
}

/// A published relation of concentrations and index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IndexModel {
    /// Eleveld 2018, Br J Anaesth 120:942: half effect falls with age, two slopes, no remifentanil.
    Eleveld,
    /// Vanluchene 2004: propofol alone.
    Vanluchene,
    /// Bouillon 2004, Anesthesiology 100:1353: surface of propofol and remifentanil.
    Bouillon,
}

impl IndexModel {
    /// Every model.
    pub const ALL: [Self; 3] = [Self::Eleveld, Self::Vanluchene, Self::Bouillon];

    /// The name in files.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Eleveld => "eleveld",
            Self::Vanluchene => "vanluchene",
            Self::Bouillon => "bouillon",
        }
    }

    /// The model of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|model| model.name() == name)
    }

    /// The typical figures of a person.
    #[must_use]
    pub fn typical(self, person: &Covariates) -> IndexEffect {
        match self {
            Self::Eleveld => IndexEffect {
                propofol_half: UgPerMl(3.0794 * exp(-0.006_35 * (person.age().0 - 35.0))),
                remifentanil_half: None,
                interaction: 0.0,
                steepness: (1.8939, 1.4736),
                awake: 92.98,
                depth: 92.98,
            },
            Self::Vanluchene => IndexEffect {
                propofol_half: UgPerMl(4.92),
                remifentanil_half: None,
                interaction: 0.0,
                steepness: (2.69, 2.69),
                awake: 95.9,
                depth: 87.5,
            },
            Self::Bouillon => IndexEffect {
                propofol_half: UgPerMl(4.47),
                remifentanil_half: Some(NgPerMl(19.3)),
                interaction: 0.0,
                steepness: (1.43, 1.43),
                awake: 97.4,
                depth: 97.4,
            },
        }
    }
}

/// How long the index takes to follow its effect in Eleveld 2018: 15 + e^(0.0517 age) seconds, the
/// monitor's own delay included.
#[must_use]
pub fn eleveld_delay(person: &Covariates) -> Seconds {
    Seconds(15.0 + exp(0.0517 * person.age().0))
}

impl IndexEffect {
    /// The index at these concentrations, without delay, noise or stimulus.
    #[must_use]
    pub fn index(&self, propofol: UgPerMl, remifentanil: NgPerMl) -> BispectralIndex {
        let hypnotic = max(0.0, propofol.0) / self.propofol_half.0;
        let opioid = self.remifentanil_half.map_or(0.0, |half| max(0.0, remifentanil.0) / half.0);
        let sum = hypnotic + opioid;
        if sum <= 0.0 {
            return BispectralIndex(clamp(self.awake, 0.0, 100.0));
        }
        let part = hypnotic / sum;
        let combined = sum / (1.0 - self.interaction * (part - part * part));
        let steepness = if combined < 1.0 { self.steepness.0 } else { self.steepness.1 };
        let effect = quick_sigmoid(combined, 1.0, steepness);
        BispectralIndex(clamp(self.awake - self.depth * effect, 0.0, 100.0))
    }

    /// The concentration of propofol alone that holds an index; `None` if none does.
    #[must_use]
    pub fn propofol_for(&self, index: BispectralIndex) -> Option<UgPerMl> {
        let effect = (self.awake - index.0) / self.depth;
        if !(effect > 0.0 && effect < 1.0) {
            return None;
        }
        let odds = effect / (1.0 - effect);
        let steepness = if odds < 1.0 { self.steepness.0 } else { self.steepness.1 };
        Some(UgPerMl(self.propofol_half.0 * pow(odds, 1.0 / steepness)))
    }

    /// The first figure that makes no sense, in words.
    #[must_use]
    pub fn impossible(&self) -> Option<String> {
        let positive = |name, value: f64| {
            (!(value > 0.0 && value.is_finite())).then(|| format!("{name} would be {value}"))
        };
        let opioid =
            self.remifentanil_half.and_then(|half| positive("C50 of remifentanil", half.0));
        positive("C50 of propofol", self.propofol_half.0)
            .or(opioid)
            .or(positive("gamma", self.steepness.0))
            .or(positive("gamma above C50", self.steepness.1))
            .or(positive("E0", self.awake))
            .or(positive("Emax", self.depth))
            .or_else(|| {
                // Beyond 4 the surface has a pole.
                let fits = self.interaction >= 0.0 && self.interaction < 4.0;
                (!fits)
                    .then(|| format!("beta would be {}, expected 0 to below 4", self.interaction))
            })
    }
}

/// The probability that laryngoscopy is tolerated: Bouillon's hierarchical model (2004) with the
/// figures of C50p 8.04 ug/mL, C50r 1.07 ng/mL, gamma_r 0.97, gamma_p 5.1, pre-opioid intensity 1.05.
///
/// The opioid attenuates the stimulus, the hypnotic has to suppress what is left.
#[must_use]
pub fn tolerance_of_laryngoscopy(propofol: UgPerMl, remifentanil: NgPerMl) -> f64 {
    const INTENSITY: f64 = 1.05;
    let left = INTENSITY * (1.0 - quick_sigmoid(remifentanil.0, 1.07 * INTENSITY, 0.97));
    min(1.0, quick_sigmoid(propofol.0, 8.04 * left, 5.1))
}

#[cfg(test)]
mod tests;
