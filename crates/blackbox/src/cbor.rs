//! The small part of CBOR (RFC 8949, core deterministic encoding) that entries use: unsigned integers, byte
//! and text strings, arrays, null. One value, one spelling: anything else is refused.

const UNSIGNED: u8 = 0;
const BYTES: u8 = 2;
const TEXT: u8 = 3;
const ARRAY: u8 = 4;
const NULL: u8 = 0xf6;

/// Writes CBOR into given space. After a write that did not fit, nothing more is written.
#[derive(Debug)]
pub struct Writer<'a> {
    space: &'a mut [u8],
    length: usize,
    overflow: bool,
}

impl<'a> Writer<'a> {
    /// Begins at the start of `space`.
    pub const fn new(space: &'a mut [u8]) -> Self {
        Self { space, length: 0, overflow: false }
    }

    /// The bytes written, or none if something did not fit.
    #[must_use]
    pub const fn finish(self) -> Option<usize> {
        if self.overflow { None } else { Some(self.length) }
    }

    /// An array with `count` items, which follow.
    pub fn array(&mut self, count: u64) {
        self.head(ARRAY, count);
    }

    /// An unsigned integer.
    pub fn unsigned(&mut self, value: u64) {
        self.head(UNSIGNED, value);
    }

    /// A byte string.
    pub fn bytes(&mut self, value: &[u8]) {
        self.head(BYTES, value.len() as u64);
        self.raw(value);
    }

    /// A text string.
    pub fn text(&mut self, value: &str) {
        self.head(TEXT, value.len() as u64);
        self.raw(value.as_bytes());
    }

    /// An unsigned integer or null.
    pub fn optional(&mut self, value: Option<u64>) {
        match value {
            Some(value) => self.unsigned(value),
            None => self.raw(&[NULL]),
        }
    }

    fn head(&mut self, major: u8, value: u64) {
        let major = major << 5;
        let wide = value.to_be_bytes();
        let [_, _, _, _, a, b, c, d] = wide;
        match value {
            0..=23 => self.raw(&[major | d]),
            24..=0xff => self.raw(&[major | 24, d]),
            0x100..=0xffff => self.raw(&[major | 25, c, d]),
            0x1_0000..=0xffff_ffff => self.raw(&[major | 26, a, b, c, d]),
            _ => {
                self.raw(&[major | 27]);
                self.raw(&wide);
            }
        }
    }

    fn raw(&mut self, bytes: &[u8]) {
        let room = self.length.checked_add(bytes.len()).and_then(|end| {
            let room = self.space.get_mut(self.length..end)?;
            Some((room, end))
        });
        match room {
            Some((room, end)) if !self.overflow => {
                room.copy_from_slice(bytes);
                self.length = end;
            }
            _ => self.overflow = true,
        }
    }
}

/// Reads CBOR strictly: definite lengths, shortest integers, no surprise types.
#[derive(Clone, Debug)]
pub struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    /// Reads from the start of `bytes`.
    #[must_use]
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// Succeeds when everything was read.
    #[must_use]
    pub const fn end(&self) -> Option<()> {
        if self.0.is_empty() { Some(()) } else { None }
    }

    /// An array of exactly `count` items, which follow.
    #[must_use]
    pub fn array(&mut self, count: u64) -> Option<()> {
        (self.head(ARRAY)? == count).then_some(())
    }

    /// The number of items of an array, which follow.
    #[must_use]
    pub fn array_length(&mut self) -> Option<u64> {
        self.head(ARRAY)
    }

    /// An unsigned integer.
    #[must_use]
    pub fn unsigned(&mut self) -> Option<u64> {
        self.head(UNSIGNED)
    }

    /// An unsigned integer of a narrower type.
    #[must_use]
    pub fn narrow<T: TryFrom<u64>>(&mut self) -> Option<T> {
        T::try_from(self.unsigned()?).ok()
    }

    /// A byte string.
    #[must_use]
    pub fn bytes(&mut self) -> Option<&'a [u8]> {
        let length = usize::try_from(self.head(BYTES)?).ok()?;
        self.raw(length)
    }

    /// A byte string of exactly `N` bytes.
    #[must_use]
    pub fn fixed<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.bytes()?.try_into().ok()
    }

    /// A text string.
    #[must_use]
    pub fn text(&mut self) -> Option<&'a str> {
        let length = usize::try_from(self.head(TEXT)?).ok()?;
        core::str::from_utf8(self.raw(length)?).ok()
    }

    /// An unsigned integer or null.
    #[must_use]
    pub fn optional(&mut self) -> Option<Option<u64>> {
        if let Some((&NULL, rest)) = self.0.split_first() {
            self.0 = rest;
            return Some(None);
        }
        self.unsigned().map(Some)
    }

    fn head(&mut self, major: u8) -> Option<u64> {
        let [first] = *self.raw(1)? else { return None };
        if first >> 5 != major {
            return None;
        }
        let (value, least) = match first & 0x1f {
            small @ 0..=23 => (u64::from(small), 0),
            24 => (self.big_endian(1)?, 24),
            25 => (self.big_endian(2)?, 0x100),
            26 => (self.big_endian(4)?, 0x1_0000),
            27 => (self.big_endian(8)?, 0x1_0000_0000),
            _ => return None,
        };
        (value >= least).then_some(value)
    }

    fn big_endian(&mut self, length: usize) -> Option<u64> {
        Some(self.raw(length)?.iter().fold(0, |value, byte| value << 8 | u64::from(*byte)))
    }

    fn raw(&mut self, length: usize) -> Option<&'a [u8]> {
        let (bytes, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(write: impl FnOnce(&mut Writer<'_>)) -> Vec<u8> {
        let mut space = [0; 64];
        let mut writer = Writer::new(&mut space);
        write(&mut writer);
        let length = writer.finish().unwrap();
        space[..length].to_vec()
    }

    /// RFC 8949, appendix A.
    #[test]
    fn integers_equal_the_published_examples_and_read_back() {
        for (value, bytes) in [
            (0, &[0x00][..]),
            (1, &[0x01]),
            (10, &[0x0a]),
            (23, &[0x17]),
            (24, &[0x18, 0x18]),
            (25, &[0x18, 0x19]),
            (100, &[0x18, 0x64]),
            (255, &[0x18, 0xff]),
            (256, &[0x19, 0x01, 0x00]),
            (1000, &[0x19, 0x03, 0xe8]),
            (65_535, &[0x19, 0xff, 0xff]),
            (65_536, &[0x1a, 0, 1, 0, 0]),
            (1_000_000, &[0x1a, 0x00, 0x0f, 0x42, 0x40]),
            (0xffff_ffff, &[0x1a, 0xff, 0xff, 0xff, 0xff]),
            (0x1_0000_0000, &[0x1b, 0, 0, 0, 1, 0, 0, 0, 0]),
            (1_000_000_000_000, &[0x1b, 0x00, 0x00, 0x00, 0xe8, 0xd4, 0xa5, 0x10, 0x00]),
            (u64::MAX, &[0x1b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]),
        ] {
            assert_eq!(written(|w| w.unsigned(value)), bytes);
            assert_eq!(written(|w| w.optional(Some(value))), bytes);
            let mut reader = Reader::new(bytes);
            assert_eq!((reader.unsigned(), reader.end()), (Some(value), Some(())));
            assert_eq!(Reader::new(bytes).optional(), Some(Some(value)));
            for cut in 0..bytes.len() {
                assert_eq!(Reader::new(&bytes[..cut]).unsigned(), None);
            }
        }
    }

    #[test]
    fn strings_arrays_and_null_equal_the_published_examples() {
        assert_eq!(written(|w| w.bytes(&[1, 2, 3, 4])), [0x44, 1, 2, 3, 4]);
        assert_eq!(written(|w| w.text("IETF")), [0x64, 0x49, 0x45, 0x54, 0x46]);
        assert_eq!(written(|w| w.array(25)), [0x98, 0x19]);
        assert_eq!(written(|w| w.optional(None)), [0xf6]);
        assert_eq!(Reader::new(&[0x44, 1, 2, 3, 4]).bytes(), Some(&[1, 2, 3, 4][..]));
        assert_eq!(Reader::new(&[0x44, 1, 2, 3, 4]).fixed(), Some([1, 2, 3, 4]));
        assert_eq!(Reader::new(&[0x44, 1, 2, 3, 4]).fixed::<3>(), None);
        assert_eq!(Reader::new(&[0x44, 1, 2, 3]).bytes(), None);
        assert_eq!(Reader::new(&[0x64, 0x49, 0x45, 0x54, 0x46]).text(), Some("IETF"));
        assert_eq!(Reader::new(&[0x61, 0xff]).text(), None);
        assert_eq!(Reader::new(&[0x98, 0x19]).array(25), Some(()));
        assert_eq!(Reader::new(&[0x98, 0x19]).array(24), None);
        assert_eq!(Reader::new(&[0x98, 0x19]).array_length(), Some(25));
        assert_eq!(Reader::new(&[0x19]).array_length(), None);
        assert_eq!(Reader::new(&[0xf6]).optional(), Some(None));
        assert_eq!(Reader::new(&[0xf7]).optional(), None);
    }

    #[test]
    fn second_spellings_other_types_and_leftovers_are_refused() {
        for bytes in [
            &[0x18, 0x17][..],
            &[0x19, 0x00, 0xff],
            &[0x1a, 0x00, 0x00, 0xff, 0xff],
            &[0x1b, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff],
            &[0x1c],
            &[0x1f],
            &[0x20],
            &[0x41, 0x00],
            &[],
        ] {
            assert_eq!(Reader::new(bytes).unsigned(), None, "{bytes:?}");
        }
        assert_eq!(Reader::new(&[0x5f, 0x41, 0x00, 0xff]).bytes(), None);
        assert_eq!(Reader::new(&[0x58, 0x01, 0x00]).bytes(), None);
        assert_eq!(Reader::new(&[0x9f, 0x00, 0xff]).array(1), None);
        assert_eq!(
            Reader::new(&[0x5b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]).bytes(),
            None
        );
        assert_eq!(Reader::new(&[0x00]).end(), None);
        assert_eq!(Reader::new(&[0x19, 0x01, 0x00]).narrow::<u8>(), None);
        assert_eq!(Reader::new(&[0x18, 0xff]).narrow::<u8>(), Some(255));
    }

    #[test]
    fn what_does_not_fit_is_noticed_and_stays_out() {
        let mut space = [0; 4];
        let mut writer = Writer::new(&mut space);
        writer.bytes(&[1, 2, 3]);
        assert_eq!(writer.finish(), Some(4));
        let mut writer = Writer::new(&mut space);
        writer.bytes(&[9, 9, 9, 9]);
        writer.unsigned(7);
        assert_eq!(writer.finish(), None);
        assert_eq!(space, [0x44, 1, 2, 3]);
    }
}
