//! The simulated actuator: it takes [`Admitted`] orders and nothing else, each at most once and
//! not after its lease, keeps limits of its own, and without orders reverts to its own background.

use homeostat_record::{ActuatorStatus, CHANNELS, Instant, OrderId, Report, Steps};
use homeostat_supervisor::Admitted;

/// How an actuator was set up by people, apart from the loop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ActuatorSettings {
    /// Its pseudonym.
    pub identity: u32,
    /// Largest amount of one order, per manipulated variable (ACT-04).
    pub order_max: [Steps; CHANNELS],
    /// How many ticks make one control cycle.
    pub ticks_per_cycle: u32,
    /// Largest part of a request that is delivered in one tick.
    pub request_per_tick: Steps,
    /// Which manipulated variables it has.
    pub channels: usize,
}

/// What left the actuator in one tick.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Delivered {
    /// Steps that its drive counted.
    pub counted: [Steps; CHANNELS],
    /// Steps that really left it: a drive is not exact and a line can be blocked.
    pub real: [f64; CHANNELS],
    /// The order under which they were delivered; `None` for its own background.
    pub under: Option<OrderId>,
}

/// The order in execution.
#[derive(Clone, Copy, Debug)]
struct Running {
    id: OrderId,
    expires: Instant,
    even: [Steps; CHANNELS],
    request_left: [Steps; CHANNELS],
    ticks_done: u32,
}

/// An actuator with its counts.
#[derive(Clone, Debug)]
pub struct Actuator {
    settings: ActuatorSettings,
    running: Option<Running>,
    last_id: OrderId,
    accepted_total: [u64; CHANNELS],
    delivered_total: [u64; CHANNELS],
    background_ticks: u32,
    status: ActuatorStatus,
    refused: u32,
}

impl Actuator {
    /// An actuator that runs its own background until the first order.
    #[must_use]
    pub fn new(settings: ActuatorSettings) -> Self {
        Self {
            settings,
            running: None,
            last_id: OrderId(0),
            accepted_total: [0; CHANNELS],
            delivered_total: [0; CHANNELS],
            background_ticks: 0,
            status: ActuatorStatus::Reverted,
            refused: 0,
        }
    }

    /// Takes an order, or refuses it: a second time, after its lease, or beyond its own limits.
    #[allow(clippy::needless_pass_by_value, reason = "an order is used up by taking it")]
    pub fn take(&mut self, admitted: Admitted, now: Instant) {
        let order = *admitted.order();
        let late = order.expires.since(now).is_none();
        let beyond = order.steps.iter().zip(self.settings.order_max).any(|(a, max)| *a > max);
        if order.id <= self.last_id || late || beyond {
            self.refused = self.refused.saturating_add(1);
            return;
        }
        // A request that takes longer than one cycle goes on under the next order.
        let mut requests = self.running.map_or([Steps::ZERO; CHANNELS], |last| last.request_left);
        for (left, requested) in requests.iter_mut().zip(order.requested) {
            *left = left.saturating_add(requested);
        }
        let mut even = [Steps::ZERO; CHANNELS];
        for ((slot, whole), requested) in even.iter_mut().zip(order.steps).zip(order.requested) {
            *slot = whole.saturating_sub(requested);
        }
        for (total, steps) in self.accepted_total.iter_mut().zip(order.steps) {
            *total = total.saturating_add(u64::from(steps.0));
        }
        self.last_id = order.id;
        self.running = Some(Running {
            id: order.id,
            expires: order.expires,
            even,
            request_left: requests,
            ticks_done: 0,
        });
    }

    /// One tick. `background` is its own amount per cycle; `blocked` and `error` are its faults.
    pub fn tick(
        &mut self,
        now: Instant,
        background: [Steps; CHANNELS],
        blocked: bool,
        error: f64,
    ) -> Delivered {
        if self.running.is_some_and(|running| running.expires.since(now).is_none()) {
            self.running = None;
            self.background_ticks = 0;
        }
        let (counted, under) = match &mut self.running {
            Some(running) => (execute(running, &self.settings), Some(running.id)),
            None => (self.revert(background), None),
        };
        self.status = match (blocked, under) {
            (true, _) => ActuatorStatus::Occluded,
            (false, Some(_)) => ActuatorStatus::Running,
            (false, None) => ActuatorStatus::Reverted,
        };
        let mut delivered =
            Delivered { counted: [Steps::ZERO; CHANNELS], real: [0.0; CHANNELS], under };
        if blocked {
            return delivered;
        }
        delivered.counted = counted;
        for (real, steps) in delivered.real.iter_mut().zip(counted) {
            *real = f64::from(steps.0) * (1.0 + error);
        }
        for (total, steps) in self.delivered_total.iter_mut().zip(counted) {
            *total = total.saturating_add(u64::from(steps.0));
        }
        delivered
    }

    fn revert(&mut self, background: [Steps; CHANNELS]) -> [Steps; CHANNELS] {
        let ticks = self.settings.ticks_per_cycle;
        // Its own background was never accepted from anybody: it counts as delivered alone.
        let counted = background.map(|whole| share(whole, self.background_ticks, ticks));
        self.background_ticks = (self.background_ticks + 1) % ticks;
        counted
    }

    /// A report per manipulated variable, as it arrives at `now`.
    pub fn reports(&self, now: Instant) -> impl Iterator<Item = Report> + '_ {
        let totals = self.accepted_total.iter().zip(self.delivered_total);
        totals.enumerate().take(self.settings.channels).map(
            move |(channel, (accepted, delivered))| Report {
                channel: u8::try_from(channel).unwrap_or(u8::MAX),
                received: now,
                actuator: self.settings.identity,
                status: self.status,
                accepted: self.last_id,
                accepted_total: *accepted,
                delivered_total: delivered,
                verified_total: None,
            },
        )
    }

    /// How many orders were refused.
    #[must_use]
    pub const fn refused(&self) -> u32 {
        self.refused
    }
}

fn execute(running: &mut Running, settings: &ActuatorSettings) -> [Steps; CHANNELS] {
    let mut counted = [Steps::ZERO; CHANNELS];
    let done = running.ticks_done;
    for ((slot, even), left) in counted.iter_mut().zip(running.even).zip(&mut running.request_left)
    {
        let request = left.or_less(settings.request_per_tick);
        *left = left.saturating_sub(request);
        let even = if done < settings.ticks_per_cycle {
            share(even, done, settings.ticks_per_cycle)
        } else {
            Steps::ZERO
        };
        *slot = even.saturating_add(request);
    }
    running.ticks_done = done.saturating_add(1);
    counted
}

/// The part of `whole` that falls into tick `index` of `ticks`: even, and whole in sum.
fn share(whole: Steps, index: u32, ticks: u32) -> Steps {
    let upto = |n: u32| u64::from(whole.0) * u64::from(n) / u64::from(ticks.max(1));
    Steps(u32::try_from(upto(index + 1) - upto(index)).unwrap_or(u32::MAX))
}
