//! The grid of the glycaemia risk index with one point a patient.

use homeostat_numeric::{max, min};

use super::axis::{Frame, Scale};
use super::cvga::shape;
use super::svg::{Anchor, Svg, path_through};
use crate::metrics::GlycemiaRisk;

/// The points of one arm, or of the people of one file.
#[derive(Clone, Debug)]
pub struct GriArm {
    /// The name, for the legend; an empty one has no legend.
    pub name: String,
    /// Patients: name and index.
    pub points: Vec<(String, GlycemiaRisk)>,
}

const FRAME: Frame = Frame { left: 52.0, right: 428.0, top: 14.0, bottom: 374.0 };
/// The ends of the axes, as in the paper: per cent of time, weighed.
const MOST_LOW: f64 = 30.0;
const MOST_HIGH: f64 = 60.0;
/// The index is 3.0 times the low component and 1.6 times the high one.
const LOW_WEIGHT: f64 = 3.0;
const HIGH_WEIGHT: f64 = 1.6;
/// Zones from the best, with the index at which each ends.
const ZONES: [(&str, &str, f64); 5] = [
    ("cell-a", "A", 20.0),
    ("cell-b", "B", 40.0),
    ("cell-c", "C", 60.0),
    ("cell-d", "D", 80.0),
    ("cell-e", "E", 100.0),
];

/// Draws the grid: lows across, highs upward, the zones between lines of equal index.
#[must_use]
pub fn gri_figure(arms: &[GriArm], title: &str) -> Svg {
    let named = arms.iter().filter(|arm| !arm.name.is_empty()).count();
    let mut svg = Svg::new(440.0, 414.0 + 18.0 * named.div_ceil(2) as f64, title);
    let across = Scale { from: (0.0, MOST_LOW), to: (FRAME.left, FRAME.right) };
    let upward = Scale { from: (0.0, MOST_HIGH), to: (FRAME.bottom, FRAME.top) };
    zones(&mut svg, &across, &upward);
    axes(&mut svg, &across, &upward);
    let mut legends = 0;
    for (index, arm) in arms.iter().enumerate() {
        let class = format!("point arm-{}", index % 4);
        for (patient, risk) in &arm.points {
            // Who has no lows stands on the axis. What lies beyond the grid is moved in by the size
            // of a point, so that it stays whole.
            let (x, y) = (across.place(risk.low_component), upward.place(risk.high_component));
            let at = (min(x, FRAME.right - 5.0), max(y, FRAME.top + 5.0));
            let tip = format!(
                "{} {patient}: index {:.0}, zone {:?}; lows {:.1} %, highs {:.1} %",
                arm.name, risk.index, risk.zone, risk.low_component, risk.high_component
            );
            svg.marker(&class, &shape(index, at), tip.trim_start());
        }
        if !arm.name.is_empty() {
            let (column, row) = (legends % 2, legends / 2);
            let at = (FRAME.left + 190.0 * column as f64, 428.0 + 18.0 * row as f64);
            svg.marker(&class, &shape(index, (at.0 + 5.0, at.1 - 4.0)), &arm.name);
            svg.text("small", (at.0 + 16.0, at.1), Anchor::Start, &arm.name);
            legends += 1;
        }
    }
    letters(&mut svg, &across, &upward);
    svg
}

fn zones(svg: &mut Svg, across: &Scale, upward: &Scale) {
    let corner = |low: f64, high: f64| (across.place(low), upward.place(high));
    let mut from = 0.0;
    for (class, _, until) in ZONES {
        // From the line where the zone begins to the one where it ends.
        let mut corners = if until < 100.0 {
            vec![corner(until / LOW_WEIGHT, 0.0), corner(0.0, until / HIGH_WEIGHT)]
        } else {
            vec![corner(MOST_LOW, 0.0), corner(MOST_LOW, MOST_HIGH), corner(0.0, MOST_HIGH)]
        };
        if from > 0.0 {
            corners.extend([corner(0.0, from / HIGH_WEIGHT), corner(from / LOW_WEIGHT, 0.0)]);
        } else {
            corners.push(corner(0.0, 0.0));
        }
        svg.path(class, &format!("{}Z", path_through(&corners)));
        from = until;
    }
}

/// A letter in the middle of each band, half of the index from lows and half from highs; over the
/// points, which would hide it.
fn letters(svg: &mut Svg, across: &Scale, upward: &Scale) {
    for (_, name, until) in ZONES {
        let middle = (until - 10.0) / 2.0;
        let (x, y) = (across.place(middle / LOW_WEIGHT), upward.place(middle / HIGH_WEIGHT));
        svg.text("small strong", (x, y + 4.0), Anchor::Middle, name);
    }
}

fn axes(svg: &mut Svg, across: &Scale, upward: &Scale) {
    for low in [0.0, 10.0, 20.0, 30.0] {
        let at = (across.place(low), FRAME.bottom + 16.0);
        svg.text("small muted", at, Anchor::Middle, &low.to_string());
    }
    for high in [0.0, 20.0, 40.0, 60.0] {
        let at = (FRAME.left - 6.0, upward.place(high) + 4.0);
        svg.text("small muted", at, Anchor::End, &high.to_string());
    }
    let middle = ((FRAME.left + FRAME.right) / 2.0, (FRAME.bottom + FRAME.top) / 2.0);
    let words = "lows: % below 54 + 0.8 \u{d7} % from 54 to 69";
    svg.text("small muted", (middle.0, 408.0), Anchor::Middle, words);
    let words = "highs: % above 250 + 0.5 \u{d7} % from 181 to 250";
    svg.upright_text("small muted", (12.0, middle.1), words);
}
