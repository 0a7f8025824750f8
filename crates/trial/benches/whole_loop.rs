//! The whole loop: one cycle with everything in it, and a year replayed with its proofs.
//!
//! `cargo bench -p homeostat-trial`. Besides criterion's statistics of wall time, a small harness
//! reports what the requirements speak of: processor time of the thread, the 99th percentile over
//! single cycles, and a year of them. The bounds are 200 us a cycle (p99) and 20 s a year.

mod device;

use criterion::{Criterion, Throughput};
use device::{Device, anaesthesia, only_cell, recorded, trial};
use homeostat_assembly::inspection::{Replayed, inspect};
use homeostat_assembly::insulin as machine;
use homeostat_blackbox::verdict::Options;
use homeostat_blackbox::verify::verify_log;
use homeostat_trial::engine::MemoryDisk;
use homeostat_trial::insulin::scenario::Control;
use rustix::time::{ClockId, clock_gettime};

const DAYS: u32 = 30;

fn thread_nanoseconds() -> i64 {
    let now = clock_gettime(ClockId::ThreadCPUTime);
    now.tv_sec * 1_000_000_000 + now.tv_nsec
}

fn percentiles(control: Control) {
    let (inputs, profile) = recorded(control, DAYS);
    let mut device = Device::new(control, &profile);
    let mut spent: Vec<i64> = inputs
        .iter()
        .map(|input| {
            let before = thread_nanoseconds();
            device.cycle(input);
            thread_nanoseconds() - before
        })
        .collect();
    spent.sort_unstable();
    let at = |part: f64| spent[((spent.len() - 1) as f64 * part) as usize] as f64 / 1_000.0;
    println!(
        "cycle/{}: {} cycles, processor time: median {:.1} us, p99 {:.1} us, p99.9 {:.1} us, \
         longest {:.1} us (must: p99 200 us)",
        control.name(),
        spent.len(),
        at(0.5),
        at(0.99),
        at(0.999),
        at(1.0)
    );
}

fn year() {
    let trial = trial(Control::Mpc, 365);
    let (_, mut disk) = only_cell(&trial).run_on(MemoryDisk::default()).expect("it runs");
    let bytes: usize = disk.files().values().map(Vec::len).sum();
    let options = Options::default();
    let before = thread_nanoseconds();
    let found = inspect(|visit| verify_log(&mut disk, &options, visit), &machine::rebuild, None);
    let seconds = (thread_nanoseconds() - before) as f64 / 1e9;
    let found = found.expect("memory can be read");
    assert_eq!(found.replayed, Replayed::Equal);
    assert!(found.verdict.is_good());
    println!(
        "replay/year: {} cycles with proofs from {:.1} MB: {seconds:.2} s of processor time (must: 20 s)",
        found.cycles,
        bytes as f64 / 1e6
    );
}

/// Control periods of an anaesthetic, seconds: the reference profile's, and the shortest.
const PERIODS: [u32; 2] = [5, 1];

/// Times of several runs, in the middle, milliseconds.
fn middle(mut spent: Vec<i64>) -> f64 {
    spent.sort_unstable();
    spent[spent.len() / 2] as f64 / 1e6
}

/// An hour of anaesthesia, everything in it: person, monitor, syringe, clinician, controller, supervisor,
/// second opinion, checkers, record with its hashes and signatures; and the loop with its record alone.
fn anaesthetic() {
    for period in PERIODS {
        for control in [anaesthesia::Control::Mpc, anaesthesia::Control::Pid] {
            let trial = anaesthesia::trial(control, period, 8);
            let mut spent: Vec<i64> = Vec::new();
            for cell in anaesthesia::cells(&trial) {
                let before = thread_nanoseconds();
                let lived = cell.live(MemoryDisk::default(), &mut |_, _| {});
                spent.push(thread_nanoseconds() - before);
                assert!(lived.is_ok());
            }
            let (inputs, profile) = anaesthesia::recorded(control, period);
            let mut alone: Vec<i64> = Vec::new();
            for _ in 0..8 {
                let mut device = anaesthesia::device(control, &profile);
                let before = thread_nanoseconds();
                inputs.iter().for_each(|input| device.cycle(input));
                alone.push(thread_nanoseconds() - before);
            }
            println!(
                "anaesthetic/{} each {period} s: {:.2} ms of processor time for a person's hour (must: 5 \
                 ms), {:.2} of it the loop with its record ({} cycles)",
                control.name(),
                middle(spent),
                middle(alone),
                inputs.len()
            );
        }
    }
}

fn anaesthetic_statistics(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("anaesthetic");
    group.sample_size(10);
    for period in PERIODS {
        let trial = anaesthesia::trial(anaesthesia::Control::Mpc, period, 1);
        let cell = anaesthesia::cells(&trial).next().expect("there is a cell");
        group.bench_function(format!("hour/mpc/each_{period}_s"), |bencher| {
            bencher.iter(|| cell.live(MemoryDisk::default(), &mut |_, _| {}).is_ok());
        });
    }
    group.finish();
}

fn statistics(criterion: &mut Criterion) {
    for control in [Control::Mpc, Control::Rules] {
        let (inputs, profile) = recorded(control, DAYS);
        let day = &inputs[288 * 10..288 * 11];
        let mut group = criterion.benchmark_group("whole_loop");
        group.throughput(Throughput::Elements(day.len() as u64)).sample_size(20);
        group.bench_function(format!("day_of_cycles/{}", control.name()), |bencher| {
            bencher.iter_batched_ref(
                || Device::new(control, &profile),
                |device| day.iter().for_each(|input| device.cycle(input)),
                criterion::BatchSize::LargeInput,
            );
        });
        group.finish();
    }
}

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    statistics(&mut criterion);
    anaesthetic_statistics(&mut criterion);
    criterion.final_summary();
    // `cargo test --benches` only asks whether everything runs.
    if std::env::args().any(|argument| argument == "--test") {
        return;
    }
    percentiles(Control::Mpc);
    percentiles(Control::Rules);
    year();
    anaesthetic();
}
