//! Time as data. The loop never reads a clock: an [`Instant`] comes with every input.

use minicbor::{Decode, Encode};

/// The number of a control cycle since the session began. Cannot wrap within a device's life.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
#[cbor(transparent)]
pub struct Cycle(#[n(0)] pub u64);

/// A length of monotonic time, in milliseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
#[cbor(transparent)]
pub struct Span(#[n(0)] u64);

impl Span {
    /// No time at all.
    pub const ZERO: Self = Self(0);

    /// A span of whole milliseconds.
    #[must_use]
    pub const fn from_millis(millis: u64) -> Self {
        Self(millis)
    }

    /// A span of whole seconds; saturates at the largest span.
    #[must_use]
    pub const fn from_seconds(seconds: u64) -> Self {
        Self(seconds.saturating_mul(1_000))
    }

    /// A span of whole minutes; saturates at the largest span.
    #[must_use]
    pub const fn from_minutes(minutes: u64) -> Self {
        Self(minutes.saturating_mul(60_000))
    }

    /// The span in milliseconds.
    #[must_use]
    pub const fn as_millis(self) -> u64 {
        self.0
    }

    /// The span in whole minutes, rounded down.
    #[must_use]
    pub const fn as_minutes(self) -> u64 {
        self.0 / 60_000
    }
}

/// A reading of the device's monotonic clock. Never civil time (TIM-01).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
#[cbor(array)]
pub struct Instant {
    /// Counts the device's starts: instants of different boots cannot be subtracted.
    #[n(0)]
    pub boot: u32,
    /// Milliseconds since that start.
    #[n(1)]
    pub millis: u64,
}

impl Instant {
    /// The time from `earlier` to `self`; `None` across a reboot or when time ran backward.
    #[must_use]
    pub const fn since(self, earlier: Self) -> Option<Span> {
        if self.boot != earlier.boot {
            return None;
        }
        match self.millis.checked_sub(earlier.millis) {
            Some(millis) => Some(Span(millis)),
            None => None,
        }
    }

    /// The instant `span` later; saturates at the end of time.
    #[must_use]
    pub const fn after(self, span: Span) -> Self {
        Self { boot: self.boot, millis: self.millis.saturating_add(span.0) }
    }
}

/// Civil time in milliseconds since 1970-01-01T00:00Z with its uncertainty, for people and
/// records. No decision reads it (TIM-01, TIM-02).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct WallClock {
    /// Milliseconds since the Unix epoch; may be negative for a clock that was never set.
    #[n(0)]
    pub unix_millis: i64,
    /// Half-width of the interval that holds the true time, in milliseconds.
    #[n(1)]
    pub uncertainty_millis: u32,
}
