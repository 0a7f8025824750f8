//! One anaesthetic through time: stimulation, index, infusion, effect site, and who had authority, on one
//! axis of minutes since induction.

use serde::{Deserialize, Serialize};

use super::axis::{Frame, Scale, nice_ticks};
use super::svg::{Anchor, Svg, number, path_through};
use super::trace::ModeSpan;
use super::trace_panels::{causes_text, mode_panel};
use crate::metrics::{ADEQUATE, Seconds};

/// What there is to see of one person. Times count from the announcement of induction.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct HypnosisTrace {
    /// The person.
    pub subject: String,
    /// Why this person is shown, in a few words.
    pub caption: String,
    /// Length of the window.
    pub span: Seconds,
    /// Index aimed at.
    pub target: f64,
    /// True index.
    pub index: Vec<(Seconds, f64)>,
    /// What the monitor showed.
    pub shown: Vec<(Seconds, f64)>,
    /// What surgery adds to the index: straight between these points.
    pub stimulus: Vec<(Seconds, f64)>,
    /// Rate that reached the person, mg/kg/h: each holds until the next.
    pub rate: Vec<(Seconds, f64)>,
    /// True effect-site concentration, ug/mL.
    pub effect: Vec<(Seconds, f64)>,
    /// The controller's estimate of it.
    pub estimate: Vec<(Seconds, f64)>,
    /// Effect-site concentration that the controller steers to.
    pub aim: Vec<(Seconds, f64)>,
    /// Modes, in time order.
    pub modes: Vec<ModeSpan>,
    /// Moments at which the guard reduced or refused a proposal.
    pub limited: Vec<Seconds>,
    /// Alarms as they were raised.
    pub alarms: Vec<(Seconds, String)>,
}

const WIDTH: f64 = 1080.0;
const LEFT: f64 = 58.0;
const RIGHT: f64 = 1068.0;
const STIMULUS: Frame = Frame { left: LEFT, right: RIGHT, top: 8.0, bottom: 40.0 };
const INDEX: Frame = Frame { left: LEFT, right: RIGHT, top: 50.0, bottom: 230.0 };
const RATE: Frame = Frame { left: LEFT, right: RIGHT, top: 244.0, bottom: 314.0 };
const EFFECT: Frame = Frame { left: LEFT, right: RIGHT, top: 328.0, bottom: 408.0 };
const MODE: Frame = Frame { left: LEFT, right: RIGHT, top: 446.0, bottom: 476.0 };
/// The first line under the panels, and the distance of the next.
const LINES: (f64, f64) = (528.0, 17.0);
/// Two letters of alarms closer than this would run into each other.
const LETTER: f64 = 9.0;
/// Moments that one line of the legend names.
const MOST_MOMENTS: usize = 8;
/// Rates of an induction leave the panel at its top: those of maintenance are to be seen.
const RATE_SHOWN: f64 = 30.0;
/// A wider hole than this breaks a line, s.
const LARGEST_STEP: i64 = 30;

/// All panels on one time axis; lettered alarms and numbered causes are explained beneath.
#[must_use]
pub fn hypnosis_trace_figure(trace: &HypnosisTrace, title: &str) -> Svg {
    let alarms = alarms_by_cause(&trace.alarms);
    let mut lines = alarms_text(&alarms);
    lines.extend(causes_text(&trace.modes, minute_and_second));
    let (first, step) = LINES;
    let mut svg = Svg::new(WIDTH, first - 12.0 + step * lines.len() as f64, title);
    let end = trace.span.0.max(60) as f64;
    let across = MODE.across(end);
    minute_axis(&mut svg, &MODE, &across, end);
    stimulus_panel(&mut svg, &across, trace);
    index_panel(&mut svg, &across, trace);
    rate_panel(&mut svg, &across, trace);
    effect_panel(&mut svg, &across, trace);
    alarm_marks(&mut svg, &across, trace, &alarms);
    mode_panel(&mut svg, &MODE, &across, &trace.modes, &trace.limited);
    for (index, line) in lines.iter().enumerate() {
        svg.text("small", (LEFT, first + step * index as f64), Anchor::Start, line);
    }
    svg
}

/// Each cause with the moments of its alarms, in the order in which they were first raised.
fn alarms_by_cause(alarms: &[(Seconds, String)]) -> Vec<(&str, Vec<Seconds>)> {
    let mut causes: Vec<(&str, Vec<Seconds>)> = Vec::new();
    for (at, cause) in alarms {
        match causes.iter_mut().find(|(known, _)| known == cause) {
            Some((_, moments)) => moments.push(*at),
            None => causes.push((cause, vec![*at])),
        }
    }
    causes
}

/// A, B, and so on: a person's course knows fewer causes than there are letters.
fn letter(place: usize) -> String {
    char::from(b'A' + (place % 26) as u8).to_string()
}

/// A line a cause: its letter, its moments, what it says.
fn alarms_text(alarms: &[(&str, Vec<Seconds>)]) -> Vec<String> {
    let line = |(place, (cause, moments)): (usize, &(&str, Vec<Seconds>))| {
        let told = moments.iter().take(MOST_MOMENTS).map(|at| minute_and_second(*at));
        let told = told.collect::<Vec<_>>().join(", ").replace(", min ", ", ");
        let more = match moments.len().saturating_sub(MOST_MOMENTS) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        format!("{}  {told}{more}  alarm: {cause}", letter(place))
    };
    alarms.iter().enumerate().map(line).collect()
}

/// A triangle an alarm, under the letter of its cause where there is room for it.
fn alarm_marks(
    svg: &mut Svg,
    across: &Scale,
    trace: &HypnosisTrace,
    causes: &[(&str, Vec<Seconds>)],
) {
    let mut free_from = 0.0;
    for (at, cause) in &trace.alarms {
        let x = across.place(at.0 as f64);
        let path = format!("M{} {}h8l-4 7Z", number(x - 4.0), number(MODE.top - 18.0));
        svg.marker("alarm", &path, &format!("{} alarm: {cause}", minute_and_second(*at)));
        let place = causes.iter().position(|(known, _)| known == cause).unwrap_or(0);
        let label = homeostat_numeric::max(x, free_from);
        free_from = label + LETTER;
        let at = (label, MODE.top - 21.0);
        svg.text("tiny strong", at, Anchor::Middle, &letter(place));
    }
}

/// Minutes under the frame, and "min" at the end.
pub(super) fn minute_axis(svg: &mut Svg, frame: &Frame, across: &Scale, end: f64) {
    for minute in nice_ticks(0.0, end / 60.0, 12) {
        let x = across.place(minute * 60.0);
        svg.line("axis", (x, frame.bottom), (x, frame.bottom + 5.0));
        svg.text("small muted", (x, frame.bottom + 18.0), Anchor::Middle, &minute.to_string());
    }
    let words = "minutes since induction";
    svg.text("small muted", (frame.right, frame.bottom + 33.0), Anchor::End, words);
}

/// The range from 40 to 60 and the labels of the index; drawn before the curves.
pub(super) fn index_ground(svg: &mut Svg, frame: &Frame) -> Scale {
    let scale = Scale { from: (0.0, 100.0), to: (frame.bottom, frame.top) };
    let (upper, lower) = (scale.place(ADEQUATE.1), scale.place(ADEQUATE.0));
    svg.rect("zone", frame.left, upper, frame.right - frame.left, lower - upper);
    for value in [0.0_f64, 20.0, 40.0, 60.0, 80.0, 100.0] {
        let y = scale.place(value);
        svg.text("small muted", (frame.left - 6.0, y + 4.0), Anchor::End, &value.to_string());
        if !(40.0..=60.0).contains(&value) {
            svg.line("grid", (frame.left, y), (frame.right, y));
        }
    }
    svg.line("axis", (frame.left, frame.bottom), (frame.right, frame.bottom));
    scale
}

/// The limits at 30, 40 and 60; drawn over bands, which would hide them.
pub(super) fn index_limits(svg: &mut Svg, frame: &Frame, scale: &Scale) {
    for (value, class) in [(30.0, "limit-far"), (40.0, "limit"), (60.0, "limit")] {
        let y = scale.place(value);
        svg.line(class, (frame.left, y), (frame.right, y));
    }
}

fn stimulus_panel(svg: &mut Svg, across: &Scale, trace: &HypnosisTrace) {
    let frame = &STIMULUS;
    let sizes = trace.stimulus.iter().map(|(_, value)| homeostat_numeric::abs(*value));
    let top = homeostat_numeric::max(sizes.reduce(homeostat_numeric::max).unwrap_or(0.0), 10.0);
    let falls = trace.stimulus.iter().any(|(_, value)| *value < 0.0);
    let low = if falls { -top } else { 0.0 };
    let scale = Scale { from: (low, top), to: (frame.bottom, frame.top) };
    svg.text("small muted", (LEFT - 6.0, frame.top + 10.0), Anchor::End, &format!("+{top}"));
    svg.text("small muted", (LEFT - 6.0, scale.place(0.0) + 4.0), Anchor::End, "0");
    svg.text("tiny muted", (LEFT + 4.0, frame.top + 9.0), Anchor::Start, "surgical stimulus");
    let line: Vec<(f64, f64)> = trace
        .stimulus
        .iter()
        .map(|(at, value)| (across.place(at.0 as f64), scale.place(*value)))
        .collect();
    if let (Some(first), Some(last)) = (line.first().copied(), line.last().copied()) {
        let zero = scale.place(0.0);
        let mut area = vec![(first.0, zero)];
        area.extend(&line);
        area.push((last.0, zero));
        svg.path("stimulus", &format!("{}Z", path_through(&area)));
    }
    svg.line("axis", (frame.left, scale.place(0.0)), (frame.right, scale.place(0.0)));
}

fn index_panel(svg: &mut Svg, across: &Scale, trace: &HypnosisTrace) {
    let scale = index_ground(svg, &INDEX);
    index_limits(svg, &INDEX, &scale);
    let target = scale.place(trace.target);
    svg.line("goal", (LEFT, target), (RIGHT, target));
    svg.upright_text("small muted", (13.0, (INDEX.top + INDEX.bottom) / 2.0), "index");
    let dots: String = trace.shown.iter().fold(String::new(), |path, (at, value)| {
        let (x, y) = (across.place(at.0 as f64), scale.place(*value));
        format!("{path}M{} {}h0", number(x), number(y))
    });
    svg.path("dots", &dots);
    line(svg, "trace", across, &scale, &trace.index);
}

fn line(svg: &mut Svg, class: &str, across: &Scale, scale: &Scale, points: &[(Seconds, f64)]) {
    for run in points.chunk_by(|one, next| next.0.since(one.0).0 <= LARGEST_STEP) {
        let place = |(at, value): &(Seconds, f64)| (across.place(at.0 as f64), scale.place(*value));
        let line: Vec<(f64, f64)> = run.iter().map(place).collect();
        svg.path(class, &path_through(&line));
    }
}

fn largest(points: &[(Seconds, f64)]) -> f64 {
    points.iter().map(|(_, value)| *value).reduce(homeostat_numeric::max).unwrap_or(0.0)
}

/// Lines and numbers of a panel that begins at zero.
fn panel_ground(svg: &mut Svg, frame: &Frame, top: f64, words: &str) -> Scale {
    let scale = Scale { from: (0.0, top), to: (frame.bottom, frame.top) };
    for tick in nice_ticks(0.0, top, 3) {
        let y = scale.place(tick);
        svg.line("grid", (frame.left, y), (frame.right, y));
        let label = format!("{}", (tick * 10.0).round() / 10.0);
        svg.text("small muted", (frame.left - 6.0, y + 4.0), Anchor::End, &label);
    }
    svg.upright_text("small muted", (13.0, (frame.top + frame.bottom) / 2.0), words);
    svg.line("axis", (frame.left, frame.bottom), (frame.right, frame.bottom));
    scale
}

fn rate_panel(svg: &mut Svg, across: &Scale, trace: &HypnosisTrace) {
    let highest = largest(&trace.rate);
    let top = homeostat_numeric::clamp(1.1 * highest, 5.0, RATE_SHOWN);
    let scale = panel_ground(svg, &RATE, top, "mg/kg/h");
    let mut area: Vec<(f64, f64)> = vec![(LEFT, RATE.bottom)];
    for (at, rate) in &trace.rate {
        let (x, y) = (across.place(at.0 as f64), scale.place(*rate));
        if let Some((_, before)) = area.last().copied()
            && before == y
        {
            continue;
        }
        let before = area.last().map_or(RATE.bottom, |(_, before)| *before);
        area.push((x, before));
        area.push((x, y));
    }
    let before = area.last().map_or(RATE.bottom, |(_, before)| *before);
    area.push((across.place(trace.span.0 as f64), before));
    area.push((across.place(trace.span.0 as f64), RATE.bottom));
    svg.path("basal", &format!("{}Z", path_through(&area)));
    if highest > top {
        // Above the panel, where no bar reaches.
        let label = format!("up to {highest:.0} mg/kg/h");
        svg.text("tiny", (LEFT, RATE.top - 4.0), Anchor::Start, &label);
    }
}

fn effect_panel(svg: &mut Svg, across: &Scale, trace: &HypnosisTrace) {
    let highest = homeostat_numeric::max(largest(&trace.effect), largest(&trace.estimate));
    let highest = homeostat_numeric::max(highest, largest(&trace.aim));
    let top = homeostat_numeric::max(1.1 * highest, 2.0);
    let scale = panel_ground(svg, &EFFECT, top, "Ce, ug/mL");
    line(svg, "goal", across, &scale, &trace.aim);
    line(svg, "estimate", across, &scale, &trace.estimate);
    line(svg, "effect", across, &scale, &trace.effect);
}

fn minute_and_second(at: Seconds) -> String {
    format!("min {}:{:02}", at.0 / 60, at.0 % 60)
}
