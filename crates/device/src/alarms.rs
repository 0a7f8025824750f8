//! The device's end of the alarm path: signals to what sounds and shows them, and the watch over it.

use homeostat_alarm::{NotPaused, Path, Settings, Signal, Signals};
use homeostat_record::{Cause, CauseSet, Instant, Span};
use homeostat_supervisor::alarms::Alarms;

/// What sounds and shows the signals. It confirms each one that it makes.
pub trait Annunciator {
    /// Tells it what is to be heard and seen from now on. Never waits; what it cannot take is not
    /// confirmed.
    fn tell(&mut self, number: u64, signal: &Signal);

    /// The newest signal that it confirmed since this was asked last.
    fn confirmed(&mut self) -> Option<u64>;

    /// It confirms nothing: start it anew.
    fn renew(&mut self);
}

/// How things are with the alarm signals, for who shows them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AlarmsShown {
    /// The signals, with what is paused and since when each condition is there.
    pub signals: Signals,
    /// Whether what sounds and shows them confirms that it does.
    pub heard: bool,
}

/// The alarm signals of a running device.
pub struct Bell<'b> {
    signals: Signals,
    path: Path,
    told: Option<Signal>,
    annunciator: &'b mut dyn Annunciator,
}

impl<'b> Bell<'b> {
    /// Signals from now on. Each is confirmed within `patience`, and the path is spoken to at least
    /// every five times that.
    #[must_use]
    pub fn new(
        settings: Settings,
        now: Instant,
        patience: Span,
        annunciator: &'b mut dyn Annunciator,
    ) -> Self {
        let beat = Span::from_millis(patience.as_millis().saturating_mul(5));
        let signals = Signals::new(settings, now);
        Self { signals, path: Path::new(now, patience, beat), told: None, annunciator }
    }

    /// Takes the conditions after a cycle.
    pub fn update(&mut self, now: Instant, alarms: &Alarms) {
        self.signals.update(now, alarms);
        self.advance(now);
    }

    /// Does what time alone brings, and tells what changed.
    pub fn advance(&mut self, now: Instant) {
        self.signals.advance(now);
        self.listen();
        let due = self.path.is_due(now);
        if due && self.path.is_lost(now) {
            self.annunciator.renew();
        }
        let signal = self.signals.signal();
        if due || self.told != Some(signal) {
            let number = self.path.tell(now);
            self.annunciator.tell(number, &signal);
            self.told = Some(signal);
        }
    }

    /// Pauses the sound.
    ///
    /// # Errors
    /// [`NotPaused`].
    pub fn pause(&mut self, now: Instant) -> Result<Instant, NotPaused> {
        let until = self.signals.pause(now)?;
        self.advance(now);
        Ok(until)
    }

    /// The condition that the path gives.
    pub fn conditions(&mut self, now: Instant) -> CauseSet {
        self.listen();
        CauseSet::EMPTY.with_if(Cause::AlarmPathLost, self.path.is_lost(now))
    }

    /// How things are.
    pub fn shown(&mut self, now: Instant) -> AlarmsShown {
        self.listen();
        AlarmsShown { signals: self.signals, heard: !self.path.is_lost(now) }
    }

    /// When something is to be done at the latest.
    #[must_use]
    pub fn next_wake(&self) -> Instant {
        let path = self.path.next_wake();
        self.signals.next_wake().map_or(path, |wake| wake.min(path))
    }

    fn listen(&mut self) {
        if let Some(number) = self.annunciator.confirmed() {
            self.path.confirmed(number);
        }
    }
}
