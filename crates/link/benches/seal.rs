//! What a message costs: sealing, opening, refusing; and what a handshake costs.
//! Run with `cargo bench -p homeostat-link`.

#[path = "../tests/support/mod.rs"]
mod support;

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use homeostat_link::bluetooth::Protection;
use homeostat_link::bluetooth::cgm::{Measurement, Measurements};
use homeostat_link::{Channel, Event, Ignored};
use homeostat_record::Instant;
use std::hint::black_box;
use support::{Seeded, at, channels, order, settle};

fn connected() -> [Channel; 2] {
    let mut ends = channels();
    settle(&mut ends, at(0), &mut Seeded(7));
    ends
}

/// A clock that runs fast enough for the rate limit never to bind.
fn later(now: &mut Instant) -> Instant {
    now.millis += 1;
    *now
}

fn messages(bench: &mut Criterion) {
    let [mut device, _] = connected();
    bench.bench_function("seal an order", |b| {
        b.iter(|| device.send(at(1), black_box(&order(1))));
    });
    let mut ends = connected();
    let mut now = at(1_000);
    bench.bench_function("seal and open an order", |b| {
        b.iter(|| {
            let now = later(&mut now);
            let datagram = ends[0].send(now, &order(1)).unwrap();
            let event = ends[1].receive(now, datagram.as_slice(), &mut Seeded(1));
            assert!(matches!(event, Event::Message(_)));
        });
    });
    let datagram = ends[0].send(now, &order(1)).unwrap();
    let mut forged = datagram.as_slice().to_vec();
    *forged.last_mut().unwrap() ^= 1;
    bench.bench_function("refuse a forgery", |b| {
        b.iter(|| {
            let event = ends[1].receive(later(&mut now), &forged, &mut Seeded(1));
            assert_eq!(event, Event::Ignored(Ignored::Forged));
        });
    });
    let _ = ends[1].receive(now, datagram.as_slice(), &mut Seeded(1));
    bench.bench_function("refuse a replay", |b| {
        b.iter(|| {
            let event = ends[1].receive(now, black_box(datagram.as_slice()), &mut Seeded(1));
            assert_eq!(event, Event::Ignored(Ignored::Replayed));
        });
    });
}

fn handshakes(bench: &mut Criterion) {
    bench.bench_function("handshake, both ends", |b| {
        b.iter_batched_ref(
            channels,
            |ends| settle(ends, at(0), &mut Seeded(7)),
            BatchSize::SmallInput,
        );
    });
    let mut ends = channels();
    let initiation = ends[0].poll(at(0), &mut Seeded(1)).unwrap();
    let mut forged = initiation.as_slice().to_vec();
    *forged.last_mut().unwrap() ^= 1;
    let mut now = at(0);
    bench.bench_function("refuse a forged handshake at the gate", |b| {
        b.iter(|| {
            let event = ends[1].receive(later(&mut now), &forged, &mut Seeded(1));
            assert_eq!(event, Event::Ignored(Ignored::Forged));
        });
    });
}

fn bluetooth(bench: &mut Criterion) {
    let measurement = Measurement { minutes: 5, ..Measurement::default() };
    let packet = measurement.encode(Protection::CheckSum);
    bench.bench_function("decode a glucose measurement", |b| {
        b.iter(|| Measurements::of(black_box(packet.as_slice()), Protection::CheckSum).count());
    });
}

criterion_group!(benches, messages, handshakes, bluetooth);
criterion_main!(benches);
