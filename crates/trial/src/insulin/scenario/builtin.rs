//! The scenario that runs when none is given, and the hazards of the perturbation campaign.

use crate::engine::ProfileFault;

use super::{
    Arm, Bound, Control, ControllerFault, Criterion, Family, Fault, FaultKind, Hazard, Meal,
    Measure, Over, Patients, PumpModel, Scenario, Seeds, SensorModel, SettingsError, When,
};

/// Thirty subjects, three meals a day, open loop against both controllers. The meals and the
/// criteria are those of the published comparison that the project measures itself by: 45, 70 and
/// 80 g at 07:00, 12:00 and 18:00.
#[must_use]
pub fn standard() -> Scenario {
    let meal = |hour: u32, carbohydrate_g| Meal { at_minute: hour * 60, carbohydrate_g };
    let arm = |control: Control| Arm { name: control.name().to_owned(), control, announced: true };
    Scenario {
        name: "Standard days".to_owned(),
        patients: Patients {
            cohort: Family::UvaPadova,
            subjects: Vec::new(),
            count: None,
            seed: 1,
        },
        run_in_days: 7,
        days: 3,
        sensor: SensorModel::Ideal,
        pump: PumpModel::Exact,
        meals: vec![meal(7, 45.0), meal(12, 70.0), meal(18, 80.0)],
        arms: vec![arm(Control::OpenLoop), arm(Control::Rules), arm(Control::Mpc)],
        seeds: Seeds { first: 1, count: 1 },
        faults: Vec::new(),
        hazards: Vec::new(),
        criteria: standard_criteria(),
    }
}

/// Safety decides; what is hoped for time in range is reported.
fn standard_criteria() -> Vec<Criterion> {
    let hoped = |subjects: &str, percent| Criterion {
        arms: vec![Control::Mpc.name().to_owned()],
        subjects: subjects.to_owned(),
        aim: true,
        ..Criterion::new(Measure::InRange, Over::Mean, Bound::AtLeast(percent))
    };
    let mut criteria = safety_criteria(SensorModel::Ideal);
    criteria.extend([hoped("adult", 98.0), hoped("adolescent", 90.0), hoped("child", 85.0)]);
    criteria
}

/// The safety bars for closed loops: stricter with a sensor that has no errors.
#[must_use]
pub(crate) fn safety_criteria(sensor: SensorModel) -> Vec<Criterion> {
    let at_most = |measure, over, percent| Criterion::new(measure, over, Bound::AtMost(percent));
    if sensor == SensorModel::Ideal {
        vec![at_most(Measure::Below54, Over::Each, 0.0), at_most(Measure::Below70, Over::Each, 1.0)]
    } else {
        vec![
            at_most(Measure::Below54, Over::Mean, 0.05),
            at_most(Measure::Below54, Over::Each, 0.5),
        ]
    }
}

/// The bar under a hazard: at most 0.1 % of time below 54 mg/dL in the mean, in each arm.
#[must_use]
pub(crate) fn hazard_criteria() -> Vec<Criterion> {
    vec![Criterion::new(Measure::Below54, Over::Mean, Bound::AtMost(0.1))]
}

/// Changes the sensor, and with it the usual criteria: another sensor has other bars. Criteria that
/// are not the usual ones stay.
pub fn apply_sensor(scenario: &mut Scenario, sensor: SensorModel) {
    let usual = [standard_criteria(), safety_criteria(scenario.sensor)];
    if usual.contains(&scenario.criteria) && sensor != scenario.sensor {
        scenario.criteria = safety_criteria(sensor);
    }
    scenario.sensor = sensor;
}

/// Makes a perturbation campaign of a scenario: every arm under every hazard, judged by the bar for
/// hazards.
pub fn hazard_campaign(scenario: &mut Scenario, hazards: Vec<Hazard>) {
    scenario.name = format!("{}: hazards", scenario.name);
    scenario.hazards = hazards;
    scenario.criteria = hazard_criteria();
}

fn hazard(name: &str, words: &str, faults: &[Fault]) -> Hazard {
    let judged = !faults.iter().any(|fault| matches!(fault.kind, FaultKind::Controller(_)));
    Hazard { name: name.to_owned(), words: words.to_owned(), faults: faults.to_vec(), judged }
}

fn always(kind: FaultKind) -> Fault {
    Fault { kind, when: When::ALWAYS }
}

fn daily(kind: FaultKind, hour: u32, minutes: u32) -> Fault {
    let when = When { day: 1, at_minute: hour * 60, minutes: Some(minutes), daily: true };
    Fault { kind, when }
}

fn once(kind: FaultKind, hour: u32, minutes: u32) -> Fault {
    let when = When { day: 1, at_minute: hour * 60, minutes: Some(minutes), daily: false };
    Fault { kind, when }
}

fn settings(basal: f64, carb_ratio: f64, correction_factor: f64, dose: f64) -> Fault {
    let error = SettingsError { basal, carb_ratio, correction_factor, total_daily_dose: dose };
    always(FaultKind::Settings(error))
}

/// The perturbations of the campaign, the undisturbed run first.
#[must_use]
pub fn builtin_hazards() -> Vec<Hazard> {
    let third = 1.0 / 3.0;
    let mut hazards = vec![hazard("none", "Nothing goes wrong", &[])];
    hazards.extend(people(third));
    hazards.extend(sensors());
    hazards.extend(machines());
    hazards
}

fn people(third: f64) -> Vec<Hazard> {
    let (less, more) = (1.0 - third, 1.0 + third);
    vec![
        hazard(
            "settings-too-strong",
            "Basal and daily dose a third too high, carb ratio and correction factor a third too low",
            &[settings(more, less, less, more)],
        ),
        hazard(
            "settings-too-weak",
            "Basal and daily dose a third too low, carb ratio and correction factor a third too high",
            &[settings(less, more, more, less)],
        ),
        hazard(
            "carbs-over",
            "Carbohydrate counted a third too high",
            &[always(FaultKind::CarbError(more))],
        ),
        hazard(
            "carbs-under",
            "Carbohydrate counted a third too low",
            &[always(FaultKind::CarbError(less))],
        ),
        hazard(
            "bolus-late",
            "Announced 15 minutes after the meal",
            &[always(FaultKind::BolusLate(15))],
        ),
        hazard(
            "bolus-missed",
            "Noon meals never announced",
            &[daily(FaultKind::BolusMissed, 11, 120)],
        ),
        hazard(
            "announced-twice",
            "Two caregivers announce each meal",
            &[always(FaultKind::AnnouncedTwice)],
        ),
    ]
}

fn sensors() -> Vec<Hazard> {
    vec![
        hazard(
            "dropout-20",
            "Sensor silent for 20 minutes, three times a day",
            &[
                daily(FaultKind::Dropout, 3, 20),
                daily(FaultKind::Dropout, 13, 20),
                daily(FaultKind::Dropout, 19, 20),
            ],
        ),
        hazard(
            "dropout-60",
            "Sensor silent for an hour, after lunch and at night",
            &[daily(FaultKind::Dropout, 2, 60), daily(FaultKind::Dropout, 13, 60)],
        ),
        hazard(
            "dropout-180",
            "Sensor silent for three hours, from supper on",
            &[daily(FaultKind::Dropout, 18, 180)],
        ),
        hazard("bias-high", "Sensor reads 15 % too high", &[always(FaultKind::Bias(1.15))]),
        hazard("bias-low", "Sensor reads 15 % too low", &[always(FaultKind::Bias(0.85))]),
        hazard(
            "compression-low",
            "Compression lows of 50 mg/dL, twice a night",
            &[
                daily(FaultKind::CompressionLow(50.0), 1, 30),
                daily(FaultKind::CompressionLow(50.0), 4, 40),
            ],
        ),
        hazard(
            "frozen",
            "Sensor repeats its last value for an hour after lunch",
            &[daily(FaultKind::Frozen, 13, 60)],
        ),
        hazard(
            "duplicate-readings",
            "Every message arrives twice",
            &[always(FaultKind::DuplicateReadings)],
        ),
    ]
}

fn machines() -> Vec<Hazard> {
    let controller = |fault| once(FaultKind::Controller(fault), 9, 360);
    vec![
        hazard(
            "occlusion",
            "Cannula occluded for two hours in the afternoon",
            &[once(FaultKind::Occlusion, 14, 120)],
        ),
        hazard(
            "delivery-over",
            "Pump delivers 5 % more than it counts",
            &[always(FaultKind::DeliveryError(1.05))],
        ),
        hazard(
            "delivery-under",
            "Pump delivers 5 % less than it counts",
            &[always(FaultKind::DeliveryError(0.95))],
        ),
        hazard(
            "pump-silent",
            "Pump out of reach for an hour after supper",
            &[once(FaultKind::PumpSilent, 19, 60)],
        ),
        hazard(
            "reports-twice",
            "Every pump report arrives twice, and again behind the next one",
            &[always(FaultKind::ReportsTwice)],
        ),
        hazard("clock-jump", "Clock jumps an hour ahead", &[once(FaultKind::ClockJump(60), 15, 5)]),
        hazard(
            "controller-maximum",
            "Controller asks for the maximum for six hours",
            &[controller(ControllerFault::Maximum)],
        ),
        hazard(
            "controller-beyond",
            "Controller asks for the impossible for six hours",
            &[controller(ControllerFault::Beyond)],
        ),
        hazard(
            "controller-zero",
            "Controller asks for nothing for six hours",
            &[controller(ControllerFault::Zero)],
        ),
        hazard(
            "controller-stuck",
            "Controller repeats itself for six hours",
            &[controller(ControllerFault::Stuck)],
        ),
        hazard(
            "controller-nan",
            "Controller gives no number for six hours",
            &[controller(ControllerFault::NotANumber)],
        ),
        hazard(
            "profile-damaged",
            "Stored profile damaged for an hour in the afternoon",
            &[once(FaultKind::Profile(ProfileFault::Damaged), 15, 60)],
        ),
        hazard(
            "deadline-missed",
            "Controller misses its deadlines for an hour",
            &[once(FaultKind::Controller(ControllerFault::Late), 9, 60)],
        ),
    ]
}
