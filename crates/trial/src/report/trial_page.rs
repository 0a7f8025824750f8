//! The page of a trial: what holds for every therapy.

use maud::{Markup, html};

use super::glossary;
use super::glucose_page;
use super::hypnosis_page;
use super::model::{Criterion, CriterionKind, Outcome, TrialReport};
use super::page::{facts, glossary as words, mark, page};
use super::text::fixed;

/// The report of a trial as one self-contained HTML page.
#[must_use]
pub fn trial_page(report: &TrialReport) -> String {
    let top = html! {
        (verdict(report))
        (run_facts(report))
        p.notice {
            b { "Not a cleared medical device. " }
            "Homeostat is research software. These are simulated patients: in-silico results "
            "support "
            "evidence for engineering decisions and carry no clinical claim."
        }
        nav {
            a href="#arms" { "Arms" }
            @for (id, name) in outcome_sections(&report.outcome) { a href={"#" (id)} { (name) } }
            @if !report.criteria.is_empty() { a href="#criteria" { "Criteria" } }
            @if !report.hazards.rows.is_empty() { a href="#hazards" { "Hazards" } }
            a href="#repeat" { "Repeat it" }
            a href="#glossary" { "Words" }
        }
    };
    let body = html! {
        @match &report.outcome {
            Outcome::Glucose(outcome) => { (glucose_page::headline(report, outcome)) }
            Outcome::Hypnosis(outcome) => { (hypnosis_page::headline(report, outcome)) }
        }
        (criteria(report))
        @match &report.outcome {
            Outcome::Glucose(outcome) => { (glucose_page::figures(report, outcome)) }
            Outcome::Hypnosis(outcome) => { (hypnosis_page::figures(report, outcome)) }
        }
        (hazards(report))
        @match &report.outcome {
            Outcome::Glucose(outcome) => { (glucose_page::patients(report, outcome)) }
            Outcome::Hypnosis(outcome) => { (hypnosis_page::patients(report, outcome)) }
        }
        (repeat(report))
        (words(&[terms(&report.outcome), &glossary::LOOP]))
        footer {
            "Written by Homeostat " (report.run.version) " from seed " (report.run.seed)
            ". The same command gives the same bytes. Not a cleared medical device."
        }
    };
    page(&report.title, "trial report", &top, &body)
}

fn outcome_sections(outcome: &Outcome) -> &'static [(&'static str, &'static str)] {
    match outcome {
        Outcome::Glucose(_) => &glucose_page::SECTIONS,
        Outcome::Hypnosis(_) => &hypnosis_page::SECTIONS,
    }
}

const fn terms(outcome: &Outcome) -> &'static [(&'static str, &'static str)] {
    match outcome {
        Outcome::Glucose(_) => &glossary::GLUCOSE,
        Outcome::Hypnosis(_) => &glossary::HYPNOSIS,
    }
}

fn verdict(report: &TrialReport) -> Markup {
    let musts: Vec<&Criterion> =
        report.criteria.iter().filter(|row| row.kind == CriterionKind::Must).collect();
    let passed = musts.iter().filter(|row| row.passed).count();
    html! {
        @if !musts.is_empty() {
            @if report.passed() {
                div.verdict.good {
                    (mark(true)) "Passed: " (passed) " of " (musts.len()) " required criteria"
                }
            } @else {
                div.verdict.bad {
                    (mark(false)) "Not passed: " (musts.len() - passed) " of " (musts.len())
                    " required criteria failed"
                }
            }
        }
    }
}

fn run_facts(report: &TrialReport) -> Markup {
    let seed = report.run.seed.to_string();
    let mut rows = vec![("Scenario", report.run.scenario.as_str())];
    rows.extend(report.run.facts.iter().map(|(name, value)| (name.as_str(), value.as_str())));
    rows.push(("Seed", &seed));
    rows.push(("Version", &report.run.version));
    facts(&rows)
}

fn criteria(report: &TrialReport) -> Markup {
    html! {
        @if !report.criteria.is_empty() {
            h2 id="criteria" { "Criteria" }
            p.lead {
                "Required rows decide whether the trial passes. Aims are reported and decide "
                "nothing."
            }
            div.panel.scroll {
                table {
                    thead { tr {
                        th.l { "Result" } th.l { "Criterion" } th.l { "Kind" } th.l { "Required" }
                        th.l { "Reached" } th.l { "Source" }
                    } }
                    tbody {
                        @for row in &report.criteria {
                            tr {
                                @if row.passed { td.l.pass { "\u{2713} pass" } }
                                @else if row.kind == CriterionKind::Must {
                                    td.l.fail { "\u{2717} fail" }
                                }
                                @else { td.l.muted { "\u{2013} not reached" } }
                                td.l.wrap { (row.what) }
                                td.l.muted {
                                    @if row.kind == CriterionKind::Must { "required" }
                                    @else { "aim" }
                                }
                                td.l { (row.required) }
                                td.l { (row.reached) }
                                td.l.muted { (row.id) }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn hazards(report: &TrialReport) -> Markup {
    let (rows, measures) = (&report.hazards.rows, &report.hazards.measures);
    html! {
        @if !rows.is_empty() {
            h2 id="hazards" { "Hazards" }
            p.lead { "The same cohort with one thing going wrong at a time, and what it did." }
            div.panel.scroll {
                table {
                    thead { tr {
                        th.l { "Hazard" } th.l { "Arm" }
                        @for measure in measures { th { (measure.name) } }
                        th.l { "Bound" }
                    } }
                    tbody {
                        @for (index, row) in rows.iter().enumerate() {
                            @let before = index.checked_sub(1).map(|before| &rows[before].hazard);
                            @let new = before != Some(&row.hazard);
                            tr.first[new && index > 0] {
                                td.l.wrap { @if new { (row.hazard) } }
                                td.l { (report.arm_name(&row.arm)) }
                                @for (column, measure) in measures.iter().enumerate() {
                                    td {
                                        @match row.values.get(column).copied().flatten() {
                                            Some(value) => { (fixed(value, measure.decimals)) }
                                            None => { "\u{2013}" }
                                        }
                                    }
                                }
                                @match row.passed {
                                    Some(true) => { td.l.pass { "\u{2713} held" } }
                                    Some(false) => { td.l.fail { "\u{2717} broken" } }
                                    None => { td.l.muted { "none" } }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn repeat(report: &TrialReport) -> Markup {
    html! {
        h2 id="repeat" { "Repeat it" }
        p.lead {
            "This command runs the same trial again and writes the same files, byte for byte."
        }
        pre { (report.run.command) }
        @for note in &report.notes { p.small.muted { (note) } }
    }
}
