//! The black box behind a thread of its own: a disk that is slow, full or gone never holds a cycle up
//! for longer than its share, and what it costs is said (LOG-04, F-P02, F-P03).

use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::thread::JoinHandle;
use std::time::Duration;

use homeostat_assembly::Recorder;
use homeostat_blackbox::disk::Disk;
use homeostat_record::Input;

use crate::clock::Timer;
use crate::core::{Keeper, Kept};

/// Records that wait for the disk at most; a further one is lost, and counted.
const WAITING: usize = 8;

/// A recorder that makes every record durable before it answers. For simulations and tools.
#[derive(Debug)]
pub struct Direct<D> {
    /// The box.
    pub recorder: Recorder<D>,
}

impl<D: Disk> Keeper for Direct<D> {
    fn keep(&mut self, input: &Input, entry: &[u8], snapshot: Option<&[u8]>) -> Kept {
        let kept = self.recorder.keep(input, entry, snapshot);
        match kept.and_then(|()| self.recorder.sync()) {
            Ok(_) => Kept::Durable,
            Err(_) => {
                // Space may be found again; a disk that failed needs another start.
                let _ = self.recorder.flush();
                Kept::NotYet
            }
        }
    }

    fn note(&mut self, words: &str) {
        let _ = self.recorder.note(words);
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
    lost: u64,
    /// Of these, the ones that the box has not been told of: the disk's thread never had them.
    untold: u64,
    trouble: Option<String>,
}

impl Threaded {
    /// Starts the thread. A cycle waits for its record for at most `patience`.
    #[must_use]
    pub fn start<D: Disk + Send + 'static>(recorder: Recorder<D>, patience: Duration) -> Self {
        let (jobs, taken) = sync_channel(WAITING);
        let (tell, told) = sync_channel(2 * WAITING);
        let thread = std::thread::spawn(move || write(recorder, &taken, &tell));
        let thread = Some(thread);
        Self { jobs, told, thread, patience, number: 0, owed: 0, lost: 0, untold: 0, trouble: None }
    }

    /// Records that were lost since the start, as far as is known.
    #[must_use]
    pub const fn lost(&self) -> u64 {
        self.lost
    }

    /// What the disk last said against a record.
    #[must_use]
    pub fn trouble(&self) -> Option<&str> {
        self.trouble.as_deref()
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
        self.owed = self.owed.saturating_sub(1);
        match told {
            Told::Durable(of) => {
                self.trouble = None;
                (of == number).then_some(Kept::Durable)
            }
            Told::Lost(of, why) => {
                self.lost = self.lost.saturating_add(1);
                self.trouble = Some(why);
                (of == number).then_some(Kept::NotYet)
            }
        }
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
                self.lost = self.lost.saturating_add(1);
                self.untold = self.untold.saturating_add(1);
                self.trouble = Some("the disk does not keep up".to_owned());
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
                    self.trouble = Some("the disk takes too long".to_owned());
                    return Kept::NotYet;
                }
            }
        }
    }

    fn note(&mut self, words: &str) {
        let _ = self.jobs.try_send(Job::Note(words.to_owned()));
    }
}

/// Gives whether the box was closed in order.
fn write<D: Disk>(recorder: Recorder<D>, jobs: &Receiver<Job>, tell: &SyncSender<Told>) -> bool {
    let mut direct = Direct { recorder };
    while let Ok(job) = jobs.recv() {
        let told = match job {
            Job::Keep { number, lost, input, entry, snapshot } => {
                direct.recorder.lost(lost);
                let kept = direct.recorder.keep(&input, &entry, snapshot.as_deref());
                match kept.and_then(|()| direct.recorder.sync()) {
                    Ok(_) => Told::Durable(number),
                    Err(error) => {
                        let _ = direct.recorder.flush();
                        Told::Lost(number, error.to_string())
                    }
                }
            }
            Job::Note(words) => {
                let _ = direct.recorder.note(&words);
                continue;
            }
            Job::Close { lost } => {
                direct.recorder.lost(lost);
                return direct.recorder.close().is_ok();
            }
        };
        if tell.send(told).is_err() {
            return false;
        }
    }
    false
}
