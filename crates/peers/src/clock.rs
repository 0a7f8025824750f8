//! The one place of this crate that reads a clock: how much virtual time has passed since the start.

use homeostat_record::{Instant, Span};
use std::time::{Duration, SystemTime};

/// No clock runs faster: a millisecond of the machine's is ten seconds of a loop.
pub const SPEED_MAX: u32 = 10_000;

/// Monotonic time, `speed` times as fast as the machine's.
#[derive(Clone, Copy, Debug)]
pub struct VirtualClock {
    boot: u32,
    began: std::time::Instant,
    speed: u32,
}

impl VirtualClock {
    /// The clock of this start. The speed is held within 1 and [`SPEED_MAX`].
    #[must_use]
    #[allow(clippy::disallowed_methods, reason = "the shell of a program reads its clock here")]
    pub fn start(boot: u32, speed: u32) -> Self {
        Self { boot, began: std::time::Instant::now(), speed: speed.clamp(1, SPEED_MAX) }
    }

    /// Now.
    #[must_use]
    pub fn now(&self) -> Instant {
        let micros = u64::try_from(self.began.elapsed().as_micros()).unwrap_or(u64::MAX);
        let millis = micros.saturating_mul(u64::from(self.speed)) / 1_000;
        Instant { boot: self.boot, millis }
    }

    /// How long the machine waits until then; nothing if it is past.
    #[must_use]
    pub fn until(&self, then: Instant) -> Duration {
        let span = then.since(self.now()).unwrap_or(Span::ZERO);
        let micros = span.as_millis().saturating_mul(1_000).div_ceil(u64::from(self.speed));
        Duration::from_micros(micros)
    }

    /// So much of the machine's time in this clock's.
    #[must_use]
    pub fn of_real(&self, real: Duration) -> Span {
        let micros = u64::try_from(real.as_micros()).unwrap_or(u64::MAX);
        Span::from_millis(micros.saturating_mul(u64::from(self.speed)) / 1_000)
    }
}

/// How long ago, by civil time, a file was last written; `None` when nobody knows.
#[must_use]
#[allow(clippy::disallowed_methods, reason = "how long a simulated person was put away")]
pub fn since_written(file: &std::fs::File) -> Option<Duration> {
    let written = file.metadata().and_then(|data| data.modified()).ok()?;
    SystemTime::now().duration_since(written).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_accelerated_clock_waits_less_and_runs_more() {
        let clock = VirtualClock::start(3, 1_000);
        let first = clock.now();
        let wait = clock.until(first.after(Span::from_seconds(5)));
        assert!(wait <= Duration::from_millis(5), "{wait:?}");
        assert_eq!(clock.until(Instant { boot: 3, millis: 0 }), Duration::ZERO);
        assert_eq!(clock.of_real(Duration::from_millis(2)), Span::from_seconds(2));
        let mut later = clock.now();
        while later.millis < first.millis + 1_000 {
            later = clock.now();
        }
        assert_eq!(later.boot, 3);
    }
}
