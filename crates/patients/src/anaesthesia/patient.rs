//! One virtual person under anaesthesia, a second at a time.

use super::effect::{IndexEffect, tolerance_of_laryngoscopy};
use super::haemodynamics::{Circulation, HaemodynamicFigures, Haemodynamics};
use super::mammillary::{Compartments, Concentrations, Propagator};
use super::norepinephrine::{Pressor, PressorCourse};
use super::units::{
    BispectralIndex, MgPerSecond, Micrograms, Milligrams, MmHg, NgPerMl, Seconds, UgPerMl,
    UgPerSecond,
};
use homeostat_numeric::{clamp, floor, max};

/// All that a virtual person is made of.
#[derive(Clone, Debug, PartialEq)]
pub struct PatientFigures {
    /// Propofol.
    pub propofol: Compartments,
    /// Remifentanil; without it, what is infused of it has no effect.
    pub remifentanil: Option<Compartments>,
    /// Index by concentrations.
    pub index: IndexEffect,
    /// Time from effect to index, the monitor's own included; at most [`LONGEST_DELAY`].
    pub delay: Seconds,
    /// Circulation; `None` if pressure is of no interest.
    pub circulation: Option<HaemodynamicFigures>,
    /// Norepinephrine; acts only where there is a circulation.
    pub pressor: Option<Pressor>,
}

/// Longest delay of the index.
pub const LONGEST_DELAY: Seconds = Seconds(600.0);

/// What is infused during a second.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Infusions {
    /// Propofol.
    pub propofol: MgPerSecond,
    /// Remifentanil.
    pub remifentanil: UgPerSecond,
    /// Norepinephrine.
    pub norepinephrine: UgPerSecond,
}

/// What surgery does in a second, and what opioid does to that.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Arousal {
    /// Added to the index.
    pub stimulus: BispectralIndex,
    /// Whether a rise is multiplied by the probability that laryngoscopy is not tolerated, so that
    /// remifentanil attenuates it. The published profiles are made without.
    pub attenuated: bool,
}

/// One virtual person.
///
/// Time stands still between calls; nothing is allocated while it passes. Rates that are negative or
/// not finite count as zero.
#[derive(Clone, Debug)]
pub struct AnaesthesiaPatient {
    index: IndexEffect,
    propofol: Drug,
    remifentanil: Option<Drug>,
    circulation: Option<Circulation>,
    pressor: Option<PressorCourse>,
    undelayed: BispectralIndex,
    delay: DelayLine,
    second: u64,
}

#[derive(Clone, Debug)]
struct Drug {
    second: Propagator,
    now: Concentrations,
    given: f64,
}

impl Drug {
    fn new(compartments: &Compartments) -> Self {
        let second = Propagator::new(compartments, Seconds(1.0));
        Self { second, now: Concentrations::default(), given: 0.0 }
    }

    fn advance_second(&mut self, rate: f64) {
        let rate = possible(rate);
        if rate == 0.0 && self.given == 0.0 {
            // Nothing of this drug is anywhere, and it stays so.
            return;
        }
        self.now = self.second.advance(self.now, rate);
        self.given += rate;
    }
}

fn possible(rate: f64) -> f64 {
    if rate.is_finite() { max(0.0, rate) } else { 0.0 }
}

impl AnaesthesiaPatient {
    /// An awake person who has been given nothing.
    #[must_use]
    pub fn new(figures: &PatientFigures) -> Self {
        let index = figures.index;
        let awake = index.index(UgPerMl(0.0), NgPerMl(0.0));
        Self {
            index,
            propofol: Drug::new(&figures.propofol),
            remifentanil: figures.remifentanil.as_ref().map(Drug::new),
            circulation: figures.circulation.map(Circulation::new),
            pressor: figures.pressor.as_ref().map(PressorCourse::new),
            undelayed: awake,
            delay: DelayLine::new(figures.delay, awake.0),
            second: 0,
        }
    }

    /// Lives through one second.
    pub fn advance_second(&mut self, infusions: Infusions, arousal: Arousal) {
        let before = self.plasma();
        self.propofol.advance_second(infusions.propofol.0);
        if let Some(remifentanil) = &mut self.remifentanil {
            remifentanil.advance_second(infusions.remifentanil.0);
        }
        let after = self.plasma();
        if let Some(circulation) = &mut self.circulation {
            let propofol = UgPerMl(0.5 * (before.0.0 + after.0.0));
            circulation.advance_second(propofol, NgPerMl(0.5 * (before.1.0 + after.1.0)));
        }
        if let Some(pressor) = &mut self.pressor {
            pressor.advance_second(UgPerSecond(possible(infusions.norepinephrine.0)));
        }
        let (propofol, remifentanil) = self.effect_site();
        let mut stimulus = arousal.stimulus.0;
        if arousal.attenuated && stimulus > 0.0 {
            stimulus *= 1.0 - tolerance_of_laryngoscopy(propofol, remifentanil);
        }
        let effect = self.index.index(propofol, remifentanil);
        self.undelayed = BispectralIndex(clamp(effect.0 + stimulus, 0.0, 100.0));
        self.delay.push(self.undelayed.0);
        self.second += 1;
    }

    /// Seconds lived.
    #[must_use]
    pub fn second(&self) -> u64 {
        self.second
    }

    /// Propofol and remifentanil in plasma.
    #[must_use]
    pub fn plasma(&self) -> (UgPerMl, NgPerMl) {
        (UgPerMl(self.propofol.now.plasma), NgPerMl(self.remifentanil().plasma))
    }

    /// Propofol and remifentanil at the effect site.
    #[must_use]
    pub fn effect_site(&self) -> (UgPerMl, NgPerMl) {
        (UgPerMl(self.propofol.now.effect_site), NgPerMl(self.remifentanil().effect_site))
    }

    /// Infused norepinephrine in plasma.
    #[must_use]
    pub fn norepinephrine(&self) -> NgPerMl {
        self.pressor.as_ref().map_or(NgPerMl(0.0), PressorCourse::plasma)
    }

    /// Every concentration of propofol.
    #[must_use]
    pub fn propofol(&self) -> Concentrations {
        self.propofol.now
    }

    /// Every concentration of remifentanil.
    #[must_use]
    pub fn remifentanil(&self) -> Concentrations {
        self.remifentanil.as_ref().map_or_else(Concentrations::default, |drug| drug.now)
    }

    /// The index of this moment's effect and stimulus, which nobody can measure yet.
    #[must_use]
    pub fn undelayed_index(&self) -> BispectralIndex {
        self.undelayed
    }

    /// The index after its delay, without noise: what an ideal monitor shows now.
    #[must_use]
    pub fn index(&self) -> BispectralIndex {
        BispectralIndex(self.delay.now())
    }

    /// The circulation, norepinephrine's rise of pressure included; `None` if it was not asked for.
    #[must_use]
    pub fn haemodynamics(&self) -> Option<Haemodynamics> {
        let mut now = self.circulation.as_ref()?.now();
        if let Some(pressor) = &self.pressor {
            now.pressure = MmHg(now.pressure.0 + pressor.rise().0);
        }
        Some(now)
    }

    /// Propofol and remifentanil given since the start, in mg and in µg.
    #[must_use]
    pub fn given(&self) -> (Milligrams, Micrograms) {
        let remifentanil = self.remifentanil.as_ref().map_or(0.0, |drug| drug.given);
        (Milligrams(self.propofol.given), Micrograms(remifentanil))
    }
}

/// Values of the past, a second apart; parts of a second are interpolated.
#[derive(Clone, Debug)]
pub(crate) struct DelayLine {
    values: Vec<f64>,
    newest: usize,
    whole: usize,
    part: f64,
}

impl DelayLine {
    /// A line that has always carried `value`. A delay below 0 or not a number is none; it is at most
    /// [`LONGEST_DELAY`].
    pub(crate) fn new(delay: Seconds, value: f64) -> Self {
        let delay = clamp(if delay.0.is_nan() { 0.0 } else { delay.0 }, 0.0, LONGEST_DELAY.0);
        let whole = floor(delay);
        let values = vec![value; whole as usize + 2];
        Self { values, newest: 0, whole: whole as usize, part: delay - whole }
    }

    pub(crate) fn push(&mut self, value: f64) {
        self.newest = (self.newest + 1) % self.values.len();
        if let Some(place) = self.values.get_mut(self.newest) {
            *place = value;
        }
    }

    pub(crate) fn now(&self) -> f64 {
        let size = self.values.len();
        let at = |back: usize| {
            self.values.get((self.newest + size - back % size) % size).copied().unwrap_or(0.0)
        };
        let (later, earlier) = (at(self.whole), at(self.whole + 1));
        later + self.part * (earlier - later)
    }
}

#[cfg(test)]
mod tests;
