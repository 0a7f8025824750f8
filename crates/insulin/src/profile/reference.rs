//! The reference profile of one person, derived from the settings that every person has. It
//! stands where a clinician would sign: in trials, demonstrations and tests.

use super::scale::{
    Count, Cycles, Grade, MgDl, MilliMgDl, MilliMgDlPerMinute, MilliMgDlPerUnit, MilliUnits,
    MilliUnitsPerHour, MilligramsPerUnit, PerMille, Percent, UnitsPerMillilitre, WholeGrams,
    WholeMinutes, WholeSeconds, WholeYears,
};
use super::{
    Content, Control, Delivery, FORMAT, Gates, Glucose, Header, Identities, Insulin, Profile,
    ProfileError, Sensing, Times, Tuning, sections,
};
use crate::units::{GramsPerUnit, Kilograms, MgDlPerUnit, Units, UnitsPerHour, Years};
use homeostat_numeric::{clamp, floor, round};
use homeostat_record::List;

/// What a reference profile is derived from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Person {
    /// Age.
    pub age: Years,
    /// Body weight.
    pub weight: Kilograms,
    /// Usual amount of insulin in a day.
    pub daily_dose: Units,
    /// Basal rate.
    pub basal: UnitsPerHour,
    /// Carbohydrate that one unit covers.
    pub carbohydrate_ratio: GramsPerUnit,
    /// Fall of glucose that one unit brings.
    pub correction_factor: MgDlPerUnit,
    /// The pump's step.
    pub pump_step: Units,
    /// The sensor's identity.
    pub sensor: u32,
    /// The pump's identity.
    pub pump: u32,
}

/// Thousandths, rounded to the nearest; out of range or not a number gives a value that no field
/// accepts.
fn thousandths(value: f64) -> u32 {
    whole(round(value * 1_000.0))
}

/// `value` without its fraction; NaN gives zero.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
fn whole(value: f64) -> u32 {
    if value.is_nan() { 0 } else { clamp(value, 0.0, f64::from(u32::MAX)) as u32 }
}

impl Profile {
    /// The reference profile for `person`, with the register's defaults (section D.4) and bounds
    /// that scale with the daily dose.
    ///
    /// # Errors
    /// [`ProfileError`] when a setting lies outside its field's range.
    pub fn reference_for(person: &Person) -> Result<Self, ProfileError> {
        Content::reference_for(person).check()
    }
}

impl Content {
    /// The content of [`Profile::reference_for`], for a change before it is checked.
    #[must_use]
    pub fn reference_for(person: &Person) -> Self {
        Self {
            header: Header { format: Count(FORMAT), therapy: Count(1), revision: Count(1) },
            person: sections::Person {
                age: WholeYears(whole(floor(person.age.0))),
                weight: WholeGrams(thousandths(person.weight.0)),
                daily_dose: MilliUnits(thousandths(person.daily_dose.0)),
                basal: MilliUnitsPerHour(thousandths(person.basal.0)),
                carbohydrate_ratio: MilligramsPerUnit(thousandths(person.carbohydrate_ratio.0)),
                correction_factor: MilliMgDlPerUnit(thousandths(person.correction_factor.0)),
            },
            gates: GATES,
            glucose: GLUCOSE,
            times: TIMES,
            delivery: delivery(person),
            insulin: Insulin {
                concentration: UnitsPerMillilitre(100),
                duration: WholeMinutes(360),
                peak: WholeMinutes(75),
            },
            sensing: SENSING,
            identities: Identities { sensors: one(person.sensor), pumps: one(person.pump) },
            control: CONTROL,
            tuning: Tuning::reference(),
        }
    }
}

fn one<const N: usize>(identity: u32) -> List<u32, N> {
    let mut list = List::new();
    // A list of at least one place takes one item.
    let _ = list.push(identity);
    list
}

/// Bounds of delivery: shares of the daily dose, and multiples of the basal rate.
fn delivery(person: &Person) -> Delivery {
    let step = thousandths(person.pump_step.0);
    // Two hours of basal in one cycle; never less than a step or 0.1 U.
    let two_hours = thousandths(2.0 * person.basal.0).max(step).clamp(100, 5_000);
    Delivery {
        step: MilliUnits(step),
        cycle_share: PerMille(400),
        hour_share: PerMille(450),
        four_hour_share: PerMille(800),
        day_share: PerMille(2_000),
        on_board_share: PerMille(500),
        automatic_most: MilliUnits(two_hours),
        meal_share: PerMille(1_400),
        rise_most: MilliUnits(30_000),
        fall_most: MilliUnits(30_000),
        cycle_least: MilliUnits(0),
        label_most: MilliUnits(25_000),
        request_most: MilliUnits(25_000),
        suspension: MilliUnits(0),
        carbohydrate_most: WholeGrams(150),
        carbohydrate_repeat: WholeMinutes(15),
    }
}

const GATES: Gates = Gates {
    age_least: WholeYears(6),
    weight_least: WholeGrams(20_000),
    daily_dose_least: MilliUnits(8_000),
    daily_dose_most: MilliUnits(200_000),
};

pub(crate) const GLUCOSE: Glucose = Glucose {
    target: MgDl(110),
    suspend_below: MgDl(80),
    hard_low: MgDl(60),
    resume_at: MgDl(70),
    predicted_low: MgDl(54),
    prediction_horizon: WholeMinutes(30),
    high: MgDl(300),
    high_after: WholeMinutes(60),
    stop_most: WholeMinutes(120),
    stop_without_data: WholeMinutes(40),
    stop_without_data_total: WholeMinutes(60),
};

const TIMES: Times = Times {
    period: WholeSeconds(300),
    lease: WholeSeconds(900),
    input_limited: Cycles(2),
    input_lost: Cycles(4),
    deadline_misses: Cycles(3),
    record_lost: Cycles(3),
    implausible: Cycles(3),
    dwell: Cycles(3),
    dwell_cap: Cycles(4),
    flap_falls: Count(3),
    flap_window: Cycles(12),
    clamps: Count(6),
    clamp_window: Cycles(12),
    escalation: Cycles(6),
    background_most: Cycles(48),
    handover: Cycles(2),
    request_interval: Cycles(3),
    saturation_low: WholeMinutes(150),
    saturation_high: WholeMinutes(240),
};

pub(crate) const SENSING: Sensing = Sensing {
    interval: WholeSeconds(300),
    age_most: WholeSeconds(600),
    range_low: MgDl(40),
    range_high: MgDl(400),
    jump: MgDl(40),
    rate_most: MilliMgDlPerMinute(5_000),
    flat_window: WholeMinutes(45),
    flat_change: MilliMgDl(1_000),
    flat_range: MilliMgDl(1_000),
    noise_mild: Grade(2),
    noise_heavy: Grade(3),
    noise_1: PerMille(350),
    noise_2: PerMille(500),
    noise_3: PerMille(700),
    target_raise: PerMille(1_300),
    target_raise_most: MgDl(200),
    quality_reduced: Percent(60),
    quality_poor: Percent(30),
    quality_margin: Percent(10),
    warm_up: WholeMinutes(60),
    life: WholeMinutes(21_600),
    duplicate: WholeSeconds(20),
    gap: WholeSeconds(660),
    fresh_least: Count(3),
    reference_differs: PerMille(350),
    slip_tolerance: PerMille(250),
    compression_fall: MilliMgDlPerMinute(2_500),
    compression_depth: MgDl(25),
    compression_window: WholeMinutes(15),
    compression_most: WholeMinutes(60),
    compression_hold: WholeMinutes(20),
};

const CONTROL: Control = Control {
    ratio_least: PerMille(300),
    ratio_most: PerMille(2_900),
    ratio_daily_change: PerMille(100),
    correction_share: PerMille(500),
    rate_most: PerMille(4_000),
    absorption: WholeMinutes(180),
    correction_on_board_share: PerMille(200),
    horizon: WholeMinutes(240),
};
