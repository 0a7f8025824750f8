//! Talk between a device, its sensors and its actuators, without sockets and clocks.
//!
//! Owns: the messages and their bytes, the contract of a link and the watch on it, the channel
//! (Noise, pairing, anti-replay, rate limits), and the codecs of the Bluetooth services for glucose
//! monitors and insulin pumps. Promises: nothing is acted on before it is authenticated; each
//! message at most once; no panic on any input; memory is bounded. Absent: sockets, clocks,
//! storage, any decision about a therapy.
//!
//! Start reading at [`Message`], then [`Contract`], then [`Channel`].
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

extern crate alloc;

pub mod bluetooth;
mod bucket;
mod channel;
mod claim;
pub mod contract;
mod counters;
#[doc(hidden)]
pub mod fuzzing;
mod gate;
mod handshake;
mod keys;
pub mod message;
mod noise;
mod pairing;
mod replay_window;
mod session;
mod wire;

pub use bucket::Rate;
pub use channel::{Channel, Event, NotSent, Received, Settings, Timing, Unfit};
pub use claim::Mismatch;
pub use contract::{Cadence, Contents, Contract, LinkState, Loss, Monitor, Tally};
pub use counters::{Counters, Ignored};
pub use keys::{Entropy, NoEntropy, NoKey, PublicKey, StaticKey};
pub use message::{
    Characteristic, Content, Echo, Envelope, Hello, Message, MessageError, Order, PROTOCOL, Part,
    Party, Protocol, Report, Supplies, Therapy, Why,
};
pub use noise::End;
pub use pairing::{Code, Paired, Pairing, PairingEvent, PairingFault, PairingSettings};
pub use wire::{DATAGRAM_MAX, Datagram};
