//! The glucose part of a trial's page.

use maud::{Markup, html};

use super::glucose::{GlucoseArm, GlucoseOutcome};
use super::glucose_tables::{group_table, patient_table};
use super::model::TrialReport;
use super::page::figure;
use super::text::{fixed, share, whole};
use crate::figures::{
    AgpSize, Authority, CvgaArm, GriArm, RangeRow, agp_figure, cvga_figure, envelope_figure,
    gri_figure, range_bars_figure, range_strip_figure, thumbnail_figure, trace_figure,
};
use crate::metrics::{RiskZone, Seconds};

/// The sections that the page's contents name.
pub(super) const SECTIONS: [(&str, &str); 7] = [
    ("ranges", "Time in ranges"),
    ("profiles", "Daily profile"),
    ("grid", "Variability grid"),
    ("risk", "Risk grid"),
    ("cohort", "Cohort"),
    ("traces", "Worst patients"),
    ("patients", "All patients"),
];

/// The zone letters of the grid and what they mean.
const ZONES: [(&str, &str); 5] = [
    ("A", "accurate: 90 to 180 mg/dL"),
    ("B", "benign deviations: 70 to 300 mg/dL"),
    ("C", "over-correction: lows after highs, or highs after lows"),
    ("D", "failure to deal with lows, or with highs"),
    ("E", "erroneous control: below 70 and above 300 mg/dL"),
];

/// The zones of the risk grid and what they mean.
const RISK_ZONES: [(&str, &str); 5] = [
    ("A", "index up to 20: the lowest risk"),
    ("B", "above 20, up to 40"),
    ("C", "above 40, up to 60"),
    ("D", "above 60, up to 80"),
    ("E", "above 80: the highest risk"),
];

/// Cards an arm, then arms by groups.
pub(super) fn headline(report: &TrialReport, outcome: &GlucoseOutcome) -> Markup {
    html! {
        h2 id="arms" { "Arms" }
        p.lead { "The same patients, meals and sensor noise under each arm. Means over patients." }
        div.cards {
            @for (index, arm) in outcome.arms.iter().enumerate() { (card(report, arm, index)) }
        }
        div.panel.scroll { (group_table(report, outcome)) }
    }
}

fn card(report: &TrialReport, arm: &GlucoseArm, index: usize) -> Markup {
    let everyone = &arm.everyone;
    let name = report.arm_name(&arm.arm);
    let description = report.arms.iter().find(|known| known.id == arm.arm);
    let strip = range_strip_figure(&everyone.ranges, &format!("time in ranges, {name}"));
    html! {
        div class={"card arm arm-" (index % 4)} {
            h3 { (name) }
            @if let Some(known) = description { div.about.small.muted { (known.description) } }
            div.hero {
                b { (fixed(everyone.ranges.target.get(), 1)) }
                span { "% of time in 70\u{2013}180 mg/dL" }
            }
            div.strip { (figure(&strip, "")) }
            dl.pairs {
                dt { "below 70 mg/dL" } dd { (share(everyone.ranges.below_70())) " %" }
                dt { "below 54 mg/dL" } dd { (share(everyone.ranges.very_low)) " %" }
                dt { "patients ever below 54" }
                dd { (everyone.patients_below_54) " of " (everyone.patients) }
                dt { "above 250 mg/dL" } dd { (share(everyone.ranges.very_high)) " %" }
                dt { "mean glucose" } dd { (whole(everyone.mean)) " mg/dL" }
                dt { "least time in range, any patient" } dd { (share(everyone.least_target)) " %" }
            }
        }
    }
}

/// Bars, profiles, grid, cohort and traces.
pub(super) fn figures(report: &TrialReport, outcome: &GlucoseOutcome) -> Markup {
    html! {
        (ranges(report, outcome))
        h2 id="profiles" { "Daily profile" }
        p.lead {
            "All patients and days over one another. Line: median. Bands: middle half of the "
            "values, and "
            "all but one in ten. Green zone: 70\u{2013}180 mg/dL; dashed: 54 and 250."
        }
        div.agps {
            @for (index, arm) in outcome.arms.iter().enumerate() {
                @let name = report.arm_name(&arm.arm);
                @let title = format!("ambulatory glucose profile, {name}");
                div class={"card arm arm-" (index % 4)} {
                    h3 { (name) }
                    (figure(&agp_figure(&arm.profile, AgpSize::Compact, &title), ""))
                }
            }
        }
        (grid(report, outcome))
        (risk_grid(report, outcome))
        h2 id="cohort" { "The cohort through the trial" }
        p.lead {
            "Median patient, middle half, all but one in ten; thin lines: lowest and highest "
            "patient."
        }
        @for (index, arm) in outcome.arms.iter().enumerate() {
            @let name = report.arm_name(&arm.arm);
            div class={"panel arm arm-" (index % 4)} {
                h3 { (name) }
                div.scroll {
                    (figure(&envelope_figure(&arm.envelope, &format!("cohort, {name}")), "long"))
                }
            }
        }
        (traces(report, outcome))
    }
}

fn ranges(report: &TrialReport, outcome: &GlucoseOutcome) -> Markup {
    let mut rows = Vec::new();
    for arm in &outcome.arms {
        let name = report.arm_name(&arm.arm);
        let mut groups: Vec<_> = arm.groups.iter().collect();
        if groups.len() != 1 {
            groups.push(&arm.everyone);
        }
        for (index, group) in groups.into_iter().enumerate() {
            let detail = match group.patients {
                1 => format!("{}, 1 patient", group.group),
                patients => format!("{}, {patients} patients", group.group),
            };
            rows.push(RangeRow {
                label: name.to_owned(),
                detail,
                ranges: group.ranges,
                starts_group: index == 0,
            });
        }
    }
    html! {
        h2 id="ranges" { "Time in ranges" }
        p.lead {
            "Against the international consensus: the green part should begin left of the first "
            "dashed line "
            "(less than 4 % below 70) and end right of the second (less than 25 % above 180)."
        }
        div.panel.scroll {
            (figure(&range_bars_figure(&rows, "time in ranges by arm and group"), "bars"))
        }
    }
}

fn grid(report: &TrialReport, outcome: &GlucoseOutcome) -> Markup {
    let arms: Vec<CvgaArm> = outcome
        .arms
        .iter()
        .map(|arm| CvgaArm {
            name: report.arm_name(&arm.arm).to_owned(),
            points: arm.subjects.iter().map(|s| (s.subject.clone(), s.cvga)).collect(),
        })
        .collect();
    html! {
        h2 id="grid" { "Control-variability grid" }
        p.lead {
            "One point a patient: lowest glucose across, highest upward. A is best, at the lower "
            "left; "
            "to the right means lows, upward means highs."
        }
        div.two {
            div.card { (figure(&cvga_figure(&arms, "control-variability grid"), "")) }
            div.card {
                h3 { "Patients in each zone" }
                div.scroll { table {
                    thead { tr {
                        th.l { "Arm" } th { "A" } th { "B" } th { "C" } th { "D" } th { "E" }
                        th { "A + B" }
                    } }
                    tbody {
                        @for arm in &outcome.arms {
                            @let zones = &arm.zones;
                            @let all = arm.subjects.len().max(1) as f64;
                            tr {
                                td.l { (report.arm_name(&arm.arm)) }
                                td { (zones.a) } td { (zones.b) } td { (zones.c) } td { (zones.d) }
                                td.flag[zones.e > 0] { (zones.e) }
                                td { (fixed(100.0 * (zones.a + zones.b) as f64 / all, 0)) " %" }
                            }
                        }
                    }
                } }
                dl.zones {
                    @for (zone, meaning) in ZONES {
                        dt class={"zone-" (zone)} { (zone) } dd { (meaning) }
                    }
                }
                p.small.muted {
                    "After Magni and others (2008). The lowest and the highest glucose of the "
                    "whole trial place a "
                    "patient; values beyond the grid are held to its edge."
                }
            }
        }
    }
}

fn risk_grid(report: &TrialReport, outcome: &GlucoseOutcome) -> Markup {
    let arms: Vec<GriArm> = outcome
        .arms
        .iter()
        .map(|arm| GriArm {
            name: report.arm_name(&arm.arm).to_owned(),
            points: arm.subjects.iter().map(|s| (s.subject.clone(), s.summary.gri)).collect(),
        })
        .collect();
    let count = |arm: &GlucoseArm, zone: RiskZone| {
        arm.subjects.iter().filter(|subject| subject.summary.gri.zone == zone).count()
    };
    html! {
        h2 id="risk" { "Glycaemia risk grid" }
        p.lead {
            "One point a patient: time spent low across, time spent high upward, both weighed by how "
            "far. Lines of equal risk part the zones; A is best, at the lower left."
        }
        div.two {
            div.card { (figure(&gri_figure(&arms, "glycaemia risk grid"), "")) }
            div.card {
                h3 { "Patients in each zone" }
                div.scroll { table {
                    thead { tr {
                        th.l { "Arm" }
                        @for zone in RiskZone::ALL { th { (format!("{zone:?}")) } }
                        th { "mean index" }
                    } }
                    tbody { @for arm in &outcome.arms { tr {
                        td.l { (report.arm_name(&arm.arm)) }
                        @for zone in RiskZone::ALL {
                            td.flag[zone == RiskZone::E && count(arm, zone) > 0] {
                                (count(arm, zone))
                            }
                        }
                        td { (fixed(arm.everyone.gri, 1)) }
                    } } }
                } }
                (risk_zones())
            }
        }
    }
}

/// The zones of the risk grid in words, with their origin.
pub(super) fn risk_zones() -> Markup {
    html! {
        dl.zones {
            @for (zone, meaning) in RISK_ZONES {
                dt class={"zone-" (zone)} { (zone) } dd { (meaning) }
            }
        }
        p.small.muted {
            "Glycaemia risk index of Klonoff and others (2022): 3.0 \u{d7} lows + 1.6 \u{d7} highs, at "
            "most 100. Values beyond the grid are held to its edge."
        }
    }
}

const fn variable(authority: Authority) -> &'static str {
    match authority {
        Authority::Full => "--mode-full",
        Authority::Limited => "--mode-limited",
        Authority::Background => "--mode-background",
        Authority::Suspend => "--mode-suspend",
        Authority::FailStop => "--mode-stop",
        Authority::Manual => "--mode-manual",
    }
}

fn traces(report: &TrialReport, outcome: &GlucoseOutcome) -> Markup {
    let any = outcome.arms.iter().any(|arm| !arm.traces.is_empty());
    html! {
        @if any {
            h2 id="traces" { "The worst patients" }
            p.lead {
                "Chosen by most time below 54, then below 70, then least time in range. Line: "
                "true glucose; dots: "
                "sensor. Bars: boluses; area: basal; dashed: the guard's ceiling. The strip shows "
                "the loop's "
                "authority by height and colour; ticks above it: the guard reduced or refused a "
                "proposal."
            }
            div.legend {
                @for authority in Authority::ALL {
                    span {
                        i style={"background:var(" (variable(authority)) ")"} {} (authority.name())
                    }
                }
                span { "\u{25bc} meal (hollow: not announced)" }
            }
            @for (index, arm) in outcome.arms.iter().enumerate() {
                @if !arm.traces.is_empty() {
                    div class={"panel arm arm-" (index % 4)} {
                        @for trace in &arm.traces {
                            @let name = report.arm_name(&arm.arm);
                            div.trace {
                                h3 { (name) " \u{b7} " (trace.subject) }
                                div.small.muted { (trace.caption) }
                                div.scroll {
                                    @let title = format!("{name}, {}", trace.subject);
                                    (figure(&trace_figure(trace, &title), "long"))
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// Small pictures and the table of every patient.
pub(super) fn patients(report: &TrialReport, outcome: &GlucoseOutcome) -> Markup {
    html! {
        h2 id="patients" { "All patients" }
        p.lead {
            "Every patient's whole trial, worst first; filled where glucose left the target range."
        }
        @for (index, arm) in outcome.arms.iter().enumerate() {
            div class={"panel arm arm-" (index % 4)} {
                h3 { (report.arm_name(&arm.arm)) }
                div.multiples {
                    @for subject in arm.worst() {
                        @let span = subject.picture.last().map_or(Seconds(0), |(at, _)| *at);
                        div.multiple {
                            div {
                                b { (subject.subject) }
                                span { (fixed(subject.summary.ranges.target.get(), 0)) " %" }
                            }
                            @let picture = thumbnail_figure(&subject.picture, span, &subject.subject);
                            (figure(&picture, ""))
                        }
                    }
                }
            }
        }
        div.panel.scroll { (patient_table(report, outcome)) }
    }
}
