//! The therapies that these peers serve, and what each means for times and units.

use homeostat_record::Span;

/// Which therapy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Therapy {
    /// A person with diabetes, a glucose sensor, an insulin pump.
    Insulin,
    /// A person under anaesthesia, a monitor of the index of hypnosis, a syringe pump.
    Propofol,
}

impl Therapy {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Insulin, Self::Propofol];

    /// Its name, as links and profiles have it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Insulin => "insulin",
            Self::Propofol => "propofol",
        }
    }

    /// The code in a tubing datagram. Codes keep a Hamming distance of at least four.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::Insulin => 0x33,
            Self::Propofol => 0x3C,
        }
    }

    /// In which the body lives and the pump ticks.
    #[must_use]
    pub const fn tick(self) -> Span {
        match self {
            Self::Insulin => Span::from_minutes(1),
            Self::Propofol => Span::from_seconds(1),
        }
    }

    /// Between the frames of its sensor.
    #[must_use]
    pub const fn frame_period(self) -> Span {
        match self {
            Self::Insulin => Span::from_minutes(5),
            Self::Propofol => Span::from_seconds(1),
        }
    }

    /// Length of a control cycle.
    #[must_use]
    pub const fn cycle(self) -> Span {
        match self {
            Self::Insulin => Span::from_minutes(5),
            Self::Propofol => Span::from_seconds(5),
        }
    }
}
