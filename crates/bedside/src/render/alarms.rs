//! Alarm conditions: priority first, then the oldest unanswered; every cue is also a word.

use super::Painter;
use crate::view::{Alarm, AlarmKind, AlarmState, Audio, Priority};
use maud::{Markup, html};

pub(super) fn section(painter: Painter<'_>) -> Markup {
    let alarms = &painter.view.alarms;
    let mut conditions: Vec<&Alarm> = alarms.conditions.iter().collect();
    conditions.sort_by_key(|alarm| {
        (std::cmp::Reverse(alarm.priority), answered(alarm.state), alarm.since)
    });
    html! {
        section #alarms.card.none[conditions.is_empty()] aria-labelledby="alarms-title" {
            h2 #alarms-title { "Alarms" }
            (audio(painter, alarms.audio))
            p.lost-only { "Which alarms hold now is not known." }
            @if conditions.is_empty() {
                p.quiet.now-only { "No alarm condition." }
            } @else {
                ol.alarms {
                    @for alarm in conditions { (condition(painter, alarm)) }
                }
            }
            p.note { (alarms.role_of_this_screen) }
        }
    }
}

/// The mark of a priority.
pub(super) fn badge(priority: Priority) -> Markup {
    html! { span.bang.(look(priority)) aria-hidden="true" { (bangs(priority)) } }
}

fn condition(painter: Painter<'_>, alarm: &Alarm) -> Markup {
    let signalling = alarm.state == AlarmState::Active;
    html! {
        li.alarm.(look(alarm.priority)).signalling[signalling]
            data-alarm=(alarm.id) data-state=(state_id(alarm.state)) {
            p.alarm-head {
                (badge(alarm.priority))
                span { strong { (priority_words(alarm.priority)) } ", " (kind_words(alarm.kind)) }
                span.alarm-state { (state_words(alarm.state)) }
            }
            p.message { (alarm.message) }
            p { (alarm.what_to_do) }
            p.since { "since " (painter.since(alarm.since)) }
        }
    }
}

fn audio(painter: Painter<'_>, audio: Audio) -> Markup {
    html! {
        @match audio {
            Audio::On => {},
            Audio::PausedUntil(at) => p.audio {
                strong { "Audio paused" } " until " (painter.time(at)) " (sounds again "
                (painter.until(at)) ")"
            },
            Audio::Off => p.audio { strong { "Audio off" } " \u{2014} look at this screen." },
            Audio::Failed => p.audio {
                strong { "The alarm sound does not work" } " \u{2014} look at this screen."
            },
        }
    }
}

const fn answered(state: AlarmState) -> u8 {
    match state {
        AlarmState::Active | AlarmState::AudioPaused => 0,
        AlarmState::Latched => 1,
        AlarmState::Acknowledged => 2,
    }
}

const fn look(priority: Priority) -> &'static str {
    match priority {
        Priority::High => "high",
        Priority::Medium => "medium",
        Priority::Low => "low",
        Priority::Information => "information",
    }
}

const fn bangs(priority: Priority) -> &'static str {
    match priority {
        Priority::High => "!!!",
        Priority::Medium => "!!",
        Priority::Low => "!",
        Priority::Information => "i",
    }
}

const fn priority_words(priority: Priority) -> &'static str {
    match priority {
        Priority::High => "High priority",
        Priority::Medium => "Medium priority",
        Priority::Low => "Low priority",
        Priority::Information => "Information",
    }
}

const fn kind_words(kind: AlarmKind) -> &'static str {
    match kind {
        AlarmKind::Physiologic => "physiologic",
        AlarmKind::Technical => "technical",
    }
}

const fn state_words(state: AlarmState) -> &'static str {
    match state {
        AlarmState::Active => "active",
        AlarmState::AudioPaused => "audio paused",
        AlarmState::Acknowledged => "acknowledged",
        AlarmState::Latched => "ended, not yet acknowledged",
    }
}

const fn state_id(state: AlarmState) -> &'static str {
    match state {
        AlarmState::Active => "active",
        AlarmState::AudioPaused => "audio-paused",
        AlarmState::Acknowledged => "acknowledged",
        AlarmState::Latched => "latched",
    }
}
