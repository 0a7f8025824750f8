//! What can be said to a device through its own socket: one line, one answer.
//!
//! ```text
//! status | stop | end | silence | choose PHASE | acknowledge | reset | reconcile | confirm
//! request CHANNEL STEPS | manual CHANNEL STEPS | given CHANNEL STEPS | announce KIND AMOUNT | reference THOUSANDTHS
//! ```
//! Whoever may open the socket is who runs the device: what they do counts as an authorised person's.

use std::sync::mpsc::SyncSender;

use homeostat_alarm::Audio;
use homeostat_device::core::Storage;
use homeostat_device::runtime::{Happened, Shown};
use homeostat_device::sockets::put;
use homeostat_link::bluetooth::ActuatorSaid;
use homeostat_link::bluetooth::insulin::HistoryRecord;
use homeostat_record::{Action, Announcement, PersonAction, Phase, Priority, Role, Steps};
use homeostat_supervisor::TABLE;
use serde_json::{Value, json};

/// Phases by the name that people type.
pub(crate) const PHASES: [(&str, Phase); 7] = [
    ("off", Phase::Off),
    ("self-test", Phase::SelfTest),
    ("standby", Phase::Standby),
    ("manual", Phase::Manual),
    ("advisory", Phase::Advisory),
    ("automatic", Phase::Automatic),
    ("service", Phase::Service),
];

/// Pauses the sound of the alarms.
pub(crate) const SILENCE: &str = "silence";

/// Answers a line.
pub(crate) fn answer(line: &str, events: &SyncSender<Happened>) -> String {
    let said = match line {
        "status" => put(events, Happened::Look).map(|shown| status(&shown)),
        SILENCE => {
            put(events, |answer| Happened::PauseAudio(Role::Authorised, answer)).map(|paused| {
                match paused {
                    Ok(_) => json!({ "taken": true }),
                    Err(why) => json!({ "error": why.to_string() }),
                }
            })
        }
        "end" => put(events, |answer| Happened::End(Some(answer))).map(
            |left| json!({ "taken": true, "words": left.words, "status": status(&left.shown) }),
        ),
        _ => match action(line) {
            Some(action) => {
                let by = if action == Action::Stop { Role::Unknown } else { Role::Authorised };
                let person = PersonAction { by, action };
                put(events, |answer| Happened::Person(person, answer))
                    .map(|acted| json!({ "taken": acted.taken }))
            }
            None => Some(json!({ "error": format!("not understood: {line:?}") })),
        },
    };
    said.unwrap_or_else(|| json!({ "error": "the device does not answer" })).to_string()
}

/// What a line asks for.
pub(crate) fn action(line: &str) -> Option<Action> {
    let mut words = line.split_ascii_whitespace();
    let verb = words.next()?;
    let action = match verb {
        "stop" => Action::Stop,
        "acknowledge" => Action::Acknowledge,
        "reset" => Action::Reset,
        "reconcile" => Action::Reconcile,
        "confirm" => Action::Confirm,
        "choose" => {
            let name = words.next()?;
            let (_, phase) = PHASES.iter().find(|(known, _)| *known == name)?;
            Action::Choose(*phase)
        }
        "request" | "manual" | "given" => {
            let channel = words.next()?.parse().ok()?;
            let steps = Steps(words.next()?.parse().ok()?);
            match verb {
                "request" => Action::Request { channel, steps },
                "manual" => Action::SetManual { channel, steps },
                _ => Action::Given { channel, steps },
            }
        }
        "announce" => {
            let kind = words.next()?.parse().ok()?;
            Action::Announce(Announcement { kind, amount: words.next()?.parse().ok()? })
        }
        "reference" => Action::Reference(words.next()?.parse().ok()?),
        _ => return None,
    };
    words.next().is_none().then_some(action)
}

/// How the device is, for programs.
pub(crate) fn status(shown: &Shown) -> Value {
    let decision = &shown.decision;
    let links: Vec<Value> = shown
        .links
        .iter()
        .map(|link| {
            let ignored: serde_json::Map<String, Value> =
                link.ignored.iter().map(|(why, n)| (why.name().to_owned(), json!(n))).collect();
            json!({
                "part": format!("{:?}", link.peer.part).to_lowercase(),
                "identity": link.peer.identity,
                "state": format!("{:?}", link.state).split(' ').next().unwrap_or_default().to_lowercase(),
                "loses_too_much": link.loses_too_much,
                "refused": link.refused.map(|mismatch| format!("{mismatch:?}")),
                "ignored": ignored,
                "too_old": link.aged,
                "stop_unconfirmed": link.stopping,
                "unusable": link.unusable,
                "service": link.said.as_ref().map(service),
            })
        })
        .collect();
    let accounts: Vec<Value> = decision
        .accounts
        .iter()
        .map(|account| {
            json!({ "ordered": account.ordered, "accepted": account.accepted,
                "delivered": account.delivered, "verified": account.verified })
        })
        .collect();
    json!({
        "cycle": shown.cycle.0,
        "millis": shown.moment.map(|moment| moment.now.millis),
        "boot": shown.moment.map(|moment| moment.now.boot),
        "phase": format!("{:?}", decision.phase),
        "authority": format!("{:?}", decision.authority),
        "mode": format!("{:?}", decision.mode),
        "active": decision.active.iter().map(|cause| cause.name()).collect::<Vec<_>>(),
        "latched": decision.latched.iter().map(|cause| cause.name()).collect::<Vec<_>>(),
        "order": decision.order.map(|order| order.steps.map(|steps| steps.0)),
        "accounts": accounts,
        "links": links,
        "controller": { "starts": shown.starts, "trouble": shown.controller },
        "alarms": alarms(shown),
        "recorded": shown.kept,
        "storage": storage(&shown.storage),
        "dropped": {
            "strangers": shown.dropped.unheard.strangers,
            "crowded": shown.dropped.unheard.crowded,
            "frames": shown.dropped.waiting.frames,
            "actions": shown.dropped.waiting.actions,
        },
        "missed_cycles": shown.missed,
        "due_millis": shown.due.millis,
    })
}

/// What the black boxes take and may take, and what was lost.
fn storage(storage: &Storage) -> Value {
    let room = &storage.room;
    json!({
        "used_bytes": room.used,
        "limit_bytes": room.most,
        "boxes": room.boxes,
        "copied": room.copied,
        "low": room.is_low(),
        "undone": room.undone,
        "lost_records": storage.lost,
        "trouble": storage.trouble,
    })
}

/// What an actuator says of itself in its Bluetooth service.
fn service(said: &ActuatorSaid) -> Value {
    let event = |record: &HistoryRecord| json!([record.sequence, format!("{:?}", record.event)]);
    json!({
        "therapy": said.status.map(|status| format!("{:?}", status.therapy)),
        "operational": said.status.map(|status| format!("{:?}", status.operational)),
        "reservoir_thousandths": said.status.and_then(|s| s.reservoir.number().thousandths()),
        "history": said.history.iter().map(event).collect::<Vec<_>>(),
        "history_missed": said.missed,
    })
}

/// The alarm conditions and their signals: what, since when, answered or not, heard or not.
fn alarms(shown: &Shown) -> Value {
    let signals = &shown.alarms.signals;
    let rows = TABLE.iter().filter_map(|row| {
        let alarm = signals.condition(row.cause);
        (alarm.priority > Priority::None).then(|| {
            json!({
                "cause": row.cause.name(),
                "priority": format!("{:?}", alarm.priority).to_lowercase(),
                "acknowledged": alarm.answered,
                "since_millis": signals.since(row.cause).map(|since| since.millis),
                "message": row.message,
                "advice": row.advice,
            })
        })
    });
    let signal = signals.signal();
    let paused = match signal.audio {
        Audio::On => None,
        Audio::PausedUntil(until) => Some(until.millis),
    };
    json!({
        "conditions": rows.collect::<Vec<_>>(),
        "sound": signal.sound.map(|sound| format!("{sound:?}").to_lowercase()),
        "light": format!("{:?}", signal.light).to_lowercase(),
        "audio_paused_until_millis": paused,
        "confirmed": shown.alarms.heard,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_an_action_or_nothing() {
        assert_eq!(action("stop"), Some(Action::Stop));
        assert_eq!(action("choose automatic"), Some(Action::Choose(Phase::Automatic)));
        let steps = Steps(12);
        assert_eq!(action("request 0 12"), Some(Action::Request { channel: 0, steps }));
        assert_eq!(action("reference -5"), Some(Action::Reference(-5)));
        let announced = Announcement { kind: 1, amount: 40_000 };
        assert_eq!(action(" announce 1 40000 "), Some(Action::Announce(announced)));
        for bad in [
            "",
            "go",
            "choose",
            "choose nothing",
            "request 0",
            "request 0 -1",
            "stop now",
            "request 300 1",
        ] {
            assert_eq!(action(bad), None, "{bad}");
        }
    }
}
