//! The black box: a log that shows whether it was tampered with. It knows bytes alone.
//!
//! Each device writes a transparency log as C2SP describes it: an RFC 6962 SHA-256 tree, checkpoints as signed
//! notes, a `tlog-tiles` folder on export. Keys change every epoch, and the old private key is wiped, so that
//! who takes the device today cannot rewrite yesterday.
//!
//! | to | use |
//! | --- | --- |
//! | write a log in a folder | [`store::create`], [`store::open`], then [`Log::append`], [`Log::flush`], [`Log::close`] |
//! | read one | [`store::Reader`] |
//! | verify one, ours or any `tlog-tiles` folder | [`store::verify_folder`] |
//! | prove an entry to someone who has only the root key | [`evidence::evidence`], [`evidence::verify_evidence`] |
//! | hand it to another tool | [`export::export`] |
//! | write a log on other storage | [`Disk`] and [`Log`] |
//! | lose power at every moment | [`testing::crash`] |
//!
//! Without the feature `std` the crate needs neither the standard library nor an allocator: tree, proofs, tiles,
//! notes, entries, recovery and the writer itself remain. Nothing in it panics on any input.
//!
//! What it cannot do: show, by the log alone, that a whole log was put back to an older state of itself, or that its
//! tail was cut off at an older checkpoint together with the slots. That takes someone who remembers:
//! [`verdict::Options::known_heads`], [`verdict::Options::known_checkpoints`], or the cloud.
#![cfg_attr(not(feature = "std"), no_std)]
#![forbid(unsafe_code)]
#![cfg_attr(
    not(test),
    deny(
        clippy::indexing_slicing,
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::unreachable,
        clippy::string_slice
    )
)]

pub mod cbor;
pub mod checkpoint;
pub mod crc;
pub mod disk;
pub mod entry;
#[cfg(feature = "std")]
pub mod evidence;
#[cfg(feature = "std")]
pub mod export;
pub mod fault;
#[cfg(feature = "std")]
pub mod folder;
pub mod frame;
pub mod frontier;
#[cfg(feature = "std")]
pub mod fuzzing;
pub mod hash;
#[cfg(feature = "std")]
mod known;
pub mod layout;
pub mod log;
pub mod note;
pub mod proof;
pub mod recover;
pub mod state;
#[cfg(feature = "std")]
pub mod store;
#[cfg(feature = "std")]
pub mod testing;
pub mod text;
pub mod tile;
#[cfg(feature = "std")]
pub mod tiles;
#[cfg(feature = "std")]
pub mod tree;
#[cfg(feature = "std")]
pub mod verdict;
#[cfg(feature = "std")]
pub mod verify;

#[cfg(test)]
mod testdata;

pub use disk::Disk;
pub use entry::{Body, Entry, Header, Kind, Milliseconds, Monotonic, Times};
pub use hash::Hash;
pub use log::{Config, Log, LogError, Recovery, Stamp};
pub use note::{Name, VerifierKey};
#[cfg(feature = "std")]
pub use store::{FolderLog, Reader, StoreError, verify_folder};
#[cfg(feature = "std")]
pub use verdict::{Options, Verdict};
