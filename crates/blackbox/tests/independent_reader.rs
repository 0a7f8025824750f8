//! A reader written from `docs/book/black-box-format.md` alone (LOG-07): it uses nothing of this crate to read.
//! Only writing the box that it reads goes through the crate.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use base64ct::{Base64, Encoding};
use ed25519_dalek::{Signature, VerifyingKey};
use homeostat_blackbox::folder::Durability;
use homeostat_blackbox::layout::Geometry;
use homeostat_blackbox::{Body, Config, Hash, Kind, Milliseconds, Name, Stamp, store};
use sha2::{Digest, Sha256};

type Root = [u8; 32];

#[derive(Debug, PartialEq)]
enum Value {
    Number(u64),
    Bytes(Vec<u8>),
    Text(String),
    Null,
    Array(Vec<Value>),
}

fn cbor(bytes: &mut &[u8]) -> Value {
    let first = bytes[0];
    *bytes = &bytes[1..];
    if first == 0xf6 {
        return Value::Null;
    }
    let short = usize::from(first & 0x1f);
    let wide = if short < 24 { 0 } else { 1 << (short - 24) };
    let mut value = if short < 24 { short as u64 } else { 0 };
    for byte in &bytes[..wide] {
        value = value << 8 | u64::from(*byte);
    }
    *bytes = &bytes[wide..];
    let take = |bytes: &mut &[u8]| {
        let (taken, rest) = bytes.split_at(value as usize);
        *bytes = rest;
        taken.to_vec()
    };
    match first >> 5 {
        0 => Value::Number(value),
        2 => Value::Bytes(take(bytes)),
        3 => Value::Text(String::from_utf8(take(bytes)).unwrap()),
        4 => Value::Array((0..value).map(|_| cbor(bytes)).collect()),
        other => panic!("major type {other} is not in the format"),
    }
}

fn number(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0, |value, byte| value << 8 | u64::from(*byte))
}

fn crc32c(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0_u32, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            if crc & 1 == 1 { crc >> 1 ^ 0x82f6_3b78 } else { crc >> 1 }
        })
    })
}

fn root(leaves: &[Root]) -> Root {
    match leaves {
        [] => Sha256::digest([]).into(),
        [leaf] => *leaf,
        _ => {
            let half = leaves.len().next_power_of_two() / 2;
            let (left, right) = (root(&leaves[..half]), root(&leaves[half..]));
            Sha256::digest([&[1], &left[..], &right[..]].concat()).into()
        }
    }
}

#[derive(Default)]
struct Found {
    origin: String,
    root_key: Vec<u8>,
    entries: Vec<Vec<u8>>,
    /// Signatures in the segments, by size.
    signatures: BTreeMap<u64, Vec<u8>>,
    /// Entries whose leaf hashes are listed.
    listed: usize,
}

fn read_segment(bytes: &[u8], found: &mut Found) {
    assert_eq!(&bytes[..8], b"HBBXSEG1");
    let (length, unit) = (number(&bytes[8..10]) as usize, number(&bytes[10..12]) as usize);
    assert_eq!(number(&bytes[24..32]), found.entries.len() as u64);
    assert_eq!(u64::from(crc32c(&bytes[..length - 4])), number(&bytes[length - 4..length]));
    let origin = usize::from(bytes[116]);
    found.origin = String::from_utf8(bytes[118..118 + origin].to_vec()).unwrap();
    found.root_key = bytes[52..84].to_vec();
    let mut at = length.next_multiple_of(unit);
    while at < bytes.len() {
        let payload = number(&bytes[at..at + 2]) as usize;
        if payload == 0 {
            if at % unit == 0 {
                assert!(bytes[at..].iter().all(|byte| *byte == 0));
                return;
            }
            at = at.next_multiple_of(unit);
            continue;
        }
        let frame = &bytes[at..at + 16 + payload];
        let checked = [&frame[..12], &frame[16..]].concat();
        assert_eq!(u64::from(crc32c(&checked)), number(&frame[12..16]));
        let sequence = number(&frame[4..12]);
        assert_eq!(sequence, found.entries.len() as u64);
        match frame[2] {
            1 => found.entries.push(frame[16..].to_vec()),
            2 => drop(found.signatures.insert(sequence, frame[16..].to_vec())),
            3 => {
                let hashes: Vec<&[u8]> = frame[16..].chunks(32).collect();
                let last = &found.entries[found.entries.len() - hashes.len()..];
                let leaf = |entry: &Vec<u8>| Sha256::digest([&[0], &entry[..]].concat());
                assert!(last.iter().zip(hashes).all(|(entry, hash)| leaf(entry)[..] == *hash));
                found.listed += last.len();
            }
            other => panic!("frame type {other} is not in the format"),
        }
        at += (16 + payload).next_multiple_of(8);
    }
}

fn newest_note(folder: &Path) -> String {
    let slots = ["checkpoint-0", "checkpoint-1"].map(|name| fs::read(folder.join(name)).unwrap());
    let newest = slots.iter().max_by_key(|slot| number(&slot[8..16])).unwrap();
    assert_eq!(&newest[..8], b"HBBXCKP1");
    let length = number(&newest[24..26]) as usize;
    String::from_utf8(newest[32..32 + length].to_vec()).unwrap()
}

fn verify(key: &[u8], text: &str, signature: &[u8]) {
    let key = VerifyingKey::from_bytes(key.try_into().unwrap()).unwrap();
    let signature = Signature::from_bytes(signature.try_into().unwrap());
    key.verify_strict(text.as_bytes(), &signature).unwrap();
}

fn checkpoint_text(origin: &str, leaves: &[Root]) -> String {
    format!("{origin}\n{}\n{}\n", leaves.len(), Base64::encode_string(&root(leaves)))
}

fn key_text(name: &str, key: &[u8]) -> String {
    let typed = [&[1], key].concat();
    let id = Sha256::digest([name.as_bytes(), b"\n", &typed].concat());
    format!("{name}+{:08x}+{}", number(&id[..4]), Base64::encode_string(&typed))
}

/// Reads header fields and follows the keys; gives the bodies of kind 16.
fn follow(found: &Found) -> Vec<Vec<u8>> {
    let mut key = found.root_key.clone();
    let mut leaves: Vec<Root> = Vec::new();
    let mut bodies = Vec::new();
    let mut epoch = 0;
    for (index, bytes) in found.entries.iter().enumerate() {
        if let Some(signature) = found.signatures.get(&(index as u64)) {
            verify(&key, &checkpoint_text(&found.origin, &leaves), signature);
        }
        let mut rest = bytes.as_slice();
        let Value::Array(fields) = cbor(&mut rest) else { panic!("not an entry") };
        assert!(rest.is_empty() && fields.len() == 9);
        assert_eq!(fields[0], Value::Number(1));
        assert_eq!(fields[3], Value::Number(index as u64));
        assert_eq!(fields[6], Value::Number(epoch));
        let Value::Bytes(body) = &fields[8] else { panic!("no body") };
        let own = |body: &[u8]| match cbor(&mut &body[..]) {
            Value::Array(items) => items,
            other => panic!("{other:?}"),
        };
        match fields[1] {
            Value::Number(1) => {
                assert_eq!(own(body)[0], Value::Text(found.origin.clone()));
                assert_eq!(own(body)[1], Value::Bytes(found.root_key.clone()));
            }
            Value::Number(2) => {
                epoch += 1;
                let items = own(body);
                let [_, Value::Bytes(next), Value::Bytes(of), Value::Bytes(signed)] = &items[..]
                else {
                    panic!("{items:?}")
                };
                assert_eq!((&items[0], &of[..]), (&Value::Number(epoch), &root(&leaves)[..]));
                let next_text = key_text(&found.origin, next);
                let text = checkpoint_text(&found.origin, &leaves);
                verify(&key, &format!("{text}epoch {epoch} {next_text}\n"), signed);
                key.clone_from(next);
            }
            Value::Number(16) => bodies.push(body.clone()),
            _ => {}
        }
        leaves.push(Sha256::digest([&[0], &bytes[..]].concat()).into());
    }
    let note = format!("{}\n", checkpoint_text(&found.origin, &leaves));
    bodies.push(note.into_bytes());
    bodies.push(key);
    bodies
}

#[test]
fn log_07_a_reader_written_from_the_page_reads_and_verifies_a_box() {
    let folder = std::env::temp_dir().join(format!("blackbox-page-{}", std::process::id()));
    let _ = fs::remove_dir_all(&folder);
    let origin = Name::new("homeostat.example/device/page").unwrap();
    let mut config = Config::new(origin, "page", Hash([3; 32]));
    config.geometry = Geometry { write_unit: 512, segment_bytes: 8192 };
    config.epoch_entries = 20;
    let stamp = Stamp { elapsed: Milliseconds(70_000), wall: Some(Milliseconds(1 << 40)) };
    let mut log = store::create(&folder, Durability::Process, &config, stamp, &[9; 32]).unwrap();
    let written: Vec<Vec<u8>> = (0..90_usize).map(|n| vec![n as u8; 1 + n * 31 % 400]).collect();
    for (number, body) in written.iter().enumerate() {
        log.append(Kind(16), 1, stamp, Body::Plain(body)).unwrap();
        if number % 9 == 0 {
            log.flush().unwrap();
        }
    }
    log.close(stamp).unwrap();

    let mut found = Found::default();
    for number in 0.. {
        let Ok(bytes) = fs::read(folder.join(format!("segment-{number:08}"))) else { break };
        read_segment(&bytes, &mut found);
    }
    let note = newest_note(&folder);
    fs::remove_dir_all(&folder).unwrap();
    let mut bodies = follow(&found);
    let (key, head) = (bodies.pop().unwrap(), bodies.pop().unwrap());
    assert_eq!(bodies, written);
    assert!(found.signatures.len() > 9);
    let head = String::from_utf8(head).unwrap();
    let line = note.strip_prefix(&head).expect("the newest checkpoint is of all entries");
    let base64 = line.trim_end().rsplit(' ').next().unwrap();
    let signature = Base64::decode_vec(base64).unwrap();
    verify(&key, head.strip_suffix('\n').unwrap(), &signature[4..]);
}
