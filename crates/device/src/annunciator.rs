//! What sounds and shows alarms, as a process of its own: a line for each signal on its standard input,
//! the line's number back on its standard output once the signal is made.
//!
//! ```text
//! NUMBER ONSET SOUND LIGHT       17 4 high high       18 5 none medium
//! ```
//! A sound begins anew when `ONSET` changes.

use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use homeostat_alarm::{Signal, Sound};
use homeostat_record::Priority;

use crate::alarms::Annunciator;
use crate::dying::Dying;
use crate::watchdog::VARIABLE;

/// A signal as the process reads it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line {
    /// Its number, to be confirmed.
    pub number: u64,
    /// Changes whenever a sound begins anew.
    pub onset: u32,
    /// The one sound.
    pub sound: Option<Sound>,
    /// Priority of the light.
    pub light: Priority,
}

/// No line is longer, in either direction.
const LINE_MAX: u64 = 64;
/// Lines that wait at most for a process that does not read.
const WAITING: usize = 4;

const SOUNDS: [(Option<Sound>, &str); 5] = [
    (None, "none"),
    (Some(Sound::Reminder), "reminder"),
    (Some(Sound::Low), "low"),
    (Some(Sound::Medium), "medium"),
    (Some(Sound::High), "high"),
];

const LIGHTS: [(Priority, &str); 4] = [
    (Priority::None, "none"),
    (Priority::Low, "low"),
    (Priority::Medium, "medium"),
    (Priority::High, "high"),
];

fn name_of<T: PartialEq>(names: &[(T, &'static str)], value: &T) -> &'static str {
    names.iter().find(|(known, _)| known == value).map_or("none", |(_, name)| name)
}

fn named<T: Copy>(names: &[(T, &'static str)], word: &str) -> Option<T> {
    names.iter().find(|(_, name)| *name == word).map(|(value, _)| *value)
}

impl std::fmt::Display for Line {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (sound, light) = (name_of(&SOUNDS, &self.sound), name_of(&LIGHTS, &self.light));
        write!(f, "{} {} {sound} {light}", self.number, self.onset)
    }
}

impl Line {
    /// What a line says; `None` if it is none.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let mut words = text.split_ascii_whitespace();
        let line = Self {
            number: words.next()?.parse().ok()?,
            onset: words.next()?.parse().ok()?,
            sound: named(&SOUNDS, words.next()?)?,
            light: named(&LIGHTS, words.next()?)?,
        };
        words.next().is_none().then_some(line)
    }
}

/// An annunciator's process; a new one whenever it is found not to confirm.
pub struct Program {
    make: Box<dyn FnMut() -> Command + Send>,
    running: Option<Running>,
    dying: Dying,
}

struct Running {
    child: Child,
    lines: SyncSender<Line>,
    confirmed: Receiver<u64>,
}

impl Program {
    /// Starts the process. One that cannot be started confirms nothing: that is an alarm, and no reason
    /// not to run.
    #[must_use]
    pub fn start(make: Box<dyn FnMut() -> Command + Send>) -> Self {
        let mut program = Self { make, running: None, dying: Dying::default() };
        program.renew();
        program
    }

    fn spawn(&mut self) -> io::Result<Running> {
        if self.dying.are_many() {
            return Err(io::ErrorKind::ResourceBusy.into());
        }
        let mut child = (self.make)()
            .env_remove(VARIABLE)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let (lines, taken) = sync_channel(WAITING);
        let (say, confirmed) = sync_channel(WAITING);
        if let (Some(input), Some(output)) = (child.stdin.take(), child.stdout.take()) {
            // Its own thread, because a process that hangs is waited for; it ends with the pipes.
            let thread = std::thread::Builder::new().name("annunciator".to_owned());
            if let Err(error) = thread.spawn(move || converse(input, output, &taken, &say)) {
                self.dying.kill(child);
                return Err(error);
            }
        }
        Ok(Running { child, lines, confirmed })
    }

    fn end(&mut self) {
        if let Some(running) = self.running.take() {
            self.dying.kill(running.child);
        }
    }
}

impl Annunciator for Program {
    fn tell(&mut self, number: u64, signal: &Signal) {
        let Signal { onset, sound, light, .. } = *signal;
        if let Some(running) = &self.running {
            // What does not fit is not confirmed.
            let _ = running.lines.try_send(Line { number, onset, sound, light });
        }
    }

    fn confirmed(&mut self) -> Option<u64> {
        self.running.as_ref()?.confirmed.try_iter().last()
    }

    fn renew(&mut self) {
        self.end();
        self.running = self.spawn().ok();
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        self.end();
    }
}

fn converse(
    mut input: ChildStdin,
    output: ChildStdout,
    lines: &Receiver<Line>,
    confirmed: &SyncSender<u64>,
) {
    let mut output = BufReader::new(output);
    while let Ok(line) = lines.recv() {
        if writeln!(input, "{line}").is_err() {
            return;
        }
        let mut said = String::new();
        let read = output.by_ref().take(LINE_MAX).read_line(&mut said);
        let number = said.trim().parse().ok().filter(|number| *number == line.number);
        let (Ok(_), Some(number)) = (read, number) else { return };
        if confirmed.send(number).is_err() {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alm_10_a_line_is_read_as_it_was_written_or_not_at_all() {
        for (sound, _) in SOUNDS {
            for (light, _) in LIGHTS {
                let line = Line { number: u64::MAX, onset: u32::MAX, sound, light };
                assert_eq!(Line::read(&line.to_string()), Some(line));
                assert!((line.to_string().len() as u64) < LINE_MAX);
            }
        }
        for bad in
            ["", "1 2 high", "1 2 loud high", "1 2 high red", "1 2 high high 3", "-1 2 low low"]
        {
            assert_eq!(Line::read(bad), None, "{bad}");
        }
    }
}
