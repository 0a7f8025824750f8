//! Subjects of the Cambridge model: drawn from the published population, or read from a table.

use super::parameters::{HovorkaFigures, HovorkaParameters};
use crate::error::TableError;
use crate::random::Seed;
use crate::table::{Figure, Row, Table};
use crate::units::{Kilograms, Minutes, MmolPerL, Years};
use std::collections::BTreeSet;

/// Draws a cohort named `hovorka#001` and on.
///
/// Figures are lognormal about [`HovorkaFigures::median`] with the deviations that the McGill simulator
/// uses; body weight (0.15) and age (20 to 65, even) are ours. A draw is accepted if its basal rate
/// is 0.1 to 2.2 U/h and its carbohydrate ratio 2 to 24 g/U, as there; otherwise the subject is drawn
/// again. Each subject has its own stream: the first ten of a hundred are the ten of ten.
#[must_use]
pub fn sample_hovorka(count: usize, seed: Seed) -> Vec<HovorkaParameters> {
    (1..=count).filter_map(|number| accepted(&format!("hovorka#{number:03}"), seed)).collect()
}

/// Far more draws than are ever needed: about two of three are accepted.
const DRAWS: usize = 10_000;

fn accepted(name: &str, seed: Seed) -> Option<HovorkaParameters> {
    let mut stream = seed.stream(name, "figures");
    (0..DRAWS).find_map(|_| {
        let median = HovorkaFigures::median();
        let mut near = |value, deviation| stream.log_normal(value, deviation);
        let mut figures = HovorkaFigures {
            body_weight: Kilograms(near(median.body_weight.0, 0.15)),
            production: near(median.production, 0.2),
            fixed_use: near(median.fixed_use, 0.1),
            exchange: near(median.exchange, 0.4),
            action_rates: median.action_rates.map(|rate| near(rate, 0.4)),
            sensitivities: median.sensitivities.map(|gain| near(gain, 0.4)),
            clearance: near(median.clearance, 0.2),
            insulin_volume: near(median.insulin_volume, 0.05),
            glucose_volume: near(median.glucose_volume, 0.05),
            insulin_time: near(median.insulin_time, 0.2),
            meal_time: near(median.meal_time, 0.2),
            ..median
        };
        figures.age = Years(stream.between(20.0, 65.0));
        let subject = HovorkaParameters::new(name, figures)?;
        let settings = subject.settings();
        let fits = (0.1..=2.2).contains(&settings.basal.0)
            && (2.0..=24.0).contains(&settings.carbohydrate_ratio.0);
        fits.then_some(subject)
    })
}

/// Reads subjects from a table with a column `Name` and any of the columns `BW` (kg), `Age`, `G0`
/// (mmol/L, fasting), `EGP0`, `F01` (mmol/kg/min), `k12`, `ka1`, `ka2`, `ka3`, `ke` (1/min), `SIT`,
/// `SID`, `SIE`, `VI`, `VG` (L/kg), `tI`, `tG`, `lag` (min), `AG`. A column that is not there, or an
/// empty field, has the median subject's value.
///
/// # Errors
/// [`TableError`] naming the line and column of the first field that cannot be used.
pub fn read_hovorka(file: &str, text: &str) -> Result<Vec<HovorkaParameters>, TableError> {
    let table = Table::open(file, text)?;
    table.need("Name")?;
    let mut columns = vec!["Name"];
    columns.extend(FIGURES.iter().map(|figure| figure.column));
    table.allow_only(&columns)?;
    let mut subjects: Vec<HovorkaParameters> = Vec::new();
    let mut names = BTreeSet::new();
    table.for_each(|row| {
        let name = row.name("Name")?;
        if !names.insert(name.to_owned()) {
            return Err(row.wrong("Name", "a name that no earlier row has"));
        }
        if subjects.len() == MOST_SUBJECTS {
            return Err(row.wrong("Name", "at most 100000 subjects"));
        }
        let expected = "figures for which some basal rate holds the fasting glucose G0";
        let subject = HovorkaParameters::new(name, figures(row)?);
        subjects.push(subject.ok_or_else(|| row.wrong("Name", expected))?);
        Ok(())
    })?;
    Ok(subjects)
}

/// The most subjects of one file.
const MOST_SUBJECTS: usize = 100_000;

/// The figures with their plausible ranges: generous about the published population, and narrow
/// enough for the fixed steps of the solver (rates and times).
pub(super) const FIGURES: [Figure; 19] = [
    Figure::new("BW", 2.0, 400.0, "kg"),
    Figure::new("Age", 0.1, 130.0, "years"),
    Figure::new("G0", 2.5, 25.0, "mmol/L"),
    Figure::new("EGP0", 0.001, 0.2, "mmol/kg/min"),
    Figure::new("F01", 0.0005, 0.1, "mmol/kg/min"),
    Figure::new("k12", 0.0005, 2.0, "1/min"),
    Figure::new("ka1", 0.0001, 2.0, "1/min"),
    Figure::new("ka2", 0.0001, 2.0, "1/min"),
    Figure::new("ka3", 0.0001, 2.0, "1/min"),
    Figure::new("SIT", 0.000_01, 0.1, "1/min per mU/L"),
    Figure::new("SID", 0.000_01, 0.1, "1/min per mU/L"),
    Figure::new("SIE", 0.0001, 1.0, "per mU/L"),
    Figure::new("ke", 0.005, 2.0, "1/min"),
    Figure::new("VI", 0.01, 1.0, "L/kg"),
    Figure::new("VG", 0.02, 1.0, "L/kg"),
    Figure::new("tI", 1.0, 600.0, "min"),
    Figure::new("tG", 1.0, 600.0, "min"),
    Figure::new("lag", 1.0, 120.0, "min"),
    Figure::new("AG", 0.1, 1.5, ""),
];

fn figures(row: Row<'_>) -> Result<HovorkaFigures, TableError> {
    let usual = HovorkaFigures::median();
    let ([ka1, ka2, ka3], [sit, sid, sie]) = (usual.action_rates, usual.sensitivities);
    let mut values = [
        usual.body_weight.0,
        usual.age.0,
        usual.fasting_glucose.0,
        usual.production,
        usual.fixed_use,
        usual.exchange,
        ka1,
        ka2,
        ka3,
        sit,
        sid,
        sie,
        usual.clearance,
        usual.insulin_volume,
        usual.glucose_volume,
        usual.insulin_time,
        usual.meal_time,
        usual.sensor_lag.0,
        usual.bioavailability,
    ];
    for (value, figure) in values.iter_mut().zip(&FIGURES) {
        *value = row.figure_or_none(figure)?.unwrap_or(*value);
    }
    let [bw, age, g0, egp0, f01, k12, ka1, ka2, ka3, sit, sid, sie, ke, rest @ ..] = values;
    let [vi, vg, insulin, meal, lag, ag] = rest;
    Ok(HovorkaFigures {
        body_weight: Kilograms(bw),
        age: Years(age),
        fasting_glucose: MmolPerL(g0),
        production: egp0,
        fixed_use: f01,
        exchange: k12,
        action_rates: [ka1, ka2, ka3],
        sensitivities: [sit, sid, sie],
        clearance: ke,
        insulin_volume: vi,
        glucose_volume: vg,
        insulin_time: insulin,
        meal_time: meal,
        bioavailability: ag,
        sensor_lag: Minutes(lag),
    })
}
