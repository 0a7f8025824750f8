//! Laws of the encoding.

extern crate std;

use crate::*;
use proptest::prelude::*;

fn a_cycle() -> CycleEntry {
    let mut input = Input {
        cycle: Cycle(311),
        now: Instant { boot: 2, millis: 93_300_000 },
        wall: Some(WallClock { unix_millis: 1_760_000_000_000, uncertainty_millis: 250 }),
        conditions: CauseSet::EMPTY.with(Cause::ClockDoubtful),
        ..Input::default()
    };
    let sensor = SensorFrame {
        source: 77,
        sequence: 310,
        taken_millis: 93_290_123,
        value_thousandths: 143_000,
        quality: 96,
        noise: 1,
        session_minutes: 1_555,
        ..SensorFrame::default()
    };
    let frame = Frame { received: input.now, bytes: Bytes::copy_of(&sensor.encode()).unwrap() };
    input.frames.push(frame).unwrap();
    let report = Report {
        received: input.now,
        status: ActuatorStatus::Running,
        accepted: OrderId(310),
        accepted_total: 2_345,
        delivered_total: 2_340,
        ..Report::default()
    };
    input.reports.push(report).unwrap();
    let action = Action::Request { channel: 0, steps: Steps(450) };
    input.people.push(PersonAction { by: Role::User, action }).unwrap();
    let mut decision = Decision {
        phase: Phase::Automatic,
        authority: Authority::Limited,
        mode: Mode::AutomaticLimited,
        active: input.conditions,
        latched: input.conditions,
        governing: Some(Cause::ClockDoubtful),
        verdicts: [Verdict::Bounded(Limit::Window(2)), Verdict::NotDue],
        refused: [Some(Refusal::Bound(Limit::Acting)), None],
        order: Some(Order { id: OrderId(311), steps: [Steps(7), Steps(0)], ..Order::default() }),
        opinion: Opinion::Differ { steps: Steps(3) },
        ..Decision::default()
    };
    decision.alarms.push(AlarmEvent::default()).unwrap();
    let proposal = Proposal { steps: [Some(Steps(9)), None], rationale: Rationale::default() };
    CycleEntry { input, proposal: Some(proposal), decision, state: Digest(0x0123_4567_89ab_cdef) }
}

#[test]
fn log_02_a_cycle_survives_encoding_exactly() {
    let mut buffer = [0; 1_024];
    let entry = a_cycle();
    let bytes = entry.encode_canonical(&mut buffer).unwrap();
    assert!(bytes.len() < 400, "a cycle takes {} bytes", bytes.len());
    assert_eq!(CycleEntry::decode_canonical(bytes), Ok(entry));
}

#[test]
fn a_buffer_too_small_is_refused_at_every_size() {
    let mut whole = [0; 1_024];
    let length = a_cycle().encode_canonical(&mut whole).unwrap().len();
    for size in 0..length {
        assert_eq!(a_cycle().encode_canonical(&mut whole[..size]), Err(EncodeError));
    }
}

#[test]
fn trailing_bytes_long_integers_and_indefinite_lengths_are_refused() {
    let mut buffer = [0; 64];
    let cycle = Cycle(7);
    assert_eq!(cycle.encode_canonical(&mut buffer).unwrap(), [0x07]);
    assert_eq!(
        Cycle::decode_canonical(&[0x07, 0x00]),
        Err(DecodeError::NotCanonical { position: 1 })
    );
    assert_eq!(
        Cycle::decode_canonical(&[0x18, 0x07]),
        Err(DecodeError::NotCanonical { position: 0 })
    );
    assert!(Instant::decode_canonical(&[0x9f, 0x01, 0x02, 0xff]).is_err());
    assert_eq!(Instant::decode_canonical(&[0x82, 0x01, 0x02]), Ok(Instant { boot: 1, millis: 2 }));
}

#[test]
fn a_short_float_is_not_canonical() {
    assert_eq!(f64::decode_canonical(&[0xfb, 0x3f, 0xf8, 0, 0, 0, 0, 0, 0]), Ok(1.5));
    assert!(f64::decode_canonical(&[0xfa, 0x3f, 0xc0, 0, 0]).is_err());
}

#[test]
fn a_delay_line_gives_back_what_went_in_first() {
    let mut line = List::<u8, 4>::new();
    assert_eq!(line.pass(9), 9);
    for item in [1, 2, 3] {
        line.push(item).unwrap();
    }
    assert_eq!((line.pass(4), line.pass(5)), (1, 2));
    assert_eq!(line.as_slice(), [3, 4, 5]);
}

#[test]
fn a_list_never_holds_more_than_it_may() {
    assert!(List::<u8, 3>::decode_canonical(&[0x83, 1, 2, 3]).is_ok());
    assert!(List::<u8, 3>::decode_canonical(&[0x84, 1, 2, 3, 4]).is_err());
    assert!(List::<u8, 3>::decode_canonical(&[0x9f, 1, 2, 0xff]).is_err(), "indefinite length");
    assert!(Bytes::<2>::decode_canonical(&[0x43, 1, 2, 3]).is_err());
}

#[test]
fn every_cause_has_its_own_code_name_and_bit() {
    let mut all = CauseSet::EMPTY;
    for (code, cause) in Cause::ALL.into_iter().enumerate() {
        assert_eq!(cause as usize, code);
        assert!(!all.has(cause));
        all = all.with(cause);
        assert!(all.has(cause));
    }
    assert_eq!(all.bits(), (1 << 34) - 1);
    assert_eq!(all.iter().count(), Cause::ALL.len());
    assert!(!all.without(Cause::PowerLow).has(Cause::PowerLow));
}

#[test]
fn tim_01_time_across_a_reboot_or_backward_has_no_length() {
    let early = Instant { boot: 1, millis: 500 };
    assert_eq!(early.after(Span::from_seconds(2)).since(early), Some(Span::from_millis(2_000)));
    assert_eq!(early.since(early.after(Span::from_millis(1))), None);
    assert_eq!(Instant { boot: 2, millis: 900 }.since(early), None);
}

#[test]
fn act_09_two_flipped_bits_never_turn_one_actuator_status_into_another() {
    let codes = [0x33_u8, 0x3C, 0x55, 0x5A, 0x66, 0x69];
    for (position, left) in codes.iter().enumerate() {
        for right in &codes[position + 1..] {
            assert!((left ^ right).count_ones() >= 4);
        }
    }
    let mut buffer = [0; 4];
    let bytes = ActuatorStatus::Stopped.encode_canonical(&mut buffer).unwrap();
    assert_eq!(bytes, [0x18, 0x3C]);
}

#[test]
fn sen_01_a_frame_with_any_flipped_bit_is_refused() {
    let frame = SensorFrame { value_thousandths: 101_000, quality: 88, ..SensorFrame::default() };
    let bytes = frame.encode();
    assert_eq!(SensorFrame::decode(&bytes), Ok(frame));
    for bit in 0..bytes.len() * 8 {
        let mut damaged = bytes;
        damaged[bit / 8] ^= 1 << (bit % 8);
        assert_eq!(SensorFrame::decode(&damaged), Err(FrameError::CheckSum));
    }
    assert_eq!(SensorFrame::decode(&bytes[1..]), Err(FrameError::Length));
}

/// CRC-16/CCITT-FALSE a bit at a time, written apart from the frame's own.
fn ccitt_false(bytes: &[u8]) -> u16 {
    let bits = bytes.iter().flat_map(|byte| (0..8).rev().map(move |bit| (byte >> bit) & 1 == 1));
    bits.fold(0xFFFF, |sum: u16, bit| {
        let falls_out = sum & 0x8000 != 0;
        if falls_out == bit { sum << 1 } else { (sum << 1) ^ 0x1021 }
    })
}

#[test]
fn the_frame_check_sum_is_ccitt_false() {
    // The published check value is 0x29B1; a frame of a fixed content pins the whole layout.
    assert_eq!(ccitt_false(b"123456789"), 0x29B1);
    let bytes = SensorFrame { sequence: 5, ..SensorFrame::default() }.encode();
    assert_eq!(&bytes[..4], &[1, 1, 1, 0]);
    assert_eq!(bytes[8], 5);
    assert_eq!(bytes[30..], ccitt_false(&bytes[..30]).to_le_bytes());
}

/// A sound frame with one byte exchanged and the check sum made anew.
fn with_byte(position: usize, byte: u8) -> Result<SensorFrame, FrameError> {
    let mut bytes = SensorFrame::default().encode();
    bytes[position] = byte;
    let sum = ccitt_false(&bytes[..30]).to_le_bytes();
    bytes[30..].copy_from_slice(&sum);
    SensorFrame::decode(&bytes)
}

#[test]
fn sen_01_a_sound_frame_of_another_version_or_vocabulary_is_refused() {
    for version in [0, 2, 255] {
        assert_eq!(with_byte(0, version), Err(FrameError::Version));
    }
    for place in [1, 2] {
        assert_eq!(with_byte(place, 0), Err(FrameError::Vocabulary));
    }
}

#[test]
fn sen_14_every_quantity_unit_and_detail_survives_the_frame() {
    for code in 1..=u8::MAX {
        let (quantity, unit) = (Quantity(code), Unit(code));
        assert_eq!(with_byte(1, code), Ok(SensorFrame { quantity, ..SensorFrame::default() }));
        assert_eq!(with_byte(2, code), Ok(SensorFrame { unit, ..SensorFrame::default() }));
        let detail = [code, 0];
        assert_eq!(with_byte(28, code), Ok(SensorFrame { detail, ..SensorFrame::default() }));
        let detail = [0, code];
        assert_eq!(with_byte(29, code), Ok(SensorFrame { detail, ..SensorFrame::default() }));
    }
}

#[test]
fn every_kind_of_entry_has_its_own_number_and_the_black_box_keeps_its_own() {
    let kinds = [
        EntryKind::Identity,
        EntryKind::Profile,
        EntryKind::Snapshot,
        EntryKind::Cycle,
        EntryKind::Note,
        EntryKind::SignedProfile,
    ];
    for number in 0..=u8::MAX {
        let expected = number.checked_sub(16).and_then(|place| kinds.get(usize::from(place)));
        assert_eq!(EntryKind::from_number(number), expected.copied());
    }
    for (number, kind) in (16..).zip(kinds) {
        assert_eq!(kind as u8, number);
    }
}

#[test]
fn what_is_wrong_with_a_record_is_said_with_its_place() {
    let words = |error: DecodeError| std::format!("{error}");
    assert_eq!(
        words(DecodeError::NotCanonical { position: 3 }),
        "record is not canonical at byte 3: expected the one encoding"
    );
    assert_eq!(
        words(DecodeError::Malformed { position: 5 }),
        "malformed record at byte 5: not the expected structure"
    );
    assert_eq!(std::format!("{EncodeError}"), "the buffer is too small for the record");
}

#[test]
fn a_digest_depends_on_every_field() {
    let entry = a_cycle();
    let mut other = entry;
    other.decision.acting = [Steps(1), Steps(0)];
    assert_ne!(entry.digest(), other.digest());
    assert_eq!(entry.digest(), a_cycle().digest());
    assert_ne!(Bytes::<8>::copy_of(&[0]).unwrap().digest(), Bytes::<8>::default().digest());
}

proptest! {
    #[test]
    fn any_bytes_decode_to_what_encodes_to_them_or_fail(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let mut buffer = [0; 1_024];
        if let Ok(entry) = CycleEntry::decode_canonical(&bytes) {
            prop_assert_eq!(entry.encode_canonical(&mut buffer).unwrap(), &bytes[..]);
        }
        let _ = SensorFrame::decode(&bytes);
    }

    #[test]
    fn a_damaged_cycle_is_refused_or_is_another_cycle(position in 0_usize..300, flip in 1_u8..=255) {
        let mut buffer = [0; 1_024];
        let mut copy = std::vec::Vec::from(a_cycle().encode_canonical(&mut buffer).unwrap());
        let position = position % copy.len();
        copy[position] ^= flip;
        if let Ok(entry) = CycleEntry::decode_canonical(&copy) {
            prop_assert_ne!(entry, a_cycle());
            let mut again = [0; 1_024];
            prop_assert_eq!(entry.encode_canonical(&mut again).unwrap(), &copy[..]);
        }
    }
}

#[test]
fn a_digest_is_that_of_the_bytes_whatever_the_pieces_in_which_they_come() {
    // Words of eight bytes, little-endian, then the rest, then the length; by hand.
    let expected = |bytes: &[u8]| {
        let mut hash = 0xcbf2_9ce4_8422_2325_u64;
        let mut mix = |word: u64| {
            hash = (hash ^ word).wrapping_mul(0x0000_0100_0000_01b3);
            hash ^= hash >> 29;
        };
        let whole = bytes.len() / 8 * 8;
        for word in bytes[..whole].chunks(8) {
            mix(u64::from_le_bytes(word.try_into().unwrap()));
        }
        let mut rest = [0; 8];
        rest[..bytes.len() - whole].copy_from_slice(&bytes[whole..]);
        mix(u64::from_le_bytes(rest));
        mix(bytes.len() as u64);
        Digest(hash)
    };
    let mut buffer = [0; 4_096];
    let mut entry = a_cycle();
    for place in 0..400_u64 {
        entry.input.now.millis = 7 << (place % 60);
        entry.input.cycle = Cycle(place * 91);
        let bytes = entry.encode_canonical(&mut buffer).unwrap();
        assert_eq!(entry.digest(), expected(bytes));
    }
}
