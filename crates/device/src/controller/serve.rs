//! The child's side: it becomes a controller, gives up what it does not need, and answers.

use std::io::{self, Read, Write};

use homeostat_assembly::therapies::rebuild;

use super::confinement::Confinement;
use super::protocol::{FRAME_LIMIT, Question, Reply, read_frame};

/// Why the child ends.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The pipe to the supervisor.
    #[error("the pipe to the supervisor: {0}")]
    Pipe(#[from] io::Error),
    /// The supervisor began otherwise than with what it shall be.
    #[error("the supervisor did not begin with an identity and a profile")]
    Beginning,
    /// It cannot be this controller; the supervisor was told.
    #[error("{0}")]
    Refused(String),
}

/// Answers until the supervisor closes the pipe. `confine` is called once, when everything is built
/// and nothing more needs to be opened.
///
/// # Errors
/// [`ServeError`]; the supervisor sees the child end, which is a failed controller.
pub fn serve(
    mut questions: impl Read,
    mut replies: impl Write,
    confine: impl FnOnce() -> Confinement,
) -> Result<(), ServeError> {
    let Some(Question::Begin { identity, profile }) = next(&mut questions)? else {
        return Err(ServeError::Beginning);
    };
    let machine = match rebuild(&identity, &profile) {
        Ok(machine) => machine,
        Err(error) => {
            Reply::Refuse(error.to_string()).write(&mut replies)?;
            return Err(ServeError::Refused(error.to_string()));
        }
    };
    let confinement = confine();
    let words = confinement.to_string();
    Reply::Ready { confinement: confinement.code(), words }.write(&mut replies)?;
    let mut space = vec![0; FRAME_LIMIT];
    while let Some(question) = next(&mut questions)? {
        let Question::Ask { token, state, input } = question else {
            return Err(ServeError::Beginning);
        };
        let answer = machine.propose(&state, &input, &mut space);
        let reply = match answer {
            Ok((state, Some(proposal))) => Reply::Answer { token, state: state.to_vec(), proposal },
            Ok((_, None)) => Reply::Refuse("it was told that it failed".to_owned()),
            Err(error) => Reply::Refuse(error.to_string()),
        };
        reply.write(&mut replies)?;
    }
    Ok(())
}

fn next(questions: &mut impl Read) -> io::Result<Option<Question>> {
    let Some((kind, payload)) = read_frame(questions)? else { return Ok(None) };
    Ok(Some(Question::of(kind, &payload)?))
}
