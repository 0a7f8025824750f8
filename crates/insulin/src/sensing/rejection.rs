//! Why a reading is not used.

macro_rules! rejections {
    ($($(#[$doc:meta])* $name:ident = $code:literal,)+) => {
        /// The named reason for which a reading is not used (SEN-03). Codes are stable.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Rejection { $($(#[$doc])* $name = $code,)+ }

        impl Rejection {
            /// Every reason, in the order of the codes.
            pub const ALL: [Self; [$($code),+].len()] = [$(Self::$name),+];

            /// The reason's name as it stands in the code and in reports.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => stringify!($name),)+ }
            }
        }
    };
}

rejections! {
    /// Not a sensor frame: wrong length, version, word or check sum.
    Malformed = 0,
    /// Not glucose, or in a unit that glucose does not have.
    NotGlucose = 1,
    /// From a sensor that the profile does not accept.
    IdentityNotAccepted = 2,
    /// Demonstration data.
    Demonstration = 3,
    /// The sensor reports a malfunction.
    Malfunction = 4,
    /// The sensor's session has ended.
    SessionEnded = 5,
    /// The sensor warms up.
    WarmUp = 6,
    /// The sensor is past its wear life.
    WornOut = 7,
    /// The session's age went backward: a used sensor was started again.
    SessionRestarted = 8,
    /// Sent again or late, for display only.
    Backfill = 9,
    /// The same reading again, or one too soon after the last.
    Duplicate = 10,
    /// Older than a reading that came before it.
    OutOfOrder = 11,
    /// Older than the permitted age, by monotonic time.
    Stale = 12,
    /// Ahead of time: the sensor's clock cannot be right.
    FromTheFuture = 13,
    /// A code that means failure, or no possible value.
    FailureCode = 14,
    /// Below the measuring range ("Low"): no number, but delivery stops.
    BelowRange = 15,
    /// A number above the measuring range from a sensor that should have said "High".
    AboveRange = 16,
    /// A number of the other unit: mmol/L in the place of mg/dL, or the reverse.
    UnitSlip = 17,
    /// A step that glucose cannot make.
    Jump = 18,
}

/// A set of reasons.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rejections(u32);

impl Rejections {
    /// The set with `reason` added.
    #[must_use]
    pub const fn with(self, reason: Rejection) -> Self {
        Self(self.0 | 1 << reason as u32)
    }

    /// Whether `reason` is a member.
    #[must_use]
    pub const fn has(self, reason: Rejection) -> bool {
        self.0 & (1 << reason as u32) != 0
    }

    /// Whether there is no member.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The members in the order of their codes.
    pub fn iter(self) -> impl Iterator<Item = Rejection> {
        Rejection::ALL.into_iter().filter(move |reason| self.has(*reason))
    }
}
