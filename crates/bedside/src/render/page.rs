//! The whole page: head, sections, the bar with Stop, and the panel in which people act.

use super::{Ages, sections};
use crate::view::{Length, PhaseOffer, View};
use homeostat_record::{Phase, Role};
use maud::{DOCTYPE, Markup, PreEscaped, html};

/// What stands on every page.
pub const NOT_CLEARED: &str = "Homeostat is not a cleared medical device.";

/// Who looks at the page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Visitor {
    /// The role that was signed in with; [`Role::Unknown`] for who only looks.
    pub role: Role,
    /// The last live update that the page already contains.
    pub event: u64,
    /// How long the device has not published a view, in true time.
    pub quiet: Length,
}

/// The whole page; `panel` is what a person does at the moment, if anything.
#[must_use]
pub fn page(view: &View, visitor: &Visitor, panel: Option<Markup>) -> String {
    let acting = panel.is_some();
    let quiet = visitor.quiet > Length(view.clock.report_within.0.saturating_mul(2));
    html! {
        (DOCTYPE)
        html lang="en" {
            (head(view, acting))
            body.lost[quiet] data-boot=(view.clock.boot) data-event=(visitor.event)
                data-now=(view.clock.now.0) data-civil=[view.clock.civil.map(|civil| civil.0)]
                data-zone=(view.clock.zone.minutes_east) data-zone-name=(view.clock.zone.name) data-speed=(view.clock.speed)
                data-report-within=(view.clock.report_within.0) data-quiet=(visitor.quiet.0) {
                (banner(view, quiet, acting))
                header {
                    h1 { (view.therapy) }
                    p { (view.device.identity) " \u{b7} " span #clock { (clock(view)) } }
                    p.cleared { (NOT_CLEARED) }
                    (who(visitor.role))
                }
                @if view.clock.speed != 1 {
                    p.warn.test { "Test: the clock runs " (view.clock.speed) " times faster than life." }
                }
                (parts(view, acting, panel))
                p.away #announce role="status" aria-live="assertive" {}
                (bar(view))
                script src=(crate::server::asset_path("uplot.js")) defer {}
                script type="module" src=(crate::server::asset_path("page.js")) {}
            }
        }
    }
    .into_string()
}

fn head(view: &View, acting: bool) -> Markup {
    html! {
        head {
            meta charset="utf-8";
            meta name="viewport" content="width=device-width, initial-scale=1";
            meta name="color-scheme" content="dark light";
            title { (crate::view::mode_name(view.mode.mode)) " \u{b7} " (view.therapy) }
            link rel="icon" href=(crate::server::asset_path("icon.svg")) type="image/svg+xml";
            link rel="stylesheet" href=(crate::server::asset_path("uplot.css"));
            link rel="stylesheet" href=(crate::server::asset_path("page.css"));
            @if !acting { noscript { meta http-equiv="refresh" content="5"; } }
        }
    }
}

/// What is said when the data on the page are not those of now; filled in by the page's script.
fn banner(view: &View, quiet: bool, acting: bool) -> Markup {
    html! {
        div #banner role="alert" {
            p.lost-only {
                strong #lost-words { "The device does not answer" } ": data as of "
                span.lost-since { @if quiet { (clock(view)) } }
                ", mode unknown. Look at the patient and at the device itself. Stop at the actuator works always."
            }
            noscript {
                @if acting {
                    p { "Without a script this page stands still until you close what is open." }
                } @else {
                    p { "Without a script this page loads itself again every 5 seconds." }
                }
            }
        }
    }
}

fn clock(view: &View) -> String {
    let time = view.clock.time_of_day(view.clock.now);
    time.map_or_else(
        || "time of day unknown".to_owned(),
        |time| format!("{time} {}", view.clock.zone.name),
    )
}

fn who(role: Role) -> Markup {
    html! {
        @if role == Role::Unknown {
            p.who data-role="nobody" { a.button href="/do/sign-in" data-panel { "Sign in to act" } }
        } @else {
            form.who data-role=(role_name(role)) method="post" action="/do/sign-out" {
                span { "Signed in: " (role_name(role)) " " }
                button type="submit" { "Sign out" }
            }
        }
    }
}

/// A role's name for people.
pub(crate) const fn role_name(role: Role) -> &'static str {
    match role {
        Role::Unknown => "nobody",
        Role::User => "user",
        Role::Clinician => "clinician",
        Role::Authorised => "authorised person",
    }
}

fn parts(view: &View, acting: bool, panel: Option<Markup>) -> Markup {
    let all = sections(view, Ages::Written);
    let one = |id: &str| {
        let html = all.iter().find(|section| section.id == id).map(|section| section.html.clone());
        PreEscaped(html.unwrap_or_default())
    };
    html! {
        (one("strip"))
        div #panel role="dialog" aria-labelledby="panel-title" hidden[!acting] {
            @if let Some(panel) = panel { (panel) }
        }
        main {
            (columns(&view.chart.summary, &one))
        }
    }
}

/// The columns of a wide screen; a narrow one shows all in one row, by importance.
fn columns(summary: &str, one: &dyn Fn(&str) -> Markup) -> Markup {
    html! {
        div.column {
            (one("mode"))
            (one("measured"))
            section #chart.card aria-labelledby="chart-title" {
                h2 #chart-title { "Course" }
                div #plot role="img" aria-label=(summary) {}
                p.note #chart-words { (summary) }
            }
            (one("history"))
        }
        div.column {
            (one("alarms"))
            (one("next"))
            (one("delivery"))
            (one("limits"))
            (one("act"))
            (one("device"))
        }
    }
}

/// Stop, take over, acknowledge, pause: always in the same place, and never below the fold.
fn bar(view: &View) -> Markup {
    html! {
        nav #bar aria-label="At once" {
            form method="post" action="/stop" data-stop {
                button.stop type="submit" { "STOP" span { " delivery" } }
            }
            (bar_more(view))
        }
    }
}

/// What stands beside Stop. Stop itself is never replaced under a finger.
pub(super) fn bar_more(view: &View) -> Markup {
    let manual = |offer: &&PhaseOffer| offer.phase == Phase::Manual;
    html! {
        div #bar-more {
            @if view.offers.phases.iter().any(|offer| manual(&offer)) {
                a.button #take-over href="/do/phase/manual" data-panel { "Take over" }
            }
            @if view.offers.acknowledge {
                form method="post" action="/do/acknowledge" data-act {
                    button type="submit" { "Acknowledge" }
                }
            }
            @if let Some(span) = view.offers.audio_pause {
                form method="post" action="/do/audio-pause" data-act {
                    button type="submit" { "Pause audio " (span.words()) }
                }
            }
        }
    }
}

/// The frame of whatever a person does: a title, the content, and the way out.
pub(crate) fn panel(title: &str, content: &Markup) -> Markup {
    html! {
        div.panel-head {
            h2 #panel-title tabindex="-1" { (title) }
            a.button.close href="/" data-close { "Close" }
        }
        (content)
    }
}

/// A panel within the whole page, for who has no script.
pub(crate) fn panel_page(view: &View, visitor: &Visitor, title: &str, content: &Markup) -> String {
    page(view, visitor, Some(panel(title, content)))
}
