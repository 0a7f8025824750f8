//! A small picture of one day or one patient, to be set in rows.

use super::axis::{Frame, Scale, glucose_top};
use super::svg::{Svg, path_through};
use crate::metrics::{Glucose, Seconds};

const FRAME: Frame = Frame { left: 1.0, right: 159.0, top: 2.0, bottom: 62.0 };
/// A wider hole than this breaks the line.
const LARGEST_STEP: i64 = 2700;
/// At most so many points; neighbours are averaged beyond it.
const MOST_POINTS: usize = 160;

/// Glucose over `span` with the target zone, without words. What lies outside the target is filled.
#[must_use]
pub fn thumbnail_figure(readings: &[(Seconds, Glucose)], span: Seconds, title: &str) -> Svg {
    let mut svg = Svg::new(160.0, 64.0, title);
    let highest = readings.iter().map(|(_, glucose)| glucose.mg_dl());
    let highest = highest.reduce(homeostat_numeric::max).unwrap_or(0.0);
    let scale = FRAME.glucose_scale(glucose_top(highest));
    let across = FRAME.across(span.0.max(1) as f64);
    let (upper, lower) = (scale.place(180.0), scale.place(70.0));
    svg.rect("zone", FRAME.left, upper, FRAME.right - FRAME.left, lower - upper);
    for run in readings.chunk_by(|one, next| next.0.since(one.0).0 <= LARGEST_STEP) {
        let points = thinned(run, readings.len().div_ceil(MOST_POINTS).max(1));
        svg.path("high", &outside(&points, &across, &scale, 180.0, true));
        svg.path("low", &outside(&points, &across, &scale, 70.0, false));
        let place = |(at, value): &(f64, f64)| (across.place(*at), scale.place(*value));
        let line: Vec<(f64, f64)> = points.iter().map(place).collect();
        svg.path("trace", &path_through(&line));
    }
    svg
}

/// Averages of `group` neighbours.
fn thinned(run: &[(Seconds, Glucose)], group: usize) -> Vec<(f64, f64)> {
    let mean = |chunk: &[(Seconds, Glucose)]| {
        let count = chunk.len() as f64;
        let (mut at, mut value) = (0.0, 0.0);
        for (time, glucose) in chunk {
            at += time.0 as f64;
            value += glucose.mg_dl();
        }
        (at / count, value / count)
    };
    run.chunks(group).map(mean).collect()
}

/// The area between the curve and a limit, where the curve is beyond it.
fn outside(
    points: &[(f64, f64)],
    across: &Scale,
    scale: &Scale,
    limit: f64,
    above: bool,
) -> String {
    let beyond = |value: f64| if above { value > limit } else { value < limit };
    if !points.iter().any(|(_, value)| beyond(*value)) {
        return String::new();
    }
    let held = |value: f64| if beyond(value) { value } else { limit };
    let mut line: Vec<(f64, f64)> = Vec::with_capacity(points.len() + 2);
    let base = scale.place(limit);
    if let (Some(first), Some(last)) = (points.first(), points.last()) {
        line.push((across.place(first.0), base));
        line.extend(points.iter().map(|(at, v)| (across.place(*at), scale.place(held(*v)))));
        line.push((across.place(last.0), base));
    }
    let mut path = path_through(&line);
    path.push('Z');
    path
}
