//! Scales and round ticks.

use homeostat_numeric::{clamp, floor, pow};

use super::svg::{Anchor, Svg};
use crate::metrics::Glucose;

/// A straight map from values to places.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scale {
    pub(super) from: (f64, f64),
    pub(super) to: (f64, f64),
}

impl Scale {
    /// The place of a value; values outside are held to the ends.
    pub(super) fn place(&self, value: f64) -> f64 {
        let width = self.from.1 - self.from.0;
        let share = if width == 0.0 { 0.0 } else { (value - self.from.0) / width };
        self.to.0 + (self.to.1 - self.to.0) * clamp(share, 0.0, 1.0)
    }
}

/// Round values (1, 2 or 5 times a power of ten apart) from `low` to `high`, about `wanted` of
/// them. Empty when the range is empty or not finite.
#[must_use]
pub fn nice_ticks(low: f64, high: f64, wanted: usize) -> Vec<f64> {
    let width = high - low;
    if !(width.is_finite() && width > 0.0) || wanted == 0 {
        return Vec::new();
    }
    let rough = width / wanted as f64;
    let power = pow(10.0, floor(homeostat_numeric::ln(rough) / homeostat_numeric::ln(10.0)));
    let step = [1.0, 2.0, 5.0, 10.0]
        .into_iter()
        .map(|factor| factor * power)
        .find(|step| *step >= rough * (1.0 - 1e-9))
        .unwrap_or(10.0 * power);
    let first = homeostat_numeric::ceil(low / step - 1e-9);
    let last = floor(high / step + 1e-9);
    if last < first {
        return Vec::new();
    }
    let count = (last - first) as usize;
    (0..=count.min(100)).map(|index| (first + index as f64) * step).collect()
}

/// Edges of a plot inside its drawing.
#[derive(Clone, Copy, Debug)]
pub(super) struct Frame {
    pub(super) left: f64,
    pub(super) right: f64,
    pub(super) top: f64,
    pub(super) bottom: f64,
}

impl Frame {
    pub(super) fn glucose_scale(&self, top: f64) -> Scale {
        Scale { from: (40.0, top), to: (self.bottom, self.top) }
    }

    pub(super) fn across(&self, until: f64) -> Scale {
        Scale { from: (0.0, until), to: (self.left, self.right) }
    }
}

/// The top of a glucose axis that shows the given highest value.
pub(super) fn glucose_top(highest: f64) -> f64 {
    match highest {
        highest if highest <= 290.0 => 300.0,
        highest if highest <= 345.0 => 350.0,
        _ => 400.0,
    }
}

/// The target zone and the labels of the glucose axis; drawn before the curves.
pub(super) fn glucose_ground(svg: &mut Svg, frame: &Frame, scale: &Scale) {
    let (upper, lower) = (scale.place(180.0), scale.place(70.0));
    svg.rect("zone", frame.left, upper, frame.right - frame.left, lower - upper);
    // 54 and 70 stand close: each label is moved a little away from the other.
    for (value, nudge) in [(54.0, 6.0), (70.0, 2.0), (180.0, 4.0), (250.0, 4.0)] {
        let at = (frame.left - 6.0, scale.place(value) + nudge);
        svg.text("small muted", at, Anchor::End, &value.to_string());
    }
    let top = scale.from.1;
    svg.text("small muted", (frame.left - 6.0, frame.top + 4.0), Anchor::End, &top.to_string());
    svg.line("axis", (frame.left, frame.bottom), (frame.right, frame.bottom));
}

/// The limits at 54, 70, 180 and 250 mg/dL; drawn over bands, which would hide them.
pub(super) fn glucose_limits(svg: &mut Svg, frame: &Frame, scale: &Scale) {
    for (value, class) in
        [(54.0, "limit-far"), (70.0, "limit"), (180.0, "limit"), (250.0, "limit-far")]
    {
        let y = scale.place(value);
        svg.line(class, (frame.left, y), (frame.right, y));
    }
}

/// A band between two curves, as a closed path.
pub(super) fn band(upper: &[(f64, f64)], lower: &[(f64, f64)]) -> String {
    let mut points = upper.to_vec();
    points.extend(lower.iter().rev());
    if points.len() < 4 {
        return String::new();
    }
    let mut path = super::svg::path_through(&points);
    path.push('Z');
    path
}

/// A glucose value's place.
pub(super) fn height(scale: &Scale, value: Glucose) -> f64 {
    scale.place(value.mg_dl())
}
