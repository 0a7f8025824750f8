//! Data on stdout, words on stderr. A reader that went away (`| head`) ends the command quietly.

use std::io::{self, ErrorKind, IsTerminal, Write};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::Duration;

use homeostat_postmarket::report::one_line;

use crate::failure::{Failure, Outcome};

/// Writes a line of data.
pub(crate) fn line(text: &str) -> Outcome {
    let mut out = io::stdout().lock();
    finish(out.write_all(text.as_bytes()).and_then(|()| out.write_all(b"\n")))
}

/// Writes data as it is.
pub(crate) fn data(text: &str) -> Outcome {
    let mut out = io::stdout().lock();
    finish(out.write_all(text.as_bytes()).and_then(|()| out.flush()))
}

/// Writes words for people that hold what feeds, bills and files say: what would steer their terminal is written out.
pub(crate) fn words(text: &str) -> Outcome {
    data(&steerless(text))
}

fn steerless(text: &str) -> String {
    text.split('\n').map(one_line).collect::<Vec<_>>().join("\n")
}

/// Lets `write` write data as they come, however many.
pub(crate) fn stream(write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Outcome {
    let mut out = io::BufWriter::new(io::stdout().lock());
    let written = write(&mut out).and_then(|()| out.flush());
    // Dropped without another attempt to write what could not be written.
    let _ = out.into_parts();
    finish(written)
}

fn finish(result: io::Result<()>) -> Outcome {
    result.map_err(|error| match error.kind() {
        ErrorKind::BrokenPipe => Failure::Pipe,
        _ => Failure::environment(format!("stdout: {error}")),
    })
}

/// Says something to the person at the terminal. What nobody hears is no error.
pub(crate) fn say(words: &str) {
    let _ = writeln!(io::stderr().lock(), "{}", steerless(words));
}

/// Whether a person watches stderr.
pub(crate) fn is_watched() -> bool {
    io::stderr().is_terminal()
}

/// Whether a person watches stdout.
pub(crate) fn is_shown() -> bool {
    io::stdout().is_terminal()
}

enum Line {
    Data(String),
    Words(String),
}

/// Prints from a thread of its own: a terminal or a pipe that nobody reads costs lines and no time.
pub(crate) struct Lines {
    waiting: SyncSender<Line>,
    printed: Receiver<()>,
}

impl Lines {
    /// Lines that wait for whoever reads, at most.
    const WAITING: usize = 64;

    pub(crate) fn start() -> Self {
        let (waiting, lines) = sync_channel(Self::WAITING);
        let (done, printed) = sync_channel(1);
        std::thread::spawn(move || {
            for waited in lines {
                match waited {
                    Line::Data(text) => drop(line(&text)),
                    Line::Words(words) => say(&words),
                }
            }
            let _ = done.send(());
        });
        Self { waiting, printed }
    }

    /// A line of data, if there is room for it.
    pub(crate) fn data(&self, text: String) {
        let _ = self.waiting.try_send(Line::Data(text));
    }

    /// Words for the person at the terminal, if there is room for them.
    pub(crate) fn say(&self, words: String) {
        let _ = self.waiting.try_send(Line::Words(words));
    }

    /// Waits for a moment until everything is printed.
    pub(crate) fn end(self) {
        drop(self.waiting);
        let _ = self.printed.recv_timeout(Duration::from_secs(1));
    }
}
