//! What is heard: bursts of pulses by priority (ALM-04). The numbers lie inside the ranges of
//! IEC 60601-1-8, tables 3 and 4, as far as they are known to us; each stands beside its range.

use homeostat_record::Span;

/// A sound of the alarm system.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sound {
    /// Something that was answered still holds: one pulse, once.
    Reminder,
    /// Low priority: two pulses, once.
    Low,
    /// Medium priority: three pulses, again and again.
    Medium,
    /// High priority: twice three and two pulses, again and again.
    High,
}

/// One pulse of a burst.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pulse {
    /// From the beginning of the burst to the beginning of the pulse.
    pub at: Span,
    /// How long it sounds, its rise included.
    pub length: Span,
    /// Its fundamental, in hertz (150 to 1000).
    pub hertz: u16,
}

/// Pulse of a high burst (75 to 200 ms), and the pause after it (50 to 125 ms).
const SHORT: (u64, u64) = (150, 100);
/// Pulse of a medium, low or reminding burst (125 to 250 ms), and the pause after it (125 to 250 ms).
const LONG: (u64, u64) = (200, 200);
/// Beginnings of the ten pulses of a high burst: three, two, a rest, three, two. Within a half: 250,
/// 250, twice the pause and a pulse, 250; between the halves 600 ms after a pulse's end (350 to 1300).
const HIGH: [u64; 10] = [0, 250, 500, 850, 1_100, 1_850, 2_100, 2_350, 2_700, 2_950];
const MEDIUM: [u64; 3] = [0, 400, 800];
const LOW: [u64; 2] = [0, 400];
const REMINDER: [u64; 1] = [0];

impl Sound {
    /// Every sound, the most urgent last.
    pub const ALL: [Self; 4] = [Self::Reminder, Self::Low, Self::Medium, Self::High];

    /// The beginnings of the pulses in a burst, milliseconds.
    const fn beginnings(self) -> &'static [u64] {
        match self {
            Self::Reminder => &REMINDER,
            Self::Low => &LOW,
            Self::Medium => &MEDIUM,
            Self::High => &HIGH,
        }
    }

    const fn pulse(self) -> (u64, u16) {
        match self {
            Self::High => (SHORT.0, 523),
            Self::Medium => (LONG.0, 440),
            Self::Low | Self::Reminder => (LONG.0, 349),
        }
    }

    /// The pulses of one burst.
    pub fn pulses(self) -> impl Iterator<Item = Pulse> {
        let (length, hertz) = self.pulse();
        let pulse = move |at: &u64| Pulse {
            at: Span::from_millis(*at),
            length: Span::from_millis(length),
            hertz,
        };
        self.beginnings().iter().map(pulse)
    }

    /// From the beginning of a burst to that of the next: 8 s (a pause of 2.5 to 15 s between bursts)
    /// for high, 15 s (2.5 to 30 s) for medium. What is less sounds once; the light stays.
    #[must_use]
    pub const fn again(self) -> Option<Span> {
        match self {
            Self::High => Some(Span::from_millis(8_000)),
            Self::Medium => Some(Span::from_millis(15_000)),
            Self::Low | Self::Reminder => None,
        }
    }

    /// The pulse that sounds so long after the sound began, and how far it is by then.
    #[must_use]
    pub fn now(self, since: Span) -> Option<(Pulse, Span)> {
        let since = match self.again() {
            Some(again) => since.as_millis().checked_rem(again.as_millis())?,
            None => since.as_millis(),
        };
        self.pulses().find_map(|pulse| {
            let into = since.checked_sub(pulse.at.as_millis())?;
            (into < pulse.length.as_millis()).then_some((pulse, Span::from_millis(into)))
        })
    }
}
