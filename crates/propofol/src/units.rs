//! Quantities as types: a rate cannot stand where an amount is meant, nor mL/h where mg/s is.
//!
//! Each wraps one `f64`, public as `.0`; the name is the unit. They carry no validity: what is
//! possible is checked where a value enters (frame, profile) or leaves (proposal).
//!
//! ```compile_fail
//! use homeostat_propofol::units::{Milligrams, MgPerSecond};
//! let dose: Milligrams = MgPerSecond(0.2); // a rate is not an amount
//! ```
//! ```compile_fail
//! use homeostat_propofol::units::{MgPerSecond, MlPerHour};
//! let rate: MgPerSecond = MlPerHour(40.0); // a flow needs the strength of the solution
//! ```
//! ```
//! use homeostat_propofol::units::{MgPerMl, MlPerHour};
//! // 1200 mL/h of 1 % propofol are 200 mg a minute.
//! assert!((MlPerHour(1200.0).of(MgPerMl(10.0)).0 * 60.0 - 200.0).abs() < 1e-9);
//! ```

use core::ops::{Add, Div, Mul, Sub};

macro_rules! quantity {
    ($($(#[$doc:meta])* $name:ident, $symbol:literal;)*) => {
        $($(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd)]
        pub struct $name(pub f64);

        impl $name {
            /// Symbol of the unit.
            pub const SYMBOL: &'static str = $symbol;

            /// Whether the number is neither NaN nor infinite (CTL-18).
            #[must_use]
            pub const fn is_finite(self) -> bool {
                self.0.is_finite()
            }
        }

        impl core::fmt::Display for $name {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                core::fmt::Display::fmt(&self.0, f)?;
                if $symbol.is_empty() { Ok(()) } else { f.write_str(concat!(" ", $symbol)) }
            }
        }

        impl Add for $name {
            type Output = Self;
            fn add(self, other: Self) -> Self {
                Self(self.0 + other.0)
            }
        }

        impl Sub for $name {
            type Output = Self;
            fn sub(self, other: Self) -> Self {
                Self(self.0 - other.0)
            }
        })*
    };
}

quantity! {
    /// Index of hypnosis, 0 (flat) to 100 (awake).
    Index, "";
    /// Share in percent: signal quality, suppression ratio.
    Percent, "%";
    /// Power of the electromyogram.
    Decibels, "dB";
    /// Pressure.
    MmHg, "mmHg";
    /// Concentration of propofol, micrograms per millilitre.
    UgPerMl, "ug/mL";
    /// Amount of propofol.
    Milligrams, "mg";
    /// Rate of propofol.
    MgPerSecond, "mg/s";
    /// Rate of propofol by body weight.
    UgPerKgPerMinute, "ug/kg/min";
    /// Strength of the solution.
    MgPerMl, "mg/mL";
    /// Flow of the solution.
    MlPerHour, "mL/h";
    /// Volume of distribution.
    Litres, "L";
    /// Clearance.
    LitresPerMinute, "L/min";
    /// Rate constant.
    PerMinute, "/min";
    /// Time.
    Seconds, "s";
    /// Age.
    Years, "years";
    /// Body weight.
    Kilograms, "kg";
    /// Body height.
    Centimetres, "cm";
}

impl MlPerHour {
    /// The rate of drug at this strength.
    #[must_use]
    pub fn of(self, strength: MgPerMl) -> MgPerSecond {
        MgPerSecond(self.0 * strength.0 / 3_600.0)
    }
}

impl MgPerSecond {
    /// The flow of a solution of this strength.
    #[must_use]
    pub fn flow(self, strength: MgPerMl) -> MlPerHour {
        MlPerHour(self.0 * 3_600.0 / strength.0)
    }

    /// The rate by body weight.
    #[must_use]
    pub fn by_weight(self, weight: Kilograms) -> UgPerKgPerMinute {
        UgPerKgPerMinute(self.0 * 60_000.0 / weight.0)
    }
}

impl UgPerKgPerMinute {
    /// The rate for a person of this weight.
    #[must_use]
    pub fn of(self, weight: Kilograms) -> MgPerSecond {
        MgPerSecond(self.0 * weight.0 / 60_000.0)
    }
}

impl Mul<Seconds> for MgPerSecond {
    type Output = Milligrams;
    fn mul(self, time: Seconds) -> Milligrams {
        Milligrams(self.0 * time.0)
    }
}

impl Div<Seconds> for Milligrams {
    type Output = MgPerSecond;
    fn div(self, time: Seconds) -> MgPerSecond {
        MgPerSecond(self.0 / time.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::ToString;

    #[test]
    fn sen_14_rates_convert_with_strength_and_weight_alone() {
        let most = MlPerHour(1_200.0).of(MgPerMl(10.0));
        assert!((most.0 - 10.0 / 3.0).abs() < 1e-12);
        assert!((most.flow(MgPerMl(20.0)).0 - 600.0).abs() < 1e-9);
        assert!((most.by_weight(Kilograms(70.0)).0 - 20_000.0 / 7.0).abs() < 1e-9);
        assert!((UgPerKgPerMinute(150.0).of(Kilograms(80.0)).0 - 0.2).abs() < 1e-12);
        assert_eq!(MgPerSecond(0.2) * Seconds(5.0), Milligrams(1.0));
        assert_eq!(Milligrams(1.0) / Seconds(5.0), MgPerSecond(0.2));
        assert_eq!(
            (UgPerMl(3.5).to_string(), Index(45.0).to_string()),
            ("3.5 ug/mL".into(), "45".into())
        );
    }
}
