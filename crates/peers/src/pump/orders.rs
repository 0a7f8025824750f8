//! Whether an order is taken, and how it is carried out: evenly over a period, a person's request as
//! fast as the drive may.

use super::{Halt, PumpSettings, Remembered, Reversion};
use homeostat_link::{Order, Why};
use homeostat_record::{CHANNELS, Instant, OrderId, Span, Steps};

/// Judges an order: how long its lease still runs.
pub(super) fn judge(
    order: &Order,
    age: Option<Span>,
    remembered: &Remembered,
    queue: &[Steps; CHANNELS],
    settings: &PumpSettings,
) -> Result<Span, Why> {
    if order.id <= remembered.accepted {
        return Err(Why::TakenAlready);
    }
    if remembered.halt == Halt::ByPerson {
        return Err(Why::StoppedByPerson);
    }
    let lease = Ord::min(order.valid_for, settings.valid_most).as_millis();
    let age = age.ok_or(Why::Expired)?.as_millis();
    let left = lease.checked_sub(age).ok_or(Why::Expired)?;
    if order.steps.iter().skip(settings.channels).any(|steps| *steps != Steps::ZERO) {
        return Err(Why::NoSuchChannel);
    }
    for (channel, most) in settings.order_max.iter().enumerate() {
        let of = |amounts: &[Steps; CHANNELS]| amounts.get(channel).copied().unwrap_or(Steps::MAX);
        let requested = of(&order.requested);
        let waiting = u64::from(of(queue).0) + u64::from(requested.0);
        if of(&order.steps) > *most || requested > of(&order.steps) || waiting > u64::from(most.0) {
            return Err(Why::BeyondLimits);
        }
    }
    Ok(Span::from_millis(left))
}

/// The order in execution.
#[derive(Clone, Copy, Debug)]
pub(super) struct Running {
    pub(super) id: OrderId,
    expires: Instant,
    /// Given evenly over a period.
    even: [Steps; CHANNELS],
    /// Given as fast as the drive may, this order's and what earlier ones left.
    pub(super) queue: [Steps; CHANNELS],
    done: u32,
}

impl Running {
    /// The order, behind what was still waiting.
    pub(super) fn new(order: &Order, waiting: &[Steps; CHANNELS], expires: Instant) -> Self {
        let mut queue = *waiting;
        for (slot, requested) in queue.iter_mut().zip(order.requested) {
            *slot = slot.saturating_add(requested);
        }
        let mut even = order.steps;
        for (slot, requested) in even.iter_mut().zip(order.requested) {
            *slot = slot.saturating_sub(requested);
        }
        Self { id: order.id, expires, even, queue, done: 0 }
    }

    /// Whether its lease has run out.
    pub(super) fn is_over(&self, now: Instant) -> bool {
        self.expires.since(now).is_none()
    }

    /// What to hold of it: its even part, no faster than the pump's own programme.
    pub(super) fn to_hold(
        self,
        settings: &PumpSettings,
        ticks: u32,
    ) -> Option<([Steps; CHANNELS], Instant)> {
        let Reversion::Hold { at_most } = settings.when_silent else { return None };
        let mut held = self.even;
        for (slot, own) in held.iter_mut().zip(settings.background) {
            *slot = slot.or_less(own);
        }
        // An order that did not even begin has no rate.
        (self.done >= Ord::min(ticks, 1)).then(|| (held, self.expires.after(at_most)))
    }

    /// The next tick's portion, at most `room`, requests no faster than `fastest`. What finds no room
    /// waits, `order_max` of it at most.
    pub(super) fn portion(
        &mut self,
        room: &[Steps; CHANNELS],
        fastest: &[Steps; CHANNELS],
        order_max: &[Steps; CHANNELS],
        ticks: u32,
    ) -> [Steps; CHANNELS] {
        let mut portion = [Steps::ZERO; CHANNELS];
        for (channel, slot) in portion.iter_mut().enumerate() {
            let even = if self.done < ticks {
                share(self.even[channel], self.done, ticks)
            } else {
                Steps::ZERO
            };
            let room = room[channel];
            let fast =
                self.queue[channel].or_less(fastest[channel]).or_less(room.saturating_sub(even));
            *slot = even.or_less(room).saturating_add(fast);
            let waits = self.queue[channel].saturating_sub(fast);
            let waits = waits.saturating_add(even.saturating_sub(room));
            self.queue[channel] = waits.or_less(order_max[channel]);
        }
        self.done = self.done.saturating_add(1);
        portion
    }
}

/// The part of `whole` that falls into tick `index` of `ticks`: even, and whole in sum.
pub(super) fn share(whole: Steps, index: u32, ticks: u32) -> Steps {
    let upto = |n: u32| u64::from(whole.0) * u64::from(n) / u64::from(ticks.max(1));
    Steps(u32::try_from(upto(index + 1) - upto(index)).unwrap_or(u32::MAX))
}
