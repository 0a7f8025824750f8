//! The mode: sign, name, since when, why, what the device does, what to do, how to return.
//!
//! Alarm colours (red, yellow, cyan) belong to alarms; a mode is told by its sign, its name and the
//! pattern of its edge.

use super::Painter;
use crate::view::{mode_code, mode_name};
use homeostat_record::Mode;
use maud::{Markup, PreEscaped, html};

pub(super) fn section(painter: Painter<'_>) -> Markup {
    let mode = &painter.view.mode;
    html! {
        section #mode.card.(family(mode.mode)) aria-labelledby="mode-name" data-mode=(mode_code(mode.mode)) {
            div.plate {
                (sign(mode.mode))
                div {
                    h2 #mode-name { (mode_name(mode.mode)) }
                    p.lost-only #mode-unknown {
                        strong { "Mode unknown since " span.lost-since {} }
                        " \u{2014} what stands here is the last that was known."
                    }
                    p.since { (mode_code(mode.mode)) ", since " (painter.since(mode.since)) }
                }
            }
            dl.words {
                dt { "Why" } dd { (mode.why) }
                dt { "The device" } dd {
                    (mode.doing)
                    @if let Some(left) = &mode.time_left {
                        " " (left.words) " at " (painter.time(left.at))
                        " (" (painter.until(left.at)) ")."
                    }
                }
                dt { "You" } dd { strong { (mode.what_to_do) } }
                dt { "Back to automatic" } dd { (mode.how_to_return) }
            }
        }
    }
}

/// Mode and value in one line that stays in sight while a small screen is scrolled. It repeats what
/// the sections say, so it is not read out again.
pub(super) fn strip(painter: Painter<'_>) -> Markup {
    let (mode, measured) = (painter.view.mode.mode, &painter.view.controlled);
    let stale = painter.stale(measured.taken, measured.stale_after());
    let worst = painter.view.alarms.conditions.iter().map(|alarm| alarm.priority).max();
    html! {
        div #strip.(family(mode)).stale[stale] aria-hidden="true"
            data-taken=[measured.taken.map(|at| at.0)]
            data-stale-after=(measured.stale_after().0) {
            (sign(mode))
            strong.mode-now { (mode_name(mode)) }
            strong.mode-lost { "Mode unknown" }
            span {
                span.value { (measured.value.as_deref().unwrap_or("\u{2013}")) } " " (measured.unit) " "
                @if let Some(taken) = measured.taken { (painter.age(taken)) }
                span.stale-only { " stale" }
            }
            @if let Some(worst) = worst { (super::alarms::badge(worst)) }
        }
    }
}

/// What a mode looks like; never the only cue.
const fn family(mode: Mode) -> &'static str {
    match mode {
        Mode::Automatic | Mode::AutomaticLimited => "automatic",
        Mode::Manual | Mode::Advisory | Mode::Handover => "by-hand",
        Mode::FallbackBackground | Mode::FallbackSuspend | Mode::FailStop => "fallback",
        Mode::Off | Mode::SelfTest | Mode::Standby | Mode::Service => "idle",
    }
}

/// A drawing per mode, told apart by shape alone.
pub(super) fn sign(mode: Mode) -> Markup {
    let drawing = match mode {
        Mode::Off => r#"<circle cx="24" cy="24" r="17"/><path d="M24 13v14"/>"#,
        Mode::SelfTest => {
            r#"<circle cx="21" cy="21" r="12"/><path d="M30 30l12 12M16 21l4 4 7-8"/>"#
        }
        Mode::Standby => r#"<circle cx="24" cy="24" r="17"/><path d="M15 24h18"/>"#,
        Mode::Manual => {
            r#"<path d="M15 42V22a3 3 0 0 1 6 0V10a3 3 0 0 1 6 0v10a3 3 0 0 1 6 0v4a3 3 0 0 1 6 0v9c0 5-4 9-9 9z"/>"#
        }
        Mode::Advisory => r#"<path d="M8 8h32v24H24l-9 9v-9H8z"/><path d="M16 20l5 5 10-10"/>"#,
        Mode::Automatic => r#"<path d="M40 24a16 16 0 1 1-5-11.6"/><path d="M36 3v11H25"/>"#,
        Mode::AutomaticLimited => {
            r#"<path d="M40 27a16 16 0 1 1-5-11.6"/><path d="M36 6v11H25"/><path d="M6 4h24"/><path d="M17 27h14"/>"#
        }
        Mode::FallbackBackground => r#"<path d="M6 12h12v11h12v11h12"/><path d="M36 28l6 6-6 6"/>"#,
        Mode::FallbackSuspend => r#"<path d="M16 8v32M32 8v32" stroke-width="8"/>"#,
        Mode::FailStop => {
            r#"<path d="M16 4h16l12 12v16L32 44H16L4 32V16z"/><path d="M16 16l16 16M32 16L16 32"/>"#
        }
        Mode::Service => {
            r#"<path d="M41 12a10 10 0 0 1-13 13L14 40a4 4 0 0 1-6-6l15-14A10 10 0 0 1 36 7l-7 7 5 5z"/>"#
        }
        Mode::Handover => r#"<path d="M4 16h30M26 8l8 8-8 8M44 32H14M22 24l-8 8 8 8"/>"#,
    };
    html! {
        svg.sign viewBox="0 0 48 48" width="48" height="48" aria-hidden="true" focusable="false" {
            (PreEscaped(drawing))
        }
    }
}
