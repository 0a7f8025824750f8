//! Closed-loop propofol anaesthesia: the shipped loop, and a person of two numbers.

use super::{CHOSEN, Therapy};
use homeostat_kernel::Loop;
use homeostat_propofol::LoopController;
use homeostat_propofol::algorithm::{Person, Sex};
use homeostat_propofol::controller::Predictive;
use homeostat_propofol::profile::{PROFILE_BYTES_MAX, Profile, ReferencePerson};
use homeostat_propofol::sensing::{INDEX, INDEX_UNIT};
use homeostat_propofol::units::{Centimetres, Kilograms, Years};
use homeostat_propofol::watch::Supervised;
use homeostat_record::{Action, Announcement, CHANNELS, SensorFrame, Steps};
use homeostat_second_opinion::PropofolOpinion;

/// What is in the plasma, and what has its effect: thousandths of the index that they take away.
#[derive(Clone)]
pub(crate) struct Propofol {
    plasma: i64,
    effect: i64,
    stimulus: i64,
}

fn profile() -> Profile {
    Profile::reference_for(&ReferencePerson {
        person: Person {
            age: Years(44.0),
            weight: Kilograms(75.0),
            height: Centimetres(176.0),
            sex: Sex::Male,
            opioids: true,
        },
        beyond_limits: false,
        monitor: 7,
        line: None,
        pump: 8,
    })
    .unwrap()
}

impl Therapy for Propofol {
    type Controller = LoopController<Predictive>;
    type Profile = Supervised;
    type Opinion = PropofolOpinion;
    const PERIOD: u64 = 5_000;
    const ACTUATOR: u32 = 8;
    const VARIABLES: usize = 1;

    fn begin() -> Self {
        Self { plasma: 0, effect: 0, stimulus: 0 }
    }

    fn machine() -> Loop<Self::Controller, Self::Profile, Self::Opinion> {
        let profile = profile();
        let mut space = [0; PROFILE_BYTES_MAX];
        let bytes = profile.content().encode(&mut space).unwrap();
        let predictive = Predictive::new(*profile.predictive(), &profile.settings());
        Loop {
            controller: LoopController::new(&profile, predictive),
            profile: Supervised::new(&profile),
            opinion: PropofolOpinion::from_profile(bytes).unwrap(),
        }
    }

    fn sense(&self, cycle: u64, taken_millis: u64) -> Vec<SensorFrame> {
        // An electroencephalogram is never quite still.
        let noise = i64::try_from(cycle * 7 % 5).unwrap() * 500 - 1_000;
        let index = (93_000 - self.effect + self.stimulus + noise).clamp(0, 100_000);
        vec![SensorFrame {
            quantity: INDEX,
            unit: INDEX_UNIT,
            source: 7,
            sequence: u32::try_from(cycle).unwrap(),
            taken_millis,
            value_thousandths: i32::try_from(index).unwrap(),
            quality: 95,
            noise: u8::MAX,
            detail: [30, 0],
            ..SensorFrame::default()
        }]
    }

    fn live(&mut self, [propofol, _]: [Steps; CHANNELS]) {
        // Ninety steps in a cycle hold about half of the index.
        self.plasma += i64::from(propofol.0) * 4 - self.plasma / 120;
        self.effect += (self.plasma - self.effect) / 24;
    }

    fn disturb(&mut self, by: i32) {
        self.stimulus = i64::from(by);
    }

    fn people(cycle: u64) -> Vec<Action> {
        let announce = |kind, amount| Action::Announce(Announcement { kind, amount });
        // Ready, and then an induction.
        if cycle == CHOSEN + 2 { vec![announce(4, 0), announce(1, 1)] } else { vec![] }
    }
}
