//! How far the index may be used: down with the age of the last usable sample, up only after a time
//! of good quality (register D.5, PRO-06).

use crate::algorithm::Validity;
use crate::profile::Content;
use homeostat_record::{Instant, Span};
use minicbor::{Decode, Encode};

/// The rung in use, and what it depends on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Ladder {
    #[n(0)]
    validity: Validity,
    /// When the last usable sample was taken.
    #[n(1)]
    heard: Option<Instant>,
    /// Since when every sample was usable and of full quality.
    #[n(2)]
    good_since: Option<Instant>,
}

impl Ladder {
    /// The rung.
    #[must_use]
    pub const fn validity(&self) -> Validity {
        self.validity
    }

    /// A usable sample was taken at this time.
    #[must_use]
    pub fn heard(&self, at: Instant, full: bool) -> Self {
        let good_since = if full { Some(self.good_since.unwrap_or(at)) } else { None };
        Self { heard: Some(at), good_since, ..*self }
    }

    /// A sample came that was not usable: a return begins anew.
    #[must_use]
    pub const fn spoilt(&self) -> Self {
        Self { good_since: None, ..*self }
    }

    /// The rung at the end of a cycle.
    #[must_use]
    pub fn judged(&self, content: &Content, now: Instant) -> Self {
        let times = &content.times;
        let seconds = |span: Option<Span>| span.map_or(u64::MAX, |span| span.as_millis() / 1_000);
        let age = seconds(self.heard.and_then(|heard| now.since(heard)));
        let by_age = if age >= u64::from(times.alarm_after.0) {
            Validity::Lost
        } else if age >= u64::from(times.lost_after.0) {
            Validity::Frozen
        } else if age >= u64::from(times.limited_after.0) {
            Validity::ObserverOnly
        } else {
            Validity::Closed
        };
        // A silence is no good quality, and across a restart nothing is known.
        let silent = by_age < Validity::Closed;
        let good_since = self.good_since.filter(|since| !silent && now.since(*since).is_some());
        let good = good_since.map_or(0, |since| seconds(now.since(since)));
        let returned = good >= u64::from(times.dwell.0);
        let most = match self.validity {
            Validity::Closed => Validity::Closed,
            Validity::Lost | Validity::Frozen | Validity::ObserverOnly if returned => {
                Validity::Closed
            }
            // What is usable may at once argue for less.
            Validity::Lost | Validity::Frozen | Validity::ObserverOnly => Validity::ObserverOnly,
        };
        let validity = if by_age < most { by_age } else { most };
        Self { validity, good_since, heard: self.heard }
    }
}
