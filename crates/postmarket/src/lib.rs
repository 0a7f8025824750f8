//! The post-market loop: what is in every release, what is known against it, what that means for a patient, until when
//! something must be done, and what customers are told.
//!
//! The way of the data, each step a pure function of the one before:
//!
//! ```text
//! SBOM bytes  -> sbom::Bill ---------+
//!                                    +-> matching::Finding -> harm::Decision -> clock::Clock
//! feed bytes  -> feed::Event --------+                              |
//!                                                                   +-> publish: VEX, CSAF, letters
//! ```
//!
//! Nothing is dropped silently: what cannot be read is [`Rejected`](feed::Rejected) with its file, its place and the
//! reason, what cannot be ordered or named is unknown and waits for a person. Unknown is never "not affected".
//!
//! Homeostat is not a cleared medical device. What this crate computes supports evidence for a maker's own
//! decisions; a named person takes them.
#![forbid(unsafe_code)]

pub mod clock;
pub mod feed;
pub mod harm;
pub mod identity;
mod lines;
pub mod matching;
pub mod office;
mod pattern;
pub mod publish;
pub mod report;
pub mod sbom;
pub mod store;
pub mod version;
