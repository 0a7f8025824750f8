//! Exact propagation of small linear systems whose input is constant over a step.

/// A square matrix of fixed order, row by row.
pub(crate) type Matrix<const N: usize> = [[f64; N]; N];

/// The product of two matrices, summed in index order.
pub(crate) fn product<const N: usize>(a: &Matrix<N>, b: &Matrix<N>) -> Matrix<N> {
    let mut result = [[0.0; N]; N];
    for (row, out) in a.iter().zip(&mut result) {
        for (factor, b_row) in row.iter().zip(b) {
            for (sum, value) in out.iter_mut().zip(b_row) {
                *sum += factor * value;
            }
        }
    }
    result
}

/// The matrix exponential `e^(rates * time)`: scaling by 2^-10, a Taylor series, ten squarings.
///
/// For rates up to a few per minute and times up to a minute the scaled norm stays below 0.01, where
/// eight terms reach the rounding limit.
pub(crate) fn exponential<const N: usize>(rates: &Matrix<N>, time: f64) -> Matrix<N> {
    const SQUARINGS: u32 = 10;
    const TERMS: u32 = 10;
    let scale = time / 1024.0;
    let mut small = *rates;
    for value in small.iter_mut().flatten() {
        *value *= scale;
    }
    // Without the identity (e^A - I is kept) no digits are lost in the small entries.
    let mut term = small;
    let mut beyond_identity = small;
    for order in 2..=TERMS {
        term = product(&term, &small);
        for value in term.iter_mut().flatten() {
            *value /= f64::from(order);
        }
        add(&mut beyond_identity, &term);
    }
    for _ in 0..SQUARINGS {
        let square = product(&beyond_identity, &beyond_identity);
        let once = beyond_identity;
        add(&mut beyond_identity, &once);
        add(&mut beyond_identity, &square);
    }
    for (index, row) in beyond_identity.iter_mut().enumerate() {
        if let Some(diagonal) = row.get_mut(index) {
            *diagonal += 1.0;
        }
    }
    beyond_identity
}

fn add<const N: usize>(sum: &mut Matrix<N>, more: &Matrix<N>) {
    for (into, value) in sum.iter_mut().flatten().zip(more.iter().flatten()) {
        *into += value;
    }
}

#[cfg(test)]
mod tests {
    use super::exponential;

    #[test]
    fn two_compartments_match_the_closed_form() {
        let (a, b, t) = (0.31, 0.07, 1.0);
        let found = exponential(&[[-a, 0.0], [a, -b]], t);
        let (fast, slow) = (homeostat_numeric::exp(-a * t), homeostat_numeric::exp(-b * t));
        let expected = [[fast, 0.0], [a / (a - b) * (slow - fast), slow]];
        for (f, e) in found.iter().flatten().zip(expected.iter().flatten()) {
            assert!((f - e).abs() < 1e-15, "{f} against {e}");
        }
    }

    #[test]
    fn two_half_steps_are_one_step() {
        let rates = [[-0.4, 0.1, 0.0], [0.3, -0.9, 0.2], [0.0, 0.7, -0.2]];
        let half = exponential(&rates, 0.5);
        let whole = exponential(&rates, 1.0);
        let twice = super::product(&half, &half);
        for (f, e) in twice.iter().flatten().zip(whole.iter().flatten()) {
            assert!((f - e).abs() < 4e-16, "{f} against {e}");
        }
    }
}
