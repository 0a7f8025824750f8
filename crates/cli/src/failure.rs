//! How a command ends. Exit codes: 0 fine, 1 a negative verdict, 2 usage, 3 environment.

use std::fmt::Display;
use std::process::ExitCode;

/// Why a command did not end well.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The command worked and its answer is no: criteria failed, a log does not verify.
    Negative(String),
    /// The command line contradicts itself.
    Usage(String),
    /// A file cannot be read or written, or does not hold what it should.
    Environment(String),
    /// Nobody reads our output any more: not our failure.
    Pipe,
}

/// What a verb gives.
pub(crate) type Outcome = Result<(), Failure>;

impl Failure {
    /// A negative verdict.
    pub(crate) fn negative(words: impl Display) -> Self {
        Self::Negative(words.to_string())
    }

    /// A contradiction on the command line.
    pub(crate) fn usage(words: impl Display) -> Self {
        Self::Usage(words.to_string())
    }

    /// Something outside is not as it must be.
    pub(crate) fn environment(words: impl Display) -> Self {
        Self::Environment(words.to_string())
    }

    /// A file that could not be opened, read or written.
    pub(crate) fn file(path: &std::path::Path, error: &std::io::Error) -> Self {
        Self::Environment(format!("{}: {error}", path.display()))
    }

    /// Says it on stderr and gives the exit code.
    pub(crate) fn report(&self) -> ExitCode {
        let (words, code) = match self {
            Self::Negative(words) => (words, 1),
            Self::Usage(words) => (words, 2),
            Self::Environment(words) => (words, 3),
            Self::Pipe => return ExitCode::SUCCESS,
        };
        crate::output::say(&format!("homeostat: {words}"));
        ExitCode::from(code)
    }
}
