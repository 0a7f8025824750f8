//! What is measured: the controlled variable and others, and the chart of the past.

use super::{At, Clock, Length};
use serde::{Deserialize, Serialize};

/// One measured or computed variable.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Measured {
    /// Its name.
    pub name: String,
    /// The value as text; `None` where there is none.
    pub value: Option<String>,
    /// Its unit; empty where it has none.
    pub unit: String,
    /// When it was taken.
    pub taken: Option<At>,
    /// A new one is expected this often.
    pub interval: Length,
    /// How much later than that it may come and still count as in time.
    pub allowance: Length,
    /// How good it is.
    pub quality: Quality,
    /// How it moves.
    pub trend: Option<Trend>,
    /// What is aimed at, with the unit; empty for what is not controlled.
    pub aim: String,
    /// Alarm limits beside the value; empty where there are none.
    pub alarm_limits: String,
    /// Where the value lies, in words such as "in range"; empty where that means nothing.
    pub place: String,
}

impl Measured {
    /// Beyond this age a value is old: one interval has passed without a new one.
    #[must_use]
    pub const fn stale_after(&self) -> Length {
        self.interval.plus(self.allowance)
    }

    /// Whether the value is older than it may be when `clock` was read.
    #[must_use]
    pub fn is_stale(&self, clock: &Clock) -> bool {
        self.taken.is_some_and(|taken| clock.age(taken) > self.stale_after())
    }
}

/// How good a value is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quality {
    /// The grade.
    pub grade: Grade,
    /// In words, with the figure where there is one.
    pub words: String,
}

/// Grades of quality.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Grade {
    /// May be used in full.
    Good,
    /// May be used to reduce.
    Reduced,
    /// Not used.
    Poor,
}

/// How a value moves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trend {
    /// Direction.
    pub sign: TrendSign,
    /// In words, with the figure.
    pub words: String,
}

/// Direction of a trend.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TrendSign {
    /// Rises fast.
    RisesFast,
    /// Rises.
    Rises,
    /// Steady.
    Steady,
    /// Falls.
    Falls,
    /// Falls fast.
    FallsFast,
}

/// What the chart draws.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Chart {
    /// What it shows, for who cannot see it.
    pub summary: String,
    /// The controlled variable and what stands on its scale.
    pub upper: Vec<Series>,
    /// Delivery, below it on the same time axis.
    pub lower: Vec<Series>,
    /// Shaded ranges on the upper scale.
    pub bands: Vec<Band>,
    /// Moments with a word, such as a change of mode.
    pub marks: Vec<Mark>,
}

/// A line of the chart.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Series {
    /// Its name.
    pub name: String,
    /// Its unit.
    pub unit: String,
    /// Whether a value holds until the next one.
    pub steps: bool,
    /// Points in order of time; `None` breaks the line.
    pub points: Vec<Point>,
}

/// A point of the chart.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Point(pub At, pub Option<f64>);

/// A shaded range.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Band {
    /// What it is.
    pub name: String,
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

/// A moment with a word.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    /// When.
    pub at: At,
    /// What.
    pub words: String,
}
