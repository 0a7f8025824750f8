//! Announced carbohydrate: what can still be unabsorbed, and whether it was answered.

use crate::history::Slots;
use crate::settings::Settings;
use crate::timeline::SLOT;
use crate::whole::{share, signed};
use homeostat_record::{Action, Input};
use minicbor::{Decode, Encode};

/// The kind of announcement that is carbohydrate.
const CARBOHYDRATE: u8 = 1;
/// Slots of the history: ten hours, more than the longest absorption that is taken.
const SLOTS: usize = 120;
/// Entries that are remembered to recognise a repeated one.
const ENTRIES: usize = 4;
/// Smallest meal whose answer is watched, milligrams.
pub(crate) const WATCHED: i64 = 10_000;

/// What was announced.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub(crate) struct Meals {
    /// Milligrams by five minutes.
    #[n(0)]
    slots: Slots<SLOTS>,
    #[n(1)]
    entries: [Option<Entry>; ENTRIES],
    #[n(2)]
    open: Option<Open>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
struct Entry {
    #[n(0)]
    at: u64,
    #[n(1)]
    amount: u32,
}

/// A meal whose answer is watched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub(crate) struct Open {
    /// When it was announced.
    #[n(0)]
    pub(crate) since: u64,
    /// Insulin that it calls for, milliunits.
    #[n(1)]
    pub(crate) called_for: i64,
    /// Insulin beyond basal that was proposed or asked for since, milliunits.
    #[n(2)]
    pub(crate) answered: i64,
}

impl Meals {
    /// Nothing was announced before `tick`.
    pub(crate) const fn new(tick: u64) -> Self {
        Self { slots: Slots::empty(tick / SLOT), entries: [None; ENTRIES], open: None }
    }

    /// Takes the announcements of a cycle. Returns the milligrams that count.
    pub(crate) fn take(&mut self, tick: u64, input: &Input, settings: &Settings) -> i64 {
        self.slots.advance(tick / SLOT);
        let mut announced = 0_i64;
        let entries = input.people.iter().filter_map(|person| match person.action {
            Action::Announce(entry) if entry.kind == CARBOHYDRATE => Some(entry.amount),
            _ => None,
        });
        for amount in entries {
            if self.counts(tick, amount, settings) {
                self.slots.add(tick / SLOT, amount);
                announced = announced.saturating_add(i64::from(amount));
            }
        }
        if announced >= WATCHED {
            let called_for = settings.for_carbohydrate(announced);
            self.open = Some(Open { since: tick, called_for, answered: 0 });
        }
        announced
    }

    /// Whether an entry counts: neither too large nor one that was just made.
    fn counts(&mut self, tick: u64, amount: u32, settings: &Settings) -> bool {
        let bounds = &settings.bounds;
        let within = u64::from(bounds.carbohydrate_repeat.0).saturating_mul(60_000);
        let repeated =
            self.entries.iter().flatten().any(|entry| {
                entry.amount == amount && tick.saturating_sub(entry.at) < within.max(1)
            });
        if repeated || amount > bounds.carbohydrate.0 {
            return false;
        }
        self.entries.rotate_right(1);
        if let Some(newest) = self.entries.first_mut() {
            *newest = Some(Entry { at: tick, amount });
        }
        true
    }

    /// Carbohydrate that may still be unabsorbed, milligrams: each entry falls evenly to nothing
    /// over one and a half of the declared time, since real meals are slower than declared.
    pub(crate) fn unabsorbed(&self, tick: u64, settings: &Settings) -> i64 {
        let time = i64::from(settings.control.absorption.0).saturating_mul(90_000);
        let left = |(slot, amount): (u64, u32)| {
            let age = signed(tick.saturating_sub(slot.saturating_mul(SLOT)));
            share(i64::from(amount), time.saturating_sub(age).max(0), time)
        };
        self.slots.newest_first().map(left).fold(0, i64::saturating_add)
    }

    /// Everything announced within twice the declared time of absorption, milligrams.
    pub(crate) fn recent(&self, settings: &Settings) -> i64 {
        let slots = u64::from(settings.control.absorption.0).saturating_mul(120_000) / SLOT;
        self.slots.sum(usize::try_from(slots).unwrap_or(SLOTS).saturating_add(1))
    }

    /// Counts insulin beyond basal toward the watched meal.
    pub(crate) fn answer(&mut self, milliunits: i64) {
        if let Some(open) = &mut self.open {
            open.answered = open.answered.saturating_add(milliunits.max(0));
        }
    }

    /// The meal whose answer is watched.
    pub(crate) const fn open(&self) -> Option<Open> {
        self.open
    }

    /// The watched meal needs no answer any more.
    pub(crate) const fn close(&mut self) {
        self.open = None;
    }
}

#[cfg(test)]
mod tests;
