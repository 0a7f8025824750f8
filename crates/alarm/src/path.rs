//! The watch over what sounds and shows: each signal is confirmed, or the path counts as lost (ALM-10,
//! ALM-12).

use homeostat_record::{Instant, Span};

/// The way from the device to what people hear and see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Path {
    patience: Span,
    beat: Span,
    number: u64,
    /// When the oldest signal was told that is not confirmed.
    owed: Option<Instant>,
    told: Instant,
}

impl Path {
    /// A path that must confirm within `patience`, and is spoken to at least every `beat`. Until the
    /// first confirmation it owes one.
    #[must_use]
    pub const fn new(now: Instant, patience: Span, beat: Span) -> Self {
        Self { patience, beat, number: 0, owed: Some(now), told: now }
    }

    /// Takes the number of a signal that is told now.
    pub fn tell(&mut self, now: Instant) -> u64 {
        self.number = self.number.saturating_add(1);
        self.told = now;
        self.owed = self.owed.or(Some(now));
        self.number
    }

    /// The signal with this number was made. What was told before it needs no answer any more.
    pub fn confirmed(&mut self, number: u64) {
        if number == self.number {
            self.owed = None;
        } else if number < self.number {
            // An older one: the newest is owed since it was told.
            self.owed = self.owed.map(|_| self.told);
        }
    }

    /// Whether a confirmation is missing for too long.
    #[must_use]
    pub fn is_lost(&self, now: Instant) -> bool {
        self.owed.is_some_and(|owed| now.since(owed).is_none_or(|since| since > self.patience))
    }

    /// Whether it is time to speak although nothing changed.
    #[must_use]
    pub fn is_due(&self, now: Instant) -> bool {
        now >= self.told.after(self.beat)
    }

    /// When it is to be spoken to at the latest.
    #[must_use]
    pub const fn next_wake(&self) -> Instant {
        self.told.after(self.beat)
    }
}
