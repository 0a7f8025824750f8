extern crate std;

use super::*;
use crate::bluetooth::{Attribute, Counter, Fault, Float, Protection, Sfloat, crc16};
use homeostat_record::{Bytes, List};
use std::vec::Vec;

/// The bytes stand for the value and the value for the bytes, protected and not.
fn stands<T: Attribute + PartialEq + core::fmt::Debug + Copy>(value: T, bytes: &[u8]) {
    assert_eq!(value.encode(Protection::None, Counter::FIRST).as_slice(), bytes);
    assert_eq!(T::decode(bytes, Protection::None).map(|v| *v.shown()), Ok(value));
    let counter = Counter::of(0xC3).unwrap();
    let protected = value.encode(Protection::CounterAndCheckSum, counter);
    let mut expected = [bytes, &[0xC3]].concat();
    expected.extend(crc16(&expected).to_le_bytes());
    assert_eq!(protected.as_slice(), expected);
    let read = T::decode(&expected, Protection::CounterAndCheckSum).unwrap();
    assert_eq!((*read.shown(), read.counter()), (value, Some(counter)));
    for length in 0..bytes.len() {
        assert!(T::decode(&bytes[..length], Protection::None).is_err(), "cut to {length}");
    }
}

#[test]
fn iop_09_status_and_what_changed() {
    let status = Status {
        therapy: TherapyState::Run,
        operational: OperationalState::Ready,
        reservoir: Sfloat(0xF6A4),
        flags: 1,
    };
    assert!(status.reservoir_attached());
    stands(status, &[0x55, 0x96, 0xA4, 0xF6, 1]);
    assert_eq!(status.encode(Protection::CounterAndCheckSum, Counter::FIRST).as_slice().len(), 8);
    stands(StatusChanged(StatusChanged::HISTORY | StatusChanged::THERAPY), &[0x81, 0]);
}

#[test]
fn iop_09_features_carry_their_protection_in_front() {
    let features = Features {
        concentration: Sfloat(0x0064),
        flags: feature::E2E_PROTECTION | feature::BASAL | feature::INSULIN_ON_BOARD,
    };
    let packet = features.encode_features(Counter::of(7).unwrap());
    let bytes = packet.as_slice();
    assert_eq!(bytes[2..], [7, 0x64, 0, 0x03, 0x80, 0]);
    assert_eq!(bytes[..2], crc16(&bytes[2..]).to_le_bytes());
    let read = Features::decode_features(bytes).unwrap();
    assert_eq!((*read.shown(), read.counter()), (features, Counter::of(7).ok()));
    for place in 0..bytes.len() {
        let mut changed = bytes.to_vec();
        changed[place] ^= 2;
        assert!(Features::decode_features(&changed).is_err(), "byte {place}");
    }
    let bare = Features { flags: feature::BASAL, ..features };
    let packet = bare.encode_features(Counter::FIRST);
    assert_eq!(packet.as_slice(), [0xFF, 0xFF, 0, 0x64, 0, 2, 0, 0]);
    assert_eq!(Features::decode_features(packet.as_slice()).map(|f| *f.shown()), Ok(bare));
    assert_eq!(bare.protection(), Protection::None);
}

#[test]
fn iop_09_annunciations_have_up_to_five_words() {
    let annunciation = Annunciation {
        id: 4,
        kind: AnnunciationKind::BatteryLow.code(),
        status: AnnunciationStatus::Pending,
        words: [None; 5],
    };
    stands(Some(annunciation), &[1, 4, 0, 0xC3, 0, 0x33]);
    stands(None::<Annunciation>, &[0]);
    let words = [Some(1), Some(2), Some(3), Some(4), Some(5)];
    let full = Annunciation { words, ..annunciation };
    stands(Some(full), &[0x3F, 4, 0, 0xC3, 0, 0x33, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0]);
    for flags in [0x05, 0x02, 0x41, 0x1D] {
        let mut bytes = [0; 16];
        bytes[0] = flags;
        let read = <Option<Annunciation>>::decode(&bytes, Protection::None);
        assert_eq!(read, Err(Fault::Code("flags")), "{flags:02x}");
    }
}

#[test]
fn iop_09_commands_have_the_bytes_of_the_service() {
    stands(Command::SetTherapyState(TherapyState::Stop), &[0x5A, 0x0F, 0x33]);
    stands(
        Command::SetTbr(Tbr {
            change: true,
            kind: TbrType::Absolute,
            value: Sfloat(0xF00F),
            minutes: 30,
            template: None,
            context: Some(BasalContext::Controller),
        }),
        &[0xFF, 0x0F, 0x06, 0x33, 0x0F, 0xF0, 30, 0, 0x55],
    );
    stands(Command::CancelTbr, &[0x11, 0x11]);
    stands(
        Command::SetBolus(Bolus {
            kind: BolusType::Fast,
            fast: Sfloat(0xF017),
            extended: Sfloat(0),
            minutes: 0,
            delay: None,
            template: None,
            activation: Some(ActivationType::Controller),
            correction: true,
            meal: false,
        }),
        &[0x4B, 0x11, 0x0C, 0x33, 0x17, 0xF0, 0, 0, 0, 0, 0x5A],
    );
    stands(Command::BolusSet(9), &[0x77, 0x11, 9, 0]);
    stands(Command::CancelBolus(9), &[0x78, 0x11, 9, 0]);
    stands(Command::BolusCancelled(9), &[0x87, 0x11, 9, 0]);
    stands(Command::Snooze(2), &[0x69, 0x0F, 2, 0]);
    stands(Command::Snoozed(2), &[0x96, 0x0F, 2, 0]);
    stands(Command::Confirm(2), &[0x99, 0x0F, 2, 0]);
    stands(Command::Confirmed(2), &[0xA5, 0x0F, 2, 0]);
    stands(Command::SetFlightMode, &[0x66, 0x0F]);
    stands(Command::GetAvailableBoluses, &[0x88, 0x11]);
    stands(Command::AvailableBoluses(1), &[0xB4, 0x11, 1]);
    stands(Command::GetMaximumBolus, &[0x7D, 0x14]);
    stands(Command::MaximumBolus(Sfloat(30)), &[0x82, 0x14, 30, 0]);
    stands(Command::SetMaximumBolus(Sfloat(30)), &[0x8D, 0x14, 30, 0]);
    stands(
        Command::Response(CommandCode::SetBolus.code(), CommandResult::NotApplicable),
        &[0x55, 0x0F, 0x4B, 0x11, 0x74],
    );
}

#[test]
fn act_09_an_undetermined_state_is_no_command() {
    let wrong: [(&[u8], Fault); 5] = [
        (&[0x5A, 0x0F, 0x0F], Fault::Range("therapy state")),
        (&[0xFF, 0x0F, 0, 0x0F, 1, 0, 1, 0], Fault::Range("type of temporary basal rate")),
        (&[0x4B, 0x11, 0, 0x0F, 1, 0, 1, 0, 0, 0], Fault::Range("bolus type")),
        (&[0xFF, 0x0F, 0x08, 0x33, 1, 0, 1, 0], Fault::Code("flags")),
        (&[0x00, 0x00], Fault::Code("command")),
    ];
    for (bytes, fault) in wrong {
        assert_eq!(Command::decode(bytes, Protection::None), Err(fault));
    }
}

#[test]
fn iop_09_questions_about_the_state() {
    stands(StatusReader::Reset(StatusChanged(0x80)), &[0x0C, 0x03, 0x80, 0]);
    stands(StatusReader::GetActiveBoluses, &[0x30, 0x03]);
    let mut boluses = List::new();
    boluses.push(1).unwrap();
    boluses.push(0x0203).unwrap();
    stands(StatusReader::ActiveBoluses(boluses), &[0x3F, 0x03, 2, 1, 0, 3, 2]);
    stands(StatusReader::GetActiveBolus(123, BolusValue::Delivered), &[0x56, 0x03, 123, 0, 0x3C]);
    let bolus = Bolus {
        kind: BolusType::Fast,
        fast: Sfloat(0xF017),
        extended: Sfloat(0),
        minutes: 3,
        delay: Some(4),
        template: Some(5),
        activation: Some(ActivationType::ManuallyChanged),
        correction: true,
        meal: false,
    };
    stands(
        StatusReader::ActiveBolus(ActiveBolus { id: 123, bolus }),
        &[0x59, 0x03, 0x0F, 123, 0, 0x33, 0x17, 0xF0, 0, 0, 3, 0, 4, 0, 5, 0x55],
    );
    stands(StatusReader::GetActiveBasal, &[0x65, 0x03]);
    let tbr = TbrState {
        kind: TbrType::Absolute,
        value: Sfloat(3),
        minutes_programmed: 15,
        minutes_remaining: 8,
    };
    let basal = ActiveBasal {
        profile: 1,
        rate: Sfloat(2),
        tbr: Some(tbr),
        template: Some(1),
        context: Some(BasalContext::Controller),
    };
    stands(
        StatusReader::ActiveBasal(basal),
        &[0x6A, 0x03, 7, 1, 2, 0, 0x33, 3, 0, 15, 0, 8, 0, 1, 0x55],
    );
    stands(StatusReader::GetTotalDaily, &[0x95, 0x03]);
    stands(
        StatusReader::TotalDaily(Sfloat(10), Sfloat(5), Sfloat(15)),
        &[0x9A, 0x03, 10, 0, 5, 0, 15, 0],
    );
    stands(
        StatusReader::GetCounter(CounterType::Lifetime, CounterValue::Remaining),
        &[0xA6, 0x03, 0x0F, 0x0F],
    );
    stands(
        StatusReader::Counter(CounterType::Warranty, CounterValue::Elapsed, -2),
        &[0xA9, 0x03, 0x33, 0x33, 0xFE, 0xFF, 0xFF, 0xFF],
    );
    stands(StatusReader::GetDelivered, &[0xC0, 0x03]);
    stands(
        StatusReader::Delivered(Float(20), Float(0xFF00_0001)),
        &[0xCF, 0x03, 20, 0, 0, 0, 1, 0, 0, 0xFF],
    );
    stands(StatusReader::GetInsulinOnBoard, &[0xF3, 0x03]);
    stands(
        StatusReader::InsulinOnBoard(Sfloat(0xF02A), Some(60)),
        &[0xFC, 0x03, 1, 0x2A, 0xF0, 60, 0],
    );
    stands(StatusReader::InsulinOnBoard(Sfloat(0xF02A), None), &[0xFC, 0x03, 0, 0x2A, 0xF0]);
    stands(
        StatusReader::Response(StatusReaderCode::GetCounter.code(), CommandResult::Success),
        &[0x03, 0x03, 0xA6, 0x03, 0x0F],
    );
    let many = [[0x3F, 0x03, 8].to_vec(), [1; 16].to_vec()].concat();
    let read = StatusReader::decode(&many, Protection::None);
    assert_eq!(read, Err(Fault::Range("number of boluses")));
}

#[test]
fn iop_09_requests_for_records() {
    let from = Operator::From(Filter::Sequence, 100);
    stands(RecordAccess::Report(from), &[0x33, 0x55, 0x0F, 100, 0, 0, 0]);
    let between = Operator::Between(Filter::Sequence, 100, 125);
    stands(RecordAccess::Report(between), &[0x33, 0x5A, 0x0F, 100, 0, 0, 0, 125, 0, 0, 0]);
    stands(RecordAccess::Report(Operator::Last(Filter::ReferenceTimes)), &[0x33, 0x69, 0x33]);
    stands(RecordAccess::Report(Operator::First(Filter::Sequence)), &[0x33, 0x66, 0x0F]);
    let upto = Operator::UpTo(Filter::OtherThanReferenceTimes, 1);
    stands(RecordAccess::Delete(upto), &[0x3C, 0x3C, 0x3C, 1, 0, 0, 0]);
    stands(RecordAccess::Count(Operator::All(Filter::Sequence)), &[0x5A, 0x33, 0x0F]);
    stands(RecordAccess::Abort, &[0x55, 0x0F]);
    stands(RecordAccess::CountIs(100), &[0x66, 0x0F, 100, 0, 0, 0]);
    stands(
        RecordAccess::Response(AccessCode::Report.code(), AccessResult::Success),
        &[0x0F, 0x0F, 0x33, 0xF0],
    );
    let wrong: [(&[u8], Fault); 3] = [
        (&[0x33, 0x5A, 0x0F, 2, 0, 0, 0, 1, 0, 0, 0], Fault::Range("range")),
        (&[0x33, 0x0F, 0x0F], Fault::Code("operator")),
        (&[0x55, 0x33], Fault::Code("operator")),
    ];
    for (bytes, fault) in wrong {
        assert_eq!(RecordAccess::decode(bytes, Protection::None), Err(fault));
    }
}

/// A record with this event, number 0x01020304, 100 seconds after the reference time.
fn record(event: Event, kind: u16, data: &[u8]) {
    let head = [&kind.to_le_bytes()[..], &[4, 3, 2, 1, 100, 0]].concat();
    let bytes = [head, data.to_vec()].concat();
    let record = HistoryRecord { sequence: 0x0102_0304, seconds: 100, event };
    assert_eq!(record.encode(Protection::None, Counter::FIRST).as_slice(), bytes);
    let read = HistoryRecord::decode(&bytes, Protection::None);
    assert_eq!(read.map(|r| *r.shown()), Ok(record));
    let packet = record.encode(Protection::CheckSum, Counter::FIRST);
    assert_eq!(packet.as_slice().len(), bytes.len() + 2);
}

#[test]
fn iop_09_history_tells_what_the_ledger_needs() {
    let time = ReferenceTime {
        reason: RecordingReason::DateTimeSet,
        year: 2021,
        rest: [2, 3, 4, 5, 6],
        zone: -4,
        daylight: 255,
    };
    record(Event::ReferenceTime(time), 0x000F, &[0x33, 0xE5, 7, 2, 3, 4, 5, 6, 0xFC, 255]);
    let dose: [u8; 9] = [2, 0, 0x33, 0x19, 0xF0, 0, 0, 0, 0];
    let (fast, none) = (Sfloat(0xF019), Sfloat(0));
    record(Event::BolusProgrammed(2, BolusType::Fast, fast, none, 0), 0x005A, &dose);
    record(Event::BolusDelivered(2, BolusType::Fast, fast, none, 0), 0x0069, &dose);
    let more = BolusDelivered {
        began_seconds: 1_000,
        activation: None,
        end: Some(BolusEnd::Cancelled),
        annunciation: Some(1),
    };
    record(Event::BolusDeliveredMore(more), 0x0096, &[6, 0xE8, 3, 0, 0, 0x3C, 1, 0]);
    let change = BasalRateChange {
        from: Sfloat(0xF00F),
        to: Sfloat(0xE07D),
        context: Some(BasalContext::Controller),
    };
    record(Event::BasalRateChanged(change), 0x0099, &[1, 0x0F, 0xF0, 0x7D, 0xE0, 0x55]);
    let rate = Sfloat(0xF00F);
    record(
        Event::TbrStarted(TbrType::Absolute, rate, 30, None),
        0x00A5,
        &[0, 0x33, 0x0F, 0xF0, 30, 0],
    );
    record(
        Event::TbrChanged(TbrType::Absolute, rate, 30, 5, Some(2)),
        0x00C3,
        &[1, 0x33, 0x0F, 0xF0, 30, 0, 5, 0, 2],
    );
    record(
        Event::TbrEnded(TbrType::Absolute, 30, TbrEnd::DurationOver, None, Some(2)),
        0x00AA,
        &[2, 0x33, 30, 0, 0x33, 2, 0],
    );
    record(
        Event::TherapyStateChanged(TherapyState::Stop, TherapyState::Run),
        0x0303,
        &[0x33, 0x55],
    );
    record(
        Event::OperationalStateChanged(OperationalState::Waiting, OperationalState::Priming),
        0x030C,
        &[0x66, 0x5A],
    );
    record(Event::ReservoirChanged(Sfloat(0xF36C)), 0x0330, &[0x6C, 0xF3]);
    let kind = AnnunciationKind::BatteryEmpty.code();
    record(
        Event::AnnunciationChanged(16, kind, AnnunciationStatus::Confirmed, Some(0x0100), Some(2)),
        0x033F,
        &[3, 16, 0, 0xAA, 0, 0x55, 0, 1, 2, 0],
    );
    record(Event::PrimingStarted(Sfloat(0xF008)), 0x0395, &[8, 0xF0]);
    record(Event::DataCorruption, 0x03A6, &[]);
    record(Event::MaximumBolusChanged(Sfloat(30), Sfloat(20)), 0x03FC, &[30, 0, 20, 0]);
    let data = Bytes::copy_of(&[0x33, 1, 2]).unwrap();
    record(Event::Other(EventKind::ProfileActivated, data), 0x00CC, &[0x33, 1, 2]);
    record(Event::Makers(0xF123, data), 0xF123, &[0x33, 1, 2]);
}

#[test]
fn a_record_longer_than_any_is_refused() {
    let bytes: Vec<u8> = [[0x23, 0xF1, 0, 0, 0, 0, 0, 0].to_vec(), [7; 17].to_vec()].concat();
    assert_eq!(HistoryRecord::decode(&bytes, Protection::None), Err(Fault::Long));
}
