//! The second syringe: remifentanil that the clinician couples to the propofol.
//!
//! It is no part of the loop. Nobody orders it by the kernel, no guard bounds it, and no record holds it
//! but for the clinician's announcement that it begins.

use homeostat_numeric::clamp;
use homeostat_patients::anaesthesia::units::{MgPerSecond, Micrograms, UgPerSecond};
use homeostat_patients::units::Kilograms;

use super::scenario::Coordinated;

/// Seconds over which the first syringe's rate is averaged: it gives an order in portions.
const AVERAGED: f64 = 30.0;
/// Seconds of a minute.
const MINUTE: f64 = 60.0;

/// The coupled syringe; what it gives arrives at once.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SecondSyringe {
    coupling: Coordinated,
    weight: Kilograms,
    beside: MgPerSecond,
}

impl SecondSyringe {
    /// A syringe at rest for a person of this weight.
    #[must_use]
    pub const fn new(coupling: Coordinated, weight: Kilograms) -> Self {
        Self { coupling, weight, beside: MgPerSecond(0.0) }
    }

    /// What the base rate gives in the first minute: what is announced when it begins.
    #[must_use]
    pub fn first_minute(&self) -> Micrograms {
        Micrograms(self.coupling.base.in_micrograms(self.weight).0 * MINUTE)
    }

    /// One second in which the first syringe counted this much propofol; it runs while the person is
    /// to sleep.
    pub fn push(&mut self, counted: MgPerSecond, runs: bool) -> UgPerSecond {
        self.beside.0 += (counted.0 - self.beside.0) / AVERAGED;
        if !runs {
            return UgPerSecond(0.0);
        }
        let Coordinated { ratio, base, most } = self.coupling;
        let least = base.in_micrograms(self.weight).0;
        UgPerSecond(clamp(ratio.beside(self.beside).0, least, most.in_micrograms(self.weight).0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use homeostat_patients::anaesthesia::units::UgPerKgPerMinute;

    const WEIGHT: Kilograms = Kilograms(60.0);

    fn settled(propofol: f64) -> f64 {
        let mut syringe = SecondSyringe::new(Coordinated::REFERENCE, WEIGHT);
        let rate = UgPerKgPerMinute(propofol).of_propofol(WEIGHT);
        let mut given = UgPerSecond(0.0);
        for _ in 0..1_000 {
            given = syringe.push(rate, true);
        }
        given.by_weight(WEIGHT).0
    }

    #[test]
    fn ratio_base_and_most_are_kept() {
        // 100 ug/kg/min of propofol are 6 mg/kg/h.
        for (propofol, expected) in [(100.0, 0.2), (50.0, 0.1), (10.0, 0.05), (0.0, 0.05)] {
            assert!((settled(propofol) - expected).abs() < 1e-9, "{propofol}");
        }
        assert!((settled(400.0) - 0.3).abs() < 1e-9);
        let syringe = SecondSyringe::new(Coordinated::REFERENCE, WEIGHT);
        assert!((syringe.first_minute().0 - 3.0).abs() < 1e-9);
    }

    #[test]
    fn portions_count_as_their_mean_and_a_stop_is_at_once() {
        let coupling = Coordinated { base: UgPerKgPerMinute(0.0), ..Coordinated::REFERENCE };
        let mut syringe = SecondSyringe::new(coupling, WEIGHT);
        let (mut propofol, mut given) = (0.0, 0.0);
        for second in 0..3_600 {
            let portion = if second % 5 == 0 { 0.5 } else { 0.0 };
            propofol += portion;
            given += syringe.push(MgPerSecond(portion), true).0;
        }
        // Half a minute of it is still to come.
        assert!((given / propofol - 2.0).abs() < 0.02, "{given} beside {propofol}");
        assert_eq!(syringe.push(MgPerSecond(0.5), false), UgPerSecond(0.0));
    }
}
