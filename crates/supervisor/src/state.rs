//! All that the supervisor remembers from cycle to cycle.

use crate::Profile;
use crate::alarms::Alarms;
use crate::flap::Recent;
use crate::history::History;
use crate::ledger::Ledger;
use crate::modes::Modes;
use homeostat_record::{CHANNELS, CauseSet, Cycle, Instant, OrderId, Steps};
use minicbor::{Decode, Encode};

/// A proposal that waits for a person in advisory operation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Pending {
    /// Amounts that were shown.
    #[n(0)]
    pub steps: [Option<Steps>; CHANNELS],
    /// After this they can no longer be confirmed.
    #[n(1)]
    pub expires: Instant,
}

/// What is remembered of one manipulated variable.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Channel {
    /// Ordered, accepted, delivered, verified.
    #[n(0)]
    pub ledger: Ledger,
    /// What counts for the windows.
    #[n(1)]
    pub history: History,
    /// Excess of delivery over orders that the history holds already.
    #[n(2)]
    pub excess: u64,
    /// What nobody asked for in the last order.
    #[n(3)]
    pub last: Steps,
    /// The amount per cycle that a person set or confirmed.
    #[n(4)]
    pub setting: Steps,
    /// Cycles until another request may be granted.
    #[n(5)]
    pub wait: u16,
}

impl Channel {
    /// What was delivered beyond all orders counts for the windows too, once.
    pub(crate) fn count_excess(&mut self) {
        let excess = self.ledger.excess();
        let growth = excess.saturating_sub(self.excess);
        self.history.add(Steps(u32::try_from(growth).unwrap_or(u32::MAX)));
        self.excess = self.excess.max(excess);
    }
}

/// The supervisor's memory: of fixed size, and with one byte string.
#[derive(Clone, Copy, Debug, PartialEq, Encode, Decode)]
#[cbor(array)]
pub struct State<W> {
    /// Number and time of the last cycle; `None` before the first.
    #[n(0)]
    pub(crate) last: Option<(Cycle, Instant)>,
    /// The mode machine.
    #[n(1)]
    pub(crate) modes: Modes,
    /// The alarm conditions.
    #[n(2)]
    pub(crate) alarms: Alarms,
    /// The manipulated variables.
    #[n(3)]
    pub(crate) channels: [Channel; CHANNELS],
    /// The last order that was issued.
    #[n(4)]
    pub(crate) issued: OrderId,
    /// Clamps of the guard.
    #[n(5)]
    pub(crate) clamps: Recent,
    /// In advisory operation: the proposal that waits.
    #[n(6)]
    pub(crate) pending: Option<Pending>,
    /// Causes found at the end of a cycle, for the next one.
    #[n(7)]
    pub(crate) found: CauseSet,
    /// The therapy's watch.
    #[n(8)]
    pub(crate) watch: W,
}

impl<W> State<W> {
    /// The state before the first cycle: switched off. Nothing resumes by itself (MOD-13).
    pub fn start<P: Profile<Watch = W>>(profile: &P) -> Self {
        Self {
            last: None,
            modes: Modes::default(),
            alarms: Alarms::default(),
            channels: [Channel::default(); CHANNELS],
            issued: OrderId::default(),
            clamps: Recent::default(),
            pending: None,
            found: CauseSet::EMPTY,
            watch: profile.watch_start(),
        }
    }

    /// The mode machine.
    #[must_use]
    pub const fn modes(&self) -> &Modes {
        &self.modes
    }

    /// The alarm conditions.
    #[must_use]
    pub const fn alarms(&self) -> &Alarms {
        &self.alarms
    }

    /// The manipulated variables.
    #[must_use]
    pub const fn channels(&self) -> &[Channel; CHANNELS] {
        &self.channels
    }

    /// The therapy's watch.
    #[must_use]
    pub const fn watch(&self) -> &W {
        &self.watch
    }

    /// In advisory operation: the proposal that waits.
    #[must_use]
    pub const fn pending(&self) -> Option<Pending> {
        self.pending
    }

    /// The same memory without the therapy's watch, for who shows it to people.
    #[must_use]
    pub fn without_watch(&self) -> State<()> {
        State {
            last: self.last,
            modes: self.modes,
            alarms: self.alarms,
            channels: self.channels,
            issued: self.issued,
            clamps: self.clamps,
            pending: self.pending,
            found: self.found,
            watch: (),
        }
    }
}
