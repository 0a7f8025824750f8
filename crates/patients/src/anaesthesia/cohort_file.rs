//! Subjects from a table of people's covariates, models and, where known, their own figures.
//!
//! Needed: `subject`, `age_y` (or `age`, years), `sex` (`female`, `male`, `f`, `m`), `height_cm` (or
//! `height`), `weight_kg` (or `weight`). Everything else may be absent or empty:
//!
//! - `age_again_y`, `height_again_cm`, `weight_again_kg`: a second entry, which must agree;
//! - `propofol_model`, `remifentanil_model`, `bis_model`, `norepinephrine_model`, `opioids` (`yes`,
//!   `no`), `limits` (`keep`, `override`);
//! - `delay_s`, the person's own delay of the index (or `delay`);
//! - own figures, in place of the models': `v1_l`, `v2_l`, `v3_l`, `cl_l_per_min`, `q2_l_per_min`,
//!   `q3_l_per_min`, `ke0_per_min`; the same with `remifentanil_` before; `c50_ug_per_ml`,
//!   `c50_remifentanil_ng_per_ml`, `gamma`, `gamma_above`, `beta`, `e0`, `emax`; `heart_rate_per_min`,
//!   `stroke_volume_ml`, `resistance_mmhg_min_per_ml`.

use super::covariates::{Covariates, Sex};
use super::effect::{IndexEffect, IndexModel};
use super::haemodynamics::HaemodynamicFigures;
use super::mammillary::Compartments;
use super::norepinephrine::NorepinephrineModel;
use super::propofol::PropofolModel;
use super::remifentanil::RemifentanilModel;
use super::subject::{AnaesthesiaSubject, SubjectModels};
use super::units::{
    BeatsPerMinute, Centimetres, Litres, LitresPerMinute, Millilitres, NgPerMl, PerMinute, Seconds,
    UgPerMl,
};
use super::validity::Limits;
use crate::error::TableError;
use crate::table::{Figure, Row, Table};
use crate::units::{Kilograms, Years};
use std::collections::BTreeSet;

const AGE: Figure = Figure::new("age_y", 0.0, 110.0, "years");
const HEIGHT: Figure = Figure::new("height_cm", 25.0, 250.0, "cm");
const WEIGHT: Figure = Figure::new("weight_kg", 0.5, 350.0, "kg");
const DELAY: Figure = Figure::new("delay_s", 0.0, 600.0, "s");
const AGAIN: [Figure; 3] = [
    Figure { column: "age_again_y", ..AGE },
    Figure { column: "height_again_cm", ..HEIGHT },
    Figure { column: "weight_again_kg", ..WEIGHT },
];
const PROPOFOL: [Figure; 7] = [
    Figure::new("v1_l", 0.05, 500.0, "L"),
    Figure::new("v2_l", 0.05, 2000.0, "L"),
    Figure::new("v3_l", 0.05, 10_000.0, "L"),
    Figure::new("cl_l_per_min", 0.001, 50.0, "L/min"),
    Figure::new("q2_l_per_min", 0.0, 50.0, "L/min"),
    Figure::new("q3_l_per_min", 0.0, 50.0, "L/min"),
    Figure::new("ke0_per_min", 0.001, 60.0, "/min"),
];
const REMIFENTANIL: [Figure; 7] = [
    Figure { column: "remifentanil_v1_l", ..PROPOFOL[0] },
    Figure { column: "remifentanil_v2_l", ..PROPOFOL[1] },
    Figure { column: "remifentanil_v3_l", ..PROPOFOL[2] },
    Figure { column: "remifentanil_cl_l_per_min", ..PROPOFOL[3] },
    Figure { column: "remifentanil_q2_l_per_min", ..PROPOFOL[4] },
    Figure { column: "remifentanil_q3_l_per_min", ..PROPOFOL[5] },
    Figure { column: "remifentanil_ke0_per_min", ..PROPOFOL[6] },
];
const HALF: Figure = Figure::new("c50_ug_per_ml", 0.1, 50.0, "ug/mL");
const REMIFENTANIL_HALF: Figure = Figure::new("c50_remifentanil_ng_per_ml", 0.1, 1000.0, "ng/mL");
const GAMMA: Figure = Figure::new("gamma", 0.3, 20.0, "");
const GAMMA_ABOVE: Figure = Figure::new("gamma_above", 0.3, 20.0, "");
const BETA: Figure = Figure::new("beta", 0.0, 3.9, "");
const AWAKE: Figure = Figure::new("e0", 1.0, 100.0, "");
const DEPTH: Figure = Figure::new("emax", 1.0, 300.0, "");
const RATE: Figure = Figure::new("heart_rate_per_min", 20.0, 250.0, "/min");
const STROKE: Figure = Figure::new("stroke_volume_ml", 1.0, 300.0, "mL");
const RESISTANCE: Figure = Figure::new("resistance_mmhg_min_per_ml", 0.001, 0.5, "mmHg min/mL");

/// Columns of text.
const WORDS: [&str; 8] = [
    "subject",
    "sex",
    "propofol_model",
    "remifentanil_model",
    "bis_model",
    "norepinephrine_model",
    "opioids",
    "limits",
];
/// Other names of columns.
const ALIASES: [(&str, &str); 4] =
    [("age_y", "age"), ("height_cm", "height"), ("weight_kg", "weight"), ("delay_s", "delay")];

/// Every column that there may be, those first that are needed.
fn columns() -> Vec<&'static str> {
    let needed = ["subject", AGE.column, "sex", HEIGHT.column, WEIGHT.column];
    let single = [DELAY, HALF, REMIFENTANIL_HALF, GAMMA, GAMMA_ABOVE, BETA];
    let more = [AWAKE, DEPTH, RATE, STROKE, RESISTANCE];
    let figures = single.iter().chain(&more).chain(&AGAIN).chain(&PROPOFOL).chain(&REMIFENTANIL);
    let names = figures.map(|figure| figure.column);
    let words = WORDS.into_iter().filter(|word| !needed.contains(word));
    needed.into_iter().chain(words).chain(names).chain(ALIASES.map(|(_, alias)| alias)).collect()
}

/// Reads subjects; the columns stand in `docs/book/anaesthesia-patients.md`. With [`Limits::Override`] nobody is refused for being
/// beyond a model's limits; the breaches stand in [`AnaesthesiaSubject::overridden`].
///
/// # Errors
/// [`TableError`] naming the line and column of the first field that cannot be used, or the limit of the
/// model that a person is beyond.
pub fn read_anaesthesia_subjects(
    file: &str,
    text: &str,
    limits: Limits,
) -> Result<Vec<AnaesthesiaSubject>, TableError> {
    let table = Table::open(file, text)?;
    table.allow_only(&columns())?;
    table.need("subject")?;
    table.need("sex")?;
    let called = |name: &'static str| -> Result<&'static str, TableError> {
        let alias = ALIASES.iter().find(|(own, _)| *own == name).map_or(name, |(_, alias)| alias);
        match (table.need(name), table.need(alias)) {
            (Ok(()), Ok(())) if alias != name => Err(TableError::Form {
                file: file.into(),
                line: 1,
                problem: format!("columns {name} and {alias} mean the same; leave one of them out"),
            }),
            (Ok(()), _) => Ok(name),
            (Err(_), Ok(())) => Ok(alias),
            (Err(missing), Err(_)) => Err(missing),
        }
    };
    let figure = |figure: Figure| called(figure.column).map(|column| Figure { column, ..figure });
    let covariates = [figure(AGE)?, figure(HEIGHT)?, figure(WEIGHT)?];
    let delay = match figure(DELAY) {
        Err(TableError::MissingColumn { .. }) => DELAY,
        other => other?,
    };
    let mut subjects = Vec::new();
    let mut names = BTreeSet::new();
    table.for_each(|row| {
        let name = row.name("subject")?;
        if !names.insert(name.to_owned()) {
            return Err(row.wrong("subject", "a name that no earlier row has"));
        }
        let person = person(row, &covariates)?;
        let models = models(row, &person, limits)?;
        let mut subject = AnaesthesiaSubject::typical(name, person, models)
            .map_err(|refusal| row.problem(&refusal.to_string()))?;
        own_figures(row, &delay, &mut subject)?;
        subjects.push(subject);
        Ok(())
    })?;
    Ok(subjects)
}

fn person(row: Row<'_>, figures: &[Figure; 3]) -> Result<Covariates, TableError> {
    let sex = match row.text("sex").to_lowercase().as_str() {
        "female" | "f" => Sex::Female,
        "male" | "m" => Sex::Male,
        _ => return Err(row.wrong("sex", "female, male, f or m")),
    };
    let [age, height, weight] = figures;
    let entered = [row.figure(age)?, row.figure(height)?, row.figure(weight)?];
    let made = |[age, height, weight]: [f64; 3]| {
        Covariates::new(Years(age), sex, Centimetres(height), Kilograms(weight))
            .map_err(|error| row.problem(&error.to_string()))
    };
    let mut again = entered;
    for (value, figure) in again.iter_mut().zip(&AGAIN) {
        *value = row.figure_or_none(figure)?.unwrap_or(*value);
    }
    // The comparison first: a slip is better named as two entries that differ.
    if again != entered {
        let place = again.iter().zip(&entered).position(|(one, other)| one != other).unwrap_or(0);
        let expected = format!("{}, as in column {}", entered[place], figures[place].column);
        return Err(row.wrong(AGAIN[place].column, &expected));
    }
    made(entered)
}

/// A model by its name in a column; `usual` where the field is empty.
fn model<Model>(
    row: Row<'_>,
    column: &str,
    usual: Model,
    known: &str,
    named: impl Fn(&str) -> Option<Model>,
) -> Result<Model, TableError> {
    match row.text(column) {
        "" => Ok(usual),
        name => named(name).ok_or_else(|| row.wrong(column, known)),
    }
}

fn models(row: Row<'_>, person: &Covariates, limits: Limits) -> Result<SubjectModels, TableError> {
    let opioids = match row.text("opioids") {
        "" | "no" => false,
        "yes" => true,
        _ => return Err(row.wrong("opioids", "yes or no")),
    };
    let limits = match row.text("limits") {
        "" => limits,
        "keep" => Limits::Keep,
        "override" => Limits::Override,
        _ => return Err(row.wrong("limits", "keep or override")),
    };
    let usual = SubjectModels::usual(person, opioids);
    let names = "schnider, marsh, marsh-modified, schuttler, eleveld or eleveld-venous";
    let propofol = model(row, "propofol_model", usual.propofol, names, |name| {
        PropofolModel::named(name, opioids)
    })?;
    let names = "minto, eleveld or none";
    let remifentanil = model(row, "remifentanil_model", usual.remifentanil, names, |name| {
        if name == "none" { Some(None) } else { RemifentanilModel::named(name).map(Some) }
    })?;
    let names = "eleveld, vanluchene or bouillon";
    let index = model(row, "bis_model", usual.index, names, IndexModel::named)?;
    let names = "li-joachim, beloeil, oualha or none";
    let norepinephrine = model(row, "norepinephrine_model", usual.norepinephrine, names, |name| {
        if name == "none" { Some(None) } else { NorepinephrineModel::named(name).map(Some) }
    })?;
    Ok(SubjectModels { propofol, remifentanil, index, norepinephrine, limits })
}

fn own_figures(
    row: Row<'_>,
    delay: &Figure,
    subject: &mut AnaesthesiaSubject,
) -> Result<(), TableError> {
    let figures = &mut subject.figures;
    figures.propofol = own_compartments(row, &PROPOFOL, figures.propofol)?;
    match figures.remifentanil {
        Some(typical) => {
            figures.remifentanil = Some(own_compartments(row, &REMIFENTANIL, typical)?);
        }
        None => {
            let given = REMIFENTANIL.iter().find(|figure| !row.text(figure.column).is_empty());
            if let Some(figure) = given {
                let words = "nothing, since the subject has no model of remifentanil";
                return Err(row.wrong(figure.column, words));
            }
        }
    }
    figures.index = own_index(row, figures.index)?;
    if let Some(delay) = row.figure_or_none(delay)? {
        figures.delay = Seconds(delay);
    }
    if let Some(typical) = figures.circulation {
        let own = |figure: &Figure, usual: f64| Ok(row.figure_or_none(figure)?.unwrap_or(usual));
        let circulation = HaemodynamicFigures {
            heart_rate: BeatsPerMinute(own(&RATE, typical.heart_rate.0)?),
            stroke_volume: Millilitres(own(&STROKE, typical.stroke_volume.0)?),
            resistance: own(&RESISTANCE, typical.resistance)?,
            ..typical
        };
        subject.with_circulation(circulation);
    }
    Ok(())
}

fn own_compartments(
    row: Row<'_>,
    figures: &[Figure; 7],
    typical: Compartments,
) -> Result<Compartments, TableError> {
    let [v1, v2, v3] = typical.volumes.map(|volume| volume.0);
    let [cl, q2, q3] = typical.clearances.map(|clearance| clearance.0);
    let mut values = [v1, v2, v3, cl, q2, q3, typical.effect_site.0];
    for (value, figure) in values.iter_mut().zip(figures) {
        *value = row.figure_or_none(figure)?.unwrap_or(*value);
    }
    let [v1, v2, v3, cl, q2, q3, ke0] = values;
    Ok(Compartments {
        volumes: [v1, v2, v3].map(Litres),
        clearances: [cl, q2, q3].map(LitresPerMinute),
        effect_site: PerMinute(ke0),
    })
}

fn own_index(row: Row<'_>, typical: IndexEffect) -> Result<IndexEffect, TableError> {
    let own = |figure: &Figure, usual: f64| -> Result<f64, TableError> {
        Ok(row.figure_or_none(figure)?.unwrap_or(usual))
    };
    let gamma = row.figure_or_none(&GAMMA)?;
    // One slope alone stands for both.
    let steepness = (gamma.unwrap_or(typical.steepness.0), gamma.unwrap_or(typical.steepness.1));
    Ok(IndexEffect {
        propofol_half: UgPerMl(own(&HALF, typical.propofol_half.0)?),
        remifentanil_half: row
            .figure_or_none(&REMIFENTANIL_HALF)?
            .map(NgPerMl)
            .or(typical.remifentanil_half),
        interaction: own(&BETA, typical.interaction)?,
        steepness: (steepness.0, own(&GAMMA_ABOVE, steepness.1)?),
        awake: own(&AWAKE, typical.awake)?,
        depth: own(&DEPTH, typical.depth)?,
    })
}

#[cfg(test)]
mod tests;
