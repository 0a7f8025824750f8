//! A black box read once, from its first byte to its last: everything is verified, and every
//! cycle is computed again in the same pass.

use std::cell::OnceCell;

use homeostat_blackbox::VerifierKey;
use homeostat_blackbox::entry::Kind;
use homeostat_blackbox::verdict::{Record, Verdict, Visit};
use homeostat_kernel::Divergence;
use homeostat_record::{Canonical, Cycle, CycleEntry, EntryKind, Instant, SoftwareIdentity};

use crate::{Machine, Retrace};

pub mod profile;

use profile::{ProfileSignature, ProfileWitness, profile_of};

/// Why a recorded loop cannot be built here.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BuildError {
    /// No such controller in this program.
    #[error("controller `{0}` is not known to this program; use the release that wrote the box")]
    Controller(String),
    /// The profile is refused.
    #[error("{0}")]
    Profile(String),
}

/// No loop's state is longer.
const STATE_LIMIT: usize = 32_768;

/// Builds a loop from what a box says of itself.
pub type Builder<'b> = &'b dyn Fn(&SoftwareIdentity, &[u8]) -> Result<Box<dyn Machine>, BuildError>;

/// What a replay gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Replayed {
    /// Every cycle was computed again and is equal.
    Equal,
    /// The first difference and the entry that it stands in.
    Diverged {
        /// Index of the entry.
        entry: u64,
        /// What differs.
        divergence: Divergence,
    },
    /// The box does not say from what its decisions follow, or it cannot be built here.
    NotPossible(String),
}

/// A box after inspection.
#[derive(Clone, Debug)]
pub struct Inspection {
    /// What the verifier says of the log.
    pub verdict: Verdict,
    /// Who signed the profile, and whether that holds.
    pub profile: ProfileSignature,
    /// What the replay gave.
    pub replayed: Replayed,
    /// Cycles that were computed again and found equal.
    pub cycles: u64,
    /// Which software the box says decided.
    pub identity: Option<SoftwareIdentity>,
    /// Whether that is the software of this program; a difference is then no divergence.
    pub same_software: bool,
    /// Where the loop stood at the end, as it was computed again; `None` when it could not be.
    pub ended: Option<Ended>,
    /// Whether the box has all with which it begins: identity, profile, and a state. Without them, power
    /// was lost while it was made, and nothing that stands in it can be computed again.
    pub begun: bool,
    /// Whether the loop lived in it: it holds cycles, or the notice that records are missing.
    pub lived: bool,
}

/// Where a recorded loop stood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ended {
    /// The last cycle.
    pub cycle: Cycle,
    /// When it began.
    pub now: Instant,
    /// The state after it, from which a loop can go on.
    pub state: Vec<u8>,
}

/// Reads a box. `verify` is the black box's verifier of a disk or a folder, for example
/// `|visit| verify_folder_with(folder, &options, visit)`. `signer` is the key of who signs
/// profiles, if it is known from elsewhere.
///
/// # Errors
/// The verifier's, when the box cannot be read. Damage and divergence are no errors: they are in
/// the inspection.
pub fn inspect<E>(
    verify: impl FnOnce(Visit<'_>) -> Result<Verdict, E>,
    build: Builder<'_>,
    signer: Option<&VerifierKey>,
) -> Result<Inspection, E> {
    let machine: OnceCell<Box<dyn Machine>> = OnceCell::new();
    let mut reader = Reader { machine: &machine, retrace: None, found: Found::default(), build };
    let mut witness = ProfileWitness::new(signer.copied());
    let verdict = verify(&mut |record| {
        witness.see(record);
        reader.entry(record);
    })?;
    let profile = witness.conclude(&verdict);
    let cycles = reader.retrace.as_ref().map_or(0, |retrace| retrace.cycles());
    let (ended, begun) = (reader.ended(), reader.begun());
    let Found { identity, stopped, lived, .. } = reader.found;
    let ours = machine.get().map(|machine| machine.identity());
    let replayed = match stopped {
        Some(stopped) => stopped,
        None if lived && cycles == 0 => {
            Replayed::NotPossible("there is no snapshot to begin from".to_owned())
        }
        None => Replayed::Equal,
    };
    let same_software = identity.is_some() && identity == ours;
    let ended = ended.filter(|_| replayed == Replayed::Equal);
    Ok(Inspection {
        verdict,
        profile,
        replayed,
        cycles,
        identity,
        same_software,
        ended,
        begun,
        lived,
    })
}

/// The cycle that a record holds, if it holds one.
#[must_use]
pub fn cycle_of(record: &Record<'_>) -> Option<CycleEntry> {
    let entry = record.entry?;
    if EntryKind::from_number(entry.header.kind.0)? != EntryKind::Cycle {
        return None;
    }
    CycleEntry::decode_canonical(entry.body.bytes()).ok()
}

#[derive(Default)]
struct Found {
    identity: Option<SoftwareIdentity>,
    stopped: Option<Replayed>,
    lived: bool,
    last: Option<(Cycle, Instant)>,
}

struct Reader<'m, 'b> {
    machine: &'m OnceCell<Box<dyn Machine>>,
    retrace: Option<Box<dyn Retrace + 'm>>,
    found: Found,
    build: Builder<'b>,
}

impl Reader<'_, '_> {
    fn entry(&mut self, record: &Record<'_>) {
        let Some(entry) = record.entry else { return };
        let position = record.position;
        let body = entry.body.bytes();
        let loss = entry.header.kind == Kind::LOSS;
        let kind = EntryKind::from_number(entry.header.kind.0);
        self.found.lived |= loss || kind == Some(EntryKind::Cycle);
        if self.found.stopped.is_some() {
            return;
        }
        if loss && let Some(retrace) = &mut self.retrace {
            retrace.lost();
        }
        match kind {
            Some(EntryKind::Identity) => self.identity(body),
            Some(EntryKind::Profile | EntryKind::SignedProfile) => match profile_of(record) {
                Some(Ok(profile)) => self.profile(&profile),
                Some(Err(refusal)) => self.stop(refusal.to_string()),
                None => {}
            },
            Some(EntryKind::Snapshot) => {
                let result = self.retrace.as_mut().map(|retrace| retrace.snapshot(body));
                self.note(position.entry, result);
            }
            Some(EntryKind::Cycle) => {
                let result = self.retrace.as_mut().map(|retrace| retrace.cycle(body));
                if let Some(Ok(entry)) = &result {
                    self.found.last = Some((entry.input.cycle, entry.input.now));
                }
                self.note(position.entry, result.map(|result| result.map(|_| ())));
            }
            Some(EntryKind::Note) | None => {}
        }
    }

    fn begun(&self) -> bool {
        let mut space = vec![0; STATE_LIMIT];
        self.retrace.as_ref().is_some_and(|retrace| retrace.state(&mut space).is_some())
    }

    fn ended(&self) -> Option<Ended> {
        let (cycle, now) = self.found.last?;
        let mut space = vec![0; STATE_LIMIT];
        let state = self.retrace.as_ref()?.state(&mut space)?.to_vec();
        Some(Ended { cycle, now, state })
    }

    fn identity(&mut self, body: &[u8]) {
        match SoftwareIdentity::decode_canonical(body) {
            Ok(identity) => self.found.identity = Some(identity),
            Err(error) => self.stop(format!("software identity: {error}")),
        }
    }

    fn profile(&mut self, body: &[u8]) {
        let Some(identity) = self.found.identity else {
            return self.stop("a profile stands before the software's identity".to_owned());
        };
        match (self.build)(&identity, body) {
            Err(error) => self.stop(error.to_string()),
            Ok(machine) => {
                if self.machine.set(machine).is_err() {
                    return self.stop("a second profile: not replayed beyond it".to_owned());
                }
                self.retrace = self.machine.get().map(|machine| machine.retrace());
            }
        }
    }

    fn stop(&mut self, words: String) {
        self.found.stopped = Some(Replayed::NotPossible(words));
    }

    fn note(&mut self, entry: u64, result: Option<Result<(), Divergence>>) {
        match result {
            Some(Ok(())) => {}
            Some(Err(divergence)) => {
                self.found.stopped = Some(Replayed::Diverged { entry, divergence });
            }
            None => self.stop("cycles stand before identity and profile".to_owned()),
        }
    }
}
