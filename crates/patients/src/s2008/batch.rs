//! Many subjects side by side.

use super::lanes::Lanes;
use super::parameters::{Derived, S2008Parameters};
use crate::patient::{MinuteInputs, NamedState};
use crate::physiology::{Acting, Physiology, Variability};
use crate::random::Seed;
use crate::units::MgPerDl;

/// Subjects computed side by side: many subjects at several times the speed of one after another, with
/// the same bits.
#[derive(Clone, Debug)]
pub struct S2008Batch {
    subjects: Vec<(S2008Parameters, Derived)>,
    groups: Vec<Lanes<LANES>>,
    /// Those whom the groups do not hold.
    rest: Vec<Lanes<1>>,
    /// Empty, or one a subject.
    physiologies: Vec<Physiology>,
    minute: u32,
}

/// Subjects in a group: enough that their chains of operations fill the processor's pipelines.
const LANES: usize = 8;

/// The smallest rest of subjects that a group of its own, with empty lanes, is worth.
const WORTH_A_GROUP: usize = 3;

impl S2008Batch {
    /// All subjects, fasting at their basal rates.
    #[must_use]
    pub fn new(parameters: &[S2008Parameters]) -> Self {
        let (mut groups, mut rest) = (Vec::new(), Vec::new());
        for some in parameters.chunks(LANES) {
            if some.len() >= WORTH_A_GROUP {
                groups.push(seated::<LANES>(some));
            } else {
                rest.extend(some.chunks(1).map(seated::<1>));
            }
        }
        let subjects = parameters.iter().map(|p| (p.clone(), p.derived())).collect();
        Self { subjects, groups, rest, physiologies: Vec::new(), minute: 0 }
    }

    /// All subjects, varying from hour to hour and day to day as `S2008Patient::varying`.
    #[must_use]
    pub fn varying(parameters: &[S2008Parameters], variability: Variability, seed: Seed) -> Self {
        let of = |p: &S2008Parameters| Physiology::new(variability, seed, &p.name);
        Self { physiologies: parameters.iter().map(of).collect(), ..Self::new(parameters) }
    }

    /// How many subjects there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.subjects.len()
    }

    /// Whether there is nobody.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.subjects.is_empty()
    }

    /// One minute for everyone; `inputs` in the order of the subjects. A missing input counts as
    /// nothing eaten and nothing delivered.
    pub fn advance_minute(&mut self, inputs: &[MinuteInputs]) {
        for subject in 0..self.physiologies.len() {
            let Some(glucose) = self.plasma_glucose(subject) else { continue };
            let acting = self.physiologies[subject].advance_minute(self.minute, glucose);
            self.act(subject, acting);
        }
        for (group, lanes) in self.groups.iter_mut().enumerate() {
            let mut own = [MinuteInputs::default(); LANES];
            let theirs = inputs.get(group * LANES..).unwrap_or_default();
            for (into, from) in own.iter_mut().zip(theirs) {
                *into = *from;
            }
            lanes.advance_minute(&own);
        }
        let seats = self.groups.len() * LANES;
        for (place, alone) in self.rest.iter_mut().enumerate() {
            alone.advance_minute(&[inputs.get(seats + place).copied().unwrap_or_default()]);
        }
        self.minute += 1;
    }

    /// Minutes lived.
    #[must_use]
    pub fn minute(&self) -> u32 {
        self.minute
    }

    /// Plasma glucose of a subject; `None` if there is no such subject.
    #[must_use]
    pub fn plasma_glucose(&self, subject: usize) -> Option<MgPerDl> {
        match self.seat(subject)? {
            Seat::Group(lanes, lane) => Some(lanes.plasma_glucose(lane)),
            Seat::Alone(alone) => Some(alone.plasma_glucose(0)),
        }
    }

    /// Interstitial glucose of a subject; `None` if there is no such subject.
    #[must_use]
    pub fn interstitial_glucose(&self, subject: usize) -> Option<MgPerDl> {
        match self.seat(subject)? {
            Seat::Group(lanes, lane) => Some(lanes.interstitial_glucose(lane)),
            Seat::Alone(alone) => Some(alone.interstitial_glucose(0)),
        }
    }

    /// The thirteen states of a subject; `None` if there is no such subject.
    #[must_use]
    pub fn states(&self, subject: usize) -> Option<[NamedState; 13]> {
        let (parameters, derived) = self.subjects.get(subject)?;
        let basal_insulin = parameters.basal_insulin;
        match self.seat(subject)? {
            Seat::Group(lanes, lane) => Some(lanes.states(lane, basal_insulin, derived)),
            Seat::Alone(alone) => Some(alone.states(0, basal_insulin, derived)),
        }
    }

    fn seat(&self, subject: usize) -> Option<Seat<'_>> {
        if subject >= self.subjects.len() {
            return None;
        }
        if let Some(lanes) = self.groups.get(subject / LANES) {
            return Some(Seat::Group(lanes, subject % LANES));
        }
        self.rest.get(subject - self.groups.len() * LANES).map(Seat::Alone)
    }

    fn act(&mut self, subject: usize, acting: Acting) {
        let seats = self.groups.len() * LANES;
        if let Some(lanes) = self.groups.get_mut(subject / LANES) {
            lanes.act(subject % LANES, acting);
        } else if let Some(alone) = self.rest.get_mut(subject - seats) {
            alone.act(0, acting);
        }
    }
}

/// Where a subject is.
enum Seat<'a> {
    Group(&'a Lanes<LANES>, usize),
    Alone(&'a Lanes<1>),
}

fn seated<const L: usize>(subjects: &[S2008Parameters]) -> Lanes<L> {
    let mut lanes = Lanes::empty();
    for (lane, subject) in subjects.iter().enumerate().take(L) {
        lanes.set(lane, subject);
    }
    lanes
}
