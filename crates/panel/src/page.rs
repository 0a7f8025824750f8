//! The page beside the loop: a thread that makes views, and one that hands on what people ask for.
//!
//! The loop tells of its cycles without waiting. Between cycles the thread asks how things are, so that
//! ages, links and what has arrived are those of now; while the loop does not answer, nothing is
//! published, and the page itself says that the device does not answer. A page that has died is started
//! again. The lamp and the words of the alarms are on it: while it is not there the alarm path counts as lost
//! (ALM-12).

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, Weak};
use std::time::Duration;

use homeostat_bedside::view::Length;
use homeostat_bedside::{Answer, Asked, Bedside, Config, Inbox, View, Wish};
use homeostat_device::core::Turned;
use homeostat_device::runtime::{Acted, Happened, Observer, Shown};
use homeostat_device::service::{PeerAt, Started};
use homeostat_device::sockets::put;
use homeostat_record::{Action, Cause, CauseSet, CycleEntry, Instant, Span};

use crate::Panel;

/// Cycles that wait for the page's thread at most; a further one is missing from what it remembers.
const WAITING: usize = 64;
/// How often the loop is asked how things are.
const EVERY: Duration = Duration::from_millis(400);
/// How long a wish is waited for before the page is looked at again.
const PATIENCE: Duration = Duration::from_millis(200);
/// For so many of the machine's seconds no new view is no sign: a busy machine.
const PATIENCE_SECONDS: u64 = 3;
/// After so many views that could not be shown the page is tried again.
const TRIED_AGAIN_AFTER: u32 = 12;

/// What the page is run with.
pub struct Setup {
    /// Where, and whose PINs act.
    pub config: Config,
    /// How many times as fast as life the device's clock runs.
    pub speed: u32,
    /// The contracts of its links.
    pub contracts: Vec<PeerAt>,
    /// The loop.
    pub events: SyncSender<Happened>,
    /// Where it is said that the page is there, or why not.
    pub say: Box<dyn Fn(&str) + Send>,
}

struct Told {
    entry: CycleEntry,
    shown: Shown,
}

/// Tells the page's thread of every cycle, and never waits for it.
pub struct Page {
    setup: Option<Setup>,
    told: Option<SyncSender<Box<Told>>>,
    /// Of when the newest view is that a page which is there has shown, in milliseconds of this start.
    newest: Arc<AtomicU64>,
    begun: Option<Instant>,
    patience: Span,
}

impl Page {
    /// A page that begins with the device.
    #[must_use]
    pub fn new(setup: Setup) -> Self {
        let patience = Span::from_seconds(u64::from(setup.speed).saturating_mul(PATIENCE_SECONDS));
        let (newest, begun) = (Arc::default(), None);
        Self { setup: Some(setup), told: None, newest, begun, patience }
    }

    /// Whether views are shown: the newest is not old, or the page has not had its time to begin in. How old a
    /// view is says the view: a page that died right after the last cycle is known in this one.
    fn is_shown(&mut self, now: Instant) -> bool {
        let begun = *self.begun.get_or_insert(now);
        let newest = Instant { millis: self.newest.load(Ordering::Relaxed), ..begun };
        now.since(begun.max(newest)).is_some_and(|since| since <= self.patience)
    }
}

impl Observer for Page {
    fn started(&mut self, started: &Started) {
        let Some(setup) = self.setup.take() else { return };
        let panel = match Panel::new(started, setup.speed, setup.contracts.clone()) {
            Ok(panel) => panel,
            Err(error) => return (setup.say)(&format!("no bedside page: {error}")),
        };
        let (tell, told) = sync_channel(WAITING);
        let newest = Arc::clone(&self.newest);
        let thread = std::thread::Builder::new().name("panel".to_owned());
        let painter = Painter { panel, setup, page: None, failed: 0, newest };
        // Without a thread nothing is shown, and the alarm path says so.
        if thread.spawn(move || painter.run(&told)).is_ok() {
            self.told = Some(tell);
        }
    }

    fn conditions(&mut self, now: Instant) -> CauseSet {
        CauseSet::EMPTY.with_if(Cause::AlarmPathLost, !self.is_shown(now))
    }

    fn cycle(&mut self, turned: &Turned, shown: &Shown) {
        if let Some(told) = &self.told {
            // A thread that does not keep up shows less of the past; the loop goes on.
            let _ = told.try_send(Box::new(Told { entry: turned.entry, shown: shown.clone() }));
        }
    }
}

/// The page, and the sign by which the thread of its wishes sees that it is gone.
struct Served {
    bedside: Bedside,
    _alive: Arc<()>,
}

struct Painter {
    panel: Panel,
    setup: Setup,
    page: Option<Served>,
    failed: u32,
    newest: Arc<AtomicU64>,
}

impl Painter {
    fn run(mut self, told: &Receiver<Box<Told>>) {
        let every = EVERY / self.setup.speed.clamp(1, 8);
        loop {
            match told.recv_timeout(every) {
                Ok(first) => {
                    let mut newest = first;
                    self.panel.cycle(&newest.entry);
                    while let Ok(next) = told.try_recv() {
                        self.panel.cycle(&next.entry);
                        newest = next;
                    }
                    self.publish(&newest.shown);
                }
                Err(RecvTimeoutError::Timeout) => {
                    if let Some(shown) = put(&self.setup.events, Happened::Look) {
                        self.publish(&shown);
                    }
                }
                Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    }

    fn publish(&mut self, shown: &Shown) {
        let view = self.panel.view(shown);
        let is_shown = match self.page.as_ref().filter(|page| page.bedside.is_alive()) {
            Some(page) => {
                page.bedside.publish(view);
                true
            }
            None => self.serve(view),
        };
        if let Some(moment) = shown.moment.filter(|_| is_shown) {
            self.newest.store(moment.now.millis, Ordering::Relaxed);
        }
    }

    /// Starts the page, or starts it again. Gives whether it is there.
    fn serve(&mut self, view: View) -> bool {
        self.page = None;
        let tried = self.failed;
        self.failed = self.failed.saturating_add(1);
        if !tried.is_multiple_of(TRIED_AGAIN_AFTER) {
            return false;
        }
        match Bedside::start(self.setup.config.clone(), view) {
            Ok(bedside) => {
                (self.setup.say)(&format!("bedside page at http://{}/", bedside.address()));
                let alive = Arc::new(());
                let (inbox, gone) = (bedside.inbox().clone(), Arc::downgrade(&alive));
                let events = self.setup.events.clone();
                let thread = std::thread::Builder::new().name("wishes".to_owned());
                if let Err(error) = thread.spawn(move || hand_on(&inbox, &gone, &events)) {
                    (self.setup.say)(&format!("no bedside page: {error}"));
                    return false;
                }
                self.page = Some(Served { bedside, _alive: alive });
                self.failed = 0;
                true
            }
            Err(error) => {
                (self.setup.say)(&error.to_string());
                false
            }
        }
    }
}

/// Hands on what people ask for, stops first, for as long as the page is there.
fn hand_on(inbox: &Inbox, page: &Weak<()>, events: &SyncSender<Happened>) {
    while page.strong_count() > 0 {
        if let Some(asked) = inbox.next(PATIENCE) {
            answer(asked, events);
        }
    }
}

fn answer(asked: Asked, events: &SyncSender<Happened>) {
    let words = match asked.wish() {
        Wish::Act(person) => {
            let Some(acted) = put(events, |answer| Happened::Person(person, answer)) else {
                // Left unanswered: the page says that nothing is known of it.
                return;
            };
            words(person.action, acted)
        }
        Wish::PauseAudio(by) => match put(events, |answer| Happened::PauseAudio(by, answer)) {
            None => return,
            Some(Ok(_)) => Answer::Taken("The sound is paused; the alarms stay.".to_owned()),
            Some(Err(why)) => Answer::Refused(why.to_string()),
        },
    };
    asked.answer(words);
}

fn words(action: Action, acted: Acted) -> Answer {
    let after = Length::from(acted.after).words();
    match (action, acted) {
        (Action::Stop, Acted { stopped: true, .. }) => Answer::Taken(format!(
            "The pump was told to stop, and is told again until it confirms. Mode and record follow with \
             the next cycle, in {after}. Watch under delivery that it stops."
        )),
        (Action::Stop, _) => Answer::Refused(format!(
            "The pump cannot be reached: stop it at the pump itself, now. The device goes on trying, and \
             its mode follows with the next cycle, in {after}."
        )),
        (_, Acted { taken: true, .. }) => Answer::Taken(format!(
            "Taken up. The device decides on it with the next cycle, in {after}; what came of it stands \
             under \"What happened\"."
        )),
        (_, _) => Answer::Refused(
            "More was asked for than the device can take up in a cycle. Nothing was done."
                .to_owned(),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::SocketAddr;

    fn page(speed: u32) -> Page {
        let listen = SocketAddr::from(([127, 0, 0, 1], 0));
        Page::new(Setup {
            config: Config { listen, names: Vec::new(), pins: Vec::new() },
            speed,
            contracts: Vec::new(),
            events: sync_channel(1).0,
            say: Box::new(|_| {}),
        })
    }

    fn lost(page: &mut Page, millis: u64) -> bool {
        page.conditions(Instant { boot: 1, millis }).has(Cause::AlarmPathLost)
    }

    #[test]
    fn alm_12_a_page_without_new_views_counts_as_gone_after_its_patience() {
        for speed in [1, 100] {
            let mut page = page(speed);
            let mut lost = |seconds, view: bool| {
                let millis = seconds * 1_000 * u64::from(speed);
                if view {
                    page.newest.store(millis, Ordering::Relaxed);
                }
                lost(&mut page, millis)
            };
            // It has its patience to begin in, and again after every view.
            assert!(!lost(7, false) && !lost(7 + PATIENCE_SECONDS, false));
            assert!(lost(8 + PATIENCE_SECONDS, false));
            assert!(!lost(9 + PATIENCE_SECONDS, true) && !lost(9 + 2 * PATIENCE_SECONDS, false));
            assert!(lost(27, false) && !lost(27, true));
        }
    }

    #[test]
    fn alm_12_a_page_that_died_right_after_a_cycle_is_known_in_the_next() {
        let mut page = page(1);
        assert!(!lost(&mut page, 300_000));
        // Views went on for a while, and then no more.
        page.newest.store(310_000, Ordering::Relaxed);
        assert!(lost(&mut page, 600_000));
    }
}
