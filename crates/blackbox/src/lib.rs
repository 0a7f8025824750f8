//! The crate page follows.
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
pub mod hash;
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

pub use hash::Hash;
