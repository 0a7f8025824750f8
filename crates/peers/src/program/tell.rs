//! What a part tells of itself: JSON lines on the standard output, or words on the standard error.

use homeostat_link::{Channel, LinkState};
use homeostat_record::{ActuatorStatus, Instant, Span};
use serde_json::{Value, json};
use std::io::Write as _;
use std::time::Duration;

use crate::clock::VirtualClock;

/// Between two lines about how things are, of the machine's time: an accelerated part does not flood.
const BETWEEN: Duration = Duration::from_millis(100);

/// Says how things are and what happened.
#[derive(Debug)]
pub(super) struct Teller {
    json: bool,
    next: Option<Instant>,
    between: Span,
}

impl Teller {
    pub(super) fn new(json: bool, clock: &VirtualClock) -> Self {
        Self { json, next: None, between: clock.of_real(BETWEEN) }
    }

    /// Whether to tell how things are: not more often than somebody can read.
    pub(super) fn is_due(&mut self, now: Instant) -> bool {
        let due = self.json && self.next.is_none_or(|next| now >= next);
        if due {
            self.next = Some(now.after(self.between));
        }
        due
    }

    /// How things are.
    pub(super) fn state(&self, state: &Value) {
        line(state);
    }

    /// Something happened: always told, in words and as data.
    pub(super) fn event(&self, now: Instant, event: &str, words: &str, more: Value) {
        if self.json {
            let mut told = json!({ "event": event, "at_ms": now.millis });
            if let (Some(told), Value::Object(more)) = (told.as_object_mut(), more) {
                told.extend(more);
            }
            line(&told);
        } else {
            let _ = writeln!(std::io::stderr().lock(), "{words}");
        }
    }
}

/// A reader that went away ends nothing here: the therapy goes on.
fn line(value: &Value) {
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{value}").and_then(|()| out.flush());
}

/// The state of a link as a word, and what was counted on it.
pub(super) fn of_link(channel: &Channel, now: Instant) -> Value {
    let state = match channel.state(now) {
        LinkState::Live => "live",
        LinkState::Late { .. } => "late",
        LinkState::Silent { .. } => "silent",
    };
    let tally = channel.tally();
    let counters = channel.counters().iter().filter(|(_, count)| *count > 0);
    let ignored: serde_json::Map<String, Value> =
        counters.map(|(reason, count)| (reason.name().to_owned(), count.into())).collect();
    json!({
        "state": state,
        "session": channel.session(),
        "heard": tally.heard,
        "lost": tally.lost,
        "aged": tally.aged,
        "oldest_ms": tally.oldest.as_millis(),
        "ignored": ignored,
        "attacked": channel.under_attack(now),
    })
}

pub(super) const fn of_status(status: ActuatorStatus) -> &'static str {
    match status {
        ActuatorStatus::Running => "running",
        ActuatorStatus::Stopped => "stopped",
        ActuatorStatus::Reverted => "reverted",
        ActuatorStatus::Occluded => "occluded",
        ActuatorStatus::Empty => "empty",
        ActuatorStatus::Failed => "failed",
    }
}
