//! Figures of small data, kept as files. `HOMEOSTAT_BLESS=1` rewrites them; look at them then.

use super::*;

fn check(name: &str, svg: &Svg) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/figures/tests/golden");
    let file = folder.join(format!("{name}.svg"));
    let drawn = svg.inline("");
    if std::env::var_os("HOMEOSTAT_BLESS").is_some() {
        std::fs::write(&file, &drawn).expect("golden files can be written");
    }
    let kept = std::fs::read_to_string(&file).expect("the golden file is kept");
    assert!(drawn == kept, "{name}.svg differs; HOMEOSTAT_BLESS=1 rewrites it, then look at it");
}

#[test]
fn sim_14_profile_is_drawn_byte_for_byte() {
    check("agp", &agp_figure(&profile(), AgpSize::Compact, "profile"));
}

#[test]
fn sim_14_ranges_are_drawn_byte_for_byte() {
    let row = |label: &str, starts_group| RangeRow {
        label: label.to_owned(),
        detail: "adults".to_owned(),
        ranges: ranges(),
        starts_group,
    };
    check("range_bars", &range_bars_figure(&[row("one", true), row("two", true)], "ranges"));
    check("range_column", &range_column_figure(&ranges(), "ranges"));
}

#[test]
fn sim_14_grid_is_drawn_byte_for_byte() {
    let arm = |name: &str, lowest, highest| CvgaArm {
        name: name.to_owned(),
        points: vec![("adult-01".to_owned(), point(lowest, highest))],
    };
    let arms = [arm("a", 95.0, 150.0), arm("b", 60.0, 500.0), arm("c", 80.0, 240.0)];
    assert_eq!(arms[1].points[0].1.zone, CvgaZone::E);
    check("cvga", &cvga_figure(&arms, "grid"));
}

#[test]
fn sim_14_risk_grid_is_drawn_byte_for_byte() {
    let risk = |very_low, low, high, very_high| {
        let of = Percent::new;
        let (very_low, low) = (of(very_low), of(low));
        let (high, very_high) = (of(high), of(very_high));
        GlycemiaRisk::of(&TimeInRanges { very_low, low, high, very_high, ..ranges() })
    };
    let arm = |name: &str, risk| GriArm {
        name: name.to_owned(),
        points: vec![("adult-01".to_owned(), risk)],
    };
    let arms = [
        arm("a", risk(0.0, 1.0, 10.0, 0.0)),
        arm("b", risk(5.0, 5.0, 0.0, 0.0)),
        arm("", risk(40.0, 0.0, 0.0, 60.0)),
    ];
    let zones: Vec<RiskZone> = arms.iter().map(|arm| arm.points[0].1.zone).collect();
    assert_eq!(zones, [RiskZone::A, RiskZone::B, RiskZone::E]);
    check("gri", &gri_figure(&arms, "risk"));
}

#[test]
fn sim_14_cohort_and_pictures_are_drawn_byte_for_byte() {
    let (one, two) = (saw(), saw().into_iter().map(|(at, v)| (at, mg_dl(v.mg_dl() + 20.0))));
    let two: Vec<(Seconds, Glucose)> = two.collect();
    check("envelope", &envelope_figure(&cohort_envelope(&[&one, &two], minutes(60)), "cohort"));
    let dense: Vec<(Seconds, Glucose)> =
        (0..48).map(|step| (minutes(30 * step), mg_dl(60.0 + 4.0 * step as f64))).collect();
    check("thumbnail", &thumbnail_figure(&dense, minutes(1440), "one day"));
}

#[test]
fn sim_14_trace_is_drawn_byte_for_byte() {
    check("trace", &trace_figure(&trace(), "trace"));
}
