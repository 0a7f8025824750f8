//! The fuzz targets' bodies, on their corpus and on thousands of mutations of it: no fuzzer needed.
//!
//! `HOMEOSTAT_WRITE_CORPUS=1` writes the seeds below into `fuzz/corpus`.

mod support;

use homeostat_link::bluetooth::cgm::{
    Feature, Level, Measurement, Measurements, Operator, RecordAccess, SessionStart,
    SpecificOperation,
};
use homeostat_link::bluetooth::insulin::{
    Annunciation, AnnunciationStatus, BasalContext, Bolus, BolusType, Command, Event, Features,
    HistoryRecord, OperationalState, Status, StatusChanged, StatusReader, Tbr, TbrType,
    TherapyState, feature,
};
use homeostat_link::bluetooth::{Attribute, Counter, Protection, Sfloat};
use homeostat_link::fuzzing::TARGETS;
use homeostat_link::{Echo, Envelope, Hello, Message, PROTOCOL, Supplies, Therapy};
use homeostat_record::{Bytes, Instant, SensorFrame, Span};
use std::fs;
use std::path::{Path, PathBuf};
use support::{DEVICE, Seeded, order, report};

const MUTATIONS: u32 = 300;

fn folder(target: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus").join(target)
}

fn messages() -> Vec<Vec<u8>> {
    let hello = Hello {
        protocol: PROTOCOL,
        party: DEVICE,
        therapy: Therapy::named("propofol").unwrap(),
        software: Bytes::copy_of(b"device 0.3.0").unwrap(),
    };
    let frame = SensorFrame { value_thousandths: 120_000, ..SensorFrame::default() };
    let said = [
        Message::Hello(hello),
        Message::Frame(Bytes::copy_of(&frame.encode()).unwrap()),
        report(7),
        order(8),
        Message::Stop,
        Message::Supplies(Supplies { battery: Some(80), ..Supplies::default() }),
    ];
    let sent = Instant { boot: 3, millis: 70_000 };
    let echo = Some(Echo { stamp: Instant { boot: 1, millis: 9 }, held: Span::from_millis(40) });
    let encoded = said.into_iter().map(|message| {
        let mut buffer = [0; 256];
        Envelope { sent, echo, message }.encode(&mut buffer).unwrap().to_vec()
    });
    encoded.collect()
}

/// `end, template, length, bytes` one after the other.
fn scripts() -> Vec<Vec<u8>> {
    let raw = [&[0, 255, 13, 0x5A][..], &[0; 12]].concat();
    let flipped = vec![1, 0, 4, 0, 0, 0, 1, 0, 2, 0, 1, 3, 20, 0, 0, 0, 0, 0, 1];
    vec![raw, flipped]
}

fn plain<T: Attribute>(value: &T) -> Vec<u8> {
    value.encode(Protection::None, Counter::FIRST).as_slice().to_vec()
}

fn glucose() -> Vec<Vec<u8>> {
    let measurement = Measurement {
        glucose: Sfloat(0x0078),
        minutes: 90,
        status: Some(0),
        trend: Some(Sfloat(0xF00A)),
        quality: Some(Sfloat(90)),
        ..Measurement::default()
    };
    let start = SessionStart {
        year: 2026,
        month: 2,
        day: 3,
        hour: 4,
        minute: 5,
        second: 6,
        zone: 8,
        daylight: 4,
    };
    vec![
        measurement.encode(Protection::CheckSum).as_slice().repeat(2),
        measurement.encode(Protection::None).as_slice().to_vec(),
        Feature { features: 1 << 12, sample: 9, place: 5 }.encode_feature().as_slice().to_vec(),
        plain(&start),
        plain(&SpecificOperation::SetLevel(Level::Hypoglycaemia, Sfloat(70))),
        plain(&RecordAccess::Report(Operator::Between(1, 2))),
    ]
}

fn insulin() -> Vec<Vec<u8>> {
    let status = Status {
        therapy: TherapyState::Run,
        operational: OperationalState::Ready,
        reservoir: Sfloat(150),
        flags: 1,
    };
    let tbr = Tbr {
        change: false,
        kind: TbrType::Absolute,
        value: Sfloat(0xF00C),
        minutes: 30,
        template: None,
        context: Some(BasalContext::Controller),
    };
    let bolus = Bolus {
        kind: BolusType::Fast,
        fast: Sfloat(0xF011),
        extended: Sfloat(0),
        minutes: 0,
        delay: None,
        template: None,
        activation: None,
        correction: true,
        meal: false,
    };
    let words = [Some(1), Some(2), None, None, None];
    let annunciation =
        Annunciation { id: 1, kind: 0x3C, status: AnnunciationStatus::Pending, words };
    let event = Event::BolusDelivered(3, BolusType::Fast, Sfloat(2), Sfloat(0), 0);
    let features = Features { concentration: Sfloat(100), flags: feature::E2E_PROTECTION };
    vec![
        plain(&status),
        plain(&Command::SetTbr(tbr)),
        plain(&Command::SetBolus(bolus)),
        plain(&StatusReader::GetDelivered),
        plain(&Some(annunciation)),
        plain(&HistoryRecord { sequence: 5, seconds: 60, event }),
        features.encode_features(Counter::FIRST).as_slice().to_vec(),
    ]
}

/// `kind, length, bytes` one after the other: measurements with a gap, and a history that is told of and read.
fn values() -> Vec<Vec<u8>> {
    let value = |kind: u8, bytes: &[u8]| [&[kind, bytes.len() as u8], bytes].concat();
    let measured = |minutes| {
        let measurement =
            Measurement { glucose: Sfloat(0x0064), minutes, ..Measurement::default() };
        value(0, measurement.encode(Protection::CheckSum).as_slice())
    };
    let done = value(1, &[6, 0, 1, 1]);
    let glucose = [measured(100), measured(120), measured(110), done, measured(125)].concat();
    let event = Event::ReservoirChanged(Sfloat(100));
    let record = |sequence| value(134, &plain(&HistoryRecord { sequence, seconds: 5, event }));
    let changed = value(130, &plain(&StatusChanged(StatusChanged::HISTORY)));
    let status = value(131, &insulin()[0]);
    let insulin = [changed, status, record(1), record(2), record(40)].concat();
    vec![glucose, insulin]
}

fn seeds(target: &str) -> Vec<Vec<u8>> {
    match target {
        "link_message" => messages(),
        "link_datagrams" => scripts(),
        "link_pairing" => vec![[&[13, 0x66][..], &[0; 12]].concat(), vec![3, 1, 2, 3]],
        "bluetooth_cgm" => glucose(),
        "bluetooth_insulin" => insulin(),
        "bluetooth_ports" => values(),
        other => panic!("no seeds for {other}"),
    }
}

#[test]
fn com_05_no_target_finds_anything_in_its_corpus_and_near_it() {
    for (target, body) in TARGETS {
        let folder = folder(target);
        if std::env::var_os("HOMEOSTAT_WRITE_CORPUS").is_some() {
            fs::create_dir_all(&folder).unwrap();
            for (number, seed) in seeds(target).iter().enumerate() {
                fs::write(folder.join(format!("{number}.bin")), seed).unwrap();
            }
        }
        let files = fs::read_dir(&folder).unwrap_or_else(|_| panic!("no corpus for {target}"));
        let mut inputs: Vec<Vec<u8>> =
            files.map(|file| fs::read(file.unwrap().path()).unwrap()).collect();
        inputs.sort();
        assert!(inputs.len() >= 2, "{target} has no corpus");
        let mut random = Seeded(7);
        for input in &inputs {
            body(input);
            for _ in 0..MUTATIONS {
                let mut mutant = input.clone();
                for _ in 0..=random.below(3) {
                    let place = random.below(mutant.len().max(1) as u64) as usize;
                    match random.below(4) {
                        0 => mutant.insert(place, random.next() as u8),
                        1 if mutant.len() > 1 => drop(mutant.remove(place)),
                        _ => mutant.iter_mut().skip(place).take(1).for_each(|byte| {
                            *byte ^= 1 << (random.next() % 8);
                        }),
                    }
                }
                body(&mutant);
            }
        }
    }
}

#[test]
fn every_seed_reaches_what_it_is_for() {
    for envelope in messages() {
        assert!(Envelope::decode(&envelope).is_ok());
    }
    let [stream, measurement, feature, start, level, records] = &glucose()[..] else { panic!() };
    let good =
        |bytes, protection| Measurements::of(bytes, protection).filter(Result::is_ok).count();
    assert_eq!(good(stream, Protection::CheckSum), 2);
    assert_eq!(good(measurement, Protection::None), 1);
    assert!(Feature::decode_feature(feature).is_ok());
    reads::<SessionStart>(start);
    reads::<SpecificOperation>(level);
    reads::<RecordAccess>(records);
    let [status, tbr, bolus, reader, annunciation, record, features] = &insulin()[..] else {
        panic!()
    };
    reads::<Status>(status);
    reads::<Command>(tbr);
    reads::<Command>(bolus);
    reads::<StatusReader>(reader);
    reads::<Option<Annunciation>>(annunciation);
    reads::<HistoryRecord>(record);
    assert!(Features::decode_features(features).is_ok());
}

fn reads<T: Attribute>(seed: &[u8]) {
    assert!(T::decode(seed, Protection::None).is_ok(), "{seed:02x?}");
}
