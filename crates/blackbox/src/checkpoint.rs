//! C2SP `tlog-checkpoint`: the text that a log signs. Origin, size, root, and what a later version may add.

use core::fmt::{self, Write};

use base64ct::{Base64, Encoding};
use thiserror::Error;

use crate::hash::Hash;
use crate::note::{NOTE_LIMIT, Name, NoteSigner, VerifierKey, write_signature};
use crate::text::Text;

/// A note in fixed space.
pub type NoteText = Text<NOTE_LIMIT>;

/// The head of a log: this many entries have this root.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TreeHead {
    /// Entries in the tree.
    pub size: u64,
    /// Its root.
    pub root: Hash,
}

/// Why a text is not a head.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Error)]
#[error("malformed head: expected size:root, the root in 64 hexadecimal digits or in base64")]
pub struct HeadError;

impl fmt::Display for TreeHead {
    /// `size:root`, the root in hexadecimal.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}", self.size, self.root)
    }
}

impl core::str::FromStr for TreeHead {
    type Err = HeadError;

    fn from_str(text: &str) -> Result<Self, HeadError> {
        let (size, root) = text.split_once(':').ok_or(HeadError)?;
        let size = size.parse().map_err(|_| HeadError)?;
        let mut bytes = [0; Hash::LENGTH];
        let root = match hexadecimal(root) {
            Some(root) => root,
            None => {
                Base64::decode(root, &mut bytes).ok().and_then(Hash::from_slice).ok_or(HeadError)?
            }
        };
        Ok(Self { size, root })
    }
}

fn hexadecimal(text: &str) -> Option<Hash> {
    let mut hash = Hash::ZERO;
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    if pairs.len() != Hash::LENGTH || !rest.is_empty() {
        return None;
    }
    for (byte, [high, low]) in hash.0.iter_mut().zip(pairs) {
        let digit = |digit: u8| char::from(digit).to_digit(16).and_then(|d| u8::try_from(d).ok());
        *byte = digit(*high)? * 16 + digit(*low)?;
    }
    Some(hash)
}

/// A checkpoint's text, taken apart.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Checkpoint<'a> {
    /// The log that speaks.
    pub origin: &'a str,
    /// What it says.
    pub head: TreeHead,
    /// Further lines, each with its newline; empty as a rule.
    pub extensions: &'a str,
}

/// Why a text is not a checkpoint.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Error)]
#[error("malformed checkpoint: expected origin, decimal size and base64 root on three lines")]
pub struct CheckpointError;

impl<'a> Checkpoint<'a> {
    /// Reads the text of a note: at least three lines, none of them empty.
    ///
    /// # Errors
    /// Any other text.
    pub fn parse(text: &'a str) -> Result<Self, CheckpointError> {
        Self::split(text).ok_or(CheckpointError)
    }

    fn split(text: &'a str) -> Option<Self> {
        let (origin, rest) = text.split_once('\n')?;
        let (size_text, rest) = rest.split_once('\n')?;
        let (root_text, extensions) = rest.split_once('\n')?;
        let whole_lines = extensions.is_empty() || extensions.ends_with('\n');
        if origin.is_empty() || !whole_lines || extensions.split_inclusive('\n').any(|l| l == "\n")
        {
            return None;
        }
        let digits = size_text.bytes().all(|byte| byte.is_ascii_digit());
        if !digits || (size_text.starts_with('0') && size_text != "0") {
            return None;
        }
        let size = size_text.parse().ok()?;
        let mut bytes = [0; Hash::LENGTH];
        let root = Hash::from_slice(Base64::decode(root_text, &mut bytes).ok()?)?;
        Some(Self { origin, head: TreeHead { size, root }, extensions })
    }
}

impl fmt::Display for Checkpoint<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut space = [0; 44];
        let root = Base64::encode(&self.head.root.0, &mut space).map_err(|_| fmt::Error)?;
        write!(formatter, "{}\n{}\n{root}\n{}", self.origin, self.head.size, self.extensions)
    }
}

/// The text of a log's checkpoint.
///
/// # Errors
/// Never for a [`Name`] as origin: the space is made for the longest.
pub fn text(origin: &Name, head: TreeHead) -> Result<NoteText, fmt::Error> {
    let mut text = NoteText::new();
    write!(text, "{}", Checkpoint { origin: origin.as_str(), head, extensions: "" })?;
    Ok(text)
}

/// The text by which one epoch's key hands over to the next: a checkpoint with one extension line that names
/// the next epoch and its key. It is as true of the log as any checkpoint.
///
/// # Errors
/// Never for a [`Name`] as origin: the space is made for the longest.
pub fn handover_text(
    head: TreeHead,
    next_epoch: u32,
    next: &VerifierKey,
) -> Result<NoteText, fmt::Error> {
    let mut text = NoteText::new();
    write!(text, "{}", Checkpoint { origin: next.name.as_str(), head, extensions: "" })?;
    writeln!(text, "epoch {next_epoch} {next}")?;
    Ok(text)
}

/// `text` as a note with one signature.
///
/// # Errors
/// When the note is too long, which a checkpoint's is not.
pub fn note(
    text: &NoteText,
    key: &VerifierKey,
    signature: &[u8; 64],
) -> Result<NoteText, fmt::Error> {
    let mut note = *text;
    note.write_char('\n')?;
    write_signature(&mut note, key, signature)?;
    Ok(note)
}

/// A signed checkpoint note.
///
/// # Errors
/// As [`note`].
pub fn sign(signer: &NoteSigner, head: TreeHead) -> Result<NoteText, fmt::Error> {
    let text = text(&signer.verifier().name, head)?;
    note(&text, signer.verifier(), &signer.sign(text.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_is_read_as_it_is_printed_and_with_a_base64_root() {
        let head = TreeHead { size: 302, root: Hash([0xa7; 32]) };
        assert_eq!(head.to_string(), format!("302:{}", "a7".repeat(32)));
        assert_eq!(head.to_string().parse(), Ok(head));
        assert_eq!(head.to_string().to_uppercase().parse(), Ok(head));
        let base64 = Base64::encode_string(&head.root.0);
        assert_eq!(format!("302:{base64}").parse(), Ok(head));
        let digits = "a7".repeat(32);
        for text in [
            "".to_owned(),
            "302".to_owned(),
            digits.clone(),
            format!(":{digits}"),
            format!("-1:{digits}"),
            format!("302:{}", &digits[1..]),
            format!("302:{digits}0"),
            format!("302:{digits}00"),
            format!("302:g{}", &digits[1..]),
            format!("302:{}", &base64[..40]),
        ] {
            assert_eq!(text.parse::<TreeHead>(), Err(HeadError), "{text}");
        }
    }
    use crate::note::{Note, Strict};

    const EXAMPLE: &str = "example.com/behind-the-sofa\n20852163\n\
        CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";

    #[test]
    fn the_specifications_example_reads_and_writes() {
        let checkpoint = Checkpoint::parse(EXAMPLE).unwrap();
        assert_eq!(checkpoint.origin, "example.com/behind-the-sofa");
        assert_eq!(checkpoint.head.size, 20_852_163);
        assert_eq!(
            checkpoint.head.root.to_string(),
            "0ac5186a91863e8e1d90c808014aa89bf5da8e3ee1d9f07630f0378f68f1ab62"
        );
        assert_eq!(checkpoint.extensions, "");
        assert_eq!(checkpoint.to_string(), EXAMPLE);
        let name = Name::new(checkpoint.origin).unwrap();
        assert_eq!(text(&name, checkpoint.head).unwrap().as_str(), EXAMPLE);
    }

    #[test]
    fn extension_lines_are_kept() {
        let longer = format!("{EXAMPLE}one\ntwo two\n");
        let checkpoint = Checkpoint::parse(&longer).unwrap();
        assert_eq!(checkpoint.extensions, "one\ntwo two\n");
        assert_eq!(checkpoint.to_string(), longer);
    }

    #[test]
    fn other_texts_are_refused() {
        let root = "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=";
        for text in [
            String::new(),
            "a\n".to_owned(),
            "a\n1\n".to_owned(),
            format!("a\n1\n{root}"),
            format!("\n1\n{root}\n"),
            format!("a\n\n{root}\n"),
            format!("a\n01\n{root}\n"),
            format!("a\n00\n{root}\n"),
            format!("a\n+1\n{root}\n"),
            format!("a\n-1\n{root}\n"),
            format!("a\n 1\n{root}\n"),
            format!("a\n0x1\n{root}\n"),
            format!("a\n18446744073709551616\n{root}\n"),
            format!("a\n1\n{}\n", &root[..43]),
            format!("a\n1\n{}\n", &root[4..]),
            format!("a\n1\n{}J=\n", &root[..42]),
            format!("a\n1\nAAAA{root}\n"),
            format!("a\n1\n {root}\n"),
            format!("a\n1\n{root}\n\n"),
            format!("a\n1\n{root}\nx\n\n"),
            format!("a\n1\n{root}\nx"),
        ] {
            assert_eq!(Checkpoint::parse(&text), Err(CheckpointError), "{text:?}");
        }
        assert!(Checkpoint::parse(&format!("a\n0\n{root}\n")).is_ok());
        assert!(Checkpoint::parse(&format!("a\n18446744073709551615\n{root}\n")).is_ok());
    }

    #[test]
    fn a_signed_checkpoint_verifies_and_the_longest_one_fits() {
        let long_name = "n".repeat(crate::note::NAME_LIMIT);
        let name = Name::new(&long_name).unwrap();
        let signer = NoteSigner::new(name, &[7; 32]);
        let head = TreeHead { size: u64::MAX, root: Hash([0xff; 32]) };
        let note_text = sign(&signer, head).unwrap();
        let parsed = Note::parse(note_text.as_bytes()).unwrap();
        assert_eq!(parsed.verify(&[*signer.verifier()], &mut Strict), Ok(1));
        assert_eq!(Checkpoint::parse(parsed.text()).unwrap().head, head);
        let handover = handover_text(head, u32::MAX, signer.verifier()).unwrap();
        let signature = signer.sign(handover.as_str());
        let whole = note(&handover, signer.verifier(), &signature).unwrap();
        let parsed = Note::parse(whole.as_bytes()).unwrap();
        assert_eq!(parsed.verify(&[*signer.verifier()], &mut Strict), Ok(1));
        let checkpoint = Checkpoint::parse(parsed.text()).unwrap();
        assert_eq!(checkpoint.head, head);
        assert_eq!(checkpoint.extensions, format!("epoch 4294967295 {}\n", signer.verifier()));
    }
}
