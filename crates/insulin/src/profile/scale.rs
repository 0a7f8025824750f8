//! The whole-number units of the profile's bytes. No float enters a signed profile.

use minicbor::{Decode, Encode};

macro_rules! scale {
    ($($(#[$doc:meta])* $name:ident, $symbol:literal;)*) => {
        $($(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
        #[cbor(transparent)]
        pub struct $name(#[n(0)] pub u32);

        impl $name {
            /// Symbol of the unit, as the profile's page writes it.
            pub const SYMBOL: &'static str = $symbol;
        })*
    };
}

scale! {
    /// A code or a number of things.
    Count, "1";
    /// Milliunits of insulin.
    MilliUnits, "mU";
    /// Milliunits of insulin per hour.
    MilliUnitsPerHour, "mU/h";
    /// Milligrams of carbohydrate per unit of insulin.
    MilligramsPerUnit, "mg/U";
    /// Thousandths of mg/dL per unit of insulin.
    MilliMgDlPerUnit, "0.001 mg/dL/U";
    /// Milligrams per decilitre.
    MgDl, "mg/dL";
    /// Thousandths of mg/dL.
    MilliMgDl, "0.001 mg/dL";
    /// Thousandths of mg/dL per minute.
    MilliMgDlPerMinute, "0.001 mg/dL/min";
    /// Units of insulin per millilitre.
    UnitsPerMillilitre, "U/mL";
    /// Grams.
    WholeGrams, "g";
    /// Completed years.
    WholeYears, "years";
    /// Seconds.
    WholeSeconds, "s";
    /// Minutes.
    WholeMinutes, "min";
    /// Control cycles.
    Cycles, "cycles";
    /// Thousandths of the named amount.
    PerMille, "per mille";
    /// Hundredths of the best signal quality.
    Percent, "percent";
    /// Noise grade, 0 clean to 4.
    Grade, "grade";
}
