//! Time in ranges as stacked bars against the consensus targets.

use super::axis::Scale;
use super::svg::{Anchor, Svg};
use crate::metrics::{Band, TimeInRanges, consensus_targets};

/// One bar.
#[derive(Clone, Debug)]
pub struct RangeRow {
    /// The name at the left.
    pub label: String,
    /// A second line under it; may be empty.
    pub detail: String,
    /// The shares.
    pub ranges: TimeInRanges,
    /// Whether a new group of bars begins here.
    pub starts_group: bool,
}

const WIDTH: f64 = 760.0;
const BAR: f64 = 26.0;
const STEP: f64 = 36.0;
const GROUP_GAP: f64 = 12.0;
const LEFT: f64 = 245.0;
const RIGHT: f64 = 578.0;
const TOP: f64 = 40.0;
const CHECKS: [&str; 5] = ["TIR", "<70", "<54", ">180", ">250"];

const fn class(band: Band) -> (&'static str, &'static str) {
    match band {
        Band::VeryLow => ("very-low", "small strong on-very-low"),
        Band::Low => ("low", "small strong on-low"),
        Band::Target => ("target", "small strong on-target"),
        Band::High => ("high", "small strong on-high"),
        Band::VeryHigh => ("very-high", "small strong on-very-high"),
    }
}

/// A share as text: one decimal below ten, none from ten on; what is above zero never reads as 0.
fn share_text(share: f64) -> String {
    if share == 0.0 {
        "0".to_owned()
    } else if share >= 9.95 {
        format!("{share:.0}")
    } else if share > 0.0 && share < 0.05 {
        "<0.1".to_owned()
    } else {
        format!("{share:.1}")
    }
}

/// Horizontal bars, one a row, low to high from left to right. The two dashed lines are the
/// consensus: the target band should reach from before the first (below 70: under 4 %) to beyond
/// the second (above 180: under 25 %). The marks at the right tell for each of the five targets
/// whether it is met.
#[must_use]
pub fn range_bars_figure(rows: &[RangeRow], title: &str) -> Svg {
    let groups = rows.iter().skip(1).filter(|row| row.starts_group).count();
    let bottom = TOP + STEP * rows.len() as f64 + GROUP_GAP * groups as f64;
    let mut svg = Svg::new(WIDTH, bottom + 22.0, title);
    let scale = Scale { from: (0.0, 100.0), to: (LEFT, RIGHT) };
    svg.text("small muted", (LEFT, 14.0), Anchor::Start, "share of time, %");
    for (index, name) in CHECKS.into_iter().enumerate() {
        let x = check_place(index);
        svg.text("small muted", (x, TOP - 8.0), Anchor::Middle, name);
    }
    svg.text("small muted", (check_place(2), 14.0), Anchor::Middle, "consensus targets met");
    let mut y = TOP;
    for (index, row) in rows.iter().enumerate() {
        if row.starts_group && index > 0 {
            y += GROUP_GAP;
        }
        bar(&mut svg, &scale, row, y);
        y += STEP;
    }
    for (value, label) in [(4.0, "4"), (75.0, "75")] {
        let x = scale.place(value);
        svg.line("aim", (x, TOP - 4.0), (x, bottom - 4.0));
        svg.text("small muted", (x, TOP - 8.0), Anchor::Middle, label);
    }
    legend(&mut svg, bottom + 12.0);
    svg
}

fn check_place(index: usize) -> f64 {
    RIGHT + 28.0 + 34.0 * index as f64
}

fn bar(svg: &mut Svg, scale: &Scale, row: &RangeRow, y: f64) {
    if row.detail.is_empty() {
        svg.text("strong", (LEFT - 10.0, y + 17.0), Anchor::End, &row.label);
    } else {
        svg.text("strong", (LEFT - 10.0, y + 11.0), Anchor::End, &row.label);
        svg.text("small muted", (LEFT - 10.0, y + 25.0), Anchor::End, &row.detail);
    }
    let mut from = 0.0;
    for band in Band::ALL {
        let share = row.ranges.share(band).get();
        let (x, end) = (scale.place(from), scale.place(from + share));
        from += share;
        if share <= 0.0 {
            continue;
        }
        let (fill, ink) = class(band);
        svg.rect(fill, x, y, end - x, BAR);
        if end - x > 24.0 {
            let text = share_text(share);
            svg.text(ink, ((x + end) / 2.0, y + 17.0), Anchor::Middle, &text);
        }
    }
    for (index, target) in consensus_targets(&row.ranges).iter().enumerate() {
        let (x, y) = (check_place(index), y + BAR / 2.0);
        let reached = share_text(target.reached.get());
        let tip = format!("{} {}: {reached} %", target.what, target.aim);
        if target.met {
            let path = format!("M{} {}l4 4 7-9", x - 5.5, y + 0.5);
            svg.marker("tick-good", &path, &tip);
        } else {
            let path = format!("M{} {}l9 9m0-9l-9 9", x - 4.5, y - 4.5);
            svg.marker("bad", &path, &tip);
        }
    }
}

fn legend(svg: &mut Svg, y: f64) {
    let mut x = LEFT;
    for band in Band::ALL {
        svg.rect(class(band).0, x, y - 9.0, 10.0, 10.0);
        svg.text("small muted", (x + 14.0, y), Anchor::Start, band.limits());
        x += 24.0 + 6.6 * band.limits().chars().count() as f64;
    }
    svg.text("small muted", (x, y), Anchor::Start, "mg/dL");
}

/// The upright bar of the standard report, with names, limits and targets beside it.
#[must_use]
pub fn range_column_figure(ranges: &TimeInRanges, title: &str) -> Svg {
    const TALL: f64 = 236.0;
    let mut svg = Svg::new(420.0, 290.0, title);
    let mut bottom = 262.0;
    let shares = Band::ALL.map(|band| ranges.share(band).get());
    // Every band keeps a sliver, so that a small share can be seen and labelled.
    let slivers = shares.iter().filter(|share| **share > 0.0).count() as f64;
    let mut labels: Vec<(Band, f64)> = Vec::new();
    for (band, share) in Band::ALL.into_iter().zip(shares) {
        let tall = if share > 0.0 { 3.0 + (TALL - 3.0 * slivers) * share / 100.0 } else { 0.0 };
        svg.rect(class(band).0, 14.0, bottom - tall, 62.0, tall);
        labels.push((band, bottom - tall / 2.0));
        bottom -= tall;
    }
    let mut floor = 280.0;
    for (band, wanted) in labels {
        let room = 22.0 * (4 - band as usize) as f64 + 16.0;
        let y = homeostat_numeric::min(homeostat_numeric::max(wanted, room), floor - 22.0);
        floor = y;
        svg.line("axis", (78.0, wanted), (92.0, y));
        let share = share_text(ranges.share(band).get());
        let class = if band == Band::Target { "big" } else { "strong" };
        svg.text(class, (142.0, y + 4.5), Anchor::End, &format!("{share} %"));
        svg.text("", (152.0, y + 4.5), Anchor::Start, band.name());
        svg.text("small muted", (216.0, y + 4.5), Anchor::Start, band.limits());
        svg.text("small muted", (274.0, y + 4.5), Anchor::Start, aim(band));
    }
    svg
}

const fn aim(band: Band) -> &'static str {
    match band {
        Band::VeryLow => "aim <1 %",
        Band::Low => "aim <4 % with very low",
        Band::Target => "aim >70 %",
        Band::High => "aim <25 % with very high",
        Band::VeryHigh => "aim <5 %",
    }
}

/// A bar without words, for a table row.
#[must_use]
pub fn range_strip_figure(ranges: &TimeInRanges, title: &str) -> Svg {
    let mut svg = Svg::new(120.0, 12.0, title).stretching();
    let mut from = 0.0;
    for band in Band::ALL {
        let share = ranges.share(band).get();
        svg.rect(class(band).0, 1.2 * from, 0.0, 1.2 * share, 12.0);
        from += share;
    }
    svg
}
