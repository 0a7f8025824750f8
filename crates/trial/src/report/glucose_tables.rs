//! The tables of the glucose part.

use std::collections::BTreeSet;

use maud::{Markup, html};

use super::glucose::{GlucoseGroup, GlucoseOutcome, GlucoseSubject};
use super::model::TrialReport;
use super::page::figure;
use super::text::{fixed, share, whole};
use crate::figures::range_strip_figure;
use crate::metrics::{Insulin, Percent};

/// Arms by groups.
pub(super) fn group_table(report: &TrialReport, outcome: &GlucoseOutcome) -> Markup {
    let groups = outcome.arms.iter().flat_map(|arm| &arm.groups);
    let families = groups.map(|group| &group.family).collect::<BTreeSet<_>>().len();
    html! {
        table {
            thead { tr {
                th.l { "Arm" } th.l { "Group" } th { "n" } th { "TIR" br; "70\u{2013}180 %" }
                th { "TITR" br; "70\u{2013}140 %" } th { "<70" br; "%" } th { "<54" br; "%" }
                th { ">180" br; "%" } th { ">250" br; "%" } th { "mean" br; "mg/dL" }
                th { "CV" br; "%" }
                th { "GMI" br; "%" } th { "GRI" } th { "insulin" br; "U/day" }
                th { "least" br; "TIR %" } th { "most" br; "<70 %" } th { "most" br; "<54 %" }
            } }
            tbody {
                @for (arm_index, arm) in outcome.arms.iter().enumerate() {
                    @for (index, group) in arm.groups.iter().enumerate() {
                        tr.first[index == 0 && arm_index > 0] {
                            td.l { @if index == 0 { b { (report.arm_name(&arm.arm)) } } }
                            (group_cells(group, families > 1))
                        }
                    }
                    @if arm.groups.len() != 1 {
                        tr.sum { td.l {} (group_cells(&arm.everyone, false)) }
                    }
                }
            }
        }
    }
}

fn group_cells(group: &GlucoseGroup, with_family: bool) -> Markup {
    let ranges = &group.ranges;
    html! {
        td.l {
            (group.group)
            @if with_family { span.muted { " \u{b7} " (group.family) } }
        }
        td { (group.patients) }
        td { b { (share(ranges.target)) } }
        td { (share(ranges.tight)) }
        td { (share(ranges.below_70())) }
        td { (share(ranges.very_low)) }
        td { (share(ranges.above_180())) }
        td { (share(ranges.very_high)) }
        td { (whole(group.mean)) }
        td { (fixed(group.variation.get(), 0)) }
        td { (fixed(group.gmi.get(), 1)) }
        td { (fixed(group.gri, 1)) }
        td { (dose(group.insulin_per_day)) }
        td { (share(group.least_target)) }
        (low_cell(group.most_below_70, 1.0))
        (low_cell(group.most_below_54, 0.0))
    }
}

fn dose(insulin: Option<Insulin>) -> String {
    insulin.map_or_else(|| "\u{2013}".to_owned(), |dose| fixed(dose.units(), 1))
}

/// A share of low glucose, marked when it is above what no patient should exceed.
fn low_cell(value: Percent, most: f64) -> Markup {
    let flagged = value.get() > most;
    html! { td.flag[flagged] { @if flagged { "! " } (share(value)) } }
}

/// One row a patient and arm.
pub(super) fn patient_table(report: &TrialReport, outcome: &GlucoseOutcome) -> Markup {
    html! {
        table.dense {
            thead { tr {
                th.l { "Arm" } th.l { "Patient" } th.l { "Group" } th.l { "time in ranges" }
                th { "TIR" br; "%" } th { "<70" br; "%" } th { "<54" br; "%" } th { ">180" br; "%" }
                th { ">250" br; "%" } th { "mean" br; "mg/dL" } th { "CV" br; "%" }
                th { "lowest to" br; "highest" } th { "LBGI" } th { "GRI" }
                th { "low" br; "episodes" }
                th.l { "zone" } th { "insulin" br; "U/day" }
            } }
            tbody {
                @for (arm_index, arm) in outcome.arms.iter().enumerate() {
                    @for (index, subject) in arm.subjects.iter().enumerate() {
                        tr.first[index == 0 && arm_index > 0] {
                            td.l.muted { (report.arm_name(&arm.arm)) }
                            (patient_cells(subject))
                        }
                    }
                }
            }
        }
    }
}

fn patient_cells(subject: &GlucoseSubject) -> Markup {
    let summary = &subject.summary;
    let ranges = &summary.ranges;
    html! {
        td.l { (subject.subject) }
        td.l.muted { (subject.group) }
        td.l { span.bar { (figure(&range_strip_figure(ranges, &subject.subject), "")) } }
        td { b { (share(ranges.target)) } }
        (low_cell(ranges.below_70(), 1.0))
        (low_cell(ranges.very_low, 0.0))
        td { (share(ranges.above_180())) }
        td { (share(ranges.very_high)) }
        td { (whole(summary.spread.mean)) }
        td { (fixed(summary.spread.coefficient_of_variation.get(), 0)) }
        td { (whole(summary.lowest)) "\u{2013}" (whole(summary.highest)) }
        td { (fixed(summary.risk.low, 1)) }
        td { (fixed(summary.gri.index, 0)) }
        td { (summary.episodes.low) }
        td.l { (subject.cvga.zone.name()) }
        td { (dose(subject.insulin_per_day)) }
    }
}
