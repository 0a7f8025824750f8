//! One cell of a trial: one subject in one arm under one hazard with one seed.
//!
//! A cell is a pure function of the scenario and the seed, to the last byte of its black box.

use homeostat_assembly::insulin as machine;
use homeostat_assembly::signed_profile::Statement;
use homeostat_assembly::{BoxIdentity, Cadence, InstalledProfile, Machine, RecordError, Recorder};
use homeostat_blackbox::disk::Disk;
use homeostat_insulin::profile::{PROFILE_BYTES_MAX, Profile, ReferencePerson};
use homeostat_insulin::units as of;
use homeostat_patients::meals::Plate;
use homeostat_patients::random::Seed;
use homeostat_patients::{Cohort, TherapySettings};
use homeostat_record::{CHANNELS, CycleEntry, Span, Steps};

use super::bedside::{InsulinBedside, Plan};
use super::chart::Chart;
use super::devices::{self, Exactness};
use super::harm::Harm;
use super::people::{Instructions, People};
use super::scenario::{Arm, DAY_MINUTES, FaultKind, Hazard, Scenario, Seeds, SettingsError};
use super::sensor::Sensor;
pub use crate::cells::{BoxPlace, CellError};
use crate::cells::{CellOutcome, box_of_cell, read_again};
use crate::checkers::{Findings, Panel};
use crate::engine::{ActuatorSettings, Clockwork, ProfileStore, Seen, Watcher, World, install};

/// 2026-01-01T00:00Z, where every world's civil time begins.
const WALL_START_MILLIS: u64 = 1_767_225_600_000;
/// Length of a control cycle.
const PERIOD: Span = Span::from_minutes(5);
/// The simulated sensor's pseudonym.
pub const SENSOR: u32 = 0x5E45_0001;
/// The simulated pump's pseudonym.
pub const PUMP: u32 = 0x9A4D_0001;

/// What a cell is made of.
#[derive(Clone, Copy, Debug)]
pub struct Cell<'t> {
    /// The scenario.
    pub scenario: &'t Scenario,
    /// All subjects.
    pub cohort: &'t Cohort,
    /// Which of them.
    pub subject: usize,
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
    /// The subject's name.
    pub subject: String,
    /// True glucose under the skin in each scored minute, mg/dL.
    pub course: Vec<f64>,
    /// What the report's figures show.
    pub chart: Chart,
    /// Insulin really delivered a scored day, U.
    pub insulin_per_day: f64,
    /// What the checkers found, and the head of the box.
    pub findings: Findings,
    /// Units of insulin in one step of the pump.
    pub step: f64,
}

impl CellOutcome for CellResult {
    fn subject(&self) -> &str {
        &self.subject
    }
    fn findings(&self) -> &Findings {
        &self.findings
    }
}

impl Cell<'_> {
    /// Runs the cell, its checkers, and reads its box again.
    ///
    /// # Errors
    /// [`CellError`]; then whatever stands at `place` is not to be kept.
    pub fn run(&self, place: BoxPlace<'_>) -> Result<CellResult, CellError> {
        let first = |(result, _): (CellResult, _)| result;
        let on_memory = |disk| self.run_on(disk).map(first);
        place.run(on_memory, |disk| self.run_on(disk).map(|(result, _)| result))
    }

    /// Runs the cell on a disk and hands the disk back.
    ///
    /// # Errors
    /// [`CellError`].
    pub fn run_on<D: Disk>(&self, disk: D) -> Result<(CellResult, D), CellError> {
        self.run_watched(disk, &mut |_, _| {})
    }

    /// As [`Cell::run_on`], with somebody who looks on: each cycle's record and the true glucose
    /// after it are shown to `look`.
    ///
    /// # Errors
    /// [`CellError`].
    pub fn run_watched<D: Disk>(
        &self,
        disk: D,
        look: OnLooker<'_>,
    ) -> Result<(CellResult, D), CellError> {
        let whose = self.whose()?;
        let (installed, store) = self.install(&whose.origin)?;
        let mut machine = machine::start(self.arm.control, &installed)?;
        let mut world = self.world(&*machine, store)?;
        let cycles = u64::from(self.scenario.total_days()) * u64::from(DAY_MINUTES) / 5;
        let mut observer = Observer {
            recorder: Recorder::create(disk, &whose, &*machine, &installed, &self.note()?)?,
            panel: Panel::new(machine.limits()),
            harm: Harm::default(),
            chart: Chart::new(self.scenario.run_in_days * DAY_MINUTES),
            look,
        };
        world.run(&mut *machine, &mut observer)?;
        let Observer { recorder, panel, harm, chart, .. } = observer;
        let mut disk = recorder.finish(&*machine)?;
        let inspection = read_again(&mut disk, &machine::rebuild, self.seed)?;
        let findings = panel.conclude(harm.verdict(), &inspection, cycles);
        Ok((self.result(world.bedside(), chart, findings)?, disk))
    }

    fn subject_name(&self) -> Result<String, CellError> {
        let names = self.cohort.names();
        names.get(self.subject).cloned().ok_or(CellError::Subject(self.subject))
    }

    fn settings(&self) -> Result<TherapySettings, CellError> {
        let settings = self.cohort.settings();
        settings.get(self.subject).copied().ok_or(CellError::Subject(self.subject))
    }

    /// The settings as they stand in the signed profile: wrong, if that is the hazard.
    fn written_settings(&self) -> Result<TherapySettings, CellError> {
        let mut settings = self.settings()?;
        let faults = self.hazard.map(|hazard| hazard.faults.as_slice()).unwrap_or_default();
        for fault in self.scenario.faults.iter().chain(faults) {
            if let FaultKind::Settings(error) = &fault.kind {
                misread(&mut settings, error);
            }
        }
        Ok(settings)
    }

    /// The profile of this subject, as it is signed.
    ///
    /// # Errors
    /// When a setting is outside its range or outside the gates of the therapy.
    pub fn profile(&self) -> Result<Profile, CellError> {
        let settings = self.written_settings()?;
        let person = ReferencePerson {
            age: of::Years(settings.age.0),
            weight: of::Kilograms(settings.body_weight.0),
            daily_dose: of::Units(settings.total_daily_insulin.0),
            basal: of::UnitsPerHour(settings.basal.0),
            carbohydrate_ratio: of::GramsPerUnit(settings.carbohydrate_ratio.0),
            correction_factor: of::MgDlPerUnit(settings.correction_factor.0),
            pump_step: of::Units(devices::pump_step(self.scenario.pump)),
            sensor: SENSOR,
            pump: PUMP,
        };
        let subject = self.subject_name()?;
        Profile::reference_for(&person)
            .map_err(|error| CellError::Profile { subject, reason: error.to_string() })
    }

    /// What the signer says of this subject's profile, for the device with this pseudonym.
    fn statement(&self, device: &str) -> Result<Statement, CellError> {
        let profile = self.profile()?;
        let mut space = [0; PROFILE_BYTES_MAX];
        let bytes = profile.content().encode(&mut space).map_err(|error| CellError::Profile {
            subject: self.subject_name().unwrap_or_default(),
            reason: error.to_string(),
        })?;
        Ok(Statement {
            therapy: machine::THERAPY.to_owned(),
            device: device.to_owned(),
            revision: profile.content().header.revision.0,
            profile: bytes.to_vec(),
        })
    }

    /// The profile as it is signed, handed to the device and verified there, and the store that keeps
    /// it. A fault that holds in the first minute meets the device before it has verified anything.
    ///
    /// # Errors
    /// The profile that the device finds is refused.
    pub fn install(&self, device: &str) -> Result<(InstalledProfile, ProfileStore), CellError> {
        let plan = self.plan();
        let at_start = plan.faults_in(0).profile;
        let subject = self.subject_name()?;
        let faults = plan.kinds().filter_map(|kind| match kind {
            FaultKind::Profile(fault) => Some(fault),
            _ => None,
        });
        install(&self.statement(device)?, self.seed, at_start, faults)
            .map_err(|refusal| CellError::NotStarted { subject, refusal })
    }

    fn plan(&self) -> Plan {
        let hazard = self.hazard.map(|hazard| hazard.faults.as_slice()).unwrap_or_default();
        Plan::new(self.scenario, hazard)
    }

    fn world(
        &self,
        machine: &dyn Machine,
        store: ProfileStore,
    ) -> Result<World<InsulinBedside>, CellError> {
        let scenario = self.scenario;
        let settings = self.written_settings()?;
        let step = devices::pump_step(scenario.pump);
        let plan = self.plan();
        let limits = machine.limits();
        let whole = |value: f64| Steps(homeostat_numeric::floor(value) as u32);
        // An order is for one cycle: people know what their pump can give in it.
        let in_a_cycle = whole(devices::bolus_per_minute(scenario.pump) * 4.5 / step);
        let told = Instructions {
            control: self.arm.control,
            announced: self.arm.announced,
            carbohydrate_ratio: settings.carbohydrate_ratio.0,
            correction_factor: settings.correction_factor.0,
            basal: settings.basal.0,
            step,
            request_max: limits[0].request_max.or_less(in_a_cycle),
        };
        let announcements = match self.arm.announced {
            true => plan.announcements(&scenario.meals, scenario.total_days()),
            false => Vec::new(),
        };
        // The arm and the hazard have no part in chance: arms are compared on equal ground.
        let seed = Seed(self.seed);
        let sensor = Sensor::new(SENSOR, scenario, &self.subject_name()?, seed, &plan);
        let exactness = Exactness::new(scenario.pump, &self.subject_name()?, seed);
        let mut patients = self.cohort.select(&[self.subject]).patients();
        let bedside = InsulinBedside {
            patient: patients.pop().ok_or(CellError::Subject(self.subject))?,
            plate: Plate::default(),
            meals: scenario.meals.clone(),
            sensor,
            people: People::new(told, announcements),
            plan,
            step,
            exactness,
            background: whole(settings.basal.0 / 12.0 / step),
            course: Vec::with_capacity((scenario.total_days() * DAY_MINUTES) as usize),
        };
        let clockwork = Clockwork {
            period: PERIOD,
            ticks: 5,
            cycles: u64::from(scenario.total_days()) * u64::from(DAY_MINUTES) / 5,
            wall_start_millis: WALL_START_MILLIS as i64,
        };
        let mut order_max = [Steps::ZERO; CHANNELS];
        order_max[0] = limits[0].label_max;
        let actuator = ActuatorSettings {
            identity: PUMP,
            order_max,
            ticks_per_cycle: 5,
            request_per_tick: whole(devices::bolus_per_minute(scenario.pump) / step),
            channels: 1,
        };
        Ok(World::new(bedside, clockwork, actuator, store))
    }

    fn whose(&self) -> Result<BoxIdentity, CellError> {
        let hazard = self.hazard.map(|hazard| hazard.name.as_str());
        let named = (self.arm.name.as_str(), hazard, self.subject_name()?);
        let cell = (named.0, named.1, named.2.as_str());
        Ok(box_of_cell(cell, self.seed, WALL_START_MILLIS, Cadence::USUAL))
    }

    /// The scenario as if this cell were all of it: the head of a box does not depend on what else
    /// was run beside it.
    fn note(&self) -> Result<String, CellError> {
        let own = Scenario {
            patients: self.scenario.patients.only(&self.subject_name()?),
            arms: vec![self.arm.clone()],
            hazards: self.hazard.into_iter().cloned().collect(),
            seeds: Seeds { first: self.seed, count: 1 },
            criteria: Vec::new(),
            ..self.scenario.clone()
        };
        Ok(format!("# A virtual trial: no person was treated.\n{own}"))
    }

    fn result(
        &self,
        bedside: &InsulinBedside,
        chart: Chart,
        findings: Findings,
    ) -> Result<CellResult, CellError> {
        let run_in = (self.scenario.run_in_days * DAY_MINUTES) as usize;
        Ok(CellResult {
            subject: self.subject_name()?,
            course: bedside.course.get(run_in..).unwrap_or_default().to_vec(),
            insulin_per_day: chart.delivered_steps() * bedside.step / f64::from(self.scenario.days),
            chart,
            findings,
            step: bedside.step,
        })
    }
}

fn misread(settings: &mut TherapySettings, error: &SettingsError) {
    settings.basal.0 *= error.basal;
    settings.carbohydrate_ratio.0 *= error.carb_ratio;
    settings.correction_factor.0 *= error.correction_factor;
    settings.total_daily_insulin.0 *= error.total_daily_dose;
}

/// Who looks on while a cell is run: the record of each cycle, and true glucose after it in mg/dL.
pub type OnLooker<'l> = &'l mut dyn FnMut(&CycleEntry, f64);

/// The recorder and all checkers of one world.
struct Observer<'l, D> {
    recorder: Recorder<D>,
    panel: Panel,
    harm: Harm,
    chart: Chart,
    look: OnLooker<'l>,
}

impl<D: Disk> Watcher<InsulinBedside> for Observer<'_, D> {
    type Error = RecordError;

    fn record(&mut self, machine: &dyn Machine, entry: &CycleEntry) -> Result<(), RecordError> {
        self.recorder.cycle(machine, entry)
    }

    fn note(&mut self, words: &str) -> Result<(), RecordError> {
        self.recorder.note(words)
    }

    fn look(&mut self, seen: &Seen<'_>, bedside: &InsulinBedside) {
        // The cycle began before its five minutes were lived.
        let before = bedside.course.len().checked_sub(seen.delivered.len() + 1);
        let truth = before.and_then(|index| bedside.course.get(index)).copied();
        self.panel.look(seen);
        self.harm.look(seen, bedside, truth.unwrap_or(f64::MAX));
        self.chart.look(seen, bedside);
        (self.look)(seen.entry, bedside.glucose());
    }
}
