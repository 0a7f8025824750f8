//! The supervisor's side: it starts the child, asks with a deadline, and ends and replaces a child
//! that is late twice, silent, talks nonsense or talks unasked.

use std::io;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TryRecvError, sync_channel};
use std::time::Duration;

use homeostat_record::{Canonical, Input, Proposal, SoftwareIdentity};
use rustix::fs::{OFlags, fcntl_setfl};

use super::confinement::Confinement;
use super::protocol::{Question, Reply, read_frame};
use crate::clock::Timer;
use crate::dying::Dying;

/// What came back.
#[derive(Clone, Debug, PartialEq)]
pub enum Heard {
    /// Its step, in time.
    Given {
        /// Its next state in canonical bytes.
        state: Vec<u8>,
        /// Its proposal.
        proposal: Proposal,
    },
    /// Nothing before the deadline.
    Late,
    /// Nothing usable, and why.
    Failed(String),
}

/// A controller that can be asked.
pub trait ControllerPort {
    /// Asks for one step and waits for at most `deadline`. Whatever happens, it returns by then, give
    /// or take what starting a process takes.
    fn ask(&mut self, state: &[u8], input: &Input, deadline: Duration) -> Heard;

    /// How well it is confined, as it said itself; `None` before it was ready.
    fn confinement(&self) -> Option<Confinement>;

    /// How often it was started.
    fn starts(&self) -> u64;
}

/// Why no child could be started.
#[derive(Debug, thiserror::Error)]
pub enum SpawnError {
    /// The system's reason.
    #[error("the controller's process cannot be started: {0}")]
    System(#[from] io::Error),
    /// It has no pipe.
    #[error("the controller's process has no pipe")]
    Pipe,
    /// Those that were killed are still there.
    #[error("the system does not end the controllers that were killed")]
    Hangs,
}

/// A controller's process.
pub struct ChildProcess {
    make: Box<dyn FnMut() -> Command + Send>,
    begin: Question,
    running: Option<Running>,
    dying: Dying,
    confinement: Option<Confinement>,
    starts: u64,
}

struct Running {
    child: Child,
    questions: ChildStdin,
    replies: Receiver<io::Result<Reply>>,
    ready: bool,
    /// A whole deadline went by in which it did not become ready.
    unready: bool,
    /// Of a question that was not answered in time.
    owed: Option<u64>,
}

/// Replies that wait at most: one that is due, and one that shows that it talks unasked.
const WAITING: usize = 2;

impl ChildProcess {
    /// A controller of this identity and profile. `make` gives the command that becomes
    /// [`super::serve()`] on its standard input and output.
    ///
    /// # Errors
    /// [`SpawnError`] when it cannot be started even once.
    pub fn start(
        make: impl FnMut() -> Command + Send + 'static,
        identity: SoftwareIdentity,
        profile: Vec<u8>,
    ) -> Result<Self, SpawnError> {
        let begin = Question::Begin { identity, profile };
        let make = Box::new(make);
        let (running, dying) = (None, Dying::default());
        let mut process = Self { make, begin, running, dying, confinement: None, starts: 0 };
        process.spawn()?;
        Ok(process)
    }

    /// The process's number, while it runs.
    #[must_use]
    pub fn id(&self) -> Option<u32> {
        self.running.as_ref().map(|running| running.child.id())
    }

    fn spawn(&mut self) -> Result<(), SpawnError> {
        if self.dying.are_many() {
            return Err(SpawnError::Hangs);
        }
        let mut command = (self.make)();
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).env_clear();
        let mut child = command.spawn()?;
        self.starts = self.starts.saturating_add(1);
        let pipes = (child.stdin.take(), child.stdout.take());
        let (Some(mut questions), Some(stdout)) = pipes else {
            self.dying.kill(child);
            return Err(SpawnError::Pipe);
        };
        // Whatever the child does with its end, a question that does not fit is an error and no wait.
        let unwaiting = fcntl_setfl(&questions, OFlags::WRONLY | OFlags::NONBLOCK);
        let (say, replies): (SyncSender<io::Result<Reply>>, _) = sync_channel(WAITING);
        // Its own thread, because reading may wait for ever; it ends with the child's pipe. A child
        // that floods fills the channel, and then its own pipe.
        let reader = std::thread::Builder::new().name("controller".to_owned());
        let reading = reader.spawn(move || hand_over(stdout, &say));
        if let Err(error) = unwaiting.map_err(io::Error::from).and(reading) {
            self.dying.kill(child);
            return Err(SpawnError::System(error));
        }
        // A child that is gone already is found when it is asked.
        let _ = self.begin.write(&mut questions);
        self.running =
            Some(Running { child, questions, replies, ready: false, unready: false, owed: None });
        Ok(())
    }

    /// Ends what runs and starts anew, so that the next cycle has a controller again.
    fn replace(&mut self, why: &str) -> Heard {
        if let Some(running) = self.running.take() {
            self.dying.kill(running.child);
        }
        match self.spawn() {
            Ok(()) => Heard::Failed(why.to_owned()),
            Err(error) => Heard::Failed(format!("{why}; {error}")),
        }
    }
}

impl ControllerPort for ChildProcess {
    fn ask(&mut self, state: &[u8], input: &Input, deadline: Duration) -> Heard {
        let Some(running) = &mut self.running else {
            return self.replace("there was no controller");
        };
        let timer = Timer::start(deadline);
        let outcome = running.exchange(state, input, &timer);
        match outcome {
            Outcome::Ready(confinement, heard) => {
                self.confinement = Some(confinement);
                heard.unwrap_or_else(|why| self.replace(&why))
            }
            Outcome::Heard(heard) => heard,
            Outcome::Broken(why) => self.replace(&why),
        }
    }

    fn confinement(&self) -> Option<Confinement> {
        self.confinement
    }

    fn starts(&self) -> u64 {
        self.starts
    }
}

impl Drop for ChildProcess {
    fn drop(&mut self) {
        if let Some(running) = self.running.take() {
            self.dying.kill(running.child);
        }
    }
}

/// Hands over what the child says, until it ends or nobody listens.
fn hand_over(mut stdout: ChildStdout, say: &SyncSender<io::Result<Reply>>) {
    loop {
        let read = read_frame(&mut stdout).and_then(|frame| match frame {
            Some((kind, payload)) => Ok(Some(Reply::of(kind, &payload)?)),
            None => Ok(None),
        });
        let (said, goes_on) = match read {
            Ok(Some(reply)) => (Ok(reply), true),
            Ok(None) => (Err(io::ErrorKind::UnexpectedEof.into()), false),
            Err(error) => (Err(error), false),
        };
        if say.send(said).is_err() || !goes_on {
            return;
        }
    }
}

enum Outcome {
    /// It said that it is ready, and then this.
    Ready(Confinement, Result<Heard, String>),
    Heard(Heard),
    Broken(String),
}

impl Running {
    fn exchange(&mut self, state: &[u8], input: &Input, timer: &Timer) -> Outcome {
        if let Some(owed) = self.owed.take() {
            // It was late: its answer is thrown away if it came since, and so is it if not.
            match self.replies.try_recv() {
                Ok(Ok(Reply::Answer { token, .. })) if token == owed => {}
                _ => return Outcome::Broken("it was late, and silent since".to_owned()),
            }
        }
        let mut confinement = None;
        if !self.ready {
            match self.replies.recv_timeout(timer.left()) {
                Ok(Ok(Reply::Ready { confinement: code, .. })) => {
                    confinement = Some(Confinement::of_code(code));
                    self.ready = true;
                }
                // A busy machine may take longer than a short deadline to start a process, once.
                Err(RecvTimeoutError::Timeout) if !self.unready => {
                    self.unready = true;
                    return Outcome::Heard(Heard::Late);
                }
                other => return Outcome::Broken(not_expected(other)),
            }
        }
        let heard = self.question(state, input, timer);
        match (confinement, heard) {
            (Some(confinement), heard) => Outcome::Ready(confinement, heard),
            (None, Ok(heard)) => Outcome::Heard(heard),
            (None, Err(why)) => Outcome::Broken(why),
        }
    }

    fn question(&mut self, state: &[u8], input: &Input, timer: &Timer) -> Result<Heard, String> {
        match self.replies.try_recv() {
            Err(TryRecvError::Empty) => {}
            Err(TryRecvError::Disconnected) => return Err("it ended".to_owned()),
            Ok(_) => return Err("it talked unasked or ended".to_owned()),
        }
        let token = token_of(input);
        let ask = Question::Ask { token, state: state.to_vec(), input: Box::new(*input) };
        ask.write(&mut self.questions).map_err(|error| format!("it cannot be asked: {error}"))?;
        match self.replies.recv_timeout(timer.left()) {
            Ok(Ok(Reply::Answer { token: of, state, proposal })) if of == token => {
                Ok(Heard::Given { state, proposal })
            }
            Err(RecvTimeoutError::Timeout) => {
                self.owed = Some(token);
                Ok(Heard::Late)
            }
            other => Err(not_expected(other)),
        }
    }
}

/// What names a question: it cannot be known before the question is asked.
fn token_of(input: &Input) -> u64 {
    input.digest().0
}

fn not_expected(heard: Result<io::Result<Reply>, RecvTimeoutError>) -> String {
    match heard {
        Ok(Ok(Reply::Refuse(words))) => words,
        Ok(Ok(Reply::Ready { .. })) => "it began again".to_owned(),
        Ok(Ok(Reply::Answer { .. })) => "it answered another question".to_owned(),
        Ok(Err(error)) if error.kind() == io::ErrorKind::UnexpectedEof => "it ended".to_owned(),
        Ok(Err(error)) => error.to_string(),
        Err(RecvTimeoutError::Timeout) => "it does not become ready".to_owned(),
        Err(RecvTimeoutError::Disconnected) => "it ended".to_owned(),
    }
}
