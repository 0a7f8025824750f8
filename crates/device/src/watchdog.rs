//! The watchdog of who started the device (systemd's protocol): it is fed by cycles that were completed
//! and by nothing else, so that a supervisor which hangs, or runs without turning, is started anew.

use std::ffi::OsString;
use std::os::linux::net::SocketAddrExt as _;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::net::{SocketAddr, UnixDatagram};
use std::path::PathBuf;

use homeostat_record::{CauseSet, Instant};

use crate::core::Turned;
use crate::runtime::{Observer, Shown};

/// The variable that names the socket. Children do not get it.
pub const VARIABLE: &str = "NOTIFY_SOCKET";

/// Who is told how the device is, if anybody is.
#[derive(Debug)]
pub struct Notifier {
    socket: Option<(UnixDatagram, SocketAddr)>,
}

impl Notifier {
    /// Who is named by the variable: a path, or `@` and a name without a file. What cannot be reached is
    /// nobody: a device does not depend on being watched.
    #[must_use]
    pub fn of(variable: Option<OsString>) -> Self {
        let address = variable.and_then(|name| match name.as_bytes().split_first()? {
            (b'@', name) => SocketAddr::from_abstract_name(name).ok(),
            _ => SocketAddr::from_pathname(PathBuf::from(name)).ok(),
        });
        let socket = address.and_then(|address| Some((UnixDatagram::unbound().ok()?, address)));
        if let Some((socket, _)) = &socket {
            // A watcher that does not read must not hold a cycle up.
            let _ = socket.set_nonblocking(true);
        }
        Self { socket }
    }

    /// Says one word.
    pub fn say(&self, word: &str) {
        if let Some((socket, address)) = &self.socket {
            let _ = socket.send_to_addr(word.as_bytes(), address);
        }
    }
}

/// An observer that feeds the watchdog with each cycle that was completed.
pub struct Fed<'o> {
    /// Who is fed.
    pub notifier: &'o Notifier,
    /// Who else is told.
    pub observer: &'o mut dyn Observer,
}

impl Observer for Fed<'_> {
    fn conditions(&mut self, now: Instant) -> CauseSet {
        self.observer.conditions(now)
    }

    fn ended(&mut self, shown: &Shown) -> Vec<String> {
        self.observer.ended(shown)
    }

    fn cycle(&mut self, turned: &Turned, shown: &Shown) {
        self.observer.cycle(turned, shown);
        self.notifier.say("WATCHDOG=1");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sup_08_a_word_reaches_a_socket_with_and_without_a_file() {
        let name = format!("homeostat-watchdog-{}", std::process::id());
        let path = std::env::temp_dir().join(&name);
        let _ = std::fs::remove_file(&path);
        let address = SocketAddr::from_abstract_name(&name).expect("a name");
        let sockets = [
            (UnixDatagram::bind(&path), path.clone().into_os_string()),
            (UnixDatagram::bind_addr(&address), format!("@{name}").into()),
        ];
        for (socket, variable) in sockets {
            let socket = socket.expect("bound");
            Notifier::of(Some(variable)).say("READY=1");
            let mut bytes = [0; 16];
            let length = socket.recv(&mut bytes).expect("it was said");
            assert_eq!(bytes.get(..length), Some(&b"READY=1"[..]));
        }
        std::fs::remove_file(&path).expect("removed");
        for nobody in [None, Some(OsString::new()), Some(path.into_os_string())] {
            Notifier::of(nobody).say("READY=1");
        }
    }
}
