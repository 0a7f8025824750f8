//! Serves scripted views for people and for the browser tests: `bedside-demo [ADDRESS]`.
//!
//! Prints the address, then reads commands from standard input, one a line:
//! `show THERAPY MODE` (as in `show insulin M7`), `mute` and `speak` (stop and go on publishing),
//! `fail` and `answer` (leave wishes unanswered, answer them again), `quit`. What people ask for
//! is printed. PINs: 2468 (user), 135791 (clinician), 97531086 (authorised person).
//!
//! It treats nobody: the views are written down in `samples/`.

#[path = "../samples/mod.rs"]
mod samples;

use homeostat_bedside::view::{At, Civil, Length, MODES, View, mode_code};
use homeostat_bedside::{Answer, Asked, Bedside, Config, Pin, Wish};
use homeostat_record::{Action, Mode, Phase, Role};
use samples::{Therapy, later, sample};
use std::io::{BufRead, Write};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// How often a view is published at least.
const EVERY: Duration = Duration::from_millis(400);

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let address = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:8840".to_owned());
    let pins = [(Role::User, "2468"), (Role::Clinician, "135791"), (Role::Authorised, "97531086")];
    let pins = pins.into_iter().filter_map(|(role, secret)| Pin::new(role, secret)).collect();
    let config = Config { listen: address.parse()?, names: Vec::new(), pins };
    let mut scene = Scene::new();
    let bedside = Bedside::start(config, scene.view())?;
    println!("serving http://{}/", bedside.address());
    std::io::stdout().flush()?;
    let commands = commands();
    let (wishes, asked) = channel();
    let inbox = bedside.inbox().clone();
    std::thread::spawn(move || {
        loop {
            let wish = inbox.next(Duration::from_millis(100));
            if wish.is_some_and(|wish| wishes.send(wish).is_err()) {
                return;
            }
        }
    });
    while scene.turn(&bedside, &commands, &asked) {}
    Ok(())
}

/// Lines of standard input; the end of it ends the program.
fn commands() -> Receiver<String> {
    let (sender, commands) = channel();
    std::thread::spawn(move || {
        for line in std::io::stdin().lock().lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                return;
            }
        }
    });
    commands
}

struct Scene {
    therapy: Therapy,
    mode: Mode,
    started: Instant,
    begun: Instant,
    shown: Instant,
    speaks: bool,
    answers: bool,
}

impl Scene {
    fn new() -> Self {
        let begun = now();
        let (therapy, mode) = (Therapy::Insulin, Mode::Automatic);
        Self { therapy, mode, started: begun, begun, shown: begun, speaks: true, answers: true }
    }

    /// One turn; false at the end.
    fn turn(
        &mut self,
        bedside: &Bedside,
        commands: &Receiver<String>,
        asked: &Receiver<Asked>,
    ) -> bool {
        let mut fresh = false;
        match commands.recv_timeout(Duration::from_millis(2)) {
            Ok(line) => match self.command(&line) {
                Some(changed) => fresh = changed,
                None => return false,
            },
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return false,
        }
        while let Ok(wish) = asked.try_recv() {
            println!("asked {:?}", wish.wish());
            let _ = std::io::stdout().flush();
            if self.answers {
                self.answer(wish);
                fresh = true;
            }
        }
        let elapsed = now().duration_since(self.shown);
        if self.speaks && (fresh || elapsed >= EVERY) {
            bedside.publish(self.view());
            self.shown = now();
        }
        true
    }

    /// Whether something new is to be shown; `None` to end.
    fn command(&mut self, line: &str) -> Option<bool> {
        let words: Vec<&str> = line.split_whitespace().collect();
        match words.as_slice() {
            ["show", therapy, mode] => {
                let therapies = Therapy::ALL.into_iter();
                self.therapy = therapies.into_iter().find(|known| known.name() == *therapy)?;
                self.mode = MODES.into_iter().find(|known| mode_code(*known) == *mode)?;
                self.begun = now();
            }
            ["mute"] => self.speaks = false,
            ["speak"] => self.speaks = true,
            ["fail"] => self.answers = false,
            ["answer"] => self.answers = true,
            ["quit"] => return None,
            _ => println!("not understood: {line}"),
        }
        Some(true)
    }

    /// Does what is asked for, as far as a script can.
    fn answer(&mut self, asked: Asked) {
        self.begun = now();
        let words = match asked.wish() {
            Wish::Act(act) => match act.action {
                Action::Stop => {
                    self.mode = Mode::Standby;
                    "Delivery is stopped."
                }
                Action::Choose(phase) => {
                    self.mode = chosen(phase);
                    "Chosen."
                }
                Action::Request { .. } => "The dose is ordered.",
                Action::Announce(_) => "Announced.",
                _ => "Done.",
            },
            Wish::PauseAudio(_) => "Audio paused for 2 min.",
        };
        asked.answer(Answer::Taken(words.to_owned()));
    }

    /// The sample as of when it was first shown, its clock moved on by the time since.
    fn view(&self) -> View {
        let millis = |span: Duration| u64::try_from(span.as_millis()).unwrap_or(u64::MAX);
        let until_then = millis(self.begun.duration_since(self.started));
        let mut view = later(sample(self.therapy, self.mode), Length(until_then));
        view.clock.now = At(view.clock.now.0 + millis(now().duration_since(self.begun)));
        view.clock.civil = wall();
        view
    }
}

fn chosen(phase: Phase) -> Mode {
    match phase {
        Phase::Off => Mode::Off,
        Phase::SelfTest => Mode::SelfTest,
        Phase::Standby => Mode::Standby,
        Phase::Manual => Mode::Handover,
        Phase::Advisory => Mode::Advisory,
        Phase::Automatic => Mode::Automatic,
        Phase::Service => Mode::Service,
    }
}

/// The demonstration is a shell: it reads the clocks that a device would hand in.
#[allow(clippy::disallowed_methods)]
fn now() -> Instant {
    Instant::now()
}

#[allow(clippy::disallowed_methods)]
fn wall() -> Option<Civil> {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).ok()?;
    i64::try_from(since.as_millis()).ok().map(Civil)
}
