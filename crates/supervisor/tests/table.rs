//! The shipped table as data: complete, and within the rules that the register sets for it.

use homeostat_record::{Authority, Cause, Priority, Role};
use homeostat_supervisor::TABLE;
use homeostat_supervisor::causes::{
    Class, Delay, Harm, Kind, Onset, Release, Stage, authorised, identified, priority,
};
use homeostat_supervisor::latch::Latch;
use homeostat_supervisor::modes::Modes;
use std::collections::BTreeSet;

/// The requirement groups of the register that a row may serve.
const GROUPS: [&str; 11] =
    ["SEN", "CTL", "ACT", "COM", "TIM", "MOD", "SUP", "ALM", "PWR", "LOG", "GLY"];

#[test]
fn mod_01_every_cause_has_its_row_in_the_order_of_the_codes() {
    for (cause, row) in Cause::ALL.into_iter().zip(&TABLE) {
        assert_eq!(row.cause, cause);
    }
}

#[test]
fn alm_01_every_row_has_words_a_requirement_and_a_stage() {
    let mut messages = BTreeSet::new();
    for row in &TABLE {
        let (group, number) = row.requirement.split_once('-').unwrap();
        assert!(GROUPS.contains(&group), "{}", row.requirement);
        assert!(number.len() == 2 && number.parse::<u8>().is_ok());
        assert!(messages.insert(row.message), "{} says what another says", row.cause.name());
        for words in [row.message, row.advice] {
            assert!(words.ends_with('.') && words.is_ascii());
            assert!((10..=100).contains(&words.len()), "{words}");
        }
        assert!(!row.stages.is_empty());
    }
}

#[test]
fn mod_07_ceilings_go_down_the_longer_a_cause_holds() {
    for row in &TABLE {
        for pair in row.stages.windows(2) {
            assert!(pair[1].ceiling < pair[0].ceiling, "{}", row.cause.name());
            assert_ne!(pair[1].after, Delay::Now);
        }
        let last = row.stages.last().unwrap().ceiling;
        assert!(row.second.is_none_or(|second| second < last));
    }
}

#[test]
fn alm_02_priorities_follow_the_grid() {
    use Priority::{High, Low, Medium, None};
    let grid = [
        (Harm::Irreversible, [High, High, Medium]),
        (Harm::Reversible, [High, Medium, Low]),
        (Harm::Minor, [Medium, Low, Low]),
        (Harm::None, [None, None, None]),
    ];
    for (harm, expected) in grid {
        let onsets = [Onset::Immediate, Onset::Prompt, Onset::Delayed];
        assert_eq!(onsets.map(|onset| priority(harm, onset)), expected);
    }
}

#[test]
fn alm_13_less_authority_is_never_announced_with_less_priority() {
    for row in &TABLE {
        for stage in row.stages {
            let least = match stage.ceiling {
                Authority::FailStop => Priority::High,
                Authority::Suspend => Priority::Medium,
                Authority::Background => Priority::Low,
                Authority::Limited | Authority::Full => Priority::None,
            };
            assert!(priority(stage.harm, stage.onset) >= least, "{}", row.cause.name());
        }
        for pair in row.stages.windows(2) {
            let of = |number: usize| priority(pair[number].harm, pair[number].onset);
            assert!(of(1) >= of(0));
        }
    }
}

#[test]
fn alm_07_integrity_identity_security_and_dose_limit_alarms_latch() {
    for row in &TABLE {
        let must = match row.class {
            Class::Integrity | Class::Security | Class::Identity => true,
            Class::Transient
            | Class::Technical
            | Class::Clinical
            | Class::Power
            | Class::Escalation => false,
        };
        assert!(row.latching || !must, "{}", row.cause.name());
        assert!(row.latching || row.release != Release::AuthorisedReset);
    }
    assert!(TABLE[Cause::GuardClamping as usize].latching);
}

#[test]
fn mod_07_integrity_identity_and_security_need_an_authorised_person() {
    for row in &TABLE {
        let authorised = row.release == Release::AuthorisedReset;
        let class = matches!(row.class, Class::Integrity | Class::Security | Class::Identity);
        // An attacked link changes no therapy and ends with quiet (register D.2, overlay S).
        assert_eq!(authorised, class && row.cause != Cause::LinkAttacked, "{}", row.cause.name());
    }
    let roles = [Role::Unknown, Role::User, Role::Clinician, Role::Authorised];
    assert_eq!(roles.map(authorised), [false, false, false, true]);
    assert_eq!(roles.map(identified), [false, true, true, true]);
    let releases =
        [Release::WhenClear, Release::Acknowledge, Release::Reconcile, Release::AuthorisedReset];
    assert_eq!(releases.map(Release::needs_person), [false, true, true, true]);
}

/// What a level of authority needs in order to hold. A level whose need is not met is left by the
/// least ceiling of all: no other mechanism degrades it.
const NEEDS: [(Authority, &[Cause]); 4] = [
    (Authority::Full, &[Cause::QualityReduced, Cause::ClockDoubtful]),
    (Authority::Limited, &[Cause::ControllerFailed, Cause::QualityPoor, Cause::OpinionDiffers]),
    (Authority::Background, &[Cause::ProfileInvalid, Cause::IdentityMismatch]),
    (Authority::Suspend, &[Cause::ActuatorDisobeys, Cause::IntegrityLost, Cause::SelfTestFailed]),
];

#[test]
fn mod_14_a_level_whose_need_is_not_met_is_left_at_once() {
    for (level, causes) in NEEDS {
        for cause in causes {
            let first = TABLE[*cause as usize].stages.first().unwrap();
            assert_eq!(first.after, Delay::Now);
            assert!(first.ceiling < level, "{}", cause.name());
        }
    }
}

/// The alarm of each cause, said a second time: priorities of its stages (register D.2, D.4, D.5;
/// n: none, l: low, m: medium, h: high), whether it latches, whether silence has consequences.
const ALARMS: &str = "
InputMissing        l m  -      silence
QualityReduced      l    -      -
QualityPoor         m    -      silence
InputImplausible    l m  -      silence
ArtefactSuspected   n    -      -
ReferenceDisagrees  m    -      silence
SensorNotReady      l    -      -
DeadlineMissed      n m  -      silence
ControllerFailed    m    -      silence
OpinionDiffers      m    latch  silence
GuardClamping       l    latch  -
GuardViolation      h    latch  silence
Saturation          m    -      -
Oscillation         l    -      -
PhysiologicStop     h    -      -
PredictedStop       m    -      -
PhysiologicNeed     h    -      -
OverDelivery        h    latch  silence
UnderDelivery       m    latch  silence
ActuatorDisobeys    h    latch  silence
ActuatorSilent      m    -      silence
ClockDoubtful       l    -      -
IdentityMismatch    h    latch  silence
RecordLost          l m  latch  silence
IntegrityLost       h    latch  silence
LinkAttacked        m    latch  -
ReplayDiverged      m    latch  silence
PowerLow            m    -      silence
NoResponse          h h  latch  -
ProfileInvalid      h    latch  silence
SelfTestFailed      h    latch  silence
PeerNotAccepted     m    latch  silence
AlarmPathLost       m    latch  silence
PhysiologicHold     m    -      -
";

#[test]
fn alm_01_every_alarm_is_as_the_second_list_says() {
    for (row, line) in TABLE.iter().zip(ALARMS.trim().lines()) {
        let letter = |stage: &Stage| match priority(stage.harm, stage.onset) {
            Priority::None => "n",
            Priority::Low => "l",
            Priority::Medium => "m",
            Priority::High => "h",
        };
        let mut words = vec![row.cause.name()];
        words.extend(row.stages.iter().map(letter));
        words.push(if row.latching { "latch" } else { "-" });
        words.push(if row.escalates { "silence" } else { "-" });
        assert_eq!(words, line.split_whitespace().collect::<Vec<_>>());
    }
}

#[test]
fn only_clinical_causes_are_physiologic() {
    for row in &TABLE {
        assert_eq!(row.kind == Kind::Physiologic, row.class == Class::Clinical);
    }
}

#[test]
fn mod_06_silence_has_consequences_except_where_less_would_harm() {
    for row in &TABLE {
        // Authority is lowered for the equipment's sake; the patient's own alarms repeat.
        assert!(!(row.escalates && row.class == Class::Clinical), "{}", row.cause.name());
    }
    assert!(!TABLE[Cause::NoResponse as usize].escalates, "it does not feed itself");
}

#[test]
fn a_latch_whose_fields_contradict_each_other_is_not_sound() {
    let sound = Latch { active: true, age: 3, ..Latch::default() };
    assert!(sound.is_sound() && Latch::default().is_sound());
    assert!(Latch { seen: true, ..Latch::default() }.is_sound());
    assert!(Latch { active: false, clear: 4, ..sound }.is_sound());
    let never = Latch::default();
    let unsound = [
        Latch { clear: 1, ..sound },
        Latch { active: true, ..never },
        Latch { held: true, ..never },
        Latch { clear: 1, ..never },
        Latch { ceiling: Authority::Suspend, ..never },
    ];
    for latch in unsound {
        assert!(!latch.is_sound(), "{latch:?}");
        let mut modes = Modes::default();
        modes.latches[17] = latch;
        assert!(!modes.is_sound());
        let mut modes = Modes::default();
        modes.flap.latch = latch;
        assert!(!modes.is_sound());
        assert!(Modes::default().is_sound());
    }
}

#[test]
fn no_therapy_speaks_in_the_table() {
    let words = ["glucose", "insulin", "propofol", "bolus", "sugar", "pump", "hypnosis", "mg/"];
    for row in &TABLE {
        for text in [row.message, row.advice] {
            let lower = text.to_lowercase();
            assert!(words.iter().all(|word| !lower.contains(word)), "{text}");
        }
    }
}
