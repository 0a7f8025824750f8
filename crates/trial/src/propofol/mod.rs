//! Propofol anaesthesia in the world: scenarios, patients, devices, people, and what came of them.

pub mod bedside;
pub mod cell;
pub mod chart;
mod harm;
pub mod monitor;
pub mod people;
pub mod remifentanil;
pub mod scenario;
pub mod summary;
pub mod trial;
