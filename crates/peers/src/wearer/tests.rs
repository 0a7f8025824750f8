use super::*;
use crate::body::{InsulinPerson, PersonSettings, Truth};
use crate::sensor::{Exactness, SensorFaults, SensorSettings};
use crate::therapy::Therapy;
use std::fs;
use std::path::PathBuf;

struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("homeostat-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn wearer() -> Wearer {
    let person =
        InsulinPerson { subject: "adult#002".to_owned(), meals: Vec::new(), born_minute_of_day: 0 };
    let body = Body::new(&PersonSettings::Insulin(person)).unwrap();
    let settings = SensorSettings { identity: 1, exactness: Exactness::Noisy, seed: 5 };
    let sensor = Sensor::new(&settings, &body, SensorFaults::default());
    Wearer::new(body, sensor)
}

fn tubing(total: u64) -> Tubing {
    let totals = [Billionths(total), Billionths(0)];
    Tubing { therapy: Therapy::Insulin, pump: 4, totals }
}

fn glucose(wearer: &Wearer) -> u64 {
    match wearer.body().truth() {
        Truth::Glucose(value) => value.0.to_bits(),
        Truth::Index(_) => unreachable!("a person with diabetes"),
    }
}

fn day(wearer: &mut Wearer, minutes: core::ops::Range<u64>) -> Vec<SensorFrame> {
    let mut frames = Vec::new();
    for minute in minutes {
        wearer.pour(&tubing(minute * 25_000_000)).unwrap();
        frames.extend(wearer.tick().unwrap());
    }
    frames
}

#[test]
fn whoever_is_killed_goes_on_with_the_same_life() {
    let folder = Folder::new("wearer-killed");
    let mut whole = wearer();
    let expected = day(&mut whole, 0..600);
    let mut found = Vec::new();
    for part in 0..6 {
        // Dropped and opened again after every hundred minutes.
        let mut again = wearer().remembering(&folder.0).unwrap();
        assert_eq!(again.put_away().is_some(), part > 0);
        found.extend(day(&mut again, part * 100..(part + 1) * 100));
        if part == 5 {
            assert_eq!(glucose(&again), glucose(&whole));
            assert_eq!(again.body().given(), whole.body().given());
        }
    }
    assert_eq!(found, expected);
}

#[test]
fn a_record_that_was_cut_short_is_dropped_and_nonsense_is_refused() {
    let folder = Folder::new("wearer-cut");
    day(&mut wearer().remembering(&folder.0).unwrap(), 0..10);
    let path = folder.0.join("body.log");
    let whole = fs::read(&path).unwrap();
    fs::write(&path, &whole[..whole.len() - 5]).unwrap();
    let again = wearer().remembering(&folder.0).unwrap();
    assert_eq!(again.body().age().as_minutes(), 9);
    drop(again);
    assert_eq!(fs::read(&path).unwrap(), whole[..whole.len() - RECORD]);
    let mut bad = whole;
    bad[RECORD] ^= 1;
    fs::write(&path, bad).unwrap();
    let words = wearer().remembering(&folder.0).unwrap_err().to_string();
    assert!(words.contains("record 2"), "{words}");
}

#[test]
fn what_was_given_meanwhile_is_spread_over_the_time_that_was_missed() {
    let mut present = wearer();
    let mut absent = wearer();
    day(&mut present, 0..200);
    day(&mut absent, 0..100);
    // The last word on the hundredth minute was of its beginning.
    absent.catch_up(100, Some(&tubing(199 * 25_000_000))).unwrap();
    assert_eq!(absent.body().age(), present.body().age());
    assert_eq!(absent.body().given(), present.body().given());
    let value = |wearer: &Wearer| f64::from_bits(glucose(wearer));
    assert!((value(&absent) - value(&present)).abs() < 1e-6);
    absent.catch_up(3, None).unwrap();
    assert_eq!(absent.body().age().as_minutes(), 203);
}
