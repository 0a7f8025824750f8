//! What is measured, never without its age and quality; old values are struck and named old.

use super::Painter;
use crate::view::{Grade, Measured, Trend, TrendSign};
use maud::{Markup, html};

pub(super) fn section(painter: Painter<'_>) -> Markup {
    html! {
        section #measured.card aria-labelledby="measured-title" {
            h2 #measured-title.away { "Measured" }
            (variable(painter, &painter.view.controlled, true))
            @if !painter.view.others.is_empty() {
                div.others {
                    @for other in &painter.view.others { (variable(painter, other, false)) }
                }
            }
        }
    }
}

fn variable(painter: Painter<'_>, measured: &Measured, large: bool) -> Markup {
    let stale = painter.stale(measured.taken, measured.stale_after());
    html! {
        div.variable.controlled[large].stale[stale]
            data-taken=[measured.taken.map(|at| at.0)]
            data-stale-after=(measured.stale_after().0) {
            h3 { (measured.name) }
            p.reading {
                @if let Some(value) = &measured.value {
                    span.value { (value) } " " span.unit { (measured.unit) }
                    @if let Some(trend) = &measured.trend { (arrow(trend)) }
                } @else {
                    span.value.none { "no value" }
                }
                @if !measured.place.is_empty() { " " span.place { (measured.place) } }
            }
            p.stale-only {
                strong { "Stale" } ": no new value for more than "
                (measured.stale_after().words()) ". Do not act on it."
            }
            p.about {
                @if let Some(taken) = measured.taken {
                    "taken " (painter.since(taken)) " \u{b7} "
                }
                span.quality.(grade(measured.quality.grade)) { (quality_words(measured)) }
                @if let Some(trend) = &measured.trend { " \u{b7} " (trend.words) }
            }
            @if !measured.aim.is_empty() || !measured.alarm_limits.is_empty() {
                p.about {
                    @if !measured.aim.is_empty() { "target " (measured.aim) }
                    @if !measured.aim.is_empty() && !measured.alarm_limits.is_empty() { " \u{b7} " }
                    @if !measured.alarm_limits.is_empty() { "alarms " (measured.alarm_limits) }
                }
            }
        }
    }
}

fn quality_words(measured: &Measured) -> String {
    let name = match measured.quality.grade {
        Grade::Good => "good",
        Grade::Reduced => "! reduced",
        Grade::Poor => "!! poor",
    };
    let words = &measured.quality.words;
    if words.is_empty() { format!("quality {name}") } else { format!("quality {name}: {words}") }
}

const fn grade(grade: Grade) -> &'static str {
    match grade {
        Grade::Good => "good",
        Grade::Reduced => "reduced",
        Grade::Poor => "poor",
    }
}

fn arrow(trend: &Trend) -> Markup {
    let (turn, double) = match trend.sign {
        TrendSign::RisesFast => ("rotate(-90 12 12)", true),
        TrendSign::Rises => ("rotate(-45 12 12)", false),
        TrendSign::Steady => ("rotate(0 12 12)", false),
        TrendSign::Falls => ("rotate(45 12 12)", false),
        TrendSign::FallsFast => ("rotate(90 12 12)", true),
    };
    html! {
        " " svg.trend viewBox="0 0 24 24" width="24" height="24" role="img" aria-label=(trend.words) {
            g transform=(turn) {
                path d="M3 12h17M13 5l7 7-7 7" {}
                @if double { path d="M6 5l7 7-7 7" {} }
            }
        }
    }
}
