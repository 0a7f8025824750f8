//! One cell of a trial: one person in one arm under one hazard with one seed.
//!
//! A cell is a pure function of the scenario and the seed, to the last byte of its black box.

use homeostat_assembly::propofol as machine;
use homeostat_assembly::signed_profile::Statement;
use homeostat_assembly::{BoxIdentity, Cadence, InstalledProfile, Machine, RecordError, Recorder};
use homeostat_blackbox::disk::Disk;
use homeostat_patients::anaesthesia::AnaesthesiaSubject;
use homeostat_patients::anaesthesia::covariates::Sex as PatientSex;
use homeostat_patients::anaesthesia::patient::AnaesthesiaPatient;
use homeostat_patients::anaesthesia::propofol::PropofolModel;
use homeostat_patients::anaesthesia::pump::{
    SyringeFault, SyringeFaultKind, SyringePump, SyringePumpModel,
};
use homeostat_patients::anaesthesia::units::{
    MgPerMl, MmHg, Seconds as Time, UgPerKgPerMinute, UgPerSecond,
};
use homeostat_patients::anaesthesia::validity::{Breach, Limits};
use homeostat_patients::random::Seed;
use homeostat_propofol::algorithm::{Person, Sex};
use homeostat_propofol::profile::scale::{MilliIndex, WholeSeconds};
use homeostat_propofol::profile::{Content, PROFILE_BYTES_MAX, Profile, ReferencePerson};
use homeostat_propofol::units as of;
use homeostat_record::{CHANNELS, CycleEntry, Span, Steps};

use super::bedside::{PREPARATION_SECONDS, Plan, PropofolBedside, Syringe};
use super::chart::Chart;
use super::harm::Harm;
use super::monitor::{IndexMonitor, LINE, MONITOR, PressureLine};
use super::people::{Clinician, Instructions};
use super::remifentanil::SecondSyringe;
use super::scenario::{Arm, FaultKind, Hazard, MonitorChoice, Onsets, PumpChoice, Scenario, Seeds};
use crate::cells::{BoxPlace, CellError, CellOutcome, box_of_cell, read_again};
use crate::checkers::{Findings, Panel};
use crate::engine::{ActuatorSettings, Clockwork, ProfileStore, Seen, Watcher, World, install};
use crate::metrics::{HypnosisCourse, HypnosisSummary};

/// 2026-01-01T06:57Z: induction is due at seven.
const WALL_START_MILLIS: u64 = 1_767_225_600_000 + (7 * 3_600 - PREPARATION_SECONDS as u64) * 1_000;
/// Pseudonym of the simulated pump.
pub const PUMP: u32 = 0x9A4D_0002;
/// Strength of the solution that profiles say, mg/mL.
const STRENGTH: f64 = 10.0;
/// Largest flow of the pump, mL/h, and the microlitres of one second of it.
const LARGEST: (f64, u32) = (1_200.0, 333);

/// The model of a reference profile's kinetics.
const OF_THE_LOOP: PropofolModel = PropofolModel::ELEVELD;

/// The limits of the loop's own model that a person is beyond, where somebody has overridden limits for
/// him: whatever model describes the person himself, the loop is the loop's.
pub(super) fn beyond_the_loop(subject: &AnaesthesiaSubject) -> Vec<Breach> {
    match subject.models.limits {
        Limits::Keep => Vec::new(),
        Limits::Override => OF_THE_LOOP.card().breaches(&subject.person),
    }
}

/// What a cell is made of.
#[derive(Clone, Copy, Debug)]
pub struct Cell<'t> {
    /// The scenario.
    pub scenario: &'t Scenario,
    /// The person.
    pub subject: &'t AnaesthesiaSubject,
    /// The arm.
    pub arm: &'t Arm,
    /// The hazard, if the scenario has any.
    pub hazard: Option<&'t Hazard>,
    /// The seed of the trial.
    pub seed: u64,
}

/// What came of a cell.
#[derive(Clone, Debug)]
pub struct CellResult {
    /// The person's name.
    pub subject: String,
    /// Why nothing was started: a profile that a hazard made impossible was refused.
    pub refused: Option<String>,
    /// True index in each second since induction was due.
    pub course: Vec<f64>,
    /// The measures.
    pub summary: Option<HypnosisSummary>,
    /// What the report's figures show.
    pub chart: Chart,
    /// What the checkers found, and the head of the box.
    pub findings: Findings,
    /// Body weight, kg.
    pub weight_kg: f64,
    /// Mean rate of remifentanil from induction to emergence or the end.
    pub remifentanil: UgPerKgPerMinute,
}

impl CellOutcome for CellResult {
    fn subject(&self) -> &str {
        &self.subject
    }
    fn findings(&self) -> &Findings {
        &self.findings
    }
}

/// An anaesthetic that was lived through, with its finished box.
#[derive(Debug)]
pub struct Lived<D> {
    bedside: PropofolBedside,
    panel: Panel,
    harm: Harm,
    chart: Chart,
    /// The box.
    pub disk: D,
}

impl<D> Lived<D> {
    /// The bedside as it was left.
    #[must_use]
    pub const fn bedside(&self) -> &PropofolBedside {
        &self.bedside
    }
}

/// Who looks on while a cell is run: the record of each cycle, and the true index after it.
pub type OnLooker<'l> = &'l mut dyn FnMut(&CycleEntry, f64);

impl Cell<'_> {
    /// Runs the cell, its checkers, and reads its box again.
    ///
    /// # Errors
    /// [`CellError`]; then whatever stands at `place` is not to be kept.
    pub fn run(&self, place: BoxPlace<'_>) -> Result<CellResult, CellError> {
        // A wrong setting may be refused: that is an answer, and there is no box.
        if self.is_misset()
            && let Err(CellError::Profile { reason, .. }) = self.profile()
        {
            return Ok(self.not_started(reason));
        }
        let on_memory = |disk| self.run_on(disk).map(|(result, _)| result);
        place.run(on_memory, |disk| self.run_on(disk).map(|(result, _)| result))
    }

    /// Runs the cell on a disk and hands the disk back.
    ///
    /// # Errors
    /// [`CellError`].
    pub fn run_on<D: Disk>(&self, disk: D) -> Result<(CellResult, D), CellError> {
        self.run_watched(disk, &mut |_, _| {})
    }

    /// As [`Cell::run_on`], with somebody who looks on.
    ///
    /// # Errors
    /// [`CellError`].
    pub fn run_watched<D: Disk>(
        &self,
        disk: D,
        look: OnLooker<'_>,
    ) -> Result<(CellResult, D), CellError> {
        let Lived { bedside, panel, harm, chart, mut disk } = self.live(disk, look)?;
        let inspection = read_again(&mut disk, &machine::rebuild, self.seed)?;
        let findings = panel.conclude(harm.verdict(), &inspection, self.cycles());
        Ok((self.result(&bedside, chart, findings), disk))
    }

    /// Lives through the anaesthetic and keeps its record, without reading it again.
    ///
    /// # Errors
    /// [`CellError`].
    pub fn live<D: Disk>(&self, disk: D, look: OnLooker<'_>) -> Result<Lived<D>, CellError> {
        let whose = self.whose();
        let (installed, store) = self.install(&whose.origin)?;
        let mut machine = machine::start(self.arm.control, &installed)?;
        let mut world = self.world(&*machine, store);
        let mut observer = Observer {
            recorder: Recorder::create(disk, &whose, &*machine, &installed, &self.note())?,
            panel: Panel::new(machine.limits()),
            harm: Harm::default(),
            chart: Chart::new(self.cycles() as usize),
            end: self.scenario.emergence_second(),
            look,
        };
        world.run(&mut *machine, &mut observer)?;
        let Observer { recorder, panel, harm, chart, .. } = observer;
        let disk = recorder.finish(&*machine)?;
        Ok(Lived { bedside: world.into_bedside(), panel, harm, chart, disk })
    }

    fn faults(&self) -> impl Iterator<Item = FaultKind> + '_ {
        let hazard = self.hazard.map(|hazard| hazard.faults.as_slice()).unwrap_or_default();
        self.scenario.faults.iter().chain(hazard).map(|fault| fault.kind)
    }

    /// Whether a fault is in what is set before the start: such a profile may be refused.
    pub(super) fn is_misset(&self) -> bool {
        self.faults().any(|kind| kind.is_a_setting())
    }

    /// Whether an arterial line is connected: the scenario says so, or something goes wrong with it.
    fn has_line(&self) -> bool {
        self.scenario.pressure || self.faults().any(|kind| kind.is_of_the_line())
    }

    fn plan(&self) -> Plan {
        let hazard = self.hazard.map(|hazard| hazard.faults.as_slice()).unwrap_or_default();
        Plan::new(self.scenario, hazard)
    }

    fn cycles(&self) -> u64 {
        u64::from(PREPARATION_SECONDS + self.scenario.seconds())
            / u64::from(self.scenario.period_seconds)
    }

    /// The profile of this person, as it is signed.
    ///
    /// # Errors
    /// When the person is refused, or a figure contradicts another.
    pub fn profile(&self) -> Result<Profile, CellError> {
        self.content().check().map_err(|error| self.refused(error.to_string()))
    }

    fn content(&self) -> Content {
        let person = &self.subject.person;
        let weight = self.plan().factor(|kind| match kind {
            FaultKind::Weight(factor) => Some(factor),
            _ => None,
        });
        let opioids = self.scenario.remifentanil.is_some()
            || matches!(self.subject.models.propofol, PropofolModel::Eleveld { opioids: true, .. });
        let reference = ReferencePerson {
            person: Person {
                age: of::Years(person.age().0),
                weight: of::Kilograms(person.weight().0 * weight),
                height: of::Centimetres(person.height().0),
                sex: match person.sex() {
                    PatientSex::Female => Sex::Female,
                    PatientSex::Male => Sex::Male,
                },
                opioids,
            },
            beyond_limits: !beyond_the_loop(self.subject).is_empty(),
            monitor: MONITOR,
            line: self.has_line().then_some(LINE),
            pump: PUMP,
        };
        let mut content = Content::reference_for(&reference);
        content.index.target =
            MilliIndex(homeostat_numeric::round(self.scenario.target * 1_000.0) as u32);
        content.times.period = WholeSeconds(self.scenario.period_seconds);
        if self.scenario.monitor == MonitorChoice::Ideal {
            // Without noise the same value is no fault.
            content.quality.stuck_after = WholeSeconds(0);
        }
        content
    }

    fn refused(&self, reason: String) -> CellError {
        CellError::Profile { subject: self.subject.name.clone(), reason }
    }

    /// What the signer says of this person's profile, for the device with this pseudonym.
    fn statement(&self, device: &str) -> Result<Statement, CellError> {
        let profile = self.profile()?;
        let mut space = [0; PROFILE_BYTES_MAX];
        let bytes = profile.content().encode(&mut space);
        Ok(Statement {
            therapy: machine::THERAPY.to_owned(),
            device: device.to_owned(),
            revision: profile.content().header.revision.0,
            profile: bytes.map_err(|error| self.refused(error.to_string()))?.to_vec(),
        })
    }

    /// The profile as it is signed, handed to the device and verified there, and the store that keeps
    /// it.
    ///
    /// # Errors
    /// The profile that the device finds is refused.
    pub fn install(&self, device: &str) -> Result<(InstalledProfile, ProfileStore), CellError> {
        let at_start = self.plan().faults_at(Span::ZERO).profile;
        let faults = self.faults().filter_map(|kind| match kind {
            FaultKind::Profile(fault) => Some(fault),
            _ => None,
        });
        install(&self.statement(device)?, self.seed, at_start, faults).map_err(|refusal| {
            CellError::NotStarted { subject: self.subject.name.clone(), refusal }
        })
    }

    fn world(&self, machine: &dyn Machine, store: ProfileStore) -> World<PropofolBedside> {
        let limits = machine.limits();
        let mut order_max = [Steps::ZERO; CHANNELS];
        order_max[0] = limits[0].label_max;
        let ticks = self.scenario.period_seconds;
        let clockwork = Clockwork {
            period: Span::from_seconds(u64::from(ticks)),
            ticks,
            cycles: self.cycles(),
            wall_start_millis: WALL_START_MILLIS as i64,
        };
        let actuator = ActuatorSettings {
            identity: PUMP,
            order_max,
            ticks_per_cycle: ticks,
            request_per_tick: Steps(LARGEST.1),
            channels: 1,
        };
        World::new(self.bedside(), clockwork, actuator, store)
    }

    fn bedside(&self) -> PropofolBedside {
        let Self { scenario, subject, .. } = *self;
        // The arm and the hazard have no part in chance: arms are compared on equal ground.
        let (seed, plan) = (Seed(self.seed), self.plan());
        let mut figures = subject.figures.clone();
        if !self.has_line() {
            (figures.circulation, figures.pressor) = (None, None);
        }
        let patient = AnaesthesiaPatient::new(&figures);
        let whom = (subject.name.as_str(), patient.index(), figures.delay);
        let emergence = scenario.emergence_second();
        let weight = subject.person.weight();
        let second_syringe = scenario.remifentanil.map(|own| SecondSyringe::new(own, weight));
        let told = Instructions {
            induction: Span::from_seconds(u64::from(PREPARATION_SECONDS)),
            emergence: (scenario.emergence_minutes > 0)
                .then(|| Span::from_seconds(u64::from(PREPARATION_SECONDS + emergence))),
            opioid: second_syringe
                .map(|syringe| homeostat_numeric::round(syringe.first_minute().0) as u32),
            weight_kg: weight.0,
            step_mg: STRENGTH / 1_000.0,
            period_seconds: f64::from(scenario.period_seconds),
        };
        let until = Time(f64::from(scenario.seconds()));
        let low = MmHg(f64::from(self.content().pressure.low.0));
        PropofolBedside {
            monitor: IndexMonitor::new(scenario.monitor, whom, seed, &plan),
            line: self.has_line().then(|| PressureLine::new(low, &subject.name, seed)),
            stimulus: scenario.stimulus.course(&subject.name, seed, until),
            syringe: self.syringe(&plan),
            second_syringe,
            step_mg: told.step_mg,
            attenuated: scenario.is_attenuated(),
            patient,
            clinician: Clinician::new(told),
            plan,
            course: Vec::with_capacity(scenario.seconds() as usize),
            emergence_second: emergence,
            drug: 0.0,
            opioid: 0.0,
            onsets: Onsets::default(),
        }
    }

    fn syringe(&self, plan: &Plan) -> Syringe {
        let model = match self.scenario.pump {
            PumpChoice::Exact => SyringePumpModel::IDEAL,
            PumpChoice::Syringe => SyringePumpModel::FIFTY,
        };
        let faults = plan.faults().filter_map(|fault| {
            let kind = match fault.kind {
                FaultKind::Occlusion => SyringeFaultKind::Occlusion,
                FaultKind::DeliveryError(factor) => SyringeFaultKind::Inexact { factor },
                _ => return None,
            };
            let world = |second: u32| u64::from(PREPARATION_SECONDS.saturating_add(second));
            let (from, until) = (world(fault.when.at_second), world(fault.when.until()));
            Some(SyringeFault { kind, from, until })
        });
        let strength = plan.factor(|kind| match kind {
            FaultKind::Strength(factor) => Some(factor),
            _ => None,
        });
        let pump = SyringePump::new(model).with_faults(faults);
        Syringe::new(pump, MgPerMl(STRENGTH * strength), LARGEST.0)
    }

    fn whose(&self) -> BoxIdentity {
        let hazard = self.hazard.map(|hazard| hazard.name.as_str());
        let cell = (self.arm.name.as_str(), hazard, self.subject.name.as_str());
        // A snapshot a quarter of an hour, a signature each five minutes.
        let cycles = |seconds: u64| seconds / u64::from(self.scenario.period_seconds);
        let cadence = Cadence { snapshot: cycles(900), signature: cycles(300) };
        box_of_cell(cell, self.seed, WALL_START_MILLIS, cadence)
    }

    /// The scenario as if this cell were all of it: the head of a box does not depend on what else
    /// was run beside it.
    fn note(&self) -> String {
        let own = Scenario {
            patients: self.scenario.patients.only(&self.subject.name),
            arms: vec![self.arm.clone()],
            hazards: self.hazard.into_iter().cloned().collect(),
            seeds: Seeds { first: self.seed, count: 1 },
            criteria: Vec::new(),
            ..self.scenario.clone()
        };
        format!("# A virtual trial: no person was treated.\n{own}")
    }

    fn not_started(&self, reason: String) -> CellResult {
        CellResult {
            subject: self.subject.name.clone(),
            refused: Some(reason),
            course: Vec::new(),
            summary: None,
            chart: Chart::default(),
            findings: Findings::default(),
            weight_kg: self.subject.person.weight().0,
            remifentanil: UgPerKgPerMinute(0.0),
        }
    }

    fn result(&self, bedside: &PropofolBedside, chart: Chart, findings: Findings) -> CellResult {
        let weight_kg = self.subject.person.weight().0;
        let summary = HypnosisSummary::of(&HypnosisCourse {
            index: &bedside.course,
            target: self.scenario.target,
            first_stimulus: bedside.stimulus.begins().map(|at| at.0 as usize),
            maintenance: self.scenario.maintenance_second() as usize,
            end: self.scenario.emergence_second() as usize,
            drug_mg: bedside.drug,
            weight_kg,
            rate_changes: chart.rate_changes(),
        });
        let mean = bedside.opioid / f64::from(self.scenario.emergence_second());
        CellResult {
            subject: self.subject.name.clone(),
            refused: None,
            course: bedside.course.clone(),
            summary,
            chart,
            findings,
            weight_kg,
            remifentanil: UgPerSecond(mean).by_weight(self.subject.person.weight()),
        }
    }
}

/// The recorder and all checkers of one world.
struct Observer<'l, D> {
    recorder: Recorder<D>,
    panel: Panel,
    harm: Harm,
    chart: Chart,
    end: u32,
    look: OnLooker<'l>,
}

impl<D: Disk> Watcher<PropofolBedside> for Observer<'_, D> {
    type Error = RecordError;

    fn record(&mut self, machine: &dyn Machine, entry: &CycleEntry) -> Result<(), RecordError> {
        self.recorder.cycle(machine, entry)
    }

    fn note(&mut self, words: &str) -> Result<(), RecordError> {
        self.recorder.note(words)
    }

    fn look(&mut self, seen: &Seen<'_>, bedside: &PropofolBedside) {
        self.panel.look(seen);
        self.harm.look(seen, bedside);
        self.chart.look(seen, bedside, self.end);
        (self.look)(seen.entry, bedside.index());
    }
}
