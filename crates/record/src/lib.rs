//! The words of the loop: what was sensed, asked, proposed, decided and delivered, and the
//! canonical bytes of each.
//!
//! Owns: every type that is logged, and its encoding (deterministic CBOR, RFC 8949 section 4.2,
//! integer-indexed arrays). Promises: `encode(decode(bytes)) == bytes`, or decoding fails; no
//! allocation, no panic, every collection bounded. Absent: therapy, limits, arithmetic on doses,
//! clocks, files.
//!
//! Start reading at [`Input`] (all that can influence one cycle) and [`Decision`] (all that
//! followed from it). Together with the controller's [`Proposal`] and the second [`Opinion`]
//! they are one [`CycleEntry`] of the black box.
#![no_std]
#![forbid(unsafe_code)]

pub mod canonical;
mod cause;
mod decision;
mod entry;
mod frame;
mod input;
mod list;
mod opinion;
pub mod packed;
mod proposal;
pub mod sparse;
mod time;

pub use canonical::{Canonical, DecodeError, Digest, EncodeError};
pub use cause::{Cause, CauseSet};
pub use decision::{
    Account, AlarmEvent, AlarmEventKind, Authority, Decision, Limit, Mode, Order, OrderId, Phase,
    Priority, Refusal, Source, Unmet, Verdict,
};
pub use entry::{CycleEntry, EntryKind, SoftwareIdentity};
pub use frame::{FRAME_LEN, FrameError, Quantity, SensorFrame, StatusFlags, Unit};
pub use input::{
    Action, ActuatorStatus, Announcement, CHANNELS, FRAME_BYTES_MAX, FRAMES_MAX, Frame, Input,
    PERSON_ACTIONS_MAX, PersonAction, REPORTS_MAX, Report, Role,
};
pub use list::{Bytes, Full, List};
pub use opinion::{Objection, Opinion, SecondOpinion};
pub use proposal::{FIGURES, Proposal, Rationale};
pub use time::{Cycle, Instant, Span, WallClock};

mod steps;
pub use steps::Steps;

#[cfg(test)]
mod tests;
