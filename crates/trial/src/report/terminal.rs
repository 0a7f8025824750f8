//! The headline as plain text for a terminal.

use super::analysis::{AnalysisReport, SourceFacts};
use super::glucose::{GlucoseGroup, GlucoseOutcome};
use super::hypnosis::HypnosisOutcome;
use super::model::{CriterionKind, Outcome, TrialReport};
use super::text::{fixed, share, whole};
use crate::metrics::HypnosisMeasure;

/// A table with aligned columns: the first `words` columns to the left, numbers to the right.
fn aligned(rows: &[Vec<String>], words: usize) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns)
        .map(|column| {
            rows.iter().filter_map(|row| row.get(column)).map(|c| c.chars().count()).max()
        })
        .map(Option::unwrap_or_default)
        .collect();
    let mut text = String::new();
    for (index, row) in rows.iter().enumerate() {
        let mut line = String::new();
        for (column, (cell, width)) in row.iter().zip(&widths).enumerate() {
            let gap = if column == 0 { "" } else { "  " };
            let padded = if column < words {
                format!("{gap}{cell:<width$}")
            } else {
                format!("{gap}{cell:>width$}")
            };
            line.push_str(&padded);
        }
        text.push_str(line.trim_end());
        text.push('\n');
        if index == 0 {
            let total: usize = widths.iter().sum::<usize>() + 2 * widths.len().saturating_sub(1);
            text.push_str(&"-".repeat(total));
            text.push('\n');
        }
    }
    text
}

/// Arms by groups, and the criteria.
#[must_use]
pub fn headline_text(report: &TrialReport) -> String {
    let mut text = match &report.outcome {
        Outcome::Glucose(outcome) => glucose_text(report, outcome),
        Outcome::Hypnosis(outcome) => hypnosis_text(report, outcome),
    };
    if !report.criteria.is_empty() {
        text.push('\n');
        let mut rows = vec![["", "criterion", "required", "reached"].map(str::to_owned).to_vec()];
        for row in &report.criteria {
            let mark = match (row.passed, row.kind) {
                (true, _) => "pass",
                (false, CriterionKind::Must) => "FAIL",
                (false, CriterionKind::Aim) => "aim missed",
            };
            rows.push(vec![
                mark.to_owned(),
                row.what.clone(),
                row.required.clone(),
                row.reached.clone(),
            ]);
        }
        text.push_str(&aligned(&rows, 4));
    }
    text
}

const HEAD: [&str; 11] = [
    "arm",
    "group",
    "n",
    "TIR %",
    "<70 %",
    "<54 %",
    ">180 %",
    ">250 %",
    "mean",
    "CV %",
    "worst TIR",
];

/// Medians, with p10 beside the share of time, and p1 of the nadir.
fn hypnosis_text(report: &TrialReport, outcome: &HypnosisOutcome) -> String {
    use HypnosisMeasure as M;
    let head = [
        "arm", "n", "40-60 %", "p10", "<40 %", ">60 %", "MDPE", "MDAPE", "wobble", "GS", "<60 s",
        "nadir", "p1", "lowest", "<30", "<20", "mg/kg/h",
    ];
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    for arm in &outcome.arms {
        let at = |measure: M, which: usize| {
            let value = arm.spread(measure).map(|spread| spread.percentiles[which]);
            value.map_or("-".to_owned(), |value| fixed(value, measure.decimals()))
        };
        let worst = arm.spread(M::Lowest).map_or(0.0, |spread| spread.worst);
        rows.push(vec![
            report.arm_name(&arm.arm).to_owned(),
            arm.subjects.len().to_string(),
            at(M::Adequate, 2),
            at(M::Adequate, 1),
            at(M::Below, 2),
            at(M::Above, 2),
            at(M::MedianError, 2),
            at(M::MedianAbsoluteError, 2),
            at(M::Wobble, 2),
            at(M::GlobalScore, 2),
            at(M::Asleep, 2),
            at(M::Nadir, 2),
            at(M::Nadir, 0),
            fixed(worst, 1),
            arm.deep.0.to_string(),
            arm.deep.1.to_string(),
            at(M::DrugHourly, 2),
        ]);
    }
    aligned(&rows, 1)
}

fn glucose_text(report: &TrialReport, outcome: &GlucoseOutcome) -> String {
    let mut rows = vec![HEAD.map(str::to_owned).to_vec()];
    for arm in &outcome.arms {
        let name = report.arm_name(&arm.arm);
        for (index, group) in arm.groups.iter().enumerate() {
            rows.push(glucose_row(if index == 0 { name } else { "" }, group));
        }
        if arm.groups.len() != 1 {
            rows.push(glucose_row(if arm.groups.is_empty() { name } else { "" }, &arm.everyone));
        }
    }
    aligned(&rows, 2)
}

fn glucose_row(arm: &str, group: &GlucoseGroup) -> Vec<String> {
    let name = if group.family.is_empty() {
        group.group.clone()
    } else {
        format!("{} ({})", group.group, group.family)
    };
    let ranges = &group.ranges;
    vec![
        arm.to_owned(),
        name,
        group.patients.to_string(),
        share(ranges.target),
        share(ranges.below_70()),
        share(ranges.very_low),
        share(ranges.above_180()),
        share(ranges.very_high),
        whole(group.mean),
        fixed(group.variation.get(), 0),
        share(group.least_target),
    ]
}

/// What was read, and in which unit: a guess is called one.
fn source_text(source: &SourceFacts) -> String {
    let SourceFacts { format, unit, unit_known, .. } = source;
    format!("{format}, glucose in {unit}: {unit_known}\n\n")
}

/// The file, one row a person, the notes and the rows that gave no reading.
#[must_use]
pub fn analysis_text(report: &AnalysisReport) -> String {
    let head = [
        "subject", "days", "active %", "mean", "GMI %", "CV %", "TIR %", "<70 %", "<54 %",
        ">180 %", ">250 %", "rejected",
    ];
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    for subject in &report.subjects {
        let rejected: u64 = subject.rejected.iter().map(|rule| rule.count).sum();
        let Some(summary) = &subject.summary else { continue };
        let name = if subject.subject.is_empty() { "(unnamed)" } else { &subject.subject };
        rows.push(vec![
            name.to_owned(),
            fixed(summary.days, 1),
            fixed(summary.active.get(), 0),
            whole(summary.spread.mean),
            fixed(summary.gmi.get(), 1),
            fixed(summary.spread.coefficient_of_variation.get(), 0),
            share(summary.ranges.target),
            share(summary.ranges.below_70()),
            share(summary.ranges.very_low),
            share(summary.ranges.above_180()),
            share(summary.ranges.very_high),
            rejected.to_string(),
        ]);
    }
    let mut text = source_text(&report.source);
    text.push_str(&aligned(&rows, 1));
    if !report.notes.is_empty() {
        text.push('\n');
    }
    for note in &report.notes {
        text.push_str(&format!("note: {note}\n"));
    }
    if report.unusable.total() > 0 {
        text.push('\n');
        for (defect, count) in &report.unusable.counts {
            text.push_str(&format!("{count} rows without a reading: {}\n", defect.text()));
        }
    }
    text
}
