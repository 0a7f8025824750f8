use super::{FeedFile, Mirror, MirrorError, Trust, hexadecimal, open, write};
use crate::feed::{Event, Intake, gather};
use ed25519_dalek::SigningKey;

fn files() -> Vec<FeedFile> {
    let file = |name: &str, text: &str| FeedFile {
        name: name.into(),
        origin: format!("https://example.org/{name}"),
        fetched: "2026-01-02T03:04:05Z".into(),
        bytes: text.into(),
    };
    vec![
        file(
            "osv/b.json",
            "{\"id\":\"B-1\",\"modified\":\"2026-01-01T00:00:00Z\",\"affected\":[]}",
        ),
        file(
            "osv/a.json",
            "{\"id\":\"A-1\",\"modified\":\"2026-01-01T00:00:00Z\",\"affected\":[]}",
        ),
        file(
            "kev.csv",
            "cveID,dateAdded,knownRansomwareCampaignUse\nCVE-2026-0001,2026-01-01,Known\n",
        ),
        file("empty", ""),
    ]
}

fn read<'f>(files: impl Iterator<Item = (&'f str, &'f [u8])>) -> Vec<(Intake, Vec<Event>)> {
    files.map(|(name, bytes)| gather(|to| crate::feed::read(bytes, name, to))).collect()
}

fn key(seed: u8) -> SigningKey {
    SigningKey::from_bytes(&[seed; 32])
}

#[test]
fn a_mirror_reads_as_its_files_do_and_their_order_does_not_matter() {
    let mut files = files();
    let bytes = write(&files, Some(&key(7))).expect("a mirror");
    files.reverse();
    assert_eq!(write(&files, Some(&key(7))).expect("a mirror"), bytes);
    let keys = [key(8).verifying_key(), key(7).verifying_key()];
    let mirror = open(&bytes, &Trust::Keys(&keys)).expect("what was written");
    assert_eq!(mirror.signer, Some(key(7).verifying_key()));
    files.sort_by(|a, b| a.name.cmp(&b.name));
    let offline = read(mirror.files().map(|(listed, bytes)| (&*listed.name, bytes)));
    assert_eq!(offline, read(files.iter().map(|file| (&*file.name, &*file.bytes))));
    assert_eq!(offline.iter().map(|(intake, _)| intake.taken).sum::<usize>(), 3);
}

#[test]
fn only_trusted_keys_count() {
    let signed = write(&files(), Some(&key(7))).expect("a mirror");
    let plain = write(&files(), None).expect("a mirror");
    let other = [key(8).verifying_key()];
    let signer = hexadecimal(key(7).verifying_key().as_bytes());
    for (bytes, found) in [(&signed, format!("one by {signer}")), (&plain, "none".to_owned())] {
        let refused = open(bytes, &Trust::Keys(&other)).expect_err("nobody signed").to_string();
        assert!(refused.contains(&format!("1 trusted keys, found {found}")), "{refused}");
        assert!(open(bytes, &Trust::Anyone).is_ok());
    }
}

#[test]
fn every_changed_byte_that_counts_is_noticed() {
    let bytes = write(&files(), Some(&key(7))).expect("a mirror");
    let keys = [key(7).verifying_key()];
    let whole = open(&bytes, &Trust::Keys(&keys)).expect("what was written");
    let files =
        |mirror: &Mirror<'_>| read(mirror.files().map(|(listed, bytes)| (&*listed.name, bytes)));
    let whole = files(&whole);
    for at in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[at] ^= 1;
        // What is not noticed is padding: it reads the same.
        if let Ok(mirror) = open(&changed, &Trust::Keys(&keys)) {
            assert_eq!(files(&mirror), whole, "byte {at}");
        }
    }
    // Two empty blocks and the padding of the last file hold nothing; whatever is cut off before is missed.
    let content = bytes.iter().rposition(|byte| *byte != 0).expect("content") + 1;
    for end in (0..content).step_by(97).chain([content - 1]) {
        assert!(open(&bytes[..end], &Trust::Keys(&keys)).is_err(), "{end} bytes");
    }
}

#[test]
fn names_that_could_leave_the_folder_or_hide_are_refused() {
    for name in ["../a", "a//b", "/a", "", "manifest.json", "a b", &"a".repeat(101)] {
        let mut one = files().remove(0);
        one.name = name.into();
        assert_eq!(write(&[one], None), Err(MirrorError::Name(name.into())));
    }
    let twice = [files().remove(0), files().remove(0)];
    assert_eq!(write(&twice, None), Err(MirrorError::Twice("osv/b.json".into())));
}

#[test]
fn other_tools_open_it() {
    // The first header, by the offsets of POSIX: name, size, magic.
    let bytes = write(&files(), None).expect("a mirror");
    assert_eq!(&bytes[..14], b"manifest.json\0");
    assert_eq!(&bytes[257..265], b"ustar\x0000");
    assert_eq!(bytes.len() % 512, 0);
}
