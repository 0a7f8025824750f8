//! Patient-days in a second of one core: one subject at a time, and thirty side by side.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use homeostat_patients::meals::Plate;
use homeostat_patients::s2008::{S2008Batch, S2008Parameters, S2008Patient, published_subjects};
use homeostat_patients::units::{Grams, InsulinUnits};
use homeostat_patients::{MinuteInputs, VirtualPatient};
use std::hint::black_box;

/// What a subject eats and gets on the standard day.
fn day(subject: &S2008Parameters) -> Vec<MinuteInputs> {
    let (mut plate, basal) = (Plate::default(), subject.basal().0 / 60.0);
    let minute = |minute| {
        let meal = match minute {
            420 => 45.0,
            720 => 70.0,
            1080 => 80.0,
            _ => 0.0,
        };
        plate.serve(Grams(meal));
        let bolus = meal / subject.carbohydrate_ratio.0;
        MinuteInputs { eaten: plate.eat_for_a_minute(), insulin: InsulinUnits(basal + bolus) }
    };
    (0..1440).map(minute).collect()
}

fn simulator(criterion: &mut Criterion) {
    let subjects = published_subjects();
    let days: Vec<Vec<MinuteInputs>> = subjects.iter().map(day).collect();
    let together: Vec<Vec<MinuteInputs>> =
        (0..1440).map(|minute| days.iter().map(|day| day[minute]).collect()).collect();
    let mut group = criterion.benchmark_group("S2008 patient-days");

    group.throughput(Throughput::Elements(1));
    let mut patient = S2008Patient::new(subjects[0].clone());
    group.bench_function("one subject", |bencher| {
        bencher.iter(|| {
            days[0].iter().for_each(|row| patient.advance_minute(*row));
            black_box(patient.plasma_glucose())
        });
    });

    group.throughput(Throughput::Elements(30));
    let mut batch = S2008Batch::new(&subjects);
    group.bench_function("thirty subjects side by side", |bencher| {
        bencher.iter(|| {
            together.iter().for_each(|rows| batch.advance_minute(rows));
            black_box(batch.plasma_glucose(29))
        });
    });
    group.finish();
}

criterion_group!(benches, simulator);
criterion_main!(benches);
