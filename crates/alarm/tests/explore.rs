//! Every state of the signals that three conditions, people and time can reach, and on every edge the
//! laws of ALM-04, ALM-05, ALM-06 and ALM-13. Conditions change in every way that there is, also in
//! ways in which the supervisor never changes them.

use std::collections::{BTreeMap, VecDeque};

use homeostat_alarm::{Audio, NotPaused, Settings, Signal, Signals, Sound};
use homeostat_record::{Cause, Instant, Priority, Span};
use homeostat_supervisor::alarms::{Alarm, Alarms};

/// Ticks: small numbers that keep every order of the thresholds.
const PAUSE: u64 = 4;
const REST: u64 = 2;
const REMINDER: u64 = 3;
/// Conditions that vary.
const SLOTS: usize = 3;

fn settings() -> Settings {
    let [pause, rest, reminder] = [PAUSE, REST, REMINDER].map(Span::from_millis);
    Settings { pause, rest, reminder }
}

fn at(millis: u64) -> Instant {
    Instant { boot: 1, millis }
}

/// A condition as it can be: none, or a priority that was answered or not.
const KINDS: [(Priority, bool); 7] = [
    (Priority::None, false),
    (Priority::Low, false),
    (Priority::Low, true),
    (Priority::Medium, false),
    (Priority::Medium, true),
    (Priority::High, false),
    (Priority::High, true),
];

type Conditions = [(Priority, bool); SLOTS];

/// All conditions in ascending order: which slot holds what makes no difference.
fn all_conditions() -> Vec<Conditions> {
    let mut all = Vec::new();
    for first in KINDS {
        for second in KINDS.into_iter().filter(|second| *second >= first) {
            all.extend(KINDS.iter().filter(|third| **third >= second).map(|t| [first, second, *t]));
        }
    }
    all
}

fn alarms(conditions: Conditions) -> Alarms {
    let mut alarms = Alarms::default();
    for (alarm, (priority, answered)) in alarms.0.iter_mut().zip(conditions) {
        *alarm = Alarm { priority, answered, waiting: 0 };
    }
    alarms
}

fn calling((priority, answered): (Priority, bool)) -> Priority {
    if answered { Priority::None } else { priority }
}

fn highest_calling(conditions: Conditions) -> Priority {
    conditions.into_iter().map(calling).max().unwrap()
}

fn highest(conditions: Conditions) -> Priority {
    conditions.into_iter().map(|(priority, _)| priority).max().unwrap()
}

const fn sound_of(priority: Priority) -> Option<Sound> {
    match priority {
        Priority::None => None,
        Priority::Low => Some(Sound::Low),
        Priority::Medium => Some(Sound::Medium),
        Priority::High => Some(Sound::High),
    }
}

/// All that the future depends on, with times as they lie from now.
type Key = (Conditions, Option<u64>, Option<u64>, bool, Option<Sound>);

fn key(signals: &Signals, conditions: Conditions, now: u64) -> Key {
    let signal = signals.signal();
    let pause = match signal.audio {
        Audio::PausedUntil(until) => Some(until.millis - now),
        Audio::On => None,
    };
    let mut tried = *signals;
    let rests = matches!(tried.pause(at(now)), Err(NotPaused::Until(_)));
    let wake = signals.next_wake().map(|wake| wake.millis - now);
    (conditions, pause, wake, rests, signal.sound)
}

/// What an ear and an eye have followed so far, apart from the machine under test.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Ear {
    /// Ticks for which something called and nothing sounded.
    silent: u64,
    /// Ticks since the answered conditions were last brought to mind.
    unminded: u64,
}

impl Ear {
    fn listen(self, conditions: Conditions, before: &Signal, after: &Signal) -> Self {
        let calls = highest_calling(conditions) > Priority::None;
        let silent = if calls && after.sound.is_none() { self.silent + 1 } else { 0 };
        let answered = !calls && highest(conditions) >= Priority::Medium;
        let minded = before.onset != after.onset || !answered;
        let unminded = if minded { 0 } else { self.unminded + 1 };
        Self { silent, unminded }
    }
}

fn check_state(conditions: Conditions, signal: &Signal, ear: Ear) {
    let calls = highest_calling(conditions);
    // Nothing lower masks what is higher; what is silent is paused.
    match signal.audio {
        Audio::On if calls > Priority::None => assert_eq!(signal.sound, sound_of(calls)),
        Audio::On => assert!(matches!(signal.sound, None | Some(Sound::Reminder))),
        Audio::PausedUntil(_) => {
            assert_eq!(signal.sound, None);
            assert!(calls > Priority::None, "a pause without anything to pause");
        }
    }
    assert_eq!(signal.light, highest(conditions), "light is never inactivated");
    assert!(ear.silent <= PAUSE, "no silence longer than a pause");
    assert!(ear.unminded <= REMINDER, "what was answered is brought to mind");
}

#[test]
fn alm_04_alm_05_alm_06_every_reachable_state_keeps_the_laws() {
    let all = all_conditions();
    let start = Signals::new(settings(), at(0));
    let nothing = [(Priority::None, false); SLOTS];
    let ear = Ear { silent: 0, unminded: 0 };
    let mut seen = BTreeMap::new();
    let mut queue = VecDeque::new();
    seen.insert((key(&start, nothing, 0), ear), ());
    queue.push_back((start, nothing, 0_u64, ear));
    let (mut edges, mut paused) = (0_u64, 0_u64);
    while let Some((signals, conditions, now, ear)) = queue.pop_front() {
        let before = signals.signal();
        let mut follow = |next: Signals, to: Conditions, later: u64, ear: Ear| {
            check_state(to, &next.signal(), ear);
            edges += 1;
            if seen.insert((key(&next, to, later), ear), ()).is_none() {
                queue.push_back((next, to, later, ear));
            }
        };
        // A person asks for silence.
        let mut next = signals;
        match next.pause(at(now)) {
            Ok(until) => {
                paused += 1;
                assert_eq!(until, at(now + PAUSE));
                assert_eq!(next.signal().sound, None);
                assert_eq!(ear.silent, 0, "sound was heard since the last pause");
                follow(next, conditions, now, ear);
            }
            Err(_) => assert_eq!(next.signal(), before, "a refused pause changes nothing"),
        }
        // A cycle goes by with any conditions; or time alone does.
        let later = now + 1;
        for to in all.iter().copied() {
            let mut next = signals;
            next.update(at(later), &alarms(to));
            let after = next.signal();
            let begins = conditions.iter().zip(&to).any(|(was, is)| calling(*is) > calling(*was));
            if begins {
                assert_ne!(after.onset, before.onset, "what is new begins a sound");
                assert_eq!(after.sound, sound_of(highest_calling(to)), "and ends a pause");
            } else if let Audio::PausedUntil(until) = before.audio {
                let ends = until <= at(later) || highest_calling(to) == Priority::None;
                assert_eq!(after.audio == before.audio, !ends, "nothing else ends a pause");
            }
            follow(next, to, later, ear.listen(to, &before, &after));
        }
        let mut next = signals;
        next.advance(at(later));
        follow(next, conditions, later, ear.listen(conditions, &before, &next.signal()));
    }
    assert!(paused >= 64 && edges > 40_000, "{paused} pauses on {edges} edges");
}

#[test]
fn alm_05_a_pause_ends_by_itself_and_is_followed_by_sound() {
    let mut signals = Signals::new(settings(), at(0));
    let high = alarms([(Priority::High, false), KINDS[0], KINDS[0]]);
    signals.update(at(1), &high);
    assert_eq!(signals.pause(at(1)), Ok(at(5)));
    assert_eq!(signals.pause(at(2)), Err(NotPaused::Already));
    signals.advance(at(4));
    assert_eq!(signals.signal().sound, None);
    assert_eq!(signals.next_wake(), Some(at(5)));
    signals.advance(at(5));
    assert_eq!(signals.signal().sound, Some(Sound::High));
    assert_eq!(signals.pause(at(6)), Err(NotPaused::Until(at(7))));
    assert_eq!(signals.pause(at(7)), Ok(at(11)));
}

#[test]
fn alm_05_a_condition_that_comes_again_within_a_cycle_ends_a_pause() {
    let mut signals = Signals::new(settings(), at(0));
    let waiting = |waiting| {
        let mut alarms = Alarms::default();
        alarms.0[3] = Alarm { priority: Priority::Medium, answered: false, waiting };
        alarms
    };
    signals.update(at(1), &waiting(0));
    signals.update(at(2), &waiting(1));
    assert!(signals.pause(at(2)).is_ok());
    signals.update(at(3), &waiting(2));
    assert_eq!(signals.signal().sound, None, "the same one goes on");
    let onset = signals.signal().onset;
    signals.update(at(4), &waiting(0));
    assert_eq!(signals.signal().sound, Some(Sound::Medium));
    assert_ne!(signals.signal().onset, onset);
}

#[test]
fn alm_01_a_condition_is_shown_since_it_came() {
    let mut signals = Signals::new(settings(), at(0));
    let cause = Cause::ALL[1];
    assert_eq!(signals.since(cause), None);
    signals.update(at(3), &alarms([KINDS[0], (Priority::Low, false), KINDS[0]]));
    signals.update(at(9), &alarms([KINDS[0], (Priority::High, true), KINDS[0]]));
    assert_eq!(signals.since(cause), Some(at(3)));
    signals.update(at(12), &alarms([KINDS[0]; SLOTS]));
    assert_eq!(signals.since(cause), None);
}

#[test]
fn alm_05_settings_are_within_their_ranges() {
    assert!(Settings::default().checked().is_ok());
    let long = Settings { pause: Span::from_seconds(121), ..Settings::default() };
    let said = long.checked().unwrap_err().to_string();
    assert_eq!(said, "pause: found 121000 ms; expected 10000 to 120000 ms");
    assert!(Settings { rest: Span::ZERO, ..Settings::default() }.checked().is_err());
    assert!(
        Settings { reminder: Span::from_minutes(31), ..Settings::default() }.checked().is_err()
    );
}
