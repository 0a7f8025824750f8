//! The past, and the device itself.

use super::{Painter, verdict};
use crate::view::{PastKind, State};
use maud::{Markup, html};

pub(super) fn history(painter: Painter<'_>) -> Markup {
    html! {
        section #history.card aria-labelledby="history-title" {
            h2 #history-title { "What happened" }
            @if painter.view.history.is_empty() { p.quiet { "Nothing yet." } }
            @else {
                div.scroll tabindex="0" role="group" aria-labelledby="history-title" {
                    table {
                        thead.away { tr { th scope="col" { "when" } th scope="col" { "kind" } th scope="col" { "what" } } }
                        tbody {
                            @for past in &painter.view.history {
                                tr {
                                    td { (painter.time(past.at)) }
                                    td.kind { (kind(past.kind)) }
                                    td { (past.words) }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

const fn kind(kind: PastKind) -> &'static str {
    match kind {
        PastKind::Mode => "mode",
        PastKind::Dose => "dose",
        PastKind::Alarm => "alarm",
        PastKind::Person => "person",
    }
}

pub(super) fn section(painter: Painter<'_>) -> Markup {
    let device = &painter.view.device;
    html! {
        section #device.card aria-labelledby="device-title" {
            h2 #device-title { "Device" }
            dl.facts {
                dt { "Identity" } dd { (device.identity) }
                dt { "Software" } dd { (device.software) }
                dt { "Profile" } dd { (device.profile) }
            }
            ul.states {
                (state(painter, &device.self_test))
                @for link in &device.links { (state(painter, link)) }
                (state(painter, &device.record))
                (state(painter, &device.power))
            }
        }
    }
}

fn state(painter: Painter<'_>, state: &State) -> Markup {
    html! {
        li.unwell[!state.well] {
            (verdict(state.well)) " " (state.name) ": " (state.words)
            @if let Some(at) = state.heard { " \u{b7} " (painter.age(at)) }
        }
    }
}
