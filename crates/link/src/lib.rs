//! Talk between a device, its sensors and its actuators, without sockets and clocks.
//!
//! Owns: the messages and their bytes, the contract of a link and the watch on it, the channel
//! (Noise, pairing, anti-replay, rate limits), and the codecs of the Bluetooth services for glucose
//! monitors and insulin pumps. Promises: nothing is acted on before it is authenticated; each
//! message at most once; no panic on any input; memory is bounded. Absent: sockets, clocks,
//! storage, any decision about a therapy.
//!
//! Start reading at [`Message`], then [`Contract`].
#![no_std]
#![forbid(unsafe_code)]
#![cfg_attr(
    not(test),
    deny(
        clippy::indexing_slicing,
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::unreachable,
        clippy::arithmetic_side_effects
    )
)]

pub mod bucket;
pub mod contract;
pub mod message;
pub mod replay_window;

pub use bucket::{Rate, TokenBucket};
pub use contract::{Cadence, Contents, Contract, LinkState, Loss, Monitor, Tally, WhenSilent};
pub use message::{
    Content, Echo, Envelope, Hello, Message, MessageError, Order, PROTOCOL, Part, Party, Protocol,
    Report, Supplies, Therapy, Why,
};
