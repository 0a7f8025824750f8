//! The dose, judged a second time and by other means (SUP-04): of insulin, and of propofol
//! ([`propofol`]).
//!
//! Owns: an [`InsulinOpinion`] and a [`PropofolOpinion`], which read the same inputs as the controller and answer three
//! questions about its proposal: would I allow this command; may anything be delivered at all
//! with this input; how far is my figure from yours. Promises: integers only, total over every
//! input and state, no allocation, no panic path. Absent: a way to deliver, to choose a mode or
//! to read a clock.
//!
//! It shares nothing with what it checks but the words of `homeostat-record`: own decoder of the
//! sensor frame and of the profile, own curve of insulin action (a convolution that is normalised
//! by its own sum), own history (slots of five minutes), own rate of change (a median of slopes),
//! prohibitions where the first has ceilings.
//!
//! Start reading at [`InsulinOpinion`], then `limits` (what is prohibited) and `band` (what a
//! sensible controller could want).
#![no_std]
#![forbid(unsafe_code)]
#![deny(
    clippy::float_arithmetic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::unreachable,
    clippy::string_slice,
    clippy::as_conversions
)]
#![cfg_attr(
    test,
    allow(
        clippy::float_arithmetic,
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects,
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::as_conversions
    )
)]

#[cfg(test)]
extern crate std;

mod band;
mod claims;
mod conduct;
mod curve;
mod delivery;
mod frame;
mod glucose;
mod held_up;
mod history;
mod leak;
mod lessons;
mod limits;
mod meals;
mod opinion;
mod overdue;
mod profile;
pub mod propofol;
mod settings;
mod shortfall;
mod signs;
mod situation;
#[cfg(test)]
mod tests;
mod timeline;
mod whole;

pub use opinion::{InsulinOpinion, InsulinState};
pub use propofol::{PropofolOpinion, PropofolState};
pub use settings::{
    Bounds, Carbohydrate, Control, DEVICES, Glucose, InsulinAction, Levels, Milliunits, Minutes,
    PerMille, Person, Sensing, Settings, SettingsError, Years,
};
