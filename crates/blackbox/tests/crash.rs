//! Loss of power at every moment of many lives of a log (LOG-05, F-P01, F-P02).
//!
//! `HOMEOSTAT_CRASH_POINTS=1000000` tries more; `HOMEOSTAT_CRASH_SEED` begins elsewhere;
//! `HOMEOSTAT_CRASH_POINT=seed.life.step.fate`, as a failure prints it, tries that one alone.

use std::env;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use homeostat_blackbox::note::Name;
use homeostat_blackbox::testing::crash::{Explorer, Point, Tally, Violation};

fn number(name: &str, default: u64) -> u64 {
    env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

fn origin() -> Name {
    Name::new("homeostat.example/simulated").expect("a name")
}

fn wanted_point() -> Option<Point> {
    let text = env::var("HOMEOSTAT_CRASH_POINT").ok()?;
    let parts: Vec<u64> = text.split('.').map(|part| part.parse().expect("a number")).collect();
    let [seed, life, step, fate] = parts[..] else { panic!("expected seed.life.step.fate") };
    Some(Point { seed, life: life as u32, step: step as usize, fate: fate as usize })
}

fn add(sum: &mut Tally, part: &Tally) {
    sum.points += part.points;
    sum.in_recovery += part.in_recovery;
    sum.continued += part.continued;
    sum.verified += part.verified;
    sum.torn += part.torn;
    sum.lives += part.lives;
    sum.key_changes += part.key_changes;
    sum.segments += part.segments;
    sum.refused += part.refused;
}

#[test]
fn log_05_nothing_acknowledged_is_lost_at_any_crash_point() {
    if let Some(point) = wanted_point() {
        Explorer::repeat(point, origin()).unwrap_or_else(|violation| panic!("{violation}"));
        return;
    }
    let points = number("HOMEOSTAT_CRASH_POINTS", 100_000);
    let first = number("HOMEOSTAT_CRASH_SEED", 1);
    let threads = thread::available_parallelism().map_or(2, |count| count.get() as u64);
    let seeds = AtomicU64::new(0);
    let done = AtomicU64::new(0);
    let work = || -> Result<Tally, Violation> {
        let mut sum = Tally::default();
        while done.load(Ordering::Relaxed) < points {
            let seed = first + seeds.fetch_add(1, Ordering::Relaxed);
            // Short chains of lives under many seeds, so that every kind of disk has its turn.
            let part = Explorer::new(seed, origin()).run(10_000, 3)?;
            done.fetch_add(part.points, Ordering::Relaxed);
            add(&mut sum, &part);
        }
        Ok(sum)
    };
    let mut sum = Tally::default();
    thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        for worker in workers {
            match worker.join().expect("no panic") {
                Ok(part) => add(&mut sum, &part),
                Err(violation) => panic!("{violation}"),
            }
        }
    });
    println!("{sum:?}");
    assert!(sum.points >= points);
    assert!(sum.in_recovery > points / 100 && sum.torn > points / 10, "{sum:?}");
    assert!(sum.continued > points / 1000 && sum.key_changes > 0, "{sum:?}");
    assert!(sum.verified > points / 100, "{sum:?}");
    assert!(sum.segments > u64::from(sum.lives) && sum.refused > 0, "{sum:?}");
}

#[test]
fn log_05_a_disk_that_lies_about_durability_is_noticed_and_the_point_repeats() {
    let violation = Explorer::new(1, origin()).on_a_lying_disk().run(20_000, 1).unwrap_err();
    assert!(violation.what.contains("(1)"), "{violation}");
    let text = violation.to_string();
    assert!(text.contains(&format!("HOMEOSTAT_CRASH_POINT={}", violation.point)), "{text}");
    // On an honest disk the same point holds, and it is one point that was tried.
    let tally = Explorer::repeat(violation.point, origin()).expect("an honest disk");
    assert!(tally.points - tally.in_recovery == 1, "{tally:?}");
}
