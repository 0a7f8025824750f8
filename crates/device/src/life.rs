//! What a device knows of itself between starts: which start this is, how the last one ended, how many
//! boxes it began. Kept twice ([`crate::twice`]), changed before anything else is.

use std::fmt;
use std::str::FromStr;

const KIND: &str = "homeostat-life/v1";

/// A device's life so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Life {
    /// Counts the starts; instants of different starts cannot be compared.
    pub boot: u32,
    /// The last start ended in order.
    pub orderly: bool,
    /// Black boxes that were begun.
    pub boxes: u32,
}

impl Life {
    /// The life of the next start: running, so that an end without a word is known as one.
    #[must_use]
    pub const fn begun(self) -> Self {
        Self { boot: self.boot.saturating_add(1), orderly: false, ..self }
    }
}

/// Why bytes are no life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a device's life: expected the lines {KIND}, start, end (orderly or running), boxes")]
pub struct LifeError;

impl fmt::Display for Life {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let end = if self.orderly { "orderly" } else { "running" };
        write!(f, "{KIND}\n{}\n{end}\n{}\n", self.boot, self.boxes)
    }
}

impl FromStr for Life {
    type Err = LifeError;

    fn from_str(text: &str) -> Result<Self, LifeError> {
        let read = || {
            let mut lines = text.lines();
            (lines.next()? == KIND).then_some(())?;
            let boot = lines.next()?.parse().ok()?;
            let orderly = match lines.next()? {
                "orderly" => true,
                "running" => false,
                _ => return None,
            };
            let boxes = lines.next()?.parse().ok()?;
            Some(Self { boot, orderly, boxes })
        };
        // One spelling: what is read is written again and compared.
        read().filter(|life| life.to_string() == text).ok_or(LifeError)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_life_has_one_spelling() {
        let life = Life { boot: 3, orderly: true, boxes: 2 };
        assert_eq!(life.to_string().parse(), Ok(life));
        assert_eq!(life.begun(), Life { boot: 4, orderly: false, boxes: 2 });
        for bad in [
            "",
            "homeostat-life/v1\n3\norderly\n2",
            "homeostat-life/v1\n03\norderly\n2\n",
            "homeostat-life/v1\n3\nwell\n2\n",
            "homeostat-life/v2\n3\norderly\n2\n",
            "homeostat-life/v1\n3\norderly\n2\n\n",
            "homeostat-life/v1\n-1\norderly\n2\n",
        ] {
            assert_eq!(bad.parse::<Life>(), Err(LifeError), "{bad:?}");
        }
    }
}
