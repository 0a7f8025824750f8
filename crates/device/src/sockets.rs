//! The threads that read: datagrams, and what is asked through the device's own socket.

use std::io::{self, Read as _, Write as _};
use std::net::{SocketAddr, UdpSocket};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Weak};
use std::time::Duration;

use homeostat_link::{DATAGRAM_MAX, Datagram};

use crate::clock::Timer;
use crate::runtime::{Happened, Seat, WAITING};

/// Datagrams that were lost before anybody looked at them, since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Unheard {
    /// From where no peer is.
    pub strangers: u64,
    /// Of peers, while too many waited, or longer than any may be.
    pub crowded: u64,
}

/// What counts them.
#[derive(Debug, Default)]
pub struct UnheardCounter {
    strangers: AtomicU64,
    crowded: AtomicU64,
}

impl UnheardCounter {
    /// How many, up to now.
    #[must_use]
    pub fn counted(&self) -> Unheard {
        let of = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Unheard { strangers: of(&self.strangers), crowded: of(&self.crowded) }
    }
}

/// Reads datagrams until the supervisor is gone. One from where no peer is, one that is longer than any
/// may be, and one for which there is no room, is lost: half of what may wait is left for people.
///
/// # Errors
/// When the socket cannot be shared with a thread.
pub fn read_datagrams(
    socket: &UdpSocket,
    peers: Vec<SocketAddr>,
    events: SyncSender<Happened>,
    unheard: Arc<UnheardCounter>,
) -> io::Result<()> {
    let socket = socket.try_clone()?;
    let seats = Seat::default();
    std::thread::Builder::new().name("datagrams".to_owned()).spawn(move || {
        let mut bytes = [0; DATAGRAM_MAX + 1];
        loop {
            let Ok((length, from)) = socket.recv_from(&mut bytes) else {
                // An unreachable peer shows as an error of the next read: nothing to give up for.
                std::thread::yield_now();
                continue;
            };
            if !peers.contains(&from) {
                unheard.strangers.fetch_add(1, Ordering::Relaxed);
                continue;
            }
            let room = Arc::strong_count(&seats) <= WAITING / 2;
            let copied = bytes.get(..length).filter(|_| room);
            let copied = copied.and_then(|bytes| Datagram::copy_of(bytes).ok());
            let sent = copied.map(|datagram| {
                events.try_send(Happened::Datagram(from, Box::new(datagram), Arc::clone(&seats)))
            });
            match sent {
                Some(Ok(())) => {}
                Some(Err(TrySendError::Disconnected(_))) => return,
                Some(Err(TrySendError::Full(_))) | None => {
                    unheard.crowded.fetch_add(1, Ordering::Relaxed);
                }
            }
        }
    })?;
    Ok(())
}

/// A line that asks something through the device's own socket is at most so long.
const LINE_MAX: usize = 1_024;
/// How long an answer may take, and how long a whole conversation.
const PATIENCE: Duration = Duration::from_secs(10);
/// Conversations at once.
const CONVERSATIONS: usize = 4;

/// The conversations of a socket.
#[derive(Debug)]
pub struct Conversations(Weak<()>);

impl Conversations {
    /// Lets those that go on come to their end, for at most `patience`.
    pub fn finish(&self, patience: Duration) {
        let timer = Timer::start(patience);
        // The listener has a seat of its own.
        while self.0.strong_count() > 1 && !timer.left().is_zero() {
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

/// What answers a line: text for who asked.
pub type Answerer = dyn Fn(&str, &SyncSender<Happened>) -> String + Send + Sync;

/// Listens at a socket in the device's folder, which its owner alone may open: one line, one answer.
///
/// # Errors
/// When there can be no such socket.
pub fn listen(
    path: &Path,
    events: SyncSender<Happened>,
    answer: Arc<Answerer>,
) -> io::Result<Conversations> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let listener = UnixListener::bind(path)?;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600))?;
    let seats = Seat::default();
    let going = Arc::downgrade(&seats);
    std::thread::Builder::new().name("questions".to_owned()).spawn(move || {
        for stream in listener.incoming() {
            let Ok(stream) = stream else { continue };
            if Arc::strong_count(&seats) > CONVERSATIONS {
                continue;
            }
            let (seat, events, answer) = (Arc::clone(&seats), events.clone(), Arc::clone(&answer));
            // Who asks slowly is cut off; neither the supervisor nor the next one waits for it. Without a
            // thread there is no answer now.
            let conversation = std::thread::Builder::new().name("conversation".to_owned());
            let _ = conversation.spawn(move || {
                let _ = converse(stream, &events, &*answer);
                drop(seat);
            });
        }
    })?;
    Ok(Conversations(going))
}

fn converse(
    mut stream: UnixStream,
    events: &SyncSender<Happened>,
    answer: &Answerer,
) -> io::Result<()> {
    let timer = Timer::start(PATIENCE);
    let mut line = Vec::new();
    while !line.contains(&b'\n') && line.len() < LINE_MAX {
        // No time left is no patience at all, not an endless one.
        stream.set_read_timeout(Some(timer.left().max(Duration::from_millis(1))))?;
        let mut some = [0; LINE_MAX];
        match stream.read(&mut some)? {
            0 => break,
            read => line.extend_from_slice(some.get(..read).unwrap_or_default()),
        }
        if timer.left().is_zero() {
            return Err(io::ErrorKind::TimedOut.into());
        }
    }
    let line = String::from_utf8_lossy(&line);
    let said = answer(line.lines().next().unwrap_or_default().trim(), events);
    stream.set_write_timeout(Some(PATIENCE))?;
    stream.write_all(said.as_bytes())
}

/// Asks the device whose socket this is.
///
/// # Errors
/// When nobody answers.
pub fn ask(path: &Path, line: &str) -> io::Result<String> {
    let mut stream = UnixStream::connect(path)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.write_all(line.as_bytes())?;
    stream.write_all(b"\n")?;
    let mut said = String::new();
    stream.take(1 << 20).read_to_string(&mut said)?;
    Ok(said)
}

/// Asks the supervisor something that it answers through a channel of its own.
#[must_use]
pub fn put<T>(
    events: &SyncSender<Happened>,
    question: impl FnOnce(SyncSender<T>) -> Happened,
) -> Option<T> {
    let (say, said) = sync_channel(1);
    events.send(question(say)).ok()?;
    said.recv_timeout(PATIENCE).ok()
}
