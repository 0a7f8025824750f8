//! The fuzz targets' bodies, on their corpus and on thousands of mutations of it: no fuzzer needed.
//!
//! `HOMEOSTAT_WRITE_CORPUS=1` writes the seeds below into `fuzz/corpus`.

use std::fs;
use std::path::{Path, PathBuf};

use homeostat_blackbox::checkpoint::{TreeHead, sign};
use homeostat_blackbox::entry::{Body, Entry, Header, Kind, Loss, Milliseconds, Monotonic, Times};
use homeostat_blackbox::evidence::{evidence, verify_evidence};
use homeostat_blackbox::folder::Durability;
use homeostat_blackbox::fuzzing::{KNOWN_ENTROPY, TARGETS, known_key, pack};
use homeostat_blackbox::hash::Hash;
use homeostat_blackbox::layout::Geometry;
use homeostat_blackbox::log::{Config, Log, Stamp, buffer_for};
use homeostat_blackbox::note::VerifierKey;
use homeostat_blackbox::store::{self, Reader};
use homeostat_blackbox::testing::SimulatedDisk;
use homeostat_blackbox::testing::crash::Random;
use homeostat_blackbox::verdict::Options;

type Seeds = Vec<(&'static str, Vec<Vec<u8>>)>;

fn config() -> Config<'static> {
    let origin = known_key().expect("a key").verifier().name;
    let mut config = Config::new(origin, "fuzz", Hash::ZERO);
    config.geometry = Geometry { write_unit: 512, segment_bytes: 8192 };
    config.epoch_entries = 5;
    config
}

fn entry_seeds() -> Vec<Vec<u8>> {
    let times = Times {
        monotonic: Monotonic { boot: 1, elapsed: Milliseconds(300_000) },
        wall: Some(Milliseconds(1_700_000_000_000)),
    };
    let header = Header { kind: Kind(17), schema: 1, sequence: 258, times, epoch: 2 };
    let mut seeds = Vec::new();
    for body in [Body::Plain(b"a plain body"), Body::Sealed(b"")] {
        let mut space = [0; 256];
        let length = Entry { header, body }.encode(&mut space).expect("fits");
        seeds.push(space[..length].to_vec());
    }
    let mut space = [0; 16];
    let length = Loss { records: 300 }.encode(&mut space).expect("fits");
    seeds.push(space[..length].to_vec());
    seeds
}

fn images() -> Vec<Vec<u8>> {
    let config = config();
    let disk = SimulatedDisk::empty();
    let buffer = vec![0; buffer_for(&config)];
    let mut log =
        Log::create(disk, buffer, &config, Stamp::default(), &KNOWN_ENTROPY).expect("created");
    for number in 0..12_u8 {
        log.append(Kind(20), 1, Stamp::default(), Body::Plain(&[number; 40])).expect("appended");
        if number % 4 == 3 {
            log.flush().expect("flushed");
        }
    }
    log.append(Kind(20), 1, Stamp::default(), Body::Plain(b"unsigned")).expect("appended");
    log.sync().expect("synced");
    let running = log.disk_ref().files().clone();
    let mut torn = log.disk_ref().clone();
    if let Some(bytes) = torn.file_mut(homeostat_blackbox::disk::FileId::Segment(0)) {
        bytes[6000..6700].fill(0x5a);
    }
    let closed = log.close(Stamp::default()).expect("closed");
    vec![pack(&running), pack(torn.files()), pack(closed.files())]
}

fn evidence_seed() -> Vec<Vec<u8>> {
    let folder = std::env::temp_dir().join(format!("blackbox-seed-{}", std::process::id()));
    let _ = fs::remove_dir_all(&folder);
    let stamp = Stamp::default();
    let mut log = store::create(&folder, Durability::Process, &config(), stamp, &KNOWN_ENTROPY)
        .expect("created");
    for number in 0..6_u8 {
        log.append(Kind(20), 1, stamp, Body::Plain(&[number; 10])).expect("appended");
        log.flush().expect("flushed");
    }
    log.finish(stamp).expect("finished");
    let reader = Reader::open(&folder, &Options::default()).expect("read");
    let seeds = [0, 4].map(|index| evidence(&reader, index).expect("evidence").into_bytes());
    let _ = fs::remove_dir_all(&folder);
    let root = *known_key().expect("a key").verifier();
    assert!(seeds.iter().all(|seed| proves(seed, &root)));
    seeds.to_vec()
}

fn proves(seed: &[u8], root: &VerifierKey) -> bool {
    std::str::from_utf8(seed).is_ok_and(|text| verify_evidence(text, root).is_ok())
}

fn seeds() -> Seeds {
    let key = known_key().expect("a key");
    let note = sign(&key, TreeHead { size: 7, root: Hash([9; 32]) }).expect("signed");
    let text = |text: &str| text.as_bytes().to_vec();
    let checkpoint = format!("{}\n", note.as_str().rsplit_once("\n\n").expect("a note").0);
    vec![
        ("blackbox_entry", entry_seeds()),
        ("blackbox_note", vec![note.as_bytes().to_vec()]),
        ("blackbox_checkpoint", vec![text(&checkpoint), text(&key.verifier().to_string())]),
        ("blackbox_tile_path", vec![text("tile/0/x001/x234/067"), text("tile/entries/273.p/112")]),
        ("blackbox_bundle", vec![vec![0, 2, 7, 7, 0, 0, 0, 1, 9]]),
        ("blackbox_evidence", evidence_seed()),
        ("blackbox_image", images()),
    ]
}

fn corpus(target: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus").join(target)
}

#[test]
fn the_corpus_holds_the_seeds() {
    for (target, seeds) in seeds() {
        for (number, seed) in seeds.iter().enumerate() {
            let path = corpus(target).join(format!("seed-{number}"));
            if std::env::var_os("HOMEOSTAT_WRITE_CORPUS").is_some() {
                fs::create_dir_all(corpus(target)).expect("a folder");
                fs::write(&path, seed).expect("written");
            }
            assert!(fs::read(&path).ok().as_ref() == Some(seed), "stale: {}", path.display());
        }
    }
}

fn mutate(seed: &[u8], random: &mut Random) -> Vec<u8> {
    let mut bytes = seed.to_vec();
    for _ in 0..=random.below(4) {
        let at = random.below(bytes.len() as u64) as usize;
        let value = random.next_number() as u8;
        match random.below(6) {
            0 => bytes.insert(at, value),
            1 if !bytes.is_empty() => {
                bytes.remove(at);
            }
            2 => bytes.truncate(at),
            3 if !bytes.is_empty() => bytes[at] ^= 1 << (value % 8),
            4 if !bytes.is_empty() => {
                bytes[at] = [0, 1, 0x7f, 0x80, 0xff, b'\n'][value as usize % 6];
            }
            _ => {
                let from = random.below(bytes.len() as u64) as usize;
                let to = (from + 16).min(bytes.len());
                let part = bytes[from..to].to_vec();
                bytes.splice(at..at, part);
            }
        }
    }
    bytes
}

#[test]
fn every_target_withstands_its_corpus_and_mutations_of_it() {
    for (target, run) in TARGETS {
        let mut paths: Vec<PathBuf> = fs::read_dir(corpus(target))
            .expect("a corpus folder")
            .map(|entry| entry.expect("a file").path())
            .collect();
        paths.sort();
        assert!(!paths.is_empty(), "{target}");
        let mut random = Random(1);
        // Images are large and recovery hashes them.
        let rounds = if target == "blackbox_image" { 700 } else { 3000 };
        for path in paths {
            let seed = fs::read(path).expect("a seed");
            run(&seed);
            for _ in 0..rounds {
                run(&mutate(&seed, &mut random));
            }
        }
    }
}
