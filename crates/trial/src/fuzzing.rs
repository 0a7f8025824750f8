//! What every reader of people's files and of recorded bytes must withstand: arbitrary bytes. The
//! fuzz targets call these functions, and so does a test, with the corpus and with mutations of it.
//! (The black box has its own list.)

use crate::engine::test_signer;
use crate::exports::{Options, read_export};
use crate::insulin::scenario;
use homeostat_assembly::signed_profile::{profile_in_entry, read_entry, verify};
use homeostat_insulin::profile::Profile;
use homeostat_patients::Cohort;
use homeostat_patients::simulate::Schedule;
use homeostat_propofol::profile::{PROFILE_BYTES_MAX, Profile as PropofolProfile};
use homeostat_record::{Canonical, CycleEntry, SensorFrame};
use homeostat_second_opinion::{InsulinOpinion, PropofolOpinion};

/// A target: its name, which is also that of its corpus folder, and its body.
pub type Target = (&'static str, fn(&[u8]));

/// All targets of this list.
pub const TARGETS: [Target; 9] = [
    ("record_cycle", cycle),
    ("sensor_frame", frame),
    ("insulin_profile", profile),
    ("propofol_profile", propofol_profile),
    ("signed_profile", signed_profile),
    ("scenario", scenario_file),
    ("cgm_export", cgm_export),
    ("schedule", schedule),
    ("cohort", cohort),
];

/// A cycle that decodes encodes to the same bytes.
///
/// # Panics
/// When it does not.
pub fn cycle(bytes: &[u8]) {
    if let Ok(entry) = CycleEntry::decode_canonical(bytes) {
        let mut space = vec![0; bytes.len() + 16];
        assert_eq!(entry.encode_canonical(&mut space), Ok(bytes));
    }
}

/// A frame that decodes encodes to the same bytes.
///
/// # Panics
/// When it does not.
pub fn frame(bytes: &[u8]) {
    if let Ok(frame) = SensorFrame::decode(bytes) {
        assert_eq!(frame.encode(), bytes);
    }
}

/// Both readers of a profile take any bytes; what the therapy takes, the second opinion takes.
///
/// # Panics
/// When the second opinion refuses what the therapy takes.
pub fn profile(bytes: &[u8]) {
    let opinion = InsulinOpinion::from_profile(bytes);
    if Profile::parse_recorded(bytes).is_ok() {
        assert!(opinion.is_ok(), "the second opinion refuses a good profile: {opinion:?}");
    }
}

/// The same of a propofol profile; what the therapy takes encodes to the same bytes.
///
/// # Panics
/// When the second opinion refuses what the therapy takes, or a profile has a second spelling.
pub fn propofol_profile(bytes: &[u8]) {
    let opinion = PropofolOpinion::from_profile(bytes);
    if let Ok(profile) = PropofolProfile::parse(bytes) {
        assert!(opinion.is_ok(), "the second opinion refuses a good profile: {opinion:?}");
        let mut space = [0; PROFILE_BYTES_MAX];
        assert_eq!(profile.content().encode(&mut space), Ok(bytes));
    }
}

/// A signed profile is read or refused; what a good one says is said in one way, and no bytes but
/// those that were signed pass.
///
/// # Panics
/// When a signed profile has a second spelling.
pub fn signed_profile(bytes: &[u8]) {
    // The entry of a box brings its own key; a device knows its signers.
    let _ = profile_in_entry(bytes);
    if let Ok((statement, _)) = read_entry(bytes, None) {
        let text = format!("\n{statement}\n");
        let found = bytes.windows(text.len()).any(|part| part == text.as_bytes());
        assert!(found, "a second spelling of {statement:?}");
    }
    let signers = test_signer(1).map(|signer| *signer.verifier());
    let signers: Vec<_> = signers.into_iter().collect();
    if let Ok((statement, _)) = verify(bytes, &signers) {
        assert!(bytes.starts_with(statement.to_string().as_bytes()), "{statement:?}");
    }
}

/// A scenario is read or refused.
pub fn scenario_file(bytes: &[u8]) {
    if let Ok(text) = std::str::from_utf8(bytes) {
        let _ = scenario::read("scenario.toml", text);
    }
}

/// A CGM export is read or refused.
pub fn cgm_export(bytes: &[u8]) {
    let _ = read_export("export", bytes, &Options::default());
}

/// A schedule of `simulate` is read or refused.
pub fn schedule(bytes: &[u8]) {
    if let Ok(text) = std::str::from_utf8(bytes) {
        let _ = Schedule::parse("inputs.csv", text, &Cohort::published());
    }
}

/// A cohort file is read or refused, whichever family it is taken for.
pub fn cohort(bytes: &[u8]) {
    if let Ok(text) = std::str::from_utf8(bytes) {
        let _ = Cohort::read(("cohort.csv", text), None);
        let _ = Cohort::read_hovorka("cohort.csv", text);
    }
}
