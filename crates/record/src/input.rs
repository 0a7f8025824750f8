//! All that can influence one cycle.

use crate::{Bytes, CauseSet, Cycle, Instant, List, OrderId, Phase, Steps, WallClock};
use minicbor::{Decode, Encode};

/// Manipulated variables of one loop: one, or two that are decided together. A loop with one leaves
/// the second at zero.
pub const CHANNELS: usize = 2;
/// Sensor frames taken into one cycle; later ones wait for the next cycle.
pub const FRAMES_MAX: usize = 8;
/// Bytes of one sensor frame.
pub const FRAME_BYTES_MAX: usize = 64;
/// Actuator reports taken into one cycle.
pub const REPORTS_MAX: usize = 4;
/// Actions of people taken into one cycle.
pub const PERSON_ACTIONS_MAX: usize = 4;

/// One sensor message as it came out of authentication: the controller, the supervisor and the
/// second opinion each decode it for themselves (SUP-05).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Frame {
    /// When it arrived here.
    #[n(0)]
    pub received: Instant,
    /// The message.
    #[n(1)]
    pub bytes: Bytes<FRAME_BYTES_MAX>,
}

/// What an actuator is doing. Codes keep a Hamming distance of at least four (ACT-09).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub enum ActuatorStatus {
    /// Executing orders.
    #[n(0x33)]
    Running,
    /// Stopped, and the stop was verified by measured no-flow (ACT-11).
    #[n(0x3C)]
    Stopped,
    /// Delivering its own pre-programmed background because its lease ran out (ACT-06).
    #[default]
    #[n(0x55)]
    Reverted,
    /// Cannot deliver: occluded.
    #[n(0x5A)]
    Occluded,
    /// Cannot deliver: reservoir empty.
    #[n(0x66)]
    Empty,
    /// Out of order.
    #[n(0x69)]
    Failed,
}

/// What an actuator says of itself. Totals count since its session began, so that a lost or
/// doubled report changes nothing (ACT-03).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Report {
    /// Which manipulated variable, `0..CHANNELS`.
    #[n(0)]
    pub channel: u8,
    /// When the report arrived here.
    #[n(1)]
    pub received: Instant,
    /// The actuator's identity (a pseudonym).
    #[n(2)]
    pub actuator: u32,
    /// What it is doing.
    #[n(3)]
    pub status: ActuatorStatus,
    /// The last order that it accepted.
    #[n(4)]
    pub accepted: OrderId,
    /// Steps accepted since its session began.
    #[n(5)]
    pub accepted_total: u64,
    /// Steps delivered since its session began, by its drive.
    #[n(6)]
    pub delivered_total: u64,
    /// Steps confirmed by an independent measurement, if it has one.
    #[n(7)]
    pub verified_total: Option<u64>,
}

/// A report that lies more orders behind what is known was not held up on the way: the link tells no more messages
/// apart, and takes nothing older.
const ORDERS_UNDER_WAY: u64 = 64;

impl Report {
    /// Whether this was held up on the way: the actuator had told before that it had accepted the order `accepted` and
    /// delivered `delivered_total` steps, and nothing in this is newer. One that lies more than 64 orders behind is a new
    /// count, so that no number, however absurd, makes an actuator unheard for good.
    #[must_use]
    pub fn is_late_after(&self, accepted: OrderId, delivered_total: u64) -> bool {
        let known = (accepted, delivered_total);
        let behind = accepted.0.saturating_sub(self.accepted.0);
        behind <= ORDERS_UNDER_WAY && (self.accepted, self.delivered_total) < known
    }
}

/// Who acted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub enum Role {
    /// Not identified; may always stop (ACT-10).
    #[default]
    #[n(0)]
    Unknown,
    /// The person treated, or a caregiver.
    #[n(1)]
    User,
    /// A clinician in charge.
    #[n(2)]
    Clinician,
    /// A person authorised to release integrity, security and identity causes.
    #[n(3)]
    Authorised,
}

/// A disturbance that a person announces; the therapy gives the kind its meaning.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Announcement {
    /// Kind, as the therapy declares it.
    #[n(0)]
    pub kind: u8,
    /// Amount in the smallest unit that the therapy declares for this kind.
    #[n(1)]
    pub amount: u32,
}

/// What a person did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(flat)]
pub enum Action {
    /// Chose a phase.
    #[n(0)]
    Choose(#[n(0)] Phase),
    /// Stopped delivery. Needs no role and cannot be refused (ACT-10).
    #[n(1)]
    Stop,
    /// Acknowledged all alarm conditions now shown.
    #[n(2)]
    Acknowledge,
    /// Released causes of class integrity, security or identity, after a self-test.
    #[n(3)]
    Reset,
    /// Stated that the ledger agrees with what was really given.
    #[n(4)]
    Reconcile,
    /// Asked for a dose: given whole or refused, never reduced (SUP-03).
    #[n(5)]
    Request {
        /// Manipulated variable.
        #[n(0)]
        channel: u8,
        /// Amount.
        #[n(1)]
        steps: Steps,
    },
    /// Set the amount per cycle for manual operation.
    #[n(6)]
    SetManual {
        /// Manipulated variable.
        #[n(0)]
        channel: u8,
        /// Amount per cycle.
        #[n(1)]
        steps: Steps,
    },
    /// Gave a dose by other means (a pen, a syringe).
    #[n(7)]
    Given {
        /// Manipulated variable.
        #[n(0)]
        channel: u8,
        /// Amount.
        #[n(1)]
        steps: Steps,
    },
    /// Announced a disturbance.
    #[n(8)]
    Announce(#[n(0)] Announcement),
    /// Entered a reference measurement, in thousandths of the unit of the loop.
    #[n(9)]
    Reference(#[n(0)] i32),
    /// Confirmed the pending proposal in advisory operation.
    #[n(10)]
    Confirm,
}

impl Default for Action {
    /// The action that is always safe.
    fn default() -> Self {
        Self::Stop
    }
}

/// An action and who took it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct PersonAction {
    /// Who.
    #[n(0)]
    pub by: Role,
    /// What.
    #[n(1)]
    pub action: Action,
}

/// The whole truth of one cycle: whatever can change a decision, time and people included, is a
/// field here, and is in the record before the order is released.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Input {
    /// Number of the cycle.
    #[n(0)]
    pub cycle: Cycle,
    /// Monotonic time at which the cycle began.
    #[n(1)]
    pub now: Instant,
    /// Civil time, for people and records only.
    #[n(2)]
    pub wall: Option<WallClock>,
    /// Sensor messages since the last cycle, in order of arrival.
    #[n(3)]
    pub frames: List<Frame, FRAMES_MAX>,
    /// Actuator reports since the last cycle, in order of arrival.
    #[n(4)]
    pub reports: List<Report, REPORTS_MAX>,
    /// Actions of people since the last cycle, in order.
    #[n(5)]
    pub people: List<PersonAction, PERSON_ACTIONS_MAX>,
    /// Conditions that the runtime itself established (missed deadline, storage, power, links).
    #[n(6)]
    pub conditions: CauseSet,
}
