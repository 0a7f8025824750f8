//! Effect-site target control after Shafer and Gregg (1992): the largest rate of one period whose
//! predicted effect-site peak does not pass the target.

use crate::kinetics::{Compartments, Concentrations, Propagator};
use crate::units::{MgPerSecond, Seconds, UgPerMl};
use homeostat_numeric::{clamp, max, min};

/// Prediction of one person's effect site over the times in which a dose of one period can peak.
///
/// The response is linear: what is there already, and what one period at 1 mg/s adds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Outlook {
    here: Propagator,
    coarse: Propagator,
}

/// Doublings from the period to the step of the outlook: 5 s become 20 s.
const DOUBLINGS: u32 = 2;
/// Steps of the outlook: 13 minutes at a period of 5 s; the slowest effect sites peak within 10.
const STEPS: u32 = 40;
/// An addition smaller than this (ug/mL per mg/s) limits nothing: the effect site has not felt it.
const FELT: f64 = 1e-9;

/// Periods shorter than this look ahead as if they were as long, so that the outlook keeps its length.
const SHORTEST: f64 = 5.0;

impl Outlook {
    /// The outlook of a person with this control period.
    #[must_use]
    pub fn new(compartments: &Compartments, period: Seconds) -> Self {
        let here = Propagator::new(compartments, period);
        let mut coarse = if period.0 < SHORTEST {
            Propagator::new(compartments, Seconds(SHORTEST))
        } else {
            here
        };
        for _ in 0..DOUBLINGS {
            coarse = coarse.twice();
        }
        Self { here, coarse }
    }

    /// One period of this rate.
    #[must_use]
    pub fn advance(&self, now: Concentrations, rate: MgPerSecond) -> Concentrations {
        self.here.advance(now, rate)
    }

    /// The largest rate of one period, followed by none, that keeps the effect site at or below the
    /// target from now on; 0 if that is passed already, and at most `most`.
    #[must_use]
    pub fn rate_to(&self, now: &Concentrations, target: UgPerMl, most: MgPerSecond) -> MgPerSecond {
        let mut free = self.here.advance(*now, MgPerSecond(0.0));
        let mut added = self.here.advance(Concentrations::default(), MgPerSecond(1.0));
        let mut rate = most.0;
        for _ in 0..STEPS {
            if added.effect_site > FELT {
                rate = min(rate, (target.0 - free.effect_site) / added.effect_site);
            } else if free.effect_site > target.0 {
                rate = 0.0;
            }
            free = self.coarse.advance(free, MgPerSecond(0.0));
            added = self.coarse.advance(added, MgPerSecond(0.0));
        }
        MgPerSecond(clamp(rate, 0.0, max(most.0, 0.0)))
    }

    /// The highest effect-site concentration from now on if nothing more is given.
    #[must_use]
    pub fn peak(&self, now: &Concentrations) -> UgPerMl {
        let mut free = *now;
        let mut peak = free.effect_site;
        for _ in 0..STEPS {
            free = self.coarse.advance(free, MgPerSecond(0.0));
            peak = max(peak, free.effect_site);
        }
        UgPerMl(peak)
    }
}

#[cfg(test)]
mod tests;
