//! What the supervisor decided and why.

use crate::{CHANNELS, Cause, CauseSet, Instant, List, Opinion, Steps};
use minicbor::{Decode, Encode};

/// What people have chosen the device to be (register D.2). Machines never change it upward.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
#[cbor(index_only)]
pub enum Phase {
    /// Switched off.
    #[default]
    #[n(0)]
    Off,
    /// Power-on self-test.
    #[n(1)]
    SelfTest,
    /// Set up, not treating.
    #[n(2)]
    Standby,
    /// A person sets the delivery; limits stay on.
    #[n(3)]
    Manual,
    /// The machine proposes, a person confirms each change.
    #[n(4)]
    Advisory,
    /// Closed loop.
    #[n(5)]
    Automatic,
    /// Maintenance, no patient connected.
    #[n(6)]
    Service,
}

/// How much the machine may do. Ordered: less authority is smaller. Causes lower it, only
/// dwell, people and proof raise it (MOD-12).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
#[cbor(index_only)]
pub enum Authority {
    /// Actuator released; needs nothing to hold.
    #[default]
    #[n(0)]
    FailStop,
    /// The profile's suspension amount, which need not be zero.
    #[n(1)]
    Suspend,
    /// The pre-agreed basic therapy of the profile.
    #[n(2)]
    Background,
    /// Closed loop that may reduce freely and may not exceed the profile's ceiling.
    #[n(3)]
    Limited,
    /// Closed loop within the guard.
    #[n(4)]
    Full,
}

/// The mode that people see: a projection of phase, authority and causes (register D.2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub enum Mode {
    /// M0.
    #[default]
    #[n(0)]
    Off,
    /// M1.
    #[n(1)]
    SelfTest,
    /// M2.
    #[n(2)]
    Standby,
    /// M3.
    #[n(3)]
    Manual,
    /// M4.
    #[n(4)]
    Advisory,
    /// M5.
    #[n(5)]
    Automatic,
    /// M6.
    #[n(6)]
    AutomaticLimited,
    /// M7.
    #[n(7)]
    FallbackBackground,
    /// M8.
    #[n(8)]
    FallbackSuspend,
    /// M9.
    #[n(9)]
    FailStop,
    /// M10.
    #[n(10)]
    Service,
    /// M11: shown for the declared time after every exit from automatic operation.
    #[n(11)]
    Handover,
}

/// Priority of an alarm condition (IEC 60601-1-8).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
#[cbor(index_only)]
pub enum Priority {
    /// No alarm: logged and shown.
    #[default]
    #[n(0)]
    None,
    /// Low.
    #[n(1)]
    Low,
    /// Medium.
    #[n(2)]
    Medium,
    /// High.
    #[n(3)]
    High,
}

/// A bound that the guard applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(flat)]
pub enum Limit {
    /// Largest amount in one cycle.
    #[n(0)]
    CycleMax,
    /// Smallest amount in one cycle: less is not assumed safe.
    #[n(1)]
    CycleMin,
    /// Largest increase from cycle to cycle.
    #[n(2)]
    SlewUp,
    /// Largest decrease from cycle to cycle.
    #[n(3)]
    SlewDown,
    /// Largest amount within a window, by its number in the profile.
    #[n(4)]
    Window(#[n(0)] u8),
    /// Largest amount that may be acting, this order included.
    #[n(5)]
    Acting,
    /// A limit of the drug's label.
    #[n(6)]
    Label,
    /// The ceiling that the present authority allows.
    #[n(7)]
    Authority,
    /// The therapy's envelope for this cycle.
    #[n(8)]
    Envelope,
    /// Largest single request of a person.
    #[n(9)]
    Request,
}

/// Where an ordered amount comes from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub enum Source {
    /// Nothing is ordered; the actuator's lease runs out.
    #[default]
    #[n(0)]
    Nothing,
    /// The controller.
    #[n(1)]
    Controller,
    /// The profile's basic therapy.
    #[n(2)]
    Background,
    /// The profile's suspension.
    #[n(3)]
    Suspension,
    /// A person's manual setting.
    #[n(4)]
    Manual,
}

/// What became of a proposal on one manipulated variable.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(flat)]
pub enum Verdict {
    /// No proposal was due.
    #[default]
    #[n(0)]
    NotDue,
    /// Ordered as proposed.
    #[n(1)]
    AsProposed,
    /// Ordered after a bound moved it; the bound that decided is named.
    #[n(2)]
    Bounded(#[n(0)] Limit),
    /// Another source took its place because of this cause.
    #[n(3)]
    Substituted(#[n(0)] Cause),
}

/// Why a person's request was refused (it is never reduced).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(flat)]
pub enum Refusal {
    /// It would pass a bound.
    #[n(0)]
    Bound(#[n(0)] Limit),
    /// The phase does not take requests.
    #[n(1)]
    Phase,
    /// The authority does not allow delivery.
    #[n(2)]
    Authority,
    /// A request was granted too short a time ago (two caregivers at once).
    #[n(3)]
    TooSoon,
    /// There is no such manipulated variable.
    #[n(4)]
    Channel,
    /// An unidentified person may only stop.
    #[n(5)]
    Role,
}

/// Identity of an order; executed at most once by the actuator (ACT-05).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
#[cbor(transparent)]
pub struct OrderId(#[n(0)] pub u64);

/// The order as it is recorded. The actuator takes the supervisor's `Admitted` instead.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Order {
    /// Identity.
    #[n(0)]
    pub id: OrderId,
    /// Amount per manipulated variable for the coming cycle, requests included.
    #[n(1)]
    pub steps: [Steps; CHANNELS],
    /// Part of it that a person asked for.
    #[n(2)]
    pub requested: [Steps; CHANNELS],
    /// Where the rest comes from.
    #[n(3)]
    pub source: Source,
    /// After this the actuator must not begin it, and reverts by itself (lease).
    #[n(4)]
    pub expires: Instant,
}

/// The four amounts of one manipulated variable since the session began (LOG-11).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Account {
    /// Ordered by the supervisor.
    #[n(0)]
    pub ordered: u64,
    /// Accepted by the actuator.
    #[n(1)]
    pub accepted: u64,
    /// Delivered by the actuator's own count.
    #[n(2)]
    pub delivered: u64,
    /// Verified by an independent measurement.
    #[n(3)]
    pub verified: u64,
}

/// What happened to an alarm condition.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub enum AlarmEventKind {
    /// The condition began.
    #[default]
    #[n(0)]
    Raised,
    /// Its priority rose.
    #[n(1)]
    Escalated,
    /// A person acknowledged it.
    #[n(2)]
    Acknowledged,
    /// The condition ended and, if latching, was released.
    #[n(3)]
    Ended,
    /// Repeated because nobody answered.
    #[n(4)]
    Repeated,
}

/// A change of one alarm condition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct AlarmEvent {
    /// The condition.
    #[n(0)]
    pub cause: Cause,
    /// What happened.
    #[n(1)]
    pub kind: AlarmEventKind,
    /// Its priority now.
    #[n(2)]
    pub priority: Priority,
}

impl Default for AlarmEvent {
    fn default() -> Self {
        Self { cause: Cause::IntegrityLost, kind: AlarmEventKind::Raised, priority: Priority::None }
    }
}

/// Why a phase that a person chose was not entered (MOD-02): every criterion that is not met is
/// named at once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Unmet {
    /// The phase that was chosen.
    #[n(0)]
    pub phase: Phase,
    /// It cannot be entered from the present phase.
    #[n(1)]
    pub path: bool,
    /// The person may not choose it.
    #[n(2)]
    pub role: bool,
    /// Too few fresh, plausible inputs in a row.
    #[n(3)]
    pub inputs: bool,
    /// What was given meanwhile is not reconciled with the ledger.
    #[n(4)]
    pub ledger: bool,
    /// Causes that limit authority too much for it.
    #[n(5)]
    pub causes: CauseSet,
}

/// Everything that followed from one input.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Decision {
    /// The phase after this cycle.
    #[n(0)]
    pub phase: Phase,
    /// The authority after this cycle.
    #[n(1)]
    pub authority: Authority,
    /// What people see.
    #[n(2)]
    pub mode: Mode,
    /// Causes that hold now.
    #[n(3)]
    pub active: CauseSet,
    /// Causes that still limit authority, active or not yet released.
    #[n(4)]
    pub latched: CauseSet,
    /// The cause that sets the authority; the first by code where several do.
    #[n(5)]
    pub governing: Option<Cause>,
    /// Fate of the proposal, per manipulated variable.
    #[n(6)]
    pub verdicts: [Verdict; CHANNELS],
    /// Answer to a person's request, per manipulated variable, if one was refused.
    #[n(7)]
    pub refused: [Option<Refusal>; CHANNELS],
    /// The order; `None` means that the actuator's lease is left to run out.
    #[n(8)]
    pub order: Option<Order>,
    /// The ledger.
    #[n(9)]
    pub accounts: [Account; CHANNELS],
    /// What the therapy's watch holds to be still acting, per manipulated variable.
    #[n(10)]
    pub acting: [Steps; CHANNELS],
    /// Changes of alarm conditions, highest priority first; more than fit are counted.
    #[n(11)]
    pub alarms: List<AlarmEvent, 8>,
    /// Alarm changes that did not fit above.
    #[n(12)]
    pub alarms_omitted: u8,
    /// What the second opinion said.
    #[n(13)]
    pub opinion: Opinion,
    /// Why a chosen phase was not entered, if one was not.
    #[n(14)]
    pub unmet: Option<Unmet>,
    /// In advisory operation: amounts that wait for a person's confirmation.
    #[n(15)]
    pub pending: [Option<Steps>; CHANNELS],
}
