//! Appending against a bare leaf hash, verifying, recovering. Run with `cargo bench -p homeostat-blackbox`.
//!
//! The bar is a ratio in the same run: append (encode, checksum, leaf, frontier) at least 0.28 of the speed of the
//! bare `sha2` leaf hash of the same entry. The last line printed states it.

use std::hint::black_box;
use std::time::{Duration, Instant};

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use homeostat_blackbox::entry::{Body, Entry, Header, Kind, Milliseconds, Times};
use homeostat_blackbox::hash::{Hash, leaf_hash};
use homeostat_blackbox::layout::Geometry;
use homeostat_blackbox::log::{Config, Log, Stamp, buffer_for};
use homeostat_blackbox::note::{Name, Strict};
use homeostat_blackbox::recover::recover;
use homeostat_blackbox::testing::SimulatedDisk;
use homeostat_blackbox::verdict::Options;
use homeostat_blackbox::verify::verify_log;

/// A decision record's size.
const BODY: usize = 300;
const RECORDS: u64 = 100_000;

fn config() -> Config<'static> {
    let mut config =
        Config::new(Name::new("homeostat.example/bench").expect("a name"), "bench", Hash::ZERO);
    config.geometry = Geometry { write_unit: 512, segment_bytes: 1 << 30 };
    config.epoch_entries = 0;
    config
}

fn new_log(config: &Config<'_>) -> Log<SimulatedDisk, Vec<u8>> {
    let disk = SimulatedDisk::empty();
    Log::create(disk, vec![0; buffer_for(config)], config, Stamp::default(), &[1; 32])
        .expect("a new log")
}

fn filled(records: u64, segment_bytes: u32) -> SimulatedDisk {
    let mut config = config();
    config.geometry.segment_bytes = segment_bytes;
    let mut log = new_log(&config);
    for number in 0..records {
        let stamp = Stamp { elapsed: Milliseconds(number), wall: None };
        log.append(Kind(17), 1, stamp, Body::Plain(&[number as u8; BODY])).expect("appended");
    }
    log.flush().expect("flushed");
    log.abandon().0
}

fn an_entry() -> Vec<u8> {
    let header =
        Header { kind: Kind(17), schema: 1, sequence: 70_000, times: Times::default(), epoch: 0 };
    let mut space = vec![0; 1024];
    let length = Entry { header, body: Body::Plain(&[7; BODY]) }.encode(&mut space).expect("fits");
    space.truncate(length);
    space
}

/// A disk that keeps nothing, so that the log's own work alone is measured.
mod nowhere {
    use homeostat_blackbox::disk::{Disk, DiskError, FileId};

    pub(super) struct Nowhere;

    impl Disk for Nowhere {
        fn create(&mut self, _: FileId, _: u32) -> Result<(), DiskError> {
            Ok(())
        }
        fn length(&mut self, _: FileId) -> Result<Option<u64>, DiskError> {
            Ok(None)
        }
        fn read_at(&mut self, _: FileId, _: u32, _: &mut [u8]) -> Result<(), DiskError> {
            Ok(())
        }
        fn write_at(&mut self, _: FileId, _: u32, _: &[u8]) -> Result<(), DiskError> {
            Ok(())
        }
        fn sync(&mut self, _: FileId) -> Result<(), DiskError> {
            Ok(())
        }
        fn resize(&mut self, _: FileId, _: u32) -> Result<(), DiskError> {
            Ok(())
        }
        fn remove(&mut self, _: FileId) -> Result<(), DiskError> {
            Ok(())
        }
        fn segments(&mut self) -> Result<Option<(u32, u32)>, DiskError> {
            Ok(None)
        }
    }
}

fn appending_log() -> Log<nowhere::Nowhere, Vec<u8>> {
    let config = config();
    let buffer = vec![0; buffer_for(&config)];
    Log::create(nowhere::Nowhere, buffer, &config, Stamp::default(), &[1; 32]).expect("a new log")
}

fn append(criterion: &mut Criterion) {
    let entry = an_entry();
    let mut group = criterion.benchmark_group("append");
    group.throughput(Throughput::Elements(1));
    group.bench_function("bare leaf hash", |bencher| bencher.iter(|| leaf_hash(black_box(&entry))));
    group.bench_function("encode, checksum, leaf, frontier", |bencher| {
        let body = [7; BODY];
        bencher.iter_custom(|count| {
            let mut log = appending_log();
            let mut elapsed = Duration::ZERO;
            for part in (0..count).step_by(1 << 20) {
                // A fresh log before the gigabyte is full.
                if part > 0 {
                    log = appending_log();
                }
                elapsed += time_appends(&mut log, (count - part).min(1 << 20), &body);
            }
            elapsed
        });
    });
    group.finish();
    ratio(&entry);
}

#[expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]
fn time_appends(log: &mut Log<nowhere::Nowhere, Vec<u8>>, count: u64, body: &[u8]) -> Duration {
    let start = Instant::now();
    for _ in 0..count {
        let stamp = Stamp::default();
        black_box(log.append(Kind(17), 1, stamp, Body::Plain(black_box(body)))).expect("appended");
    }
    start.elapsed()
}

/// The two in turn, nine times: the median of the ratios, which a busy machine disturbs little.
#[expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]
fn ratio(entry: &[u8]) {
    const COUNT: u64 = 200_000;
    let mut ratios: Vec<f64> = (0..9)
        .map(|_| {
            let start = Instant::now();
            for _ in 0..COUNT {
                black_box(leaf_hash(black_box(entry)));
            }
            let bare = start.elapsed();
            bare.as_secs_f64() / time_appends(&mut appending_log(), COUNT, &[7; BODY]).as_secs_f64()
        })
        .collect();
    ratios.sort_by(f64::total_cmp);
    println!("append runs at {:.2} of the speed of a bare leaf hash (bar 0.28)", ratios[4]);
}

fn verify(criterion: &mut Criterion) {
    let disk = filled(RECORDS, 1 << 20);
    let mut group = criterion.benchmark_group("verify");
    group.throughput(Throughput::Elements(RECORDS));
    group.sample_size(10);
    group.bench_function("100,000 records", |bencher| {
        bencher.iter(|| {
            let verdict = verify_log(&mut disk.clone(), &Options::default(), &mut |_| {});
            assert!(verdict.expect("read").is_good());
        });
    });
    group.finish();
}

fn recovery(criterion: &mut Criterion) {
    let disk = filled(RECORDS, 1 << 20);
    let mut buffer = vec![0; 1 << 17];
    criterion.bench_function("recover a log of 100,000 records in segments of 1 MiB", |bencher| {
        bencher.iter(|| recover(&mut disk.clone(), &mut buffer, &mut Strict).expect("recovered"));
    });
}

criterion_group!(benches, append, verify, recovery);
criterion_main!(benches);
