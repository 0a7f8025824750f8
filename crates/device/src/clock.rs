//! The device's clocks. Control uses the monotonic one alone; civil time is for people and records
//! (TIM-01). An accelerated clock is the same code with another factor.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use homeostat_record::{Instant, Span, WallClock};

use crate::core::Moment;

/// Where time comes from.
pub trait Clock {
    /// Monotonic and civil time now.
    fn moment(&self) -> Moment;

    /// How long the machine really waits for so much of the device's time.
    fn really(&self, span: Span) -> Duration;
}

/// The machine's clocks, possibly accelerated.
#[derive(Clone, Copy, Debug)]
pub struct MachineClock {
    boot: u32,
    began: std::time::Instant,
    wall_began: Option<i64>,
    speed: u32,
}

/// The device's clock starts this far from zero, so that instants before the start exist.
const BOOT_MILLIS: u64 = 86_400_000;
/// Half-width of what civil time is worth when nobody says better.
const UNCERTAINTY_MILLIS: u32 = 500;

impl MachineClock {
    /// The clock of this start, `speed` times as fast as the machine's; at least as fast.
    #[must_use]
    #[allow(clippy::disallowed_methods, reason = "the one place where the runtime reads clocks")]
    pub fn start(boot: u32, speed: u32) -> Self {
        let wall = SystemTime::now().duration_since(UNIX_EPOCH).ok();
        let wall_began = wall.and_then(|since| i64::try_from(since.as_millis()).ok());
        Self { boot, began: std::time::Instant::now(), wall_began, speed: speed.max(1) }
    }
}

impl Clock for MachineClock {
    fn moment(&self) -> Moment {
        let real = u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX);
        let since = real.saturating_mul(u64::from(self.speed));
        let now = Instant { boot: self.boot, millis: BOOT_MILLIS.saturating_add(since) };
        let wall = self.wall_began.map(|began| WallClock {
            unix_millis: began.saturating_add_unsigned(since),
            uncertainty_millis: UNCERTAINTY_MILLIS,
        });
        Moment { now, wall }
    }

    fn really(&self, span: Span) -> Duration {
        Duration::from_micros(span.as_millis().saturating_mul(1_000) / u64::from(self.speed))
    }
}

/// What is left of a deadline, of the machine's time.
pub(crate) struct Timer {
    began: std::time::Instant,
    deadline: Duration,
}

impl Timer {
    #[allow(clippy::disallowed_methods, reason = "a deadline of the machine that waits")]
    pub(crate) fn start(deadline: Duration) -> Self {
        Self { began: std::time::Instant::now(), deadline }
    }

    pub(crate) fn left(&self) -> Duration {
        self.deadline.saturating_sub(self.began.elapsed())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tim_01_an_accelerated_clock_waits_less_and_runs_more() {
        let clock = MachineClock::start(3, 1_000);
        assert_eq!(clock.really(Span::from_seconds(5)), Duration::from_millis(5));
        let first = clock.moment().now;
        assert_eq!(first.boot, 3);
        let mut later = clock.moment().now;
        while later.millis < first.millis + 1_000 {
            later = clock.moment().now;
        }
        assert!(later.since(first).is_some());
    }
}
