//! Within what: every amount passes here, and only this file can make an [`Admitted`] order.
//!
//! The part that nobody asked for (automatic, background, suspension, manual setting) is moved
//! into its bounds, visibly; a person's request on top of it is granted whole or refused, and the
//! automatic part gives way to it. Where the bounds contradict each other, the upper one wins.
//! Amounts are whole steps throughout: nothing is rounded after a bound was applied.

use crate::history::History;
use crate::{ChannelLimits, Envelope};
use homeostat_record::{CHANNELS, Instant, Limit, Order, OrderId, Source, Steps};

/// An order that passed the guard, for one use: an actuator takes nothing else. It cannot be
/// copied, and nobody else can make one (SUP-02):
///
/// ```compile_fail,E0451
/// let order = homeostat_record::Order::default();
/// let forged = homeostat_supervisor::Admitted { order };
/// ```
/// ```compile_fail,E0507
/// fn twice(admitted: &homeostat_supervisor::Admitted) -> homeostat_supervisor::Admitted {
///     *admitted
/// }
/// ```
#[derive(Debug, PartialEq, Eq)]
#[must_use = "an admitted order that is not handed over leaves the actuator's lease to run out"]
pub struct Admitted {
    order: Order,
}

impl Admitted {
    /// Its identity.
    #[must_use]
    pub const fn id(&self) -> OrderId {
        self.order.id
    }

    /// Amount per manipulated variable for the coming cycle, requests included.
    #[must_use]
    pub const fn steps(&self) -> [Steps; CHANNELS] {
        self.order.steps
    }

    /// After this it must not be begun.
    #[must_use]
    pub const fn expires(&self) -> Instant {
        self.order.expires
    }

    /// The order as it is recorded.
    #[must_use]
    pub const fn order(&self) -> &Order {
        &self.order
    }
}

/// What is to be ordered on one manipulated variable, and what it is held against.
#[derive(Clone, Copy, Debug)]
pub struct Demand<'a> {
    /// Where the amount comes from.
    pub source: Source,
    /// The amount that nobody asked for.
    pub amount: Steps,
    /// A person's request that was granted, on top.
    pub request: Steps,
    /// Ceiling of the present authority, if it has one.
    pub ceiling: Option<Steps>,
    /// The therapy's range for this cycle.
    pub envelope: Envelope,
    /// What still acts.
    pub acting: Steps,
    /// What nobody asked for in the cycle before.
    pub last: Steps,
    /// What was ordered before.
    pub history: &'a History,
    /// The profile's bounds.
    pub limits: &'a ChannelLimits,
}

/// What the guard makes of a demand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ruling {
    /// The amount that nobody asked for, within its bounds.
    pub amount: Steps,
    /// The bound that decided, if one did.
    pub bound: Option<Limit>,
}

type Bound = Option<(Limit, Steps)>;

impl Demand<'_> {
    /// Moves the amount into its bounds.
    #[must_use]
    pub fn ruling(&self) -> Ruling {
        let (upper, most) = self.upper();
        let (lower, least) = self.lower();
        if least > most {
            return Ruling { amount: most, bound: Some(upper) };
        }
        if self.amount > most {
            return Ruling { amount: most, bound: Some(upper) };
        }
        if self.amount < least {
            return Ruling { amount: least, bound: Some(lower) };
        }
        Ruling { amount: self.amount, bound: None }
    }

    /// The least of the upper bounds; the first by name where several are equal.
    fn upper(&self) -> (Limit, Steps) {
        let room = |max: Steps| max.saturating_sub(self.request);
        let bounds = [
            Some((Limit::CycleMax, room(self.limits.cycle_max))),
            self.slews().then(|| (Limit::SlewUp, self.last.saturating_add(self.limits.slew_up))),
            Some((Limit::Acting, room(self.limits.acting_max.saturating_sub(self.acting)))),
            Some((Limit::Label, room(self.limits.label_max))),
            self.ceiling.map(|ceiling| (Limit::Authority, ceiling)),
            Some((Limit::Envelope, self.envelope.most)),
        ];
        let windows = self.history.rooms(&self.limits.windows).map(|(w, left)| (w, room(left)));
        let all = bounds.into_iter().flatten().chain(windows);
        all.fold(
            (Limit::CycleMax, Steps::MAX),
            |least, bound| {
                if bound.1 < least.1 { bound } else { least }
            },
        )
    }

    /// The largest of the lower bounds; the first by name where several are equal. They bind the
    /// machine's treatment alone: neither a person's setting nor a suspension is raised.
    fn lower(&self) -> (Limit, Steps) {
        let treats = match self.source {
            Source::Controller | Source::Background => true,
            Source::Nothing | Source::Suspension | Source::Manual => false,
        };
        let bounds: [Bound; 3] = [
            treats.then_some((Limit::CycleMin, self.limits.cycle_min)),
            self.slews()
                .then(|| (Limit::SlewDown, self.last.saturating_sub(self.limits.slew_down))),
            treats.then_some((Limit::Envelope, self.envelope.least)),
        ];
        bounds.into_iter().flatten().fold((Limit::CycleMin, Steps::ZERO), |most, bound| {
            if bound.1 > most.1 { bound } else { most }
        })
    }

    /// Only the controller's amount is held to a slope: a fallback takes hold at once.
    fn slews(&self) -> bool {
        self.source == Source::Controller
    }
}

/// The first bound that a person's request would pass although nothing else were delivered. A
/// request is granted whole or refused (SUP-03).
///
/// # Errors
/// The bound that it would pass.
pub fn request(
    steps: Steps,
    acting: Steps,
    history: &History,
    limits: &ChannelLimits,
) -> Result<(), Limit> {
    let bounds = [
        (Limit::Request, limits.request_max),
        (Limit::CycleMax, limits.cycle_max),
        (Limit::Acting, limits.acting_max.saturating_sub(acting)),
        (Limit::Label, limits.label_max),
    ];
    let mut all = bounds.into_iter().chain(history.rooms(&limits.windows));
    match all.find(|(_, most)| steps > *most) {
        Some((limit, _)) => Err(limit),
        None => Ok(()),
    }
}

/// The bound that a manual setting would pass in every cycle, if there is one.
///
/// # Errors
/// The bound that it would pass.
pub fn setting(steps: Steps, limits: &ChannelLimits) -> Result<(), Limit> {
    let bounds = [(Limit::CycleMax, limits.cycle_max), (Limit::Label, limits.label_max)];
    match bounds.into_iter().find(|(_, most)| steps > *most) {
        Some((limit, _)) => Err(limit),
        None => Ok(()),
    }
}

/// Makes the order out of rulings. The last look is at the label alone, whatever was computed
/// before: an order beyond it is not made, which the caller counts as broken integrity.
pub(crate) fn admit(
    id: OrderId,
    source: Source,
    amounts: [Steps; CHANNELS],
    requested: [Steps; CHANNELS],
    limits: &[ChannelLimits; CHANNELS],
    expires: Instant,
) -> Option<Admitted> {
    let mut steps = amounts;
    for (sum, request) in steps.iter_mut().zip(requested) {
        *sum = sum.saturating_add(request);
    }
    if steps.iter().zip(limits).any(|(sum, limits)| *sum > limits.label_max) {
        return None;
    }
    Some(Admitted { order: Order { id, steps, requested, source, expires } })
}

/// Here and not among the other tests, since nobody outside can call [`admit`].
#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::{WINDOWS, WindowLimit};

    fn limits(label: u32) -> ChannelLimits {
        let none = Steps::ZERO;
        ChannelLimits {
            cycle_max: none,
            cycle_min: none,
            slew_up: none,
            slew_down: none,
            windows: [WindowLimit { cycles: 0, max: none }; WINDOWS],
            acting_max: none,
            label_max: Steps(label),
            request_max: none,
            tolerance: none,
        }
    }

    #[test]
    fn only_an_order_within_the_label_is_made() {
        let expires = Instant { boot: 3, millis: 77 };
        let limits = [limits(59), limits(13)];
        let make = |amounts, requested| {
            admit(OrderId(5), Source::Controller, amounts, requested, &limits, expires)
        };
        let made = make([Steps(28), Steps(6)], [Steps(31), Steps(7)]).unwrap();
        assert_eq!((made.id(), made.expires()), (OrderId(5), expires));
        assert_eq!(made.steps(), [Steps(59), Steps(13)]);
        let order = made.order();
        assert_eq!((order.steps, order.requested), (made.steps(), [Steps(31), Steps(7)]));
        assert_eq!(
            (order.id, order.source, order.expires),
            (OrderId(5), Source::Controller, expires)
        );
        assert!(make([Steps(29), Steps(6)], [Steps(31), Steps(7)]).is_none());
        assert!(make([Steps(28), Steps(7)], [Steps(31), Steps(7)]).is_none());
        assert!(make([Steps::MAX, Steps(0)], [Steps(31), Steps(7)]).is_none(), "no wrap");
    }
}
