//! The sounds as samples, in integers: the same samples on every machine.

use crate::Sound;
use homeostat_record::Span;

/// Samples a second, one channel, sixteen bits.
pub const RATE: u32 = 16_000;
/// Weight of the fundamental and of its next four multiples, which all lie below 4000 Hz. The least
/// is 10 dB below the strongest, of 15 that may be.
const WEIGHTS: [i32; 5] = [9, 6, 5, 4, 3];
/// What all of them can add up to, within sixteen bits.
const SUM: i32 = 27;
/// Part of a pulse in which it rises, and in which it falls: 20 %, of 10 to 40 that it may take.
const EDGE: u64 = 5;
/// Loudest sample.
const PEAK: i32 = 26_000;

/// The sample with this number since the sound began.
#[must_use]
pub fn sample(sound: Sound, number: u64) -> i16 {
    let micros = number.saturating_mul(1_000_000).checked_div(u64::from(RATE)).unwrap_or(0);
    let millis = micros.checked_div(1_000).unwrap_or(0);
    let Some((pulse, into)) = sound.now(Span::from_millis(millis)) else { return 0 };
    let wave = (1_u64..).zip(WEIGHTS).fold(0_i32, |sum, (multiple, weight)| {
        let hertz = u64::from(pulse.hertz).saturating_mul(multiple);
        // 65536ths of a turn.
        let turns = number.saturating_mul(hertz).saturating_mul(65_536);
        let turn = turns.checked_div(u64::from(RATE)).unwrap_or(0) & 0xFFFF;
        let tone = sine(u16::try_from(turn).unwrap_or(0)).saturating_mul(weight);
        sum.saturating_add(tone)
    });
    // Thousandths of the full loudness, by the edges of the pulse.
    let within = into.as_millis().saturating_mul(1_000).saturating_add(micros % 1_000);
    let length = pulse.length.as_millis().saturating_mul(1_000);
    let edge = length.checked_div(EDGE).unwrap_or(1);
    let nearest = within.min(length.saturating_sub(within)).min(edge);
    let loudness = nearest.saturating_mul(1_000).checked_div(edge).unwrap_or(0);
    let loudness = i32::try_from(loudness).unwrap_or(0);
    let wave = wave.checked_div(SUM).unwrap_or(0);
    let scaled = wave.saturating_mul(loudness).checked_div(1_000).unwrap_or(0);
    let scaled = scaled.saturating_mul(PEAK / 1_000).checked_div(16_384 / 1_000).unwrap_or(0);
    i16::try_from(scaled.clamp(-PEAK, PEAK)).unwrap_or(0)
}

/// The sine of a 65536th of a turn, in 16384ths; by Bhaskara's fraction, right to 0.2 %.
fn sine(turn: u16) -> i32 {
    let (half, sign) = if turn < 32_768 { (turn, 1) } else { (turn & 0x7FFF, -1) };
    let x = i64::from(half);
    let product = x.saturating_mul(32_768_i64.saturating_sub(x));
    // 16 p / (5 h^2 - 4 p), with h half a turn.
    let above = product.saturating_mul(16).saturating_mul(16_384);
    let below = (5_i64 << 30).saturating_sub(product.saturating_mul(4));
    let value = above.checked_div(below).unwrap_or(0);
    i32::try_from(value).unwrap_or(0).saturating_mul(sign)
}
