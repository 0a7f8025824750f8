//! The bedside page: a local web page, served by the device, for who stands at the bed.
//!
//! Owns the words and signs on that page, live updates, the entry of numbers and the way of what
//! people ask for to the device. Promises: whatever is shown comes from the last [`View`] that the
//! device published and carries its age; Stop needs no login, no script and one tap; nothing is
//! loaded from anywhere else; nothing that is typed is guessed. Absent: links, storage, control,
//! therapies, transport encryption (see the README).
//!
//! Start reading: [`view`] (what is shown), [`render`] (how), [`entry`] (numbers), [`server`].
#![forbid(unsafe_code)]

pub mod entry;
pub mod inbox;
pub mod render;
pub mod server;
pub mod view;

pub use inbox::{Answer, Asked, Inbox, Wish};
pub use server::{Bedside, Config, Pin, StartError};
pub use view::View;
