//! The fuzz targets' bodies, on their corpus and on thousands of mutations of it: no fuzzer needed.
//!
//! `HOMEOSTAT_WRITE_CORPUS=1` writes the seeds below into `fuzz/corpus`.

use homeostat_device::controller::protocol::{Question, Reply, read_frame};
use homeostat_device::fuzzing::TARGETS;
use homeostat_record::{Input, Instant, Proposal, SoftwareIdentity};
use std::fs;
use std::path::Path;

const MUTATIONS: u64 = 2_000;

fn seeds() -> Vec<Vec<u8>> {
    let input = Input { now: Instant { boot: 2, millis: 300_000 }, ..Input::default() };
    let token = 0x0102_0304_0506_0708;
    let questions = [
        Question::Begin { identity: SoftwareIdentity::default(), profile: b"a profile".to_vec() },
        Question::Ask { token, state: vec![0x80], input: Box::new(input) },
    ];
    let replies = [
        Reply::Ready { confinement: 3, words: "no files, no network".to_owned() },
        Reply::Answer { token, state: vec![0x81, 7], proposal: Proposal::default() },
        Reply::Refuse("another controller".to_owned()),
    ];
    let mut all = [Vec::new(), Vec::new()];
    questions.iter().for_each(|question| question.write(&mut all[0]).expect("it fits"));
    replies.iter().for_each(|reply| reply.write(&mut all[1]).expect("it fits"));
    all.into()
}

#[test]
fn sup_01_no_target_finds_anything_in_its_corpus_and_near_it() {
    for (target, body) in TARGETS {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus").join(target);
        if std::env::var_os("HOMEOSTAT_WRITE_CORPUS").is_some() {
            fs::create_dir_all(&folder).expect("made");
            for (number, seed) in seeds().iter().enumerate() {
                fs::write(folder.join(format!("{number}.bin")), seed).expect("written");
            }
        }
        let files = fs::read_dir(&folder).expect("a corpus");
        let inputs = files.map(|file| fs::read(file.expect("a file").path()).expect("read"));
        let mut inputs: Vec<Vec<u8>> = inputs.collect();
        inputs.sort();
        assert!(inputs.len() >= 2, "{target} has no corpus");
        let mut chance = 7_u64;
        let mut below = move |limit: usize| {
            chance = chance.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (chance >> 33) as usize % limit.max(1)
        };
        for input in &inputs {
            body(input);
            for _ in 0..MUTATIONS {
                let mut mutant = input.clone();
                for _ in 0..=below(3) {
                    let place = below(mutant.len());
                    match below(4) {
                        0 => mutant.insert(place, below(256) as u8),
                        1 if mutant.len() > 1 => drop(mutant.remove(place)),
                        _ => mutant.iter_mut().skip(place).take(1).for_each(|byte| {
                            *byte ^= 1 << below(8);
                        }),
                    }
                }
                body(&mutant);
            }
        }
    }
}

#[test]
fn every_seed_is_read_to_its_end() {
    let count = |seed: &[u8]| {
        let mut rest = seed;
        let mut read = 0;
        while let Some((kind, payload)) = read_frame(&mut rest).expect("a frame") {
            assert!(Question::of(kind, &payload).is_ok() || Reply::of(kind, &payload).is_ok());
            read += 1;
        }
        read
    };
    assert_eq!(seeds().iter().map(|seed| count(seed)).collect::<Vec<_>>(), [2, 3]);
}
