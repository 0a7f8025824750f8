//! The control-variability grid with one point a patient.

use homeostat_numeric::clamp;

use super::axis::{Frame, Scale};
use super::svg::{Anchor, Svg, number};
use crate::metrics::CvgaPoint;

/// The points of one arm.
#[derive(Clone, Debug)]
pub struct CvgaArm {
    /// The arm's name, for the legend.
    pub name: String,
    /// Patients: name and point.
    pub points: Vec<(String, CvgaPoint)>,
}

const FRAME: Frame = Frame { left: 52.0, right: 428.0, top: 14.0, bottom: 374.0 };
const COLUMNS: [f64; 4] = [110.0, 90.0, 70.0, 50.0];
const ROWS: [f64; 4] = [110.0, 180.0, 300.0, 400.0];
const CELLS: [[(&str, &str); 3]; 3] = [
    [("cell-a", "A"), ("cell-b", "Lower B"), ("cell-c", "Lower C")],
    [("cell-b", "Upper B"), ("cell-b", "B"), ("cell-d", "Lower D")],
    [("cell-c", "Upper C"), ("cell-d", "Upper D"), ("cell-e", "E")],
];

/// Draws the grid. The columns are equally wide and the rows equally high, as in the paper; within
/// them the scale is straight.
#[must_use]
pub fn cvga_figure(arms: &[CvgaArm], title: &str) -> Svg {
    let legend_rows = arms.len().div_ceil(2);
    let mut svg = Svg::new(440.0, 424.0 + 18.0 * legend_rows as f64, title);
    let third =
        |edges: (f64, f64), index: usize| edges.0 + (edges.1 - edges.0) * index as f64 / 3.0;
    let (across, upward) = ((FRAME.left, FRAME.right), (FRAME.bottom, FRAME.top));
    for (row, cells) in CELLS.iter().enumerate() {
        for (column, (class, name)) in cells.iter().enumerate() {
            let (x, y) = (third(across, column), third(upward, row + 1));
            let (wide, high) = ((across.1 - across.0) / 3.0, (upward.0 - upward.1) / 3.0);
            svg.rect(class, x + 0.5, y + 0.5, wide - 1.0, high - 1.0);
            svg.text("small muted", (x + 6.0, y + 15.0), Anchor::Start, name);
        }
    }
    for (index, value) in COLUMNS.into_iter().enumerate() {
        let label = edge_label(value, index, ">110", "<50");
        let at = (third(across, index), FRAME.bottom + 16.0);
        svg.text("small muted", at, Anchor::Middle, &label);
    }
    for (index, value) in ROWS.into_iter().enumerate() {
        let label = edge_label(value, index, "<110", ">400");
        let at = (FRAME.left - 6.0, third(upward, index) + 4.0);
        svg.text("small muted", at, Anchor::End, &label);
    }
    let middle = ((across.0 + across.1) / 2.0, (upward.0 + upward.1) / 2.0);
    svg.text("small muted", (middle.0, 408.0), Anchor::Middle, "lowest glucose, mg/dL");
    svg.upright_text("small muted", (12.0, middle.1), "highest glucose, mg/dL");
    for (index, arm) in arms.iter().enumerate() {
        for (patient, point) in &arm.points {
            let (low, high) = (point.lowest.mg_dl(), point.highest.mg_dl());
            // Points on the edge are moved in by their own size, so that they stay whole.
            let x = clamp(piecewise(low, COLUMNS, across), across.0 + 5.0, across.1 - 5.0);
            let y = clamp(piecewise(high, ROWS, upward), upward.1 + 5.0, upward.0 - 5.0);
            let at = (x, y);
            let tip = format!(
                "{} {patient}: {low:.0} to {high:.0} mg/dL, zone {}",
                arm.name,
                point.zone.name()
            );
            svg.marker(&format!("point arm-{}", index % 4), &shape(index, at), &tip);
        }
        let at = (FRAME.left + 190.0 * (index % 2) as f64, 428.0 + 18.0 * (index / 2) as f64);
        let class = format!("point arm-{}", index % 4);
        svg.marker(&class, &shape(index, (at.0 + 5.0, at.1 - 4.0)), &arm.name);
        svg.text("small", (at.0 + 16.0, at.1), Anchor::Start, &arm.name);
    }
    svg
}

fn edge_label(value: f64, index: usize, first: &str, last: &str) -> String {
    match index {
        0 => first.to_owned(),
        3 => last.to_owned(),
        _ => value.to_string(),
    }
}

/// The place of a value on an axis of three equal parts.
fn piecewise(value: f64, edges: [f64; 4], places: (f64, f64)) -> f64 {
    let part = (places.1 - places.0) / 3.0;
    let rising = edges[0] < edges[3];
    let beyond = |edge: f64| if rising { value >= edge } else { value <= edge };
    let index = usize::from(beyond(edges[1])) + usize::from(beyond(edges[2]));
    let start = places.0 + part * index as f64;
    Scale { from: (edges[index], edges[index + 1]), to: (start, start + part) }.place(value)
}

/// Circle, square, triangle, diamond: one shape an arm.
pub(super) fn shape(arm: usize, at: (f64, f64)) -> String {
    let (x, y) = at;
    let point = |dx: f64, dy: f64| format!("{} {}", number(x + dx), number(y + dy));
    match arm % 4 {
        0 => format!("M{}a4.5 4.5 0 1 0 9 0a4.5 4.5 0 1 0-9 0Z", point(-4.5, 0.0)),
        1 => format!("M{}h8v8h-8Z", point(-4.0, -4.0)),
        2 => format!("M{}L{}L{}Z", point(0.0, -5.2), point(5.0, 4.0), point(-5.0, 4.0)),
        _ => format!("M{}l5.4 5.4-5.4 5.4-5.4-5.4Z", point(0.0, -5.4)),
    }
}
