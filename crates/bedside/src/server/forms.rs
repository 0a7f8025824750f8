//! Acting: every form that people send, and the device's answer to it.

use super::doors::{Closed, ReadBack, Token};
use super::listen::Place;
use super::pages::{
    COOKIE, answer, dressed, entry_form, find_entry, find_phase, find_statement, gone,
    nothing_here, phase_title, pin_field, session, token, visitor,
};
use super::{App, random};
use crate::entry::{self, Amount};
use crate::inbox::{Answer, Wish};
use crate::render::{Visitor, role_name};
use crate::view::{Entry, Statement};
use axum::Extension;
use axum::extract::{Form, Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use homeostat_record::{Action, Announcement, PersonAction, Phase, Role};
use maud::{Markup, html};
use serde::Deserialize;
use std::time::Duration;

/// How long a person waits for the device's answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// The fields of all forms; each uses its own.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Fields {
    #[serde(default)]
    pin: String,
    #[serde(default)]
    typed: String,
    #[serde(default)]
    again: String,
    #[serde(default)]
    token: String,
}

/// Somebody who may act.
struct Person {
    role: Role,
    session: Token,
    /// Set when the session has just been opened.
    cookie: Option<HeaderValue>,
}

/// Stop: no login, no body, no condition (ACT-10).
pub(super) async fn stop(State(app): State<App>, headers: HeaderMap) -> Response {
    let by = visitor(&app, &headers).role;
    let wish = Wish::Act(PersonAction { by, action: Action::Stop });
    let (status, words) = match ask(&app, wish).await {
        Outcome::Taken(words) => (StatusCode::OK, html! { p { strong { (words) } } }),
        Outcome::Refused(words) => (StatusCode::CONFLICT, html! { p { strong { (words) } } }),
        Outcome::Busy | Outcome::Silent => (
            StatusCode::SERVICE_UNAVAILABLE,
            html! {
                p { strong { "The device has not confirmed the stop." } }
                p { "Stop the delivery at the actuator itself and look at the patient." }
            },
        ),
    };
    answer(&app, &headers, status, "Stop", &words)
}

pub(super) async fn sign_in(
    State(app): State<App>,
    Extension(place): Extension<Place>,
    headers: HeaderMap,
    Form(fields): Form<Fields>,
) -> Response {
    match admit(&app, place, &headers, &fields) {
        Ok(person) => {
            let words = html! { p { "Signed in as " strong { (role_name(person.role)) } "." } };
            done(&app, &headers, &person, StatusCode::OK, "Signed in", &words)
        }
        Err(why) => shut(&app, &headers, why, "/do/sign-in"),
    }
}

pub(super) async fn sign_out(State(app): State<App>, headers: HeaderMap) -> Response {
    if let Some(token) = session(&headers) {
        app.doors().sign_out(&token);
    }
    let words = html! { p { "Signed out." } };
    answer(&app, &headers, StatusCode::OK, "Signed out", &words)
}

pub(super) async fn phase(
    State(app): State<App>,
    Extension(place): Extension<Place>,
    headers: HeaderMap,
    Path(id): Path<String>,
    Form(fields): Form<Fields>,
) -> Response {
    let view = app.view();
    let Some(offer) = find_phase(&view, &id) else { return gone(&app, &headers) };
    match admit(&app, place, &headers, &fields) {
        Ok(person) => {
            let title = phase_title(offer.phase);
            let action = Action::Choose(offer.phase);
            let words = (offer.phase == Phase::Manual).then_some(
                "You have taken over. What runs and what you can set stands on the page.",
            );
            act(&app, &headers, &person, &title, action, words).await
        }
        Err(why) => shut(&app, &headers, why, &format!("/do/phase/{id}")),
    }
}

pub(super) async fn say(
    State(app): State<App>,
    Extension(place): Extension<Place>,
    headers: HeaderMap,
    Path(id): Path<String>,
    Form(fields): Form<Fields>,
) -> Response {
    let view = app.view();
    let Some(statement) = find_statement(&view, &id) else { return gone(&app, &headers) };
    match admit(&app, place, &headers, &fields) {
        Ok(person) => {
            let Statement { name, kind, amount, .. } = statement;
            let action = Action::Announce(Announcement { kind: *kind, amount: *amount });
            act(&app, &headers, &person, name, action, None).await
        }
        Err(why) => shut(&app, &headers, why, &format!("/do/say/{id}")),
    }
}

pub(super) async fn simple(
    State(app): State<App>,
    Extension(place): Extension<Place>,
    headers: HeaderMap,
    Path(what): Path<String>,
    Form(fields): Form<Fields>,
) -> Response {
    let view = app.view();
    let offers = &view.offers;
    let (title, wished, offered) = match what.as_str() {
        "confirm" => ("Confirm", Some(Action::Confirm), offers.pending.is_some()),
        "reconcile" => ("Reconcile amounts", Some(Action::Reconcile), offers.reconcile.is_some()),
        "reset" => ("Reset", Some(Action::Reset), offers.reset.is_some()),
        "acknowledge" => ("Acknowledge", Some(Action::Acknowledge), offers.acknowledge),
        "audio-pause" => ("Pause audio", None, offers.audio_pause.is_some()),
        _ => return nothing_here(State(app), headers).await,
    };
    if !offered {
        return gone(&app, &headers);
    }
    match admit(&app, place, &headers, &fields) {
        Ok(person) => match wished {
            Some(action) => act(&app, &headers, &person, title, action, None).await,
            None => tell(&app, &headers, &person, title, Wish::PauseAudio(person.role), None).await,
        },
        Err(why) => shut(&app, &headers, why, &format!("/do/{what}")),
    }
}

/// A typed number: refused with words, or read back.
pub(super) async fn enter(
    State(app): State<App>,
    Extension(place): Extension<Place>,
    headers: HeaderMap,
    Path(id): Path<String>,
    Form(fields): Form<Fields>,
) -> Response {
    let view = app.view();
    let Some(entry) = find_entry(&view, &id) else { return gone(&app, &headers) };
    let role = visitor(&app, &headers).role;
    let again = |refused: &str| entry_form(entry, role, &fields.typed, Some(refused));
    let amount = match entry::read(entry, &fields.typed) {
        Ok(amount) => amount,
        Err(refused) => {
            let form = again(&refused.to_string());
            return answer(&app, &headers, StatusCode::UNPROCESSABLE_ENTITY, &entry.name, &form);
        }
    };
    let person = match admit(&app, place, &headers, &fields) {
        Ok(person) => person,
        Err(why) => {
            let form = again(&closed_words(why));
            return answer(&app, &headers, StatusCode::FORBIDDEN, &entry.name, &form);
        }
    };
    let Some(name) = random() else { return gone(&app, &headers) };
    let kept = ReadBack { entry: id, amount };
    app.doors().read_back(&person.session, name, app.0.ticks.now(), kept);
    let words = read_back(entry, &amount, &name);
    done(&app, &headers, &person, StatusCode::OK, &entry.name, &words)
}

/// The confirmation of a number that was read back.
pub(super) async fn commit(
    State(app): State<App>,
    headers: HeaderMap,
    Form(fields): Form<Fields>,
) -> Response {
    let view = app.view();
    let now = app.0.ticks.now();
    let kept = session(&headers).zip(token(&fields.token)).and_then(|(session, name)| {
        let role = app.doors().role(&session, now);
        let kept = app.doors().confirmed(&session, &name, now)?;
        Some((Person { role, session, cookie: None }, kept))
    });
    let Some((person, ReadBack { entry, amount })) = kept else {
        let words = html! {
            p { strong { "Nothing was done." } }
            p { "A number is confirmed once and within a minute. Enter it again." }
        };
        return answer(&app, &headers, StatusCode::CONFLICT, "Not confirmed", &words);
    };
    let Some(entry) = find_entry(&view, &entry) else { return gone(&app, &headers) };
    if entry::check(entry, amount.number) != Ok(amount) {
        return gone(&app, &headers);
    }
    if amount.unusual && !entry::repeats(entry, amount.number, &fields.again) {
        let words = "The two numbers differ. Nothing was done. Enter it again.";
        let form = entry_form(entry, person.role, "", Some(words));
        return answer(&app, &headers, StatusCode::UNPROCESSABLE_ENTITY, &entry.name, &form);
    }
    act(&app, &headers, &person, &entry.name, amount.action, None).await
}

fn read_back(entry: &Entry, amount: &Amount, name: &Token) -> Markup {
    let text = format!("{} {}", amount.number, entry.unit);
    let mut parts = entry.read_back.splitn(2, "{amount}");
    html! {
        p.read-back {
            (parts.next().unwrap_or_default())
            strong.amount { (text) }
            (parts.next().unwrap_or_default())
        }
        @if !entry.recent.is_empty() { p.warn { (entry.recent) } }
        form method="post" action="/do/commit" {
            input type="hidden" name="token" value=(hex(name));
            @if amount.unusual {
                p.refused role="alert" {
                    "This is unusual: usual is " (entry.usual_least) " to " (entry.usual_most) " "
                    (entry.unit) ". If it is right, type it once more."
                }
                label for="again" { "Once more, in " strong { (entry.unit) } }
                input #again name="again" inputmode="decimal" autocomplete="off" required maxlength="16";
            }
            button.primary type="submit" { "Confirm " (text) }
        }
        p.note { "Wrong? Close, or " a href=(format!("/do/enter/{}", entry.id)) data-panel { "enter another number" } "." }
    }
}

/// Lets a person in by the session, or by the secret in the form.
fn admit(app: &App, from: Place, headers: &HeaderMap, fields: &Fields) -> Result<Person, Closed> {
    let now = app.0.ticks.now();
    if let Some(session) = session(headers) {
        let role = app.doors().role(&session, now);
        if role != Role::Unknown {
            return Ok(Person { role, session, cookie: None });
        }
    }
    let session = random().ok_or(Closed::Wrong)?;
    let role = app.doors().sign_in(&app.0.pins, &fields.pin, from, now, session)?;
    let cookie = format!("{COOKIE}={}; HttpOnly; SameSite=Strict; Path=/", hex(&session));
    Ok(Person { role, session, cookie: HeaderValue::from_str(&cookie).ok() })
}

/// Nobody was let in: asks for the secret, for the same action.
fn shut(app: &App, headers: &HeaderMap, why: Closed, action: &str) -> Response {
    let form = html! {
        p.refused role="alert" { (closed_words(why)) }
        form method="post" action=(action) {
            (pin_field(Role::Unknown))
            button.primary type="submit" { "Go on" }
        }
    };
    let status = match why {
        Closed::Missing | Closed::Wrong => StatusCode::FORBIDDEN,
        Closed::Wait(_) => StatusCode::TOO_MANY_REQUESTS,
    };
    answer(app, headers, status, "Your PIN, please", &form)
}

fn closed_words(why: Closed) -> String {
    match why {
        Closed::Missing => "This needs your PIN.".to_owned(),
        Closed::Wrong => "This PIN is not known.".to_owned(),
        Closed::Wait(time) => {
            format!("Too many wrong PINs. Wait {} s. Stop works without a PIN.", time.as_secs() + 1)
        }
    }
}

enum Outcome {
    Taken(String),
    Refused(String),
    Busy,
    Silent,
}

async fn ask(app: &App, wish: Wish) -> Outcome {
    let Ok(answered) = app.0.inbox.ask(wish) else { return Outcome::Busy };
    match tokio::time::timeout(PATIENCE, answered).await {
        Ok(Ok(Answer::Taken(words))) => Outcome::Taken(words),
        Ok(Ok(Answer::Refused(words))) => Outcome::Refused(words),
        Ok(Err(_)) | Err(_) => Outcome::Silent,
    }
}

async fn act(
    app: &App,
    headers: &HeaderMap,
    person: &Person,
    title: &str,
    action: Action,
    words: Option<&str>,
) -> Response {
    let wish = Wish::Act(PersonAction { by: person.role, action });
    tell(app, headers, person, title, wish, words).await
}

/// Hands the wish to the device and shows what it answered.
async fn tell(
    app: &App,
    headers: &HeaderMap,
    person: &Person,
    title: &str,
    wish: Wish,
    more: Option<&str>,
) -> Response {
    let (status, words) = match ask(app, wish).await {
        Outcome::Taken(words) => {
            let more = html! { p { (more.unwrap_or_default()) } };
            (StatusCode::OK, html! { p { strong { (words) } } (more) })
        }
        Outcome::Refused(words) => (
            StatusCode::CONFLICT,
            html! { p.refused role="alert" { strong { "Refused: " } (words) } },
        ),
        Outcome::Busy => (
            StatusCode::SERVICE_UNAVAILABLE,
            html! { p.refused role="alert" { "The device is busy. Nothing was done. Try again." } },
        ),
        Outcome::Silent => (
            StatusCode::GATEWAY_TIMEOUT,
            html! {
                p.refused role="alert" { "The device has not answered. It is not known whether it was done." }
                p { "Look at mode, delivery and history before you try again." }
            },
        ),
    };
    done(app, headers, person, status, title, &words)
}

/// The panel, with the cookie of a session that has just been opened.
fn done(
    app: &App,
    headers: &HeaderMap,
    person: &Person,
    status: StatusCode,
    title: &str,
    words: &Markup,
) -> Response {
    let visitor = Visitor { role: person.role, ..visitor(app, headers) };
    let mut response = dressed(app, headers, &visitor, status, title, words);
    if let Some(cookie) = &person.cookie {
        response.headers_mut().insert(header::SET_COOKIE, cookie.clone());
    }
    response
}

fn hex(token: &Token) -> String {
    token.iter().map(|byte| format!("{byte:02x}")).collect()
}
