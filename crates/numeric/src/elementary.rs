//! Thin names over the pinned `libm`. Special values follow C99 Annex F.

macro_rules! unary {
    ($($(#[$doc:meta])* $name:ident => $libm:ident;)*) => {
        $($(#[$doc])*
        #[must_use]
        pub fn $name(x: f64) -> f64 {
            libm::$libm(x)
        })*
    };
}

unary! {
    /// Absolute value.
    abs => fabs;
    /// e to the power `x`.
    exp => exp;
    /// `exp(x) - 1` without cancellation near zero.
    exp_m1 => expm1;
    /// Natural logarithm; NaN below zero.
    ln => log;
    /// `ln(1 + x)` without cancellation near zero.
    ln_1p => log1p;
    /// Square root; NaN below zero.
    sqrt => sqrt;
    /// Cube root.
    cbrt => cbrt;
    /// Sine of an angle in radians.
    sin => sin;
    /// Cosine of an angle in radians.
    cos => cos;
    /// Hyperbolic sine.
    sinh => sinh;
    /// Hyperbolic tangent.
    tanh => tanh;
    /// Largest integer not above `x`.
    floor => floor;
    /// Smallest integer not below `x`.
    ceil => ceil;
    /// Nearest integer, halves away from zero.
    round => round;
    /// Integer part, toward zero.
    trunc => trunc;
}

/// `base` to the power `exponent`.
#[must_use]
pub fn pow(base: f64, exponent: f64) -> f64 {
    libm::pow(base, exponent)
}
