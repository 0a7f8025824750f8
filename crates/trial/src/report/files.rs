//! The machine's forms of a trial: `results.json` and `subjects.csv`.

use super::glucose::GlucoseOutcome;
use super::hypnosis::{HypnosisOutcome, HypnosisSubject};
use super::model::{Outcome, TrialReport};
use crate::metrics::{Glucose, HypnosisMeasure, Insulin};
use homeostat_patients::wording::csv_text;

/// The whole model as JSON, with a line feed at the end. Equal reports give equal bytes.
///
/// # Errors
/// None for a report of finite numbers; serde's otherwise.
pub fn results_json(report: &TrialReport) -> Result<String, serde_json::Error> {
    let mut text = serde_json::to_string(report)?;
    text.push('\n');
    Ok(text)
}

const COLUMNS: [&str; 33] = [
    "arm",
    "subject",
    "group",
    "family",
    "readings",
    "days",
    "active_pct",
    "mean_mg_dl",
    "sd_mg_dl",
    "cv_pct",
    "gmi_pct",
    "min_mg_dl",
    "max_mg_dl",
    "below_54_pct",
    "from_54_to_69_pct",
    "in_70_180_pct",
    "in_70_140_pct",
    "from_181_to_250_pct",
    "above_250_pct",
    "lbgi",
    "hbgi",
    "gri",
    "gri_low_component",
    "gri_high_component",
    "mage_mg_dl",
    "modd_mg_dl",
    "j_index",
    "episodes_below_70",
    "episodes_below_54",
    "episodes_above_180",
    "episodes_above_250",
    "cvga_zone",
    "insulin_units_per_day",
];

/// One row a patient and arm. Numbers have six decimals and a decimal point; what is unknown is
/// empty.
#[must_use]
pub fn subjects_csv(report: &TrialReport) -> String {
    let mut text = String::new();
    match &report.outcome {
        Outcome::Glucose(outcome) => glucose_rows(outcome, &mut text),
        Outcome::Hypnosis(outcome) => hypnosis_rows(outcome, &mut text),
    }
    text
}

fn hypnosis_rows(outcome: &HypnosisOutcome, text: &mut String) {
    let columns = HypnosisMeasure::ALL.map(HypnosisMeasure::column);
    text.push_str(&format!("arm,subject,ever_below_30,ever_below_20,{}\n", columns.join(",")));
    for arm in &outcome.arms {
        for HypnosisSubject { subject, summary, .. } in &arm.subjects {
            let yes = |holds: bool| if holds { "yes" } else { "no" }.to_owned();
            let mut cells = vec![
                csv_text(&arm.arm).into_owned(),
                csv_text(subject).into_owned(),
                yes(summary.ever_below_30),
                yes(summary.ever_below_20),
            ];
            cells.extend(HypnosisMeasure::ALL.map(|measure| {
                measure.of(summary).map_or(String::new(), |value| super::text::fixed(value, 6))
            }));
            text.push_str(&cells.join(","));
            text.push('\n');
        }
    }
}

fn glucose_rows(outcome: &GlucoseOutcome, text: &mut String) {
    text.push_str(&COLUMNS.join(","));
    text.push('\n');
    let number = |value: f64| super::text::fixed(value, 6);
    let glucose = |value: Option<Glucose>| value.map_or(String::new(), |g| number(g.mg_dl()));
    for arm in &outcome.arms {
        for subject in &arm.subjects {
            let summary = &subject.summary;
            let (ranges, episodes) = (&summary.ranges, &summary.episodes);
            let cells = [
                csv_text(&arm.arm).into_owned(),
                csv_text(&subject.subject).into_owned(),
                csv_text(&subject.group).into_owned(),
                csv_text(&subject.family).into_owned(),
                summary.readings.to_string(),
                number(summary.days),
                number(summary.active.get()),
                number(summary.spread.mean.mg_dl()),
                number(summary.spread.standard_deviation.mg_dl()),
                number(summary.spread.coefficient_of_variation.get()),
                number(summary.gmi.get()),
                number(summary.lowest.mg_dl()),
                number(summary.highest.mg_dl()),
                number(ranges.very_low.get()),
                number(ranges.low.get()),
                number(ranges.target.get()),
                number(ranges.tight.get()),
                number(ranges.high.get()),
                number(ranges.very_high.get()),
                number(summary.risk.low),
                number(summary.risk.high),
                number(summary.gri.index),
                number(summary.gri.low_component),
                number(summary.gri.high_component),
                glucose(summary.mage),
                glucose(summary.modd),
                number(summary.j_index),
                episodes.low.to_string(),
                episodes.very_low.to_string(),
                episodes.high.to_string(),
                episodes.very_high.to_string(),
                subject.cvga.zone.name().to_owned(),
                subject.insulin_per_day.map(Insulin::units).map_or(String::new(), number),
            ];
            text.push_str(&cells.join(","));
            text.push('\n');
        }
    }
}
