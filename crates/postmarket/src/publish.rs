//! What customers and authorities are told, in machine-readable form and in words, all from one decision.
//!
//! Nothing here is decided: the status follows from the decision record, and what the record does not hold is given
//! with the [`Notice`].

mod bundle;
pub mod csaf;
pub mod cyclonedx_vex;
pub mod incident;
pub mod letter;
mod notice;
pub mod openvex;
pub mod reuse;
pub mod security_txt;

pub use bundle::{Incomplete, LetterWords, SecurityWords, Words};
pub use notice::{Known, Notice, PublishError, Publisher, Revision, VexStatus};

#[cfg(test)]
mod tests;
