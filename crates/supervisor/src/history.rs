//! What was given lately, in a fixed number of buckets per window, so that a day of one-second
//! cycles fits. Conservative: the oldest bucket of a window counts whole.

use crate::{WINDOWS, WindowLimit};
use homeostat_record::{Limit, Steps};
use minicbor::{Decode, Encode};

/// Whole buckets that a window is divided into; one more is being filled.
pub const BUCKETS: u32 = 16;
const STORED: usize = 17;

/// The buckets of one window, the present one first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
struct Buckets {
    #[n(0)]
    #[cbor(with = "homeostat_record::packed")]
    amounts: [Steps; STORED],
    /// Cycles in the present bucket, this one included.
    #[n(1)]
    filled: u32,
}

impl Buckets {
    /// Cycles per bucket: so many that the whole buckets span the window.
    const fn span(window: &WindowLimit) -> u32 {
        match window.cycles.div_ceil(BUCKETS) {
            0 => 1,
            span => span,
        }
    }

    fn begin_cycle(&mut self, window: &WindowLimit) {
        self.filled = self.filled.saturating_add(1);
        if self.filled > Self::span(window) {
            self.amounts.rotate_right(1);
            let [present, ..] = &mut self.amounts;
            *present = Steps::ZERO;
            self.filled = 1;
        }
    }

    fn add(&mut self, steps: Steps) {
        let [present, ..] = &mut self.amounts;
        *present = present.saturating_add(steps);
    }

    /// At least what was given within the window.
    fn used(&self, window: &WindowLimit) -> Steps {
        let before = window.cycles.saturating_sub(self.filled);
        let whole = before.div_ceil(Self::span(window));
        let counted = usize::try_from(whole).unwrap_or(STORED).saturating_add(1);
        let amounts = self.amounts.iter().take(counted);
        amounts.fold(Steps::ZERO, |sum, amount| sum.saturating_add(*amount))
    }
}

/// What was given on one manipulated variable, per window of the profile.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(transparent)]
pub struct History(
    #[n(0)]
    #[cbor(with = "homeostat_record::sparse")]
    [Buckets; WINDOWS],
);

impl History {
    /// A cycle begins.
    pub fn begin_cycle(&mut self, windows: &[WindowLimit; WINDOWS]) {
        for (buckets, window) in self.0.iter_mut().zip(windows) {
            // A window that is not in use stays as it began, and is not written.
            if window.cycles > 0 {
                buckets.begin_cycle(window);
            }
        }
    }

    /// So much was given, or may have been.
    pub fn add(&mut self, steps: Steps) {
        for buckets in &mut self.0 {
            buckets.add(steps);
        }
    }

    /// What each window in use still leaves.
    pub fn rooms(&self, windows: &[WindowLimit; WINDOWS]) -> impl Iterator<Item = (Limit, Steps)> {
        let numbered = (0_u8..).zip(self.0.iter().zip(windows));
        numbered.filter(|(_, (_, window))| window.cycles > 0).map(|(number, (buckets, window))| {
            (Limit::Window(number), window.max.saturating_sub(buckets.used(window)))
        })
    }
}
