//! `homeostat device annunciator`: what sounds and shows alarms, in a process of its own.

use std::io::{self, BufRead as _, Write as _};
use std::ops::Range;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::thread;
use std::time::Duration;

use clap::Args;
use homeostat_alarm::{Light, RATE, Sound, sample};
use homeostat_device::annunciator::Line;
use homeostat_record::Priority;

use crate::failure::{Failure, Outcome};
use crate::output;

/// Sound and show alarms as told, line by line, on standard input; confirm each on standard output.
///
/// Without --play the terminal's bell rings once a burst. The lines are `NUMBER ONSET SOUND LIGHT`, for
/// example `1 1 high high`.
#[derive(Debug, Args)]
#[command(after_help = "In device.toml:\n  [alarms]\n  annunciator = [\"homeostat\", \"device\", \
    \"annunciator\", \"--play\", \"aplay -q -t raw -f S16_LE -c 1 -r 16000\"]")]
pub(crate) struct Annunciator {
    /// A command that plays samples from its standard input: 16 bits, little-endian, one channel, 16,000
    /// a second. It must take them as fast as they sound; what it does not take is not confirmed.
    #[arg(long, value_name = "COMMAND")]
    play: Option<String>,
}

/// While something sounds, samples are made this often.
const STEP: Duration = Duration::from_millis(50);
/// How far samples are ahead of what is heard, milliseconds.
const AHEAD: u64 = 100;
/// How long nothing is looked at while nothing sounds.
const IDLE: Duration = Duration::from_secs(3_600);

/// Where sound goes.
enum Voice {
    Terminal,
    Player(Child, ChildStdin),
}

impl Annunciator {
    pub(crate) fn run(&self) -> Outcome {
        let mut voice = match &self.play {
            None => Voice::Terminal,
            Some(command) => player(command)?,
        };
        let lines = lines();
        let mut now: Option<Line> = None;
        let mut burst = Burst::begin();
        loop {
            // Without a sound there is nothing to do until the next line.
            let patience = if now.and_then(|line| line.sound).is_some() { STEP } else { IDLE };
            let told = match lines.recv_timeout(patience) {
                Ok(line) => Some(line.map_err(Failure::usage)?),
                Err(RecvTimeoutError::Timeout) => None,
                Err(RecvTimeoutError::Disconnected) => return voice.end(),
            };
            if let Some(line) = told {
                if now.map(|now| (now.onset, now.sound)) != Some((line.onset, line.sound)) {
                    burst = Burst::begin();
                }
                if now.map(|now| now.light) != Some(line.light) {
                    output::say(&words_of(&line));
                }
                now = Some(line);
            }
            if let Some(sound) = now.and_then(|line| line.sound) {
                voice.make(sound, burst.take_due()).map_err(Failure::environment)?;
            }
            if let Some(line) = told {
                output::line(&line.number.to_string())?;
            }
        }
    }
}

/// Since when a sound is made, and how many of its samples were.
struct Burst {
    began: std::time::Instant,
    made: u64,
}

impl Burst {
    #[allow(clippy::disallowed_methods, reason = "sound is made in the machine's own time")]
    fn begin() -> Self {
        Self { began: std::time::Instant::now(), made: 0 }
    }

    /// The numbers of the samples that are due and were not made.
    fn take_due(&mut self) -> Range<u64> {
        let millis = u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX);
        let due = millis.saturating_add(AHEAD).saturating_mul(u64::from(RATE)) / 1_000;
        let made = std::mem::replace(&mut self.made, due);
        made..due
    }
}

/// The lines of standard input, read by a thread because reading waits.
fn lines() -> Receiver<Result<Line, String>> {
    let (say, lines) = sync_channel(4);
    thread::spawn(move || {
        for text in io::stdin().lock().lines() {
            let Ok(text) = text else { return };
            let line = Line::read(&text).ok_or_else(|| {
                format!("not understood: {text:?}; expected NUMBER ONSET SOUND LIGHT")
            });
            if say.send(line).is_err() {
                return;
            }
        }
    });
    lines
}

fn player(command: &str) -> Result<Voice, Failure> {
    let mut words = command.split_ascii_whitespace();
    let program = words.next().ok_or_else(|| Failure::usage("--play: name a command"))?;
    let failed = |error| Failure::environment(format!("{program}: {error}"));
    let mut child = Command::new(program)
        .args(words)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .map_err(failed)?;
    let input = child.stdin.take().ok_or_else(|| Failure::environment("no pipe"))?;
    Ok(Voice::Player(child, input))
}

impl Voice {
    /// Makes these samples of a sound.
    fn make(&mut self, sound: Sound, numbers: Range<u64>) -> io::Result<()> {
        match self {
            Self::Terminal => {
                // Once a burst.
                let again = sound.again().map_or(u64::MAX, |again| again.as_millis());
                let burst = |number: u64| number * 1_000 / u64::from(RATE) / again;
                let begins =
                    numbers.start == 0 || burst(numbers.start - 1) < burst(numbers.end - 1);
                if begins { io::stderr().write_all(b"\x07") } else { Ok(()) }
            }
            Self::Player(_, input) => {
                let bytes: Vec<u8> =
                    numbers.flat_map(|number| sample(sound, number).to_le_bytes()).collect();
                input.write_all(&bytes)
            }
        }
    }

    fn end(self) -> Outcome {
        if let Self::Player(mut child, input) = self {
            drop(input);
            child.wait().map_err(Failure::environment)?;
        }
        Ok(())
    }
}

/// The light in words: colour is never the only cue.
fn words_of(line: &Line) -> String {
    let marks = match line.light {
        Priority::None => return "alarm: none".to_owned(),
        Priority::Low => "!",
        Priority::Medium => "!!",
        Priority::High => "!!!",
    };
    let light = Light::of(line.light).map(|light| {
        let how = if light.flash.is_some() { "flashing" } else { "steady" };
        format!("{:?}, {how}", light.colour).to_lowercase()
    });
    let priority = format!("{:?}", line.light).to_lowercase();
    format!("alarm {marks} {priority} priority ({})", light.unwrap_or_default())
}
