//! How long an order may be begun, and how long an actuator may be silent.

use homeostat_record::{Instant, OrderId, Span};
use minicbor::{Decode, Encode};

/// Whether an order that expires at `expires` may still be begun. Across a restart the time is
/// not known, so that it may not.
#[must_use]
pub fn may_begin(expires: Instant, now: Instant) -> bool {
    expires.since(now).is_some()
}

/// The actuator's side of ACT-05: each order at most once, none that is late, none out of order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(transparent)]
pub struct Begun(#[n(0)] Option<OrderId>);

impl Begun {
    /// Takes the order with this identity if it may be begun now, and remembers it.
    pub fn begin(&mut self, id: OrderId, expires: Instant, now: Instant) -> bool {
        if self.0 >= Some(id) {
            return false;
        }
        if !may_begin(expires, now) {
            return false;
        }
        self.0 = Some(id);
        true
    }
}

/// When the actuator was last heard.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(transparent)]
pub struct Heard(#[n(0)] Option<Instant>);

impl Heard {
    /// It was heard now.
    #[must_use]
    pub const fn at(now: Instant) -> Self {
        Self(Some(now))
    }

    /// Whether the silence is longer than an order lives: by then it has reverted by itself.
    #[must_use]
    pub fn is_silent(&self, now: Instant, lease: Span) -> bool {
        let age = self.0.and_then(|heard| now.since(heard));
        age.is_none_or(|age| age > lease)
    }
}
