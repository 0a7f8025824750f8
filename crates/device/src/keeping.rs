//! The black box behind a thread of its own: a disk that is slow, full or gone never holds a cycle up
//! for longer than its share, and what it costs is said (LOG-04, F-P02, F-P03).

use std::io;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::thread::JoinHandle;
use std::time::Duration;

use homeostat_assembly::{RecordError, Recorder};
use homeostat_blackbox::disk::Disk;
use homeostat_record::Input;

use crate::clock::Timer;
use crate::core::{Keeper, Kept, Storage};
use crate::retention::{Follow, Room};

/// Records that wait for the disk at most; a further one is lost, and counted.
const WAITING: usize = 8;

/// A recorder that makes every record durable before it answers, and does what follows. For simulations and
/// tools.
#[derive(Debug)]
pub struct Direct<D, F = ()> {
    /// The box.
    pub recorder: Recorder<D>,
    /// What is done behind a record.
    pub follow: F,
    storage: Storage,
}

impl<D: Disk, F: Follow<D>> Direct<D, F> {
    /// A recorder, and what follows its records.
    pub fn new(recorder: Recorder<D>, follow: F) -> Self {
        Self { recorder, follow, storage: Storage::default() }
    }

    /// Keeps a record, durably. What follows is for [`Direct::after`].
    fn record(
        &mut self,
        input: &Input,
        entry: &[u8],
        snapshot: Option<&[u8]>,
    ) -> Result<(), RecordError> {
        self.recorder.keep(input, entry, snapshot)?;
        self.recorder.sync()?;
        Ok(())
    }

    /// What follows a record. Space may be found again; a disk that failed needs another start.
    fn after(&mut self, kept: bool, snapshot: Option<&[u8]>) {
        if kept {
            self.follow.kept(&mut self.recorder, snapshot);
        } else {
            self.follow.refused(&mut self.recorder);
            let _ = self.recorder.flush();
        }
    }
}

impl<D: Disk, F: Follow<D>> Keeper for Direct<D, F> {
    fn keep(&mut self, input: &Input, entry: &[u8], snapshot: Option<&[u8]>) -> Kept {
        let kept = self.record(input, entry, snapshot);
        self.after(kept.is_ok(), snapshot);
        self.storage.room.clone_from(self.follow.room());
        match kept {
            Ok(()) => Kept::Durable,
            Err(_) => Kept::NotYet,
        }
    }

    fn note(&mut self, words: &str) {
        let _ = self.recorder.note(words);
    }

    fn storage(&self) -> &Storage {
        &self.storage
    }
}

enum Job {
    /// A record, and how many before it never came here.
    Keep {
        number: u64,
        lost: u64,
        input: Box<Input>,
        entry: Vec<u8>,
        snapshot: Option<Vec<u8>>,
    },
    Note(String),
    /// The end, and how many records before it never came here.
    Close {
        lost: u64,
    },
}

/// What the thread says.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Told {
    Durable(u64),
    Lost(u64, String),
    Room(Room),
}

/// A recorder in a thread.
#[derive(Debug)]
pub struct Threaded {
    jobs: SyncSender<Job>,
    told: Receiver<Told>,
    /// Gives whether the box was closed in order.
    thread: Option<JoinHandle<bool>>,
    patience: Duration,
    number: u64,
    /// Records that the disk still owes.
    owed: u64,
    /// Of the ones that were lost, those that the box has not been told of: the disk's thread never had them.
    untold: u64,
    storage: Storage,
}

impl Threaded {
    /// Starts the thread. A cycle waits for its record for at most `patience`; what follows a record that
    /// is kept is for `follow`.
    ///
    /// # Errors
    /// When there can be no thread.
    pub fn start<D: Disk + Send + 'static>(
        recorder: Recorder<D>,
        patience: Duration,
        follow: impl Follow<D> + 'static,
    ) -> io::Result<Self> {
        let (jobs, taken) = sync_channel(WAITING);
        let (tell, told) = sync_channel(4 * WAITING);
        let thread = std::thread::Builder::new().name("disk".to_owned());
        let thread = thread.spawn(move || write(recorder, follow, &taken, &tell))?;
        let (thread, storage) = (Some(thread), Storage::default());
        Ok(Self { jobs, told, thread, patience, number: 0, owed: 0, untold: 0, storage })
    }

    /// Ends the box in order, as far as the disk does it within `patience`. Gives whether it did.
    pub fn close(mut self, patience: Duration) -> bool {
        if self.jobs.try_send(Job::Close { lost: self.untold }).is_err() {
            return false;
        }
        let timer = Timer::start(patience);
        loop {
            match self.told.recv_timeout(timer.left()) {
                Ok(_) => {}
                Err(RecvTimeoutError::Timeout) => return false,
                Err(RecvTimeoutError::Disconnected) => {
                    return self.thread.take().is_some_and(|thread| thread.join().unwrap_or(false));
                }
            }
        }
    }

    /// Takes what was told. Gives whether the record of this number is durable.
    fn take(&mut self, told: Told, number: u64) -> Option<Kept> {
        let (of, kept) = match told {
            Told::Durable(of) => {
                self.storage.trouble = None;
                (of, Kept::Durable)
            }
            Told::Lost(of, why) => {
                self.lose(why);
                (of, Kept::NotYet)
            }
            Told::Room(room) => {
                self.storage.room = room;
                return None;
            }
        };
        self.owed = self.owed.saturating_sub(1);
        (of == number).then_some(kept)
    }

    fn lose(&mut self, why: String) {
        self.storage.lost = self.storage.lost.saturating_add(1);
        self.storage.trouble = Some(why);
    }
}

impl Keeper for Threaded {
    fn keep(&mut self, input: &Input, entry: &[u8], snapshot: Option<&[u8]>) -> Kept {
        self.number = self.number.saturating_add(1);
        let number = self.number;
        let (input, entry) = (Box::new(*input), entry.to_vec());
        let snapshot = snapshot.map(<[u8]>::to_vec);
        let lost = self.untold;
        match self.jobs.try_send(Job::Keep { number, lost, input, entry, snapshot }) {
            Ok(()) => {
                self.owed = self.owed.saturating_add(1);
                self.untold = 0;
            }
            Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) => {
                self.untold = self.untold.saturating_add(1);
                self.lose("the disk does not keep up".to_owned());
                while let Ok(told) = self.told.try_recv() {
                    let _ = self.take(told, number);
                }
                return Kept::NotYet;
            }
        }
        // One patience for all answers that are owed; they come in order.
        let timer = Timer::start(self.patience);
        loop {
            match self.told.recv_timeout(timer.left()) {
                Ok(told) => {
                    if let Some(kept) = self.take(told, number) {
                        return kept;
                    }
                }
                Err(_) => {
                    self.storage.trouble = Some("the disk takes too long".to_owned());
                    return Kept::NotYet;
                }
            }
        }
    }

    fn note(&mut self, words: &str) {
        let _ = self.jobs.try_send(Job::Note(words.to_owned()));
    }

    fn storage(&self) -> &Storage {
        &self.storage
    }
}

/// Gives whether the box was closed in order.
fn write<D: Disk>(
    recorder: Recorder<D>,
    follow: impl Follow<D>,
    jobs: &Receiver<Job>,
    tell: &SyncSender<Told>,
) -> bool {
    let mut direct = Direct::new(recorder, follow);
    let mut room = Room::default();
    // The newest record, while it is refused: a restart needs it.
    let mut refused = None;
    while let Ok(job) = jobs.recv() {
        match job {
            Job::Keep { number, lost, input, entry, snapshot } => {
                direct.recorder.lost(lost);
                let kept = direct.record(&input, &entry, snapshot.as_deref());
                let (kept, told) = match kept {
                    Ok(()) => (true, Told::Durable(number)),
                    Err(error) => (false, Told::Lost(number, error.to_string())),
                };
                // The cycle goes on; what follows is between this one and the next.
                if tell.send(told).is_err() {
                    return false;
                }
                direct.after(kept, snapshot.as_deref());
                refused = Some((input, entry, snapshot)).filter(|_| !kept);
                if *direct.follow.room() != room {
                    room.clone_from(direct.follow.room());
                    if tell.send(Told::Room(room.clone())).is_err() {
                        return false;
                    }
                }
            }
            Job::Note(words) => {
                let _ = direct.recorder.note(&words);
            }
            Job::Close { lost } => {
                if let Some((input, entry, snapshot)) = refused.filter(|_| lost == 0) {
                    direct.follow.open_last(&mut direct.recorder);
                    let _ = direct.recorder.keep_again(&input, &entry, snapshot.as_deref());
                }
                direct.recorder.lost(lost);
                return direct.recorder.close().is_ok();
            }
        }
    }
    false
}
