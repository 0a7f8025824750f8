//! The insulin therapy in the world: scenarios, patients, devices, people, and what came of them.

pub mod analysis;
pub mod bedside;
pub mod cell;
pub mod chart;
pub mod devices;
mod harm;
pub mod people;
pub mod scenario;
pub mod sensor;
pub mod summary;
pub mod trial;
