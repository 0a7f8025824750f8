//! What goes wrong with pumps: overlays with their times, as for sensors.

/// A kind of pump fault.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum PumpFaultKind {
    /// The cannula is blocked: nothing reaches the body, pressure builds up, and the pump does not know
    /// until its alarm. When the block clears, this share of what was held back comes at once.
    Occlusion {
        /// 0 (lost) to 1.
        returns: f64,
    },
    /// Delivery of new orders begins later.
    StartDelay {
        /// Minutes.
        minutes: u32,
    },
    /// Steps that the pump counts but that do not happen.
    MissedSteps {
        /// Chance for each step.
        fraction: f64,
    },
    /// The pump neither hears nor answers; it goes on with what it has.
    Silence,
}

/// A pump fault with its times.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PumpFault {
    /// What is wrong.
    pub kind: PumpFaultKind,
    /// First minute of the fault.
    pub from: u32,
    /// First minute after it.
    pub until: u32,
}

impl PumpFault {
    /// A fault that begins at a minute and lasts some minutes.
    #[must_use]
    pub const fn new(kind: PumpFaultKind, from: u32, lasting: u32) -> Self {
        Self { kind, from, until: from.saturating_add(lasting) }
    }

    /// Whether the fault is on.
    #[must_use]
    pub const fn on(&self, minute: u32) -> bool {
        self.from <= minute && minute < self.until
    }
}
