extern crate std;

use super::*;
use proptest::prelude::*;
use std::vec::Vec;

fn encoded(envelope: &Envelope) -> Vec<u8> {
    let mut buffer = [0; MESSAGE_BYTES_MAX];
    envelope.encode(&mut buffer).unwrap().to_vec()
}

fn carrying(message: Message) -> Envelope {
    let echo = Echo { stamp: Instant { boot: 7, millis: 8 }, held: Span::from_millis(9) };
    Envelope { sent: Instant { boot: 1, millis: 2 }, echo: Some(echo), message }
}

pub(crate) fn largest() -> Vec<Message> {
    let bytes48 = Bytes::copy_of(&[b'x'; SOFTWARE_BYTES_MAX]).unwrap();
    let steps = Steps::MAX;
    std::vec![
        Message::Hello(Hello {
            protocol: Protocol(u16::MAX),
            party: Party { part: Part::Actuator, identity: u32::MAX },
            therapy: Therapy::named("sixteen-letters-").unwrap(),
            software: bytes48,
        }),
        Message::Frame(Bytes::copy_of(&[0xFF; FRAME_BYTES_MAX]).unwrap()),
        Message::Report(Report {
            channel: 1,
            actuator: u32::MAX,
            status: ActuatorStatus::Failed,
            accepted: OrderId(u64::MAX),
            accepted_total: u64::MAX,
            delivered_total: u64::MAX,
            verified_total: Some(u64::MAX),
            session: u32::MAX,
        }),
        Message::Order(Order {
            id: OrderId(u64::MAX),
            valid_for: Span::from_millis(u64::MAX),
            steps: [steps; 2],
            requested: [steps; 2],
        }),
        Message::Stop,
        Message::Refused { id: OrderId(u64::MAX), why: Why::NoSuchChannel },
        Message::Alive,
        Message::Supplies(Supplies {
            battery: Some(100),
            reservoir: [Some(steps); 2],
            life: Some(Span::from_millis(u64::MAX)),
            errors: u32::MAX,
        }),
        Message::Value {
            of: Characteristic::InsulinHistory,
            bytes: Bytes::copy_of(&[0xFF; 64]).unwrap(),
        },
    ]
}

#[test]
fn com_12_numbers_of_messages_and_codes_do_not_move() {
    for (number, message) in largest().into_iter().enumerate() {
        let bytes = encoded(&carrying(message));
        assert_eq!(bytes[..11], [0x83, 0x82, 1, 2, 0x82, 0x82, 7, 8, 9, bytes[9], number as u8]);
        assert_eq!(message.content() as usize, number);
    }
    assert_eq!(encoded(&carrying(Message::Stop))[9..], [0x81, 4]);
    let refused = Message::Refused { id: OrderId(3), why: Why::Expired };
    assert_eq!(encoded(&carrying(refused))[9..], [0x83, 5, 3, 0x18, 0x3C]);
    let value = Message::Value { of: Characteristic::GlucoseMeasurement, bytes: Bytes::default() };
    assert_eq!(encoded(&carrying(value))[9..], [0x83, 8, 0x19, 0x2A, 0xA7, 0x40]);
    assert_eq!(value.content(), Content::Measurement);
}

#[test]
fn the_largest_messages_fit_and_come_back() {
    for message in largest() {
        let late = Instant { boot: u32::MAX, millis: u64::MAX };
        let echo = Echo { stamp: late, held: Span::from_millis(u64::MAX) };
        let envelope = Envelope { sent: late, echo: Some(echo), message };
        assert_eq!(Envelope::decode(&encoded(&envelope)), Ok(envelope));
    }
}

#[test]
fn what_no_part_of_a_loop_could_mean_is_refused() {
    let order = |requested| Order { steps: [Steps(5), Steps(6)], requested, ..Order::default() };
    let cases = [
        (Message::Report(Report { channel: 2, ..Report::default() }), Some("channel")),
        (Message::Order(order([Steps(5), Steps(7)])), Some("requested")),
        (Message::Order(order([Steps(5), Steps(6)])), None),
        (
            Message::Supplies(Supplies { battery: Some(101), ..Supplies::default() }),
            Some("battery"),
        ),
        (Message::Hello(Hello::default()), Some("therapy")),
    ];
    for (message, unsound) in cases {
        let read = Envelope::decode(&encoded(&carrying(message)));
        assert_eq!(read.err(), unsound.map(MessageError::Unsound));
    }
    let therapy = Therapy::named("insulin").unwrap();
    let software = Bytes::copy_of(&[0xFF]).unwrap();
    let hello = Hello { therapy, software, ..Hello::default() };
    let read = Envelope::decode(&encoded(&carrying(Message::Hello(hello))));
    assert_eq!(read, Err(MessageError::Unsound("software")));
}

#[test]
fn a_therapy_has_one_spelling() {
    assert_eq!(Therapy::named("propofol").unwrap().name(), "propofol");
    for name in ["", "Insulin", "in sulin", "insulín", "seventeen-letters"] {
        assert_eq!(Therapy::named(name), None, "{name}");
    }
}

#[test]
fn act_09_codes_keep_a_distance_of_four() {
    let parts = Part::ALL.map(Part::code);
    for (index, a) in parts.iter().enumerate() {
        for b in &parts[index + 1..] {
            assert!((a ^ b).count_ones() >= 4, "{a:02x} {b:02x}");
        }
        let flipped = (0..8).map(|bit| a ^ 1 << bit).filter_map(Part::from_code).count();
        assert_eq!(flipped, 0);
    }
    let why = [Why::TakenAlready, Why::Expired, Why::BeyondLimits, Why::Unable];
    let why = why.into_iter().chain([Why::StoppedByPerson, Why::NoSuchChannel]);
    let codes: Vec<u8> = why
        .map(|why| *encoded(&carrying(Message::Refused { id: OrderId(1), why })).last().unwrap())
        .collect();
    for (index, a) in codes.iter().enumerate() {
        assert!(codes[index + 1..].iter().all(|b| (a ^ b).count_ones() >= 4));
    }
}

proptest! {
    #[test]
    fn com_05_whatever_decodes_is_its_own_encoding(bytes in prop::collection::vec(any::<u8>(), 0..80)) {
        if let Ok(envelope) = Envelope::decode(&bytes) {
            prop_assert_eq!(encoded(&envelope), bytes);
        }
    }

    #[test]
    fn com_04_a_changed_byte_is_another_message_or_none(
        which in 0_usize..8, place in any::<prop::sample::Index>(), flip in 1_u8..,
    ) {
        let envelope = carrying(largest()[which]);
        let mut bytes = encoded(&envelope);
        let place = place.index(bytes.len());
        bytes[place] ^= flip;
        if let Ok(read) = Envelope::decode(&bytes) {
            prop_assert_ne!(read, envelope);
            prop_assert_eq!(encoded(&read), bytes);
        }
    }
}

#[test]
fn act_09_a_part_has_one_code_on_the_wire_and_in_messages() {
    for part in Part::ALL {
        let mut bytes = [0; 2];
        minicbor::encode(part, bytes.as_mut_slice()).unwrap();
        assert_eq!(bytes, [0x18, part.code()]);
    }
}
