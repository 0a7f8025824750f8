//! Why a controller proposes what it proposes: the numbers of `Rationale::reason` (CTL-15).

macro_rules! reasons {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $words:literal;)+) => {
        /// The rule that decided a proposal. Codes are stable: a log of any age keeps its meaning.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        #[repr(u16)]
        pub enum Reason { $($(#[$doc])* $name = $code,)+ }

        impl Reason {
            /// Every reason, in the order of the codes.
            pub const ALL: [Self; [$($code),+].len()] = [$(Self::$name),+];

            /// The words for people.
            #[must_use]
            pub const fn words(self) -> &'static str {
                match self { $(Self::$name => $words,)+ }
            }

            /// The reason with this number.
            #[must_use]
            pub fn of(code: u16) -> Option<Self> {
                Self::ALL.into_iter().find(|reason| *reason as u16 == code)
            }
        }
    };
}

reasons! {
    /// The programmed basal rate.
    Basal = 1, "the programmed basal rate";
    /// A correction towards the target.
    Correction = 2, "a correction towards the target";
    /// Less than basal because glucose is predicted below the target.
    Reduced = 3, "less than basal: glucose is predicted to go below the target";
    /// Nothing because glucose is, or is predicted, below the suspend level.
    Suspended = 4, "no insulin: glucose is or will be below the suspend level";
    /// Insulin for an announced meal.
    Meal = 5, "insulin for the announced meal";
    /// Insulin for a rise that looks like a meal nobody announced.
    SuspectedMeal = 6, "insulin for a rise that looks like an unannounced meal";
    /// No more than basal because glucose falls.
    Falling = 7, "no more than basal: glucose is falling";
    /// Nothing new because there is no usable glucose.
    NoGlucose = 8, "no more than basal: there is no usable glucose value";
    /// Nothing because what the sensor says is low.
    Low = 9, "no insulin: the sensor reads low";
    /// Held to basal because the reading may only reduce delivery.
    ReduceOnly = 10, "held to basal: the reading is not trusted enough to give more";
    /// Held to the automatic ceiling.
    Ceiling = 11, "held to the largest automatic amount of a cycle";
    /// Held back because enough insulin is on board.
    OnBoard = 12, "held back: enough insulin is on board";
    /// The algorithm gave no finite number: it abstains.
    NotFinite = 13, "no proposal: the algorithm gave no finite number";
    /// Basal because nothing was delivered for as long as a stop may last (GLY-22).
    LongStop = 14, "the basal rate: nothing was delivered for as long as that is safe";
}
