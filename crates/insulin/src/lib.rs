//! Automated insulin delivery as a therapy of the platform. The crate page follows with its code.
#![no_std]
#![forbid(unsafe_code)]

#[cfg(test)]
extern crate std;

pub mod delivered;
pub mod on_board;
pub mod profile;
pub mod sensing;
pub mod units;
pub mod watch;
