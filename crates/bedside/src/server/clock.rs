//! The page server's own clock: for dead-man timers, sessions and time-outs, never for therapy.

use std::time::Duration;
use tokio::time::Instant;

/// Counts from the start of the server.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ticks(Instant);

impl Ticks {
    /// Starts to count.
    pub(super) fn start() -> Self {
        Self(Instant::now())
    }

    /// The time since the start.
    pub(super) fn now(self) -> Duration {
        self.0.elapsed()
    }
}
