//! What goes wrong with sensors: overlays over the undisturbed signal, each with its times.
//!
//! A fault never touches the signal beneath: taking one away, or changing its times, leaves the rest of
//! a simulation as it was, which is what makes a failing run shrink.

use crate::random::Stream;
use crate::units::MgPerDl;
use homeostat_numeric::{max, min};

/// A kind of sensor fault.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum SensorFaultKind {
    /// No reading arrives.
    DropOut,
    /// The sensor is warming up: no reading, by its design.
    WarmUp,
    /// Pressure on the sensor: a fall by this depth within ten minutes, a plateau, and a recovery within
    /// ten minutes.
    CompressionLow {
        /// How far below the signal the plateau lies.
        depth: MgPerDl,
    },
    /// The value before the fault is repeated.
    Stuck,
    /// The signal jumps by this much, up or down.
    Jump {
        /// Added to the signal.
        by: MgPerDl,
    },
    /// The signal is wrong by a constant fraction.
    Bias {
        /// 0.15 reads 15 % too high, -0.15 too low.
        fraction: f64,
    },
    /// Further noise, independent from sample to sample.
    Noisy {
        /// Its standard deviation.
        deviation: MgPerDl,
    },
    /// Each reading arrives twice.
    Duplicated,
    /// Readings carry a time that lies this many minutes back.
    BackwardTime {
        /// Minutes.
        minutes: u32,
    },
}

/// A sensor fault with its times.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SensorFault {
    /// What is wrong.
    pub kind: SensorFaultKind,
    /// First minute of the fault.
    pub from: u32,
    /// First minute after it.
    pub until: u32,
}

/// Minutes in which pressure takes full effect, and in which it passes.
const COMPRESSION_EDGE: f64 = 10.0;

impl SensorFault {
    /// A fault that begins at a minute and lasts some minutes.
    #[must_use]
    pub const fn new(kind: SensorFaultKind, from: u32, lasting: u32) -> Self {
        Self { kind, from, until: from.saturating_add(lasting) }
    }

    /// Whether the fault is on.
    #[must_use]
    pub const fn on(&self, minute: u32) -> bool {
        self.from <= minute && minute < self.until
    }

    /// How much of a compression acts, 0 to 1.
    pub(crate) fn pressure(&self, minute: u32) -> f64 {
        if !self.on(minute) {
            return 0.0;
        }
        let since = f64::from(minute - self.from);
        let left = f64::from(self.until - minute);
        max(0.0, min(1.0, min(since / COMPRESSION_EDGE, left / COMPRESSION_EDGE)))
    }

    /// A compression low of 20 to 40 minutes' plateau and 50 mg/dL, at a minute.
    pub fn compression_low(from: u32, stream: &mut Stream) -> Self {
        let plateau = stream.between(20.0, 41.0) as u32;
        let kind = SensorFaultKind::CompressionLow { depth: MgPerDl(50.0) };
        Self::new(kind, from, plateau + 2 * COMPRESSION_EDGE as u32)
    }
}

/// Lost readings in bursts (Gilbert and Elliott): a link that is good or bad, changing at each sample.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BurstLoss {
    /// Chance that a good link turns bad at a sample.
    pub turns_bad: f64,
    /// Chance that a bad link turns good at a sample.
    pub turns_good: f64,
    /// Minutes between samples.
    pub period: u32,
}

impl BurstLoss {
    /// The drop-outs until a minute.
    pub fn until(&self, end: u32, stream: &mut Stream) -> Vec<SensorFault> {
        let mut faults = Vec::new();
        let (mut bad_since, mut minute) = (None, 0);
        let period = Ord::max(self.period, 1);
        while minute < end {
            let turns = if bad_since.is_some() { self.turns_good } else { self.turns_bad };
            if stream.chance(turns) {
                bad_since = match bad_since {
                    None => Some(minute),
                    Some(from) => {
                        faults.push(SensorFault::new(
                            SensorFaultKind::DropOut,
                            from,
                            minute - from,
                        ));
                        None
                    }
                };
            }
            minute += period;
        }
        if let Some(from) = bad_since {
            faults.push(SensorFault::new(SensorFaultKind::DropOut, from, end - from));
        }
        faults
    }
}
