//! The anaesthetic side of a world: the person, what surgery does, the monitor, the syringe, the
//! clinician, and whatever goes wrong with them.

use homeostat_patients::anaesthesia::patient::{AnaesthesiaPatient, Arousal, Infusions};
use homeostat_patients::anaesthesia::pump::SyringePump;
use homeostat_patients::anaesthesia::stimulus::Stimulus;
use homeostat_patients::anaesthesia::units::{
    MgPerMl, MgPerSecond, MlPerHour, Seconds, UgPerSecond,
};
use homeostat_record::{
    CHANNELS, Cause, Decision, List, PERSON_ACTIONS_MAX, PersonAction, Span, Steps,
};

use super::monitor::{IndexMonitor, PressureLine};
use super::people::Clinician;
use super::remifentanil::SecondSyringe;
use super::scenario::{Fault, FaultKind, Onsets, Scenario};
use crate::engine::{Bedside, Delivered, PortFaults, Sensed};

/// Seconds from switching on to the announcement of induction: the self-test, preconditions, and the
/// quality of the index before somebody relies on it.
pub const PREPARATION_SECONDS: u32 = 180;
/// Flow of a pump that gives one microlitre a second, mL/h.
const ONE_MICROLITRE: f64 = 3.6;
/// A syringe is changed when so much of it is given, mL.
const CHANGED_AFTER: f64 = 49.0;
/// Somebody clears an occluded line after this long.
const CLEARED_AFTER: u32 = 60;

/// Faults asked by second since the announcement of induction.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    faults: Vec<Fault>,
}

impl Plan {
    /// The faults of a scenario and of one of its hazards.
    #[must_use]
    pub fn new(scenario: &Scenario, hazard: &[Fault]) -> Self {
        Self { faults: scenario.faults.iter().chain(hazard).copied().collect() }
    }

    /// All of them.
    pub fn faults(&self) -> impl Iterator<Item = Fault> + '_ {
        self.faults.iter().copied()
    }

    /// The kinds that hold at this time of the world.
    pub fn at(&self, at: Span) -> impl Iterator<Item = FaultKind> + '_ {
        let second = since_induction(at);
        let holds = move |fault: &&Fault| second.is_some_and(|second| fault.when.holds(second));
        self.faults.iter().filter(holds).map(|fault| fault.kind)
    }

    /// What is wrong at the ports at this time of the world.
    #[must_use]
    pub fn faults_at(&self, at: Span) -> PortFaults {
        let mut faults = PortFaults::default();
        for kind in self.at(at) {
            apply(&mut faults, kind);
        }
        faults
    }

    /// The product of a setting's factors.
    #[must_use]
    pub fn factor(&self, of: fn(FaultKind) -> Option<f64>) -> f64 {
        self.faults.iter().filter_map(|fault| of(fault.kind)).fold(1.0, |all, one| all * one)
    }
}

/// Seconds since the announcement of induction was due; `None` before.
#[must_use]
pub(super) fn since_induction(at: Span) -> Option<u32> {
    let second = u32::try_from(at.as_millis() / 1_000).unwrap_or(u32::MAX);
    second.checked_sub(PREPARATION_SECONDS)
}

fn apply(faults: &mut PortFaults, kind: FaultKind) {
    match kind {
        FaultKind::LateReadings => faults.sensor_delayed = true,
        FaultKind::DuplicateReadings => faults.frames_twice = true,
        FaultKind::PumpSilent => faults.actuator_silent = true,
        FaultKind::ReportsTwice => faults.reports_twice = true,
        FaultKind::ClockJump(seconds) => faults.clock_offset_millis += i64::from(seconds) * 1_000,
        FaultKind::Profile(fault) => faults.profile = Some(fault),
        FaultKind::StorageLost => faults.establish(Cause::RecordLost),
        FaultKind::Controller(fault) => fault.apply(faults),
        // These lie in the person's figures, in the monitor or in the syringe.
        FaultKind::Weight(_)
        | FaultKind::Strength(_)
        | FaultKind::Silent
        | FaultKind::Quality(_)
        | FaultKind::Muscle(..)
        | FaultKind::Stuck
        | FaultKind::Jump(_)
        | FaultKind::DelayFactor(_)
        | FaultKind::Suppression(_)
        | FaultKind::UnitSlip
        | FaultKind::WrongUnit
        | FaultKind::LowPressure(_)
        | FaultKind::PressureSilent
        | FaultKind::Occlusion
        | FaultKind::DeliveryError(_) => {}
    }
}

/// The syringe behind the actuator: steps in, drug out.
#[derive(Clone, Debug)]
pub struct Syringe {
    /// The pump's physics.
    pub pump: SyringePump,
    /// What is really in it.
    pub strength: MgPerMl,
    /// Largest flow, mL/h.
    pub largest: f64,
    /// Microlitres that were counted and not yet pushed: a pump pushes no faster than it can.
    owed: f64,
    /// Millilitres given when the syringe was put in.
    since: f64,
    /// Seconds since the pump stopped because of pressure.
    stopped: Option<u32>,
}

impl Syringe {
    /// A new syringe.
    #[must_use]
    pub const fn new(pump: SyringePump, strength: MgPerMl, largest: f64) -> Self {
        Self { pump, strength, largest, owed: 0.0, since: 0.0, stopped: None }
    }

    /// One second with this many microlitres counted; the drug that reached the vein, mg.
    fn push(&mut self, counted: Steps) -> f64 {
        self.owed += f64::from(counted.0);
        let wanted = homeostat_numeric::min(self.owed * ONE_MICROLITRE, self.largest);
        if let Ok(MlPerHour(rate)) = self.pump.set_rate(MlPerHour(wanted)) {
            self.owed = homeostat_numeric::max(0.0, self.owed - rate / ONE_MICROLITRE);
        }
        let second = self.pump.advance_second();
        if let Some(report) = second.report {
            self.attend(report.occluded, report.empty, report.given.0);
        }
        second.delivered.of_propofol(self.strength).0
    }

    /// What people do at the pump: a new syringe before the old one is empty, a line that is cleared.
    fn attend(&mut self, occluded: bool, empty: bool, given: f64) {
        self.stopped = occluded.then(|| self.stopped.map_or(0, |seconds| seconds + 1));
        let cleared = self.stopped.is_some_and(|seconds| seconds >= CLEARED_AFTER);
        if empty || cleared || given - self.since >= CHANGED_AFTER {
            self.pump.renew();
            (self.since, self.owed, self.stopped) = (given, 0.0, None);
        }
    }
}

/// Everything around the loop of one person.
#[derive(Clone, Debug)]
pub struct PropofolBedside {
    /// The person treated.
    pub patient: AnaesthesiaPatient,
    /// What surgery does, by time since induction.
    pub stimulus: Stimulus,
    /// The monitor.
    pub monitor: IndexMonitor,
    /// The arterial line, if one is connected.
    pub line: Option<PressureLine>,
    /// The syringe.
    pub syringe: Syringe,
    /// The syringe of remifentanil beside it, if there is one.
    pub second_syringe: Option<SecondSyringe>,
    /// Milligrams of propofol in a step, as the profile says.
    pub step_mg: f64,
    /// Whether stimuli are attenuated.
    pub attenuated: bool,
    /// The clinician.
    pub clinician: Clinician,
    /// What goes wrong.
    pub plan: Plan,
    /// True index at the end of each second since induction.
    pub course: Vec<f64>,
    /// Second since induction at which emergence is due.
    pub emergence_second: u32,
    /// Drug that had reached the person by then, mg.
    pub drug: f64,
    /// Remifentanil that had, ug.
    pub opioid: f64,
    /// What has shown itself so far.
    pub onsets: Onsets,
}

impl PropofolBedside {
    /// True index, before its delay.
    #[must_use]
    pub fn index(&self) -> f64 {
        self.patient.undelayed_index().0
    }
}

impl Bedside for PropofolBedside {
    fn faults(&self, at: Span) -> PortFaults {
        let mut faults = self.plan.faults_at(at);
        faults.blocked = self.syringe.stopped.is_some();
        faults
    }

    fn sense(&mut self, at: Span) -> Sensed {
        let mut sensed = Sensed::new();
        let index = self.monitor.read(at, self.patient.index(), self.plan.at(at));
        let pressure = self.patient.haemodynamics().map(|now| now.pressure);
        let faults = || self.plan.at(at).filter(FaultKind::is_of_the_line);
        let line = self.line.as_mut().zip(pressure);
        let pressure = line.and_then(|(line, now)| line.read(at, now, faults()));
        if faults().next().is_some() && self.line.as_ref().is_some_and(PressureLine::is_low) {
            self.onsets.pressure_low = self.onsets.pressure_low.or_else(|| since_induction(at));
        }
        for frame in index.into_iter().chain(pressure) {
            // Two frames always fit.
            let _ = sensed.push(frame);
        }
        sensed
    }

    fn people(&mut self, at: Span, shown: &Decision) -> List<PersonAction, PERSON_ACTIONS_MAX> {
        self.clinician.act(at, shown, self.monitor.shown())
    }

    fn background(&self, _at: Span) -> [Steps; CHANNELS] {
        // Without orders a syringe pump under remote control stands still.
        [Steps::ZERO; CHANNELS]
    }

    fn live(&mut self, at: Span, delivered: &Delivered) {
        let drug = self.syringe.push(delivered.counted[0]);
        let second = since_induction(at);
        if self.syringe.stopped.is_some() {
            self.onsets.pump_stopped = self.onsets.pump_stopped.or(second);
        }
        let time = Seconds(second.map_or(-1.0, f64::from));
        let arousal = Arousal { stimulus: self.stimulus.at(time), attenuated: self.attenuated };
        let counted = MgPerSecond(f64::from(delivered.counted[0].0) * self.step_mg);
        let sleeps = self.clinician.is_to_sleep();
        let beside = self.second_syringe.as_mut().map(|syringe| syringe.push(counted, sleeps));
        let (propofol, remifentanil) = (MgPerSecond(drug), beside.unwrap_or(UgPerSecond(0.0)));
        let infusions = Infusions { propofol, remifentanil, ..Infusions::default() };
        self.patient.advance_second(infusions, arousal);
        if let Some(second) = second {
            self.course.push(self.index());
            if second < self.emergence_second {
                let (propofol, remifentanil) = self.patient.given();
                (self.drug, self.opioid) = (propofol.0, remifentanil.0);
            }
        }
    }
}
