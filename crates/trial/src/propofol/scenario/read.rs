//! A scenario out of TOML.

use homeostat_patients::anaesthesia::units::{UgPerKgPerMinute, UgPerMg};
use homeostat_patients::wording::quoted;

use crate::document::{Document, FileError, Section};
use crate::engine::ProfileFault;
use crate::keys::{Number, line_of_text, number, required, whole};
use crate::scenario::{Names, fails};

use super::builtin::{standard, usual_criteria};
use super::keys;
use super::{
    Arm, CohortChoice, Control, ControllerFault, Coordinated, Fault, FaultKind, Hazard,
    MonitorChoice, Patients, PumpChoice, Scenario, Seeds, StimulusProfile, When,
};

/// Reads the scenario `text`, which came from `file`. What is left out is as in the standard
/// scenario; a sentence that the reader does not understand is an error, never a silent default.
///
/// # Errors
/// The first contradiction or unknown word, with file, line, key, what was found and what was
/// expected.
pub fn read(file: &str, text: &str) -> Result<Scenario, FileError> {
    let document = Document::parse(file, text)?;
    let root = document.root();
    let mut scenario = standard();
    required(&root, "therapy", root.choice("therapy", &keys::THERAPIES)?, "\"propofol\"")?;
    scenario.name = line_of_text(&root, "name")?.unwrap_or(scenario.name);
    let stimuli = StimulusProfile::ALL.map(|profile| (profile.name(), profile));
    scenario.stimulus = root.choice("stimulus", &stimuli)?.unwrap_or(scenario.stimulus);
    scenario.attenuated = root.truth("attenuated")?.unwrap_or(scenario.attenuated);
    scenario.patients = read_patients(&root, &scenario.patients)?;
    read_time(&root, &mut scenario)?;
    read_loop(&root, &mut scenario)?;
    read_devices(&root, &mut scenario)?;
    scenario.remifentanil = read_remifentanil(&root, scenario.remifentanil)?;
    if scenario.remifentanil.is_some() && root.has("attenuated") && !scenario.attenuated {
        return Err(root.error("attenuated", "false beside remifentanil", "true, or nothing"));
    }
    if let Some(sections) = root.sections("arms")? {
        scenario.arms = read_arms(&root, sections)?;
    }
    scenario.seeds = Seeds::read(&root)?;
    scenario.faults = read_faults(&root, scenario.minutes)?;
    scenario.hazards = read_hazards(&root, scenario.minutes)?;
    scenario.criteria = match root.sections("criteria")? {
        None => usual_criteria(&scenario),
        Some(sections) => {
            let arms: Vec<&str> = scenario.arms.iter().map(|arm| arm.name.as_str()).collect();
            keys::CRITERIA.read(sections, &arms)?
        }
    };
    root.finish()?;
    Ok(scenario)
}

fn read_patients(root: &Section<'_>, usual: &Patients) -> Result<Patients, FileError> {
    let section = root.section("patients")?;
    let named = section.choice("cohort", &CohortChoice::NAMES)?;
    let file = section.text("file")?;
    let cohort = match (named, file) {
        (Some(_), Some(file)) => {
            return Err(section.error("file", quoted(&file), "either cohort or file"));
        }
        (_, Some(file)) => CohortChoice::File(file),
        (Some(named), None) => named.choice(),
        (None, None) => usual.cohort.clone(),
    };
    let is_drawn = cohort.is_drawn();
    let mut patients = Patients::read(section, cohort, is_drawn)?;
    if patients.subjects.is_empty() && patients.cohort == usual.cohort {
        patients.count = patients.count.or(usual.count);
    }
    Ok(patients)
}

fn read_time(root: &Section<'_>, scenario: &mut Scenario) -> Result<(), FileError> {
    let section = root.section("time")?;
    scenario.minutes = whole(&section, &keys::MINUTES)?.unwrap_or(scenario.minutes);
    let emergence = whole(&section, &keys::EMERGENCE)?.unwrap_or(scenario.emergence_minutes);
    if emergence + 1 >= scenario.minutes {
        let expected = "at least two minutes less than minutes";
        return Err(section.error(keys::EMERGENCE.name, emergence, expected));
    }
    scenario.emergence_minutes = emergence;
    section.finish()
}

fn read_loop(root: &Section<'_>, scenario: &mut Scenario) -> Result<(), FileError> {
    let section = root.section("loop")?;
    scenario.target = number(&section, &keys::TARGET)?.unwrap_or(scenario.target);
    scenario.period_seconds = whole(&section, &keys::PERIOD)?.unwrap_or(scenario.period_seconds);
    section.finish()
}

fn read_devices(root: &Section<'_>, scenario: &mut Scenario) -> Result<(), FileError> {
    let section = root.section("devices")?;
    let monitor = section.choice("monitor", &MonitorChoice::NAMES)?;
    scenario.monitor = monitor.unwrap_or(scenario.monitor);
    scenario.pressure = section.truth("pressure")?.unwrap_or(scenario.pressure);
    scenario.pump = section.choice("pump", &PumpChoice::NAMES)?.unwrap_or(scenario.pump);
    section.finish()
}

fn read_remifentanil(
    root: &Section<'_>,
    usual: Option<Coordinated>,
) -> Result<Option<Coordinated>, FileError> {
    if !root.has("remifentanil") {
        return Ok(usual);
    }
    let section = root.section("remifentanil")?;
    let key = &keys::RATIO_TO_PROPOFOL;
    let ratio = required(&section, key.name, number(&section, key)?, "a number ug/mg")?;
    let base = number(&section, &keys::BASE)?.unwrap_or(keys::BASE_LEFT_OUT);
    let most = number(&section, &keys::MOST)?.unwrap_or(keys::MOST_LEFT_OUT);
    if base > most {
        let expected = format!("at most the {most} of {}", keys::MOST.name);
        return Err(section.error(keys::BASE.name, base, &expected));
    }
    section.finish()?;
    let (base, most) = (UgPerKgPerMinute(base), UgPerKgPerMinute(most));
    Ok(Some(Coordinated { ratio: UgPerMg(ratio), base, most }))
}

fn read_arms(root: &Section<'_>, sections: Vec<Section<'_>>) -> Result<Vec<Arm>, FileError> {
    let (mut names, mut arms) = (Names::default(), Vec::new());
    for section in sections {
        let control = section.choice("controller", &Control::NAMES)?;
        let control = required(&section, "controller", control, "tci, pid or mpc")?;
        let name = names.read(&section, Some(control.name().to_owned()))?;
        section.finish()?;
        arms.push(Arm { name, control });
    }
    if arms.is_empty() {
        return Err(root.error("arms", "no arm", "at least one arm"));
    }
    Ok(arms)
}

fn read_faults(section: &Section<'_>, minutes: u32) -> Result<Vec<Fault>, FileError> {
    let sections = section.sections("faults")?.unwrap_or_default();
    sections.into_iter().map(|section| read_fault(section, minutes)).collect()
}

fn read_hazards(root: &Section<'_>, minutes: u32) -> Result<Vec<Hazard>, FileError> {
    let mut names = Names::default();
    let mut hazards = Vec::new();
    for section in root.sections("hazards")?.unwrap_or_default() {
        let name = names.read(&section, None)?;
        let words = line_of_text(&section, "words")?.unwrap_or_else(|| name.clone());
        let faults = read_faults(&section, minutes)?;
        let judged = section.truth("judged")?.unwrap_or(true);
        let alarm_within = whole(&section, &keys::ALARM)?;
        let detectable = whole(&section, &keys::DETECTABLE)?;
        for (key, given) in [(&keys::ALARM, alarm_within), (&keys::DETECTABLE, detectable)] {
            if given.is_some() && faults.is_empty() {
                let expected = "a fault from which the time counts";
                return Err(section.error(key.name, "a time without a fault", expected));
            }
        }
        section.finish()?;
        let detectable_after = detectable.unwrap_or(0);
        hazards.push(Hazard { name, words, faults, judged, detectable_after, alarm_within });
    }
    Ok(hazards)
}

/// The kinds by name; the parameters are read afterwards.
#[derive(Clone, Copy)]
enum Kind {
    One(fn(f64) -> FaultKind, Number),
    Muscle,
    Jump,
    Controller,
    Profile,
    Plain(FaultKind),
}

const KINDS: [(&str, Kind); 23] = [
    ("weight", Kind::One(FaultKind::Weight, keys::WEIGHT)),
    ("strength", Kind::One(FaultKind::Strength, keys::STRENGTH)),
    ("dropout", Kind::Plain(FaultKind::Silent)),
    ("quality", Kind::One(FaultKind::Quality, keys::QUALITY)),
    ("muscle", Kind::Muscle),
    ("frozen", Kind::Plain(FaultKind::Stuck)),
    ("jump", Kind::One(FaultKind::Jump, keys::BY)),
    ("delay", Kind::One(FaultKind::DelayFactor, keys::DELAY)),
    ("suppression", Kind::One(FaultKind::Suppression, keys::RATIO)),
    ("unit-slip", Kind::Plain(FaultKind::UnitSlip)),
    ("wrong-unit", Kind::Plain(FaultKind::WrongUnit)),
    ("duplicate-readings", Kind::Plain(FaultKind::DuplicateReadings)),
    ("late-readings", Kind::Plain(FaultKind::LateReadings)),
    ("pressure-low", Kind::One(FaultKind::LowPressure, keys::FALL)),
    ("pressure-silent", Kind::Plain(FaultKind::PressureSilent)),
    ("occlusion", Kind::Plain(FaultKind::Occlusion)),
    ("pump-silent", Kind::Plain(FaultKind::PumpSilent)),
    ("reports-twice", Kind::Plain(FaultKind::ReportsTwice)),
    ("delivery-error", Kind::One(FaultKind::DeliveryError, keys::DELIVERY)),
    ("clock-jump", Kind::Jump),
    ("controller", Kind::Controller),
    ("profile", Kind::Profile),
    ("storage-lost", Kind::Plain(FaultKind::StorageLost)),
];

/// The names of the kinds.
pub(super) const KIND_NAMES: [&str; KINDS.len()] = keys::names(&KINDS);

fn read_fault(section: Section<'_>, minutes: u32) -> Result<Fault, FileError> {
    let kind = section.choice("kind", &KINDS)?;
    let kind = required(&section, "kind", kind, &format!("one of {}", KIND_NAMES.join(", ")))?;
    let figure = |key: &Number| {
        let value = number(&section, key)?;
        required(&section, key.name, value, &format!("a number {}", key.unit))
    };
    let kind = match kind {
        Kind::Plain(kind) => kind,
        Kind::One(make, key) => make(figure(&key)?),
        Kind::Muscle => FaultKind::Muscle(figure(&keys::BIAS)?, figure(&keys::POWER)?),
        Kind::Jump => {
            let jump = figure(&keys::JUMP)?;
            if jump.fract() != 0.0 {
                return Err(section.error(keys::JUMP.name, jump, "whole seconds"));
            }
            FaultKind::ClockJump(jump as i32)
        }
        Kind::Controller => FaultKind::Controller(fails(&section, &ControllerFault::NAMES)?),
        Kind::Profile => FaultKind::Profile(fails(&section, &ProfileFault::NAMES)?),
    };
    let when = if kind.is_a_setting() { When::ALWAYS } else { read_when(&section, minutes)? };
    section.finish()?;
    Ok(Fault { kind, when })
}

fn read_when(section: &Section<'_>, minutes: u32) -> Result<When, FileError> {
    let at_second = whole(section, &keys::AT_SECOND)?.unwrap_or(0);
    if at_second >= minutes * super::MINUTE {
        let expected = format!("less than the {minutes} minutes of the trial");
        return Err(section.error(keys::AT_SECOND.name, at_second, &expected));
    }
    Ok(When { at_second, seconds: whole(section, &keys::SECONDS)? })
}
