//! What people may do, apart from what stands in the bar at the foot of every page.

use super::Painter;
use crate::view::{PhaseOffer, phase_id, phase_name};
use homeostat_record::Phase;
use maud::{Markup, html};

pub(super) fn section(painter: Painter<'_>) -> Markup {
    let offers = &painter.view.offers;
    html! {
        section #act.card aria-labelledby="act-title" {
            h2 #act-title { "Do" }
            @if let Some(pending) = &offers.pending {
                div.pending {
                    p { strong { "Waits for you: " } (pending.words) }
                    p.since { (pending.expires.words) " " (painter.until(pending.expires.at)) }
                    a.button href="/do/confirm" data-panel { "Confirm \u{2026}" }
                }
            }
            @if !offers.entries.is_empty() {
                ul.buttons {
                    @for entry in &offers.entries {
                        li { a.button href=(format!("/do/enter/{}", entry.id)) data-panel { (entry.name) " \u{2026}" } }
                    }
                }
            }
            @if !offers.statements.is_empty() {
                ul.buttons {
                    @for statement in &offers.statements {
                        li { a.button href=(format!("/do/say/{}", statement.id)) data-panel { (statement.name) " \u{2026}" } }
                    }
                }
            }
            ul.buttons {
                @for offer in offers.phases.iter().filter(|offer| offer.phase != Phase::Manual) {
                    li { (phase(offer)) }
                }
                @if offers.reconcile.is_some() {
                    li { a.button href="/do/reconcile" data-panel { "Reconcile amounts \u{2026}" } }
                }
                @if offers.reset.is_some() {
                    li { a.button href="/do/reset" data-panel { "Reset \u{2026}" } }
                }
            }
        }
    }
}

fn phase(offer: &PhaseOffer) -> Markup {
    let href = format!("/do/phase/{}", phase_id(offer.phase));
    html! {
        a.button href=(href) data-panel {
            (phase_name(offer.phase)) " \u{2026}"
            @if !offer.unmet.is_empty() { " (not yet: " (offer.unmet.len()) " missing)" }
        }
    }
}
