//! The scenario that runs when none is given, its bars, and the hazards of the fault campaign.

use crate::engine::ProfileFault;

use super::{
    Arm, Bound, CohortChoice, Control, ControllerFault, Criterion, Fault, FaultKind, Hazard,
    Measure, MonitorChoice, Over, Patients, PumpChoice, Scenario, Seeds, StimulusProfile, When,
};

/// Sixty adults with their own kinetics, sensitivity and delay, a noisy monitor, an hour under the
/// stimuli of Struys 2004: target-controlled infusion against both controllers.
#[must_use]
pub fn standard() -> Scenario {
    let patients =
        Patients { cohort: CohortChoice::Adults, subjects: Vec::new(), count: Some(60), seed: 1 };
    let mut scenario = Scenario {
        name: "An hour of anaesthesia".to_owned(),
        patients,
        minutes: 60,
        emergence_minutes: 0,
        stimulus: StimulusProfile::Struys,
        attenuated: false,
        remifentanil: None,
        monitor: MonitorChoice::Noisy,
        pressure: false,
        pump: PumpChoice::Syringe,
        target: 50.0,
        period_seconds: 5,
        arms: [Control::Tci, Control::Pid, Control::Mpc].map(Arm::usual).to_vec(),
        seeds: Seeds { first: 1, count: 1 },
        faults: Vec::new(),
        hazards: Vec::new(),
        criteria: Vec::new(),
    };
    scenario.criteria = usual_criteria(&scenario);
    scenario
}

/// The bars that bind where nobody gave others. Nobody very deep is asked of every closed loop; how
/// well the index is held is asked of the predictive controller, where the figures were set for the
/// cohort and the stimulus. Under hazards, and with faults in every arm, the first alone is asked.
#[must_use]
pub fn usual_criteria(scenario: &Scenario) -> Vec<Criterion> {
    let very_deep = Criterion::new(Measure::EverBelow20, Over::Mean, Bound::AtMost(0.0));
    if !scenario.hazards.is_empty() || !scenario.faults.is_empty() {
        return vec![Criterion { bound: Bound::AtMost(1.0), ..very_deep }];
    }
    let mut criteria = vec![very_deep];
    let arms: Vec<String> = scenario
        .arms
        .iter()
        .filter(|arm| arm.control == Control::Mpc)
        .map(|arm| arm.name.clone())
        .collect();
    if arms.is_empty() {
        return criteria;
    }
    let held = held(&scenario.patients.cohort, scenario.stimulus);
    criteria.extend(held.into_iter().map(|held| Criterion { arms: arms.clone(), ..held }));
    criteria
}

/// How well the index is to be held.
fn held(cohort: &CohortChoice, stimulus: StimulusProfile) -> Vec<Criterion> {
    use Bound::{AtLeast, AtMost};
    let p = Over::Percentile;
    let aim =
        |measure, over, bound| Criterion { aim: true, ..Criterion::new(measure, over, bound) };
    let induction = [
        Criterion::new(Measure::AsleepIn5, Over::Mean, AtLeast(95.0)),
        Criterion::new(Measure::Nadir, p(1), AtLeast(35.0)),
        aim(Measure::Nadir, p(1), AtLeast(40.0)),
    ];
    let own = match (cohort, stimulus) {
        (CohortChoice::Adults, StimulusProfile::None) => vec![
            Criterion::new(Measure::InRange, Over::Median, AtLeast(99.0)),
            Criterion::new(Measure::InRange, p(10), AtLeast(92.0)),
            aim(Measure::InRange, p(10), AtLeast(96.0)),
            Criterion::new(Measure::EverBelow30, Over::Mean, AtMost(1.0)),
        ],
        (CohortChoice::Adults, StimulusProfile::Struys) => vec![
            Criterion::new(Measure::InRange, Over::Median, AtLeast(72.0)),
            aim(Measure::InRange, Over::Median, AtLeast(78.0)),
            Criterion::new(Measure::InRange, p(10), AtLeast(62.0)),
            aim(Measure::InRange, p(10), AtLeast(68.0)),
            Criterion::new(Measure::EverBelow30, Over::Mean, AtMost(5.0)),
            aim(Measure::EverBelow30, Over::Mean, AtMost(1.0)),
        ],
        (CohortChoice::Ionescu, StimulusProfile::Struys) => vec![
            Criterion::new(Measure::InRange, Over::Median, AtLeast(88.0)),
            aim(Measure::InRange, Over::Median, AtLeast(92.0)),
            Criterion::new(Measure::Lowest, Over::Each, AtLeast(30.0)),
        ],
        _ => vec![Criterion::new(Measure::EverBelow30, Over::Mean, AtMost(5.0))],
    };
    own.into_iter().chain(induction).collect()
}

/// Makes a fault campaign of a scenario: every arm under every hazard, judged by the bar for hazards.
pub fn hazard_campaign(scenario: &mut Scenario, hazards: Vec<Hazard>) {
    scenario.name = format!("{}: hazards", scenario.name);
    scenario.hazards = hazards;
    scenario.criteria = usual_criteria(scenario);
}

fn hazard(name: &str, words: &str, faults: &[FaultKind], when: When) -> Hazard {
    let faults: Vec<Fault> = faults.iter().map(|kind| Fault { kind: *kind, when }).collect();
    let judged = !faults.iter().any(|fault| matches!(fault.kind, FaultKind::Controller(_)));
    Hazard {
        name: name.to_owned(),
        words: words.to_owned(),
        faults,
        judged,
        detectable_after: 0,
        alarm_within: None,
    }
}

/// In the quiet before the long surgical spell: from minute 24 on, for so many seconds.
const fn mid(seconds: u32) -> When {
    When { at_second: 24 * super::MINUTE, seconds: Some(seconds) }
}

/// Control periods from the moment at which a fault can be known to the alarm (issue 3).
const HEARD_WITHIN_PERIODS: u32 = 2;

impl Hazard {
    /// It can be known so many seconds after its beginning, and is to be heard at once: within so many
    /// seconds as [`builtin_hazards`] makes of the periods.
    fn known_after(self, seconds: u32) -> Self {
        Self { detectable_after: seconds, alarm_within: Some(HEARD_WITHIN_PERIODS), ..self }
    }
}

/// The faults of the campaign, the undisturbed run first. When each can be known is a number of the
/// reference profile; `docs/book/propofol-loop.md` says which, and of which faults nothing can be known.
/// `period_seconds` are those between two decisions.
#[must_use]
pub fn builtin_hazards(period_seconds: u32) -> Vec<Hazard> {
    let mut hazards = vec![hazard("none", "Nothing goes wrong", &[], mid(0))];
    hazards.extend(monitors());
    hazards.extend(devices());
    hazards.extend(people());
    hazards.extend(machines());
    for hazard in &mut hazards {
        hazard.alarm_within = hazard.alarm_within.map(|periods| periods * period_seconds);
    }
    hazards
}

fn monitors() -> Vec<Hazard> {
    use FaultKind as Kind;
    vec![
        hazard(
            "quality-30",
            "Signal quality falls to 30 % for 2 minutes",
            &[Kind::Quality(30.0)],
            mid(120),
        )
        .known_after(10),
        hazard("quality-5", "No index for 2 minutes", &[Kind::Quality(5.0)], mid(120))
            .known_after(10),
        hazard(
            "muscle",
            "Muscle activity: index 15 too high, electromyogram 60 dB, 5 minutes",
            &[Kind::Muscle(15.0, 60.0)],
            mid(300),
        )
        .known_after(10),
        hazard(
            "muscle-unseen",
            "Index 15 too high for 5 minutes while the electromyogram looks fair",
            &[Kind::Muscle(15.0, 40.0)],
            mid(300),
        ),
        hazard("frozen", "The monitor repeats itself for 5 minutes", &[Kind::Stuck], mid(300))
            .known_after(20),
        hazard(
            "delay-3",
            "The index comes three times as late",
            &[Kind::DelayFactor(3.0)],
            When::ALWAYS,
        ),
        hazard("dropout-10", "The monitor is silent for 10 s", &[Kind::Silent], mid(10)),
        hazard("dropout-45", "The monitor is silent for 45 s", &[Kind::Silent], mid(45))
            .known_after(10),
        hazard("dropout-300", "The monitor is silent for 5 minutes", &[Kind::Silent], mid(300))
            .known_after(10),
        hazard(
            "suppression",
            "A suppression of 50 % that is not there, 5 minutes",
            &[Kind::Suppression(50.0)],
            mid(300),
        )
        .known_after(30),
        hazard("late-readings", "Samples come together after 20 s", &[Kind::LateReadings], mid(20))
            .known_after(10),
        hazard(
            "duplicate-readings",
            "Every sample comes twice",
            &[Kind::DuplicateReadings],
            When::ALWAYS,
        ),
        hazard(
            "unit-slip",
            "The monitor sends a tenth of the index for 5 minutes",
            &[Kind::UnitSlip],
            mid(300),
        )
        .known_after(0),
        hazard(
            "wrong-unit",
            "The monitor's frames name another unit for 5 minutes",
            &[Kind::WrongUnit],
            mid(300),
        )
        .known_after(0),
    ]
}

fn devices() -> Vec<Hazard> {
    use FaultKind as Kind;
    vec![
        hazard("pump-silent-10", "Pump out of reach for 10 s", &[Kind::PumpSilent], mid(10))
            .known_after(5),
        hazard("pump-silent-45", "Pump out of reach for 45 s", &[Kind::PumpSilent], mid(45))
            .known_after(5),
        hazard("pump-silent-300", "Pump out of reach for 5 minutes", &[Kind::PumpSilent], mid(300))
            .known_after(5),
        hazard(
            "pressure-low",
            "The arterial line shows 20 mmHg less for 5 minutes",
            &[Kind::LowPressure(20.0)],
            mid(300),
        )
        .known_after(0),
        hazard(
            "pressure-silent",
            "Nothing is heard of the arterial line for 5 minutes",
            &[Kind::PressureSilent],
            mid(300),
        ),
        hazard(
            "occlusion",
            "Line occluded for 10 minutes; the pump notices by pressure",
            &[Kind::Occlusion],
            mid(600),
        )
        .known_after(0),
        hazard(
            "delivery-over",
            "Pump delivers 10 % more than it counts",
            &[Kind::DeliveryError(1.1)],
            When::ALWAYS,
        ),
        hazard(
            "delivery-under",
            "Pump delivers 10 % less than it counts",
            &[Kind::DeliveryError(0.9)],
            When::ALWAYS,
        ),
        hazard(
            "reports-twice",
            "Every pump report arrives twice, and again behind the next one",
            &[Kind::ReportsTwice],
            When::ALWAYS,
        ),
    ]
}

fn people() -> Vec<Hazard> {
    use FaultKind as Kind;
    let set = |name: &str, words: &str, kind: Kind| hazard(name, words, &[kind], When::ALWAYS);
    vec![
        set("weight-double", "Weight in the profile twice the true one", Kind::Weight(2.0)),
        set("weight-half", "Weight in the profile half the true one", Kind::Weight(0.5)),
        set("strength-double", "A syringe of 2 % where 1 % is set", Kind::Strength(2.0)),
        set("strength-half", "A syringe of half the strength that is set", Kind::Strength(0.5)),
    ]
}

fn machines() -> Vec<Hazard> {
    use FaultKind as Kind;
    let controller =
        |name: &str, words: &str, fault| hazard(name, words, &[Kind::Controller(fault)], mid(300));
    vec![
        hazard("clock-ahead", "Clock jumps a minute ahead", &[Kind::ClockJump(60)], mid(30))
            .known_after(0),
        hazard("clock-back", "Clock jumps a minute back", &[Kind::ClockJump(-60)], mid(30))
            .known_after(0),
        hazard(
            "storage-lost",
            "No record can be written, 2 minutes",
            &[Kind::StorageLost],
            mid(120),
        )
        .known_after(0),
        hazard(
            "profile-damaged",
            "Stored profile damaged for 2 minutes",
            &[Kind::Profile(ProfileFault::Damaged)],
            mid(120),
        )
        .known_after(0),
        controller(
            "controller-maximum",
            "Controller asks for the maximum for 5 minutes",
            ControllerFault::Maximum,
        ),
        controller(
            "controller-beyond",
            "Controller asks for the impossible for 5 minutes",
            ControllerFault::Beyond,
        ),
        controller(
            "controller-zero",
            "Controller asks for nothing for 5 minutes",
            ControllerFault::Zero,
        ),
        controller(
            "controller-stuck",
            "Controller repeats itself for 5 minutes",
            ControllerFault::Stuck,
        ),
        controller(
            "controller-nan",
            "Controller gives no number for 5 minutes",
            ControllerFault::NotANumber,
        )
        .known_after(0),
        controller(
            "deadline-missed",
            "Controller misses its deadlines for 5 minutes",
            ControllerFault::Late,
        )
        .known_after(10),
    ]
}
