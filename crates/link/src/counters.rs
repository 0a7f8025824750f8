//! What was ignored, by name, and when that amounts to an attack.

use crate::claim::Mismatch;
use homeostat_record::Instant;

/// Why a datagram was ignored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ignored {
    /// Not a datagram of this protocol.
    Malformed,
    /// Of another conversation: an unknown session, an answer to nothing, a kind that this end does
    /// not take.
    Foreign,
    /// Of a session that is not there yet.
    Early,
    /// Of a session that is over, or from far behind.
    Late,
    /// Taken before.
    Replayed,
    /// Not from the paired peer, or changed on the way.
    Forged,
    /// More than this peer may send.
    OverRate,
    /// A handshake could not be begun or answered: this end has no randomness.
    NoEntropy,
    /// Authentic and yet no message.
    Unreadable,
    /// Authentic and yet nothing that this peer may say.
    OutOfContract,
    /// Authentic and yet not the party that this end was set up for.
    Mismatch(Mismatch),
}

impl Ignored {
    /// Every reason.
    pub const ALL: [Self; 14] = [
        Self::Malformed,
        Self::Foreign,
        Self::Early,
        Self::Late,
        Self::Replayed,
        Self::Forged,
        Self::OverRate,
        Self::NoEntropy,
        Self::Unreadable,
        Self::OutOfContract,
        Self::Mismatch(Mismatch::Protocol),
        Self::Mismatch(Mismatch::Therapy),
        Self::Mismatch(Mismatch::Part),
        Self::Mismatch(Mismatch::Identity),
    ];

    /// The reason as it stands in reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Malformed => "malformed",
            Self::Foreign => "foreign",
            Self::Early => "early",
            Self::Late => "late",
            Self::Replayed => "replayed",
            Self::Forged => "forged",
            Self::OverRate => "over the rate",
            Self::NoEntropy => "no randomness",
            Self::Unreadable => "unreadable",
            Self::OutOfContract => "out of contract",
            Self::Mismatch(mismatch) => mismatch.name(),
        }
    }
}

/// How often each reason applied since the link was set up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    counts: [u64; Ignored::ALL.len()],
}

impl Counters {
    pub(crate) fn count(&mut self, reason: Ignored) {
        for (slot, known) in self.counts.iter_mut().zip(Ignored::ALL) {
            if known == reason {
                *slot = slot.saturating_add(1);
            }
        }
    }

    /// How often `reason` applied.
    #[must_use]
    pub fn of(&self, reason: Ignored) -> u64 {
        self.iter().find(|(known, _)| *known == reason).map_or(0, |(_, count)| count)
    }

    /// Every reason with its number.
    pub fn iter(&self) -> impl Iterator<Item = (Ignored, u64)> + '_ {
        Ignored::ALL.into_iter().zip(self.counts.iter().copied())
    }

    /// How many datagrams were ignored in all.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.counts.iter().fold(0, |sum, count| sum.saturating_add(*count))
    }
}

/// Each forgery weighs so many milliseconds of suspicion, which pass by themselves: a radio that
/// flips a bit now and then is no attack.
const WEIGHT: u64 = 4_000;
/// Sixteen forgeries within a short time.
const BOUND: u64 = 16 * WEIGHT;

/// Forgeries of late.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Suspicion {
    level: u64,
    updated: Instant,
}

impl Suspicion {
    pub(crate) const fn new(now: Instant) -> Self {
        Self { level: 0, updated: now }
    }

    pub(crate) fn forged(&mut self, now: Instant) {
        // Held at twice the bound, so that it ends at most 64 s after the last forgery.
        self.level = Ord::min(self.level(now).saturating_add(WEIGHT), BOUND.saturating_mul(2));
        self.updated = now;
    }

    /// Whether there were more forgeries of late than a bad radio explains.
    pub(crate) fn holds(&self, now: Instant) -> bool {
        self.level(now) >= BOUND
    }

    fn level(&self, now: Instant) -> u64 {
        let passed = now.since(self.updated).map_or(0, |span| span.as_millis());
        self.level.saturating_sub(passed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forgeries_now_and_then_are_no_attack_and_many_at_once_are() {
        let at = |millis| Instant { boot: 1, millis };
        let mut suspicion = Suspicion::new(at(0));
        for number in 0..1_000 {
            suspicion.forged(at(number * 4_000));
        }
        assert!(!suspicion.holds(at(4_000_000)));
        for _ in 0..16 {
            suspicion.forged(at(5_000_000));
        }
        assert!(suspicion.holds(at(5_000_000)));
        assert!(!suspicion.holds(at(5_000_001)));
        for _ in 0..1_000_000 {
            suspicion.forged(at(6_000_000));
        }
        assert!(suspicion.holds(at(6_064_000)));
        assert!(!suspicion.holds(at(6_064_001)));
    }

    #[test]
    fn every_reason_has_a_counter_of_its_own() {
        for reason in Ignored::ALL {
            let mut counters = Counters::default();
            counters.count(reason);
            assert_eq!((counters.of(reason), counters.total()), (1, 1));
        }
    }
}
