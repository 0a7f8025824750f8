//! Short texts in fixed space, so that names and notes need no allocator.

use core::fmt;

/// At most `N` bytes of UTF-8.
#[derive(Clone, Copy)]
pub struct Text<const N: usize> {
    bytes: [u8; N],
    length: usize,
}

impl<const N: usize> Text<N> {
    /// No text.
    #[must_use]
    pub const fn new() -> Self {
        Self { bytes: [0; N], length: 0 }
    }

    /// A copy of `text`, or none if it is longer than `N` bytes.
    #[must_use]
    pub fn copy_of(text: &str) -> Option<Self> {
        let mut copy = Self::new();
        fmt::Write::write_str(&mut copy, text).ok()?;
        Some(copy)
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        // Only whole `&str`s are ever copied in, so this is always text.
        let bytes = self.bytes.get(..self.length).unwrap_or_default();
        core::str::from_utf8(bytes).unwrap_or_default()
    }

    /// The bytes of the text.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.as_str().as_bytes()
    }
}

impl<const N: usize> Default for Text<N> {
    fn default() -> Self {
        Self::new()
    }
}

impl<const N: usize> fmt::Write for Text<N> {
    /// Appends all of `text`, or nothing and an error if it does not fit.
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let end = self.length.checked_add(text.len()).ok_or(fmt::Error)?;
        let room = self.bytes.get_mut(self.length..end).ok_or(fmt::Error)?;
        room.copy_from_slice(text.as_bytes());
        self.length = end;
        Ok(())
    }
}

impl<const N: usize> PartialEq for Text<N> {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl<const N: usize> Eq for Text<N> {}

impl<const N: usize> fmt::Display for Text<N> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

impl<const N: usize> fmt::Debug for Text<N> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), formatter)
    }
}

#[cfg(test)]
mod tests {
    use core::fmt::Write;

    use super::*;

    #[test]
    fn text_grows_to_its_size_and_refuses_more_whole() {
        let mut text = Text::<5>::new();
        assert_eq!(text.as_str(), "");
        write!(text, "ab").unwrap();
        write!(text, "{}", 12).unwrap();
        assert_eq!(text.write_str("é"), Err(fmt::Error));
        assert_eq!(text.as_str(), "ab12");
        text.write_str("!").unwrap();
        assert_eq!(text.as_bytes(), b"ab12!");
        assert_eq!(text.to_string(), "ab12!");
        assert_eq!(format!("{text:?}"), "\"ab12!\"");
    }

    #[test]
    fn text_compares_by_content() {
        assert_eq!(Text::<4>::copy_of("abc"), Text::<4>::copy_of("abc"));
        assert_ne!(Text::<4>::copy_of("abc"), Text::<4>::copy_of("abd"));
        assert_eq!(Text::<2>::copy_of("abc"), None);
        assert_eq!(Text::<3>::default().as_str(), "");
    }
}
