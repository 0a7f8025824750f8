//! What the bedside page shows of a running device.
//!
//! Owns: the function from what a device records and shows to a [`View`](homeostat_bedside::View), in
//! the words and units of its therapy; what people are shown of the past; the thread that does this
//! beside the loop, and hands on what people ask for. Promises: every figure comes from the record of a
//! cycle or from what arrived since; nothing is decided here and nothing flows back into control but what
//! a person did (UIX-02); memory is bounded; no cycle ever waits for it; a device that does not answer is
//! not shown as if it did.
//!
//! Start reading at [`Panel`], then `face.rs` (what differs between therapies), then [`page`].
#![forbid(unsafe_code)]

mod alarms;
mod delivery;
mod ending;
mod equipment;
mod face;
mod insulin;
mod memory;
mod mode;
mod offers;
pub mod page;
mod propofol;
mod view;

pub use view::Panel;
