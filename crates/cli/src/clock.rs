//! The one place of the command that reads the wall clock.

use jiff::Timestamp;

use crate::failure::Failure;

/// Now, to the second; or the time that `SOURCE_DATE_EPOCH` holds still, so that a build makes the same bytes twice.
pub(crate) fn now() -> Result<Timestamp, Failure> {
    match std::env::var("SOURCE_DATE_EPOCH") {
        Ok(text) => text
            .trim()
            .parse()
            .ok()
            .and_then(|seconds| Timestamp::from_second(seconds).ok())
            .ok_or_else(|| {
                let expected = "expected seconds since 1970-01-01T00:00:00Z";
                Failure::usage(format!("SOURCE_DATE_EPOCH: found {text:?}; {expected}"))
            }),
        Err(_) => {
            let second = Timestamp::now().as_second();
            Timestamp::from_second(second).map_err(Failure::environment)
        }
    }
}

/// Now, whatever `SOURCE_DATE_EPOCH` holds: for what must not be taken for the future because a build stands in the past.
pub(crate) fn present() -> Timestamp {
    Timestamp::now()
}

/// The time that a person named, or else now.
pub(crate) fn at(named: Option<&str>) -> Result<Timestamp, Failure> {
    let Some(text) = named else { return now() };
    text.parse().map_err(|_| {
        Failure::usage(format!(
            "--at: found {text:?}; expected RFC 3339, like 2026-11-22T08:00:00Z"
        ))
    })
}
