//! What was ordered and what arrived, the limits in use, the next action.

use super::{Painter, verdict};
use crate::view::{Amount, Channel, Limit};
use maud::{Markup, html};

/// From this share on a limit is called near (thousandths).
const NEAR: u32 = 800;

pub(super) fn section(painter: Painter<'_>) -> Markup {
    html! {
        section #delivery.card aria-labelledby="delivery-title" {
            h2 #delivery-title { "Delivery" }
            @for channel in &painter.view.channels { (one(painter, channel)) }
        }
    }
}

fn one(painter: Painter<'_>, channel: &Channel) -> Markup {
    let after = channel.interval.plus(channel.allowance);
    html! {
        div.channel.stale[painter.stale(channel.reported, after)]
            data-taken=[channel.reported.map(|at| at.0)] data-stale-after=(after.0) {
            h3 { (channel.name) }
            p.reading { span.value.now { (channel.now) } " " span.source { (channel.source) } }
            p.stale-only {
                strong { "Stale" } ": the actuator has not reported for more than "
                (after.words()) ". What it delivers now is unknown."
            }
            p.about {
                (verdict(channel.well)) " " (channel.actuator)
                @if let Some(at) = channel.reported { " \u{b7} reported " (painter.since(at)) }
            }
            @if !channel.temporary.is_empty() { p.warn { (channel.temporary) } }
            table {
                caption.away { (channel.name) ": amounts of this session" }
                thead { tr { th scope="col" { "this session" } th scope="col" { "amount" } th scope="col" { "counted" } } }
                tbody {
                    (row(painter, "ordered", &channel.ordered, "not known"))
                    (row(painter, "accepted", &channel.accepted, "not known"))
                    (row(painter, "delivered", &channel.delivered, "not known"))
                    (row(painter, "verified", &channel.verified, "no independent measurement"))
                }
            }
            @if !channel.uncertain.is_empty() { p.warn { (channel.uncertain) } }
            table {
                caption.away { (channel.name) ": delivered in windows that end now" }
                thead { tr { th scope="col" { "delivered in the last" } th scope="col" { "amount" } } }
                tbody {
                    @for total in &channel.totals {
                        tr {
                            th scope="row" { (total.window.window()) }
                            td.number { @if !total.whole { "at least " } (total.text) }
                        }
                    }
                }
            }
            @if channel.totals.iter().any(|total| !total.whole) {
                p.about { "At least: the record does not reach back so far." }
            }
        }
    }
}

fn row(painter: Painter<'_>, name: &str, amount: &Amount, none: &str) -> Markup {
    html! {
        tr {
            th scope="row" { (name) }
            td.number.none[amount.text.is_none()] { (amount.text.as_deref().unwrap_or(none)) }
            td { @if let Some(at) = amount.at { (painter.age(at)) } @else { "\u{2013}" } }
        }
    }
}

pub(super) fn limits(painter: Painter<'_>) -> Markup {
    html! {
        section #limits.card aria-labelledby="limits-title" {
            h2 #limits-title { "Limits in use" }
            @if painter.view.limits.is_empty() { p.quiet { "No limit is in use in this mode." } }
            ul.limits { @for limit in &painter.view.limits { (bar(limit)) } }
        }
    }
}

fn bar(limit: &Limit) -> Markup {
    let percent = limit.share / 10;
    html! {
        li.limit.binding[limit.binding] {
            p {
                (limit.name) ": " strong { (limit.used) } " of " (limit.bound)
                " (" (percent) "\u{a0}%) " span.limit-state { (state(limit)) }
            }
            svg.bar viewBox="0 0 1000 10" preserveAspectRatio="none" aria-hidden="true" {
                rect.used width=(limit.share.min(1_000)) height="10" {}
                path d="M800 0v10" {}
            }
        }
    }
}

fn state(limit: &Limit) -> &'static str {
    match (limit.binding, limit.share) {
        (true, _) => "! bound the last order",
        (false, 1_000..) => "! reached",
        (false, NEAR..) => "near",
        (false, _) => "",
    }
}

pub(super) fn next(painter: Painter<'_>) -> Markup {
    html! {
        section #next.card aria-labelledby="next-title" {
            h2 #next-title { "Next" }
            @match &painter.view.next {
                Some(next) => p {
                    strong { (next.words) } " at " (painter.time(next.at))
                    " (" (painter.until(next.at)) ")"
                },
                None => p { "Nothing is planned. The device does nothing by itself now." },
            }
        }
    }
}
