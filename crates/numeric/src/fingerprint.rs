//! One number that says whether this machine computes a function as every other one does.

use crate as numeric;

/// Arguments tried per function.
pub const POINTS: u32 = 200_000;

/// The words of the `SplitMix64` generator: the arguments of the hash vectors.
pub(crate) struct SplitMix(pub(crate) u64);

impl SplitMix {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut word = self.0;
        word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        word ^ (word >> 31)
    }

    fn between(&mut self, low: f64, high: f64) -> f64 {
        low + numeric::uniform(self.next()) * (high - low)
    }
}

/// A function with a hash vector: its name in `vectors/numeric.toml` and how a point is computed
/// from two uniform arguments in `-1..1`.
pub struct Fingerprinted {
    /// The key in the vector file.
    pub name: &'static str,
    point: fn(f64, f64) -> f64,
}

/// Every function that has a hash vector.
pub const FUNCTIONS: &[Fingerprinted] = &[
    Fingerprinted { name: "exp", point: |a, _| numeric::exp(a * 700.0) },
    Fingerprinted { name: "exp_m1", point: |a, _| numeric::exp_m1(a * 20.0) },
    Fingerprinted { name: "branchless_exp", point: |a, _| numeric::branchless_exp(a * 40.0) },
    Fingerprinted { name: "ln", point: |a, b| numeric::ln((a + 1.0) * numeric::exp(b * 50.0)) },
    Fingerprinted { name: "ln_1p", point: |a, b| numeric::ln_1p(a * b * b * b) },
    Fingerprinted { name: "pow", point: |a, b| numeric::pow((a + 1.0) * 100.0, b * 9.0) },
    Fingerprinted { name: "sqrt", point: |a, _| numeric::sqrt((a + 1.0) * 1e6) },
    Fingerprinted { name: "cbrt", point: |a, _| numeric::cbrt(a * 1e6) },
    Fingerprinted { name: "sin", point: |a, _| numeric::sin(a * 1e4) },
    Fingerprinted { name: "cos", point: |a, _| numeric::cos(a * 1e4) },
    Fingerprinted { name: "sinh", point: |a, _| numeric::sinh(a * 30.0) },
    Fingerprinted { name: "tanh", point: |a, _| numeric::tanh(a * 20.0) },
    Fingerprinted { name: "floor", point: |a, _| numeric::floor(a * 1e9) },
    Fingerprinted { name: "ceil", point: |a, _| numeric::ceil(a * 1e9) },
    Fingerprinted { name: "round", point: |a, _| numeric::round(a * 1e9) },
    Fingerprinted { name: "trunc", point: |a, _| numeric::trunc(a * 1e9) },
    Fingerprinted {
        name: "standard_normal",
        point: |a, b| numeric::standard_normal(a.to_bits() << 9, b.to_bits() << 9),
    },
];

/// The 64-bit FNV-1a hash of the result bits (little-endian) at [`POINTS`] pseudo-random
/// arguments (`SplitMix64`, seed 1, two words a point).
#[must_use]
pub fn fingerprint(function: &Fingerprinted) -> u64 {
    let mut words = SplitMix(1);
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for _ in 0..POINTS {
        let (a, b) = (words.between(-1.0, 1.0), words.between(-1.0, 1.0));
        for byte in (function.point)(a, b).to_bits().to_le_bytes() {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
    hash
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::{FUNCTIONS, fingerprint};
    use std::string::String;
    use std::vec::Vec;

    /// The bits that every machine must find. Regenerate only with a new libm version, knowingly:
    /// the failing test prints the lines.
    const VECTORS: &str = include_str!("../../../vectors/numeric.toml");

    #[test]
    fn sim_14_every_function_gives_the_published_bits() {
        let lines: Vec<String> = FUNCTIONS
            .iter()
            .map(|function| std::format!("{} = \"{:016x}\"", function.name, fingerprint(function)))
            .collect();
        let published: Vec<&str> =
            VECTORS.lines().filter(|line| !line.starts_with('#') && !line.is_empty()).collect();
        assert_eq!(lines, published, "this machine computes:\n{}", lines.join("\n"));
    }

    #[test]
    fn a_single_changed_bit_changes_the_fingerprint() {
        let changed = super::Fingerprinted {
            name: "exp, one unit higher at one argument in 200,000",
            point: |a, _| {
                let right = crate::exp(a * 700.0);
                if a > 0.999_99 { f64::from_bits(right.to_bits() + 1) } else { right }
            },
        };
        assert_ne!(fingerprint(&changed), fingerprint(&FUNCTIONS[0]));
    }
}
