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
    /// No stage was announced.
    NotBegun = 1, "no propofol: neither induction nor maintenance has been announced";
    /// From awake to the target.
    Induction = 2, "induction towards the target";
    /// At the target.
    Maintenance = 3, "holding the index at its target";
    /// The person is to wake up.
    Emergence = 4, "no propofol: emergence, the remaining effect wears off";
    /// More effect is on its way than the index shows.
    Waiting = 5, "waiting: propofol already given has not had its full effect";
    /// The index is below its target.
    Less = 6, "less propofol: the index is below its target";
    /// The index is above its target.
    More = 7, "more propofol: the index is above its target";
    /// Held at the largest permitted rate.
    RateMost = 8, "held to the largest permitted rate";
    /// Held at the highest permitted effect-site concentration.
    EffectMost = 9, "held to the highest permitted effect-site concentration";
    /// Kept at the lowest effect-site concentration of an anaesthetised person.
    EffectLeast = 10, "kept at the lowest effect-site concentration of an anaesthetised person";
    /// The induction's amount is used up.
    InductionSpent = 11, "held back: the amount of an induction is used up";
    /// The effect-site model alone.
    ObserverOnly = 12, "no increase: the index is not usable, the model goes on alone";
    /// Effect site held at the last validated level.
    Frozen = 13, "the effect site is held at its last validated level: the index is lost";
    /// The same for long, and a person is called.
    Lost = 14, "the effect site is held by the model: the index has been lost for long";
    /// The index is low: for long, or below the middle of the low level and the target.
    Low = 15, "no increase: the index is low";
    /// The index is too deep.
    Deep = 16, "no propofol: the index is too deep";
    /// The electroencephalogram is suppressed.
    Suppressed = 17, "no propofol: the electroencephalogram is suppressed";
    /// Arterial pressure is low.
    PressureLow = 18, "no increase: arterial pressure is low";
    /// Arterial pressure is dangerously low.
    PressureStop = 19, "no propofol: arterial pressure is dangerously low";
    /// The algorithm gave no finite number: it abstains.
    NotFinite = 20, "no proposal: the algorithm gave no finite number";
    /// Target-controlled infusion without feedback.
    TargetControlled = 21, "target-controlled infusion without feedback from the index";
    /// The index shows nothing yet of what was given.
    Unseen = 22, "held back: the index shows nothing yet of the propofol given";
}
