//! The page of an analysis: the standard glucose report, person by person.

use maud::{Markup, html};

use super::analysis::{AnalysisReport, AnalysisSubject, RuleCount};
use super::glossary;
use super::glucose_page::risk_zones;
use super::page::{facts, figure, glossary as words, page};
use super::text::{fixed, share, whole};
use crate::figures::{
    AgpSize, GriArm, agp_figure, gri_figure, range_column_figure, range_strip_figure,
    thumbnail_figure,
};
use crate::metrics::{Glucose, GlucoseSummary, Percent, Seconds};

const DAY: Seconds = Seconds(86_400);
const WEEKDAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
/// The profile is in the page twice: across it, and for narrow screens. The style shows one.
const PROFILES: [(&str, AgpSize); 2] =
    [("when-wide", AgpSize::Wide), ("when-narrow", AgpSize::Compact)];
/// More days than this are not drawn one by one.
const MOST_DAYS: usize = 42;
/// More unusable rows than this are not listed in the page.
const MOST_ROWS: usize = 50;

/// The analysis as one self-contained HTML page.
#[must_use]
pub fn analysis_page(report: &AnalysisReport) -> String {
    let source = &report.source;
    let readings: u64 = report
        .subjects
        .iter()
        .map(|s| s.accepted + s.rejected.iter().map(|r| r.count).sum::<u64>())
        .sum();
    let (readings, people) = (readings.to_string(), report.subjects.len().to_string());
    let guessed = if source.unit_guessed { " (a guess)" } else { "" };
    let unit = format!("{}{guessed}", source.unit);
    let top = html! {
        (facts(&[
            ("File", &source.file),
            ("Format", &source.format),
            ("Unit", &unit),
            ("Readings", &readings),
            ("Subjects", &people),
            ("Version", &source.version),
        ]))
        p.notice {
            b { "Not a cleared medical device. " }
            "Homeostat is research software; this page is no basis for a treatment decision."
        }
        @if source.unit_guessed {
            p.notice {
                b { "The unit is a guess: " (source.unit) ". " }
                "It is " (source.unit_known) "."
            }
        }
        @if report.subjects.len() > 1 {
            nav { @for (index, subject) in report.subjects.iter().enumerate() {
                a href={"#person-" (index)} { (name(subject)) }
            } a href="#file" { "The file" } a href="#glossary" { "Words" } }
        }
    };
    let body = html! {
        @if report.subjects.len() > 1 { (overview(report)) }
        @for (index, subject) in report.subjects.iter().enumerate() { (person(subject, index)) }
        (file(report))
        (words(&[&glossary::GLUCOSE]))
        footer { "Written by Homeostat " (source.version) ". Not a cleared medical device." }
    };
    page(&report.title, "glucose report", &top, &body)
}

fn name(subject: &AnalysisSubject) -> &str {
    if subject.subject.is_empty() { "The person" } else { &subject.subject }
}

/// One row a person.
fn overview(report: &AnalysisReport) -> Markup {
    let known =
        report.subjects.iter().filter_map(|subject| Some((subject, subject.summary.as_ref()?)));
    let points = known.map(|(subject, summary)| (name(subject).to_owned(), summary.gri)).collect();
    let everyone = GriArm { name: String::new(), points };
    html! {
        h2 { "Everyone" }
        div.panel.scroll {
            table {
                thead { tr {
                    th.l { "Subject" } th { "days" } th { "active %" } th.l { "time in ranges" }
                    th { "TIR %" } th { "<70 %" } th { "<54 %" } th { ">180 %" } th { ">250 %" }
                    th { "mean" br; "mg/dL" } th { "GMI %" } th { "CV %" } th { "GRI" }
                    th { "rejected" }
                } }
                tbody { @for (index, subject) in report.subjects.iter().enumerate() {
                    @if let Some(summary) = &subject.summary { tr {
                        td.l { a href={"#person-" (index)} { (name(subject)) } }
                        td { (fixed(summary.days, 1)) }
                        td { (fixed(summary.active.get(), 0)) }
                        td.l {
                            span.bar {
                                (figure(&range_strip_figure(&summary.ranges, name(subject)), ""))
                            }
                        }
                        td { b { (share(summary.ranges.target)) } }
                        td { (share(summary.ranges.below_70())) }
                        td { (share(summary.ranges.very_low)) }
                        td { (share(summary.ranges.above_180())) }
                        td { (share(summary.ranges.very_high)) }
                        td { (whole(summary.spread.mean)) }
                        td { (fixed(summary.gmi.get(), 1)) }
                        td { (fixed(summary.spread.coefficient_of_variation.get(), 0)) }
                        td { (fixed(summary.gri.index, 0)) }
                        td { (subject.rejected.iter().map(|rule| rule.count).sum::<u64>()) }
                    } }
                } }
            }
        }
        div.two {
            div.card {
                h3 { "Glycaemia risk" }
                (figure(&gri_figure(std::slice::from_ref(&everyone), "glycaemia risk grid, everyone"), ""))
            }
            div.card {
                div.scroll { table {
                    thead { tr {
                        th.l { "Subject" } th { "lows %" } th { "highs %" } th { "GRI" } th { "zone" }
                    } }
                    tbody { @for (subject, gri) in &everyone.points { tr {
                        td.l { (subject) }
                        td { (fixed(gri.low_component, 1)) } td { (fixed(gri.high_component, 1)) }
                        td { (fixed(gri.index, 0)) } td { (format!("{:?}", gri.zone)) }
                    } } }
                } }
                (risk_zones())
            }
        }
    }
}

fn person(subject: &AnalysisSubject, index: usize) -> Markup {
    html! {
        section.person id={"person-" (index)} {
            h2 { (name(subject)) }
            @if let Some((from, until)) = &subject.period { p.lead { (from) " to " (until) } }
            @if let Some(summary) = &subject.summary {
                div.two {
                    div.card { h3 { "Glucose statistics and targets" } (statistics(summary)) }
                    div.card {
                        h3 { "Time in ranges" }
                        (figure(&range_column_figure(&summary.ranges, "time in ranges"), ""))
                    }
                }
                div.panel {
                    h3 { "Ambulatory glucose profile" }
                    p.small.muted {
                        "All days over one another: median, middle half, and all but one in ten. "
                        "Local wall time."
                    }
                    @let title = "ambulatory glucose profile";
                    @for (class, size) in PROFILES {
                        div class=(class) {
                            (figure(&agp_figure(&subject.profile, size, title), ""))
                        }
                    }
                }
                (days(subject))
                div.two {
                    div.card {
                        h3 { "Glycaemia risk" }
                        (figure(&gri_figure(&[risk(subject, summary)], "glycaemia risk grid"), ""))
                    }
                    div.card { (events(summary)) (risk_zones()) }
                }
            }
            (rejections(subject))
            @if !subject.notes.is_empty() {
                div.panel {
                    h3 { "Notes on the readings" }
                    ul.small { @for note in &subject.notes { li { (note) } } }
                }
            }
        }
    }
}

/// One person on the risk grid.
fn risk(subject: &AnalysisSubject, summary: &GlucoseSummary) -> GriArm {
    GriArm { name: String::new(), points: vec![(name(subject).to_owned(), summary.gri)] }
}

fn statistics(summary: &GlucoseSummary) -> Markup {
    let (spread, gri, risk) = (&summary.spread, &summary.gri, &summary.risk);
    let percent = |value: Percent| format!("{} %", fixed(value.get(), 1));
    let mg_dl = |value: Glucose| format!("{} mg/dL", whole(value));
    let known = |value: Option<Glucose>| value.map_or_else(|| "\u{2013}".to_owned(), mg_dl);
    let indices = format!("{} / {}", fixed(risk.low, 1), fixed(risk.high, 1));
    let rows = [
        ("Days", fixed(summary.days, 1), "aim 14"),
        ("Sensor active", percent(summary.active), "aim \u{2265}70 %"),
        ("Mean glucose", mg_dl(spread.mean), "aim <154"),
        ("GMI", percent(summary.gmi), "aim <7 %"),
        ("Coefficient of variation", percent(spread.coefficient_of_variation), "aim \u{2264}36 %"),
        ("Standard deviation", mg_dl(spread.standard_deviation), ""),
        ("Tight range 70\u{2013}140", percent(summary.ranges.tight), ""),
        ("GRI", format!("{} ({:?})", fixed(gri.index, 0), gri.zone), "aim zone A"),
        ("LBGI / HBGI", indices, "<1.1 / <4.5"),
        ("MAGE", known(summary.mage), ""),
        ("MODD", known(summary.modd), ""),
    ];
    html! {
        dl.stats {
            @for (name, value, aim) in rows { dt { (name) } dd { (value) } dd.aim { (aim) } }
        }
    }
}

fn days(subject: &AnalysisSubject) -> Markup {
    let first = subject.days.first().map_or(0, |day| day.weekday);
    html! {
        div.panel {
            h3 { "Day by day" }
            p.small.muted { "Midnight to midnight; share of the day in 70\u{2013}180 mg/dL." }
            div.week {
                @for weekday in WEEKDAYS { div.head { (weekday) } }
                @for _ in 0..first { div {} }
                @for (index, day) in subject.days.iter().take(MOST_DAYS).enumerate() {
                    // A day without readings leaves its place empty.
                    @for _ in 0..empty_places(subject, index) { div {} }
                    div.multiple {
                        (figure(&thumbnail_figure(&day.readings, DAY, &day.date), ""))
                        div {
                            span { (day.date.get(5..).unwrap_or(&day.date)) }
                            b { (fixed(day.target.get(), 0)) " %" }
                        }
                    }
                }
            }
            @if subject.days.len() > MOST_DAYS {
                p.small.muted { "and " (subject.days.len() - MOST_DAYS) " more days" }
            }
        }
    }
}

/// Weekdays between a day and the one before it that have no readings.
fn empty_places(subject: &AnalysisSubject, index: usize) -> usize {
    let before = index.checked_sub(1).and_then(|before| subject.days.get(before));
    match (before, subject.days.get(index)) {
        (Some(before), Some(day)) => (day.weekday + 13 - before.weekday) % 7,
        _ => 0,
    }
}

fn events(summary: &GlucoseSummary) -> Markup {
    let weeks = homeostat_numeric::max(summary.days, 1.0) / 7.0;
    let episodes = &summary.episodes;
    let rows = [
        ("Low, below 70 mg/dL", episodes.low),
        ("Very low, below 54 mg/dL", episodes.very_low),
        ("Prolonged low, 2 h or more below 70 mg/dL", episodes.prolonged_low),
        ("High, above 180 mg/dL", episodes.high),
        ("Very high, above 250 mg/dL", episodes.very_high),
        ("Prolonged very high, 2 h or more above 250 mg/dL", episodes.prolonged_high),
    ];
    html! {
        h3 { "Episodes" }
        div.scroll {
            table {
                thead { tr { th.l { "At least 15 minutes" } th { "number" } th { "a week" } } }
                tbody { @for (name, count) in rows {
                    tr {
                        td.l.wrap { (name) }
                        td { (count) }
                        td {
                            (fixed(count as f64 / weeks, 1))
                        }
                    }
                } }
            }
        }
    }
}

fn rejections(subject: &AnalysisSubject) -> Markup {
    let rejected: u64 = subject.rejected.iter().map(|rule: &RuleCount| rule.count).sum();
    let all = subject.accepted + rejected;
    let percent = |count: u64| crate::metrics::Percent::of(count as f64, all as f64);
    html! {
        div.panel.scroll {
            h3 { "What the loop would have made of these readings" }
            p.small.muted {
                "The sensing stage would have used " (subject.accepted) " of " (all)
                " readings. The figures above "
                "count every reading, so that they agree with other programs."
            }
            @if !subject.rejected.is_empty() {
                table {
                    thead {
                        tr {
                            th.l { "Rule" } th.l { "What it found" } th { "readings" } th { "%" }
                            th.l { "first at" }
                        }
                    }
                    tbody { @for rule in &subject.rejected {
                        tr {
                            td.l { code { (rule.rule) } }
                            td.l.wrap { (rule.text) }
                            td { (rule.count) }
                            td { (share(percent(rule.count))) }
                            td.l.muted { (rule.examples.first().map_or("", String::as_str)) }
                        }
                    } }
                }
            }
        }
    }
}

fn file(report: &AnalysisReport) -> Markup {
    let unusable = &report.unusable;
    html! {
        h2 id="file" { "The file" }
        @for note in &report.notes { p.small { (note) } }
        @if unusable.total() == 0 {
            p.lead { "Every row gave a reading." }
        } @else {
            p.lead { (unusable.total()) " rows gave no reading. None was dropped in silence:" }
            div.panel.scroll {
                table {
                    thead { tr { th.l { "Reason" } th { "rows" } } }
                    tbody { @for (defect, count) in &unusable.counts {
                        tr { td.l { (defect.text()) } td { (count) } }
                    } }
                }
                @if !unusable.rows.is_empty() {
                    details {
                        summary { "The first " (unusable.rows.len().min(MOST_ROWS)) " of them" }
                        table {
                            thead { tr { th { "line" } th.l { "reason" } th.l { "found" } } }
                            tbody { @for row in unusable.rows.iter().take(MOST_ROWS) {
                                tr {
                                    td { (row.line) } td.l { (row.defect.text()) }
                                    td.l.wrap { (row.found) }
                                }
                            } }
                        }
                    }
                }
            }
        }
        p.small.muted style="margin-top:14px" { "Repeat it:" }
        pre { (report.source.command) }
    }
}
