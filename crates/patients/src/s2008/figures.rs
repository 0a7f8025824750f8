//! The figures of a parameter file with their plausible ranges: generous about the published
//! subjects, and narrow enough for the fixed steps of the solver (rates; none of the published ones
//! passes 1.3 per minute).

use crate::table::Figure;

const RATE: (f64, f64) = (0.0001, 2.0);

const fn rate(column: &'static str) -> Figure {
    Figure::new(column, RATE.0, RATE.1, "1/min")
}

pub(super) const NEEDED: [Figure; 25] = [
    Figure::new("BW", 2.0, 400.0, "kg"),
    Figure::new("EGPb", 0.2, 20.0, "mg/kg/min"),
    Figure::new("Gb", 40.0, 500.0, "mg/dL"),
    Figure::new("Ib", 5.0, 2_000.0, "pmol/L"),
    rate("kabs"),
    rate("kmax"),
    rate("kmin"),
    Figure::new("b", 0.01, 0.999, ""),
    Figure::new("d", 0.01, 0.999, ""),
    Figure::new("Vg", 0.2, 20.0, "dL/kg"),
    Figure::new("Vi", 0.005, 1.0, "L/kg"),
    Figure::new("Vmx", 0.0001, 2.0, "mg/kg/min per pmol/L"),
    Figure::new("Km0", 10.0, 3_000.0, "mg/kg"),
    rate("k2"),
    rate("k1"),
    rate("p2u"),
    rate("m1"),
    rate("m2"),
    rate("ki"),
    rate("kp2"),
    Figure::new("kp3", 0.0001, 1.0, "mg/kg/min per pmol/L"),
    rate("kd"),
    rate("ksc"),
    rate("ka1"),
    rate("ka2"),
];
pub(super) const BIOAVAILABILITY: Figure = Figure::new("f", 0.1, 1.0, "");
pub(super) const RENAL_RATE: Figure = Figure::new("ke1", 0.0, 0.1, "1/min");
pub(super) const RENAL_THRESHOLD: Figure = Figure::new("ke2", 0.0, 5_000.0, "mg/kg");
pub(super) const INDEPENDENT: Figure = Figure::new("Fsnc", 0.0, 10.0, "mg/kg/min");
pub(super) const EXTRACTION: Figure = Figure::new("HEb", 0.05, 0.95, "");
pub(super) const RATIO: Figure = Figure::new("CR", 0.5, 500.0, "g/U");
pub(super) const CORRECTION: Figure = Figure::new("CF", 0.5, 2_000.0, "mg/dL/U");
pub(super) const AGE: Figure = Figure::new("Age", 0.1, 130.0, "years");
pub(super) const DAILY: Figure = Figure::new("TDI", 0.5, 2_000.0, "U");
#[cfg(test)]
pub(super) const OPTIONAL: [Figure; 9] = [
    BIOAVAILABILITY,
    RENAL_RATE,
    RENAL_THRESHOLD,
    INDEPENDENT,
    EXTRACTION,
    RATIO,
    CORRECTION,
    AGE,
    DAILY,
];
/// What the basal rate must come to.
pub(super) const BASAL: Figure = Figure::new("Ib", 0.005, 50.0, "U/h");
