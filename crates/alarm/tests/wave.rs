//! The sounds as an ear finds them in the samples.

use homeostat_alarm::{RATE, Sound, sample};
use homeostat_numeric::sin;

/// Loudest sample of all sounds.
const PEAK: i32 = 26_000;

/// Where the samples of a whole minute are loud, in milliseconds: beginning and end of each pulse, as
/// an ear tells them apart (quieter than a fiftieth for 5 ms is silence).
fn heard(sound: Sound) -> Vec<(u64, u64)> {
    let loud = |millis: u64| {
        let first = millis * u64::from(RATE) / 1_000;
        (first..first + 80).any(|number| i32::from(sample(sound, number)).abs() > PEAK / 50)
    };
    let mut pulses: Vec<(u64, u64)> = Vec::new();
    for millis in (0..60_000).step_by(5).filter(|millis| loud(*millis)) {
        match pulses.last_mut() {
            Some(last) if last.1 == millis => last.1 = millis + 5,
            _ => pulses.push((millis, millis + 5)),
        }
    }
    pulses
}

fn spacings(pulses: &[(u64, u64)]) -> Vec<u64> {
    pulses.windows(2).map(|pair| pair[1].0 - pair[0].1).collect()
}

#[test]
fn alm_04_bursts_are_heard_as_the_register_says() {
    let high = heard(Sound::High);
    assert!(high[..10].iter().all(|pulse| (75..=200).contains(&(pulse.1 - pulse.0))));
    let between = spacings(&high[..11]);
    let short = |index: usize| (50..=125).contains(&between[index]);
    assert!([0, 1, 3, 5, 6, 8].into_iter().all(short), "three, two, three, two: {between:?}");
    assert!([2, 7].into_iter().all(|index| between[index] > 125 && between[index] < 350));
    assert!((350..=1_300).contains(&between[4]), "a rest between the halves");
    assert!((2_500..=15_000).contains(&between[9]), "a pause between bursts");
    assert_eq!(high.len(), 80, "again every eight seconds");

    let medium = heard(Sound::Medium);
    assert!(medium.iter().all(|pulse| (125..=250).contains(&(pulse.1 - pulse.0))));
    let between = spacings(&medium[..4]);
    assert!(between[..2].iter().all(|pause| (125..=250).contains(pause)));
    assert!((2_500..=30_000).contains(&between[2]));
    assert_eq!(medium.len(), 12);

    let low = heard(Sound::Low);
    assert_eq!((low.len(), heard(Sound::Reminder).len()), (2, 1), "once, not again");
}

/// How strong a frequency is in the middle of the first pulse (Goertzel's sum, without its pace).
fn strength(sound: Sound, hertz: u32) -> f64 {
    let from = 600..2_200_u64;
    let (mut sine, mut cosine) = (0.0, 0.0);
    for number in from {
        let angle = core::f64::consts::TAU * f64::from(hertz) * number as f64 / f64::from(RATE);
        let value = f64::from(sample(sound, number));
        sine += value * sin(angle);
        cosine += value * sin(angle + core::f64::consts::FRAC_PI_2);
    }
    (sine * sine + cosine * cosine).sqrt()
}

#[test]
fn alm_04_a_pulse_has_enough_tones_within_the_range() {
    for sound in Sound::ALL {
        let fundamental = u32::from(sound.pulses().next().unwrap().hertz);
        assert!((150..=1_000).contains(&fundamental));
        let strongest = strength(sound, fundamental);
        let tones = (1..=8).map(|multiple| multiple * fundamental).filter(|hertz| {
            (300..=4_000).contains(hertz) && strength(sound, *hertz) > strongest / 5.6
        });
        assert!(tones.count() >= 4, "{sound:?}");
        assert!(strength(sound, fundamental / 2) < strongest / 20.0, "and none between");
    }
}

#[test]
fn samples_rise_and_fall_softly_and_are_loud_enough() {
    for sound in Sound::ALL {
        let first = sound.pulses().next().unwrap();
        let length = first.length.as_millis() * u64::from(RATE) / 1_000;
        let peak = |part: core::ops::Range<u64>| {
            part.map(|number| i32::from(sample(sound, number)).abs()).max().unwrap()
        };
        let whole = peak(0..length);
        assert!((PEAK / 2..=PEAK).contains(&whole), "{whole}");
        assert!(peak(0..length / 20) < whole * 2 / 5, "{sound:?} does not click on");
        assert!(peak(length - length / 20..length) < whole * 2 / 5);
        assert_eq!(sample(sound, length + 1), 0);
    }
}
