//! The classical Runge-Kutta method with a fixed step, for small systems.

/// Advances `state` by one minute in `steps` equal steps; `slope` is given the time inside the
/// minute.
pub(crate) fn runge_kutta<const N: usize>(
    steps: u32,
    mut state: [f64; N],
    slope: impl Fn(f64, &[f64; N]) -> [f64; N],
) -> [f64; N] {
    let h = 1.0 / f64::from(steps);
    for step in 0..steps {
        let t = h * f64::from(step);
        let k1 = slope(t, &state);
        let k2 = slope(t + 0.5 * h, &ahead(&state, &k1, 0.5 * h));
        let k3 = slope(t + 0.5 * h, &ahead(&state, &k2, 0.5 * h));
        let k4 = slope(t + h, &ahead(&state, &k3, h));
        for (index, x) in state.iter_mut().enumerate() {
            *x += h / 6.0 * (k1[index] + 2.0 * (k2[index] + k3[index]) + k4[index]);
        }
    }
    state
}

fn ahead<const N: usize>(x: &[f64; N], slope: &[f64; N], by: f64) -> [f64; N] {
    let mut there = *x;
    for (value, rate) in there.iter_mut().zip(slope) {
        *value += by * rate;
    }
    there
}
