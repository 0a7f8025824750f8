//! Subjects from a parameter file, and the 30 that were published.
//!
//! The format is simglucose's `vpatient_params.csv`, optionally with the columns of its `Quest.csv`.
//! The figures that follow from the others may be left out; where they are given, they must satisfy
//! the identities of the steady state, which finds a damaged or half-edited file.

use super::parameters::{Derived, S2008Parameters};
use crate::error::TableError;
use crate::table::{RowView, Table};
use crate::units::{GramsPerUnit, InsulinUnits, Kilograms, MgPerDl, MgPerDlPerUnit, Years};
use homeostat_numeric::abs;

const PUBLISHED: &str = include_str!("../../data/s2008.csv");

/// Relative difference up to which a derived figure in a file counts as consistent.
const CONSISTENT: f64 = 1e-6;

const NEEDED: &[&str] = &[
    "Name", "BW", "EGPb", "Gb", "Ib", "kabs", "kmax", "kmin", "b", "d", "Vg", "Vi", "Vmx", "Km0",
    "k2", "k1", "p2u", "m1", "m2", "ki", "kp2", "kp3", "kd", "ksc", "ka1", "ka2",
];

/// The 30 published subjects: ten adolescents, ten adults, ten children, in simglucose's order.
#[must_use]
pub fn published_subjects() -> Vec<S2008Parameters> {
    read_subjects("the published subjects", PUBLISHED, None).unwrap_or_default()
}

/// Reads subjects from the text of a simglucose parameter file and, if given, of its questionnaire
/// file (each with the name to use in errors).
///
/// Without a questionnaire, in either file, the clinic's figures are estimated: total daily insulin
/// as twice the basal, CR as 500 and CF as 1700 over it, age as 30.
///
/// # Errors
/// [`TableError`] naming the line and column of the first field that cannot be used.
pub fn read_subjects(
    file: &str,
    parameters: &str,
    questionnaire: Option<(&str, &str)>,
) -> Result<Vec<S2008Parameters>, TableError> {
    let table = Table::parse(file, parameters)?;
    NEEDED.iter().try_for_each(|column| table.need(column))?;
    let answers = questionnaire.map(|(file, text)| Table::parse(file, text)).transpose()?;
    if let Some(answers) = &answers {
        answers.need("Name")?;
    }
    let mut subjects: Vec<S2008Parameters> = Vec::new();
    for row in table.rows() {
        let mut subject = subject(row)?;
        if subjects.iter().any(|earlier| earlier.name == subject.name) {
            return Err(row.wrong("Name", "a name that no earlier row has"));
        }
        consistent(row, &subject)?;
        let own = answers
            .as_ref()
            .and_then(|answers| answers.rows().find(|answer| answer.text("Name") == subject.name));
        settle(own.unwrap_or(row), &mut subject)?;
        subjects.push(subject);
    }
    if subjects.is_empty() {
        return Err(TableError::Form {
            file: file.into(),
            line: 1,
            problem: "expected at least one subject below the header".into(),
        });
    }
    Ok(subjects)
}

fn subject(row: RowView<'_>) -> Result<S2008Parameters, TableError> {
    let fraction = |column| row.number(column, "a number between 0 and 1", |x| x > 0.0 && x < 1.0);
    let or = |column, usual: f64| match row.optional(column)? {
        Some(number) if number >= 0.0 => Ok(number),
        Some(_) => Err(row.wrong(column, "a number of 0 or more")),
        None => Ok(usual),
    };
    let name = row.text("Name");
    if name.is_empty() {
        return Err(row.wrong("Name", "the subject's name"));
    }
    let p = S2008Parameters {
        name: name.into(),
        body_weight: Kilograms(row.positive("BW")?),
        basal_production: row.positive("EGPb")?,
        basal_glucose: MgPerDl(row.positive("Gb")?),
        basal_insulin: row.positive("Ib")?,
        absorption: row.positive("kabs")?,
        emptying_fastest: row.positive("kmax")?,
        emptying_slowest: row.positive("kmin")?,
        slowing_fraction: fraction("b")?,
        speeding_fraction: fraction("d")?,
        glucose_volume: row.positive("Vg")?,
        insulin_volume: row.positive("Vi")?,
        utilisation_gain: row.positive("Vmx")?,
        michaelis: row.positive("Km0")?,
        tissue_to_plasma: row.positive("k2")?,
        plasma_to_tissue: row.positive("k1")?,
        action_rate: row.positive("p2u")?,
        liver_to_plasma: row.positive("m1")?,
        plasma_to_liver: row.positive("m2")?,
        production_delay: row.positive("ki")?,
        liver_effectiveness: row.positive("kp2")?,
        production_gain: row.positive("kp3")?,
        dissociation: row.positive("kd")?,
        interstitial_rate: row.positive("ksc")?,
        slow_insulin_absorption: row.positive("ka1")?,
        fast_insulin_absorption: row.positive("ka2")?,
        bioavailability: or("f", 0.9)?,
        renal_rate: or("ke1", 0.0005)?,
        renal_threshold: or("ke2", 339.0)?,
        independent_utilisation: or("Fsnc", 1.0)?,
        hepatic_extraction: match row.optional("HEb")? {
            None => 0.6,
            Some(_) => fraction("HEb")?,
        },
        carbohydrate_ratio: GramsPerUnit(0.0),
        correction_factor: MgPerDlPerUnit(0.0),
        age: Years(0.0),
        total_daily_insulin: InsulinUnits(0.0),
    };
    for (column, rate) in RATES.iter().zip(rates(&p)) {
        if rate > FASTEST_RATE {
            return Err(row.wrong(column, "a rate of at most 20 per minute"));
        }
    }
    Ok(p)
}

/// Rates far above life would need steps shorter than the fixed ones; none of the published figures
/// passes 1.3 per minute.
const FASTEST_RATE: f64 = 20.0;
const RATES: [&str; 14] =
    ["kabs", "kmax", "kmin", "k1", "k2", "p2u", "m1", "m2", "ki", "kp2", "kd", "ksc", "ka1", "ka2"];

fn rates(p: &S2008Parameters) -> [f64; 14] {
    [
        p.absorption,
        p.emptying_fastest,
        p.emptying_slowest,
        p.plasma_to_tissue,
        p.tissue_to_plasma,
        p.action_rate,
        p.liver_to_plasma,
        p.plasma_to_liver,
        p.production_delay,
        p.liver_effectiveness,
        p.dissociation,
        p.interstitial_rate,
        p.slow_insulin_absorption,
        p.fast_insulin_absorption,
    ]
}

/// Holds the derived columns, where given, to the identities.
fn consistent(row: RowView<'_>, subject: &S2008Parameters) -> Result<(), TableError> {
    let derived = subject.derived();
    let Derived { plasma_glucose, tissue_glucose, plasma_insulin, .. } = derived;
    if tissue_glucose <= 0.0 || derived.infusion <= 0.0 {
        return Err(row.wrong("EGPb", "figures with a fasting steady state above zero"));
    }
    let basal = subject.basal_insulin;
    for (column, value) in [
        ("Gpb", plasma_glucose),
        ("Gtb", tissue_glucose),
        ("Ipb", plasma_insulin),
        ("Ilb", derived.liver_insulin),
        ("m30", derived.liver_clearance),
        ("m4", derived.plasma_clearance),
        ("Vm0", derived.utilisation),
        ("kp1", derived.production),
        ("u2ss", derived.infusion),
        ("isc1ss", derived.first_depot),
        ("isc2ss", derived.second_depot),
        ("x0_1", 0.0),
        ("x0_2", 0.0),
        ("x0_3", 0.0),
        ("x0_4", plasma_glucose),
        ("x0_5", tissue_glucose),
        ("x0_6", plasma_insulin),
        ("x0_7", 0.0),
        ("x0_8", basal),
        ("x0_9", basal),
        ("x0_10", derived.liver_insulin),
        ("x0_11", derived.first_depot),
        ("x0_12", derived.second_depot),
        ("x0_13", plasma_glucose),
    ] {
        let Some(found) = row.optional(column)? else { continue };
        if abs(found - value) > CONSISTENT * abs(value) {
            let expected =
                format!("{value}, which follows from the other figures (or leave the column out)");
            return Err(row.wrong(column, &expected));
        }
    }
    Ok(())
}

/// Fills in the clinic's figures.
fn settle(row: RowView<'_>, subject: &mut S2008Parameters) -> Result<(), TableError> {
    let given = |column| match row.text(column) {
        "" => Ok(None),
        _ => row.positive(column).map(Some),
    };
    let daily = given("TDI")?.unwrap_or(2.0 * 24.0 * subject.basal().0);
    subject.total_daily_insulin = InsulinUnits(daily);
    subject.carbohydrate_ratio = GramsPerUnit(given("CR")?.unwrap_or(500.0 / daily));
    subject.correction_factor = MgPerDlPerUnit(given("CF")?.unwrap_or(1700.0 / daily));
    subject.age = Years(given("Age")?.unwrap_or(30.0));
    Ok(())
}
