//! The dose of propofol, judged a second time and by other means (SUP-04).
//!
//! The same three questions as for insulin: would I allow this command; may anything be delivered
//! at all; how far is my figure from yours. Own readers of frame and profile, own line of time, own
//! kinetics (whole numbers, closed forms that follow one another), own stage of the anaesthetic.
//!
//! Start with [`PropofolOpinion`].

mod delivery;
mod frame;
mod kinetics;
mod monitor;
mod opinion;
mod settings;
mod stage;
#[cfg(test)]
mod tests;

pub use kinetics::Kinetics;
pub use opinion::{PropofolOpinion, PropofolState};
pub use settings::{PropofolSettings, PropofolSettingsError};
