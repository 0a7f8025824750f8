//! The opinion as a whole: its rules one by one, its laws, and honest and broken controllers.

mod laws;
mod loops;
mod profile;
mod rules;
pub(crate) mod world;
