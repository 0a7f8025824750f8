//! What left the needle, told to the body in a plain datagram: physics, not a link. It carries running
//! totals, so that a lost, doubled or late one changes nothing. Nothing in the loop reads it.
//!
//! ```text
//! 8 bytes "tubing/1", u8 therapy, u32 pump, u64 total, u64 total, u32 FNV-1a of all before; little-endian
//! ```

use crate::therapy::Therapy;
use homeostat_record::CHANNELS;

/// Length of a tubing datagram.
pub const TUBING_LEN: usize = 8 + 1 + 4 + 8 * CHANNELS + 4;
const MAGIC: &[u8; 8] = b"tubing/1";

/// What one pump gave since it was new.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tubing {
    /// What flows in it.
    pub therapy: Therapy,
    /// The pump's pseudonym.
    pub pump: u32,
    /// All that left its needles, in billionths of the therapy's unit.
    pub totals: [Billionths; CHANNELS],
}

/// An amount of a drug: billionths of a unit of insulin, or of a gram.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Billionths(pub u64);

impl Billionths {
    /// So many millionths of a step, each of this size. Saturates.
    #[must_use]
    pub fn of_steps(millionths: u64, step: Self) -> Self {
        let product = u128::from(millionths) * u128::from(step.0);
        Self(u64::try_from(product / u128::from(crate::pump::MILLIONTHS)).unwrap_or(u64::MAX))
    }
}

impl Tubing {
    /// The datagram.
    #[must_use]
    pub fn encode(&self) -> [u8; TUBING_LEN] {
        let mut bytes = [0; TUBING_LEN];
        let [first, second] = self.totals.map(|total| total.0.to_le_bytes());
        let parts = MAGIC.iter().copied().chain([self.therapy.code()]);
        let parts = parts.chain(self.pump.to_le_bytes()).chain(first).chain(second);
        for (slot, byte) in bytes.iter_mut().zip(parts) {
            *slot = byte;
        }
        if let Some((before, sum)) = bytes.split_last_chunk_mut::<4>() {
            *sum = fnv(before).to_le_bytes();
        }
        bytes
    }

    /// What the datagram says; `None` for any bytes that [`encode`](Self::encode) does not write.
    #[must_use]
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let bytes: &[u8; TUBING_LEN] = bytes.try_into().ok()?;
        let (before, sum) = bytes.split_last_chunk::<4>()?;
        let rest = before.strip_prefix(MAGIC).filter(|_| fnv(before).to_le_bytes() == *sum)?;
        let (therapy, rest) = rest.split_first()?;
        let (pump, rest) = rest.split_first_chunk()?;
        let (first, rest) = rest.split_first_chunk()?;
        let second = rest.first_chunk()?;
        let totals = [first, second].map(|total| Billionths(u64::from_le_bytes(*total)));
        let therapy = Therapy::ALL.into_iter().find(|known| known.code() == *therapy)?;
        Some(Self { therapy, pump: u32::from_le_bytes(*pump), totals })
    }
}

fn fnv(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0x811C_9DC5, |hash, byte| (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tubing_has_one_byte_string() {
        let tubing = Tubing {
            therapy: Therapy::Propofol,
            pump: 0x0102_0304,
            totals: [Billionths(u64::MAX), Billionths(7)],
        };
        let bytes = tubing.encode();
        assert_eq!(Tubing::decode(&bytes), Some(tubing));
        for place in 0..TUBING_LEN {
            for bit in 0..8 {
                let mut other = bytes;
                other[place] ^= 1 << bit;
                assert_eq!(Tubing::decode(&other), None, "byte {place} bit {bit}");
            }
        }
        assert_eq!(Tubing::decode(&bytes[..TUBING_LEN - 1]), None);
    }

    #[test]
    fn steps_become_amounts_without_overflow() {
        let step = Billionths(10_000_000);
        assert_eq!(Billionths::of_steps(2_500_000, step), Billionths(25_000_000));
        assert_eq!(Billionths::of_steps(u64::MAX, Billionths(u64::MAX)), Billionths(u64::MAX));
    }
}
