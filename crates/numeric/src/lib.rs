//! Mathematics that gives the same bits on every target.
//!
//! The standard library documents `f64::exp` and its relatives as free to differ between
//! platforms, and `f64::min`, `f64::max` and `f64::clamp` as free in the sign of zero. A decision
//! that is to be replayed bit for bit cannot rest on them. Everything here is either plain IEEE 754
//! arithmetic or a call into `libm`, pinned by exact version, without target-specific code.
//!
//! [`fingerprint`] lets any machine prove to itself that it computes what every other one does:
//! its values are kept in `vectors/numeric.toml`.
#![no_std]
#![forbid(unsafe_code)]

mod branchless;
mod compare;
mod elementary;
mod fingerprint;
mod finite;
mod normal;

pub use branchless::branchless_exp;
pub use compare::{clamp, max, min};
pub use elementary::{
    abs, cbrt, ceil, cos, exp, exp_m1, floor, ln, ln_1p, pow, round, sin, sinh, sqrt, tanh, trunc,
};
pub use fingerprint::{FUNCTIONS, Fingerprinted, POINTS, fingerprint};
pub use finite::{Finite, NotFinite};
pub use normal::{standard_normal, uniform};
