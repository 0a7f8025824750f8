//! The insulin therapy's side of a world: the patient with meals, the sensor under the skin, the
//! people, and whatever goes wrong with them.

use homeostat_patients::meals::Plate;
use homeostat_patients::units::{Grams, InsulinUnits};
use homeostat_patients::{EvaluationModel, MinuteInputs};
use homeostat_record::{
    CHANNELS, Cause, Decision, List, PERSON_ACTIONS_MAX, PersonAction, Span, Steps,
};

use super::devices::Exactness;
use super::people::{Announced, People};
use super::scenario::{DAY_MINUTES, Fault, FaultKind, Meal, Scenario};
use super::sensor::Sensor;
use crate::engine::{Bedside, Delivered, PortFaults, Sensed};

/// A virtual patient that may judge a controller, whatever the family.
pub type Patient = Box<dyn EvaluationModel>;

/// Faults with the length of the run-in, asked by minute of the run.
#[derive(Clone, Debug)]
pub struct Plan {
    faults: Vec<Fault>,
    run_in_minutes: u32,
}

impl Plan {
    /// The faults of a scenario and of one of its hazards.
    #[must_use]
    pub fn new(scenario: &Scenario, hazard: &[Fault]) -> Self {
        let faults = scenario.faults.iter().chain(hazard).copied().collect();
        Self { faults, run_in_minutes: scenario.run_in_days * DAY_MINUTES }
    }

    /// All kinds.
    pub fn kinds(&self) -> impl Iterator<Item = FaultKind> + '_ {
        self.faults.iter().map(|fault| fault.kind)
    }

    /// The kinds that hold in this minute.
    pub fn at(&self, minute: u32) -> impl Iterator<Item = FaultKind> + '_ {
        let holds = move |fault: &&Fault| fault.when.holds(minute, self.run_in_minutes);
        self.faults.iter().filter(holds).map(|fault| fault.kind)
    }

    /// Every stretch of minutes, up to `end`, in which a fault holds: kind, first minute, first
    /// minute after it.
    pub fn spans(&self, end: u32) -> impl Iterator<Item = (FaultKind, u32, u32)> + '_ {
        self.faults.iter().flat_map(move |fault| {
            let spans = fault.when.spans(self.run_in_minutes, end);
            spans.into_iter().map(|(from, until)| (fault.kind, from, until))
        })
    }

    /// Whether any fault ever holds.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.faults.is_empty()
    }

    /// What is wrong at the ports in this minute.
    #[must_use]
    pub fn faults_in(&self, minute: u32) -> PortFaults {
        let mut faults = PortFaults::default();
        for kind in self.at(minute) {
            apply(&mut faults, kind);
        }
        faults
    }

    /// What people say of the meals of the whole run: wrong amounts, late, twice, or nothing.
    #[must_use]
    pub fn announcements(&self, meals: &[Meal], days: u32) -> Vec<Announced> {
        let mut said = Vec::new();
        for day in 0..days {
            for meal in meals {
                let minute = day * DAY_MINUTES + meal.at_minute;
                self.announce(&mut said, minute, meal.carbohydrate_g);
            }
        }
        said.sort_by_key(|announced| announced.at);
        said
    }

    fn announce(&self, said: &mut Vec<Announced>, minute: u32, carbohydrate_g: f64) {
        let (mut factor, mut late, mut twice) = (1.0, 0, false);
        for kind in self.at(minute) {
            match kind {
                FaultKind::CarbError(by) => factor *= by,
                FaultKind::BolusLate(minutes) => late = minutes,
                FaultKind::BolusMissed => return,
                FaultKind::AnnouncedTwice => twice = true,
                _ => {}
            }
        }
        let at = |minute: u32| Span::from_minutes(u64::from(minute));
        let carbohydrate_g = carbohydrate_g * factor;
        said.push(Announced { at: at(minute + late), carbohydrate_g, with_bolus: true });
        if twice {
            said.push(Announced { at: at(minute + late + 5), carbohydrate_g, with_bolus: false });
        }
    }
}

fn apply(faults: &mut PortFaults, kind: FaultKind) {
    match kind {
        FaultKind::LateReadings(_) => faults.sensor_delayed = true,
        FaultKind::DuplicateReadings => faults.frames_twice = true,
        FaultKind::Occlusion => faults.blocked = true,
        FaultKind::PumpSilent => faults.actuator_silent = true,
        FaultKind::ReportsTwice => faults.reports_twice = true,
        FaultKind::DeliveryError(factor) => faults.delivery_error += factor - 1.0,
        FaultKind::ClockJump(minutes) => faults.clock_offset_millis += i64::from(minutes) * 60_000,
        FaultKind::Profile(fault) => faults.profile = Some(fault),
        FaultKind::StorageLost => faults.establish(Cause::RecordLost),
        FaultKind::Controller(fault) => fault.apply(faults),
        FaultKind::Settings(_)
        | FaultKind::CarbError(_)
        | FaultKind::BolusLate(_)
        | FaultKind::BolusMissed
        | FaultKind::AnnouncedTwice
        | FaultKind::Dropout
        | FaultKind::Frozen
        | FaultKind::Bias(_)
        | FaultKind::CompressionLow(_)
        | FaultKind::UnitSlip => {}
    }
}

/// Everything around the loop of one patient.
pub struct InsulinBedside {
    /// The person treated.
    pub patient: Patient,
    /// What stands on the table.
    pub plate: Plate,
    /// Meals of every day.
    pub meals: Vec<Meal>,
    /// The sensor.
    pub sensor: Sensor,
    /// The people.
    pub people: People,
    /// What goes wrong.
    pub plan: Plan,
    /// Units of insulin in one step of the pump.
    pub step: f64,
    /// How exactly the pump delivers.
    pub exactness: Exactness,
    /// The pump's own background, steps per cycle.
    pub background: Steps,
    /// True glucose under the skin at the end of each minute lived, mg/dL.
    pub course: Vec<f64>,
}

impl InsulinBedside {
    /// True glucose under the skin, mg/dL.
    #[must_use]
    pub fn glucose(&self) -> f64 {
        self.patient.interstitial_glucose().0
    }

    fn minute_of(at: Span) -> u32 {
        u32::try_from(at.as_minutes()).unwrap_or(u32::MAX)
    }
}

impl Bedside for InsulinBedside {
    fn faults(&self, at: Span) -> PortFaults {
        if self.plan.is_empty() {
            return PortFaults::default();
        }
        self.plan.faults_in(Self::minute_of(at))
    }

    fn sense(&mut self, at: Span) -> Sensed {
        let glucose = self.glucose();
        let mut sensed = Sensed::new();
        if let Some(frame) = self.sensor.read(at, glucose, &self.plan) {
            // One frame always fits.
            let _ = sensed.push(frame);
        }
        sensed
    }

    fn people(&mut self, at: Span, shown: &Decision) -> List<PersonAction, PERSON_ACTIONS_MAX> {
        self.people.act(at, shown, self.sensor.last())
    }

    fn background(&self, _at: Span) -> [Steps; CHANNELS] {
        [self.background, Steps::ZERO]
    }

    fn live(&mut self, at: Span, delivered: &Delivered) {
        let of_day = Self::minute_of(at) % DAY_MINUTES;
        for meal in self.meals.iter().filter(|meal| meal.at_minute == of_day) {
            self.plate.serve(Grams(meal.carbohydrate_g));
        }
        let eaten = self.plate.eat_for_a_minute();
        if at.as_minutes().is_multiple_of(5) {
            self.exactness.draw();
        }
        let insulin = InsulinUnits(self.exactness.real(delivered.real[0]) * self.step);
        self.patient.advance_minute(MinuteInputs { eaten, insulin });
        self.course.push(self.glucose());
    }
}
