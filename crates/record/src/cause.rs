//! Why a machine's authority is limited: one closed list for every therapy.

use minicbor::{Decode, Encode};

macro_rules! causes {
    ($( $(#[$doc:meta])* $name:ident = $code:literal, )+) => {
        /// A named reason to limit what the machine may do. Codes are stable: a log of any age
        /// keeps its meaning; new causes are added at the end.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
        #[cbor(index_only)]
        pub enum Cause { $( $(#[$doc])* #[n($code)] $name = $code, )+ }

        impl Cause {
            /// Every cause, in the order of the codes.
            pub const ALL: [Self; [$($code),+].len()] = [$(Self::$name),+];

            /// The cause's name as it stands in the code and in reports.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => stringify!($name),)+ }
            }
        }
    };
}

causes! {
    /// No valid input within the expected period.
    InputMissing = 0,
    /// Signal quality below the first threshold.
    QualityReduced = 1,
    /// Signal quality below the second threshold.
    QualityPoor = 2,
    /// Flat line, impossible rate or out of physiologic range.
    InputImplausible = 3,
    /// A known artefact is suspected (for example a compression low or electrocautery).
    ArtefactSuspected = 4,
    /// A reference measurement disagrees with the sensor beyond its bound.
    ReferenceDisagrees = 5,
    /// The sensor warms up, was exchanged, or its session has ended.
    SensorNotReady = 6,
    /// The controller's answer came after its deadline.
    DeadlineMissed = 7,
    /// The controller gave no usable answer: silent, crashed, not finite.
    ControllerFailed = 8,
    /// The second opinion's figures differ from the controller's beyond tolerance, or it objects.
    OpinionDiffers = 9,
    /// The guard had to clamp more often than the window allows.
    GuardClamping = 10,
    /// The controller asked for something outside its declared space.
    GuardViolation = 11,
    /// The command has been at a limit for too long and the aim is not met.
    Saturation = 12,
    /// Sustained oscillation of the variable or the command.
    Oscillation = 13,
    /// The physiologic variable is beyond the hard bound at which delivery must stop.
    PhysiologicStop = 14,
    /// The physiologic variable is predicted to pass the hard bound.
    PredictedStop = 15,
    /// The physiologic variable is beyond the bound at which more delivery is needed.
    PhysiologicNeed = 16,
    /// The actuator delivered more than it accepted.
    OverDelivery = 17,
    /// The actuator delivered less than it accepted (occlusion, empty, stalled).
    UnderDelivery = 18,
    /// The actuator does not obey: it delivers while stopped.
    ActuatorDisobeys = 19,
    /// Nothing was heard of the actuator.
    ActuatorSilent = 20,
    /// The clock jumped, ran backward or differs from a peer's.
    ClockDoubtful = 21,
    /// Sensor, patient or drug is not the one that this session was set up for.
    IdentityMismatch = 22,
    /// The record cannot be written or its chain is broken.
    RecordLost = 23,
    /// Code, configuration or state failed its integrity check, or an invariant was broken.
    IntegrityLost = 24,
    /// Authentication failures on a link beyond the bound.
    LinkAttacked = 25,
    /// A divergence reported by a replay elsewhere was confirmed locally.
    ReplayDiverged = 26,
    /// The power reserve is below what a safe hand-over needs.
    PowerLow = 27,
    /// Nobody answered an alarm of high priority in time.
    NoResponse = 28,
    /// The profile is missing, damaged, or not signed by who may sign for this device.
    ProfileInvalid = 29,
    /// The power-on self-test failed.
    SelfTestFailed = 30,
    /// A peer's identity or version is not on the accepted list.
    PeerNotAccepted = 31,
    /// What sounds and shows the alarms does not confirm that it does.
    AlarmPathLost = 32,
    /// Another physiologic variable than the controlled one permits no increase of delivery.
    PhysiologicHold = 33,
}

/// A set of causes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(transparent)]
pub struct CauseSet(#[n(0)] u64);

impl CauseSet {
    /// No cause.
    pub const EMPTY: Self = Self(0);

    /// The set whose members are the set bits, bit 0 being the first cause.
    #[must_use]
    pub const fn from_bits(bits: u64) -> Self {
        Self(bits)
    }

    /// The members as bits.
    #[must_use]
    pub const fn bits(self) -> u64 {
        self.0
    }

    /// The set with `cause` added.
    #[must_use]
    pub const fn with(self, cause: Cause) -> Self {
        Self(self.0 | 1 << cause as u32)
    }

    /// The set with `cause` taken out.
    #[must_use]
    pub const fn without(self, cause: Cause) -> Self {
        Self(self.0 & !(1 << cause as u32))
    }

    /// The set with `cause` added if `holds`.
    #[must_use]
    pub const fn with_if(self, cause: Cause, holds: bool) -> Self {
        if holds { self.with(cause) } else { self }
    }

    /// Both sets together.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether `cause` is a member.
    #[must_use]
    pub const fn has(self, cause: Cause) -> bool {
        self.0 & (1 << cause as u32) != 0
    }

    /// Whether there is no member.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The members in the order of their codes.
    pub fn iter(self) -> impl Iterator<Item = Cause> {
        Cause::ALL.into_iter().filter(move |cause| self.has(*cause))
    }
}
