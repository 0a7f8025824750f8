//! What holds for every drawing.

use proptest::prelude::*;

use super::super::svg::{escaped, number};
use super::*;

/// Whether every element is closed in order. Enough of XML for what the builder writes.
fn well_formed(text: &str) -> bool {
    let mut open: Vec<&str> = Vec::new();
    for part in text.split('<').skip(1) {
        let Some((tag, rest)) = part.split_once('>') else { return false };
        if rest.contains('>') || tag.matches('"').count() % 2 == 1 {
            return false;
        }
        let name = tag.split([' ', '/']).find(|name| !name.is_empty()).unwrap_or("");
        if tag.starts_with('/') {
            if open.pop() != Some(name) {
                return false;
            }
        } else if !tag.ends_with('/') {
            open.push(name);
        }
    }
    open.is_empty()
}

#[test]
fn figures_of_nothing_are_whole_drawings() {
    let nothing = DailyProfile::of([]);
    for svg in [
        agp_figure(&nothing, AgpSize::Wide, "a"),
        range_bars_figure(&[], "b"),
        range_column_figure(&TimeInRanges::default(), "c"),
        range_strip_figure(&TimeInRanges::default(), "d"),
        cvga_figure(&[], "e"),
        gri_figure(&[], "i"),
        envelope_figure(&[], "f"),
        thumbnail_figure(&[], Seconds(0), "g"),
        trace_figure(&PatientTrace::default(), "h"),
    ] {
        assert!(well_formed(&svg.inline("x")), "{}", svg.inline("x"));
        assert!(!svg.inline("x").contains("NaN"));
    }
}

/// A point drawn in a zone's band has that zone: the grid's lines are the index's limits.
#[test]
fn the_risk_grid_parts_the_zones_where_the_index_does() {
    let risk = |low_component: f64, high_component: f64| {
        GlycemiaRisk::of(&TimeInRanges {
            very_low: Percent::new(low_component),
            low: Percent::new(0.0),
            high: Percent::new(0.0),
            very_high: Percent::new(high_component),
            ..ranges()
        })
    };
    let drawn = gri_figure(&[], "x").inline("");
    // Zone A ends at 20: 6.7 % of lows, 12.5 % of highs. The frame is 376 by 360 for 30 by 60 %.
    let corner = (52.0 + 376.0 * (20.0 / 3.0) / 30.0, 374.0 - 360.0 * 12.5 / 60.0);
    let path = format!("M{} 374L52 {}L52 374Z", number(corner.0), number(corner.1));
    assert!(drawn.contains(&format!("class=\"cell-a\" d=\"{path}\"")), "{drawn}");
    assert_eq!((risk(6.66, 0.0).zone, risk(6.68, 0.0).zone), (RiskZone::A, RiskZone::B));
    assert_eq!((risk(0.0, 12.49).zone, risk(0.0, 12.51).zone), (RiskZone::A, RiskZone::B));
}

#[test]
fn figures_stand_alone_with_their_style_and_fetch_nothing() {
    let file = trace_figure(&trace(), "a <trace> & \"more\"").standalone();
    assert!(file.starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\""));
    assert!(file.contains("aria-label=\"a &lt;trace&gt; &amp; &quot;more&quot;\""));
    assert!(file.contains("predicted &lt;70 mg/dL &amp; falling"));
    for outside in ["href", "url(", "@import", "<script"] {
        assert!(!file.contains(outside), "{outside}");
    }
}

#[test]
fn figures_write_numbers_in_one_form() {
    for (value, text) in [
        (0.0, "0"),
        (-0.04, "0"),
        (1.0, "1"),
        (1.25, "1.3"),
        (-1.26, "-1.3"),
        (f64::NAN, "0"),
        (f64::INFINITY, "0"),
        (1e9, "1000000000"),
    ] {
        assert_eq!(number(value), text);
    }
    assert_eq!(escaped("a\u{0}b"), "a\u{fffd}b");
}

#[test]
fn figures_have_round_ticks() {
    assert_eq!(nice_ticks(0.0, 1.0, 4), [0.0, 0.5, 1.0]);
    assert_eq!(nice_ticks(0.0, 97.0, 5), [0.0, 20.0, 40.0, 60.0, 80.0]);
    assert_eq!(nice_ticks(-3.0, 3.0, 6), [-3.0, -2.0, -1.0, 0.0, 1.0, 2.0, 3.0]);
    assert_eq!(nice_ticks(1.0, 1.0, 5), [] as [f64; 0]);
    assert_eq!(nice_ticks(f64::NAN, 1.0, 5), [] as [f64; 0]);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn figures_of_any_text_are_well_formed(text in "\\PC{0,40}", value in any::<f64>()) {
        let mut drawn = trace();
        drawn.modes[1].cause = text.clone();
        drawn.glucose = vec![(Seconds(0), mg_dl(value)), (Seconds(300), mg_dl(100.0))];
        let svg = trace_figure(&drawn, &text).inline("");
        prop_assert!(well_formed(&svg), "{svg}");
        prop_assert!(!svg.contains("NaN") && !svg.contains("inf"), "{svg}");
    }

    #[test]
    fn figures_have_ticks_inside_the_range(
        low in -1e4..1e4_f64,
        width in 1e-3..1e5_f64,
        wanted in 1_usize..12,
    ) {
        let ticks = nice_ticks(low, low + width, wanted);
        let slack = 1e-6 * width;
        prop_assert!(ticks.iter().all(|t| *t >= low - slack && *t <= low + width + slack));
        prop_assert!(ticks.len() <= wanted + 1);
    }
}
