//! The signed profile in a whole world: without one nothing starts, and when the stored one is no
//! longer what was verified, the cycle that finds it names it, stops automatic operation, and leaves
//! the reason in the black box.

use homeostat_assembly::inspection::profile::ProfileSignature;
use homeostat_assembly::inspection::{Inspection, Replayed, cycle_of, inspect};
use homeostat_assembly::insulin as machine;
use homeostat_assembly::insulin::explanation::explain;
use homeostat_assembly::signed_profile::{Statement, read_entry};
use homeostat_assembly::{BoxIdentity, Cadence, InstalledProfile, RecordError, Recorder, Trust};
use homeostat_blackbox::VerifierKey;
use homeostat_blackbox::log::buffer_for;
use homeostat_blackbox::note::{Name, NoteSigner};
use homeostat_blackbox::verdict::{KeySource, Options};
use homeostat_blackbox::verify::verify_log;
use homeostat_blackbox::{Body, Config, Hash, Kind, Log, Milliseconds, Stamp};
use homeostat_insulin::profile::Profile;
use homeostat_record::{
    Authority, Canonical, Cause, CycleEntry, EntryKind, Input, Mode, Phase, SoftwareIdentity,
};
use homeostat_trial::engine::{MemoryDisk, ProfileFault, test_signer};
use homeostat_trial::insulin::cell::CellError;
use homeostat_trial::insulin::scenario::{Control, Fault, FaultKind, Scenario, When, standard};
use homeostat_trial::insulin::trial::Trial;

const SEED: u64 = 1;

fn scenario(control: Control) -> Scenario {
    let mut scenario = standard();
    scenario.run_in_days = 0;
    scenario.days = 1;
    scenario.patients.subjects = vec!["adult#001".to_owned()];
    scenario.arms.retain(|arm| arm.control == control);
    scenario
}

fn with_fault(fault: ProfileFault, at_minute: u32) -> Scenario {
    let when = When { day: 1, at_minute, minutes: Some(60), daily: false };
    let faults = vec![Fault { kind: FaultKind::Profile(fault), when }];
    Scenario { faults, ..scenario(Control::Mpc) }
}

/// A run: what it gave, its cycles as they were shown, its box.
fn run(scenario: Scenario) -> Result<(Vec<CycleEntry>, Vec<String>, MemoryDisk), CellError> {
    let trial = Trial::prepare(scenario).expect("the subject is published");
    let cell = trial.cell(trial.cells()[0]).expect("there is a cell");
    let mut cycles = Vec::new();
    let (result, disk) =
        cell.run_watched(MemoryDisk::default(), &mut |entry, _| cycles.push(*entry))?;
    let found = result.findings.verdicts.iter().filter(|verdict| !verdict.holds());
    Ok((cycles, found.map(|verdict| format!("{verdict:?}")).collect(), disk))
}

fn read(disk: &mut MemoryDisk, known: Option<&VerifierKey>) -> Inspection {
    let verify = |visit: homeostat_blackbox::verdict::Visit<'_>| {
        verify_log(disk, &Options::default(), visit)
    };
    inspect(verify, &machine::rebuild, known).expect("memory can be read")
}

/// The notes of a box that stand after its first cycle or right before it.
fn notes(disk: &mut MemoryDisk) -> Vec<String> {
    let mut notes = Vec::new();
    let verdict = verify_log(disk, &Options::default(), &mut |record| {
        let entry = record.entry.expect("our own log");
        if entry.header.kind.0 == EntryKind::Note as u8 {
            notes.push(String::from_utf8_lossy(entry.body.bytes()).into_owned());
        }
    });
    assert!(verdict.expect("memory can be read").is_good());
    notes.split_off(1)
}

#[test]
fn mod_14_int_04_a_stored_profile_gone_wrong_stops_automatic_operation_in_the_same_cycle() {
    let said = [
        (ProfileFault::Damaged, "profile refused: the signature of a known key is wrong"),
        (ProfileFault::Missing, "profile refused: there is none"),
        (ProfileFault::ForeignKey, "profile refused: no signature is by a known key"),
        (ProfileFault::OtherPerson, "profile refused: it was signed for homeostat.example/trial/"),
        (ProfileFault::Older, "profile refused: revision 0 is older than revision 1"),
    ];
    for (fault, words) in said {
        let (cycles, violated, mut disk) = run(with_fault(fault, 600)).expect("it runs");
        assert_eq!(violated, Vec::<String>::new(), "{fault:?}");
        let (before, at) = (&cycles[119], &cycles[120]);
        assert_eq!(before.decision.mode, Mode::Automatic, "{fault:?}: {:?}", before.decision);
        assert!(!before.input.conditions.has(Cause::ProfileInvalid));
        for cycle in &cycles[120..132] {
            assert!(cycle.input.conditions.has(Cause::ProfileInvalid), "{fault:?}");
            assert_eq!(cycle.decision.authority, Authority::Suspend, "{fault:?}");
            assert_eq!(cycle.decision.mode, Mode::FallbackSuspend, "{fault:?}");
            assert_eq!(cycle.decision.order.map_or(0, |order| order.steps[0].0), 0, "{fault:?}");
        }
        assert_eq!(at.decision.governing, Some(Cause::ProfileInvalid), "{fault:?}");
        assert!(!cycles[132].input.conditions.has(Cause::ProfileInvalid), "{fault:?}");
        let late = &cycles[287].decision;
        assert_eq!(late.phase, Phase::Automatic, "{fault:?}: after somebody authorised came");
        assert!(late.authority > Authority::Suspend, "{fault:?}: {late:?}");

        let told = notes(&mut disk);
        assert_eq!(told.len(), 2, "{told:?}");
        assert!(told[0].starts_with(words), "{}", told[0]);
        assert_eq!(told[1], "the stored profile is the one in use again");
        let inspection = read(&mut disk, None);
        assert_eq!((inspection.replayed, inspection.cycles), (Replayed::Equal, 288));
        let profile = profile_of(&mut disk);
        let words = explain(at, &profile).to_string();
        assert!(words.contains("fallback: insulin stopped"), "{words}");
        assert!(words.contains("[MOD-14]"), "{words}");
    }
}

fn profile_of(disk: &mut MemoryDisk) -> Profile {
    let mut found = None;
    let verdict = verify_log(disk, &Options::default(), &mut |record| {
        if let Some(bytes) = homeostat_assembly::inspection::profile::profile_of(record) {
            found = Some(Profile::parse(&bytes.expect("it can be read")).expect("it is good"));
        }
    });
    assert!(verdict.expect("memory can be read").is_good());
    found.expect("a box holds a profile")
}

#[test]
fn mod_14_p3_while_the_stored_profile_is_invalid_automatic_operation_cannot_be_chosen() {
    let (cycles, violated, _) = run(with_fault(ProfileFault::ForeignKey, 5)).expect("it runs");
    assert_eq!(violated, Vec::<String>::new());
    let chosen = cycles[1..13].iter().filter(|cycle| cycle.decision.unmet.is_some()).count();
    assert!(chosen > 0, "people try");
    for cycle in &cycles[1..13] {
        assert!(cycle.input.conditions.has(Cause::ProfileInvalid));
        assert_ne!(cycle.decision.mode, Mode::Automatic);
        assert!(cycle.decision.authority <= Authority::Suspend, "{:?}", cycle.decision);
    }
}

#[test]
fn int_01_nothing_starts_with_a_profile_that_does_not_verify() {
    for (name, fault) in ProfileFault::NAMES {
        // An older revision is a good profile to a device that has seen no newer one.
        if fault == ProfileFault::Older {
            continue;
        }
        let error = run(with_fault(fault, 0)).expect_err(name);
        let words = error.to_string();
        let head = "adult#001: automatic operation does not start: profile refused: ";
        assert!(words.starts_with(head), "{words}");
    }
}

/// A signed statement around this subject's profile bytes, after a change to both.
fn installed(change: impl FnOnce(&mut Statement)) -> InstalledProfile {
    let trial = Trial::prepare(scenario(Control::Mpc)).expect("the subject is published");
    let cell = trial.cell(trial.cells()[0]).expect("there is a cell");
    let (installed, _) = cell.install("homeostat.example/one").expect("it is good");
    let mut statement = installed.statement().clone();
    change(&mut statement);
    let signer = test_signer(SEED).expect("a name");
    let trust = Trust {
        signers: vec![*signer.verifier()],
        therapy: statement.therapy.clone(),
        device: statement.device.clone(),
    };
    InstalledProfile::verify(statement.signed(&signer).as_bytes(), trust).expect("it is signed")
}

#[test]
fn f_c16_a_signed_profile_that_the_therapy_refuses_starts_nothing() {
    let started = |change: fn(&mut Statement)| {
        machine::start(Control::Mpc, &installed(change)).map(|_| ()).map_err(|e| e.to_string())
    };
    assert_eq!(started(|_| {}), Ok(()));
    let old = |statement: &mut Statement| {
        statement.profile = include_bytes!("../../../vectors/profiles/format-1.cbor").to_vec();
    };
    assert_eq!(
        started(old),
        Err("profile refused: header.format is 1, expected 2: an older profile is read for replays \
             and starts no loop"
            .to_owned())
    );
    assert_eq!(
        started(|statement| statement.revision = 2),
        Err("profile refused: header.revision is 1, expected 2 as it was signed".to_owned())
    );
    assert!(started(|statement| statement.profile.truncate(100)).is_err());
}

#[test]
fn f_c16_what_was_recorded_with_an_old_format_can_be_computed_again() {
    let old = include_bytes!("../../../vectors/profiles/format-1.cbor");
    let identity: SoftwareIdentity = machine::identity(Control::Mpc);
    let machine = machine::rebuild(&identity, old).expect("it replays");
    assert_eq!(machine.profile(), old);
}

#[test]
fn int_01_the_released_signed_profile_verifies_for_ever() {
    let entry = include_bytes!("../../../vectors/profiles/signed-v1.txt");
    let key = *test_signer(SEED).expect("a name").verifier();
    let (statement, signer) = read_entry(entry, Some(&key)).expect("it is good");
    assert_eq!((statement.therapy.as_str(), statement.revision), (machine::THERAPY, 1));
    assert_eq!(statement.device, "homeostat.example/trial/mpc/adult-001/1");
    assert_eq!(signer, key);
    // What the bytes mean is the profile's own format, with vectors of its own.
    assert_eq!(statement.profile[..5], [0x8B, 0x83, 2, 1, 1]);
}

#[test]
fn log_02_a_box_says_who_signed_its_profile() {
    let (_, _, mut disk) = run(scenario(Control::Rules)).expect("it runs");
    let key = *test_signer(SEED).expect("a name").verifier();
    for (known, source) in [(None, KeySource::FromLog), (Some(&key), KeySource::Given)] {
        let expected =
            ProfileSignature::Valid { key: Box::new(key), source, revision: 1, overridden: None };
        assert_eq!(read(&mut disk, known).profile, expected);
    }
    let other = NoteSigner::new(Name::new("clinic.example/profiles").expect("a name"), &[3; 32]);
    let found = read(&mut disk, Some(other.verifier()));
    assert!(found.profile.is_refused(), "{}", found.profile);
    assert_eq!(found.replayed, Replayed::Equal, "its cycles are what they are");
}

/// A box around a loop, with nothing in it but its beginning and one cycle.
fn small_box(origin: &str, profile: &InstalledProfile) -> MemoryDisk {
    let mut machine = machine::start(Control::Rules, profile).expect("it is good");
    let whose = BoxIdentity {
        origin: origin.to_owned(),
        entropy: [5; 32],
        wall_start_millis: 0,
        cadence: Cadence::USUAL,
    };
    let disk = MemoryDisk::default();
    let mut recorder =
        Recorder::create(disk, &whose, &*machine, profile, "words").expect("memory is there");
    let turn = machine.turn(&Input::default(), None);
    recorder.cycle(&*machine, &turn.entry).expect("memory is there");
    recorder.finish(&*machine).expect("memory is there")
}

/// A box as release 0.1.0 began one: a profile of format 1 without a signature.
fn old_box() -> MemoryDisk {
    let profile = include_bytes!("../../../vectors/profiles/format-1.cbor");
    let identity = machine::identity(Control::Rules);
    let mut machine = machine::rebuild(&identity, profile).expect("it replays");
    let name = Name::new("homeostat.example/old").expect("a name");
    let config = Config::new(name, "insulin/rules", Hash([0; 32]));
    let (stamp, space) = (Stamp { elapsed: Milliseconds(0), wall: None }, &mut [0; 32_768]);
    let mut log =
        Log::create(MemoryDisk::default(), vec![0; buffer_for(&config)], &config, stamp, &[5; 32])
            .expect("memory is there");
    let mut append = |kind: EntryKind, bytes: &[u8]| {
        log.append(Kind(kind as u8), 1, stamp, Body::Plain(bytes)).expect("memory is there");
    };
    append(EntryKind::Identity, identity.encode_canonical(space).expect("it fits"));
    append(EntryKind::Profile, profile);
    append(EntryKind::Snapshot, machine.snapshot(space).expect("it fits"));
    let turn = machine.turn(&Input::default(), None);
    append(EntryKind::Cycle, turn.entry.encode_canonical(space).expect("it fits"));
    log.finish(stamp).expect("memory is there")
}

#[test]
fn log_02_a_box_from_before_signatures_verifies_replays_and_says_so() {
    let found = read(&mut old_box(), None);
    assert!(found.verdict.is_good(), "{:?}", found.verdict.fault);
    assert_eq!((found.replayed, found.cycles), (Replayed::Equal, 1));
    assert_eq!(found.profile, ProfileSignature::None);
    let words = "not signed (a box made before profiles were signed)";
    assert_eq!(found.profile.to_string(), words);
}

#[test]
fn f_u10_a_box_with_the_profile_of_another_device_is_found() {
    let profile = installed(|_| {});
    let found = read(&mut small_box("homeostat.example/one", &profile), None);
    assert!(matches!(found.profile, ProfileSignature::Valid { .. }), "{}", found.profile);
    let found = read(&mut small_box("homeostat.example/two", &profile), None);
    assert_eq!(
        found.profile.to_string(),
        "profile refused: it was signed for homeostat.example/one, and this is \
         homeostat.example/two"
    );
}

#[test]
fn int_01_a_box_cannot_begin_with_another_profile_than_that_of_its_loop() {
    let profile = installed(|_| {});
    let machine = machine::start(Control::Rules, &profile).expect("it is good");
    let other = installed(|statement| statement.profile.push(0));
    let whose = BoxIdentity {
        origin: "homeostat.example/one".to_owned(),
        entropy: [5; 32],
        wall_start_millis: 0,
        cadence: Cadence::USUAL,
    };
    let refused = Recorder::create(MemoryDisk::default(), &whose, &*machine, &other, "");
    assert!(matches!(refused, Err(RecordError::OtherProfile)));
}

#[test]
fn the_cause_is_in_the_record_and_nowhere_else() {
    // What a replay has to go by: the condition is a bit of the recorded input.
    let (cycles, _, mut disk) = run(with_fault(ProfileFault::Missing, 600)).expect("it runs");
    let mut recorded = Vec::new();
    let verdict = verify_log(&mut disk, &Options::default(), &mut |record| {
        recorded.extend(cycle_of(record));
    });
    assert!(verdict.expect("memory can be read").is_good());
    let digests = |cycles: &[CycleEntry]| -> Vec<_> {
        cycles.iter().map(|cycle| cycle.input.digest()).collect()
    };
    assert_eq!(digests(&recorded), digests(&cycles));
}
