//! What supervisor and controller say to each other: frames with a length, bounded, over a pipe.
//!
//! ```text
//! frame    u32 length of what follows, u8 kind, payload              little-endian
//! 1 begin  u16 length, software identity (canonical), profile        supervisor to controller
//! 2 ask    u64 token, u32 length, state, input (canonical)           supervisor to controller
//! 3 ready  u8 confinement, UTF-8 words                               controller to supervisor
//! 4 answer u64 token, u32 length, next state, proposal (canonical)   controller to supervisor
//! 5 refuse UTF-8 words                                               controller to supervisor
//! ```

use std::io::{self, Read, Write};

use homeostat_record::{Canonical, Input, Proposal, SoftwareIdentity};

/// No frame is longer. A frame fits the buffer of a pipe; where it does not, writing it fails at once.
pub const FRAME_LIMIT: usize = 60_000;

/// What the supervisor says.
#[derive(Clone, Debug, PartialEq)]
pub enum Question {
    /// What it shall be.
    Begin {
        /// Which controller.
        identity: SoftwareIdentity,
        /// The profile, in the therapy's bytes.
        profile: Vec<u8>,
    },
    /// One step.
    Ask {
        /// Names this question; the answer repeats it. It follows from the input, so that who floods the
        /// pipe with answers does not know it before it is asked.
        token: u64,
        /// The controller's state in canonical bytes.
        state: Vec<u8>,
        /// The input.
        input: Box<Input>,
    },
}

/// What the controller says.
#[derive(Clone, Debug, PartialEq)]
pub enum Reply {
    /// It can be asked.
    Ready {
        /// How well it is confined: see [`super::confinement::Confinement`].
        confinement: u8,
        /// The same in words.
        words: String,
    },
    /// Its step.
    Answer {
        /// The token of the question.
        token: u64,
        /// Its next state in canonical bytes.
        state: Vec<u8>,
        /// Its proposal.
        proposal: Proposal,
    },
    /// It cannot be this controller.
    Refuse(String),
}

/// Why bytes are no message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProtocolError {
    /// Longer than any may be.
    #[error("a frame of {0} bytes; at most {FRAME_LIMIT}")]
    Length(usize),
    /// Not a message: an unknown kind, cut short, or a part that cannot be read.
    #[error("a frame of kind {0} that cannot be read")]
    Malformed(u8),
}

impl From<ProtocolError> for io::Error {
    fn from(error: ProtocolError) -> Self {
        Self::new(io::ErrorKind::InvalidData, error)
    }
}

/// Reads one frame: its kind and payload. `None` at the end of the stream.
///
/// # Errors
/// The stream's, or that it says it is longer than any frame may be: nothing is kept of it then.
pub fn read_frame(from: &mut impl Read) -> io::Result<Option<(u8, Vec<u8>)>> {
    let mut length = [0; 4];
    let mut filled = 0;
    while filled < length.len() {
        match from.read(length.get_mut(filled..).unwrap_or_default()) {
            Ok(0) if filled == 0 => return Ok(None),
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(read) => filled += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    let length = u32::from_le_bytes(length) as usize;
    if length == 0 || length > FRAME_LIMIT {
        return Err(ProtocolError::Length(length).into());
    }
    let mut bytes = vec![0; length];
    from.read_exact(&mut bytes)?;
    let kind = bytes.remove(0);
    Ok(Some((kind, bytes)))
}

/// Writes one frame in one write.
///
/// # Errors
/// The stream's, or that it is too long.
pub fn write_frame(to: &mut impl Write, kind: u8, parts: &[&[u8]]) -> io::Result<()> {
    let length = 1 + parts.iter().map(|part| part.len()).sum::<usize>();
    let fits = u32::try_from(length).ok().filter(|_| length <= FRAME_LIMIT);
    let length = fits.ok_or(ProtocolError::Length(length))?;
    let mut bytes = Vec::with_capacity(FRAME_LIMIT.min(length as usize + 4));
    bytes.extend_from_slice(&length.to_le_bytes());
    bytes.push(kind);
    for part in parts {
        bytes.extend_from_slice(part);
    }
    to.write_all(&bytes)?;
    to.flush()
}

impl Question {
    /// Writes it.
    ///
    /// # Errors
    /// As [`write_frame`].
    pub fn write(&self, to: &mut impl Write) -> io::Result<()> {
        let mut space = vec![0; FRAME_LIMIT];
        match self {
            Self::Begin { identity, profile } => {
                let identity = encoded(identity, &mut space)?;
                let length = u16::try_from(identity.len()).unwrap_or(u16::MAX).to_le_bytes();
                write_frame(to, 1, &[&length, identity, profile])
            }
            Self::Ask { token, state, input } => {
                let input = encoded(&**input, &mut space)?;
                let length = u32::try_from(state.len()).unwrap_or(u32::MAX).to_le_bytes();
                write_frame(to, 2, &[&token.to_le_bytes(), &length, state, input])
            }
        }
    }

    /// Reads it from a frame.
    ///
    /// # Errors
    /// [`ProtocolError`].
    pub fn of(kind: u8, payload: &[u8]) -> Result<Self, ProtocolError> {
        let read = || match kind {
            1 => {
                let (length, rest) = payload.split_first_chunk()?;
                let (identity, profile) =
                    rest.split_at_checked(usize::from(u16::from_le_bytes(*length)))?;
                let identity = SoftwareIdentity::decode_canonical(identity).ok()?;
                Some(Self::Begin { identity, profile: profile.to_vec() })
            }
            2 => {
                let (token, state, input) = numbered(payload)?;
                let input = Box::new(Input::decode_canonical(input).ok()?);
                Some(Self::Ask { token, state, input })
            }
            _ => None,
        };
        read().ok_or(ProtocolError::Malformed(kind))
    }
}

impl Reply {
    /// Writes it.
    ///
    /// # Errors
    /// As [`write_frame`].
    pub fn write(&self, to: &mut impl Write) -> io::Result<()> {
        match self {
            Self::Ready { confinement, words } => {
                write_frame(to, 3, &[&[*confinement], words.as_bytes()])
            }
            Self::Answer { token, state, proposal } => {
                let mut space = vec![0; FRAME_LIMIT];
                let proposal = encoded(proposal, &mut space)?;
                let length = u32::try_from(state.len()).unwrap_or(u32::MAX).to_le_bytes();
                write_frame(to, 4, &[&token.to_le_bytes(), &length, state, proposal])
            }
            Self::Refuse(words) => write_frame(to, 5, &[words.as_bytes()]),
        }
    }

    /// Reads it from a frame.
    ///
    /// # Errors
    /// [`ProtocolError`].
    pub fn of(kind: u8, payload: &[u8]) -> Result<Self, ProtocolError> {
        let words = |bytes: &[u8]| core::str::from_utf8(bytes).ok().map(str::to_owned);
        let read = || match kind {
            3 => {
                let (confinement, rest) = payload.split_first()?;
                Some(Self::Ready { confinement: *confinement, words: words(rest)? })
            }
            4 => {
                let (token, state, proposal) = numbered(payload)?;
                let proposal = Proposal::decode_canonical(proposal).ok()?;
                Some(Self::Answer { token, state, proposal })
            }
            5 => Some(Self::Refuse(words(payload)?)),
            _ => None,
        };
        read().ok_or(ProtocolError::Malformed(kind))
    }
}

fn numbered(payload: &[u8]) -> Option<(u64, Vec<u8>, &[u8])> {
    let (token, rest) = payload.split_first_chunk()?;
    let (length, rest) = rest.split_first_chunk()?;
    let (state, rest) = rest.split_at_checked(u32::from_le_bytes(*length) as usize)?;
    Some((u64::from_le_bytes(*token), state.to_vec(), rest))
}

fn encoded<'b>(value: &impl Canonical, space: &'b mut [u8]) -> io::Result<&'b [u8]> {
    value.encode_canonical(space).map_err(|_| ProtocolError::Length(FRAME_LIMIT + 1).into())
}

#[cfg(test)]
mod tests;
