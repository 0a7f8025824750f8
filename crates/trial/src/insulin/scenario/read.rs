//! A scenario out of TOML.

use homeostat_patients::wording::quoted;

use crate::document::{Document, FileError, Section};
use crate::engine::ProfileFault;

use super::builtin::{hazard_criteria, safety_criteria, standard};
use super::keys;
use super::{
    Arm, Control, ControllerFault, DAY_MINUTES, Family, Fault, FaultKind, Hazard, Meal, Patients,
    PumpModel, Scenario, Seeds, SensorModel, SettingsError, When,
};
use crate::keys::{Number, Whole, line_of_text, number, required, whole};
use crate::scenario::{Names, fails};

/// Reads the scenario `text`, which came from `file`. What is left out is as in the standard
/// scenario; a sentence that the reader does not understand is an error, never a silent default, and
/// so is a file that says nothing at all.
///
/// # Errors
/// The first contradiction or unknown word, with file, line, key, what was found and what was
/// expected.
pub fn read(file: &str, text: &str) -> Result<Scenario, FileError> {
    let document = Document::parse(file, text)?;
    let root = document.root();
    if root.is_empty() {
        let expected = "a scenario, at least a line such as name = \"Standard days\" (which runs \
                        the standard trial); `homeostat trial --print-scenario` prints a whole one";
        return Err(root.error("(file)", "nothing", expected));
    }
    let standard = standard();
    let name = line_of_text(&root, "name")?.unwrap_or(standard.name);
    root.choice("therapy", &keys::THERAPIES)?;
    let patients = read_patients(&root)?;
    let (run_in_days, days) = read_time(&root, standard.run_in_days, standard.days)?;
    let (sensor, pump) = read_devices(&root)?;
    let meals = match root.sections("meals")? {
        None => standard.meals,
        Some(sections) => read_meals(sections)?,
    };
    let arms = match root.sections("arms")? {
        None => standard.arms.clone(),
        Some(sections) => read_arms(&root, sections)?,
    };
    let seeds = Seeds::read(&root)?;
    let faults = read_faults(&root, days)?;
    let hazards = read_hazards(&root, days)?;
    let plain = arms == standard.arms && sensor == standard.sensor;
    let criteria = match root.sections("criteria")? {
        None if hazards.is_empty() && faults.is_empty() && plain => standard.criteria,
        None if hazards.is_empty() && faults.is_empty() => safety_criteria(sensor),
        None => hazard_criteria(),
        Some(sections) => {
            let arms: Vec<&str> = arms.iter().map(|arm| arm.name.as_str()).collect();
            keys::CRITERIA.read(sections, &arms)?
        }
    };
    root.finish()?;
    Ok(Scenario {
        name,
        patients,
        run_in_days,
        days,
        sensor,
        pump,
        meals,
        arms,
        seeds,
        faults,
        hazards,
        criteria,
    })
}

fn read_patients(root: &Section<'_>) -> Result<Patients, FileError> {
    let section = root.section("patients")?;
    let hovorka = section.choice("family", &keys::FAMILIES)?;
    let file = section.text("file")?;
    let family = match (hovorka, file) {
        (Some(_), Some(file)) => {
            return Err(section.error("file", quoted(&file), "either family or file"));
        }
        (_, Some(file)) => Family::File(file),
        (Some(true), None) => Family::Hovorka,
        (_, None) => Family::UvaPadova,
    };
    let is_drawn = family.is_drawn();
    Patients::read(section, family, is_drawn)
}

fn read_time(root: &Section<'_>, run_in: u32, days: u32) -> Result<(u32, u32), FileError> {
    let section = root.section("time")?;
    let run_in = whole(&section, &keys::RUN_IN)?.unwrap_or(run_in);
    let days = whole(&section, &keys::DAYS)?.unwrap_or(days);
    section.finish()?;
    Ok((run_in, days))
}

fn read_devices(root: &Section<'_>) -> Result<(SensorModel, PumpModel), FileError> {
    let section = root.section("devices")?;
    let sensor = section.choice("sensor", &SensorModel::NAMES)?.unwrap_or(SensorModel::Ideal);
    let pump = section.choice("pump", &PumpModel::NAMES)?.unwrap_or(PumpModel::Exact);
    section.finish()?;
    Ok((sensor, pump))
}

/// A time of day, `"07:30"`, in minutes.
fn time_of_day(section: &Section<'_>, key: &str) -> Result<Option<u32>, FileError> {
    let Some(text) = section.text(key)? else { return Ok(None) };
    let two = |part: &str| (part.len() == 2).then(|| part.parse::<u32>().ok()).flatten();
    let minute = text.split_once(':').and_then(|(hour, minute)| {
        let (hour, minute) = (two(hour)?, two(minute)?);
        (hour < 24 && minute < 60).then_some(hour * 60 + minute)
    });
    match minute {
        Some(minute) => Ok(Some(minute)),
        None => Err(section.error(key, quoted(&text), "a time of day such as \"07:30\"")),
    }
}

fn read_meals(sections: Vec<Section<'_>>) -> Result<Vec<Meal>, FileError> {
    let mut meals: Vec<Meal> = Vec::new();
    for section in sections {
        let at_minute = required(&section, "at", time_of_day(&section, "at")?, "a time of day")?;
        let grams = number(&section, &keys::CARBOHYDRATE)?;
        let carbohydrate_g = required(&section, "carbohydrate-g", grams, "grams")?;
        if meals.iter().any(|meal| meal.at_minute == at_minute) {
            return Err(section.error("at", "a second meal at this time", "one meal a time"));
        }
        section.finish()?;
        meals.push(Meal { at_minute, carbohydrate_g });
    }
    meals.sort_by_key(|meal| meal.at_minute);
    Ok(meals)
}

fn read_arms(root: &Section<'_>, sections: Vec<Section<'_>>) -> Result<Vec<Arm>, FileError> {
    let (mut names, mut arms) = (Names::default(), Vec::new());
    for section in sections {
        let control = section.choice("controller", &Control::NAMES)?;
        let control = required(&section, "controller", control, "open-loop, rules or mpc")?;
        let announced = section.choice("announce", &keys::ANNOUNCE)?;
        let announced = announced.unwrap_or(true);
        if control == Control::OpenLoop && !announced {
            let expected = "\"yes\": an open loop gives its boluses for announced meals";
            return Err(section.error("announce", "\"no\" for an open loop", expected));
        }
        let name = names.read(&section, Some(Arm::usual_name(control, announced)))?;
        section.finish()?;
        arms.push(Arm { name, control, announced });
    }
    if arms.is_empty() {
        return Err(root.error("arms", "no arm", "at least one arm"));
    }
    Ok(arms)
}

fn read_faults(section: &Section<'_>, days: u32) -> Result<Vec<Fault>, FileError> {
    let sections = section.sections("faults")?.unwrap_or_default();
    sections.into_iter().map(|section| read_fault(section, days)).collect()
}

fn read_hazards(root: &Section<'_>, days: u32) -> Result<Vec<Hazard>, FileError> {
    let mut names = Names::default();
    let mut hazards = Vec::new();
    for section in root.sections("hazards")?.unwrap_or_default() {
        let name = names.read(&section, None)?;
        let words = line_of_text(&section, "words")?.unwrap_or_else(|| name.clone());
        let faults = read_faults(&section, days)?;
        let judged = section.truth("judged")?.unwrap_or(true);
        section.finish()?;
        hazards.push(Hazard { name, words, faults, judged });
    }
    Ok(hazards)
}

/// The kinds by name; the parameters are read afterwards.
#[derive(Clone, Copy)]
enum Kind {
    Settings,
    Factor(fn(f64) -> FaultKind, Number),
    LateMinutes(fn(u32) -> FaultKind),
    Depth,
    Jump,
    Controller,
    Profile,
    Plain(FaultKind),
}

const KINDS: [(&str, Kind); 20] = [
    ("settings", Kind::Settings),
    ("carb-error", Kind::Factor(FaultKind::CarbError, keys::CARBS)),
    ("bolus-late", Kind::LateMinutes(FaultKind::BolusLate)),
    ("bolus-missed", Kind::Plain(FaultKind::BolusMissed)),
    ("announced-twice", Kind::Plain(FaultKind::AnnouncedTwice)),
    ("dropout", Kind::Plain(FaultKind::Dropout)),
    ("frozen", Kind::Plain(FaultKind::Frozen)),
    ("bias", Kind::Factor(FaultKind::Bias, keys::BIAS)),
    ("compression-low", Kind::Depth),
    ("duplicate-readings", Kind::Plain(FaultKind::DuplicateReadings)),
    ("late-readings", Kind::LateMinutes(FaultKind::LateReadings)),
    ("unit-slip", Kind::Plain(FaultKind::UnitSlip)),
    ("occlusion", Kind::Plain(FaultKind::Occlusion)),
    ("pump-silent", Kind::Plain(FaultKind::PumpSilent)),
    ("reports-twice", Kind::Plain(FaultKind::ReportsTwice)),
    ("delivery-error", Kind::Factor(FaultKind::DeliveryError, keys::DELIVERY)),
    ("clock-jump", Kind::Jump),
    ("controller", Kind::Controller),
    ("profile", Kind::Profile),
    ("storage-lost", Kind::Plain(FaultKind::StorageLost)),
];

/// The names of the kinds.
pub(super) const KIND_NAMES: [&str; KINDS.len()] = keys::names(&KINDS);

fn read_fault(section: Section<'_>, days: u32) -> Result<Fault, FileError> {
    let kind = section.choice("kind", &KINDS)?;
    let kind = required(&section, "kind", kind, &format!("one of {}", KIND_NAMES.join(", ")))?;
    let kind = match kind {
        Kind::Plain(kind) => kind,
        Kind::Settings => FaultKind::Settings(read_settings_error(&section)?),
        Kind::Factor(make, factor) => {
            let factor = number(&section, &factor)?;
            make(required(&section, "factor", factor, "a factor")?)
        }
        Kind::LateMinutes(make) => {
            let late = whole(&section, &keys::LATE)?;
            make(required(&section, "late-minutes", late, "minutes")?)
        }
        Kind::Depth => {
            let depth = number(&section, &keys::DEPTH)?;
            FaultKind::CompressionLow(required(&section, "depth-mg-dl", depth, "mg/dL")?)
        }
        Kind::Jump => {
            let jump = number(&section, &keys::JUMP)?;
            let jump = required(&section, "jump-minutes", jump, "minutes")?;
            if jump.fract() != 0.0 {
                return Err(section.error("jump-minutes", jump, "whole minutes"));
            }
            FaultKind::ClockJump(jump as i32)
        }
        Kind::Controller => FaultKind::Controller(fails(&section, &ControllerFault::NAMES)?),
        Kind::Profile => FaultKind::Profile(fails(&section, &ProfileFault::NAMES)?),
    };
    let when = match kind {
        FaultKind::Settings(_) => When::ALWAYS,
        _ => read_when(&section, days)?,
    };
    section.finish()?;
    Ok(Fault { kind, when })
}

fn read_when(section: &Section<'_>, days: u32) -> Result<When, FileError> {
    let last = Whole { most: u64::from(days), ..keys::DAY };
    let day = whole(section, &last)?.unwrap_or(1);
    let at_minute = time_of_day(section, "at")?.unwrap_or(0);
    let minutes = whole(section, &keys::MINUTES)?;
    let daily = section.truth("daily")?.unwrap_or(false);
    match minutes {
        None if daily => {
            Err(section.error("daily", "daily without minutes", "minutes: how long it holds"))
        }
        Some(minutes) if daily && minutes > DAY_MINUTES => {
            Err(section.error("minutes", minutes, "at most 1440 for a fault of every day"))
        }
        _ => Ok(When { day, at_minute, minutes, daily }),
    }
}

fn read_settings_error(section: &Section<'_>) -> Result<SettingsError, FileError> {
    let factor = |key| number(section, key).map(|factor| factor.unwrap_or(1.0));
    Ok(SettingsError {
        basal: factor(&keys::BASAL)?,
        carb_ratio: factor(&keys::RATIO)?,
        correction_factor: factor(&keys::CORRECTION)?,
        total_daily_dose: factor(&keys::DOSE)?,
    })
}
