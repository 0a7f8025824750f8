//! Patient-hours of anaesthesia in a second of one core, a step a second.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use homeostat_patients::anaesthesia::cohort::{Population, sample};
use homeostat_patients::anaesthesia::mammillary::Propagator;
use homeostat_patients::anaesthesia::monitor::{Monitor, MonitorModel};
use homeostat_patients::anaesthesia::patient::{AnaesthesiaPatient, Arousal, Infusions};
use homeostat_patients::anaesthesia::stimulus::Stimulus;
use homeostat_patients::anaesthesia::units::{MgPerSecond, Seconds, UgPerSecond};
use homeostat_patients::random::Seed;
use std::hint::black_box;

fn hour(patient: &mut AnaesthesiaPatient, stimulus: &Stimulus, monitor: &mut Option<Monitor>) {
    for second in 0..3600 {
        let propofol = MgPerSecond(if second < 60 { 2.0 } else { 0.15 });
        let infusions = Infusions {
            propofol,
            remifentanil: UgPerSecond(0.1),
            norepinephrine: UgPerSecond(0.02),
        };
        let stimulus = stimulus.at(Seconds(f64::from(second)));
        patient.advance_second(infusions, Arousal { stimulus, attenuated: false });
        if let Some(monitor) = monitor {
            black_box(monitor.advance_second(patient.index()));
        }
    }
}

fn anaesthesia(criterion: &mut Criterion) {
    let subject = sample(Population::Adults, true, 1, Seed(1)).swap_remove(0);
    let mut index_alone = subject.clone();
    index_alone.figures.circulation = None;
    index_alone.figures.pressor = None;
    let struys = Stimulus::struys();
    let mut group = criterion.benchmark_group("anaesthesia patient-hours");
    group.throughput(Throughput::Elements(1));
    for (name, subject, monitored) in [
        ("kinetics and index", &index_alone, false),
        ("with circulation and norepinephrine", &subject, false),
        ("with circulation, norepinephrine and monitor", &subject, true),
    ] {
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                let mut patient = subject.patient();
                let mut monitor = monitored.then(|| {
                    Monitor::new(MonitorModel::NOISY, patient.index(), &subject.name, Seed(1))
                });
                hour(&mut patient, &struys, &mut monitor);
                black_box(patient.index())
            });
        });
    }
    group.finish();
    criterion.bench_function("a new step of three compartments", |bencher| {
        bencher.iter(|| Propagator::new(black_box(&subject.figures.propofol), Seconds(1.0)));
    });
}

criterion_group!(benches, anaesthesia);
criterion_main!(benches);
