//! A scenario as the TOML that reads back as itself.

use core::fmt::{Display, Formatter, Result};

use crate::engine::{ControllerFault, ProfileFault};
use crate::scenario::{name_in, text};

use super::{CohortChoice, Coordinated, Fault, FaultKind, Hazard, Scenario, keys};

impl Display for Scenario {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        writeln!(f, "name = {}", text(&self.name))?;
        writeln!(f, "therapy = \"propofol\"\nstimulus = {}", text(self.stimulus.name()))?;
        if self.attenuated {
            writeln!(f, "attenuated = true")?;
        }
        if self.criteria.is_empty() {
            writeln!(f, "criteria = []")?;
        }
        write_patients(f, self)?;
        writeln!(f, "\n[time]\nminutes = {}", self.minutes)?;
        writeln!(f, "emergence-minutes = {}", self.emergence_minutes)?;
        writeln!(f, "\n[loop]\ntarget = {:?}\nperiod-s = {}", self.target, self.period_seconds)?;
        self.seeds.write(f)?;
        writeln!(f, "\n[devices]\nmonitor = {}", text(self.monitor.name()))?;
        writeln!(f, "pressure = {}\npump = {}", self.pressure, text(self.pump.name()))?;
        if let Some(Coordinated { ratio, base, most }) = self.remifentanil {
            writeln!(f, "\n[remifentanil]\nratio-ug-per-mg = {:?}", ratio.0)?;
            writeln!(f, "base-ug-per-kg-min = {:?}\nmost-ug-per-kg-min = {:?}", base.0, most.0)?;
        }
        for arm in &self.arms {
            writeln!(f, "\n[[arms]]\nname = {}", text(&arm.name))?;
            writeln!(f, "controller = {}", text(arm.control.name()))?;
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
        CohortChoice::File(file) => writeln!(f, "file = {}", text(file))?,
        cohort => writeln!(f, "cohort = {}", text(cohort.name()))?,
    }
    patients.write(f, patients.cohort.is_drawn())
}

fn write_hazard(f: &mut Formatter<'_>, hazard: &Hazard) -> Result {
    writeln!(f, "\n[[hazards]]\nname = {}", text(&hazard.name))?;
    writeln!(f, "words = {}", text(&hazard.words))?;
    if !hazard.judged {
        writeln!(f, "judged = false")?;
    }
    if hazard.detectable_after > 0 {
        writeln!(f, "detectable-after-s = {}", hazard.detectable_after)?;
    }
    if let Some(seconds) = hazard.alarm_within {
        writeln!(f, "alarm-within-s = {seconds}")?;
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
    if fault.kind.is_a_setting() {
        return Ok(());
    }
    writeln!(f, "at-s = {}", fault.when.at_second)?;
    match fault.when.seconds {
        Some(seconds) => writeln!(f, "seconds = {seconds}"),
        None => Ok(()),
    }
}

fn parameters(kind: &FaultKind) -> (&'static str, Vec<(&'static str, String)>) {
    let one = |name, value: f64| vec![(name, format!("{value:?}"))];
    let fails = |how| vec![("fails", text(how))];
    let none = Vec::new();
    match kind {
        FaultKind::Weight(factor) => ("weight", one("factor", *factor)),
        FaultKind::Strength(factor) => ("strength", one("factor", *factor)),
        FaultKind::Silent => ("dropout", none),
        FaultKind::Quality(most) => ("quality", one("most-percent", *most)),
        FaultKind::Muscle(by, power) => {
            ("muscle", vec![("by", format!("{by:?}")), ("power-db", format!("{power:?}"))])
        }
        FaultKind::Stuck => ("frozen", none),
        FaultKind::Jump(by) => ("jump", one("by", *by)),
        FaultKind::DelayFactor(factor) => ("delay", one("factor", *factor)),
        FaultKind::Suppression(ratio) => ("suppression", one("ratio-percent", *ratio)),
        FaultKind::UnitSlip => ("unit-slip", none),
        FaultKind::WrongUnit => ("wrong-unit", none),
        FaultKind::DuplicateReadings => ("duplicate-readings", none),
        FaultKind::LateReadings => ("late-readings", none),
        FaultKind::LowPressure(by) => ("pressure-low", one("by-mmhg", *by)),
        FaultKind::PressureSilent => ("pressure-silent", none),
        FaultKind::Occlusion => ("occlusion", none),
        FaultKind::PumpSilent => ("pump-silent", none),
        FaultKind::ReportsTwice => ("reports-twice", none),
        FaultKind::DeliveryError(factor) => ("delivery-error", one("factor", *factor)),
        FaultKind::ClockJump(jump) => ("clock-jump", one("jump-s", f64::from(*jump))),
        FaultKind::Controller(fault) => {
            ("controller", fails(name_in(&ControllerFault::NAMES, *fault)))
        }
        FaultKind::Profile(fault) => ("profile", fails(name_in(&ProfileFault::NAMES, *fault))),
        FaultKind::StorageLost => ("storage-lost", none),
    }
}
