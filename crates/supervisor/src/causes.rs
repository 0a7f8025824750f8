//! What a cause does: the types of the one table, and how a row is read.

use crate::Timing;
use homeostat_record::{Authority, Cause, Priority, Role};

/// A delay by name; its cycles stand in the signed profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delay {
    /// In the cycle in which the cause appears.
    Now,
    /// [`Timing::input_limited`].
    InputLimited,
    /// [`Timing::input_lost`].
    InputLost,
    /// [`Timing::implausible`].
    Implausible,
    /// [`Timing::deadline_misses`].
    DeadlineMisses,
    /// [`Timing::record_lost`].
    RecordLost,
    /// [`Timing::escalation`].
    Escalation,
}

impl Delay {
    /// The number of cycles for which a cause must have held.
    #[must_use]
    pub const fn cycles(self, timing: &Timing) -> u16 {
        match self {
            Self::Now => 1,
            Self::InputLimited => timing.input_limited,
            Self::InputLost => timing.input_lost,
            Self::Implausible => timing.implausible,
            Self::DeadlineMisses => timing.deadline_misses,
            Self::RecordLost => timing.record_lost,
            Self::Escalation => timing.escalation,
        }
    }
}

/// What may come of an alarm condition that nobody answers (IEC 60601-1-8, table 1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Harm {
    /// None: the condition is logged and shown.
    None,
    /// Minor injury or discomfort.
    Minor,
    /// Reversible injury.
    Reversible,
    /// Death or irreversible injury.
    Irreversible,
}

/// How soon it comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Onset {
    /// Too soon for a person to prevent it once it has begun.
    Immediate,
    /// Soon, but a person who answers the alarm can prevent it.
    Prompt,
    /// Later.
    Delayed,
}

/// The priority grid of ALM-02. Where it leaves low or none open (minor, delayed) we take low.
#[must_use]
pub const fn priority(harm: Harm, onset: Onset) -> Priority {
    match (harm, onset) {
        (Harm::None, _) => Priority::None,
        (Harm::Irreversible, Onset::Immediate | Onset::Prompt)
        | (Harm::Reversible, Onset::Immediate) => Priority::High,
        (Harm::Irreversible, Onset::Delayed)
        | (Harm::Reversible, Onset::Prompt)
        | (Harm::Minor, Onset::Immediate) => Priority::Medium,
        (Harm::Reversible, Onset::Delayed) | (Harm::Minor, Onset::Prompt | Onset::Delayed) => {
            Priority::Low
        }
    }
}

/// One step of a row: once the cause has held for so long, the machine may do no more than this.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stage {
    /// How long the cause must have held.
    pub after: Delay,
    /// Most authority from then on; `Full` where the cause is an alarm alone.
    pub ceiling: Authority,
    /// Harm if nobody answers.
    pub harm: Harm,
    /// How soon.
    pub onset: Onset,
}

/// Nature of a cause (register D.1, principle 7).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// Comes and goes by itself.
    Transient,
    /// A part of the system is at fault.
    Technical,
    /// The patient's state.
    Clinical,
    /// Code, data or calculation cannot be trusted.
    Integrity,
    /// Somebody may be attacking.
    Security,
    /// This is not the patient, sensor or drug that was set up.
    Identity,
    /// Energy runs short.
    Power,
    /// Nobody answers.
    Escalation,
}

/// Whether an alarm condition speaks of the patient or of the equipment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The patient.
    Physiologic,
    /// The equipment.
    Technical,
}

/// What lets authority rise again once a cause is clear. Dwell is always needed on top.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Release {
    /// Nothing more.
    WhenClear,
    /// An identified person acknowledges after the cause has cleared.
    Acknowledge,
    /// An identified person reconciles the ledger after the cause has cleared.
    Reconcile,
    /// An authorised person resets after the cause has cleared; a self-test follows.
    AuthorisedReset,
}

/// One row of the table: all that a cause does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    /// The cause.
    pub cause: Cause,
    /// Its nature.
    pub class: Class,
    /// Patient or equipment.
    pub kind: Kind,
    /// Ceilings that go down the longer it holds.
    pub stages: &'static [Stage],
    /// Ceiling when it comes a second time before a person has acknowledged the first; it is then
    /// held until acknowledged.
    pub second: Option<Authority>,
    /// What ends it.
    pub release: Release,
    /// Whether the alarm stays until acknowledged although the cause is clear (ALM-07).
    pub latching: bool,
    /// Whether silence has consequences: a medium alarm that nobody answers turns high, and a
    /// high one that nobody answers lowers authority (MOD-06, ALM-13).
    pub escalates: bool,
    /// The requirement that it serves.
    pub requirement: &'static str,
    /// What the user reads.
    pub message: &'static str,
    /// What the user should do.
    pub advice: &'static str,
}

impl Row {
    /// Most authority after the cause has held for `age` cycles.
    #[must_use]
    pub fn ceiling(&self, age: u16, timing: &Timing) -> Authority {
        self.reached(age, timing).map(|stage| stage.ceiling).min().unwrap_or(Authority::Full)
    }

    /// Priority of the alarm after the cause has held for `age` cycles.
    #[must_use]
    pub fn priority(&self, age: u16, timing: &Timing) -> Priority {
        let reached = self.reached(age, timing);
        reached.map(|stage| priority(stage.harm, stage.onset)).max().unwrap_or(Priority::None)
    }

    fn reached(&self, age: u16, timing: &Timing) -> impl Iterator<Item = &Stage> {
        self.stages.iter().filter(move |stage| age >= stage.after.cycles(timing))
    }
}

impl Release {
    /// Whether clearing alone is not enough.
    #[must_use]
    pub const fn needs_person(self) -> bool {
        match self {
            Self::WhenClear => false,
            Self::Acknowledge | Self::Reconcile | Self::AuthorisedReset => true,
        }
    }
}

/// Whether this role counts as an identified person.
#[must_use]
pub const fn identified(role: Role) -> bool {
    match role {
        Role::Unknown => false,
        Role::User | Role::Clinician | Role::Authorised => true,
    }
}

/// Whether this role may release causes of class integrity, security or identity.
#[must_use]
pub const fn authorised(role: Role) -> bool {
    match role {
        Role::Unknown | Role::User | Role::Clinician => false,
        Role::Authorised => true,
    }
}
