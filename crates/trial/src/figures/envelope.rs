//! A cohort through a trial, and a time axis of days and hours.

use super::axis::{Frame, Scale, band, glucose_ground, glucose_limits, glucose_top, height};
use super::svg::{Anchor, Svg, path_through};
use crate::metrics::EnvelopePoint;

const WIDTH: f64 = 1080.0;
const HEIGHT: f64 = 250.0;
const FRAME: Frame = Frame { left: 46.0, right: 1070.0, top: 12.0, bottom: 206.0 };
/// A wider hole than this ends a curve.
const LARGEST_STEP: i64 = 3600;

/// Median, 25 to 75 and 5 to 95 per cent of the patients at each moment, and the lowest and the
/// highest patient as thin lines.
#[must_use]
pub fn envelope_figure(points: &[EnvelopePoint], title: &str) -> Svg {
    let mut svg = Svg::new(WIDTH, HEIGHT, title);
    let highest = points.iter().map(|point| point.extremes[1].mg_dl());
    let highest = highest.reduce(homeostat_numeric::max).unwrap_or(0.0);
    let scale = FRAME.glucose_scale(glucose_top(highest));
    let end = points.last().map_or(86_400, |point| point.at.0) as f64;
    let across = FRAME.across(end);
    glucose_ground(&mut svg, &FRAME, &scale);
    time_axis(&mut svg, &FRAME, &across, end);
    svg.upright_text("small muted", (11.0, (FRAME.top + FRAME.bottom) / 2.0), "mg/dL");
    for run in points.chunk_by(|one, next| next.at.0 - one.at.0 <= LARGEST_STEP) {
        let curve = |which: usize| -> Vec<(f64, f64)> {
            let place = |p: &EnvelopePoint| height(&scale, p.percentiles[which]);
            run.iter().map(|p| (across.place(p.at.0 as f64), place(p))).collect()
        };
        let extreme = |which: usize| -> Vec<(f64, f64)> {
            let place = |p: &EnvelopePoint| height(&scale, p.extremes[which]);
            run.iter().map(|p| (across.place(p.at.0 as f64), place(p))).collect()
        };
        svg.path("wide", &band(&curve(4), &curve(0)));
        svg.path("mid", &band(&curve(3), &curve(1)));
        glucose_limits(&mut svg, &FRAME, &scale);
        svg.path("thin", &path_through(&extreme(0)));
        svg.path("thin", &path_through(&extreme(1)));
        svg.path("median", &path_through(&curve(2)));
    }
    svg
}

/// Hours under the frame, and the number of each day at its midnight.
pub(super) fn time_axis(svg: &mut Svg, frame: &Frame, across: &Scale, end: f64) {
    let hours = end / 3600.0;
    let step = match hours {
        hours if hours <= 14.0 => 1,
        hours if hours <= 30.0 => 3,
        hours if hours <= 84.0 => 6,
        hours if hours <= 200.0 => 12,
        _ => 24,
    };
    let mut hour = 0;
    while f64::from(hour) <= hours + 1e-9 {
        let x = across.place(f64::from(hour) * 3600.0);
        let midnight = hour % 24 == 0;
        let tick = if midnight { 7.0 } else { 4.0 };
        svg.line("axis", (x, frame.bottom), (x, frame.bottom + tick));
        if midnight && hour > 0 && f64::from(hour) < hours {
            svg.line("grid", (x, frame.top), (x, frame.bottom));
        }
        let label = format!("{:02}", hour % 24);
        svg.text("small muted", (x, frame.bottom + 18.0), Anchor::Middle, &label);
        if midnight && f64::from(hour) + 4.0 < hours {
            let day = format!("day {}", hour / 24 + 1);
            svg.text("small strong", (x, frame.bottom + 34.0), Anchor::Start, &day);
        }
        hour += step;
    }
}
