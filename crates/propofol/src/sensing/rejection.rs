//! Why a frame is not used.

macro_rules! rejections {
    ($($(#[$doc:meta])* $name:ident = $code:literal,)+) => {
        /// The first check that a frame failed.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        #[repr(u8)]
        pub enum Rejection { $($(#[$doc])* $name = $code,)+ }

        impl Rejection {
            /// Every rejection, in order.
            pub const ALL: [Self; [$($code),+].len()] = [$(Self::$name),+];

            /// Its name as it stands in the code and in reports.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => stringify!($name),)+ }
            }
        }
    };
}

rejections! {
    /// Not a frame, or damaged.
    Malformed = 0,
    /// About something that this therapy does not use.
    NotOurs = 1,
    /// In a unit that its quantity does not have.
    WrongUnit = 2,
    /// From a source that the profile does not accept.
    IdentityNotAccepted = 3,
    /// Demonstration data.
    Demonstration = 4,
    /// The source reports a malfunction.
    Malfunction = 5,
    /// The source's session has ended.
    SessionEnded = 6,
    /// The source is not ready.
    NotReady = 7,
    /// Sent again, for display only.
    Backfill = 8,
    /// The source was started again, and nobody has checked it since.
    SessionRestarted = 9,
    /// Seen already.
    Duplicate = 10,
    /// Older than one that was seen.
    OutOfOrder = 11,
    /// Too old.
    Stale = 12,
    /// The source's clock is ahead of what is possible.
    FromTheFuture = 13,
    /// Not a value that the quantity can have.
    OutOfRange = 14,
    /// Signal quality or muscle activity is not known.
    Unqualified = 15,
    /// Signal quality is too low.
    QualityLow = 16,
    /// Muscle activity, or electrocautery, is too high.
    Muscle = 17,
    /// Held back after a burst of interference: the monitor's smoothing still contains it.
    Burst = 18,
    /// The index cannot change as fast as this.
    Jump = 19,
    /// The very same value for long: a living person's index moves.
    Stuck = 20,
}

/// A set of rejections.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rejections(u32);

impl Rejections {
    /// The set with one more.
    #[must_use]
    pub const fn with(self, rejection: Rejection) -> Self {
        Self(self.0 | 1 << rejection as u32)
    }

    /// Whether it is a member.
    #[must_use]
    pub const fn has(self, rejection: Rejection) -> bool {
        self.0 & (1 << rejection as u32) != 0
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The members in order.
    pub fn iter(self) -> impl Iterator<Item = Rejection> {
        Rejection::ALL.into_iter().filter(move |rejection| self.has(*rejection))
    }
}
