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
    /// Months of age.
    WholeMonths, "months";
    /// Grams of body weight.
    WholeGrams, "g";
    /// Millimetres of body height.
    Millimetres, "mm";
    /// Tenths of a kilogram per square metre.
    TenthBodyMass, "0.1 kg/m2";
    /// Thousandths of the index of hypnosis.
    MilliIndex, "0.001";
    /// Thousandths of the index per second.
    MilliIndexPerSecond, "0.001/s";
    /// Hundredths of the whole.
    Percent, "percent";
    /// Power of the electromyogram.
    WholeDecibels, "dB";
    /// Seconds.
    WholeSeconds, "s";
    /// Micrograms of propofol.
    Micrograms, "ug";
    /// Micrograms of propofol per second.
    MicrogramsPerSecond, "ug/s";
    /// Micrograms of propofol per kilogram of body weight.
    MicrogramsPerKilogram, "ug/kg";
    /// Micrograms of propofol per kilogram of body weight and second.
    MicrogramsPerKilogramPerSecond, "ug/kg/s";
    /// Micrograms per millilitre of the solution.
    MicrogramsPerMillilitre, "ug/mL";
    /// Nanograms of propofol per millilitre of plasma.
    NanogramsPerMillilitre, "ng/mL";
    /// Microlitres.
    Microlitres, "uL";
    /// Microlitres per minute.
    MicrolitresPerMinute, "uL/min";
    /// Millionths per minute.
    MillionthsPerMinute, "1e-6/min";
    /// Millimetres of mercury.
    WholeMmHg, "mmHg";
}

impl MicrogramsPerKilogram {
    /// The amount for a body of this weight, rounded down.
    #[must_use]
    pub fn of(self, weight: WholeGrams) -> Micrograms {
        Micrograms(product(self.0, weight.0))
    }
}

impl MicrogramsPerKilogramPerSecond {
    /// The rate for a body of this weight, rounded down.
    #[must_use]
    pub fn of(self, weight: WholeGrams) -> MicrogramsPerSecond {
        MicrogramsPerSecond(product(self.0, weight.0))
    }
}

/// Something per kilogram times grams.
fn product(per_kilogram: u32, grams: u32) -> u32 {
    let whole = u64::from(per_kilogram) * u64::from(grams) / 1_000;
    u32::try_from(whole).unwrap_or(u32::MAX)
}
