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
    period: Seconds,
    coarse: (Propagator, Seconds),
    late: (Propagator, Seconds),
}

/// What the effect site may not pass.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ceiling {
    /// Until `recall` from now.
    pub near: UgPerMl,
    /// From then on: what was given beyond it must have left by itself.
    pub far: UgPerMl,
    /// How long the near ceiling holds.
    pub recall: Seconds,
}

/// Steps of the outlook: four periods each at first, then sixteen. At a period of 5 s they reach
/// 200 s and 14 minutes; the slowest effect sites peak within 10.
const STEPS: (u32, u32) = (10, 8);
/// An addition smaller than this (ug/mL per mg/s) limits nothing: the effect site has not felt it.
const FELT: f64 = 1e-9;
/// Periods shorter than this look ahead as if they were as long, so that the outlook keeps its length.
const SHORTEST: f64 = 5.0;

impl Ceiling {
    /// One ceiling for all times.
    #[must_use]
    pub const fn flat(target: UgPerMl) -> Self {
        Self { near: target, far: target, recall: Seconds(0.0) }
    }

    fn at(&self, time: f64) -> f64 {
        if time < self.recall.0 { self.near.0 } else { self.far.0 }
    }
}

impl Outlook {
    /// The outlook of a person with this control period.
    #[must_use]
    pub fn new(compartments: &Compartments, period: Seconds) -> Self {
        let here = Propagator::new(compartments, period);
        let (grain, length) = if period.0 < SHORTEST {
            (Propagator::new(compartments, Seconds(SHORTEST)), SHORTEST)
        } else {
            (here, period.0)
        };
        let coarse = grain.twice().twice();
        let late = coarse.twice().twice();
        let (four, sixteen) = (Seconds(4.0 * length), Seconds(16.0 * length));
        Self { here, period, coarse: (coarse, four), late: (late, sixteen) }
    }

    /// One period of this rate.
    #[must_use]
    pub fn advance(&self, now: Concentrations, rate: MgPerSecond) -> Concentrations {
        self.here.advance(now, rate)
    }

    /// The largest rate of one period, followed by none, that keeps the effect site at or below the
    /// ceiling from now on; 0 if it passes that anyhow, and at most `most`.
    #[must_use]
    pub fn rate_under(
        &self,
        now: &Concentrations,
        ceiling: &Ceiling,
        most: MgPerSecond,
    ) -> MgPerSecond {
        let added = self.here.advance(Concentrations::default(), MgPerSecond(1.0));
        let mut both = self.here.alone(*now).beside(&added);
        let (mut rate, mut time) = (most.0, self.period.0);
        for (count, step, length) in
            [(STEPS.0, &self.coarse.0, self.coarse.1), (STEPS.1, &self.late.0, self.late.1)]
        {
            for _ in 0..count {
                let [.., [free, added]] = both;
                let room = ceiling.at(time) - free;
                if added > FELT {
                    rate = min(rate, room / added);
                } else if room < 0.0 {
                    rate = 0.0;
                }
                both = step.alone_both(&both);
                time += length.0;
            }
        }
        MgPerSecond(clamp(rate, 0.0, max(most.0, 0.0)))
    }

    /// The largest rate of one period that keeps the sum of two peaks at or below a level: that of
    /// what is there, and that of what comes, whenever each is. It is what the guard permits, which
    /// knows amounts that act and no times; [`Self::rate_to`] permits more while the effect site falls.
    #[must_use]
    pub fn rate_by_peaks(
        &self,
        now: &Concentrations,
        level: UgPerMl,
        most: MgPerSecond,
    ) -> MgPerSecond {
        let mut free = *now;
        let mut added = self.here.advance(Concentrations::default(), MgPerSecond(1.0));
        let (mut peak, mut own) = (free.effect_site, added.effect_site);
        free = self.here.alone(free);
        for (count, step) in [(STEPS.0, &self.coarse.0), (STEPS.1, &self.late.0)] {
            for _ in 0..count {
                peak = max(peak, free.effect_site);
                own = max(own, added.effect_site);
                free = step.alone(free);
                added = step.alone(added);
            }
        }
        let rate = if own > FELT { (level.0 - peak) / own } else { most.0 };
        MgPerSecond(clamp(rate, 0.0, max(most.0, 0.0)))
    }

    /// [`Self::rate_under`] one ceiling for all times.
    #[must_use]
    pub fn rate_to(&self, now: &Concentrations, target: UgPerMl, most: MgPerSecond) -> MgPerSecond {
        self.rate_under(now, &Ceiling::flat(target), most)
    }
}

#[cfg(test)]
mod tests;
