use super::*;

fn header(entries: u64) -> SegmentHeader {
    let mut frontier = Frontier::new();
    for number in 0..entries {
        frontier.push(crate::hash::leaf_hash(&number.to_be_bytes()));
    }
    SegmentHeader {
        geometry: Geometry { write_unit: 512, segment_bytes: 16_384 },
        number: 7,
        epoch: 3,
        epoch_start: 900,
        last_time: Monotonic { boot: 2, elapsed: Milliseconds(1234) },
        root_key: [1; 32],
        epoch_key: [2; 32],
        origin: Name::new("example.org/x").unwrap(),
        frontier,
    }
}

#[test]
fn log_07_a_segment_header_has_exactly_the_documented_bytes() {
    let header = header(5);
    let mut space = vec![0xee; 4096];
    assert_eq!(header.encode(&mut space), Some(512));
    let origin = b"example.org/x";
    let mut want = Vec::new();
    want.extend_from_slice(b"HBBXSEG1");
    want.extend_from_slice(&(118_u16 + 13 + 64 + 4).to_be_bytes());
    want.extend_from_slice(&512_u16.to_be_bytes());
    want.extend_from_slice(&16_384_u32.to_be_bytes());
    want.extend_from_slice(&7_u32.to_be_bytes());
    want.extend_from_slice(&3_u32.to_be_bytes());
    want.extend_from_slice(&5_u64.to_be_bytes());
    want.extend_from_slice(&2_u32.to_be_bytes());
    want.extend_from_slice(&1234_u64.to_be_bytes());
    want.extend_from_slice(&900_u64.to_be_bytes());
    want.extend_from_slice(&[1; 32]);
    want.extend_from_slice(&[2; 32]);
    want.extend_from_slice(&[13, 2]);
    want.extend_from_slice(origin);
    for hash in header.frontier.hashes() {
        want.extend_from_slice(&hash.0);
    }
    want.extend_from_slice(&crc32c(&[&want]).to_be_bytes());
    want.resize(512, 0);
    assert_eq!(space[..512], want);
    assert_eq!(space[512], 0xee);
    assert_eq!(SegmentHeader::decode(&want), Some((header, 512)));
}

#[test]
fn log_03_every_flipped_bit_and_every_cut_of_a_header_is_noticed() {
    let mut space = vec![0; 512];
    header(5).encode(&mut space).unwrap();
    for bit in 0..space.len() * 8 {
        let mut other = space.clone();
        other[bit / 8] ^= 1 << (bit % 8);
        assert_eq!(SegmentHeader::decode(&other), None, "bit {bit}");
    }
    for cut in 0..space.len() {
        assert_eq!(SegmentHeader::decode(&space[..cut]), None);
    }
}

/// Changes a field and makes the checksum fit again.
fn changed(at: usize, bytes: &[u8]) -> Vec<u8> {
    let mut space = vec![0; 8192];
    header(5).encode(&mut space).unwrap();
    space[at..at + bytes.len()].copy_from_slice(bytes);
    let length = usize::from(u16::from_be_bytes([space[8], space[9]]));
    let checksum = crc32c(&[&space[..length - 4]]).to_be_bytes();
    space[length - 4..length].copy_from_slice(&checksum);
    space
}

#[test]
fn headers_with_impossible_fields_are_refused() {
    assert!(SegmentHeader::decode(&changed(16, &[0, 0, 0, 8])).is_some());
    for (at, bytes) in [
        (10, &[0, 0][..]),
        (10, &[0, 100]),
        (10, &[0x20, 0]),
        (12, &[0, 0, 2, 0]),
        (12, &[0, 0, 0x40, 1]),
        (24, &[0, 0, 0, 0, 0, 0, 0, 4]),
        (24, &[0, 0, 0, 0, 0, 0, 0, 7]),
        (116, &[12]),
        (116, &[14]),
        (116, &[13, 1]),
        (116, &[13, 3]),
        (118, b" "),
        (8, &[0, 198]),
        (8, &[0, 200]),
    ] {
        assert_eq!(SegmentHeader::decode(&changed(at, bytes)), None, "{at} {bytes:?}");
    }
}

#[test]
fn the_longest_header_fits_its_limit() {
    let mut longest = header(0);
    longest.frontier = Frontier::restore(u64::MAX, std::iter::repeat_n(Hash([5; 32]), 64)).unwrap();
    longest.origin = Name::new(&"n".repeat(NAME_LIMIT)).unwrap();
    let mut space = vec![0; SEGMENT_HEADER_LIMIT.next_multiple_of(512)];
    assert_eq!(longest.encode(&mut space), Some(2560));
    assert_eq!(SegmentHeader::decode(&space), Some((longest.clone(), 2560)));
    assert_eq!(longest.encode(&mut [0; 2559]), None);
}

#[test]
fn geometry_limits_are_exact() {
    let valid = |write_unit, segment_bytes| Geometry { write_unit, segment_bytes }.is_valid();
    assert!(valid(64, 8192) && valid(4096, 8192) && valid(512, 1 << 30));
    assert!(!valid(32, 8192) && !valid(8192, 16_384) && !valid(96, 9600));
    assert!(!valid(512, 8193) && !valid(512, (1 << 30) + 512));
    // 118 + 200 + 64 hashes + checksum is 2,370: with a unit of 64, 39 units are the first that fit.
    assert!(!valid(64, 64 * 38) && valid(64, 64 * 39));
}

#[test]
fn log_03_a_slot_reads_back_and_every_flipped_bit_is_noticed() {
    let note = NoteText::copy_of("a note\n\n\u{2014} x AAAAAAA=\n").unwrap();
    let slot = Slot { generation: 9, size: 1000, note };
    let bytes = slot.encode().unwrap();
    assert_eq!(&bytes[..8], b"HBBXCKP1");
    assert_eq!(bytes[8..24], [0, 0, 0, 0, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 3, 232]);
    assert_eq!(bytes[24..28], [0, note.as_bytes().len() as u8, 0, 0]);
    assert_eq!(bytes[28..32], crc32c(&[&bytes[..28], note.as_bytes()]).to_be_bytes());
    assert_eq!(&bytes[32..32 + note.as_bytes().len()], note.as_bytes());
    assert_eq!(Slot::decode(&bytes), Some(slot));
    for bit in 0..bytes.len() * 8 {
        let mut other = bytes;
        other[bit / 8] ^= 1 << (bit % 8);
        assert_eq!(Slot::decode(&other), None, "bit {bit}");
    }
    assert_eq!(Slot::decode(&[0; SLOT_LENGTH]), None);
    assert_eq!(Slot::decode(&bytes[..40]), None);
}

#[test]
fn log_03_a_key_reads_back_and_every_flipped_bit_is_noticed() {
    let bytes = encode_key(5, &[7; 32]).unwrap();
    assert_eq!(&bytes[..8], b"HBBXKEY1");
    assert_eq!(bytes[8..12], [0, 0, 0, 5]);
    assert_eq!(bytes[12..44], [7; 32]);
    assert_eq!(decode_key(&bytes), Some((5, [7; 32])));
    for bit in 0..48 * 8 {
        let mut other = bytes;
        other[bit / 8] ^= 1 << (bit % 8);
        assert_eq!(decode_key(&other), None, "bit {bit}");
    }
    assert_eq!(decode_key(&[0; KEY_LENGTH]), None);
}
