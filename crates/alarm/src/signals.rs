//! From conditions to signals: one sound, one light, and what people have silenced.

use crate::{Light, Settings, Sound};
use core::fmt;
use homeostat_record::{Cause, Instant, Priority};
use homeostat_supervisor::alarms::{Alarm, Alarms};

/// The sound of the alarm system. There is no lasting "audio off" (ALM-06).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audio {
    /// Signals sound.
    On,
    /// Audio paused: silent until then, or until something is new or worse.
    PausedUntil(Instant),
}

/// What is heard and seen now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Signal {
    /// The one sound.
    pub sound: Option<Sound>,
    /// Changes whenever a sound begins anew.
    pub onset: u32,
    /// Priority of the light: the highest of all conditions, answered or not.
    pub light: Priority,
    /// Whether sound is paused.
    pub audio: Audio,
}

/// Why sound is not paused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotPaused {
    /// Nothing sounds.
    Nothing,
    /// It is paused already; a pause is not made longer.
    Already,
    /// A pause has just ended: sound must be heard first, until then.
    Until(Instant),
}

impl fmt::Display for NotPaused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Nothing => "nothing sounds",
            Self::Already => "sound is paused already; a pause is not made longer",
            Self::Until(_) => "a pause has just ended; answer the alarm, or wait a little",
        })
    }
}

impl core::error::Error for NotPaused {}

/// Where the pause stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Pause {
    /// None, and one may begin.
    Free,
    /// Silent until then.
    Until(Instant),
    /// It ended; another may begin from then on.
    Rest(Instant),
}

/// The state of all signals. What is paused is not kept over a restart: then everything sounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Signals {
    settings: Settings,
    conditions: [Alarm; Cause::ALL.len()],
    since: [Instant; Cause::ALL.len()],
    pause: Pause,
    onset: u32,
    /// While what was answered still holds and nothing else is there: the next reminder, and whether
    /// one sounded already.
    reminder: Option<(Instant, bool)>,
}

impl Signals {
    /// Signals of a device that starts now, with nothing to tell.
    #[must_use]
    pub fn new(settings: Settings, now: Instant) -> Self {
        Self {
            settings,
            conditions: [Alarm::default(); Cause::ALL.len()],
            since: [now; Cause::ALL.len()],
            pause: Pause::Free,
            onset: 0,
            reminder: None,
        }
    }

    /// Takes the conditions after a cycle. What is new or worse sounds at once and ends a pause.
    pub fn update(&mut self, now: Instant, alarms: &Alarms) {
        let pairs = self.conditions.iter_mut().zip(&mut self.since).zip(&alarms.0);
        let mut begins = false;
        for ((known, since), alarm) in pairs {
            if known.priority == Priority::None {
                *since = now;
            }
            let calls = calling(alarm);
            // Nothing that was answered, and nothing that was lower before, has sounded as this.
            begins |= calls > calling(known);
            // A cause that came again within one cycle waits anew.
            begins |= calls > Priority::None && alarm.waiting < known.waiting;
            *known = *alarm;
        }
        if begins {
            self.pause = Pause::Free;
            self.begin_sound();
        }
        self.advance(now);
    }

    /// What time alone changes: a pause ends, a reminder is due.
    pub fn advance(&mut self, now: Instant) {
        let (calls, answered) = (self.highest_calling(), self.highest());
        if calls == Priority::None && self.pause != Pause::Free {
            self.pause = Pause::Free;
        }
        if let Pause::Until(until) = self.pause
            && now >= until
        {
            self.pause = Pause::Rest(now.after(self.settings.rest));
            self.begin_sound();
        }
        if let Pause::Rest(until) = self.pause
            && now >= until
        {
            self.pause = Pause::Free;
        }
        let reminds = calls == Priority::None && answered >= Priority::Medium;
        let next = now.after(self.settings.reminder);
        self.reminder = match self.reminder {
            _ if !reminds => None,
            None => Some((next, false)),
            Some((due, _)) if now >= due => {
                self.begin_sound();
                Some((next, true))
            }
            waiting => waiting,
        };
    }

    /// Pauses the sound for its time.
    ///
    /// # Errors
    /// [`NotPaused`].
    pub fn pause(&mut self, now: Instant) -> Result<Instant, NotPaused> {
        self.advance(now);
        match self.pause {
            _ if self.highest_calling() == Priority::None => Err(NotPaused::Nothing),
            Pause::Until(_) => Err(NotPaused::Already),
            Pause::Rest(until) => Err(NotPaused::Until(until)),
            Pause::Free => {
                let until = now.after(self.settings.pause);
                self.pause = Pause::Until(until);
                Ok(until)
            }
        }
    }

    /// What is heard and seen now.
    #[must_use]
    pub fn signal(&self) -> Signal {
        let audio = match self.pause {
            Pause::Until(until) => Audio::PausedUntil(until),
            Pause::Free | Pause::Rest(_) => Audio::On,
        };
        let sound = match (audio, self.highest_calling()) {
            (Audio::PausedUntil(_), _) => None,
            (Audio::On, Priority::High) => Some(Sound::High),
            (Audio::On, Priority::Medium) => Some(Sound::Medium),
            (Audio::On, Priority::Low) => Some(Sound::Low),
            (Audio::On, Priority::None) => match self.reminder {
                Some((_, true)) => Some(Sound::Reminder),
                Some((_, false)) | None => None,
            },
        };
        Signal { sound, onset: self.onset, light: self.highest(), audio }
    }

    /// The light.
    #[must_use]
    pub fn light(&self) -> Option<Light> {
        Light::of(self.highest())
    }

    /// Since when the condition of this cause has been there; after a restart, since the restart.
    #[must_use]
    pub fn since(&self, cause: Cause) -> Option<Instant> {
        let mut rows = Cause::ALL.into_iter().zip(&self.conditions).zip(&self.since);
        rows.find_map(|((of, alarm), since)| {
            (of == cause && alarm.priority > Priority::None).then_some(*since)
        })
    }

    /// The condition of this cause.
    #[must_use]
    pub fn condition(&self, cause: Cause) -> Alarm {
        let mut rows = Cause::ALL.into_iter().zip(&self.conditions);
        rows.find_map(|(of, alarm)| (of == cause).then_some(*alarm)).unwrap_or_default()
    }

    /// When time alone will change something.
    #[must_use]
    pub fn next_wake(&self) -> Option<Instant> {
        let pause = match self.pause {
            Pause::Free => None,
            Pause::Until(until) | Pause::Rest(until) => Some(until),
        };
        pause.or(self.reminder.map(|(due, _)| due))
    }

    fn begin_sound(&mut self) {
        self.onset = self.onset.wrapping_add(1);
    }

    fn highest(&self) -> Priority {
        self.conditions.iter().map(|alarm| alarm.priority).max().unwrap_or_default()
    }

    fn highest_calling(&self) -> Priority {
        self.conditions.iter().map(calling).max().unwrap_or_default()
    }
}

/// The priority with which a condition calls: none once a person has answered.
const fn calling(alarm: &Alarm) -> Priority {
    if alarm.answered { Priority::None } else { alarm.priority }
}
