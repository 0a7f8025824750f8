//! The stage of an anaesthetic, kept by the opinion for itself (PRO-01).

use super::settings::PropofolSettings;
use homeostat_record::{Action, Announcement, Input, Role};
use minicbor::{Decode, Encode};

/// The kind of announcement that names a stage, and the stages' numbers.
const STAGE: u8 = 1;
const INDUCTION: u32 = 1;
const MAINTENANCE: u32 = 2;
const EMERGENCE: u32 = 3;
/// Beyond the longest induction, milliseconds: two clocks, one cycle.
const GRACE: u64 = 10_000;

/// Stage of an anaesthetic.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub(crate) enum Stage {
    #[default]
    #[n(0)]
    Before,
    #[n(1)]
    Induction,
    #[n(2)]
    Maintenance,
    #[n(3)]
    Emergence,
}

/// What was announced last, and what was given since an induction began.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub(crate) struct Staged {
    #[n(0)]
    announced: Stage,
    /// When, on the opinion's line of time.
    #[n(1)]
    at: u64,
    /// Nanograms since.
    #[n(2)]
    given: i64,
}

impl Staged {
    /// Takes a clinician's announcements, after what was `given` in the cycle that ended.
    pub(crate) fn take(&mut self, tick: u64, input: &Input, given: i64) {
        self.given = self.given.saturating_add(given);
        for person in &input.people {
            let Action::Announce(Announcement { kind: STAGE, amount }) = person.action else {
                continue;
            };
            let announced = match amount {
                INDUCTION => Stage::Induction,
                MAINTENANCE => Stage::Maintenance,
                EMERGENCE => Stage::Emergence,
                _ => continue,
            };
            if person.by == Role::Clinician {
                *self = Self { announced, at: tick, given: 0 };
            }
        }
    }

    /// The stage at `tick`. An induction ends by itself: after its longest time, or when the
    /// controller claims so, which only tightens what is allowed.
    pub(crate) fn stage(self, tick: u64, claimed: bool, settings: &PropofolSettings) -> Stage {
        let most = settings.times.induction.saturating_add(GRACE);
        let over = claimed || tick.saturating_sub(self.at) > most;
        match self.announced {
            Stage::Induction if over => Stage::Maintenance,
            stage => stage,
        }
    }

    /// Nanograms since the induction began.
    pub(crate) const fn induced(self) -> i64 {
        self.given
    }
}
