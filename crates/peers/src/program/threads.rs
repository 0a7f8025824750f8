//! The threads that read: sockets, the terminal, signals. What they read goes through a bounded queue.
//! Datagrams that do not fit are lost, as on the air; for people and signals there is always room.

use homeostat_link::DATAGRAM_MAX;
use std::io::{self, BufRead, Read as _};
use std::net::{SocketAddr, UdpSocket};
use std::ops::Deref;
use std::sync::Arc;
use std::sync::mpsc::{SyncSender, TrySendError};

/// What wakes a part.
#[derive(Clone, Debug)]
pub(super) enum Happened {
    /// A datagram at one of its sockets, which the program numbered.
    Datagram(u8, SocketAddr, Waiting),
    /// A person at the part typed a line.
    Line(String),
    /// It shall end in order.
    End,
}

/// The bytes of a datagram, and its place among those that wait.
#[derive(Clone, Debug)]
pub(super) struct Waiting {
    bytes: Vec<u8>,
    _place: Arc<()>,
}

impl Deref for Waiting {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.bytes
    }
}

/// Events that wait at most.
pub(super) const WAITING: usize = 1_024;
/// Datagrams of each of at most two sockets that wait at most: the rest is for people and signals.
const DATAGRAMS: usize = (WAITING - 16) / 2;
/// Longest line that a person types.
const LINE_MAX: u64 = 1_024;

/// Reads a socket until nobody listens. A datagram that is longer than any of a link arrives cut to one
/// byte more than that, which none is.
///
/// # Errors
/// The socket cannot be shared with a thread.
pub(super) fn read_datagrams(
    number: u8,
    socket: &UdpSocket,
    events: SyncSender<Happened>,
) -> io::Result<()> {
    let socket = socket.try_clone()?;
    std::thread::Builder::new().name("datagrams".to_owned()).spawn(move || {
        let mut bytes = [0; DATAGRAM_MAX + 1];
        let places = Arc::new(());
        loop {
            // An unreachable peer shows as an error of the next read: nothing to give up for.
            let Ok((length, from)) = socket.recv_from(&mut bytes) else {
                std::thread::yield_now();
                continue;
            };
            let Some(place) = place(&places) else { continue };
            let bytes = bytes.get(..length).unwrap_or(&[]).to_vec();
            let datagram = Waiting { bytes, _place: place };
            let event = Happened::Datagram(number, from, datagram);
            if let Err(TrySendError::Disconnected(_)) = events.try_send(event) {
                return;
            }
        }
    })?;
    Ok(())
}

/// A place among the datagrams of one socket that wait; it is free again when the datagram is dropped.
fn place(places: &Arc<()>) -> Option<Arc<()>> {
    (Arc::strong_count(places) <= DATAGRAMS).then(|| places.clone())
}

/// Reads what a person types, until there is no more.
///
/// # Errors
/// There can be no thread.
pub(super) fn read_lines(events: SyncSender<Happened>) -> io::Result<()> {
    std::thread::Builder::new().name("terminal".to_owned()).spawn(move || {
        let mut terminal = io::stdin().lock();
        while let Some(line) = line(&mut terminal) {
            if events.send(Happened::Line(line)).is_err() {
                return;
            }
        }
    })?;
    Ok(())
}

/// The next line, whatever its bytes; `None` when there is no more.
fn line(mut terminal: impl BufRead) -> Option<String> {
    let mut bytes = Vec::new();
    let length = terminal.by_ref().take(LINE_MAX).read_until(b'\n', &mut bytes).ok()?;
    (length > 0).then(|| String::from_utf8_lossy(&bytes).trim().to_owned())
}

/// Ends the program in order when it is told to by a signal.
///
/// # Errors
/// The signals cannot be heard.
pub(super) fn end_on_signal(events: SyncSender<Happened>) -> io::Result<()> {
    use signal_hook::consts::{SIGINT, SIGTERM};
    let mut signals = signal_hook::iterator::Signals::new([SIGINT, SIGTERM])?;
    std::thread::Builder::new().name("signals".to_owned()).spawn(move || {
        for _ in signals.forever() {
            if events.send(Happened::End).is_err() {
                return;
            }
        }
    })?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn act_10_a_line_after_bytes_that_are_no_text_is_heard() {
        let mut terminal = &b"st\xFFop\nstop \n"[..];
        assert_eq!(line(&mut terminal).as_deref(), Some("st\u{FFFD}op"));
        assert_eq!(line(&mut terminal).as_deref(), Some("stop"));
        assert_eq!(line(&mut terminal), None);
    }

    #[test]
    fn act_10_a_flood_of_datagrams_leaves_room_for_people() {
        let places = Arc::new(());
        let mut taken: Vec<_> = std::iter::from_fn(|| place(&places)).collect();
        assert_eq!(2 * taken.len() + 16, WAITING);
        assert!(place(&places).is_none());
        taken.pop();
        assert!(place(&places).is_some());
    }
}
