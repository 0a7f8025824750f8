//! How people set up a pump, apart from any device.

use homeostat_record::{CHANNELS, Span, Steps};

/// Ticks in a period at most.
pub const TICKS_MAX: u32 = 600;

/// What the pump does when the lease of its last order has run out (ACT-06).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reversion {
    /// Its own background, for as long as nothing comes: where stopping is not safe (insulin).
    Background,
    /// The even part of the last order, no faster than the background, then nothing (propofol).
    Hold {
        /// For so long, from the end of the lease.
        at_most: Span,
    },
}

/// A pump's own settings and limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PumpSettings {
    /// Its pseudonym.
    pub identity: u32,
    /// Manipulated variables that it has, `1..=CHANNELS`.
    pub channels: usize,
    /// Largest amount of one order, and largest amount within any period, requests included (ACT-04).
    pub order_max: [Steps; CHANNELS],
    /// Its own programme: amount in a period.
    pub background: [Steps; CHANNELS],
    /// What it does without orders.
    pub when_silent: Reversion,
    /// Length of a control cycle, over which an order is spread.
    pub period: Span,
    /// Between its ticks; the period is a whole number of them.
    pub tick: Span,
    /// Largest part of a request in one tick.
    pub request_per_tick: [Steps; CHANNELS],
    /// No lease is longer, whatever an order says.
    pub valid_most: Span,
    /// What a full reservoir holds; `None` where it does not end.
    pub reservoir: [Option<Steps>; CHANNELS],
    /// Whether it measures what leaves, apart from its drive's count.
    pub measures_flow: bool,
}

/// Settings that contradict themselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UnfitPump {
    /// No such number of manipulated variables.
    #[error("pump: found {0} channels; expected 1 to {CHANNELS}")]
    Channels(usize),
    /// The period is no whole number of ticks.
    #[error("pump: a period of {period} ms is not 1 to {TICKS_MAX} whole ticks of {tick} ms")]
    Ticks {
        /// Milliseconds of the period.
        period: u64,
        /// Milliseconds of a tick.
        tick: u64,
    },
    /// The own programme exceeds the own limit.
    #[error("pump: the background of channel {0} is more than its largest order")]
    Background(usize),
    /// No order could ever be begun.
    #[error("pump: its longest lease is zero; expected at least a tick")]
    Lease,
}

impl PumpSettings {
    /// Ticks in a period.
    ///
    /// # Errors
    /// What contradicts itself.
    pub fn check(&self) -> Result<u32, UnfitPump> {
        if self.channels == 0 || self.channels > CHANNELS {
            return Err(UnfitPump::Channels(self.channels));
        }
        let (period, tick) = (self.period.as_millis(), self.tick.as_millis());
        let whole = period.checked_div(tick).filter(|ticks| ticks * tick == period);
        let ticks = whole.and_then(|ticks| u32::try_from(ticks).ok());
        let ticks = ticks.filter(|ticks| (1..=TICKS_MAX).contains(ticks));
        let ticks = ticks.ok_or(UnfitPump::Ticks { period, tick })?;
        let mut pairs = self.background.iter().zip(self.order_max);
        if let Some(channel) = pairs.position(|(own, most)| *own > most) {
            return Err(UnfitPump::Background(channel));
        }
        if self.valid_most < self.tick {
            return Err(UnfitPump::Lease);
        }
        Ok(ticks)
    }
}
