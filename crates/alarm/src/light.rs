//! What is seen: colour and flashing by priority (ALM-03). Colour is never the only cue: the flashing
//! differs too, and words and marks stand beside it.

use homeostat_record::{Priority, Span};

/// Colour of an alarm light.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Colour {
    /// High.
    Red,
    /// Medium.
    Yellow,
    /// Low.
    Cyan,
}

/// A light that flashes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Flash {
    /// From one lighting to the next.
    pub period: Span,
    /// How much of it is lit.
    pub lit: Span,
}

/// An alarm light.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Light {
    /// Its colour.
    pub colour: Colour,
    /// How it flashes; `None` is steady.
    pub flash: Option<Flash>,
}

impl Light {
    /// The light of a priority: red at 2 Hz, yellow at 0.625 Hz, both lit for two fifths of the time;
    /// cyan, steady.
    #[must_use]
    pub const fn of(priority: Priority) -> Option<Self> {
        let (colour, flash) = match priority {
            Priority::None => return None,
            Priority::Low => (Colour::Cyan, None),
            Priority::Medium => (Colour::Yellow, Some((1_600, 640))),
            Priority::High => (Colour::Red, Some((500, 200))),
        };
        let flash = match flash {
            Some((period, lit)) => {
                Some(Flash { period: Span::from_millis(period), lit: Span::from_millis(lit) })
            }
            None => None,
        };
        Some(Self { colour, flash })
    }

    /// Whether it is lit so long after it was switched on.
    #[must_use]
    pub const fn lit(&self, since: Span) -> bool {
        match self.flash {
            None => true,
            Some(flash) => match since.as_millis().checked_rem(flash.period.as_millis()) {
                Some(within) => within < flash.lit.as_millis(),
                None => true,
            },
        }
    }
}
