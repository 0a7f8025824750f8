//! A network that misbehaves by script, without a socket and a clock: datagrams and times go in,
//! datagrams come out. Same seed, same script, same datagrams: the same misbehaviour.

mod forge;
mod memory;
pub mod script;
#[cfg(test)]
mod tests;

pub use memory::{Memory, RecordingError};
pub use script::{Does, Forgery, Often, Rule, Script, ScriptError};

use homeostat_patients::random::{Seed, Stream};
use homeostat_record::Span;
use std::collections::BTreeMap;

/// Datagrams that wait in the proxy at most; more are lost.
const WAITING_MAX: usize = 65_536;
/// A datagram that shall come behind the next one comes by itself after so long.
const REORDER_MAX: Span = Span::from_seconds(1);
/// Datagrams that one rule injects at one time at most: what a late caller missed is not made up for.
const AT_ONCE: u64 = 4_096;

/// In which direction a datagram goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Way {
    /// From the device to the sensor or pump.
    ToPeer,
    /// From the sensor or pump to the device.
    ToDevice,
}

impl Way {
    /// Both.
    pub const ALL: [Self; 2] = [Self::ToPeer, Self::ToDevice];

    const fn index(self) -> usize {
        match self {
            Self::ToPeer => 0,
            Self::ToDevice => 1,
        }
    }
}

/// What became of the datagrams of one direction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Counts {
    /// Came in.
    pub received: u64,
    /// Went out, whatever they were.
    pub sent: u64,
    /// Lost by chance.
    pub dropped: u64,
    /// Lost to a partition.
    pub partitioned: u64,
    /// Came later than they would have.
    pub delayed: u64,
    /// Came twice.
    pub duplicated: u64,
    /// Came behind the next one.
    pub reordered: u64,
    /// Changed.
    pub corrupted: u64,
    /// Came again.
    pub replayed: u64,
    /// Sent by nobody.
    pub forged: u64,
    /// Came again and again.
    pub flooded: u64,
    /// Lost because too many waited.
    pub overflowed: u64,
}

/// Why a datagram that is injected is there.
#[derive(Clone, Copy)]
enum Injected {
    Replayed,
    Forged(Forgery),
    Flooded,
}

/// Thousandths of a datagram that a rule still owes, by direction, and since when it counts.
#[derive(Clone, Copy, Debug, Default)]
struct Owed {
    thousandths: [u64; 2],
    counted: [Option<Span>; 2],
}

impl Owed {
    /// When the rule owes a whole datagram of this direction; `None` if it never will.
    fn due(&self, rule: &Rule, way: Way) -> Option<Span> {
        let (rate, _) = rate_of(rule.does)?;
        let (owed, since) = (self.thousandths[way.index()], self.counted[way.index()]);
        let missing = 1_000_u64.saturating_sub(owed);
        let wait = (rate > 0).then(|| missing.div_ceil(rate.into()))?;
        let due = add(since.unwrap_or(rule.from), Span::from_millis(wait));
        let comes = rule.until.is_none_or(|until| due <= until);
        (comes && rule.way.is_none_or(|own| own == way)).then_some(due)
    }
}

/// What the rules make of a datagram that is not lost.
struct Fate {
    bytes: Vec<u8>,
    wait: Span,
    /// Copies beyond the first.
    more: u64,
    /// Behind the next one.
    behind: bool,
    /// Earlier ones that come with it.
    beside: u64,
}

/// The proxy.
#[derive(Clone, Debug)]
pub struct Proxy {
    script: Script,
    chance: Stream,
    memory: Memory,
    /// By time, then by order.
    waiting: BTreeMap<(Span, u64), (Way, Vec<u8>)>,
    number: u64,
    /// The datagram of each direction that waits for the next one.
    held: [Option<(Span, u64)>; 2],
    newest: [Option<Vec<u8>>; 2],
    owed: Vec<Owed>,
    counts: [Counts; 2],
}

impl Proxy {
    /// A proxy that plays this script. `memory` holds what it may replay from earlier sessions.
    #[must_use]
    pub fn new(script: Script, seed: u64, memory: Memory) -> Self {
        let owed = vec![Owed::default(); script.rules().len()];
        Self {
            script,
            chance: Seed(seed).stream("proxy", "misbehaviour"),
            memory,
            waiting: BTreeMap::new(),
            number: 0,
            held: [None; 2],
            newest: [None, None],
            owed,
            counts: [Counts::default(); 2],
        }
    }

    /// Takes a datagram. `now` is time since the start; it never runs backward.
    pub fn take(&mut self, now: Span, way: Way, datagram: &[u8]) {
        self.count(way).received += 1;
        self.memory.keep(way, datagram, &mut self.chance);
        self.newest[way.index()] = Some(datagram.to_vec());
        let Some(fate) = self.fate(now, way, datagram) else { return };
        let counts = self.count(way);
        counts.delayed += u64::from(fate.wait != Span::ZERO);
        counts.duplicated += fate.more;
        counts.corrupted += u64::from(fate.bytes != datagram);
        let due = add(now, fate.wait);
        for _ in 0..=fate.more {
            self.pass(due, way, fate.behind, fate.bytes.clone());
        }
        for _ in 0..fate.beside {
            self.inject(now, way, Injected::Replayed);
        }
    }

    /// What the rules make of a datagram; `None` when it is lost.
    fn fate(&mut self, now: Span, way: Way, datagram: &[u8]) -> Option<Fate> {
        let bytes = datagram.to_vec();
        let mut fate = Fate { bytes, wait: Span::ZERO, more: 0, behind: false, beside: 0 };
        let rules: Vec<Does> = self.holding(now, way).collect();
        for does in rules {
            match does {
                Does::Partition => {
                    self.count(way).partitioned += 1;
                    return None;
                }
                Does::Drop(chance) if self.happens(chance) => {
                    self.count(way).dropped += 1;
                    return None;
                }
                Does::Delay { by, jitter } => {
                    let more = self.chance.uniform() * (jitter.as_millis() + 1) as f64;
                    fate.wait = add(fate.wait, add(by, Span::from_millis(more as u64)));
                }
                Does::Duplicate(chance) if self.happens(chance) => fate.more += 1,
                Does::Reorder(chance) if self.happens(chance) => fate.behind = true,
                Does::Corrupt(chance) if self.happens(chance) => {
                    forge::corrupt(&mut fate.bytes, &mut self.chance);
                }
                Does::Replay(Often::Beside(chance)) if self.happens(chance) => fate.beside += 1,
                Does::Drop(_)
                | Does::Duplicate(_)
                | Does::Reorder(_)
                | Does::Corrupt(_)
                | Does::Replay(_)
                | Does::Forge(..)
                | Does::Flood(_) => {}
            }
        }
        Some(fate)
    }

    /// A datagram that is to be sent now; call it until it gives none.
    pub fn poll(&mut self, now: Span) -> Option<(Way, Vec<u8>)> {
        self.inject_due(now);
        let (key, _) = self.waiting.first_key_value().filter(|((due, _), _)| *due <= now)?;
        let key = *key;
        let (way, bytes) = self.waiting.remove(&key)?;
        for held in &mut self.held {
            held.take_if(|held| *held == key);
        }
        self.count(way).sent += 1;
        Some((way, bytes))
    }

    /// When [`poll`](Self::poll) has something at the latest; `None` while only a datagram can bring
    /// something about.
    #[must_use]
    pub fn next_wake(&self) -> Option<Span> {
        let waiting = self.waiting.first_key_value().map(|((due, _), _)| *due);
        let rules = self.script.rules().iter().zip(&self.owed);
        let injected = rules.flat_map(|(rule, owed)| {
            Way::ALL.into_iter().filter_map(move |way| owed.due(rule, way))
        });
        injected.chain(waiting).min()
    }

    /// What became of the datagrams of a direction.
    #[must_use]
    pub fn counts(&self, way: Way) -> &Counts {
        &self.counts[way.index()]
    }

    /// What it remembers, for a later session.
    #[must_use]
    pub const fn memory(&self) -> &Memory {
        &self.memory
    }

    fn count(&mut self, way: Way) -> &mut Counts {
        &mut self.counts[way.index()]
    }

    fn happens(&mut self, chance: script::Chance) -> bool {
        self.chance.chance(chance.value())
    }

    fn holding(&self, now: Span, way: Way) -> impl Iterator<Item = Does> + '_ {
        self.script.rules().iter().filter(move |rule| rule.holds(now, way)).map(|rule| rule.does)
    }

    /// Lets a datagram wait until it is due, and with it the one that shall come behind it.
    fn pass(&mut self, due: Span, way: Way, behind: bool, bytes: Vec<u8>) {
        if behind && self.held[way.index()].is_none() {
            self.count(way).reordered += 1;
            self.held[way.index()] = self.queue(add(due, REORDER_MAX), way, bytes);
            return;
        }
        self.queue(due, way, bytes);
        if let Some((_, held)) = self.held[way.index()].take().and_then(|k| self.waiting.remove(&k))
        {
            self.queue(due, way, held);
        }
    }

    fn queue(&mut self, due: Span, way: Way, bytes: Vec<u8>) -> Option<(Span, u64)> {
        if self.waiting.len() >= WAITING_MAX {
            self.count(way).overflowed += 1;
            return None;
        }
        self.number += 1;
        self.waiting.insert((due, self.number), (way, bytes));
        Some((due, self.number))
    }

    fn inject_due(&mut self, now: Span) {
        for index in 0..self.script.rules().len() {
            let rule = self.script.rules()[index];
            let Some((rate, injected)) = rate_of(rule.does) else { continue };
            for way in Way::ALL {
                let place = way.index();
                let since = self.owed[index].counted[place].unwrap_or(rule.from);
                // Counted to the rule's end and no further.
                let upto = rule.until.map_or(now, |until| Ord::min(until, now));
                if rule.way.is_some_and(|own| own != way) || upto <= since {
                    continue;
                }
                let passed = upto.as_millis() - since.as_millis();
                self.owed[index].counted[place] = Some(upto);
                let owed = self.owed[index].thousandths[place];
                let owed = owed.saturating_add(passed.saturating_mul(u64::from(rate)));
                self.owed[index].thousandths[place] = owed % 1_000;
                for _ in 0..Ord::min(owed / 1_000, AT_ONCE) {
                    self.inject(now, way, injected);
                }
            }
        }
    }

    /// What is injected is not subject to the script: it comes from behind the bad network.
    fn inject(&mut self, now: Span, way: Way, what: Injected) {
        let newest = self.newest[way.index()].as_deref();
        let bytes = match what {
            Injected::Replayed => self.memory.any(way, &mut self.chance).map(<[u8]>::to_vec),
            Injected::Flooded => newest.map(<[u8]>::to_vec),
            Injected::Forged(Forgery::Random) => Some(forge::random(&mut self.chance)),
            Injected::Forged(Forgery::Structured) => {
                Some(forge::structured(newest, &mut self.chance))
            }
        };
        let Some(bytes) = bytes else { return };
        let counts = self.count(way);
        match what {
            Injected::Replayed => counts.replayed += 1,
            Injected::Flooded => counts.flooded += 1,
            Injected::Forged(_) => counts.forged += 1,
        }
        self.queue(now, way, bytes);
    }
}

/// What a rule injects by itself.
const fn rate_of(does: Does) -> Option<(u32, Injected)> {
    match does {
        Does::Replay(Often::Second(rate)) => Some((rate, Injected::Replayed)),
        Does::Forge(rate, forgery) => Some((rate, Injected::Forged(forgery))),
        Does::Flood(rate) => Some((rate, Injected::Flooded)),
        Does::Drop(_)
        | Does::Delay { .. }
        | Does::Duplicate(_)
        | Does::Reorder(_)
        | Does::Corrupt(_)
        | Does::Replay(Often::Beside(_))
        | Does::Partition => None,
    }
}

const fn add(a: Span, b: Span) -> Span {
    Span::from_millis(a.as_millis().saturating_add(b.as_millis()))
}
