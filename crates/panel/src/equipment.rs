//! The device itself: its parts, and how each is.

use homeostat_bedside::view::{At, Device, State};
use homeostat_device::links::LinkShown;
use homeostat_device::service::Started;
use homeostat_link::{LinkState, Part};
use homeostat_record::Cause;

use crate::view::Scene;

/// What does not change while the device runs.
#[derive(Clone, Debug)]
pub(crate) struct Unchanging {
    identity: String,
    software: String,
    profile: String,
    self_test: State,
}

impl Unchanging {
    pub(crate) fn of(started: &Started) -> Self {
        let statement = started.profile.statement();
        let faults: Vec<String> = started
            .self_test
            .items
            .iter()
            .filter_map(|item| Some(format!("{}: {}", item.name, item.fault.as_deref()?)))
            .collect();
        let words = if faults.is_empty() {
            let names: Vec<&str> = started.self_test.items.iter().map(|item| item.name).collect();
            format!("passed ({})", names.join(", "))
        } else {
            format!("failed: {}", faults.join("; "))
        };
        Self {
            identity: statement.device.clone(),
            software: started.software.clone(),
            profile: format!("{}, revision {}, signed", statement.therapy, statement.revision),
            self_test: State {
                name: "Self-test".to_owned(),
                well: started.self_test.passed(),
                words,
                heard: None,
            },
        }
    }
}

pub(crate) fn device(scene: &Scene<'_>, unchanging: &Unchanging) -> Device {
    let links = scene.shown.links.iter().map(|shown| link(scene, shown));
    Device {
        identity: unchanging.identity.clone(),
        software: unchanging.software.clone(),
        profile: unchanging.profile.clone(),
        self_test: unchanging.self_test.clone(),
        links: links.chain([controller(scene)]).collect(),
        record: record(scene),
        power: State {
            name: "Power".to_owned(),
            well: !scene.shown.decision.active.has(Cause::PowerLow),
            words: "not measured by this device".to_owned(),
            heard: None,
        },
    }
}

fn link(scene: &Scene<'_>, link: &LinkShown) -> State {
    let (name, heard) = match link.peer.part {
        Part::Sensor => ("Sensor link", newest_frame(scene)),
        Part::Actuator => {
            let report = scene.memory.report(0, &scene.shown.waiting);
            ("Pump link", report.map(|report| At::from(report.received)))
        }
        Part::Device => ("Link", None),
    };
    let mut words = match link.state {
        LinkState::Live => "secure, in time".to_owned(),
        LinkState::Late { .. } => "secure, a message is overdue".to_owned(),
        LinkState::Silent { .. } => "nothing is heard".to_owned(),
    };
    if link.loses_too_much {
        words.push_str("; loses too much");
    }
    if let Some(refused) = link.refused {
        words.push_str(&format!("; the peer does not fit: {refused:?}"));
    }
    if link.stopping {
        words.push_str("; told to stop, has not confirmed that nothing flows");
    }
    if link.aged > 0 {
        words.push_str(&format!("; messages that came too late: {}", link.aged));
    }
    let ignored: u64 = link.ignored.iter().map(|(_, count)| *count).sum();
    if ignored > 0 {
        words.push_str(&format!("; ignored datagrams: {ignored}"));
    }
    let well = link.state == LinkState::Live
        && !link.loses_too_much
        && !link.stopping
        && link.refused.is_none();
    State { name: name.to_owned(), well, words, heard }
}

fn newest_frame(scene: &Scene<'_>) -> Option<At> {
    let frames = scene.shown.waiting.frames.iter();
    let waiting = frames.map(|frame| At::from(frame.received)).next_back();
    let known = scene.memory.readings.iter().flatten().map(|reading| reading.taken).max();
    waiting.or(known)
}

fn controller(scene: &Scene<'_>) -> State {
    let again = scene.shown.starts.saturating_sub(1);
    let restarts = match again {
        0 => String::new(),
        1 => "; started again once".to_owned(),
        times => format!("; started again {times} times"),
    };
    let trouble = scene.shown.controller.as_deref();
    State {
        name: "Controller".to_owned(),
        well: trouble.is_none(),
        words: format!("{}{restarts}", trouble.unwrap_or("answers in time")),
        heard: None,
    }
}

fn record(scene: &Scene<'_>) -> State {
    let kept = scene.shown.kept && !scene.shown.decision.active.has(Cause::RecordLost);
    let words =
        if kept { "every cycle is kept" } else { "the last cycle could not be kept in time" };
    let room = match &scene.shown.storage.room {
        room if room.is_low() => format!(
            "; {} of {} MiB are taken: have the boxes copied (device export, device copied)",
            room.used >> 20,
            room.most >> 20
        ),
        _ => String::new(),
    };
    let late = match scene.shown.missed {
        0 => String::new(),
        missed => format!("; {missed} cycles could not begin in time"),
    };
    State {
        name: "Record".to_owned(),
        well: kept && room.is_empty(),
        words: format!("{words}{room}{late}"),
        heard: scene.memory.last.map(|last| last.at),
    }
}
