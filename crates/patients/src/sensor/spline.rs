//! The cubic spline through eleven evenly spaced knots with not-a-knot ends.

/// Values and second derivatives at the knots, in units of the knot distance.
#[derive(Clone, Debug)]
pub(crate) struct Spline {
    values: [f64; 11],
    curvature: [f64; 11],
}

impl Spline {
    pub(crate) const fn flat() -> Self {
        Self { values: [0.0; 11], curvature: [0.0; 11] }
    }

    /// The end conditions (the third derivative does not change at the second and the last but one
    /// knot) fix the curvature there at once; the rest is a tridiagonal system.
    pub(crate) fn through(values: [f64; 11]) -> Self {
        let v = &values;
        let bend = |i: usize| 6.0 * (v[i - 1] - 2.0 * v[i] + v[i + 1]);
        let mut m = [0.0; 11];
        m[1] = bend(1) / 6.0;
        m[9] = bend(9) / 6.0;
        // Forward elimination of m[i-1] + 4 m[i] + m[i+1] = bend(i) for i = 2..=8.
        let (mut diagonal, mut right) = ([4.0; 11], [0.0; 11]);
        for i in 2..=8 {
            right[i] = bend(i);
            if i == 2 {
                right[i] -= m[1];
            } else {
                let factor = 1.0 / diagonal[i - 1];
                diagonal[i] -= factor;
                right[i] -= factor * right[i - 1];
            }
        }
        for i in (2..=8).rev() {
            m[i] = (right[i] - m[i + 1]) / diagonal[i];
        }
        m[0] = 2.0 * m[1] - m[2];
        m[10] = 2.0 * m[9] - m[8];
        Self { values, curvature: m }
    }

    /// The value at the last knot.
    pub(crate) fn last(&self) -> f64 {
        self.values[10]
    }

    /// The value at `x` knot distances from the first knot; `x` is 0 to 10.
    pub(crate) fn at(&self, x: f64) -> f64 {
        let span = (homeostat_numeric::clamp(x, 0.0, 9.999_999) as usize).min(9);
        let right = x - span as f64;
        let left = 1.0 - right;
        let (y, m) = (&self.values, &self.curvature);
        left * y[span]
            + right * y[span + 1]
            + ((left * left * left - left) * m[span]
                + (right * right * right - right) * m[span + 1])
                / 6.0
    }
}

#[cfg(test)]
mod tests {
    use super::Spline;

    #[test]
    fn a_cubic_is_reproduced_exactly() {
        let cubic = |x: f64| 2.0 - x + 0.5 * x * x - 0.07 * x * x * x;
        let spline = Spline::through(std::array::from_fn(|i| cubic(i as f64)));
        for tenth in 0..=100 {
            let x = f64::from(tenth) / 10.0;
            assert!((spline.at(x) - cubic(x)).abs() < 1e-12, "at {x}");
        }
    }

    #[test]
    fn agrees_with_scipys_not_a_knot_spline() {
        let values = [0.0, 1.0, -2.0, 5.0, 3.0, 3.5, -7.0, 2.0, 0.25, 1.0, 4.0];
        let spline = Spline::through(values);
        for (x, expected) in SCIPY {
            assert!((spline.at(x) - expected).abs() < 1e-12, "{} at {x}", spline.at(x));
        }
    }

    /// `scipy.interpolate.interp1d(range(11), values, kind="cubic")`.
    const SCIPY: [(f64, f64); 5] = [
        (0.4, 2.5338247422680418),
        (2.2, -0.9007190721649455),
        (5.6, -3.8679587628865932),
        (8.5, -0.18342259987113385),
        (9.8, 3.6248685567010326),
    ];
}
