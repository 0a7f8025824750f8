//! Where the propofol is by the population's kinetics, as the profile states them.
//!
//! A controller may believe that this person differs; whoever checks it can compute these figures
//! from the profile and the pump's reports alone. They are what a rationale states, so that a
//! second opinion may hold them against its own.

use crate::kinetics::{Compartments, Concentrations, bounded};
use crate::target_controlled::Outlook;
use crate::units::{MgPerSecond, Milligrams, Seconds, UgPerMl};
use homeostat_numeric::{max, round};

/// Most periods that one cycle accounts for: an hour of five-second cycles.
const PERIODS_MOST: f64 = 720.0;

/// The population's kinetics for one person and one control period.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Books {
    compartments: Compartments,
    period: Seconds,
    outlook: Outlook,
}

impl Books {
    pub(crate) fn new(compartments: &Compartments, period: Seconds) -> Self {
        Self { compartments: *compartments, period, outlook: Outlook::new(compartments, period) }
    }

    /// The largest rate of one period after which the effect site does not come above a level, as the
    /// guard counts it.
    pub(crate) fn under(
        &self,
        now: &Concentrations,
        level: UgPerMl,
        most: MgPerSecond,
    ) -> MgPerSecond {
        self.outlook.rate_by_peaks(now, level, most)
    }

    /// The rate that keeps the plasma at a level.
    pub(crate) fn holding(&self, now: &Concentrations, level: UgPerMl) -> MgPerSecond {
        self.compartments.holding(now, level)
    }

    /// The concentrations after `passed`, in which `came` came in evenly.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    pub(crate) fn advance(
        &self,
        now: Concentrations,
        passed: Seconds,
        came: Milligrams,
    ) -> Concentrations {
        let passed = bounded(round(passed.0 / max(self.period.0, 1.0)), 0.0, PERIODS_MOST);
        // An amount needs a period to come in.
        let periods = if came.0 == 0.0 { passed } else { max(passed, 1.0) };
        let rate = MgPerSecond(came.0 / (max(periods, 1.0) * max(self.period.0, 1.0)));
        let mut now = now;
        for _ in 0..periods as u32 {
            now = self.outlook.advance(now, rate);
        }
        now.not_negative()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::{Litres, LitresPerMinute, PerMinute};
    use homeostat_numeric::abs;

    const REFERENCE: Compartments = Compartments {
        volumes: [Litres(6.3), Litres(25.5), Litres(273.0)],
        clearances: [LitresPerMinute(1.79), LitresPerMinute(1.83), LitresPerMinute(1.11)],
        effect_site: PerMinute(0.146),
    };

    #[test]
    fn ctl_10_what_came_late_and_together_is_where_it_would_be() {
        let books = Books::new(&REFERENCE, Seconds(5.0));
        let mut each = Concentrations::default();
        for _ in 0..12 {
            each = books.advance(each, Seconds(5.0), Milligrams(2.0));
        }
        let whole = books.advance(Concentrations::default(), Seconds(60.0), Milligrams(24.0));
        assert!(abs(each.plasma - whole.plasma) < 1e-12 && each.plasma > 2.5);
        let jitter = books.advance(Concentrations::default(), Seconds(0.0), Milligrams(24.0));
        assert!(jitter.plasma > 2.5, "an amount is never lost");
    }

    #[test]
    fn a_correction_takes_out_no_more_than_is_in_and_nothing_else_disturbs() {
        let books = Books::new(&REFERENCE, Seconds(5.0));
        let now = books.advance(Concentrations::default(), Seconds(5.0), Milligrams(-10.0));
        assert_eq!(now, Concentrations::default());
        let now = books.advance(now, Seconds(f64::NAN), Milligrams(0.0));
        assert_eq!(now, Concentrations::default());
    }
}
