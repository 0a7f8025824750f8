//! One seed, many independent streams: each source of chance draws from a stream of its own name,
//! so that adding a draw in one place changes nothing in another.

/// The seed of a world.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Seed(pub u64);

impl Seed {
    /// The seed of the stream with this name.
    #[must_use]
    pub fn stream(self, name: &str) -> Self {
        let mut hash = mix(self.0);
        for byte in name.bytes() {
            hash = mix(hash ^ u64::from(byte));
        }
        Self(hash)
    }

    /// A whole number drawn evenly from `0..bound`, and the seed of the next draw.
    #[must_use]
    pub const fn draw_below(self, bound: u64) -> (u64, Self) {
        let next = Self(mix(self.0));
        // The high part of a 128-bit product: even to within 2^-64 of a draw.
        let drawn = ((next.0 as u128 * bound as u128) >> 64) as u64;
        (drawn, next)
    }
}

/// The output function of SplitMix64 (Steele, Lea, Flood 2014).
const fn mix(seed: u64) -> u64 {
    let z = seed.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_of_other_names_and_seeds_differ() {
        let streams =
            [Seed(1).stream("sensor"), Seed(1).stream("meals"), Seed(2).stream("sensor")];
        assert_ne!(streams[0], streams[1]);
        assert_ne!(streams[0], streams[2]);
        assert_ne!(Seed(1).stream("ab"), Seed(1).stream("a").stream("c"));
    }

    #[test]
    fn sim_14_a_stream_is_the_same_for_ever() {
        assert_eq!(Seed(1).stream("sensor").0, Seed(1).stream("sensor").0);
        assert_eq!(mix(0), 0xE220_A839_7B1D_CDAF, "the first output of SplitMix64 seeded with 0");
    }

    #[test]
    fn draws_stay_below_their_bound_and_reach_all_of_it() {
        let (mut seen, mut seed) = ([false; 5], Seed(3));
        for _ in 0..200 {
            let (drawn, next) = seed.draw_below(5);
            seen[drawn as usize] = true;
            seed = next;
        }
        assert_eq!(seen, [true; 5]);
    }
}
