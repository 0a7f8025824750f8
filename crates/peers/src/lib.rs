//! The other ends of a device's links, for tests and demonstrations: a sensor, a pump, the virtual
//! person behind both, and a network that misbehaves by script.
//!
//! Start reading at [`pump`], then [`body`], then [`sensor`]: these are free of sockets and clocks.
//! [`program`] makes programs of them.
#![forbid(unsafe_code)]

pub mod body;
pub mod clock;
pub mod faults;
pub mod folder;
pub mod fuzzing;
pub mod port;
pub mod program;
pub mod proxy;
pub mod pump;
pub mod sensor;
pub mod services;
pub mod therapy;
pub mod tubing;
pub mod wearer;
