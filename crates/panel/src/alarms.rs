//! Alarm conditions as the supervisor holds them.

use homeostat_assembly::explanation::row;
use homeostat_bedside::view::{Alarm, AlarmKind, AlarmState, Alarms, Audio, Priority};
use homeostat_record::Cause;
use homeostat_supervisor::causes::Kind;

use crate::view::Scene;

pub(crate) fn shown(scene: &Scene<'_>) -> Alarms {
    Alarms {
        conditions: Cause::ALL.into_iter().filter_map(|cause| condition(scene, cause)).collect(),
        audio: Audio::Off,
        role_of_this_screen: "This screen shows the device's own alarms. It makes no sound."
            .to_owned(),
    }
}

fn condition(scene: &Scene<'_>, cause: Cause) -> Option<Alarm> {
    let number = cause as usize;
    let alarm = scene.shown.supervisor.alarms().0.get(number)?;
    if alarm.priority == homeostat_record::Priority::None {
        return None;
    }
    let latch = scene.shown.supervisor.modes().latches.get(number)?;
    let kind = match row(cause)?.kind {
        Kind::Physiologic => AlarmKind::Physiologic,
        Kind::Technical => AlarmKind::Technical,
    };
    let state = match (alarm.answered, latch.active) {
        (true, _) => AlarmState::Acknowledged,
        (false, true) => AlarmState::Active,
        (false, false) => AlarmState::Latched,
    };
    let (message, what_to_do) = scene.sentences().told(cause);
    Some(Alarm {
        id: cause.name().to_owned(),
        priority: Priority::from(alarm.priority),
        kind,
        message: message.to_owned(),
        what_to_do: what_to_do.to_owned(),
        since: scene.memory.raised.get(number).copied().flatten().unwrap_or(scene.now),
        state,
    })
}
