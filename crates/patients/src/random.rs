//! Independent random streams from one seed.
//!
//! Every stream is named by what it is for and whom it concerns, and is derived from the seed by
//! hashing that name: adding a stream, or a subject, changes no other.

use homeostat_numeric::{standard_normal, uniform};
use rand_core::{Rng, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;

/// The one seed of a simulated world.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seed(pub u64);

/// A stream of random numbers for one subject and purpose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stream(Xoshiro256PlusPlus);

impl Seed {
    /// The stream of this subject and purpose, for example `("adult#001", "sensor noise")`.
    #[must_use]
    pub fn stream(self, subject: &str, purpose: &str) -> Stream {
        self.numbered(subject, purpose, 0)
    }

    /// One of many streams of a purpose, for example of the days of `("adult#001", "meals")`.
    #[must_use]
    pub fn numbered(self, subject: &str, purpose: &str, number: u32) -> Stream {
        let mut hash = 0xcbf2_9ce4_8422_2325_u64;
        let (seed, number) = (self.0.to_le_bytes(), number.to_le_bytes());
        // A byte that no text contains keeps ("ab", "c") apart from ("a", "bc").
        let name = seed
            .iter()
            .chain(&number)
            .chain(subject.as_bytes())
            .chain(&[0xff])
            .chain(purpose.as_bytes());
        for byte in name {
            hash = (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
        // seed_from_u64 spreads the hash over the whole state by SplitMix64.
        Stream(Xoshiro256PlusPlus::seed_from_u64(hash))
    }
}

impl Stream {
    /// A number in `[0, 1)`.
    pub fn uniform(&mut self) -> f64 {
        uniform(self.0.next_u64())
    }

    /// A number in `[low, high)`.
    pub fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.uniform()
    }

    /// Whether something of this probability happens.
    pub fn chance(&mut self, probability: f64) -> bool {
        self.uniform() < probability
    }

    /// A standard normal number.
    pub fn normal(&mut self) -> f64 {
        let (first, second) = (self.0.next_u64(), self.0.next_u64());
        standard_normal(first, second)
    }

    /// A number whose logarithm is normal, by its median and the deviation of the logarithm.
    pub fn log_normal(&mut self, median: f64, deviation: f64) -> f64 {
        median * homeostat_numeric::exp(deviation * self.normal())
    }
}

#[cfg(test)]
mod tests {
    use super::Seed;

    #[test]
    fn sim_14_streams_repeat_and_do_not_resemble_each_other() {
        let draw = |seed, subject, purpose| {
            let mut stream = Seed(seed).stream(subject, purpose);
            [stream.uniform(), stream.uniform(), stream.normal()]
        };
        assert_eq!(draw(1, "a", "noise"), draw(1, "a", "noise"));
        let others = [draw(2, "a", "noise"), draw(1, "b", "noise"), draw(1, "a", "meals")];
        assert!(others.iter().all(|other| *other != draw(1, "a", "noise")));
        assert_ne!(draw(1, "ab", "c"), draw(1, "a", "bc"));
        let first = |number| Seed(1).numbered("a", "noise", number).uniform();
        assert_ne!(first(1), first(2));
        assert_eq!(first(0), draw(1, "a", "noise")[0]);
    }
}
