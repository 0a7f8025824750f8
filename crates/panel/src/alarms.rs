//! Alarm conditions as the supervisor holds them.

use homeostat_assembly::explanation::row;
use homeostat_bedside::view::{Alarm, AlarmKind, AlarmState, Alarms, At, Audio, Priority};
use homeostat_record::Cause;
use homeostat_supervisor::causes::Kind;

use crate::view::Scene;

pub(crate) fn shown(scene: &Scene<'_>) -> Alarms {
    Alarms {
        conditions: Cause::ALL.into_iter().filter_map(|cause| condition(scene, cause)).collect(),
        audio: audio(scene),
        role_of_this_screen:
            "This screen shows the device's own alarms. The device sounds them, not \
                              this screen."
                .to_owned(),
    }
}

fn audio(scene: &Scene<'_>) -> Audio {
    match scene.shown.alarms.signals.signal().audio {
        _ if !scene.shown.alarms.heard => Audio::Failed,
        homeostat_alarm::Audio::On => Audio::On,
        homeostat_alarm::Audio::PausedUntil(until) => Audio::PausedUntil(At::from(until)),
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
        (false, false) => AlarmState::Latched,
        (false, true) if matches!(audio(scene), Audio::PausedUntil(_)) => AlarmState::AudioPaused,
        (false, true) => AlarmState::Active,
    };
    let (message, what_to_do) = scene.sentences().told(cause);
    Some(Alarm {
        id: cause.name().to_owned(),
        priority: Priority::from(alarm.priority),
        kind,
        message: message.to_owned(),
        what_to_do: what_to_do.to_owned(),
        since: scene.shown.alarms.signals.since(cause).map_or(scene.now, At::from),
        state,
    })
}
