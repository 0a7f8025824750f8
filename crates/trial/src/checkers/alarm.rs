//! Is every cause that limits the loop announced, once, in the cycle in which it begins to? A cause that
//! was over and begins again is announced again.

use homeostat_record::{AlarmEventKind, Authority, CauseSet, Phase};

use super::{Tally, Verdict};
use crate::engine::Seen;

/// The alarm's watcher.
#[derive(Clone, Debug, Default)]
pub struct Bell {
    sounding: CauseSet,
    answered: CauseSet,
    /// Held in the cycle before.
    active: CauseSet,
    /// Announced since they last were without effect: an alarm ends with its cause, the limit that
    /// the cause left may last longer.
    told: CauseSet,
    raised: u64,
    omitted: u64,
    tally: Tally,
}

impl Bell {
    /// Looks at one cycle.
    pub fn look(&mut self, seen: &Seen<'_>) {
        let decision = &seen.entry.decision;
        for event in &decision.alarms {
            match event.kind {
                AlarmEventKind::Raised => {
                    self.raised += 1;
                    let told = self.sounding.has(event.cause) && !self.answered.has(event.cause);
                    if told && self.active.has(event.cause) {
                        self.tally.violated(seen.at, || {
                            format!("{} was announced twice", event.cause.name())
                        });
                    }
                    self.sounding = self.sounding.with(event.cause);
                    self.told = self.told.with(event.cause);
                    self.answered = self.answered.without(event.cause);
                }
                AlarmEventKind::Ended => self.sounding = self.sounding.without(event.cause),
                // What was answered and comes back is raised anew.
                AlarmEventKind::Acknowledged => self.answered = self.answered.with(event.cause),
                AlarmEventKind::Escalated | AlarmEventKind::Repeated => {}
            }
        }
        self.active = decision.active;
        self.omitted += u64::from(decision.alarms_omitted);
        let in_effect = decision.latched.union(decision.active).union(self.sounding);
        self.told = CauseSet::from_bits(self.told.bits() & in_effect.bits());
        let limited = decision.phase == Phase::Automatic && decision.authority < Authority::Limited;
        if let Some(cause) = decision.governing
            && limited
            && !self.told.has(cause)
            && self.omitted == 0
        {
            self.tally.violated(seen.at, || {
                format!("{} lowered the loop without an alarm", cause.name())
            });
        }
    }

    /// How many alarms were raised.
    #[must_use]
    pub const fn raised(&self) -> u64 {
        self.raised
    }

    /// What was found.
    #[must_use]
    pub fn verdict(self) -> Verdict {
        self.tally.verdict("alarm", "ALM-01, MOD-04")
    }
}
