//! The bodies of the fuzz targets over their corpus and mutations of it, without a fuzzer.

mod readers;

use std::fs;
use std::path::Path;

/// SplitMix64: the same numbers everywhere from one seed.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut word = self.0;
        word = (word ^ (word >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((word ^ (word >> 31)) % bound as u64) as usize
    }
}

/// Cuts, doubles, overwrites.
fn mutated(seed: &[u8], numbers: &mut Numbers) -> Vec<u8> {
    const SIGNS: &[u8] = b"\"'[]{}=#.,:\n\\-+0129azT\x00\xff\xc3\xa9";
    let mut out = seed.to_vec();
    for _ in 0..=numbers.below(4) {
        let at = numbers.below(out.len() + 1);
        let end = at + numbers.below(out.len() - at + 1).min(24);
        match numbers.below(4) {
            0 => drop(out.drain(at..end)),
            1 => {
                let part = out[at..end].to_vec();
                out.splice(at..at, part);
            }
            2 => out.insert(at, SIGNS[numbers.below(SIGNS.len())]),
            _ => {
                if let Some(byte) = out.get_mut(at) {
                    *byte = SIGNS[numbers.below(SIGNS.len())];
                }
            }
        }
    }
    out
}

fn withstands(target: &str, body: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus").join(target);
    let mut paths: Vec<_> =
        fs::read_dir(folder).expect("a corpus").flatten().map(|entry| entry.path()).collect();
    paths.sort();
    assert!(paths.len() >= 2, "{target}: {paths:?}");
    let mut numbers = Numbers(20_261_122);
    for path in paths {
        let seed = fs::read(&path).expect("a seed");
        body(&seed);
        for _ in 0..500 {
            body(&mutated(&seed, &mut numbers));
        }
    }
}

#[test]
fn tst_03_the_makers_files_withstand_any_change() {
    withstands("office_files", readers::office_files);
}

#[test]
fn tst_03_decision_records_withstand_any_change() {
    withstands("decision_record", readers::decision_record);
}

#[test]
fn tst_03_lists_of_sources_withstand_any_change() {
    withstands("compiled_sources", readers::sources);
}
