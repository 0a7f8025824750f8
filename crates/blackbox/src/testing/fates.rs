//! What may become of writes that were not durable when power was lost.

use crate::testing::crash::Random;
use crate::testing::{Change, Files, apply};

/// The fates that pending changes can have, numbered.
pub(super) struct Fates {
    pending: usize,
    seed: u64,
}

impl Fates {
    const SUBSETS: usize = 4;
    const FLIPS: usize = 4;
    const GARBLED: usize = 2;

    pub(super) const fn new(pending: usize, seed: u64) -> Self {
        Self { pending, seed }
    }

    /// Nothing pending, one fate; else none, all, single, all but one, torn from either side, subsets, flips.
    pub(super) const fn count(&self) -> usize {
        match self.pending {
            0 => 1,
            pending => 2 + 4 * pending + Self::SUBSETS + Self::FLIPS + Self::GARBLED,
        }
    }

    pub(super) fn image(
        &self,
        fate: usize,
        durable: &Files,
        pending: &[Change],
        sector: usize,
    ) -> Files {
        let mut files = durable.clone();
        let count = self.pending;
        let mut random = Random(self.seed ^ fate as u64);
        let subset = random.next_number();
        let damaged = random.below(count as u64) as usize;
        let special = fate.saturating_sub(2 + 4 * count);
        for (at, change) in pending.iter().enumerate() {
            let keep = match fate.checked_sub(2) {
                None => fate == 1,
                Some(rest) if rest < count => rest == at,
                Some(rest) if rest < 2 * count => rest - count != at,
                Some(rest) if rest < 3 * count => at <= rest - 2 * count,
                Some(rest) if rest < 4 * count => at >= rest - 3 * count,
                Some(_) if special < Self::SUBSETS => subset >> (at % 64) & 1 == 1,
                Some(_) => true,
            };
            if !keep {
                continue;
            }
            if at == damaged && fate >= 2 + 4 * count + Self::SUBSETS {
                let flips = special < Self::SUBSETS + Self::FLIPS;
                apply(&mut files, &damage(change, flips, &mut random), sector);
            } else {
                apply(&mut files, change, sector);
            }
        }
        files
    }
}

/// A write that went wrong within its sector, or a new file that is shorter than it should be.
fn damage(change: &Change, flips: bool, random: &mut Random) -> Change {
    match change {
        Change::Create(file, length) => {
            Change::Create(*file, random.below(u64::from(*length)) as u32)
        }
        Change::Sector(file, number, bytes) => {
            let mut bytes = bytes.to_vec();
            if flips {
                for _ in 0..=random.below(3) {
                    let bit = random.below(bytes.len() as u64 * 8);
                    if let Some(byte) = bytes.get_mut((bit / 8) as usize) {
                        *byte ^= 1 << (bit % 8);
                    }
                }
            } else {
                bytes.iter_mut().for_each(|byte| *byte = random.next_number() as u8);
            }
            Change::Sector(*file, *number, bytes.into())
        }
        Change::Resize(..) => change.clone(),
    }
}
