//! The watch's own parser against the one of `record`, and totality.

use super::super::frame::{Level, read};
use super::{World, carbohydrate};
use crate::sensing::{GLUCOSE, MG_DL, MMOL_L};
use homeostat_record::{
    Account, Action, Bytes, Canonical, Cycle, Frame, Input, Instant, PersonAction, Role,
    SensorFrame, StatusFlags, Steps,
};
use homeostat_supervisor::Profile as _;
use proptest::prelude::*;

fn any_frame() -> impl Strategy<Value = SensorFrame> {
    let head = (any::<u8>(), 0..9_u32, any::<u32>(), any::<u64>(), any::<i32>());
    let tail = (any::<u8>(), any::<u8>(), any::<u16>(), any::<bool>(), any::<bool>());
    (head, tail).prop_map(
        |((status, source, sequence, taken, value), (quality, noise, minutes, mmol, plain))| {
            SensorFrame {
                quantity: GLUCOSE,
                unit: if mmol { MMOL_L } else { MG_DL },
                status: StatusFlags(if plain { 0 } else { status }),
                source: if plain { 7 } else { source },
                sequence: if plain { sequence % 50 } else { sequence },
                taken_millis: if plain { taken % 10_000_000 } else { taken },
                value_thousandths: if plain { value.rem_euclid(450_000) } else { value },
                quality,
                noise,
                session_minutes: if plain { 600 } else { minutes },
                detail: [0; 2],
            }
        },
    )
}

/// CRC-16/CCITT-FALSE a bit at a time.
fn check_sum(bytes: &[u8]) -> u16 {
    let bits = bytes.iter().flat_map(|byte| (0..8).rev().map(move |bit| (byte >> bit) & 1 == 1));
    bits.fold(0xFFFF, |sum: u16, bit| {
        let falls_out = sum & 0x8000 != 0;
        if falls_out == bit { sum << 1 } else { (sum << 1) ^ 0x1021 }
    })
}

#[test]
fn sup_05_a_sound_frame_of_another_format_is_refused() {
    let with_byte = |position: usize, byte: u8| {
        let mut bytes = SensorFrame::default().encode();
        bytes[position] = byte;
        let sum = check_sum(&bytes[..30]).to_le_bytes();
        bytes[30..].copy_from_slice(&sum);
        read(&bytes).is_some()
    };
    assert!(with_byte(0, 1), "the format of today");
    for (position, byte) in [(0, 0), (0, 2), (1, 3), (2, 3), (2, 0), (28, 1), (29, 1)] {
        assert!(!with_byte(position, byte), "{position}: {byte}");
    }
}

proptest! {
    #[test]
    fn sup_05_two_parsers_read_the_same(decoded in any_frame()) {
        let Some(message) = read(&decoded.encode()) else {
            let both = StatusFlags::BELOW_RANGE | StatusFlags::ABOVE_RANGE;
            prop_assert_eq!(decoded.status.0 & both, both, "only a contradiction is refused");
            return Ok(());
        };
        prop_assert_eq!(message.source, decoded.source);
        prop_assert_eq!(message.sequence, decoded.sequence);
        prop_assert_eq!(message.taken, decoded.taken_millis);
        prop_assert_eq!(message.session_minutes, u32::from(decoded.session_minutes));
        prop_assert_eq!(message.stored, decoded.status.any(StatusFlags::BACKFILL));
        if let Level::Milli(number) = message.level {
            let value = f64::from(decoded.value_thousandths);
            let scale = if decoded.unit == MMOL_L { 18.0156 } else { 1.0 };
            prop_assert!((value * scale - number as f64).abs() <= 0.500_1);
        }
    }

    #[test]
    fn sup_05_an_error_in_one_byte_is_found(
        decoded in any_frame(), position in 0_usize..32, error in 1_u8..,
    ) {
        let mut bytes = decoded.encode();
        bytes[position] ^= error;
        prop_assert_eq!(read(&bytes), None);
    }

    #[test]
    fn sup_05_any_bytes_are_read_without_harm(bytes in prop::collection::vec(any::<u8>(), 0..70)) {
        let agree = SensorFrame::decode(&bytes).is_ok() || read(&bytes).is_none();
        prop_assert!(agree, "what record refuses is refused here");
    }

    #[test]
    fn any_inputs_give_findings_within_the_profile(
        cycles in prop::collection::vec(
            (
                prop::collection::vec(any_frame(), 0..3),
                (any::<u64>(), any::<bool>(), any::<u64>()),
                (any::<u32>(), any::<i32>(), 0..5_u8),
            ),
            1..14,
        ),
    ) {
        let world = World::new();
        let mut watch = world.watch;
        let label = world.supervised.limits()[0].label_max;
        for (frames, (time, plain, amount), (number, reference, kind)) in cycles {
            let millis = if plain { time % 10_000_000 } else { time };
            let boot = u32::from(number % 7 == 0);
            let now = Instant { boot, millis };
            let mut input = Input { cycle: Cycle(amount), now, ..Input::default() };
            for decoded in frames {
                let bytes = Bytes::copy_of(&decoded.encode()).unwrap();
                let pushed = input.frames.push(Frame { received: now, bytes });
                prop_assert_eq!(pushed, Ok(()));
            }
            let action = match kind {
                0 => Action::Reference(reference),
                1 => carbohydrate(number),
                2 => Action::Given { channel: 0, steps: Steps(number) },
                _ => Action::Stop,
            };
            let pushed = input.people.push(PersonAction { by: Role::User, action });
            prop_assert_eq!(pushed, Ok(()));
            let ordered = if plain { amount % 5_000 } else { amount };
            let account = Account { ordered, ..Account::default() };
            let accounts = [account, Account::default()];
            let (next, findings) = world.supervised.watch(&watch, &input, &accounts);
            prop_assert!(findings.envelope[0].least <= findings.envelope[0].most);
            prop_assert!(findings.envelope[0].most <= label);
            prop_assert!(findings.background[0] <= Steps(2));
            // The background and a step that was left over; an announced meal comes on top.
            let most = match action {
                Action::Announce(_) => findings.envelope[0].most.saturating_add(Steps(1)),
                _ => Steps(3),
            };
            prop_assert!(findings.limited[0] <= most);
            prop_assert_eq!(findings.suspend, [Steps::ZERO; 2]);
            let mut buffer = [0; 2_048];
            let bytes = next.encode_canonical(&mut buffer).unwrap();
            prop_assert_eq!(super::super::Watch::decode_canonical(bytes), Ok(next));
            watch = next;
        }
    }
}
