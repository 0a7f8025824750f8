//! A number that is known to be one.

/// A value was NaN or infinite where a number was needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotFinite;

impl core::fmt::Display for NotFinite {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("expected a finite number, found NaN or an infinity")
    }
}

impl core::error::Error for NotFinite {}

/// A finite `f64`: parsed at the border, trusted inside.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Finite(f64);

impl Finite {
    /// Accepts every `f64` except NaN and the infinities.
    ///
    /// # Errors
    /// [`NotFinite`] otherwise.
    pub fn new(value: f64) -> Result<Self, NotFinite> {
        if value.is_finite() { Ok(Self(value)) } else { Err(NotFinite) }
    }

    /// The number.
    #[must_use]
    pub const fn get(self) -> f64 {
        self.0
    }
}

impl core::str::FromStr for Finite {
    type Err = NotFinite;

    fn from_str(text: &str) -> Result<Self, NotFinite> {
        text.trim().parse().map_err(|_| NotFinite).and_then(Self::new)
    }
}

#[cfg(test)]
mod tests {
    extern crate std;

    use super::{Finite, NotFinite};

    #[test]
    fn only_numbers_pass() {
        assert_eq!(Finite::new(f64::NAN), Err(NotFinite));
        assert_eq!(Finite::new(f64::INFINITY), Err(NotFinite));
        assert_eq!(" -1.5e3 ".parse::<Finite>().map(Finite::get), Ok(-1500.0));
        for bad in ["", "inf", "nan", "1,5", "0x10", "1e999"] {
            assert_eq!(bad.parse::<Finite>(), Err(NotFinite), "{bad}");
        }
        let words = std::format!("{NotFinite}");
        assert_eq!(words, "expected a finite number, found NaN or an infinity");
    }
}
