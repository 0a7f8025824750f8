use proptest::prelude::*;

use super::*;

fn example() -> Entry<'static> {
    let times = Times {
        monotonic: Monotonic { boot: 2, elapsed: Milliseconds(300_000) },
        wall: Some(Milliseconds(1_700_000_000_000)),
    };
    let header = Header { kind: Kind(17), schema: 3, sequence: 258, times, epoch: 1 };
    Entry { header, body: Body::Plain(b"abc") }
}

fn encoded(entry: &Entry<'_>) -> Vec<u8> {
    let mut space = vec![0; ENTRY_LIMIT + 100];
    let length = entry.encode(&mut space).unwrap();
    space.truncate(length);
    space
}

#[test]
fn log_07_an_entry_has_exactly_the_documented_bytes() {
    let want = [
        0x89, 0x01, 0x11, 0x03, 0x19, 0x01, 0x02, 0x82, 0x02, 0x1a, 0x00, 0x04, 0x93, 0xe0, 0x1b,
        0x00, 0x00, 0x01, 0x8b, 0xcf, 0xe5, 0x68, 0x00, 0x01, 0x00, 0x43, b'a', b'b', b'c',
    ];
    assert_eq!(encoded(&example()), want);
    assert_eq!(Entry::decode(&want), Ok(example()));
    let mut sealed = example();
    sealed.body = Body::Sealed(b"");
    sealed.header.times.wall = None;
    let want = [
        0x89, 0x01, 0x11, 0x03, 0x19, 0x01, 0x02, 0x82, 0x02, 0x1a, 0x00, 0x04, 0x93, 0xe0, 0xf6,
        0x01, 0x01, 0x40,
    ];
    assert_eq!(encoded(&sealed), want);
    assert_eq!(Entry::decode(&want), Ok(sealed));
    assert_eq!(sealed.body.bytes(), b"");
    assert_eq!(example().body.bytes(), b"abc");
}

#[test]
fn entries_that_are_cut_longer_or_of_another_format_are_refused() {
    let bytes = encoded(&example());
    for cut in 0..bytes.len() {
        assert_eq!(Entry::decode(&bytes[..cut]), Err(EntryError::Malformed));
    }
    let mut longer = bytes.clone();
    longer.push(0);
    assert_eq!(Entry::decode(&longer), Err(EntryError::Malformed));
    for (at, value) in [(0, 0x88), (1, 0x02), (7, 0x83), (24, 0x02), (23, 0x20)] {
        let mut other = bytes.clone();
        other[at] = value;
        assert_eq!(Entry::decode(&other), Err(EntryError::Malformed), "byte {at}");
    }
    assert_eq!(Entry::decode(&vec![0; ENTRY_LIMIT + 1]), Err(EntryError::TooLong));
}

#[test]
fn the_largest_body_fits_with_the_longest_header() {
    let body = vec![7; BODY_LIMIT];
    let times = Times {
        monotonic: Monotonic { boot: u32::MAX, elapsed: Milliseconds(u64::MAX) },
        wall: Some(Milliseconds(u64::MAX)),
    };
    let header =
        Header { kind: Kind(255), schema: u16::MAX, sequence: u64::MAX, times, epoch: u32::MAX };
    let largest = Entry { header, body: Body::Plain(&body) };
    let bytes = encoded(&largest);
    assert!(bytes.len() <= ENTRY_LIMIT);
    assert_eq!(Entry::decode(&bytes), Ok(largest));
    assert_eq!(BODY_LIMIT, 65_471);
    let empty = Entry { header, body: Body::Plain(b"") };
    assert!(encoded(&empty).len() + 2 <= HEADER_LIMIT);

    let fullest = vec![7; ENTRY_LIMIT - encoded(&largest).len() + BODY_LIMIT];
    let fullest = Entry { header, body: Body::Plain(&fullest) };
    let bytes = encoded(&fullest);
    assert_eq!(bytes.len(), ENTRY_LIMIT);
    assert_eq!(Entry::decode(&bytes), Ok(fullest));

    let body = vec![7; ENTRY_LIMIT];
    let mut space = vec![0; ENTRY_LIMIT + 100];
    let long = Entry { header: example().header, body: Body::Plain(&body) };
    assert_eq!(long.encode(&mut space), Err(EntryError::TooLong));
    assert_eq!(example().encode(&mut [0; 10]), Err(EntryError::TooLong));
}

#[test]
fn the_logs_own_kinds_are_those_below_sixteen() {
    assert!(Kind::OPEN.is_own() && Kind::CLOSE.is_own() && Kind(15).is_own());
    assert!(!Kind::FIRST_FREE.is_own() && !Kind(255).is_own());
}

#[test]
fn own_bodies_read_back_and_refuse_every_cut_and_leftover() {
    let opened = Opened {
        origin: "example.org/device/7",
        root_key: [1; 32],
        software: "loop 1.2",
        configuration: Hash([2; 32]),
        recovered_unsigned: 3,
        torn_bytes: 400,
    };
    let epoch = Epoch { epoch: 5, key: [3; 32], root: Hash([4; 32]), signature: [5; 64] };
    let loss = Loss { records: 70_000 };
    let mut space = [0; 512];
    let length = opened.encode(&mut space).unwrap();
    assert_eq!(Opened::decode(&space[..length]), Ok(opened));
    for cut in 0..length {
        assert_eq!(Opened::decode(&space[..cut]), Err(EntryError::MalformedBody(1)));
    }
    assert_eq!(Opened::decode(&space[..length + 1]), Err(EntryError::MalformedBody(1)));

    let length = epoch.encode(&mut space).unwrap();
    assert_eq!(Epoch::decode(&space[..length]), Ok(epoch));
    for cut in 0..length {
        assert_eq!(Epoch::decode(&space[..cut]), Err(EntryError::MalformedBody(2)));
    }
    assert_eq!(Epoch::decode(&space[..length + 1]), Err(EntryError::MalformedBody(2)));

    let length = loss.encode(&mut space).unwrap();
    assert_eq!(space[..length], [0x81, 0x1a, 0x00, 0x01, 0x11, 0x70]);
    assert_eq!(Loss::decode(&space[..length]), Ok(loss));
    for cut in 0..length {
        assert_eq!(Loss::decode(&space[..cut]), Err(EntryError::MalformedBody(3)));
    }
    assert_eq!(Loss::decode(&space[..length + 1]), Err(EntryError::MalformedBody(3)));
    assert_eq!(opened.encode(&mut [0; 8]), Err(EntryError::TooLong));
    assert_eq!(epoch.encode(&mut [0; 8]), Err(EntryError::TooLong));
    assert_eq!(loss.encode(&mut [0; 1]), Err(EntryError::TooLong));
}

proptest! {
    #[test]
    fn log_07_every_entry_reads_back(
        kind: u8, schema: u16, sequence: u64, boot: u32, milliseconds: u64, wall: Option<u64>,
        epoch: u32, sealed: bool, body in proptest::collection::vec(any::<u8>(), 0..600),
    ) {
        let monotonic = Monotonic { boot, elapsed: Milliseconds(milliseconds) };
        let times = Times { monotonic, wall: wall.map(Milliseconds) };
        let header = Header { kind: Kind(kind), schema, sequence, times, epoch };
        let body = if sealed { Body::Sealed(&body) } else { Body::Plain(&body) };
        let entry = Entry { header, body };
        let bytes = encoded(&entry);
        prop_assert_eq!(Entry::decode(&bytes), Ok(entry));
    }

    #[test]
    fn log_07_bytes_that_decode_have_one_spelling(
        bytes in proptest::collection::vec(any::<u8>(), 0..40), at in 0..29_usize, value: u8,
    ) {
        let mut near = encoded(&example());
        near[at] = value;
        for bytes in [bytes, near] {
            if let Ok(entry) = Entry::decode(&bytes) {
                prop_assert_eq!(encoded(&entry), bytes);
            }
        }
    }
}
