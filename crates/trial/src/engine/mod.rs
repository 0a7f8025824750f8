//! The engine of a trial. It knows no therapy: a world is a [`Machine`](homeostat_assembly::Machine) (the real loop), an
//! [`Actuator`] and a [`Bedside`] that a therapy brings.

mod actuator;
mod attention;
mod fault;
mod memory;
mod profile_store;
mod world;

pub use actuator::{Actuator, ActuatorSettings, Delivered};
pub use attention::{Acts, Attention, after};
pub use fault::{ControllerFault, PortFaults};
pub use memory::MemoryDisk;
pub use profile_store::{ProfileFault, ProfileStore, install, test_signer};
pub use world::{Bedside, Clockwork, SENSED_MAX, Seen, Sensed, TICKS_MAX, Watcher, World};
