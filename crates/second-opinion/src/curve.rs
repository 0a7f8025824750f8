//! The share of a dose that is still to act, as a table by the minute.
//!
//! The activity of the exponential insulin model is proportional to
//! `t * (1 - t / duration) * exp(-t / tau)` with `tau = peak (duration - peak) / (duration - 2 peak)`.
//! The closed form needs the scale factors `S` and `a`; here the activity is summed minute by
//! minute at the middle of each minute, the exponential is a repeated product, and the sums are
//! normalised by the last of them, so every constant factor falls out.

use crate::settings::Minutes;

/// Longest duration of action that is taken, minutes.
pub(crate) const LONGEST: usize = 600;

/// One whole in the table.
pub(crate) const WHOLE: i64 = 1 << 16;

/// What remains of a dose after whole minutes, in parts of [`WHOLE`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Curve {
    remaining: [u32; LONGEST],
}

impl Curve {
    /// The table for an action that has its peak after `peak` and ends after `duration`; `None`
    /// unless `0 < 2 * peak < duration` and it ends within [`LONGEST`].
    pub(crate) fn new(duration: Minutes, peak: Minutes) -> Option<Self> {
        let (end, top) = (u64::from(duration.0), u64::from(peak.0));
        let longest = u64::try_from(LONGEST).ok()?;
        if top == 0 || top.saturating_mul(2) >= end || end > longest {
            return None;
        }
        let decay = decay_of_one_minute(end, top)?;
        let total: u64 = Activity::new(end, decay).fold(0, u64::saturating_add);
        let mut remaining = [0_u32; LONGEST];
        let mut left = total;
        let mut activity = Activity::new(end, decay);
        for slot in &mut remaining {
            let part = u128::from(left).checked_shl(16)?.checked_div(u128::from(total))?;
            *slot = u32::try_from(part).ok()?;
            left = left.saturating_sub(activity.next().unwrap_or(0));
        }
        Some(Self { remaining })
    }

    /// The part of a dose that is still to act `minutes` after it, in parts of [`WHOLE`].
    pub(crate) fn remaining(&self, minutes: u64) -> i64 {
        let index = usize::try_from(minutes).unwrap_or(usize::MAX);
        self.remaining.get(index).copied().map_or(0, i64::from)
    }
}

/// `exp(-1 / tau)` in parts of 2^32, by its series; `tau` is well above ten minutes, so five
/// terms leave an error below one part.
fn decay_of_one_minute(end: u64, top: u64) -> Option<u64> {
    const ONE: u64 = 1 << 32;
    let above = end.checked_sub(top.checked_mul(2)?)?.checked_mul(ONE)?;
    let below = top.checked_mul(end.checked_sub(top)?)?;
    let x = above.checked_div(below)?;
    let mut term = ONE;
    let mut sum = ONE;
    for order in 1..=6_u64 {
        term = (term.checked_mul(x)? >> 32).checked_div(order)?;
        sum = if order % 2 == 1 { sum.checked_sub(term)? } else { sum.checked_add(term)? };
    }
    Some(sum)
}

/// The activity in the middle of each minute, in units that do not matter.
struct Activity {
    minute: u64,
    end: u64,
    decay: u64,
    power: u64,
}

impl Activity {
    const fn new(end: u64, decay: u64) -> Self {
        Self { minute: 0, end, decay, power: 1 << 32 }
    }
}

impl Iterator for Activity {
    type Item = u64;

    fn next(&mut self) -> Option<u64> {
        if self.minute >= self.end {
            return None;
        }
        let middle = self.minute.saturating_mul(2).saturating_add(1);
        let rest = self.end.saturating_mul(2).saturating_sub(middle);
        let value = middle.saturating_mul(rest).saturating_mul(self.power);
        self.minute = self.minute.saturating_add(1);
        self.power = self.power.saturating_mul(self.decay) >> 32;
        Some(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Remaining shares at 30, 60, 75, 120, 180, 240 and 300 minutes, in millionths, as the
    /// published closed form gives them.
    const PUBLISHED: [(u32, u32, [i64; 7]); 5] = [
        (360, 75, [929_521, 779_296, 694_263, 449_752, 208_171, 72_666, 13_918]),
        (360, 65, [913_059, 738_046, 643_574, 388_636, 162_935, 51_521, 8_969]),
        (360, 55, [888_548, 680_710, 575_478, 314_382, 114_661, 31_589, 4_821]),
        (300, 75, [924_970, 764_006, 672_640, 410_580, 158_796, 32_925, 0]),
        (300, 55, [884_317, 667_939, 558_390, 288_254, 88_383, 14_588, 0]),
    ];

    #[test]
    fn ctl_10_the_curve_meets_the_published_check_values() {
        for (duration, peak, shares) in PUBLISHED {
            let curve = Curve::new(Minutes(duration), Minutes(peak)).unwrap();
            for (minute, millionths) in [30, 60, 75, 120, 180, 240, 300].into_iter().zip(shares) {
                let own = curve.remaining(minute) * 1_000_000 / WHOLE;
                let far = (own - millionths).abs();
                assert!(far < 100, "{duration}/{peak} at {minute}: {own} against {millionths}");
            }
        }
    }

    #[test]
    fn a_curve_begins_whole_never_rises_and_ends() {
        let curve = Curve::new(Minutes(360), Minutes(55)).unwrap();
        assert_eq!(curve.remaining(0), WHOLE);
        assert!(curve.remaining(1) < WHOLE);
        for minute in 0..700 {
            assert!(curve.remaining(minute + 1) <= curve.remaining(minute));
        }
        assert!(curve.remaining(300) > 0);
        assert_eq!(curve.remaining(360), 0);
        assert_eq!(curve.remaining(u64::MAX), 0);
    }

    #[test]
    fn a_shape_that_the_model_does_not_have_is_refused() {
        for (duration, peak) in [(0, 0), (300, 0), (150, 75), (601, 75), (u32::MAX, u32::MAX)] {
            assert_eq!(Curve::new(Minutes(duration), Minutes(peak)), None);
        }
    }
}
