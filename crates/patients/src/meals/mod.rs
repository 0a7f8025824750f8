//! Meals: when a day has them, how they are eaten, and what people say about them.

mod announce;
mod plan;
mod plate;

pub use announce::{Announcement, Announcing, announce};
pub use plan::{Meal, random_days, standard_days};
pub use plate::Plate;
