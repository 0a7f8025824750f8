//! Insulin on board in whole steps, by a way of its own: the curve of action is summed minute by
//! minute in integers and divided by its own total, so that neither a closed form nor a float is
//! shared with the controller. Everything rounds up: on board is never understated.

use crate::profile::Content;
use homeostat_record::{Account, Action, Input, Instant, Steps};
use minicbor::{Decode, Encode};

/// Cycles that are looked back upon: eight hours.
const CYCLES: usize = 96;
/// Minutes of a cycle.
const CYCLE_MINUTES: u64 = 5;
/// The table's unit: one whole dose.
const ONE: u64 = 1 << 16;

/// The part of a dose that is still on board, by age in cycles.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Curve {
    parts: [u64; CYCLES],
}

impl Curve {
    /// The exponential model: activity at minute `t` is proportional to
    /// `t * (duration - t) * exp(-t / tau)`.
    pub(super) fn new(content: &Content) -> Self {
        let duration = u64::from(content.insulin.duration.0);
        let peak = u64::from(content.insulin.peak.0);
        // tau = peak (duration - peak) / (duration - 2 peak)
        let above = peak.saturating_mul(duration.saturating_sub(peak));
        let below = duration.saturating_sub(peak.saturating_mul(2)).max(1);
        let fade = exponential(below, above);
        let mut weights = [0_u64; CYCLES];
        let mut envelope = SCALE;
        let mut minute = 0;
        while minute < duration {
            // Twice the middle of the minute, to stay whole.
            let middle = minute.saturating_mul(2).saturating_add(1);
            let rest = duration.saturating_mul(2).saturating_sub(middle);
            let weight = middle.saturating_mul(rest).saturating_mul(envelope >> 20);
            let cycle = usize::try_from(minute / CYCLE_MINUTES).unwrap_or(CYCLES);
            if let Some(slot) = weights.get_mut(cycle) {
                *slot = slot.saturating_add(weight);
            }
            envelope = multiply(envelope, fade);
            minute = minute.saturating_add(1);
        }
        let total = weights.iter().fold(0_u64, |sum, weight| sum.saturating_add(*weight)).max(1);
        let mut gone = 0_u64;
        let parts = weights.map(|weight| {
            let left = u128::from(total.saturating_sub(gone));
            gone = gone.saturating_add(weight);
            let part = (left * u128::from(ONE)).div_ceil(u128::from(total));
            u64::try_from(part).unwrap_or(ONE)
        });
        Self { parts }
    }

    /// Steps on board, rounded up.
    pub(super) fn on_board(&self, delivery: &Delivery) -> Steps {
        Steps(u32::try_from(self.remaining(&delivery.cycles)).unwrap_or(u32::MAX))
    }

    /// What remains of amounts by cycle, newest first; rounded up.
    fn remaining(&self, cycles: &[u32; CYCLES]) -> u64 {
        let pairs = cycles.iter().zip(&self.parts);
        let sum = pairs.fold(0_u64, |sum, (amount, part)| {
            sum.saturating_add(u64::from(*amount).saturating_mul(*part))
        });
        sum.div_ceil(ONE)
    }

    /// What is on board at a steady rate: the amount of one cycle in thousandths of a step gives
    /// steps, rounded up.
    pub(super) fn steady(&self, thousandths_per_cycle: u64) -> Steps {
        let parts = self.parts.iter().fold(0_u64, |sum, part| sum.saturating_add(*part));
        let sum = thousandths_per_cycle.saturating_mul(parts).div_ceil(ONE.saturating_mul(1_000));
        Steps(u32::try_from(sum).unwrap_or(u32::MAX))
    }
}

/// Fixed point with 40 bits after the point.
const SCALE: u64 = 1 << 40;

fn multiply(a: u64, b: u64) -> u64 {
    let product = u128::from(a) * u128::from(b) / u128::from(SCALE);
    u64::try_from(product).unwrap_or(u64::MAX)
}

/// `exp(-above / below)` for a ratio below one, by its series.
fn exponential(above: u64, below: u64) -> u64 {
    let ratio = u128::from(above) * u128::from(SCALE) / u128::from(below.max(1));
    let ratio = u64::try_from(ratio).unwrap_or(SCALE);
    let mut term = SCALE;
    let (mut plus, mut minus) = (SCALE, 0_u64);
    for order in 1..=16_u64 {
        term = multiply(term, ratio) / order;
        if order % 2 == 0 {
            plus = plus.saturating_add(term);
        } else {
            minus = minus.saturating_add(term);
        }
    }
    plus.saturating_sub(minus)
}

/// What was delivered, or may have been, by cycle; newest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub(super) struct Delivery {
    #[n(0)]
    #[cbor(with = "homeostat_record::packed")]
    cycles: [u32; CYCLES],
    /// How much of the account is booked.
    #[n(1)]
    booked: u64,
    /// When the history was last moved on; the rest that is less than a cycle stays in it.
    #[n(2)]
    moved: Option<Instant>,
}

impl Delivery {
    /// The beginning: the background went on before.
    pub(super) fn start(background: u32) -> Self {
        Self { cycles: [background; CYCLES], booked: 0, moved: None }
    }

    /// Takes in the ledger's account: what was ordered counts from the order on, and what was
    /// delivered beyond it counts too. What people gave by other means comes on top.
    pub(super) fn book(&mut self, input: &Input, account: &Account, period_millis: u64) {
        self.age(input.now, period_millis);
        let most = account.ordered.max(account.delivered).max(account.verified);
        self.add(most.saturating_sub(self.booked));
        self.booked = self.booked.max(most);
        for person in &input.people {
            if let Action::Given { channel: 0, steps } = person.action {
                self.add(u64::from(steps.0));
            }
        }
    }

    fn add(&mut self, steps: u64) {
        if let Some(newest) = self.cycles.first_mut() {
            *newest = newest.saturating_add(u32::try_from(steps).unwrap_or(u32::MAX));
        }
    }

    /// An amount that is no delivery but fades like one: what announced meals allow.
    pub(super) fn allow(&mut self, now: Instant, period_millis: u64, steps: Steps) {
        self.age(now, period_millis);
        self.add(u64::from(steps.0));
    }

    /// Moves on by the whole cycles that have passed. Where the time is not known, none has.
    fn age(&mut self, now: Instant, period_millis: u64) {
        let Some(passed) = self.moved.and_then(|moved| now.since(moved)) else {
            self.moved = Some(now);
            return;
        };
        let whole = passed.as_millis() / period_millis.max(1);
        let count = usize::try_from(whole).unwrap_or(CYCLES).min(CYCLES);
        for _ in 0..count {
            self.cycles.rotate_right(1);
            if let Some(newest) = self.cycles.first_mut() {
                *newest = 0;
            }
        }
        let rest = passed.as_millis() % period_millis.max(1);
        let millis = now.millis.saturating_sub(rest);
        self.moved = Some(Instant { boot: now.boot, millis });
    }
}

#[cfg(test)]
#[allow(clippy::float_arithmetic)]
mod tests {
    use super::{Curve, Delivery, ONE};
    use crate::on_board::InsulinAction;
    use crate::profile::Content;
    use crate::profile::scale::WholeMinutes;
    use crate::profile::tests::ADULT;
    use crate::units::Minutes;
    use homeostat_numeric::abs;
    use homeostat_record::{Account, Action, Input, Instant, PersonAction, Role, Steps};

    #[test]
    fn sup_05_the_integer_curve_agrees_with_the_closed_form() {
        let mut content = Content::reference_for(&ADULT);
        for (duration, peak) in [(360, 75), (360, 55), (300, 75), (300, 100), (480, 35)] {
            content.insulin.duration = WholeMinutes(duration);
            content.insulin.peak = WholeMinutes(peak);
            let curve = Curve::new(&content);
            let action = InsulinAction::new(Minutes(f64::from(duration)), Minutes(f64::from(peak)));
            for (cycle, part) in (0_u32..).zip(curve.parts) {
                let found = f64::from(u32::try_from(part).unwrap()) / f64::from(ONE as u32);
                let expected = action.remaining_after(Minutes(f64::from(cycle * 5)));
                assert!(abs(found - expected) < 1e-3, "{duration}/{peak}, cycle {cycle}: {found}");
            }
        }
    }

    #[test]
    fn ctl_10_unknown_counts_as_delivered_and_nothing_is_counted_twice() {
        let curve = Curve::new(&Content::reference_for(&ADULT));
        let mut delivery = Delivery::start(0);
        let at = |minutes: u64| Input {
            now: Instant { boot: 1, millis: minutes * 60_000 },
            ..Input::default()
        };
        let mut account = Account { ordered: 100, ..Account::default() };
        delivery.book(&at(0), &account, 300_000);
        assert_eq!(curve.on_board(&delivery), Steps(100), "from the order on");
        account.delivered = 100;
        delivery.book(&at(0), &account, 300_000);
        assert_eq!(curve.on_board(&delivery), Steps(100));
        account.delivered = 130;
        delivery.book(&at(0), &account, 300_000);
        assert_eq!(curve.on_board(&delivery), Steps(130), "over-delivery is on board");
        let action = Action::Given { channel: 0, steps: Steps(20) };
        let mut input = at(0);
        input.people.push(PersonAction { by: Role::User, action }).unwrap();
        delivery.book(&input, &account, 300_000);
        assert_eq!(curve.on_board(&delivery), Steps(150));
        delivery.book(&at(120), &account, 300_000);
        assert_eq!(curve.on_board(&delivery), Steps(68), "0.4498 of it, rounded up");
        delivery.book(&at(359), &account, 300_000);
        assert_eq!(curve.on_board(&delivery), Steps(1), "never rounded down to nothing");
        delivery.book(&at(365), &account, 300_000);
        assert_eq!(curve.on_board(&delivery), Steps(0));
    }

    #[test]
    fn across_a_restart_no_time_has_passed() {
        let mut delivery = Delivery::start(3);
        let before = Input { now: Instant { boot: 1, millis: 9_000_000 }, ..Input::default() };
        delivery.book(&before, &Account::default(), 300_000);
        let kept = delivery.cycles;
        let after = Input { now: Instant { boot: 2, millis: 5 }, ..Input::default() };
        delivery.book(&after, &Account::default(), 300_000);
        assert_eq!(delivery.cycles, kept);
    }
}
