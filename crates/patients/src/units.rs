//! Quantities as types, so that a dose cannot be passed where a rate is meant.
//!
//! Each wraps one `f64`, public as `.0`; the name is the unit. They carry no validity: what is
//! physically possible is checked where a value enters (files) or acts (pumps).

macro_rules! quantity {
    ($($(#[$doc:meta])* $name:ident, $symbol:literal;)*) => {
        $($(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd)]
        pub struct $name(pub f64);

        impl core::fmt::Display for $name {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                write!(f, concat!("{} ", $symbol), self.0)
            }
        })*
    };
}

pub(crate) use quantity;

quantity! {
    /// Glucose concentration in milligrams per decilitre.
    MgPerDl, "mg/dL";
    /// Glucose concentration in millimoles per litre.
    MmolPerL, "mmol/L";
    /// Mass of carbohydrate in grams.
    Grams, "g";
    /// Amount of insulin in international units.
    InsulinUnits, "U";
    /// Insulin delivery rate in international units per hour.
    UnitsPerHour, "U/h";
    /// Body weight in kilograms.
    Kilograms, "kg";
    /// Age in years.
    Years, "a";
    /// Carbohydrate ratio: grams of carbohydrate that one unit of insulin covers.
    GramsPerUnit, "g/U";
    /// Correction factor: fall of glucose that one unit of insulin brings.
    MgPerDlPerUnit, "mg/dL/U";
    /// Time in minutes.
    Minutes, "min";
}

/// Milligrams per decilitre in one millimole per litre of glucose (molar mass 180.16 g/mol).
const MG_PER_DL_IN_MMOL_PER_L: f64 = 18.016;

impl From<MmolPerL> for MgPerDl {
    fn from(value: MmolPerL) -> Self {
        Self(value.0 * MG_PER_DL_IN_MMOL_PER_L)
    }
}

impl From<MgPerDl> for MmolPerL {
    fn from(value: MgPerDl) -> Self {
        Self(value.0 / MG_PER_DL_IN_MMOL_PER_L)
    }
}

impl UnitsPerHour {
    /// What this rate delivers in one minute.
    #[must_use]
    pub fn in_one_minute(self) -> InsulinUnits {
        InsulinUnits(self.0 / 60.0)
    }
}

impl core::ops::Add for InsulinUnits {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}

#[cfg(test)]
mod tests {
    use super::{MgPerDl, MmolPerL, UnitsPerHour};

    #[test]
    fn conversions_and_words() {
        assert!((MgPerDl::from(MmolPerL(5.0)).0 - 90.08).abs() < 1e-12);
        assert!((MmolPerL::from(MgPerDl(180.16)).0 - 10.0).abs() < 1e-12);
        assert_eq!(UnitsPerHour(1.5).in_one_minute().0, 0.025);
        assert_eq!(UnitsPerHour(1.5).to_string(), "1.5 U/h");
    }
}
