//! Server-sent events: updates with numbers, and a beat every second.

use super::App;
use super::hub::Message;
use super::listen::Place;
use axum::Extension;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::sse::{Event, Sse};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use std::convert::Infallible;
use std::time::Duration;
use tokio_stream::StreamExt;
use tokio_stream::wrappers::ReceiverStream;

/// A reader hears something at least this often, or knows that the server is gone.
const BEAT: Duration = Duration::from_secs(1);

/// After so long a browser tries again when the connection has broken.
const AGAIN: Duration = Duration::from_secs(1);

/// Hands every published view on, and beats.
pub(super) async fn keep(app: App) {
    let mut views = app.0.views.clone();
    let mut beat = tokio::time::interval(BEAT);
    loop {
        tokio::select! {
            changed = views.changed() => {
                if changed.is_err() {
                    return;
                }
                let view = views.borrow_and_update().clone();
                app.hub().publish(view, app.0.ticks.now());
            }
            _ = beat.tick() => app.hub().beat(app.0.ticks.now()),
        }
    }
}

#[derive(Debug, Deserialize)]
pub(super) struct Seen {
    after: Option<u64>,
}

/// The stream of one reader. It continues after `Last-Event-ID`, or after the update that the page
/// was made with.
pub(super) async fn events(
    State(app): State<App>,
    Extension(place): Extension<Place>,
    Query(seen): Query<Seen>,
    headers: HeaderMap,
) -> Response {
    let last = headers.get("last-event-id").and_then(|id| id.to_str().ok());
    let seen = last.and_then(|id| id.parse().ok()).or(seen.after);
    let Some(messages) = app.hub().join(place, seen, app.0.ticks.now()) else {
        return (StatusCode::SERVICE_UNAVAILABLE, "too many pages are open").into_response();
    };
    let events = ReceiverStream::new(messages).map(|message| Ok::<_, Infallible>(event(message)));
    Sse::new(events).into_response()
}

fn event(message: Message) -> Event {
    match message {
        Message::Update { id, data } => {
            Event::default().event("view").id(id.to_string()).retry(AGAIN).data(data)
        }
        Message::Beat(quiet) => Event::default().event("beat").data(quiet.to_string()),
    }
}
