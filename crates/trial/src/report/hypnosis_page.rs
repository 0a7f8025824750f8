//! The hypnosis part of a trial's page.

use maud::{Markup, html};

use super::hypnosis::{HypnosisArm, HypnosisOutcome, HypnosisSpread, HypnosisSubject};
use super::model::TrialReport;
use super::page::figure;
use super::text::fixed;
use crate::figures::{
    Authority, hypnosis_envelope_figure, hypnosis_thumbnail, hypnosis_trace_figure,
};
use crate::metrics::{HypnosisMeasure, Seconds};

/// The sections that the page's contents name.
pub(super) const SECTIONS: [(&str, &str); 4] = [
    ("measures", "Measures"),
    ("cohort", "Cohort"),
    ("traces", "Worst, p1, p10, median"),
    ("patients", "Persons"),
];

/// Persons shown of each arm; all of them stand in `subjects.csv`.
const SHOWN: usize = 40;

fn with_unit(measure: HypnosisMeasure) -> String {
    match measure.unit() {
        "" => measure.name().to_owned(),
        unit => format!("{}, {unit}", measure.name()),
    }
}

fn written(measure: HypnosisMeasure, value: f64) -> String {
    fixed(value, measure.decimals())
}

/// Cards an arm.
pub(super) fn headline(report: &TrialReport, outcome: &HypnosisOutcome) -> Markup {
    let (from, to) = outcome.scored_minutes;
    html! {
        h2 id="arms" { "Arms" }
        p.lead {
            "The same persons, stimuli and noise under each arm. Measures are taken on the true index, "
            "before its delay; maintenance is minute " (fixed(from, 0)) " to " (fixed(to, 0)) "."
        }
        div.cards {
            @for (index, arm) in outcome.arms.iter().enumerate() { (card(report, arm, index)) }
        }
    }
}

fn card(report: &TrialReport, arm: &HypnosisArm, index: usize) -> Markup {
    let name = report.arm_name(&arm.arm);
    let description = report.arms.iter().find(|known| known.id == arm.arm);
    let median = |measure| {
        let spread = arm.spread(measure);
        spread.map_or("\u{2013}".to_owned(), |spread| written(measure, spread.percentiles[2]))
    };
    let p10 = arm.spread(HypnosisMeasure::Adequate).map_or(0.0, |spread| spread.percentiles[1]);
    let nadir = arm.spread(HypnosisMeasure::Nadir).map_or(0.0, |spread| spread.percentiles[0]);
    let persons = arm.subjects.len();
    html! {
        div class={"card arm arm-" (index % 4)} {
            h3 { (name) }
            @if let Some(known) = description { div.about.small.muted { (known.description) } }
            div.hero {
                b { (median(HypnosisMeasure::Adequate)) }
                span { "% of maintenance in 40\u{2013}60, median person" }
            }
            dl.pairs {
                dt { "the same, p10" } dd { (fixed(p10, 1)) " %" }
                dt { "ever below 30" } dd { (arm.deep.0) " of " (persons) }
                dt { "ever below 20" } dd { (arm.deep.1) " of " (persons) }
                dt { "below 60 within 5 min" } dd { (arm.asleep) " of " (persons) }
                dt { "nadir of induction, p1" } dd { (fixed(nadir, 1)) }
                dt { "MDAPE" } dd { (median(HypnosisMeasure::MedianAbsoluteError)) " %" }
                dt { "global score" } dd { (median(HypnosisMeasure::GlobalScore)) }
            }
        }
    }
}

/// Measures, cohort and traces.
pub(super) fn figures(report: &TrialReport, outcome: &HypnosisOutcome) -> Markup {
    html! {
        h2 id="measures" { "Measures" }
        p.lead {
            "Median person, all but two in ten, the hundredth at the bad end, and the worst by name. They "
            "belong together: with a target of 50 the share of time in 40\u{2013}60 has a knife edge where "
            "a stimulus of 10 ends on 60."
        }
        div.panel.scroll { (measure_table(report, outcome)) }
        h2 id="cohort" { "The cohort through the trial" }
        p.lead {
            "True index. Line: median person. Bands: p10 to p90, and p1 to p99. Green zone: 40\u{2013}60; "
            "dashed: 30."
        }
        @for (index, arm) in outcome.arms.iter().enumerate() {
            @let name = report.arm_name(&arm.arm);
            div class={"panel arm arm-" (index % 4)} {
                h3 { (name) }
                div.scroll {
                    @let title = format!("cohort, {name}");
                    (figure(&hypnosis_envelope_figure(&arm.envelope, &title), "long"))
                }
            }
        }
        (traces(report, outcome))
    }
}

fn measure_table(report: &TrialReport, outcome: &HypnosisOutcome) -> Markup {
    html! {
        table {
            thead { tr {
                th.l { "Measure" } th.l { "Arm" } th { "median" } th { "p10" } th { "p90" }
                th { "p1" } th { "p99" } th { "worst" } th.l { "who" } th { "persons" }
            } }
            tbody {
                @for measure in HypnosisMeasure::ALL {
                    @for (index, arm) in outcome.arms.iter().enumerate() {
                        tr.first[index == 0] {
                            td.l { @if index == 0 { b { (with_unit(measure)) } } }
                            td.l.muted { (report.arm_name(&arm.arm)) }
                            @match arm.spread(measure) {
                                Some(spread) => { (spread_cells(spread)) }
                                None => { td.l.muted colspan="8" { "nobody" } }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn spread_cells(spread: &HypnosisSpread) -> Markup {
    let measure = spread.measure;
    let [p1, p10, median, p90, p99] = spread.percentiles.map(|value| written(measure, value));
    html! {
        td { b { (median) } } td { (p10) } td { (p90) } td { (p1) } td { (p99) }
        td { (written(measure, spread.worst)) } td.l.muted { (spread.worst_subject) }
        td.muted { (spread.persons) }
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

fn traces(report: &TrialReport, outcome: &HypnosisOutcome) -> Markup {
    let any = outcome.arms.iter().any(|arm| !arm.traces.is_empty());
    html! {
        @if any {
            h2 id="traces" { "The worst person of each arm, and those at p1, p10 and the median" }
            p.lead {
                "Index: line true, dots as the monitor showed it (later and noisy), dotted the target. "
                "Infusion as it reached the person. Effect site: line true, dashed what the controller "
                "estimates, dotted what it steers to. The strip shows the loop's authority by height and "
                "colour; red triangles: alarms, their letters and the numbers explained beneath; ticks: the "
                "guard began to reduce or replace proposals."
            }
            div.legend {
                @for authority in Authority::ALL {
                    span {
                        i style={"background:var(" (variable(authority)) ")"} {} (authority.name())
                    }
                }
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
                                    (figure(&hypnosis_trace_figure(trace, &title), "long"))
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// Small pictures and numbers of the worst persons.
pub(super) fn patients(report: &TrialReport, outcome: &HypnosisOutcome) -> Markup {
    html! {
        h2 id="patients" { "Persons" }
        p.lead {
            "Each person's whole anaesthetic, worst first: the deepest below 30, then the least time in "
            "40\u{2013}60. "
            @if outcome.arms.iter().any(|arm| arm.subjects.len() > SHOWN) {
                "The worst " (SHOWN) " of each arm; all stand in subjects.csv."
            }
        }
        @for (index, arm) in outcome.arms.iter().enumerate() {
            div class={"panel arm arm-" (index % 4)} {
                h3 { (report.arm_name(&arm.arm)) }
                div.multiples {
                    @for subject in arm.worst().into_iter().take(SHOWN) { (multiple(subject)) }
                }
            }
        }
    }
}

fn multiple(subject: &HypnosisSubject) -> Markup {
    let span = subject.picture.last().map_or(Seconds(0), |(at, _)| *at);
    let (adequate, lowest) = (subject.summary.adequate, subject.summary.lowest);
    html! {
        div.multiple {
            div {
                b { (subject.subject) }
                span { (fixed(adequate, 0)) " %, lowest " (fixed(lowest, 0)) }
            }
            (figure(&hypnosis_thumbnail(&subject.picture, span, &subject.subject), ""))
        }
    }
}
