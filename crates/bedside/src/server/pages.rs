//! Looking: the page, its chart, its assets, and the panels in which people begin to act.

use super::doors::Token;
use super::{App, assets};
use crate::render::{Visitor, page, panel, panel_page, role_name};
use crate::view::{Entry, Length, PhaseOffer, Statement, View, phase_id, phase_name};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use homeostat_record::{Phase, Role};
use maud::{Markup, html};

/// The name of the session's cookie.
pub(super) const COOKIE: &str = "homeostat-bedside";

pub(super) async fn home(State(app): State<App>, headers: HeaderMap) -> Response {
    let visitor = visitor(&app, &headers);
    Html(page(&app.view(), &visitor, None)).into_response()
}

pub(super) async fn chart(State(app): State<App>) -> Response {
    Json(&app.view().chart).into_response()
}

pub(super) async fn asset(Path(name): Path<String>) -> Response {
    assets::asset(&name)
}

pub(super) async fn nothing_here(State(app): State<App>, headers: HeaderMap) -> Response {
    let words = html! { p { "There is nothing at this address." } };
    answer(&app, &headers, StatusCode::NOT_FOUND, "Nothing here", &words)
}

pub(super) async fn sign_in(State(app): State<App>, headers: HeaderMap) -> Response {
    let form = html! {
        form method="post" action="/do/sign-in" {
            p { "Stop needs no sign-in. Everything else does." }
            (pin_field(Role::Unknown))
            button.primary type="submit" { "Sign in" }
        }
    };
    answer(&app, &headers, StatusCode::OK, "Sign in", &form)
}

pub(super) async fn enter(
    State(app): State<App>,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Response {
    let view = app.view();
    let Some(entry) = find_entry(&view, &id) else { return gone(&app, &headers) };
    let form = entry_form(entry, visitor(&app, &headers).role, "", None);
    answer(&app, &headers, StatusCode::OK, &entry.name, &form)
}

pub(super) async fn phase(
    State(app): State<App>,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Response {
    let view = app.view();
    let Some(offer) = find_phase(&view, &id) else { return gone(&app, &headers) };
    let role = visitor(&app, &headers).role;
    let title = phase_title(offer.phase);
    let form = html! {
        @if offer.phase == Phase::Manual { (handover(&view)) }
        p { (offer.words) }
        @if !offer.unmet.is_empty() {
            p { strong { "Not possible yet. Missing:" } }
            ul { @for missing in &offer.unmet { li { (missing) } } }
        }
        form method="post" action=(format!("/do/phase/{}", phase_id(offer.phase))) {
            (pin_field(role))
            button.primary type="submit" disabled[!offer.unmet.is_empty()] { (title) " now" }
        }
    };
    answer(&app, &headers, StatusCode::OK, &title, &form)
}

pub(super) async fn say(
    State(app): State<App>,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Response {
    let view = app.view();
    let Some(statement) = find_statement(&view, &id) else { return gone(&app, &headers) };
    let role = visitor(&app, &headers).role;
    let form = html! {
        p { (statement.words) }
        form method="post" action=(format!("/do/say/{id}")) {
            (pin_field(role))
            button.primary type="submit" { (statement.name) " now" }
        }
    };
    answer(&app, &headers, StatusCode::OK, &statement.name, &form)
}

/// What is asked for without a number: confirm, reconcile, reset.
pub(super) async fn simple(
    State(app): State<App>,
    headers: HeaderMap,
    Path(what): Path<String>,
) -> Response {
    let view = app.view();
    let offers = &view.offers;
    let (title, words) = match what.as_str() {
        "confirm" => ("Confirm", offers.pending.as_ref().map(|pending| &pending.words)),
        "reconcile" => ("Reconcile amounts", offers.reconcile.as_ref()),
        "reset" => ("Reset", offers.reset.as_ref()),
        _ => return nothing_here(State(app), headers).await,
    };
    let Some(words) = words else { return gone(&app, &headers) };
    let role = visitor(&app, &headers).role;
    let form = html! {
        p { (words) }
        form method="post" action=(format!("/do/{what}")) {
            (pin_field(role))
            button.primary type="submit" { (title) " now" }
        }
    };
    answer(&app, &headers, StatusCode::OK, title, &form)
}

/// What was on offer when the page was made is not any more.
pub(super) fn gone(app: &App, headers: &HeaderMap) -> Response {
    let words = html! { p { "This cannot be done now. Look at the mode and try again." } };
    answer(app, headers, StatusCode::CONFLICT, "Not possible now", &words)
}

/// Who asks, as far as the cookie says.
pub(super) fn visitor(app: &App, headers: &HeaderMap) -> Visitor {
    let now = app.0.ticks.now();
    let hub = app.hub();
    let quiet = u64::try_from(hub.quiet(now).as_millis()).unwrap_or(u64::MAX);
    let role = session(headers).map_or(Role::Unknown, |token| app.doors().role_idle(&token, now));
    Visitor { role, event: hub.last(), quiet: Length(quiet) }
}

/// The session's name in the cookie.
pub(super) fn session(headers: &HeaderMap) -> Option<Token> {
    let cookies = headers.get_all(header::COOKIE).iter();
    let mut pairs = cookies.filter_map(|value| value.to_str().ok()).flat_map(|all| all.split(';'));
    pairs.find_map(|pair| {
        let (name, value) = pair.trim().split_once('=')?;
        if name == COOKIE { token(value) } else { None }
    })
}

/// A token in hexadecimal.
pub(super) fn token(text: &str) -> Option<Token> {
    let mut token = Token::default();
    if text.len() != token.len() * 2 || !text.is_ascii() {
        return None;
    }
    for (byte, at) in token.iter_mut().zip((0..).step_by(2)) {
        *byte = u8::from_str_radix(text.get(at..at + 2)?, 16).ok()?;
    }
    Some(token)
}

/// A panel: alone for the page's script, within the whole page for who has none.
pub(super) fn answer(
    app: &App,
    headers: &HeaderMap,
    status: StatusCode,
    title: &str,
    content: &Markup,
) -> Response {
    let visitor = visitor(app, headers);
    dressed(app, headers, &visitor, status, title, content)
}

/// The same for a visitor who has just signed in or out.
pub(super) fn dressed(
    app: &App,
    headers: &HeaderMap,
    visitor: &Visitor,
    status: StatusCode,
    title: &str,
    content: &Markup,
) -> Response {
    let text = if headers.contains_key("x-panel") {
        let role = role_name(visitor.role);
        html! { div data-role=(role) { (panel(title, content)) } }.into_string()
    } else {
        panel_page(&app.view(), visitor, title, content)
    };
    (status, Html(text)).into_response()
}

/// The form of a number, again with what was typed and why it was refused.
pub(super) fn entry_form(entry: &Entry, role: Role, typed: &str, refused: Option<&str>) -> Markup {
    html! {
        p { (entry.help) }
        @if !entry.recent.is_empty() { p.warn { (entry.recent) } }
        @if let Some(refused) = refused { p.refused role="alert" { (refused) } }
        form method="post" action=(format!("/do/enter/{}", entry.id)) {
            label for="typed" { (entry.name) ", in " strong { (entry.unit) } }
            input #typed name="typed" inputmode="decimal" autocomplete="off" required
                maxlength="16" value=(typed) aria-describedby="typed-range";
            p.note #typed-range {
                (entry.least) " to " (entry.most) " " (entry.unit) ", in steps of " (entry.step)
                ". Decimal comma or point."
            }
            (pin_field(role))
            button.primary type="submit" { "Read back" }
        }
    }
}

/// The field for the secret, for who is not signed in.
pub(super) fn pin_field(role: Role) -> Markup {
    html! {
        @if role == Role::Unknown {
            label for="pin" { "Your PIN" }
            input #pin name="pin" type="password" autocomplete="off" required maxlength="32";
        }
    }
}

/// What a person who takes over must know (MOD-03).
fn handover(view: &View) -> Markup {
    html! {
        @if !view.handover.is_empty() {
            h3 { "What you take over" }
            ul.handover { @for line in &view.handover { li { (line) } } }
        }
    }
}

pub(super) fn phase_title(phase: Phase) -> String {
    if phase == Phase::Manual { "Take over".to_owned() } else { phase_name(phase).to_owned() }
}

pub(super) fn find_entry<'v>(view: &'v View, id: &str) -> Option<&'v Entry> {
    view.offers.entries.iter().find(|entry| entry.id == id)
}

pub(super) fn find_statement<'v>(view: &'v View, id: &str) -> Option<&'v Statement> {
    view.offers.statements.iter().find(|statement| statement.id == id)
}

pub(super) fn find_phase<'v>(view: &'v View, id: &str) -> Option<&'v PhaseOffer> {
    view.offers.phases.iter().find(|offer| phase_id(offer.phase) == id)
}
