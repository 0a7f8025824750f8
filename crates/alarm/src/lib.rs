//! Alarm signals: what is heard and seen of the supervisor's alarm conditions (IEC 60601-1-8's words).
//!
//! Owns: one sound, one light, the pause of the sound, reminders, the watch over what makes them.
//! Promises: integers only, no allocation, no panic; time is an argument; whatever is new sounds,
//! whatever is paused sounds again by itself, nothing lower masks what is higher, light and words are
//! never switched off. Absent: conditions and their priorities (the supervisor's), clocks, loudspeakers.
//!
//! Start reading at [`Signals`], then [`Sound`] and [`Light`], then [`Path`].
#![no_std]
#![forbid(unsafe_code)]
#![deny(
    clippy::float_arithmetic,
    clippy::wildcard_enum_match_arm,
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic
)]

mod light;
mod path;
mod settings;
mod signals;
mod sound;
mod wave;

pub use light::{Colour, Flash, Light};
pub use path::Path;
pub use settings::{Settings, SettingsError};
pub use signals::{Audio, NotPaused, Signal, Signals};
pub use sound::{Pulse, Sound};
pub use wave::{RATE, sample};
