//! The three panels of a patient's trace.

use super::axis::{Frame, Scale, glucose_ground, glucose_limits, glucose_top, height, nice_ticks};
use super::svg::{Anchor, Svg, number, path_through};
use super::trace::{Authority, Meal, ModeSpan, PatientTrace};
use crate::metrics::{Glucose, InsulinRate, Seconds};

/// A wider hole than this breaks a line.
const LARGEST_STEP: i64 = 2700;
const MOST_CAUSES: usize = 6;

pub(super) fn glucose_panel(svg: &mut Svg, frame: &Frame, across: &Scale, trace: &PatientTrace) {
    let all = trace.glucose.iter().chain(&trace.sensor).map(|(_, glucose)| glucose.mg_dl());
    let scale = frame.glucose_scale(glucose_top(all.reduce(homeostat_numeric::max).unwrap_or(0.0)));
    glucose_ground(svg, frame, &scale);
    glucose_limits(svg, frame, &scale);
    svg.upright_text("small muted", (13.0, (frame.top + frame.bottom) / 2.0), "glucose, mg/dL");
    let place =
        |(at, glucose): &(Seconds, Glucose)| (across.place(at.0 as f64), height(&scale, *glucose));
    let dots: String = trace
        .sensor
        .iter()
        .map(place)
        .fold(String::new(), |path, (x, y)| format!("{path}M{} {}h0", number(x), number(y)));
    svg.path("dots", &dots);
    for run in trace.glucose.chunk_by(|one, next| next.0.since(one.0).0 <= LARGEST_STEP) {
        let line: Vec<(f64, f64)> = run.iter().map(place).collect();
        svg.path("trace", &path_through(&line));
    }
    for meal in &trace.meals {
        draw_meal(svg, frame, across, meal);
    }
}

/// A downward triangle above the panel: filled if announced, hollow if not.
fn draw_meal(svg: &mut Svg, frame: &Frame, across: &Scale, meal: &Meal) {
    let (x, y) = (across.place(meal.at.0 as f64), frame.top - 4.0);
    let class = if meal.announced { "meal" } else { "meal-open" };
    let grams = meal.carbohydrate.grams();
    let told = if meal.announced { "announced" } else { "not announced" };
    let path = format!("M{} {}h10l-5 8Z", number(x - 5.0), number(y - 8.0));
    svg.marker(class, &path, &format!("{grams:.0} g carbohydrate, {told}"));
    svg.text("tiny muted", (x + 8.0, y), Anchor::Start, &format!("{grams:.0} g"));
}

pub(super) fn insulin_panel(svg: &mut Svg, frame: &Frame, across: &Scale, trace: &PatientTrace) {
    let largest = |rates: &[(Seconds, InsulinRate)]| {
        let rates = rates.iter().map(|(_, rate)| rate.units_per_hour());
        rates.reduce(homeostat_numeric::max).unwrap_or(0.0)
    };
    // A ceiling far above the delivery stays at the panel's upper edge instead of flattening it.
    let basal = largest(&trace.basal);
    let ceiling = homeostat_numeric::min(largest(&trace.limit), 3.0 * basal);
    let top = homeostat_numeric::max(1.15 * homeostat_numeric::max(basal, ceiling), 1.0);
    let scale = Scale { from: (0.0, top), to: (frame.bottom, frame.top) };
    for tick in nice_ticks(0.0, top, 3) {
        let y = scale.place(tick);
        svg.line("grid", (frame.left, y), (frame.right, y));
        svg.text("small muted", (frame.left - 6.0, y + 4.0), Anchor::End, &tick.to_string());
    }
    svg.upright_text("small muted", (13.0, (frame.top + frame.bottom) / 2.0), "basal, U/h");
    let steps = stairs(&trace.basal, trace.span, across, &scale);
    if let (Some(first), Some(last)) = (steps.first(), steps.last()) {
        let mut area = vec![(first.0, frame.bottom)];
        area.extend(&steps);
        area.push((last.0, frame.bottom));
        svg.path("basal", &format!("{}Z", path_through(&area)));
    }
    svg.path("cap", &path_through(&stairs(&trace.limit, trace.span, across, &scale)));
    let largest_bolus = trace.boluses.iter().map(|(_, dose)| dose.units());
    let largest_bolus = largest_bolus.reduce(homeostat_numeric::max).unwrap_or(0.0);
    for (at, dose) in &trace.boluses {
        let share = if largest_bolus > 0.0 { dose.units() / largest_bolus } else { 0.0 };
        let tall = 3.0 + (frame.bottom - frame.top - 16.0) * share;
        let x = across.place(at.0 as f64);
        svg.rounded("bolus", x - 2.0, frame.bottom - tall, 4.0, tall);
        if share >= 0.25 {
            let label = format!("{:.1} U", dose.units());
            svg.text("tiny", (x + 4.0, frame.bottom - tall + 7.0), Anchor::Start, &label);
        }
    }
    svg.line("axis", (frame.left, frame.bottom), (frame.right, frame.bottom));
}

fn stairs(
    rates: &[(Seconds, InsulinRate)],
    span: Seconds,
    across: &Scale,
    scale: &Scale,
) -> Vec<(f64, f64)> {
    let mut points: Vec<(f64, f64)> = Vec::new();
    for (at, rate) in rates {
        let (x, y) = (across.place(at.0 as f64), scale.place(rate.units_per_hour()));
        if let Some((_, before)) = points.last().copied() {
            if before == y {
                continue;
            }
            points.push((x, before));
        }
        points.push((x, y));
    }
    if let Some((_, last)) = points.last().copied() {
        points.push((across.place(span.0 as f64), last));
    }
    points
}

const fn level(authority: Authority) -> (&'static str, f64) {
    match authority {
        Authority::Full => ("mode-full", 1.0),
        Authority::Limited => ("mode-limited", 0.76),
        Authority::Background => ("mode-background", 0.52),
        Authority::Suspend => ("mode-suspend", 0.3),
        Authority::FailStop => ("mode-stop", 0.14),
        Authority::Manual => ("mode-manual", 1.0),
    }
}

pub(super) fn mode_panel(
    svg: &mut Svg,
    frame: &Frame,
    across: &Scale,
    modes: &[ModeSpan],
    limited: &[Seconds],
) {
    let tall = frame.bottom - frame.top;
    svg.text("small muted", (frame.left - 6.0, frame.top + 21.0), Anchor::End, "mode");
    for span in modes {
        let (class, share) = level(span.authority);
        let (x, end) = (across.place(span.from.0 as f64), across.place(span.to.0 as f64));
        let wide = homeostat_numeric::max(end - x, 1.0);
        svg.rect(class, x, frame.bottom - tall * share, wide, tall * share);
    }
    for at in limited {
        let x = across.place(at.0 as f64);
        svg.line("aim", (x, frame.top - 8.0), (x, frame.top - 1.0));
    }
    let mut free_from = 0.0;
    for (index, (number_at, _)) in numbered(modes).into_iter().enumerate() {
        let x = homeostat_numeric::max(across.place(number_at.0 as f64), free_from);
        free_from = x + 15.0;
        let path =
            format!("M{} {}a7 7 0 1 0 14 0a7 7 0 1 0-14 0Z", number(x - 7.0), number(frame.top));
        svg.marker("badge", &path, "a cause, explained beneath");
        let label = (index + 1).to_string();
        svg.text("tiny on-badge", (x, frame.top + 3.6), Anchor::Middle, &label);
    }
    svg.line("axis", (frame.left, frame.bottom), (frame.right, frame.bottom));
}

/// The causes of reduced authority, each where it began; the first few.
fn numbered(modes: &[ModeSpan]) -> Vec<(Seconds, String)> {
    let causes = modes.iter().filter(|span| !span.cause.is_empty());
    causes
        .take(MOST_CAUSES)
        .map(|span| {
            let seconds = span.to.since(span.from).0;
            let lasting = match seconds {
                seconds if seconds < 120 => format!("{seconds} s"),
                seconds => format!("{} min", seconds / 60),
            };
            let text = format!("{}, {lasting}: {}", span.authority.name(), span.cause);
            (span.from, text)
        })
        .collect()
}

/// The lines under the panels; `clock` writes a time.
pub(super) fn causes_text(modes: &[ModeSpan], clock: fn(Seconds) -> String) -> Vec<String> {
    let all = modes.iter().filter(|span| !span.cause.is_empty()).count();
    let mut lines: Vec<String> = numbered(modes)
        .into_iter()
        .enumerate()
        .map(|(index, (at, text))| format!("{}  {}  {text}", index + 1, clock(at)))
        .collect();
    if all > MOST_CAUSES {
        lines.push(format!("and {} more", all - MOST_CAUSES));
    }
    lines
}
