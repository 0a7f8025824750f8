//! Pairing: two people compare six digits.

mod support;

use homeostat_link::{
    Code, End, Ignored, Mismatch, Pairing, PairingEvent, PairingFault, PairingSettings, Part,
    Party, Therapy,
};
use homeostat_record::Span;
use support::{DEVICE, NoneAtAll, PUMP, Seeded, at, key};

fn settings(end: End, secret: u64) -> PairingSettings {
    let (me, peer) = match end {
        End::Initiator => (DEVICE, Part::Actuator),
        End::Responder => (PUMP, Part::Device),
    };
    PairingSettings {
        end,
        me,
        peer,
        therapy: Therapy::named("insulin").unwrap(),
        key: key(secret),
        retry_first: Span::from_millis(500),
        retry_max: Span::from_millis(2_000),
        open_for: Span::from_seconds(120),
    }
}

fn open(settings: PairingSettings, seed: u64) -> Pairing {
    Pairing::open(settings, at(0), &mut Seeded(seed)).unwrap()
}

fn both() -> [Pairing; 2] {
    [open(settings(End::Initiator, 1), 11), open(settings(End::Responder, 2), 12)]
}

/// Runs for `millis`; `passes(sender, number)` says which datagrams arrive.
fn run(ends: &mut [Pairing; 2], millis: u64, mut passes: impl FnMut(usize, usize) -> bool) {
    let mut seed = Seeded(13);
    let mut number = [0; 2];
    for now in (0..millis).step_by(50) {
        for end in 0..2 {
            while let Some(datagram) = ends[end].poll(at(now)) {
                number[end] += 1;
                if passes(end, number[end]) {
                    let _ = ends[1 - end].receive(at(now), datagram.as_slice(), &mut seed);
                }
            }
        }
    }
}

#[test]
fn both_ends_show_the_same_code_and_keep_each_other() {
    let mut ends = both();
    run(&mut ends, 1_000, |_, _| true);
    let codes = [ends[0].code(), ends[1].code()];
    assert_eq!(codes[0], codes[1]);
    let text = codes[0].unwrap().to_string();
    assert!(text.len() == 7 && text.chars().filter(char::is_ascii_digit).count() == 6, "{text}");
    let device = ends[0].confirm(at(1_000)).unwrap();
    let pump = ends[1].confirm(at(1_000)).unwrap();
    assert_eq!((device.peer, device.key), (PUMP, key(2).public()));
    assert_eq!((pump.peer, pump.key), (DEVICE, key(1).public()));
    assert!(ends[0].poll(at(60_000)).is_none(), "the receipt has ended the repeating");
}

#[test]
fn f_k02_every_pattern_of_early_losses_is_made_good() {
    for pattern in 0..64_u32 {
        let mut ends = both();
        run(&mut ends, 60_000, |end, number| {
            number > 3 || pattern >> (end * 3 + number - 1) & 1 == 1
        });
        assert!(ends[0].code().is_some() && ends[0].code() == ends[1].code(), "{pattern:06b}");
        assert!(ends[0].poll(at(100_000)).is_none());
    }
}

#[test]
fn different_pairings_have_different_codes() {
    let codes: Vec<Code> = (0..20)
        .map(|seed| {
            let mut ends = [
                open(settings(End::Initiator, 1), 100 + seed),
                open(settings(End::Responder, 2), 200 + seed),
            ];
            run(&mut ends, 1_000, |_, _| true);
            ends[0].code().unwrap()
        })
        .collect();
    for (index, code) in codes.iter().enumerate() {
        assert!(!codes[index + 1..].contains(code));
    }
}

/// Somebody in the middle pairs with both sides, under his own key.
#[test]
fn f_k08_a_man_in_the_middle_gives_different_codes() {
    for seed in 0..50 {
        let mut device = open(settings(End::Initiator, 1), 300 + seed);
        let mut pump = open(settings(End::Responder, 2), 400 + seed);
        let mut as_pump = open(settings(End::Responder, 66), 500 + seed);
        let mut as_device = open(settings(End::Initiator, 66), 600 + seed);
        let mut random = Seeded(700 + seed);
        for now in (0..2_000).step_by(50) {
            let now = at(now);
            for (a, b) in [(&mut device, &mut as_pump), (&mut as_device, &mut pump)] {
                while let Some(datagram) = a.poll(now) {
                    let _ = b.receive(now, datagram.as_slice(), &mut random);
                }
                while let Some(datagram) = b.poll(now) {
                    let _ = a.receive(now, datagram.as_slice(), &mut random);
                }
            }
        }
        let shown = [device.code().unwrap(), pump.code().unwrap()];
        assert_ne!(shown[0], shown[1], "seed {seed}");
    }
}

/// He may relay or change what he likes: either the codes differ or nobody is paired with him.
#[test]
fn f_k08_changing_a_datagram_on_the_way_never_gives_equal_codes_for_other_keys() {
    for changed in 1..=3 {
        for place in (13..120).step_by(3) {
            let mut ends = both();
            let mut seed = Seeded(13);
            let mut number = 0;
            for now in (0..3_000).step_by(50) {
                for end in 0..2 {
                    while let Some(datagram) = ends[end].poll(at(now)) {
                        number += 1;
                        let mut bytes = datagram.as_slice().to_vec();
                        if number == changed && place < bytes.len() {
                            bytes[place] ^= 4;
                        }
                        let _ = ends[1 - end].receive(at(now), &bytes, &mut seed);
                    }
                }
            }
            if let [Some(a), Some(b)] = [ends[0].code(), ends[1].code()]
                && a == b
            {
                assert_eq!(ends[0].confirm(at(3_000)).unwrap().key, key(2).public());
                assert_eq!(ends[1].confirm(at(3_000)).unwrap().key, key(1).public());
            }
        }
    }
}

#[test]
fn com_06_who_does_not_fit_is_refused_by_name() {
    let other = |change: fn(&mut PairingSettings)| {
        let mut settings = settings(End::Responder, 2);
        change(&mut settings);
        settings
    };
    let cases = [
        (other(|s| s.therapy = Therapy::named("propofol").unwrap()), Mismatch::Therapy),
        (other(|s| s.me = Party { part: Part::Sensor, identity: 5 }), Mismatch::Part),
    ];
    for (responder, mismatch) in cases {
        let mut ends = [open(settings(End::Initiator, 1), 11), open(responder, 12)];
        run(&mut ends, 1_000, |_, _| true);
        assert_eq!(ends[0].confirm(at(1_000)).err(), Some(PairingFault::Mismatch(mismatch)));
        assert_eq!(ends[1].code(), None);
    }
    let sensor_sought = other(|s| s.peer = Part::Sensor);
    let mut ends = [open(settings(End::Initiator, 1), 11), open(sensor_sought, 12)];
    run(&mut ends, 1_000, |_, _| true);
    assert_eq!(ends[1].counters().of(Ignored::Mismatch(Mismatch::Part)), 1);
    assert_eq!(ends[1].code(), None);
}

#[test]
fn a_pairing_has_an_end() {
    let mut ends = both();
    run(&mut ends, 5_000, |end, _| end == 0);
    assert_eq!(ends[0].code(), None);
    assert!(ends[0].poll(at(120_000)).is_none());
    assert_eq!(ends[0].confirm(at(120_000)).err(), Some(PairingFault::TimedOut));
    let event = ends[0].receive(at(120_001), &[], &mut Seeded(1));
    assert_eq!(event, PairingEvent::Failed(PairingFault::TimedOut));
}

#[test]
fn own_key_and_missing_randomness_are_refused() {
    let mut ends = [open(settings(End::Initiator, 1), 11), open(settings(End::Responder, 1), 12)];
    run(&mut ends, 1_000, |_, _| true);
    assert_eq!(ends[0].confirm(at(1_000)).err(), Some(PairingFault::OwnKey));
    assert!(Pairing::open(settings(End::Initiator, 1), at(0), &mut NoneAtAll).is_err());
}

#[test]
fn settings_of_no_use_end_a_pairing_before_it_begins() {
    let good = settings(End::Initiator, 1);
    for bad in [
        PairingSettings { retry_first: Span::ZERO, ..good.clone() },
        PairingSettings { retry_max: Span::from_millis(499), ..good.clone() },
        PairingSettings { therapy: Therapy::default(), ..good.clone() },
        PairingSettings { end: End::Responder, retry_first: Span::ZERO, ..good },
    ] {
        let mut pairing = open(bad, 1);
        assert_eq!(pairing.poll(at(0)).map(|datagram| datagram.as_slice().to_vec()), None);
        let event = pairing.receive(at(0), &[], &mut Seeded(1));
        assert_eq!(event, PairingEvent::Failed(PairingFault::Unusable));
    }
}
