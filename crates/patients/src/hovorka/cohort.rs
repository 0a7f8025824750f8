//! Subjects of the Cambridge model: drawn from the published population, or read from a table.

use super::parameters::{HovorkaFigures, HovorkaParameters};
use crate::error::TableError;
use crate::random::Seed;
use crate::table::{RowView, Table};
use crate::units::{Kilograms, Minutes, MmolPerL, Years};

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
    let table = Table::parse(file, text)?;
    table.need("Name")?;
    table.allow_only(&[
        "Name", "BW", "Age", "G0", "EGP0", "F01", "k12", "ka1", "ka2", "ka3", "SIT", "SID", "SIE",
        "ke", "VI", "VG", "tI", "tG", "lag", "AG",
    ])?;
    let mut subjects: Vec<HovorkaParameters> = Vec::new();
    for row in table.rows() {
        let name = row.text("Name");
        if name.is_empty() || subjects.iter().any(|earlier| earlier.name == name) {
            return Err(row.wrong("Name", "a name that no earlier row has"));
        }
        let figures = figures(row)?;
        let expected = "figures for which some basal rate holds the fasting glucose G0";
        let subject =
            HovorkaParameters::new(name, figures).ok_or_else(|| row.wrong("Name", expected))?;
        subjects.push(subject);
    }
    Ok(subjects)
}

fn figures(row: RowView<'_>) -> Result<HovorkaFigures, TableError> {
    let usual = HovorkaFigures::median();
    let or = |column, usual: f64| match row.text(column) {
        "" => Ok(usual),
        _ => row.positive(column),
    };
    let rate = |column, usual: f64| match or(column, usual)? {
        fast if fast > 2.0 => Err(row.wrong(column, "a rate of at most 2 per minute")),
        slow => Ok(slow),
    };
    let time = |column, usual: f64| match or(column, usual)? {
        short if short < 1.0 => Err(row.wrong(column, "a time of at least 1 minute")),
        long => Ok(long),
    };
    let ([ka1, ka2, ka3], [sit, sid, sie]) = (usual.action_rates, usual.sensitivities);
    Ok(HovorkaFigures {
        body_weight: Kilograms(or("BW", usual.body_weight.0)?),
        age: Years(or("Age", usual.age.0)?),
        fasting_glucose: MmolPerL(or("G0", usual.fasting_glucose.0)?),
        production: or("EGP0", usual.production)?,
        fixed_use: or("F01", usual.fixed_use)?,
        exchange: rate("k12", usual.exchange)?,
        action_rates: [rate("ka1", ka1)?, rate("ka2", ka2)?, rate("ka3", ka3)?],
        sensitivities: [or("SIT", sit)?, or("SID", sid)?, or("SIE", sie)?],
        clearance: rate("ke", usual.clearance)?,
        insulin_volume: or("VI", usual.insulin_volume)?,
        glucose_volume: or("VG", usual.glucose_volume)?,
        insulin_time: time("tI", usual.insulin_time)?,
        meal_time: time("tG", usual.meal_time)?,
        bioavailability: or("AG", usual.bioavailability)?,
        sensor_lag: Minutes(time("lag", usual.sensor_lag.0)?),
    })
}
