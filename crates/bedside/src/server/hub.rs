//! Live updates: what changed on the page, numbered, kept for a while, sent to who looks.

use super::listen::{Place, Room};
use crate::render::{Ages, Section, sections};
use crate::view::{Civil, View, mode_code, mode_name};
use serde::Serialize;
use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;
use tokio::sync::mpsc;

/// Updates that are kept for who was away for a moment.
const RING: usize = 128;
/// Updates that may wait for one slow reader; then it is let go and comes again by itself.
const WAITING_MAX: usize = 32;
/// Readers, well below the number of connections.
const READERS: Room = Room { all: 24, here: 8 };

/// One message to a reader.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Message {
    /// What changed, under its number.
    Update { id: u64, data: String },
    /// Nothing changed; how long ago the device published, in milliseconds.
    Beat(u64),
}

#[derive(Serialize)]
struct Update<'u> {
    boot: u32,
    at: u64,
    civil: Option<Civil>,
    zone: i32,
    zone_name: &'u str,
    speed: u32,
    report_within: u64,
    mode: &'u str,
    mode_name: &'u str,
    chart: bool,
    sections: BTreeMap<&'u str, &'u str>,
}

/// All readers and what they may have missed.
#[derive(Debug)]
pub(super) struct Hub {
    view: std::sync::Arc<View>,
    shown: Vec<Section>,
    ring: VecDeque<(u64, String)>,
    last: u64,
    published: Duration,
    readers: Vec<(Place, mpsc::Sender<Message>)>,
}

impl Hub {
    /// Begins with a view; `first` is the number before the first update, different for every
    /// start of the server, so that a reader of an earlier one is not taken for one of this.
    pub(super) fn new(view: std::sync::Arc<View>, first: u64, now: Duration) -> Self {
        let shown = sections(&view, Ages::Left);
        Self {
            view,
            shown,
            ring: VecDeque::new(),
            last: first,
            published: now,
            readers: Vec::new(),
        }
    }

    /// The number of the last update.
    pub(super) const fn last(&self) -> u64 {
        self.last
    }

    /// How long ago the device published.
    pub(super) const fn quiet(&self, now: Duration) -> Duration {
        now.saturating_sub(self.published)
    }

    /// Takes a new view and sends what changed.
    pub(super) fn publish(&mut self, view: std::sync::Arc<View>, now: Duration) {
        let fresh = sections(&view, Ages::Left);
        let chart = view.chart != self.view.chart;
        let changed = fresh.iter().zip(&self.shown).filter(|(new, old)| new != old);
        let data = update(&view, chart, changed.map(|(new, _)| new));
        self.last += 1;
        self.ring.push_back((self.last, data.clone()));
        if self.ring.len() > RING {
            self.ring.pop_front();
        }
        self.shown = fresh;
        self.view = view;
        self.published = now;
        self.send(&Message::Update { id: self.last, data });
    }

    /// Tells every reader that the server lives, and how old its view is.
    pub(super) fn beat(&mut self, now: Duration) {
        self.send(&self.quiet_for(now));
    }

    fn quiet_for(&self, now: Duration) -> Message {
        Message::Beat(u64::try_from(self.quiet(now).as_millis()).unwrap_or(u64::MAX))
    }

    /// A new reader who has everything up to `seen`; `None` when there are too many.
    pub(super) fn join(
        &mut self,
        place: Place,
        seen: Option<u64>,
        now: Duration,
    ) -> Option<mpsc::Receiver<Message>> {
        self.readers.retain(|(_, reader)| !reader.is_closed());
        if !READERS.has(place, self.readers.iter().map(|(place, _)| *place)) {
            return None;
        }
        let mut missed = self.missed(seen);
        // What was missed may be old: the reader learns how long the device has been quiet.
        missed.push(self.quiet_for(now));
        let (reader, messages) = mpsc::channel(WAITING_MAX + missed.len());
        for message in missed {
            let _ = reader.try_send(message);
        }
        self.readers.push((place, reader));
        Some(messages)
    }

    /// What came after `seen`, or the whole page if that is not known any more.
    fn missed(&self, seen: Option<u64>) -> Vec<Message> {
        let first = self.ring.front().map_or(self.last, |(id, _)| id - 1);
        match seen.filter(|seen| (first..=self.last).contains(seen)) {
            Some(seen) => {
                let later = self.ring.iter().filter(|(id, _)| *id > seen);
                later.map(|(id, data)| Message::Update { id: *id, data: data.clone() }).collect()
            }
            None => {
                let data = update(&self.view, true, self.shown.iter());
                vec![Message::Update { id: self.last, data }]
            }
        }
    }

    fn send(&mut self, message: &Message) {
        self.readers.retain(|(_, reader)| reader.try_send(message.clone()).is_ok());
    }
}

fn update<'u>(view: &'u View, chart: bool, changed: impl Iterator<Item = &'u Section>) -> String {
    let clock = &view.clock;
    let update = Update {
        boot: clock.boot,
        at: clock.now.0,
        civil: clock.civil,
        zone: clock.zone.minutes_east,
        zone_name: &clock.zone.name,
        speed: clock.speed,
        report_within: clock.report_within.0,
        mode: mode_code(view.mode.mode),
        mode_name: mode_name(view.mode.mode),
        chart,
        sections: changed.map(|section| (section.id, section.html.as_str())).collect(),
    };
    serde_json::to_string(&update).unwrap_or_default()
}

#[cfg(test)]
mod tests;
