//! Who may act: sign-in by a local secret, sessions that end by themselves, guesses that get slow.
//!
//! Pure: time and randomness are arguments. Stop passes none of these doors.

use super::listen::Place;
use crate::entry::Amount;
use homeostat_record::Role;
use std::collections::BTreeMap;
use std::fmt::{Debug, Formatter};
use std::time::Duration;
use subtle::ConstantTimeEq;

/// Longest secret, in bytes.
pub const SECRET_MAX: usize = 32;
/// Sessions at most; the one that was idle longest makes room.
const SESSIONS_MAX: usize = 16;
/// A session ends after so long without use.
const IDLE_MAX: Duration = Duration::from_secs(600);
/// A read-back must be confirmed within this time.
const READ_BACK_MAX: Duration = Duration::from_secs(60);
/// Wrong secrets, each within [`WAIT`] of the one before, after which a place waits.
const WRONG_MAX: u32 = 5;
/// For how long it waits.
const WAIT: Duration = Duration::from_secs(60);
/// Places that are remembered; beyond that all unknown ones share one.
const PLACES_MAX: usize = 64;
/// Wrong secrets from all other places together within [`WAIT`]. They never lock the screen at the
/// device itself (loopback), or a stranger in the network could keep people from taking over.
const WRONG_ALL_MAX: u32 = 30;

/// A random name of a session or of a read-back.
pub(super) type Token = [u8; 32];

/// A secret that lets a person act in a role.
#[derive(Clone)]
pub struct Pin {
    role: Role,
    secret: [u8; SECRET_MAX + 1],
}

impl Pin {
    /// A secret of 4 to [`SECRET_MAX`] bytes for `role`; `None` for another length or for
    /// [`Role::Unknown`].
    #[must_use]
    pub fn new(role: Role, secret: &str) -> Option<Self> {
        if role == Role::Unknown || secret.len() < 4 {
            return None;
        }
        Some(Self { role, secret: padded(secret)? })
    }
}

impl Debug for Pin {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        write!(f, "Pin({:?})", self.role)
    }
}

/// With its length in the last byte, so that equal means equal.
fn padded(secret: &str) -> Option<[u8; SECRET_MAX + 1]> {
    let mut bytes = [0; SECRET_MAX + 1];
    let [text @ .., length] = &mut bytes;
    text.get_mut(..secret.len())?.copy_from_slice(secret.as_bytes());
    *length = u8::try_from(secret.len()).ok()?;
    Some(bytes)
}

/// Why nobody was let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Closed {
    /// No secret was given; that is no guess.
    Missing,
    /// The secret is wrong.
    Wrong,
    /// Too many wrong ones; try again after this time.
    Wait(Duration),
}

/// A number that was read back and waits for the person's confirmation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ReadBack {
    pub(super) entry: String,
    pub(super) amount: Amount,
}

#[derive(Debug)]
struct Session {
    role: Role,
    used: Duration,
    read_back: Option<(Token, Duration, ReadBack)>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Guesses {
    wrong: u32,
    last: Duration,
}

/// Sessions and guesses.
#[derive(Debug, Default)]
pub(super) struct Doors {
    sessions: BTreeMap<Token, Session>,
    guesses: BTreeMap<Option<Place>, Guesses>,
    all: Guesses,
}

impl Doors {
    /// The role of a session that has not ended; using it keeps it open.
    pub(super) fn role(&mut self, token: &Token, now: Duration) -> Role {
        self.sessions.retain(|_, session| now.saturating_sub(session.used) < IDLE_MAX);
        self.sessions.get_mut(token).map_or(Role::Unknown, |session| {
            session.used = now;
            session.role
        })
    }

    /// Looks without keeping the session open: a page that reloads itself is no person.
    pub(super) fn role_idle(&self, token: &Token, now: Duration) -> Role {
        let open = |session: &&Session| now.saturating_sub(session.used) < IDLE_MAX;
        self.sessions.get(token).filter(open).map_or(Role::Unknown, |session| session.role)
    }

    /// Opens a session under the name `fresh`.
    pub(super) fn sign_in(
        &mut self,
        pins: &[Pin],
        typed: &str,
        from: Place,
        now: Duration,
        fresh: Token,
    ) -> Result<Role, Closed> {
        if typed.is_empty() {
            return Err(Closed::Missing);
        }
        let own = from.is_here() || self.guesses.contains_key(&Some(from));
        let known = own || self.guesses.len() < PLACES_MAX;
        let place = known.then_some(from);
        let here = self.guesses.get(&place).copied().unwrap_or_default();
        let all = if from.is_here() { Guesses::default() } else { self.all };
        let wait = waits(here, WRONG_MAX, now).max(waits(all, WRONG_ALL_MAX, now));
        if wait > Duration::ZERO {
            return Err(Closed::Wait(wait));
        }
        let Some(role) = matching(pins, typed) else {
            self.guesses.retain(|_, guesses| now.saturating_sub(guesses.last) < WAIT);
            let here = self.guesses.entry(place).or_default();
            count(here, now);
            count(&mut self.all, now);
            return Err(Closed::Wrong);
        };
        // The guesses stay until their time is over: who knows one secret may still guess another.
        if self.sessions.len() >= SESSIONS_MAX {
            let idle = self.sessions.iter().min_by_key(|(_, session)| session.used);
            if let Some(token) = idle.map(|(token, _)| *token) {
                self.sessions.remove(&token);
            }
        }
        self.sessions.insert(fresh, Session { role, used: now, read_back: None });
        Ok(role)
    }

    /// Ends a session.
    pub(super) fn sign_out(&mut self, token: &Token) {
        self.sessions.remove(token);
    }

    /// Keeps a number until it is confirmed; an earlier one is forgotten.
    pub(super) fn read_back(
        &mut self,
        session: &Token,
        name: Token,
        now: Duration,
        what: ReadBack,
    ) {
        if let Some(session) = self.sessions.get_mut(session) {
            session.read_back = Some((name, now, what));
        }
    }

    /// Takes out what was read back under that name: once, and in time.
    pub(super) fn confirmed(
        &mut self,
        session: &Token,
        name: &Token,
        now: Duration,
    ) -> Option<ReadBack> {
        let (kept, since, what) = self.sessions.get_mut(session)?.read_back.take()?;
        let in_time = now.saturating_sub(since) < READ_BACK_MAX;
        (in_time && bool::from(kept.ct_eq(name))).then_some(what)
    }
}

fn count(guesses: &mut Guesses, now: Duration) {
    if now.saturating_sub(guesses.last) >= WAIT {
        guesses.wrong = 0;
    }
    guesses.wrong = guesses.wrong.saturating_add(1);
    guesses.last = now;
}

fn waits(guesses: Guesses, most: u32, now: Duration) -> Duration {
    if guesses.wrong < most {
        return Duration::ZERO;
    }
    WAIT.saturating_sub(now.saturating_sub(guesses.last))
}

/// The role of the secret, found without a hint in the time it takes: every one is compared.
fn matching(pins: &[Pin], typed: &str) -> Option<Role> {
    let typed = padded(typed).unwrap_or([u8::MAX; SECRET_MAX + 1]);
    let mut found = None;
    for pin in pins {
        if bool::from(pin.secret.ct_eq(&typed)) {
            found = Some(pin.role);
        }
    }
    found
}

#[cfg(test)]
mod tests;
