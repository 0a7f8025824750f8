//! One patient through time: glucose, what was delivered and eaten, and who had authority.

use serde::{Deserialize, Serialize};

use super::axis::Frame;
use super::envelope::time_axis;
use super::svg::Svg;
use super::trace_panels::{causes_text, glucose_panel, insulin_panel, mode_panel};
use crate::metrics::{Carbohydrate, Glucose, Insulin, InsulinRate, Seconds};

/// How much the machine may do; the register's authority levels, and what a person took over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Authority {
    /// Fail-stop: nothing is delivered and a person is needed.
    FailStop,
    /// Delivery suspended.
    Suspend,
    /// The pre-agreed background delivery.
    Background,
    /// May reduce, may not exceed the background.
    Limited,
    /// Full closed loop.
    Full,
    /// A person is in charge.
    Manual,
}

impl Authority {
    /// All levels, highest first.
    pub const ALL: [Self; 6] =
        [Self::Full, Self::Limited, Self::Background, Self::Suspend, Self::FailStop, Self::Manual];

    /// The level's name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Full => "automatic",
            Self::Limited => "limited",
            Self::Background => "background",
            Self::Suspend => "suspended",
            Self::FailStop => "fail-stop",
            Self::Manual => "manual",
        }
    }
}

/// A stretch of time in one mode.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ModeSpan {
    /// Start.
    pub from: Seconds,
    /// End.
    pub to: Seconds,
    /// The authority in it.
    pub authority: Authority,
    /// Why, in words; empty in normal running.
    pub cause: String,
}

/// Something eaten.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Meal {
    /// When.
    pub at: Seconds,
    /// How much.
    pub carbohydrate: Carbohydrate,
    /// Whether the loop was told.
    pub announced: bool,
}

/// What there is to see of one patient.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PatientTrace {
    /// The patient.
    pub subject: String,
    /// Why this patient is shown, in a few words.
    pub caption: String,
    /// Length of the window; times count from its start, a midnight.
    pub span: Seconds,
    /// True glucose.
    pub glucose: Vec<(Seconds, Glucose)>,
    /// What the sensor said.
    pub sensor: Vec<(Seconds, Glucose)>,
    /// Background delivery: each rate holds until the next.
    pub basal: Vec<(Seconds, InsulinRate)>,
    /// Single doses.
    pub boluses: Vec<(Seconds, Insulin)>,
    /// The highest rate that the guard would have let pass: each holds until the next.
    pub limit: Vec<(Seconds, InsulinRate)>,
    /// Meals.
    pub meals: Vec<Meal>,
    /// Modes, in time order.
    pub modes: Vec<ModeSpan>,
    /// Moments at which the guard reduced or refused a proposal.
    pub limited: Vec<Seconds>,
}

const WIDTH: f64 = 1080.0;
const LEFT: f64 = 58.0;
const RIGHT: f64 = 1068.0;
const GLUCOSE: Frame = Frame { left: LEFT, right: RIGHT, top: 26.0, bottom: 216.0 };
const INSULIN: Frame = Frame { left: LEFT, right: RIGHT, top: 232.0, bottom: 312.0 };
const MODE: Frame = Frame { left: LEFT, right: RIGHT, top: 326.0, bottom: 360.0 };

/// Glucose, insulin and modes on one time axis; numbered causes are explained beneath.
#[must_use]
pub fn trace_figure(trace: &PatientTrace, title: &str) -> Svg {
    let causes = causes_text(&trace.modes, day_and_time);
    let height = 402.0 + 17.0 * causes.len() as f64;
    let mut svg = Svg::new(WIDTH, height, title);
    let end = trace.span.0.max(3600) as f64;
    let across = MODE.across(end);
    time_axis(&mut svg, &MODE, &across, end);
    glucose_panel(&mut svg, &GLUCOSE, &across, trace);
    insulin_panel(&mut svg, &INSULIN, &across, trace);
    mode_panel(&mut svg, &MODE, &across, &trace.modes, &trace.limited);
    for (index, line) in causes.iter().enumerate() {
        let y = 412.0 + 17.0 * index as f64;
        svg.text("small", (LEFT, y), super::svg::Anchor::Start, line);
    }
    svg
}

fn day_and_time(at: Seconds) -> String {
    let (day, hour, minute) = (at.0 / 86_400 + 1, at.0 % 86_400 / 3600, at.0 % 3600 / 60);
    format!("day {day} {hour:02}:{minute:02}")
}
