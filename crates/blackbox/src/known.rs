//! What the caller knows of a log from elsewhere, held against what was read: this alone shows that a log was put
//! back to an older state of itself.

use crate::checkpoint::{Checkpoint, TreeHead};
use crate::fault::FaultKind;
use crate::hash::Hash;
use crate::note::{Note, NoteError, Strict, VerifierKey};
use crate::verdict::Options;

/// A fault, the entries that it touches, and words.
pub(crate) type Contradiction = (FaultKind, (u64, u64), String);

/// A head that the log once had, as the caller says.
#[derive(Clone, Copy, Debug)]
struct KnownHead {
    head: TreeHead,
    /// From a checkpoint: two signatures then contradict each other.
    is_checkpoint: bool,
    /// The root that the log has at this size.
    found: Option<Hash>,
}

/// Everything that the caller knows.
#[derive(Clone, Default, Debug)]
pub(crate) struct Known {
    /// By size.
    heads: Vec<KnownHead>,
    at_least: Option<u64>,
}

impl Known {
    pub(crate) fn new(options: &Options) -> Self {
        let plain = options.known_heads.iter().map(|head| (*head, false));
        let signed = options.known_checkpoints.iter().filter_map(|known| {
            let note = Note::parse(known.as_bytes()).ok()?;
            Some((Checkpoint::parse(note.text()).ok()?.head, true))
        });
        let mut heads: Vec<KnownHead> = plain
            .chain(signed)
            .map(|(head, is_checkpoint)| KnownHead { head, is_checkpoint, found: None })
            .collect();
        heads.sort_by_key(|known| known.head.size);
        Self { heads, at_least: options.at_least }
    }

    /// The sizes at which [`Known::found`] wants to be told a root, in order.
    pub(crate) fn sizes(&self) -> impl Iterator<Item = u64> {
        self.heads.iter().map(|known| known.head.size)
    }

    /// The log has this root at this size.
    pub(crate) fn found(&mut self, head: TreeHead) {
        for known in self.heads.iter_mut().filter(|known| known.head.size == head.size) {
            known.found = Some(head.root);
        }
    }

    /// The first thing that the log, with entries from `first` on and `signed` of them vouched for, contradicts.
    pub(crate) fn contradiction(&self, first: u64, signed: u64) -> Option<Contradiction> {
        let mut agreed = 0;
        for known in &self.heads {
            let KnownHead { head, is_checkpoint, found } = *known;
            let TreeHead { size, root } = head;
            let last = size.saturating_sub(1);
            if size > signed {
                let gone = size - signed;
                let detail =
                    format!("{size} entries are known, {signed} are signed: {gone} are gone");
                return Some((FaultKind::NotAsKnown, (signed, last), detail));
            }
            if size < first {
                let detail = format!("pruned: {size} entries are known, the first here is {first}");
                return Some((FaultKind::NotAsKnown, (size, first - 1), detail));
            }
            match found {
                Some(found) if found == root => agreed = size,
                found => {
                    let kind =
                        if is_checkpoint { FaultKind::Forked } else { FaultKind::NotAsKnown };
                    let found = found.map_or("none".to_owned(), |found| found.to_string());
                    let detail = format!(
                        "the first {size} entries have the root {found}, the known one is {root}"
                    );
                    return Some((kind, (agreed, last), detail));
                }
            }
        }
        let least = self.at_least.filter(|least| *least > signed)?;
        let detail = format!("{signed} entries are signed, at least {least} are known");
        Some((FaultKind::NotAsKnown, (signed, least - 1), detail))
    }
}

/// Whether each known checkpoint can be one of this log. Its signature is checked if a key at hand made it; who kept
/// it has their own reason to believe it.
pub(crate) fn refused_checkpoint(
    options: &Options,
    origin: &str,
    keys: &[VerifierKey],
) -> Option<String> {
    options.known_checkpoints.iter().find_map(|known| refusal(known, origin, keys))
}

fn refusal(known: &str, origin: &str, keys: &[VerifierKey]) -> Option<String> {
    let note = match Note::parse(known.as_bytes()) {
        Ok(note) => note,
        Err(error) => return Some(format!("the known checkpoint: {error}")),
    };
    match (Checkpoint::parse(note.text()), note.verify(keys, &mut Strict)) {
        (Err(error), _) => Some(format!("the known checkpoint: {error}")),
        (Ok(checkpoint), _) if checkpoint.origin != origin => {
            Some(format!("the known checkpoint is of another log: {}", checkpoint.origin))
        }
        (Ok(_), Ok(_) | Err(NoteError::NoKnownKey)) => None,
        (Ok(_), Err(error)) => Some(format!("the known checkpoint: {error}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checkpoint::sign;
    use crate::note::{Name, NoteSigner};

    const GONE: FaultKind = FaultKind::NotAsKnown;

    fn head(size: u64, root: u8) -> TreeHead {
        TreeHead { size, root: Hash([root; 32]) }
    }

    /// What a log contradicts that has entries from `first` on, 9 of them signed, and the size as its root.
    fn told(first: u64, known: &[TreeHead], least: Option<u64>) -> Option<Contradiction> {
        let known_heads = known.to_vec();
        let mut known = Known::new(&Options { known_heads, at_least: least, ..Options::default() });
        for size in [2, 5, 9] {
            known.found(head(size, size as u8));
        }
        known.contradiction(first, 9)
    }

    fn contradiction(first: u64, known: &[TreeHead]) -> Option<(FaultKind, (u64, u64))> {
        told(first, known, None).map(|(kind, range, _)| (kind, range))
    }

    #[test]
    fn log_03_a_known_head_agrees_or_bounds_what_was_rewritten() {
        assert_eq!(contradiction(0, &[]), None);
        assert_eq!(contradiction(0, &[head(9, 9), head(2, 2)]), None);
        // Whatever the order: agreed up to 2, another root at 5.
        assert_eq!(contradiction(0, &[head(5, 6), head(2, 2)]), Some((GONE, (2, 4))));
        assert_eq!(contradiction(0, &[head(9, 8)]), Some((GONE, (0, 8))));
        // A size that the log never told the root of.
        assert_eq!(contradiction(0, &[head(3, 3)]), Some((GONE, (0, 2))));
    }

    #[test]
    fn log_03_a_known_head_shows_what_is_gone_at_either_end() {
        assert_eq!(contradiction(0, &[head(12, 12)]), Some((GONE, (9, 11))));
        let (_, _, words) = told(0, &[head(12, 12)], None).expect("a contradiction");
        assert!(words.ends_with("9 are signed: 3 are gone"), "{words}");
        assert_eq!(contradiction(4, &[head(2, 2)]), Some((GONE, (2, 3))));
        assert_eq!(contradiction(5, &[head(5, 5)]), None, "where the rest begins");
        assert_eq!(told(0, &[], Some(9)), None);
        assert_eq!(told(0, &[], Some(11)).map(|told| told.1), Some((9, 10)));
    }

    #[test]
    fn log_03_a_known_checkpoint_must_be_one_of_the_log() {
        let name = Name::new("example.org/log").unwrap();
        let signer = NoteSigner::new(name, &[7; 32]);
        let keys = [*signer.verifier()];
        let refused = |note: &str, keys: &[VerifierKey]| {
            let known_checkpoints = vec![note.to_owned()];
            let options = Options { known_checkpoints, ..Options::default() };
            refused_checkpoint(&options, "example.org/log", keys)
        };
        let good = sign(&signer, head(5, 5)).unwrap().to_string();
        assert_eq!(refused(&good, &keys), None);
        assert_eq!(refused(&good, &[]), None, "by a key of another epoch");
        let forged = good.replace("\n5\n", "\n6\n");
        assert!(refused(&forged, &keys).unwrap().contains("signature"));
        let other = NoteSigner::new(Name::new("example.org/other").unwrap(), &[7; 32]);
        let other = sign(&other, head(5, 5)).unwrap().to_string();
        assert!(refused(&other, &keys).unwrap().contains("another log: example.org/other"));
        let no_checkpoint = good.replacen("\n5\n", "\nfive\n", 1);
        assert!(refused(&no_checkpoint, &keys).unwrap().contains("malformed checkpoint"));
        assert!(refused("no note", &keys).unwrap().contains("malformed note"));
    }
}
