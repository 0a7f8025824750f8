//! What a profile of format 1 left unsaid: the controllers' numbers of release 0.1.0, which stood in
//! its code. They are history: read when a black box of that release is replayed, never to start a
//! loop, and never changed.

/// The rule-based controller's numbers in thousandths.
pub(super) const RULES: [u32; 23] = [
    50_000, 45_000, 1_400, 2_600, 12_000, 5_000, 30_000, 40_000, 1_000, 4_000, 500, 100, 3_000,
    500, 70_000, 400, 900, 400, 1_300, 74_000, 850, 90_000, 1_080,
];

/// The predictive controller's numbers in thousandths. The last eight came later: they have the values
/// at which they change nothing.
pub(super) const PREDICTIVE: [u32; 61] = [
    50_000, 45_000, 300_000, 120_000, 45_000, 600, 1_500, 2_900, 12_000, 80_000, 100, 1_000, 2_000,
    2_000, 30_000, 2_000, 34_000, 9_000, 22_000, 1_400, 56, 600, 8_800, 36_000, 100, 400, 29_000,
    3_100, 100_000, 3_300, 75_000, 300_000, 800, 200, 1_700, 107, 600, 400, 1_600, 88_000, 1_350,
    160_000, 4, 120, 12, 350, 500, 1_170, 600, 500, 235, 200, 60_000, 6_000, 0, 70_000, 0, 0, 0,
    1_000, 10_000,
];
