//! Subjects from a parameter file, and the 30 that were published.
//!
//! The format is simglucose's `vpatient_params.csv`, optionally with the columns of its `Quest.csv`.
//! The figures that follow from the others may be left out; where they are given, they must satisfy
//! the identities of the steady state, which finds a damaged or half-edited file.

use super::figures;
use super::parameters::{Derived, S2008Parameters};
use crate::error::TableError;
use crate::table::{Figure, Row, Table};
use crate::units::{GramsPerUnit, InsulinUnits, Kilograms, MgPerDl, MgPerDlPerUnit, Years};
use homeostat_numeric::abs;
use std::collections::{BTreeMap, BTreeSet};

const PUBLISHED: &str = include_str!("../../data/s2008.csv");

/// Relative difference up to which a derived figure in a file counts as consistent.
const CONSISTENT: f64 = 1e-6;

/// The most subjects of one file.
const MOST_SUBJECTS: usize = 100_000;

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
    let table = Table::open(file, parameters)?;
    table.need("Name")?;
    figures::NEEDED.iter().try_for_each(|figure| table.need(figure.column))?;
    let answers = questionnaire.map(|(file, text)| read_answers(file, text)).transpose()?;
    let mut subjects: Vec<S2008Parameters> = Vec::new();
    let mut names = BTreeSet::new();
    table.for_each(|row| {
        let mut subject = subject(row)?;
        if !names.insert(subject.name.clone()) {
            return Err(row.wrong("Name", "a name that no earlier row has"));
        }
        if subjects.len() == MOST_SUBJECTS {
            return Err(row.wrong("Name", "at most 100000 subjects"));
        }
        consistent(row, &subject)?;
        let own = answers.as_ref().and_then(|answers| answers.get(&subject.name));
        settle(own.copied().map_or_else(|| Answers::read(row), Ok)?, &mut subject);
        subjects.push(subject);
        Ok(())
    })?;
    if subjects.is_empty() {
        return Err(TableError::Form {
            file: file.into(),
            line: 1,
            problem: "expected at least one subject below the header".into(),
        });
    }
    Ok(subjects)
}

fn subject(row: Row<'_>) -> Result<S2008Parameters, TableError> {
    let mut needed = [0.0; figures::NEEDED.len()];
    for (place, figure) in needed.iter_mut().zip(&figures::NEEDED) {
        *place = row.figure(figure)?;
    }
    let [bw, egpb, gb, ib, kabs, kmax, kmin, b, d, vg, vi, vmx, km0, rest @ ..] = needed;
    let [k2, k1, p2u, m1, m2, ki, kp2, kp3, kd, ksc, ka1, ka2] = rest;
    let or = |figure: &Figure, usual: f64| -> Result<f64, TableError> {
        Ok(row.figure_or_none(figure)?.unwrap_or(usual))
    };
    Ok(S2008Parameters {
        name: row.name("Name")?.into(),
        body_weight: Kilograms(bw),
        basal_production: egpb,
        basal_glucose: MgPerDl(gb),
        basal_insulin: ib,
        absorption: kabs,
        emptying_fastest: kmax,
        emptying_slowest: kmin,
        slowing_fraction: b,
        speeding_fraction: d,
        glucose_volume: vg,
        insulin_volume: vi,
        utilisation_gain: vmx,
        michaelis: km0,
        tissue_to_plasma: k2,
        plasma_to_tissue: k1,
        action_rate: p2u,
        liver_to_plasma: m1,
        plasma_to_liver: m2,
        production_delay: ki,
        liver_effectiveness: kp2,
        production_gain: kp3,
        dissociation: kd,
        interstitial_rate: ksc,
        slow_insulin_absorption: ka1,
        fast_insulin_absorption: ka2,
        bioavailability: or(&figures::BIOAVAILABILITY, 0.9)?,
        renal_rate: or(&figures::RENAL_RATE, 0.0005)?,
        renal_threshold: or(&figures::RENAL_THRESHOLD, 339.0)?,
        independent_utilisation: or(&figures::INDEPENDENT, 1.0)?,
        hepatic_extraction: or(&figures::EXTRACTION, 0.6)?,
        carbohydrate_ratio: GramsPerUnit(0.0),
        correction_factor: MgPerDlPerUnit(0.0),
        age: Years(0.0),
        total_daily_insulin: InsulinUnits(0.0),
    })
}

/// Holds the derived columns, where given, to the identities.
fn consistent(row: Row<'_>, subject: &S2008Parameters) -> Result<(), TableError> {
    let derived = subject.derived();
    let Derived { plasma_glucose, tissue_glucose, plasma_insulin, .. } = derived;
    if tissue_glucose <= 0.0 || derived.infusion <= 0.0 {
        return Err(row.wrong("EGPb", "figures with a fasting steady state above zero"));
    }
    let basal = subject.basal().0;
    if !figures::BASAL.holds(basal) {
        let expected = figures::BASAL.expected();
        let words = format!("figures that make a basal rate of {expected}, not of {basal} U/h");
        return Err(row.wrong(figures::BASAL.column, &words));
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

/// What a clinic's questionnaire says of one subject; nothing where it is silent.
#[derive(Clone, Copy)]
struct Answers {
    ratio: Option<f64>,
    correction: Option<f64>,
    age: Option<f64>,
    daily: Option<f64>,
}

impl Answers {
    fn read(row: Row<'_>) -> Result<Self, TableError> {
        Ok(Self {
            ratio: row.figure_or_none(&figures::RATIO)?,
            correction: row.figure_or_none(&figures::CORRECTION)?,
            age: row.figure_or_none(&figures::AGE)?,
            daily: row.figure_or_none(&figures::DAILY)?,
        })
    }
}

fn read_answers(file: &str, text: &str) -> Result<BTreeMap<String, Answers>, TableError> {
    let table = Table::open(file, text)?;
    table.need("Name")?;
    let mut answers = BTreeMap::new();
    table.for_each(|row| {
        match answers.insert(row.name("Name")?.to_owned(), Answers::read(row)?) {
            None => Ok(()),
            Some(_) => Err(row.wrong("Name", "a name that no earlier row has")),
        }
    })?;
    Ok(answers)
}

/// Fills in the clinic's figures.
fn settle(answers: Answers, subject: &mut S2008Parameters) {
    let daily = answers.daily.unwrap_or(2.0 * 24.0 * subject.basal().0);
    subject.total_daily_insulin = InsulinUnits(daily);
    subject.carbohydrate_ratio = GramsPerUnit(answers.ratio.unwrap_or(500.0 / daily));
    subject.correction_factor = MgPerDlPerUnit(answers.correction.unwrap_or(1700.0 / daily));
    subject.age = Years(answers.age.unwrap_or(30.0));
}
