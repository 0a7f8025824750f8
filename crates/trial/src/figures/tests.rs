use std::path::Path;

use super::*;
use crate::metrics::{Carbohydrate, CvgaPoint, Extremes, Sample, Series, Weighting};
use crate::metrics::{
    CvgaZone, DailyProfile, Glucose, GlycemiaRisk, Insulin, InsulinRate, Percent, RiskZone,
    Seconds, TimeInRanges, cohort_envelope, cvga_point,
};

mod golden;
mod hypnosis;
mod shape;

fn minutes(value: i64) -> Seconds {
    Seconds::from_minutes(value)
}

fn mg_dl(value: f64) -> Glucose {
    Glucose::from_mg_dl(value)
}

/// A day that rises and falls in straight lines, one reading an hour.
fn saw() -> Vec<(Seconds, Glucose)> {
    let value = |hour: i64| 60.0 + 12.0 * (hour % 12) as f64 + if hour == 20 { 130.0 } else { 0.0 };
    (0..24).map(|hour| (minutes(60 * hour), mg_dl(value(hour)))).collect()
}

fn profile() -> DailyProfile {
    let week = (0..7).flat_map(|day| {
        saw().into_iter().map(move |(at, value)| {
            (Seconds(at.0 + 60 * day), mg_dl(value.mg_dl() + 5.0 * day as f64))
        })
    });
    DailyProfile::of(week.filter(|(at, _)| at.0 < 18 * 3600))
}

fn ranges() -> TimeInRanges {
    TimeInRanges {
        very_low: Percent::new(0.02),
        low: Percent::new(2.98),
        target: Percent::new(75.0),
        high: Percent::new(18.0),
        very_high: Percent::new(4.0),
        tight: Percent::new(40.0),
    }
}

fn trace() -> PatientTrace {
    let rate = InsulinRate::from_units_per_hour;
    let span = |from, to, authority, cause: &str| ModeSpan {
        from: minutes(from),
        to: minutes(to),
        authority,
        cause: cause.to_owned(),
    };
    PatientTrace {
        subject: "adult-01".to_owned(),
        caption: "specimen".to_owned(),
        span: minutes(1440),
        glucose: saw(),
        sensor: saw().into_iter().step_by(2).collect(),
        basal: vec![(minutes(0), rate(0.8)), (minutes(600), rate(0.0)), (minutes(660), rate(1.2))],
        boluses: vec![
            (minutes(420), Insulin::from_units(4.5)),
            (minutes(720), Insulin::from_units(0.3)),
        ],
        limit: vec![(minutes(0), rate(2.0))],
        meals: vec![Meal {
            at: minutes(420),
            carbohydrate: Carbohydrate::from_grams(45.0),
            announced: false,
        }],
        modes: vec![
            span(0, 600, Authority::Full, ""),
            span(600, 660, Authority::Suspend, "predicted <70 mg/dL & falling"),
            span(660, 1440, Authority::Full, ""),
        ],
        limited: vec![minutes(425)],
    }
}

fn point(lowest: f64, highest: f64) -> CvgaPoint {
    let samples = [(0, lowest), (300, highest)]
        .map(|(at, value)| Sample { at: Seconds(at), glucose: mg_dl(value) })
        .to_vec();
    let series = Series::new(samples, Weighting::Time).expect("rising times");
    cvga_point(&series, Extremes::Whole).expect("readings")
}
