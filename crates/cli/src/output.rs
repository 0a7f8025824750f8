//! Data on stdout, words on stderr. A reader that went away (`| head`) ends the command quietly.

use std::io::{self, ErrorKind, IsTerminal, Write};

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
    let _ = writeln!(io::stderr().lock(), "{words}");
}

/// Whether a person watches stderr.
pub(crate) fn is_watched() -> bool {
    io::stderr().is_terminal()
}

/// Whether a person watches stdout.
pub(crate) fn is_shown() -> bool {
    io::stdout().is_terminal()
}
