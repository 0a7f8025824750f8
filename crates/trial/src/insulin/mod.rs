//! The insulin therapy in the world: its scenario, its patients, its people.

pub mod scenario;
