//! A scenario as the TOML that reads back as itself.

use core::fmt::{Display, Formatter, Result};

use crate::engine::{ControllerFault, ProfileFault};
use crate::scenario::{name_in, text};

use super::{Control, Family, Fault, FaultKind, Hazard, Scenario, SettingsError, When, keys};

impl Display for Scenario {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        writeln!(f, "name = {}", text(&self.name))?;
        writeln!(f, "therapy = \"insulin\"")?;
        write_patients(f, self)?;
        writeln!(f, "\n[time]\nrun-in-days = {}\ndays = {}", self.run_in_days, self.days)?;
        self.seeds.write(f)?;
        writeln!(f, "\n[devices]\nsensor = {}", text(self.sensor.name()))?;
        writeln!(f, "pump = {}", text(self.pump.name()))?;
        for meal in &self.meals {
            let at = clock(meal.at_minute);
            writeln!(f, "\n[[meals]]\nat = \"{at}\"\ncarbohydrate-g = {:?}", meal.carbohydrate_g)?;
        }
        for arm in &self.arms {
            writeln!(f, "\n[[arms]]\nname = {}", text(&arm.name))?;
            writeln!(f, "controller = {}", text(arm.control.name()))?;
            if arm.control != Control::OpenLoop || !arm.announced {
                let announce = if arm.announced { "yes" } else { "no" };
                writeln!(f, "announce = \"{announce}\"")?;
            }
        }
        for fault in &self.faults {
            writeln!(f, "\n[[faults]]")?;
            write_fault(f, fault)?;
        }
        self.hazards.iter().try_for_each(|hazard| write_hazard(f, hazard))?;
        self.criteria.iter().try_for_each(|criterion| keys::CRITERIA.write(f, criterion))
    }
}

fn write_patients(f: &mut Formatter<'_>, scenario: &Scenario) -> Result {
    let patients = &scenario.patients;
    writeln!(f, "\n[patients]")?;
    match &patients.cohort {
        Family::UvaPadova => writeln!(f, "family = \"uva-padova\"")?,
        Family::Hovorka => writeln!(f, "family = \"hovorka\"")?,
        Family::File(file) => writeln!(f, "file = {}", text(file))?,
    }
    patients.write(f, patients.cohort.is_drawn())
}

fn write_hazard(f: &mut Formatter<'_>, hazard: &Hazard) -> Result {
    writeln!(f, "\n[[hazards]]\nname = {}", text(&hazard.name))?;
    writeln!(f, "words = {}", text(&hazard.words))?;
    if !hazard.judged {
        writeln!(f, "judged = false")?;
    }
    for fault in &hazard.faults {
        writeln!(f, "\n[[hazards.faults]]")?;
        write_fault(f, fault)?;
    }
    Ok(())
}

fn write_fault(f: &mut Formatter<'_>, fault: &Fault) -> Result {
    let (kind, parameters) = parameters(&fault.kind);
    writeln!(f, "kind = \"{kind}\"")?;
    for (name, value) in parameters {
        writeln!(f, "{name} = {value}")?;
    }
    if !matches!(fault.kind, FaultKind::Settings(_)) {
        write_when(f, &fault.when)?;
    }
    Ok(())
}

fn write_when(f: &mut Formatter<'_>, when: &When) -> Result {
    writeln!(f, "day = {}\nat = \"{}\"", when.day, clock(when.at_minute))?;
    if let Some(minutes) = when.minutes {
        writeln!(f, "minutes = {minutes}")?;
    }
    if when.daily { writeln!(f, "daily = true") } else { Ok(()) }
}

fn parameters(kind: &FaultKind) -> (&'static str, Vec<(&'static str, String)>) {
    let one = |name, value: f64| vec![(name, format!("{value:?}"))];
    let fails = |how| vec![("fails", text(how))];
    match kind {
        FaultKind::Settings(SettingsError {
            basal,
            carb_ratio,
            correction_factor,
            total_daily_dose,
        }) => (
            "settings",
            vec![
                ("basal-factor", format!("{basal:?}")),
                ("carb-ratio-factor", format!("{carb_ratio:?}")),
                ("correction-factor-factor", format!("{correction_factor:?}")),
                ("daily-dose-factor", format!("{total_daily_dose:?}")),
            ],
        ),
        FaultKind::CarbError(factor) => ("carb-error", one("factor", *factor)),
        FaultKind::BolusLate(late) => ("bolus-late", vec![("late-minutes", late.to_string())]),
        FaultKind::BolusMissed => ("bolus-missed", vec![]),
        FaultKind::AnnouncedTwice => ("announced-twice", vec![]),
        FaultKind::Dropout => ("dropout", vec![]),
        FaultKind::Frozen => ("frozen", vec![]),
        FaultKind::Bias(factor) => ("bias", one("factor", *factor)),
        FaultKind::CompressionLow(depth) => ("compression-low", one("depth-mg-dl", *depth)),
        FaultKind::DuplicateReadings => ("duplicate-readings", vec![]),
        FaultKind::LateReadings(late) => {
            ("late-readings", vec![("late-minutes", late.to_string())])
        }
        FaultKind::UnitSlip => ("unit-slip", vec![]),
        FaultKind::Occlusion => ("occlusion", vec![]),
        FaultKind::PumpSilent => ("pump-silent", vec![]),
        FaultKind::ReportsTwice => ("reports-twice", vec![]),
        FaultKind::DeliveryError(factor) => ("delivery-error", one("factor", *factor)),
        FaultKind::ClockJump(jump) => ("clock-jump", one("jump-minutes", f64::from(*jump))),
        FaultKind::Controller(fault) => {
            ("controller", fails(name_in(&ControllerFault::NAMES, *fault)))
        }
        FaultKind::Profile(fault) => ("profile", fails(name_in(&ProfileFault::NAMES, *fault))),
        FaultKind::StorageLost => ("storage-lost", vec![]),
    }
}

fn clock(minute: u32) -> String {
    format!("{:02}:{:02}", minute / 60, minute % 60)
}
