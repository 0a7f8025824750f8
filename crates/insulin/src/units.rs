//! Quantities as types: a dose cannot stand where a rate is meant, nor mmol/L where mg/dL is.
//!
//! Each wraps one `f64`, public as `.0`; the name is the unit. They carry no validity: what is
//! possible is checked where a value enters (frame, profile) or leaves (proposal).
//!
//! ```compile_fail
//! use homeostat_insulin::units::{GlucoseMgDl, GlucoseMmolL};
//! let _ = GlucoseMgDl(120.0) - GlucoseMmolL(6.7); // SEN-14: units do not mix
//! ```
//! ```compile_fail
//! use homeostat_insulin::units::{Units, UnitsPerHour};
//! let dose: Units = UnitsPerHour(1.2); // a rate is not an amount
//! ```
//! ```compile_fail
//! use homeostat_insulin::units::{Grams, GramsPerUnit, MgDlPerUnit};
//! let _ = Grams(60.0) / MgDlPerUnit(40.0); // carbohydrate is not divided by a correction factor
//! ```
//! ```
//! use homeostat_insulin::units::{Grams, GramsPerUnit, Units};
//! assert_eq!(Grams(60.0) / GramsPerUnit(12.0), Units(5.0));
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
                f.write_str(concat!(" ", $symbol))
            }
        })*
    };
}

quantity! {
    /// Glucose concentration, milligrams per decilitre.
    GlucoseMgDl, "mg/dL";
    /// Glucose concentration, millimoles per litre.
    GlucoseMmolL, "mmol/L";
    /// Difference of two glucose concentrations, milligrams per decilitre.
    GlucoseChange, "mg/dL";
    /// Rate of change of glucose, milligrams per decilitre per minute.
    MgDlPerMinute, "mg/dL/min";
    /// Amount of insulin, international units.
    Units, "U";
    /// Insulin delivery rate, international units per hour.
    UnitsPerHour, "U/h";
    /// Mass of carbohydrate, grams.
    Grams, "g";
    /// Carbohydrate ratio: grams that one unit of insulin covers.
    GramsPerUnit, "g/U";
    /// Correction factor: the fall of glucose that one unit of insulin brings.
    MgDlPerUnit, "mg/dL/U";
    /// Body weight, kilograms.
    Kilograms, "kg";
    /// Age, years.
    Years, "years";
    /// Time, minutes.
    Minutes, "min";
}

/// Milligrams per decilitre in one millimole per litre of glucose: its molar mass 180.156 g/mol
/// divided by ten. The only place where the two units meet (SEN-14).
pub const MG_DL_PER_MMOL_L: f64 = 18.0156;

impl From<GlucoseMmolL> for GlucoseMgDl {
    fn from(value: GlucoseMmolL) -> Self {
        Self(value.0 * MG_DL_PER_MMOL_L)
    }
}

impl From<GlucoseMgDl> for GlucoseMmolL {
    fn from(value: GlucoseMgDl) -> Self {
        Self(value.0 / MG_DL_PER_MMOL_L)
    }
}

macro_rules! products {
    ($($left:ident $operator:tt $right:ident = $out:ident, $trait:ident::$method:ident;)*) => {
        $(impl $trait<$right> for $left {
            type Output = $out;
            fn $method(self, right: $right) -> $out {
                $out(self.0 $operator right.0)
            }
        })*
    };
}

products! {
    GlucoseMgDl - GlucoseMgDl = GlucoseChange, Sub::sub;
    GlucoseMgDl + GlucoseChange = GlucoseMgDl, Add::add;
    GlucoseMgDl - GlucoseChange = GlucoseMgDl, Sub::sub;
    GlucoseChange + GlucoseChange = GlucoseChange, Add::add;
    GlucoseChange - GlucoseChange = GlucoseChange, Sub::sub;
    GlucoseChange / Minutes = MgDlPerMinute, Div::div;
    MgDlPerMinute * Minutes = GlucoseChange, Mul::mul;
    GlucoseChange / MgDlPerUnit = Units, Div::div;
    Units * MgDlPerUnit = GlucoseChange, Mul::mul;
    Grams / GramsPerUnit = Units, Div::div;
    Units * GramsPerUnit = Grams, Mul::mul;
    Units + Units = Units, Add::add;
    Units - Units = Units, Sub::sub;
    Grams + Grams = Grams, Add::add;
    Grams - Grams = Grams, Sub::sub;
    UnitsPerHour + UnitsPerHour = UnitsPerHour, Add::add;
    UnitsPerHour - UnitsPerHour = UnitsPerHour, Sub::sub;
}

impl Mul<Minutes> for UnitsPerHour {
    type Output = Units;
    fn mul(self, time: Minutes) -> Units {
        Units(self.0 * time.0 / 60.0)
    }
}

impl Div<Minutes> for Units {
    type Output = UnitsPerHour;
    fn div(self, time: Minutes) -> UnitsPerHour {
        UnitsPerHour(self.0 * 60.0 / time.0)
    }
}

#[cfg(test)]
mod tests {
    use super::{GlucoseMgDl, GlucoseMmolL, Minutes, Units, UnitsPerHour};
    use proptest::prelude::*;

    #[test]
    fn sen_14_the_one_conversion_is_the_molar_mass() {
        assert_eq!(GlucoseMgDl::from(GlucoseMmolL(10.0)), GlucoseMgDl(180.156));
        assert!((GlucoseMmolL::from(GlucoseMgDl(70.0)).0 - 3.885_521).abs() < 1e-6);
        assert_eq!(UnitsPerHour(1.2) * Minutes(5.0), Units(0.1));
    }

    proptest! {
        #[test]
        fn sen_14_conversion_round_trips(value in 10.0..600.0_f64) {
            let back = GlucoseMgDl::from(GlucoseMmolL::from(GlucoseMgDl(value)));
            prop_assert!((back.0 - value).abs() < 1e-9);
        }
    }
}
