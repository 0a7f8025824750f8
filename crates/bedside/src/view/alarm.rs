//! Alarm conditions in the words of IEC 60601-1-8.

use super::At;
use serde::{Deserialize, Serialize};

/// All alarm conditions, and how they are signalled.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alarms {
    /// The conditions; the page orders them by priority, oldest unanswered first.
    pub conditions: Vec<Alarm>,
    /// The sound.
    pub audio: Audio,
    /// What this screen is within the alarm system, for example that it is the device's own
    /// display or information only (ALM-10, UIX-10).
    pub role_of_this_screen: String,
}

/// One alarm condition.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alarm {
    /// Its name in the manual.
    pub id: String,
    /// Priority.
    pub priority: Priority,
    /// Physiologic or technical.
    pub kind: AlarmKind,
    /// What is the matter.
    pub message: String,
    /// What to do.
    pub what_to_do: String,
    /// Since when.
    pub since: At,
    /// Its state.
    pub state: AlarmState,
}

/// Priority of an alarm condition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Priority {
    /// Shown and logged without an alarm.
    Information,
    /// Low: awareness.
    Low,
    /// Medium: prompt response.
    Medium,
    /// High: immediate response.
    High,
}

impl From<homeostat_record::Priority> for Priority {
    fn from(priority: homeostat_record::Priority) -> Self {
        match priority {
            homeostat_record::Priority::None => Self::Information,
            homeostat_record::Priority::Low => Self::Low,
            homeostat_record::Priority::Medium => Self::Medium,
            homeostat_record::Priority::High => Self::High,
        }
    }
}

/// What an alarm condition is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AlarmKind {
    /// The patient.
    Physiologic,
    /// The equipment.
    Technical,
}

/// The state of one alarm condition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AlarmState {
    /// It holds and nobody has answered.
    Active,
    /// It holds and nobody has answered; its sound is paused for a time.
    AudioPaused,
    /// A person has answered; it still holds.
    Acknowledged,
    /// It has ended and is shown until a person acknowledges it.
    Latched,
}

/// The sound of the alarm system.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Audio {
    /// Signals sound.
    On,
    /// Paused until then; a new alarm may end it sooner.
    PausedUntil(At),
    /// Switched off by who is responsible, until they switch it on.
    Off,
    /// It does not work.
    Failed,
}
