//! The threads that read: sockets, the terminal, signals. What they read goes through a bounded queue;
//! what does not fit is lost, as on the air.

use homeostat_link::DATAGRAM_MAX;
use std::io::{self, BufRead as _, Read as _};
use std::net::{SocketAddr, UdpSocket};
use std::sync::mpsc::{SyncSender, TrySendError};

/// What wakes a part.
#[derive(Clone, Debug)]
pub enum Happened {
    /// A datagram at one of its sockets, which the program numbered.
    Datagram(u8, SocketAddr, Vec<u8>),
    /// A person at the part typed a line.
    Line(String),
    /// It shall end in order.
    End,
}

/// Events that wait at most.
pub(super) const WAITING: usize = 1_024;
/// Longest line that a person types.
const LINE_MAX: u64 = 1_024;

/// Reads a socket until nobody listens. A datagram that is longer than any of a link arrives cut to one
/// byte more than that, which none is.
///
/// # Errors
/// The socket cannot be shared with a thread.
pub fn read_datagrams(
    number: u8,
    socket: &UdpSocket,
    events: SyncSender<Happened>,
) -> io::Result<()> {
    let socket = socket.try_clone()?;
    std::thread::Builder::new().name("datagrams".to_owned()).spawn(move || {
        let mut bytes = [0; DATAGRAM_MAX + 1];
        loop {
            // An unreachable peer shows as an error of the next read: nothing to give up for.
            let Ok((length, from)) = socket.recv_from(&mut bytes) else {
                std::thread::yield_now();
                continue;
            };
            let datagram = bytes.get(..length).unwrap_or(&[]).to_vec();
            let event = Happened::Datagram(number, from, datagram);
            if let Err(TrySendError::Disconnected(_)) = events.try_send(event) {
                return;
            }
        }
    })?;
    Ok(())
}

/// Reads what a person types, until there is no more.
///
/// # Errors
/// There can be no thread.
pub fn read_lines(events: SyncSender<Happened>) -> io::Result<()> {
    std::thread::Builder::new().name("terminal".to_owned()).spawn(move || {
        let mut terminal = io::stdin().lock();
        loop {
            let mut line = String::new();
            let read = (&mut terminal).take(LINE_MAX).read_line(&mut line);
            if !read.is_ok_and(|length| length > 0) {
                return;
            }
            if events.send(Happened::Line(line.trim().to_owned())).is_err() {
                return;
            }
        }
    })?;
    Ok(())
}

/// Ends the program in order when it is told to by a signal.
///
/// # Errors
/// The signals cannot be heard.
pub fn end_on_signal(events: SyncSender<Happened>) -> io::Result<()> {
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
