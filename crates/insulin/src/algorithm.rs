//! What a dosing algorithm is: it sees one typed observation a cycle and wishes for one amount.
//!
//! The frames, the ledger, the steps of the pump and the bounds are the business of
//! [`LoopController`](crate::LoopController), which turns any algorithm into a controller of the
//! kernel.

use crate::profile::Settings;
use crate::reason::Reason;
use crate::sensing::Trust;
use crate::units::{GlucoseMgDl, Grams, MgDlPerMinute, Minutes, Units};
use homeostat_record::Canonical;

/// What an algorithm observes in one cycle.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Observation {
    /// Time since the loop began.
    pub time: Minutes,
    /// Glucose, if a usable reading arrived in this cycle.
    pub glucose: Option<GlucoseMgDl>,
    /// The sensor can see no higher: the reading is a lower bound.
    pub at_end: bool,
    /// How far it may be used; whatever the algorithm makes of it, the loop enforces it.
    pub trust: Trust,
    /// Rate of change, where it may be used.
    pub slope: Option<MgDlPerMinute>,
    /// Insulin that came in since the last cycle. Negative when insulin that had been counted on
    /// trust turned out not to have been delivered.
    pub delivered: Units,
    /// Insulin that a person gave by other means since the last cycle.
    pub given: Units,
    /// What the last cycle's proposal asked for beyond what came in: negative where more came.
    pub withheld: Units,
    /// Carbohydrate announced since the last cycle.
    pub announced: Option<Grams>,
    /// Insulin on board, basal included.
    pub on_board: Units,
    /// The level to aim at, raised where the readings are noisy.
    pub target: GlucoseMgDl,
}

/// What an algorithm would deliver in the coming cycle, and why.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Wish {
    /// The whole amount, the meal's part included.
    pub dose: Units,
    /// The part that covers an announced meal.
    pub meal: Units,
    /// The rule that decided.
    pub reason: Reason,
    /// Lowest glucose predicted.
    pub predicted_least: Option<GlucoseMgDl>,
    /// Glucose predicted for the end of the horizon.
    pub predicted_eventual: Option<GlucoseMgDl>,
    /// Carbohydrate not absorbed yet.
    pub carbohydrate_on_board: Grams,
    /// Sensitivity ratio in use: 1 is as set.
    pub ratio: f64,
}

/// A dosing algorithm as a pure function with an explicit state (CTL-01).
pub trait Algorithm {
    /// All that it remembers.
    type State: Copy + PartialEq + Canonical;

    /// What it remembers before the first cycle.
    fn start(&self, settings: &Settings) -> Self::State;

    /// One step. Total: a number that is not finite is caught by the loop.
    fn step(
        &self,
        settings: &Settings,
        state: &Self::State,
        seen: &Observation,
    ) -> (Self::State, Wish);
}

/// The programmed basal rate and nothing else: the open-loop arm of a trial. Meal boluses come as
/// requests of a person.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OpenLoop;

/// An open loop remembers nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
#[cbor(array)]
pub struct Nothing {}

impl Algorithm for OpenLoop {
    type State = Nothing;

    fn start(&self, _: &Settings) -> Nothing {
        Nothing {}
    }

    fn step(&self, settings: &Settings, _: &Nothing, _: &Observation) -> (Nothing, Wish) {
        (Nothing {}, Wish::basal(settings, Reason::Basal))
    }
}

impl Wish {
    /// The basal amount of one cycle.
    #[must_use]
    pub fn basal(settings: &Settings, reason: Reason) -> Self {
        Self {
            dose: settings.basal * settings.period,
            meal: Units(0.0),
            reason,
            predicted_least: None,
            predicted_eventual: None,
            carbohydrate_on_board: Grams(0.0),
            ratio: 1.0,
        }
    }
}
