//! The ambulatory glucose profile: one day that stands for all.

use super::axis::{Frame, band, glucose_ground, glucose_limits, glucose_top, height};
use super::svg::{Anchor, Svg, path_through};
use crate::metrics::{DailyProfile, Glucose};

/// The size in which a profile is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AgpSize {
    /// For several side by side.
    Compact,
    /// For one across a page.
    Wide,
}

const COMPACT: Frame = Frame { left: 46.0, right: 330.0, top: 12.0, bottom: 196.0 };
const WIDE: Frame = Frame { left: 46.0, right: 1030.0, top: 14.0, bottom: 286.0 };
const LABELS: [(usize, &str); 5] = [(0, "5%"), (1, "25%"), (2, "50%"), (3, "75%"), (4, "95%")];

/// Median, 25 to 75 and 5 to 95 per cent bands over 24 hours, with the target zone and limits.
#[must_use]
pub fn agp_figure(profile: &DailyProfile, size: AgpSize, title: &str) -> Svg {
    let (frame, hours) = match size {
        AgpSize::Compact => (COMPACT, 6),
        AgpSize::Wide => (WIDE, 2),
    };
    let mut svg = Svg::new(frame.right + 34.0, frame.bottom + 40.0, title);
    let values = profile.bins.iter().filter_map(|bin| bin.percentiles);
    let highest = values.map(|p| p[4].mg_dl()).reduce(homeostat_numeric::max).unwrap_or(0.0);
    let scale = frame.glucose_scale(glucose_top(highest));
    let across = frame.across(1440.0);
    glucose_ground(&mut svg, &frame, &scale);
    for hour in (0..=24).step_by(hours) {
        let x = across.place(f64::from(hour) * 60.0);
        svg.line("axis", (x, frame.bottom), (x, frame.bottom + 4.0));
        let label = format!("{:02}", hour % 24);
        svg.text("small muted", (x, frame.bottom + 17.0), Anchor::Middle, &label);
    }
    let middle = (frame.left + frame.right) / 2.0;
    svg.text("small muted", (middle, frame.bottom + 34.0), Anchor::Middle, "hour of day");
    svg.upright_text("small muted", (11.0, (frame.top + frame.bottom) / 2.0), "mg/dL");
    for run in runs(profile) {
        let curve = |which: usize| -> Vec<(f64, f64)> {
            run.iter()
                .map(|(minute, p)| (across.place(*minute), height(&scale, p[which])))
                .collect()
        };
        svg.path("wide", &band(&curve(4), &curve(0)));
        svg.path("mid", &band(&curve(3), &curve(1)));
    }
    glucose_limits(&mut svg, &frame, &scale);
    for run in runs(profile) {
        let median = run.iter().map(|(m, p)| (across.place(*m), height(&scale, p[2])));
        svg.path("median", &path_through(&median.collect::<Vec<_>>()));
    }
    end_labels(&mut svg, profile, &scale, frame.right + 5.0);
    svg
}

type Point = (f64, [Glucose; 5]);

/// Stretches of bins that have percentiles. A profile that covers the whole day runs to 24:00,
/// where it meets its own start.
fn runs(profile: &DailyProfile) -> Vec<Vec<Point>> {
    let mut runs: Vec<Vec<Point>> = Vec::new();
    let mut open = false;
    for bin in &profile.bins {
        match bin.percentiles {
            Some(p) => {
                let point = (bin.minute_of_day as f64, p);
                match runs.last_mut() {
                    Some(run) if open => run.push(point),
                    _ => runs.push(vec![point]),
                }
                open = true;
            }
            None => open = false,
        }
    }
    let first = profile.bins.first().and_then(|bin| bin.percentiles);
    if let (true, Some(first), Some(run)) = (open, first, runs.last_mut()) {
        run.push((1440.0, first));
    }
    runs
}

/// Names of the curves at the right edge, pushed apart where they would touch.
fn end_labels(svg: &mut Svg, profile: &DailyProfile, scale: &super::axis::Scale, x: f64) {
    let Some(last) = profile.bins.last().and_then(|bin| bin.percentiles) else { return };
    let mut below = f64::INFINITY;
    for (which, label) in LABELS {
        let wanted = height(scale, last[which]) + 3.5;
        let y = homeostat_numeric::min(wanted, below - 10.5);
        below = y;
        let class = if which == 2 { "tiny strong" } else { "tiny muted" };
        svg.text(class, (x, y), Anchor::Start, label);
    }
}
