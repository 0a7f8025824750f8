//! The engine of a trial. It knows no therapy: a world is a [`Machine`] (the real loop), an
//! [`Actuator`] and a [`Bedside`] that a therapy brings.

mod actuator;
mod fault;
mod machine;
mod memory;
mod profile_store;
mod recorder;
pub mod signed_profile;
mod world;

pub use actuator::{Actuator, ActuatorSettings, Delivered};
pub use fault::PortFaults;
pub use machine::{Corruption, LoopMachine, Machine, Retrace, Turn};
pub use memory::MemoryDisk;
pub use profile_store::{
    InstalledProfile, ProfileFault, ProfileStore, Trust, install, test_signer,
};
pub use recorder::{BoxIdentity, Cadence, RecordError, Recorder, SCHEMA};
pub use world::{Bedside, Clockwork, SENSED_MAX, Seen, Sensed, TICKS_MAX, Watcher, World};
