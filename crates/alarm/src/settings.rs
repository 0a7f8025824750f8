//! What a maker may set of the signals, and within what.

use core::fmt;
use homeostat_record::Span;

/// How long a pause lasts and how often a reminder comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Length of an audio pause: 10 s to 2 min.
    pub pause: Span,
    /// After a pause, how long sound must be heard before another: 5 s to a minute.
    pub rest: Span,
    /// From an answer, or from the last reminder, to a reminder of what still holds: 1 to 30 min.
    pub reminder: Span,
}

/// A setting outside its range.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SettingsError {
    /// Which.
    pub name: &'static str,
    /// Least and most.
    pub range: (Span, Span),
    /// What it was.
    pub found: Span,
}

impl fmt::Display for SettingsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, range: (least, most), found } = self;
        let [least, most, found] = [least, most, found].map(|span| span.as_millis());
        write!(f, "{name}: found {found} ms; expected {least} to {most} ms")
    }
}

impl core::error::Error for SettingsError {}

impl Default for Settings {
    fn default() -> Self {
        Self {
            pause: Span::from_seconds(120),
            rest: Span::from_seconds(10),
            reminder: Span::from_minutes(5),
        }
    }
}

impl Settings {
    /// The settings, if each is in its range.
    ///
    /// # Errors
    /// The first that is not.
    pub fn checked(self) -> Result<Self, SettingsError> {
        let ranges = [
            ("pause", self.pause, (Span::from_seconds(10), Span::from_minutes(2))),
            ("rest", self.rest, (Span::from_seconds(5), Span::from_minutes(1))),
            ("reminder", self.reminder, (Span::from_minutes(1), Span::from_minutes(30))),
        ];
        for (name, found, range) in ranges {
            if found < range.0 || found > range.1 {
                return Err(SettingsError { name, range, found });
            }
        }
        Ok(self)
    }
}
