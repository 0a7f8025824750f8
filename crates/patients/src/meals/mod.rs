//! Meals: how they are eaten, when a day has them, and how people announce them.

mod plate;

pub use plate::Plate;
