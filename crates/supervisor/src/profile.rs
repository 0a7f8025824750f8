//! The small window through which the supervisor sees a therapy.

use homeostat_record::{Account, CHANNELS, Canonical, CauseSet, Input, Span, Steps};

/// The times of the mode machine, in control cycles. Clinically owned: they come from the signed
/// profile, and the shipped table of causes refers to them by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timing {
    /// Cycles without valid input after which authority is limited (T1).
    pub input_limited: u16,
    /// Cycles without valid input after which the background takes over (T2).
    pub input_lost: u16,
    /// Consecutive missed deadlines after which the background takes over.
    pub deadline_misses: u16,
    /// Cycles that the loop may go on while the record cannot be written (T_log).
    pub record_lost: u16,
    /// Cycles that an implausible input is only limited before the background takes over.
    pub implausible: u16,
    /// Least number of clear cycles before authority rises by one level.
    pub dwell: u16,
    /// The dwell grows to twice the time for which the cause held, up to this cap.
    pub dwell_cap: u16,
    /// Falls of authority within `flap_window` that latch the fallback. At most
    /// [`EVENTS`](crate::EVENTS) are counted: a larger number latches at that many.
    pub flap_falls: u8,
    /// Cycles over which falls are counted.
    pub flap_window: u16,
    /// Guard clamps within `clamp_window` cycles that count as a cause. At most
    /// [`EVENTS`](crate::EVENTS) are counted.
    pub clamps: u8,
    /// Cycles over which clamps are counted.
    pub clamp_window: u16,
    /// Cycles after which an unanswered alarm of high priority lowers authority once more.
    pub escalation: u16,
    /// Cycles after which the fallback background, unresolved, hands over to manual operation;
    /// zero for never.
    pub background_limit: u16,
    /// Cycles for which the hand-over summary is shown.
    pub handover: u16,
    /// Least number of cycles between two requests that are granted on one manipulated variable.
    pub request_interval: u16,
}

/// One bound over a window of time: at most `max` within `cycles`, what still acts included by
/// the separate acting limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WindowLimit {
    /// Length of the window in cycles, the present one included; zero for an unused window.
    pub cycles: u32,
    /// Largest amount ordered within it.
    pub max: Steps,
}

/// Windows per manipulated variable.
pub const WINDOWS: usize = 4;

/// The bounds of one manipulated variable, from the signed profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChannelLimits {
    /// Largest amount in one cycle, requests included.
    pub cycle_max: Steps,
    /// Smallest amount in one cycle while the machine treats: less is not assumed safe. It binds
    /// neither a person's setting nor a suspension.
    pub cycle_min: Steps,
    /// Largest increase of the automatic amount from one cycle to the next.
    pub slew_up: Steps,
    /// Largest decrease of it.
    pub slew_down: Steps,
    /// Cumulative bounds.
    pub windows: [WindowLimit; WINDOWS],
    /// Largest amount that may be acting, the new order included.
    pub acting_max: Steps,
    /// The label's bound for one cycle. A controller that proposes more than this leaves its
    /// declared space; zero means that the loop has no such manipulated variable.
    pub label_max: Steps,
    /// Largest single request of a person.
    pub request_max: Steps,
    /// Largest difference of accepted and delivered amounts that is not yet a deviation (ACT-08).
    pub tolerance: Steps,
}

/// The two-sided range into which this cycle's amount must fall. A person's request comes on top
/// of it: what forbids requests is a cause, not an envelope.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Envelope {
    /// Not less than this.
    pub least: Steps,
    /// Not more than this.
    pub most: Steps,
}

/// What the therapy's own watch says of this cycle. The watch decodes the raw frames for itself
/// (SUP-05) and computes in integers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Findings {
    /// Causes that hold.
    pub active: CauseSet,
    /// Whether a fresh, plausible input arrived in this cycle.
    pub fresh: bool,
    /// Range for this cycle.
    pub envelope: [Envelope; CHANNELS],
    /// The pre-agreed basic therapy for this cycle.
    pub background: [Steps; CHANNELS],
    /// Ceiling while authority is limited.
    pub limited: [Steps; CHANNELS],
    /// Amount while suspended: it need not be zero.
    pub suspend: [Steps; CHANNELS],
    /// What still acts of earlier delivery, unknown counted as delivered.
    pub acting: [Steps; CHANNELS],
}

/// A therapy as the supervisor sees it: numbers from its signed profile, and a watch.
pub trait Profile {
    /// What the watch remembers from cycle to cycle.
    type Watch: Copy + PartialEq + Canonical;

    /// Times of the mode machine.
    fn timing(&self) -> &Timing;

    /// Bounds per manipulated variable.
    fn limits(&self) -> &[ChannelLimits; CHANNELS];

    /// How long an order may be begun after it was issued; the actuator reverts after it.
    fn lease(&self) -> Span;

    /// The watch as it starts.
    fn watch_start(&self) -> Self::Watch;

    /// Looks at one input. Total: any input gives findings. `accounts` are the ledger's amounts
    /// after the reports of this input were taken in.
    fn watch(
        &self,
        watch: &Self::Watch,
        input: &Input,
        accounts: &[Account; CHANNELS],
    ) -> (Self::Watch, Findings);
}
