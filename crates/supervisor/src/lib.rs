//! Who may act, and within what. The crate page follows with its code.
#![no_std]
#![forbid(unsafe_code)]

mod profile;

pub use profile::{ChannelLimits, Envelope, Findings, Profile, Timing, WINDOWS, WindowLimit};
