//! The corpus of every fuzz target, and mutations of it, without the fuzzer.

use homeostat_trial::fuzzing::TARGETS;
use std::path::{Path, PathBuf};

/// Mutations of each seed.
const MUTATIONS: u64 = 200;

fn corpus(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus").join(name)
}

/// A small generator: the next of a reproducible row of numbers.
fn next(state: &mut u64) -> usize {
    *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    usize::try_from(*state >> 33).unwrap_or(0)
}

fn mutated(seed: &[u8], state: &mut u64) -> Vec<u8> {
    let mut bytes = seed.to_vec();
    for _ in 0..=next(state) % 4 {
        if bytes.is_empty() {
            bytes.push(0);
        }
        let at = next(state) % bytes.len();
        match next(state) % 4 {
            0 => bytes[at] ^= 1 << (next(state) % 8),
            1 => bytes.truncate(at),
            2 => bytes.insert(at, u8::try_from(next(state) % 256).unwrap_or(0)),
            _ => {
                let from = next(state) % bytes.len();
                let (from, to) = (from.min(at), from.max(at));
                let part = bytes[from..to].to_vec();
                bytes.splice(at..at, part);
            }
        }
    }
    bytes
}

#[test]
fn no_bytes_of_the_corpus_or_near_it_make_a_reader_panic() {
    for (name, target) in TARGETS {
        let mut seeds = 0;
        let mut files: Vec<_> = std::fs::read_dir(corpus(name))
            .unwrap_or_else(|error| panic!("{}: {error}", corpus(name).display()))
            .map(|entry| entry.unwrap().path())
            .collect();
        files.sort();
        for file in files {
            let seed = std::fs::read(&file).unwrap();
            target(&seed);
            let mut state = seed.len() as u64;
            for _ in 0..MUTATIONS {
                target(&mutated(&seed, &mut state));
            }
            seeds += 1;
        }
        assert!(seeds > 0, "{name} has no corpus");
    }
}
