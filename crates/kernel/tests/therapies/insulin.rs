//! Automated insulin delivery: the shipped loop, and one number for a person.

use super::Therapy;
use homeostat_insulin::LoopController;
use homeostat_insulin::controller::Predictive;
use homeostat_insulin::profile::{PROFILE_BYTES_MAX, Profile, ReferencePerson};
use homeostat_insulin::sensing::{GLUCOSE, MG_DL};
use homeostat_insulin::units::{GramsPerUnit, Kilograms, MgDlPerUnit, Units, UnitsPerHour, Years};
use homeostat_insulin::watch::Supervised;
use homeostat_kernel::Loop;
use homeostat_record::{Action, Announcement, CHANNELS, SensorFrame, Steps};
use homeostat_second_opinion::InsulinOpinion;

/// Glucose, thousandths of mg/dL, and insulin that has not acted yet, steps.
#[derive(Clone)]
pub(crate) struct Insulin {
    glucose: i64,
    acting: i64,
}

fn profile() -> Profile {
    Profile::reference_for(&ReferencePerson {
        age: Years(35.0),
        weight: Kilograms(70.0),
        daily_dose: Units(40.0),
        basal: UnitsPerHour(0.9),
        carbohydrate_ratio: GramsPerUnit(12.0),
        correction_factor: MgDlPerUnit(45.0),
        pump_step: Units(0.01),
        sensor: 7,
        pump: 8,
    })
    .unwrap()
}

impl Therapy for Insulin {
    type Controller = LoopController<Predictive>;
    type Profile = Supervised;
    type Opinion = InsulinOpinion;
    const PERIOD: u64 = 300_000;
    const ACTUATOR: u32 = 8;
    const VARIABLES: usize = 1;

    fn begin() -> Self {
        Self { glucose: 170_000, acting: 0 }
    }

    fn machine() -> Loop<Self::Controller, Self::Profile, Self::Opinion> {
        let profile = profile();
        let mut space = [0; PROFILE_BYTES_MAX];
        let bytes = profile.content().encode(&mut space).unwrap();
        Loop {
            controller: LoopController::new(&profile, Predictive::of(&profile)),
            profile: Supervised::new(&profile),
            opinion: InsulinOpinion::from_profile(bytes).unwrap(),
        }
    }

    fn sense(&self, cycle: u64, taken_millis: u64) -> Vec<SensorFrame> {
        // A sensor is never quite still.
        let noise = i64::try_from(cycle * 7 % 5).unwrap() * 700 - 1_400;
        vec![SensorFrame {
            quantity: GLUCOSE,
            unit: MG_DL,
            source: 7,
            sequence: u32::try_from(cycle).unwrap(),
            taken_millis,
            value_thousandths: i32::try_from(self.glucose + noise).unwrap_or(i32::MAX),
            quality: 100,
            noise: u8::MAX,
            session_minutes: u16::try_from(600 + cycle * 5).unwrap_or(u16::MAX),
            ..SensorFrame::default()
        }]
    }

    fn live(&mut self, [insulin, _]: [Steps; CHANNELS]) {
        self.acting += i64::from(insulin.0);
        let acts = self.acting / 24;
        self.acting -= acts;
        // Seven steps hold the level; one more lowers it by the correction factor.
        self.glucose += (7 - acts) * 450 + (120_000 - self.glucose) / 200;
    }

    fn disturb(&mut self, by: i32) {
        self.glucose = i64::from(by);
    }

    fn people(cycle: u64) -> Vec<Action> {
        let meal = Action::Announce(Announcement { kind: 1, amount: 30_000 });
        if cycle == 30 { vec![meal] } else { vec![] }
    }
}
