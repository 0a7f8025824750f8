//! How much of a hostile bill is looked at before it is refused.

/// Bounds that every reader keeps. A bill beyond one of them is refused as a whole, with the bound named.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limits {
    /// Bytes of the file, and of what is inflated from it.
    pub bytes: usize,
    /// Values nested in values, elements in elements.
    pub depth: usize,
    /// Values of a tree altogether, so that a small file cannot become a large tree.
    pub values: usize,
    /// Components of the bill.
    pub components: usize,
}

impl Default for Limits {
    /// 256 MB, 128 levels, 50 million values, 1 million components.
    fn default() -> Self {
        Self { bytes: 256 << 20, depth: 128, values: 50_000_000, components: 1_000_000 }
    }
}
