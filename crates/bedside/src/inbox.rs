//! What people ask for, on its way to the device: bounded, answered, Stop first. What was asked before a
//! stop is not done after it, and what nobody waits for any more is not done at all.

use homeostat_record::{PersonAction, Role};
use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::oneshot;

/// Wishes that wait at most, stops apart; the next is refused as busy.
const WAITING_MAX: usize = 16;
/// Stops that wait at most. When so many wait, one more changes nothing.
const STOPS_MAX: usize = 16;
/// What is told to who asked before a stop.
const AFTER_A_STOP: &str = "A stop came first; nothing was done.";

/// What a person asks the device for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wish {
    /// An action of the record.
    Act(PersonAction),
    /// Pause the sound of the alarms for the time that the view offers.
    PauseAudio(Role),
}

/// The device's answer, in words for the person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It was taken up; what it leads to is seen in the next view.
    Taken(String),
    /// It was refused, and why.
    Refused(String),
}

/// A wish that waits for its answer. Dropping it unanswered tells the person so.
#[derive(Debug)]
pub struct Asked {
    wish: Wish,
    answer: oneshot::Sender<Answer>,
}

impl Asked {
    /// What is asked.
    #[must_use]
    pub const fn wish(&self) -> Wish {
        self.wish
    }

    /// Answers. Whether the person still waits does not matter.
    pub fn answer(self, answer: Answer) {
        let _ = self.answer.send(answer);
    }
}

/// Too many wishes wait: the device does not take them out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("too many requests wait for the device")]
pub struct Busy;

/// The queue between the page and the device.
#[derive(Clone, Debug, Default)]
pub struct Inbox(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    queues: Mutex<Queues>,
    arrived: Condvar,
}

#[derive(Debug, Default)]
struct Queues {
    stops: VecDeque<Asked>,
    others: VecDeque<Asked>,
}

impl Inbox {
    /// The next wish, stops first; `None` if none came within `patience`. A wish whose asker was told that
    /// the device has not answered is dropped; a stop never is.
    #[must_use]
    pub fn next(&self, patience: Duration) -> Option<Asked> {
        let queues = self.lock();
        let empty = |queues: &mut Queues| {
            queues.others.retain(|asked| !asked.answer.is_closed());
            queues.stops.is_empty() && queues.others.is_empty()
        };
        let waited = self.0.arrived.wait_timeout_while(queues, patience, empty);
        let (mut queues, _) = waited.unwrap_or_else(PoisonError::into_inner);
        let stop = queues.stops.pop_front();
        stop.or_else(|| queues.others.pop_front())
    }

    /// Puts a wish in; the answer comes through the receiver.
    pub(crate) fn ask(&self, wish: Wish) -> Result<oneshot::Receiver<Answer>, Busy> {
        let stop = matches!(wish, Wish::Act(act) if act.action == homeostat_record::Action::Stop);
        let (answer, answered) = oneshot::channel();
        let mut queues = self.lock();
        if stop {
            for before in queues.others.drain(..) {
                before.answer(Answer::Refused(AFTER_A_STOP.to_owned()));
            }
        }
        let (queue, most) =
            if stop { (&mut queues.stops, STOPS_MAX) } else { (&mut queues.others, WAITING_MAX) };
        if queue.len() >= most {
            return Err(Busy);
        }
        queue.push_back(Asked { wish, answer });
        drop(queues);
        self.0.arrived.notify_one();
        Ok(answered)
    }

    fn lock(&self) -> MutexGuard<'_, Queues> {
        self.0.queues.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::{AFTER_A_STOP, Answer, Busy, Inbox, STOPS_MAX, WAITING_MAX, Wish};
    use homeostat_record::{Action, PersonAction, Role};
    use std::time::Duration;

    fn wish(action: Action) -> Wish {
        Wish::Act(PersonAction { by: Role::Unknown, action })
    }

    #[test]
    fn act_10_a_stop_overtakes_and_has_room_of_its_own() {
        let inbox = Inbox::default();
        let ask = |_| inbox.ask(wish(Action::Acknowledge)).unwrap();
        let before: Vec<_> = (0..WAITING_MAX).map(ask).collect();
        assert!(matches!(inbox.ask(wish(Action::Acknowledge)), Err(Busy)));
        let answered = inbox.ask(wish(Action::Stop)).unwrap();
        let first = inbox.next(Duration::ZERO).unwrap();
        assert_eq!(first.wish(), wish(Action::Stop));
        first.answer(Answer::Taken("stopped".to_owned()));
        assert_eq!(answered.blocking_recv(), Ok(Answer::Taken("stopped".to_owned())));
        // What was asked before the stop is not done after it; what was asked after it is.
        for before in before {
            let refused = Answer::Refused(AFTER_A_STOP.to_owned());
            assert_eq!(before.blocking_recv(), Ok(refused));
        }
        assert!(inbox.next(Duration::ZERO).is_none());
        let _after = inbox.ask(wish(Action::Confirm)).unwrap();
        assert_eq!(inbox.next(Duration::ZERO).unwrap().wish(), wish(Action::Confirm));
    }

    #[test]
    fn what_nobody_waits_for_is_not_done_but_a_stop_is() {
        let inbox = Inbox::default();
        drop(inbox.ask(wish(Action::Stop)).unwrap());
        drop(inbox.ask(wish(Action::Acknowledge)).unwrap());
        let _waits = inbox.ask(wish(Action::Confirm)).unwrap();
        assert_eq!(inbox.next(Duration::ZERO).unwrap().wish(), wish(Action::Stop));
        assert_eq!(inbox.next(Duration::ZERO).unwrap().wish(), wish(Action::Confirm));
        assert!(inbox.next(Duration::ZERO).is_none());
    }

    #[test]
    fn stops_are_bounded_and_an_empty_inbox_says_so() {
        let inbox = Inbox::default();
        assert!(inbox.next(Duration::ZERO).is_none());
        for _ in 0..STOPS_MAX {
            inbox.ask(wish(Action::Stop)).unwrap();
        }
        assert!(matches!(inbox.ask(wish(Action::Stop)), Err(Busy)));
    }

    #[test]
    fn a_dropped_wish_is_told_as_unanswered() {
        let inbox = Inbox::default();
        let answered = inbox.ask(wish(Action::Confirm)).unwrap();
        drop(inbox.next(Duration::ZERO));
        assert!(answered.blocking_recv().is_err());
    }
}
