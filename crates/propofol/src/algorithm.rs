//! What a dosing algorithm is: it sees one typed observation a cycle and wishes for one amount.
//!
//! The frames, the ledger, the steps of the pump and the bounds are the business of the loop around
//! it, which turns any algorithm into a controller of the kernel.

use crate::units::{
    Centimetres, Index, Kilograms, MgPerSecond, Milligrams, Percent, Seconds, UgPerMl, Years,
};
use homeostat_record::Canonical;
use minicbor::{Decode, Encode};

/// Sex, as the kinetic models ask for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sex {
    /// Female.
    Female,
    /// Male.
    Male,
}

/// The person treated: all that a controller may know of anybody before it begins.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Person {
    /// Age.
    pub age: Years,
    /// Weight.
    pub weight: Kilograms,
    /// Height.
    pub height: Centimetres,
    /// Sex.
    pub sex: Sex,
    /// Opioids are given beside propofol.
    pub opioids: bool,
}

/// The settings that a controller may use, from the signed profile.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settings {
    /// The person treated.
    pub person: Person,
    /// Index to aim at.
    pub target: Index,
    /// The control period.
    pub period: Seconds,
    /// One actuator step.
    pub step: Milligrams,
    /// Largest rate.
    pub rate_most: MgPerSecond,
    /// Range of effect-site concentration while the person is anaesthetised (PRO-03).
    pub effect_site: (UgPerMl, UgPerMl),
    /// Largest amount of an induction before a person decides again.
    pub induction_most: Milligrams,
    /// Index below which nothing is given, whatever a model says (PRO-05).
    pub deep: Index,
    /// Suppression ratio above which nothing is given.
    pub suppressed: Percent,
}

/// Stage of an anaesthetic (PRO-01). Induction and emergence begin by a person's word alone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub enum Stage {
    /// Nothing has begun.
    #[default]
    #[n(0)]
    Before,
    /// From awake to the target.
    #[n(1)]
    Induction,
    /// At the target.
    #[n(2)]
    Maintenance,
    /// No more propofol; the person wakes up.
    #[n(3)]
    Emergence,
}

/// How far the index may be used (requirements D.5).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
#[cbor(index_only)]
pub enum Validity {
    /// The model alone, and a person is called.
    #[default]
    #[n(0)]
    Lost,
    /// Effect-site target held at the last validated level.
    #[n(1)]
    Frozen,
    /// The observer goes on alone; no increase.
    #[n(2)]
    ObserverOnly,
    /// The loop is closed.
    #[n(3)]
    Closed,
}

/// What arterial pressure permits, by the levels of the profile: fast down, slow up (PRO-05).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
#[cbor(index_only)]
pub enum Circulation {
    /// Whatever the index asks for.
    #[default]
    #[n(0)]
    Free,
    /// No increase.
    #[n(1)]
    NoIncrease,
    /// Nothing.
    #[n(2)]
    Stop,
}

/// What an algorithm observes in one cycle.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Observation {
    /// Time since the loop began.
    pub time: Seconds,
    /// Time since the last cycle.
    pub passed: Seconds,
    /// Stage of the anaesthetic.
    pub stage: Stage,
    /// Mean index of the usable samples of this cycle.
    pub index: Option<Index>,
    /// Weight of that index in the observer, 0 (not at all) to 1: it falls with signal quality, so
    /// that feedback fades into target-controlled infusion without a jump.
    pub weight: f64,
    /// How far the index may be used; whatever the algorithm makes of it, the loop enforces it.
    pub validity: Validity,
    /// Suppression ratio.
    pub suppression: Option<Percent>,
    /// What arterial pressure permits; everything where it is not connected.
    pub circulation: Circulation,
    /// Propofol that came in since the last cycle. Negative when some that had been counted on trust
    /// turned out not to have been delivered.
    pub delivered: Milligrams,
    /// Propofol that a person gave by other means since the last cycle.
    pub given: Milligrams,
    /// Whether stage and index let the rate rise above the last one.
    pub may_increase: bool,
}

/// What an algorithm would deliver in the coming cycle, and why.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Wish {
    /// The amount.
    pub dose: Milligrams,
    /// The rule that decided: a number of `reason`.
    pub reason: u16,
    /// Effect-site concentration now, as it is believed of this person.
    pub effect_site: UgPerMl,
    /// Plasma concentration now, likewise.
    pub plasma: UgPerMl,
    /// Effect-site concentration that it steers to.
    pub aim: UgPerMl,
    /// Index that it expects at the end of its horizon.
    pub predicted: Index,
    /// Estimated effect-site concentration of half effect, of this person.
    pub half_effect: UgPerMl,
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
