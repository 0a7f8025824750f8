//! The heated room of the kernel's own tests, as a therapy among others.

use super::Therapy;
use crate::house::thermostat::Thermostat;
use crate::house::{House, Neighbour, PERIOD_MILLIS, Proportional, house};
use homeostat_record::{Action, CHANNELS, Quantity, SensorFrame, Steps, Unit};

#[derive(Clone)]
pub(crate) struct Room(crate::house::Room);

impl Therapy for Room {
    type Controller = Proportional;
    type Profile = Thermostat;
    type Opinion = Neighbour;
    const PERIOD: u64 = PERIOD_MILLIS;
    const ACTUATOR: u32 = 0;
    const VARIABLES: usize = 1;

    fn begin() -> Self {
        Self(crate::house::Room::at(14_000))
    }

    fn machine() -> House {
        house()
    }

    fn sense(&self, cycle: u64, taken_millis: u64) -> Vec<SensorFrame> {
        vec![SensorFrame {
            quantity: Quantity(3),
            unit: Unit(4),
            source: 9,
            sequence: u32::try_from(cycle).unwrap(),
            taken_millis,
            value_thousandths: self.0.temperature,
            quality: 100,
            ..SensorFrame::default()
        }]
    }

    fn live(&mut self, [heat, _]: [Steps; CHANNELS]) {
        self.0.live(heat);
    }

    fn disturb(&mut self, by: i32) {
        self.0.temperature = by;
    }

    fn people(_: u64) -> Vec<Action> {
        vec![]
    }
}
