//! The engine of a trial. It knows no therapy: a world is a [`Machine`] (the real loop), an
//! [`Actuator`] and a [`Bedside`] that a therapy brings.

mod actuator;
mod fault;
mod machine;
mod world;

pub use actuator::{Actuator, ActuatorSettings, Delivered};
pub use fault::PortFaults;
pub use machine::{Corruption, LoopMachine, Machine, Retrace, Turn};
pub use world::{Bedside, Clockwork, Seen, TICKS_MAX, Watcher, World};
