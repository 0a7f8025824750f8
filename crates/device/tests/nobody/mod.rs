//! A controller that never answers.

use std::time::Duration;

use homeostat_device::controller::confinement::Confinement;
use homeostat_device::controller::{ControllerPort, Heard};
use homeostat_record::Input;

pub(crate) struct Nobody;

impl ControllerPort for Nobody {
    fn ask(&mut self, _: &[u8], _: &Input, _: Duration) -> Heard {
        Heard::Late
    }
    fn confinement(&self) -> Option<Confinement> {
        None
    }
    fn starts(&self) -> u64 {
        1
    }
}
