//! The ambulatory glucose profile: one day that stands for all.

use super::axis::{Frame, band, glucose_ground, glucose_top, height};
use super::svg::{Anchor, Svg, path_through};
use crate::metrics::{DailyProfile, Glucose};

const WIDTH: f64 = 560.0;
const HEIGHT: f64 = 290.0;
const FRAME: Frame = Frame { left: 42.0, right: 524.0, top: 14.0, bottom: 248.0 };
const LABELS: [(usize, &str); 5] = [(0, "5%"), (1, "25%"), (2, "50%"), (3, "75%"), (4, "95%")];

/// Median, 25 to 75 and 5 to 95 per cent bands over 24 hours, with the target zone and limits.
#[must_use]
pub fn agp_figure(profile: &DailyProfile, title: &str) -> Svg {
    let mut svg = Svg::new(WIDTH, HEIGHT, title);
    let values = profile.bins.iter().filter_map(|bin| bin.percentiles);
    let highest = values.map(|p| p[4].mg_dl()).reduce(homeostat_numeric::max).unwrap_or(0.0);
    let scale = FRAME.glucose_scale(glucose_top(highest));
    let across = FRAME.across(1440.0);
    glucose_ground(&mut svg, &FRAME, &scale);
    for hour in (0..=24).step_by(3) {
        let x = across.place(f64::from(hour) * 60.0);
        svg.line("axis", (x, FRAME.bottom), (x, FRAME.bottom + 4.0));
        let label = format!("{:02}", hour % 24);
        svg.text("small muted", (x, FRAME.bottom + 17.0), Anchor::Middle, &label);
    }
    let middle = (FRAME.left + FRAME.right) / 2.0;
    svg.text("small muted", (middle, HEIGHT - 6.0), Anchor::Middle, "hour of day");
    svg.upright_text("small muted", (11.0, (FRAME.top + FRAME.bottom) / 2.0), "mg/dL");
    for run in runs(profile) {
        let curve = |which: usize| -> Vec<(f64, f64)> {
            run.iter()
                .map(|(minute, p)| (across.place(*minute), height(&scale, p[which])))
                .collect()
        };
        svg.path("wide", &band(&curve(4), &curve(0)));
        svg.path("mid", &band(&curve(3), &curve(1)));
        svg.path("median", &path_through(&curve(2)));
    }
    end_labels(&mut svg, profile, &scale);
    svg
}

type Point = (f64, [Glucose; 5]);

/// Stretches of bins that have percentiles. A profile that covers the whole day runs to 24:00, where
/// it meets its own start.
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
fn end_labels(svg: &mut Svg, profile: &DailyProfile, scale: &super::axis::Scale) {
    let Some(last) = profile.bins.last().and_then(|bin| bin.percentiles) else { return };
    let mut below = f64::INFINITY;
    for (which, label) in LABELS {
        let wanted = height(scale, last[which]) + 3.5;
        let y = homeostat_numeric::min(wanted, below - 10.5);
        below = y;
        let class = if which == 2 { "tiny strong" } else { "tiny muted" };
        svg.text(class, (FRAME.right + 5.0, y), Anchor::Start, label);
    }
}
