//! Quantities of anaesthesia as types; every conversion is a named function.
//!
//! Rates of propofol (mg/s) and of remifentanil and norepinephrine (µg/s) are different types, and so
//! are their concentrations: a slip between them does not compile.
//!
//! ```compile_fail
//! use homeostat_patients::anaesthesia::units::{MgPerSecond, UgPerSecond};
//! let remifentanil: UgPerSecond = MgPerSecond(0.1);
//! ```
//!
//! ```compile_fail
//! use homeostat_patients::anaesthesia::units::{MgPerSecond, MlPerHour};
//! let propofol: MgPerSecond = MlPerHour(20.0);
//! ```

use crate::units::{Kilograms, quantity};

quantity! {
    /// Length in centimetres.
    Centimetres, "cm";
    /// Body mass index.
    KgPerSquareMetre, "kg/m2";
    /// Time in seconds.
    Seconds, "s";
    /// Volume in litres.
    Litres, "L";
    /// Volume in millilitres.
    Millilitres, "mL";
    /// Flow or clearance in litres per minute.
    LitresPerMinute, "L/min";
    /// A rate constant per minute.
    PerMinute, "/min";
    /// Concentration of propofol in micrograms per millilitre, which is milligrams per litre.
    UgPerMl, "ug/mL";
    /// Concentration of remifentanil or norepinephrine in nanograms per millilitre, which is micrograms
    /// per litre.
    NgPerMl, "ng/mL";
    /// Mass in milligrams.
    Milligrams, "mg";
    /// Mass in micrograms.
    Micrograms, "ug";
    /// Infusion rate of propofol in milligrams per second.
    MgPerSecond, "mg/s";
    /// Infusion rate of remifentanil or norepinephrine in micrograms per second.
    UgPerSecond, "ug/s";
    /// Infusion rate by body weight in micrograms per kilogram and minute.
    UgPerKgPerMinute, "ug/kg/min";
    /// A drug beside another in a fixed ratio: micrograms of the one for each milligram of the other.
    UgPerMg, "ug/mg";
    /// Flow of a pump in millilitres per hour.
    MlPerHour, "mL/h";
    /// What a syringe of propofol holds, in milligrams per millilitre.
    MgPerMl, "mg/mL";
    /// Pressure in millimetres of mercury.
    MmHg, "mmHg";
    /// Heart rate in beats per minute.
    BeatsPerMinute, "/min";
    /// Bispectral index, 0 (no activity) to 100 (awake).
    BispectralIndex, "";
    /// Decibels.
    Decibels, "dB";
    /// A part of a hundred.
    Percent, "%";
}

impl MlPerHour {
    /// What this flow of a solution gives of propofol.
    #[must_use]
    pub fn of_propofol(self, solution: MgPerMl) -> MgPerSecond {
        MgPerSecond(self.0 * solution.0 / 3600.0)
    }

    /// What this flow gives of a drug whose solution is stated in micrograms per millilitre
    /// (remifentanil usually 50, norepinephrine 16 to 64).
    #[must_use]
    pub fn of_solution(self, solution: UgPerMl) -> UgPerSecond {
        UgPerSecond(self.0 * solution.0 / 3600.0)
    }
}

impl MgPerSecond {
    /// The flow of a solution that gives this rate.
    #[must_use]
    pub fn as_flow(self, solution: MgPerMl) -> MlPerHour {
        MlPerHour(self.0 * 3600.0 / solution.0)
    }

    /// The rate by body weight.
    #[must_use]
    pub fn by_weight(self, weight: Kilograms) -> UgPerKgPerMinute {
        UgPerKgPerMinute(self.0 * 60_000.0 / weight.0)
    }
}

impl UgPerMg {
    /// The rate of the second drug beside this rate of the first.
    #[must_use]
    pub fn beside(self, first: MgPerSecond) -> UgPerSecond {
        UgPerSecond(self.0 * first.0)
    }
}

impl UgPerSecond {
    /// The flow of a solution that gives this rate.
    #[must_use]
    pub fn as_flow(self, solution: UgPerMl) -> MlPerHour {
        MlPerHour(self.0 * 3600.0 / solution.0)
    }

    /// The rate by body weight.
    #[must_use]
    pub fn by_weight(self, weight: Kilograms) -> UgPerKgPerMinute {
        UgPerKgPerMinute(self.0 * 60.0 / weight.0)
    }
}

impl UgPerKgPerMinute {
    /// The rate of propofol that this is in a person.
    #[must_use]
    pub fn of_propofol(self, weight: Kilograms) -> MgPerSecond {
        MgPerSecond(self.0 * weight.0 / 60_000.0)
    }

    /// The rate of remifentanil or norepinephrine that this is in a person.
    #[must_use]
    pub fn in_micrograms(self, weight: Kilograms) -> UgPerSecond {
        UgPerSecond(self.0 * weight.0 / 60.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(found: f64, expected: f64) {
        assert!((found - expected).abs() < 1e-12 * expected, "{found} against {expected}");
    }

    #[test]
    fn rates_of_one_person_in_every_unit() {
        // 1200 mL/h of 10 mg/mL are 200 mg a minute; 70 kg.
        let most = MlPerHour(1200.0).of_propofol(MgPerMl(10.0));
        near(most.0, 10.0 / 3.0);
        near(most.as_flow(MgPerMl(20.0)).0, 600.0);
        near(most.by_weight(Kilograms(70.0)).0, 20_000.0 / 7.0);
        near(UgPerKgPerMinute(150.0).of_propofol(Kilograms(80.0)).0, 0.2);
        // 0.1 ug/kg/min in 60 kg of 50 ug/mL are 7.2 mL/h.
        let remifentanil = UgPerKgPerMinute(0.1).in_micrograms(Kilograms(60.0));
        near(remifentanil.0, 0.1);
        near(remifentanil.as_flow(UgPerMl(50.0)).0, 7.2);
        near(MlPerHour(7.2).of_solution(UgPerMl(50.0)).by_weight(Kilograms(60.0)).0, 0.1);
        // 1.5 ug beside each of 6 mg/kg/h are 0.15 ug/kg/min.
        let propofol = UgPerKgPerMinute(100.0).of_propofol(Kilograms(60.0));
        near(UgPerMg(1.5).beside(propofol).by_weight(Kilograms(60.0)).0, 0.15);
        assert_eq!(UgPerMl(3.5).to_string(), "3.5 ug/mL");
    }
}
