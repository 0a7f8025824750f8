//! The insulin therapy in the world: scenarios, patients, devices, people, and what came of them.

pub mod bedside;
pub mod cell;
pub mod chart;
mod devices;
mod harm;
pub mod machine;
pub mod people;
pub mod scenario;
pub mod sensor;
pub mod summary;
pub mod trial;
