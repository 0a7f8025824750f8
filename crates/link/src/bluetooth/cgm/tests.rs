extern crate std;

use super::*;
use crate::bluetooth::{Attribute, Counter, Fault, Protection, Sfloat, crc16};
use homeostat_record::{Quantity, StatusFlags, Unit};
use std::vec::Vec;

fn full() -> Measurement {
    Measurement {
        glucose: Sfloat(0x0064),
        minutes: 0x0201,
        status: Some(0),
        calibration: Some(annunciation::CALIBRATION_REQUIRED),
        warning: Some(0),
        trend: Some(Sfloat(0xF00F)),
        quality: Some(Sfloat(0x0055)),
    }
}

#[test]
fn iop_08_a_measurement_stands_as_the_service_says() {
    let short = Measurement { glucose: Sfloat(0x0064), minutes: 5, ..Measurement::default() };
    assert_eq!(short.encode(Protection::None).as_slice(), [6, 0, 0x64, 0, 5, 0]);
    let packet = full().encode(Protection::CheckSum);
    let bytes = packet.as_slice();
    assert_eq!(bytes[..13], [15, 0xE3, 0x64, 0, 1, 2, 0, 8, 0, 0x0F, 0xF0, 0x55, 0]);
    assert_eq!(bytes[13..], crc16(&bytes[..13]).to_le_bytes());
}

#[test]
fn iop_08_several_measurements_stand_in_one_notification() {
    let short = Measurement { glucose: Sfloat(0x0070), minutes: 6, ..Measurement::default() };
    for protection in [Protection::None, Protection::CheckSum] {
        let notification =
            [full(), short, full()].map(|one| one.encode(protection).as_slice().to_vec()).concat();
        let read: Vec<Measurement> =
            Measurements::of(&notification, protection).map(|one| *one.unwrap().shown()).collect();
        assert_eq!(read, [full(), short, full()]);
        // Cut short it gives what is whole, and then the fault.
        let cut = &notification[..notification.len() - 1];
        let read: Vec<_> = Measurements::of(cut, protection).collect();
        assert_eq!(read.len(), 3);
        assert_eq!(read[2].err(), Some(Fault::Short));
    }
    let endless: Vec<_> = Measurements::of(&[0, 0, 0], Protection::None).collect();
    assert_eq!(endless, [Err(Fault::Short)]);
}

#[test]
fn iop_08_with_the_feature_bit_a_check_sum_must_be_there_and_fit() {
    let feature = Feature { features: FEATURE_E2E_CRC | 1 << 16, sample: 9, place: 5 };
    assert_eq!(feature.protection(), Protection::CheckSum);
    let mut bytes = full().encode(feature.protection()).as_slice().to_vec();
    bytes[2] ^= 1;
    let read: Vec<_> = Measurements::of(&bytes, feature.protection()).collect();
    assert_eq!(read, [Err(Fault::WrongCheckSum)]);
    let bare = full().encode(Protection::None);
    let read: Vec<_> = Measurements::of(bare.as_slice(), feature.protection()).collect();
    assert_eq!(read, [Err(Fault::WrongCheckSum)]);
}

#[test]
fn iop_08_feature_carries_its_check_sum_or_says_that_it_has_none() {
    let without = Feature { features: 0x01_0000, sample: 9, place: 5 };
    let bytes = without.encode_feature();
    assert_eq!(bytes.as_slice(), [0, 0, 1, 0x59, 0xFF, 0xFF]);
    assert_eq!(Feature::decode_feature(bytes.as_slice()).map(|f| *f.shown()), Ok(without));
    let with = Feature { features: FEATURE_E2E_CRC, ..without };
    let bytes = with.encode_feature();
    assert_eq!(bytes.as_slice()[4..], crc16(&[0, 0x10, 0, 0x59]).to_le_bytes());
    assert_eq!(Feature::decode_feature(bytes.as_slice()).map(|f| *f.shown()), Ok(with));
    let unprotected = [0, 0x10, 0, 0x59, 0xFF, 0xFF];
    assert_eq!(Feature::decode_feature(&unprotected), Err(Fault::WrongCheckSum));
    assert_eq!(Feature::decode_feature(&[0, 0, 1, 0x59, 0, 0]), Err(Fault::WrongCheckSum));
    assert_eq!(Feature::decode_feature(&[0, 0, 1, 0x50, 0xFF, 0xFF]), Err(Fault::Code("sample")));
    assert_eq!(Feature::decode_feature(&[0, 0, 1, 0x69, 0xFF, 0xFF]), Err(Fault::Code("place")));
}

#[test]
fn iop_08_session_start_has_a_zone_and_daylight_saving_within_their_ranges() {
    let start = SessionStart {
        year: 2026,
        month: 11,
        day: 22,
        hour: 9,
        minute: 30,
        second: 15,
        zone: 4,
        daylight: 0,
    };
    let bytes = start.encode(Protection::CheckSum, Counter::FIRST);
    let bytes = bytes.as_slice();
    assert_eq!(bytes[..9], [0xEA, 0x07, 11, 22, 9, 30, 15, 4, 0]);
    assert_eq!(SessionStart::decode(bytes, Protection::CheckSum).map(|s| *s.shown()), Ok(start));
    let wrong = [
        (1, 0x28, "year"),
        (2, 13, "month"),
        (3, 32, "day"),
        (4, 24, "hour"),
        (5, 60, "minute"),
        (6, 60, "second"),
        (7, 57, "zone"),
        (8, 3, "daylight"),
    ];
    for (place, value, field) in wrong {
        let mut changed = bytes[..9].to_vec();
        changed[place] = value;
        let read = SessionStart::decode(&changed, Protection::None);
        assert_eq!(read, Err(Fault::Range(field)));
    }
    let run = SessionRunTime(240).encode(Protection::None, Counter::FIRST);
    assert_eq!(run.as_slice(), [240, 0]);
    let status = Status { minutes: 3, annunciation: 0x04_0201 };
    let status = status.encode(Protection::None, Counter::FIRST);
    assert_eq!(status.as_slice(), [3, 0, 1, 2, 4]);
}

#[test]
fn iop_08_operations_have_the_codes_of_the_service() {
    let calibration = Calibration {
        glucose: Sfloat(0x0078),
        minutes: 1,
        sample_and_place: 0x12,
        next_minutes: 2,
        record: 3,
        status: 4,
    };
    let level = Sfloat(0x0046);
    let cases: [(SpecificOperation, &[u8]); 15] = [
        (SpecificOperation::SetInterval(5), &[1, 5]),
        (SpecificOperation::GetInterval, &[2]),
        (SpecificOperation::Interval(5), &[3, 5]),
        (SpecificOperation::SetCalibration(calibration), &[4, 0x78, 0, 1, 0, 0x12, 2, 0, 3, 0, 4]),
        (SpecificOperation::GetCalibration(0xFFFF), &[5, 0xFF, 0xFF]),
        (SpecificOperation::CalibrationIs(calibration), &[6, 0x78, 0, 1, 0, 0x12, 2, 0, 3, 0, 4]),
        (SpecificOperation::SetLevel(Level::PatientHigh, level), &[7, 0x46, 0]),
        (SpecificOperation::GetLevel(Level::PatientLow), &[11]),
        (SpecificOperation::LevelIs(Level::Hypoglycaemia, level), &[15, 0x46, 0]),
        (SpecificOperation::SetLevel(Level::Hyperglycaemia, level), &[16, 0x46, 0]),
        (SpecificOperation::GetLevel(Level::RateOfDecrease), &[20]),
        (SpecificOperation::LevelIs(Level::RateOfIncrease, level), &[24, 0x46, 0]),
        (SpecificOperation::ResetDeviceAlert, &[25]),
        (SpecificOperation::StartSession, &[26]),
        (SpecificOperation::Response(27, OperationResult::Success), &[28, 27, 1]),
    ];
    for (operation, bytes) in cases {
        assert_eq!(operation.encode(Protection::None, Counter::FIRST).as_slice(), bytes);
        let read = SpecificOperation::decode(bytes, Protection::None);
        assert_eq!(read.map(|o| *o.shown()), Ok(operation));
    }
    for code in (29..=255).chain([0]) {
        let read = SpecificOperation::decode(&[code], Protection::None);
        assert_eq!(read, Err(Fault::Code("operation")));
    }
}

#[test]
fn iop_08_requests_for_records_have_the_codes_of_the_service() {
    let cases: [(RecordAccess, &[u8]); 8] = [
        (RecordAccess::Report(Operator::All), &[1, 1]),
        (RecordAccess::Report(Operator::Between(2, 0x0103)), &[1, 4, 1, 2, 0, 3, 1]),
        (RecordAccess::Delete(Operator::UpTo(9)), &[2, 2, 1, 9, 0]),
        (RecordAccess::Abort, &[3, 0]),
        (RecordAccess::Count(Operator::From(7)), &[4, 3, 1, 7, 0]),
        (RecordAccess::CountIs(300), &[5, 0, 0x2C, 1]),
        (RecordAccess::Report(Operator::Last), &[1, 6]),
        (RecordAccess::Response(1, AccessResult::NoRecords), &[6, 0, 1, 6]),
    ];
    for (request, bytes) in cases {
        assert_eq!(request.encode(Protection::None, Counter::FIRST).as_slice(), bytes);
        assert_eq!(RecordAccess::decode(bytes, Protection::None).map(|r| *r.shown()), Ok(request));
    }
    let wrong: [(&[u8], Fault); 5] = [
        (&[1, 4, 1, 3, 0, 2, 0], Fault::Range("range")),
        (&[1, 2, 2, 0, 0], Fault::Code("filter")),
        (&[3, 1], Fault::Code("operator")),
        (&[7, 0], Fault::Code("request")),
        (&[1], Fault::Short),
    ];
    for (bytes, fault) in wrong {
        assert_eq!(RecordAccess::decode(bytes, Protection::None), Err(fault));
    }
}

const SENSOR: u32 = 0xCAFE;

#[test]
fn sen_01_a_measurement_becomes_a_frame() {
    let frame = frame_of(&full(), SENSOR).unwrap();
    assert_eq!((frame.quantity, frame.unit), (Quantity(1), Unit(1)));
    assert_eq!(frame.status, StatusFlags(StatusFlags::CALIBRATION));
    assert_eq!((frame.source, frame.sequence), (0xCAFE, 513));
    assert_eq!(frame.value_thousandths, 100_000);
    assert_eq!((frame.taken_millis, frame.session_minutes), (513 * 60_000, 513));
    assert_eq!((frame.quality, frame.noise, frame.detail), (85, 255, [0, 0]));
}

#[test]
fn sen_01_every_annunciation_that_matters_is_a_flag() {
    let with = |status, calibration, warning| {
        let measurement = Measurement {
            status: Some(status),
            calibration: Some(calibration),
            warning: Some(warning),
            ..full()
        };
        frame_of(&measurement, SENSOR).unwrap().status.0
    };
    let cases = [
        ((annunciation::SESSION_STOPPED, 0, 0), StatusFlags::SESSION_ENDED),
        ((annunciation::SENSOR_MALFUNCTION, 0, 0), StatusFlags::MALFUNCTION),
        ((annunciation::GENERAL_FAULT, 0, 0), StatusFlags::MALFUNCTION),
        ((annunciation::SENSOR_TYPE_INCORRECT, 0, 0), StatusFlags::MALFUNCTION),
        ((0, annunciation::TEMPERATURE_HIGH, 0), StatusFlags::MALFUNCTION),
        ((0, annunciation::TEMPERATURE_LOW, 0), StatusFlags::MALFUNCTION),
        ((0, annunciation::CALIBRATION_REQUIRED, 0), StatusFlags::CALIBRATION),
        ((0, 0, annunciation::BELOW_RANGE), StatusFlags::BELOW_RANGE),
        ((0, 0, annunciation::ABOVE_RANGE), StatusFlags::ABOVE_RANGE),
        ((annunciation::BATTERY_LOW, annunciation::CALIBRATION_RECOMMENDED, 1), 0),
    ];
    for ((status, calibration, warning), flags) in cases {
        assert_eq!(with(status, calibration, warning), flags);
    }
}

#[test]
fn sen_01_a_glucose_that_is_no_number_is_named_or_refused() {
    let with = |glucose| Measurement { glucose, calibration: None, ..full() };
    let above = frame_of(&with(Sfloat::ABOVE), SENSOR).unwrap();
    assert_eq!((above.status.0, above.value_thousandths), (StatusFlags::ABOVE_RANGE, 0));
    let below = frame_of(&with(Sfloat::BELOW), SENSOR).unwrap();
    assert_eq!((below.status.0, below.value_thousandths), (StatusFlags::BELOW_RANGE, 0));
    for nothing in [Sfloat::NOT_A_NUMBER, Sfloat::NOT_AT_THIS_RESOLUTION, Sfloat(0x0801)] {
        assert_eq!(frame_of(&with(nothing), SENSOR), Err(NoFrame::NoGlucose));
    }
    let broken = Measurement {
        status: Some(annunciation::SENSOR_MALFUNCTION),
        ..with(Sfloat::NOT_A_NUMBER)
    };
    assert_eq!(frame_of(&broken, SENSOR).unwrap().status.0, StatusFlags::MALFUNCTION);
    let unknown = Measurement { quality: Some(Sfloat(0x0065)), ..full() };
    assert_eq!(frame_of(&unknown, SENSOR).unwrap().quality, 255, "beyond a hundred percent");
}
