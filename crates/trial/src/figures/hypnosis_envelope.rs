//! A cohort's index through a trial, and a small picture of one person.

use super::axis::{Frame, band};
use super::hypnosis_trace::{index_ground, index_limits, minute_axis};
use super::svg::{Svg, path_through};
use crate::metrics::{ADEQUATE, Seconds};
use crate::report::HypnosisMoment;

const WIDTH: f64 = 1080.0;
const HEIGHT: f64 = 300.0;
const FRAME: Frame = Frame { left: 46.0, right: 1070.0, top: 12.0, bottom: 256.0 };
const THUMB: Frame = Frame { left: 1.0, right: 159.0, top: 2.0, bottom: 62.0 };

/// Median person, all but two in ten, all but two in a hundred, at each moment.
#[must_use]
pub fn hypnosis_envelope_figure(moments: &[HypnosisMoment], title: &str) -> Svg {
    let mut svg = Svg::new(WIDTH, HEIGHT, title);
    let end = moments.last().map_or(60, |moment| moment.at.0.max(60)) as f64;
    let across = FRAME.across(end);
    let scale = index_ground(&mut svg, &FRAME);
    minute_axis(&mut svg, &FRAME, &across, end);
    svg.upright_text("small muted", (11.0, (FRAME.top + FRAME.bottom) / 2.0), "index");
    let curve = |which: usize| -> Vec<(f64, f64)> {
        moments
            .iter()
            .map(|moment| {
                (across.place(moment.at.0 as f64), scale.place(moment.percentiles[which]))
            })
            .collect()
    };
    svg.path("wide", &band(&curve(4), &curve(0)));
    svg.path("mid", &band(&curve(3), &curve(1)));
    index_limits(&mut svg, &FRAME, &scale);
    svg.path("median", &path_through(&curve(2)));
    svg
}

/// An index over `span` with the range from 40 to 60, without words.
#[must_use]
pub fn hypnosis_thumbnail(points: &[(Seconds, f64)], span: Seconds, title: &str) -> Svg {
    let mut svg = Svg::new(160.0, 64.0, title);
    let scale = super::axis::Scale { from: (0.0, 100.0), to: (THUMB.bottom, THUMB.top) };
    let across = THUMB.across(span.0.max(1) as f64);
    let (upper, lower) = (scale.place(ADEQUATE.1), scale.place(ADEQUATE.0));
    svg.rect("zone", THUMB.left, upper, THUMB.right - THUMB.left, lower - upper);
    let place = |(at, value): &(Seconds, f64)| (across.place(at.0 as f64), scale.place(*value));
    let line: Vec<(f64, f64)> = points.iter().map(place).collect();
    svg.path("trace", &path_through(&line));
    svg
}
