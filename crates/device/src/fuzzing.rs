//! Bodies of the fuzz targets: each takes any bytes, and states what must hold for them. Also run by a
//! plain test over the corpora.
#![allow(clippy::missing_panics_doc, reason = "a finding is a panic")]

use crate::controller::protocol::{FRAME_LIMIT, Question, Reply, read_frame};

/// A target's name and body.
pub type Target = (&'static str, fn(&[u8]));

/// Every target.
pub const TARGETS: &[Target] = &[("controller_pipe", pipe)];

/// The pipe between supervisor and controller, read by either end until it breaks: what is a message is
/// written the same, in whatever pieces it came.
pub fn pipe(bytes: &[u8]) {
    let mut rest = bytes;
    loop {
        let before = rest;
        let Ok(Some((kind, payload))) = read_frame(&mut rest) else { return };
        assert!(payload.len() < FRAME_LIMIT, "a frame of {} bytes", payload.len());
        let frame = before.len().checked_sub(rest.len()).and_then(|length| before.get(..length));
        let said = [
            Question::of(kind, &payload).ok().map(|question| written(|to| question.write(to))),
            Reply::of(kind, &payload).ok().map(|reply| written(|to| reply.write(to))),
        ];
        assert!(said.iter().flatten().count() <= 1, "a message of both ends");
        for again in said.iter().flatten() {
            assert_eq!(Some(again.as_slice()), frame, "another encoding");
        }
    }
}

fn written(write: impl FnOnce(&mut Vec<u8>) -> std::io::Result<()>) -> Vec<u8> {
    let mut bytes = Vec::new();
    assert!(write(&mut bytes).is_ok(), "it was read and cannot be written");
    bytes
}
