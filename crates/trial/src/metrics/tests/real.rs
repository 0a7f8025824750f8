//! Real readings of five people, where the data are at hand, against two independent sources: a
//! separate program that applies the module's rules, and the figures that `iglu` (per reading)
//! gives for the same file.

use std::path::PathBuf;

use super::*;

/// The file of real readings: under `HOMEOSTAT_DATA`, or beside the workspace.
fn real_file() -> Option<PathBuf> {
    let beside = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data");
    let folder = std::env::var("HOMEOSTAT_DATA").unwrap_or_else(|_| beside.to_owned());
    let file = PathBuf::from(folder).join("cgm/real_cgm_5_subjects.csv");
    if file.is_file() {
        return Some(file);
    }
    println!("skipped: real CGM data not found; set HOMEOSTAT_DATA to the folder that holds cgm/");
    None
}

fn subjects(weighting: Weighting) -> Option<Vec<Series>> {
    let bytes = std::fs::read(real_file()?).expect("readable");
    let options = crate::exports::Options::default();
    let export = crate::exports::read_export("real.csv", &bytes, &options).expect("a CGM file");
    let series = |trace: &crate::exports::SubjectTrace| trace.series(weighting).expect("in order");
    Some(export.subjects.iter().map(series).collect())
}

#[test]
fn sim_13_real_traces_agree_with_an_independent_program() {
    let Some(subjects) = subjects(Weighting::Time) else { return };
    // readings, active, mean, SD, TIR, TITR, low, very low, high, very high, LBGI, HBGI, MAGE, MODD
    let expected: [[f64; 14]; 5] = [
        [
            2915.0,
            79.826323,
            123.665328830,
            33.268093265,
            91.664274268,
            73.722087574,
            0.137138753,
            0.0,
            7.821140871,
            0.377446108,
            0.432052602,
            1.807344895,
            80.782536,
            28.107988,
        ],
        [
            2829.0,
            58.902319,
            218.452564869,
            52.371246250,
            26.440576902,
            3.358233139,
            0.0,
            0.0,
            47.472487070,
            26.086936028,
            0.004642476,
            16.194438532,
            116.160526,
            44.000450,
        ],
        [
            1533.0,
            92.112248,
            154.043655463,
            44.784797330,
            81.342090669,
            49.835473733,
            0.326225248,
            0.0,
            12.655799741,
            5.675884342,
            0.142303918,
            5.108670947,
            115.625,
            49.367188,
        ],
        [
            3664.0,
            98.673064,
            129.675864203,
            29.068249517,
            95.114514236,
            67.737195061,
            0.218382333,
            0.054595583,
            4.612507848,
            0.0,
            0.356244143,
            1.865932001,
            69.880793,
            24.845900,
        ],
        [
            2925.0,
            95.766578,
            174.607250931,
            58.575891347,
            62.119704528,
            30.118637712,
            0.102578481,
            0.0,
            26.496477569,
            11.281239422,
            0.194596783,
            8.895851497,
            145.159007,
            59.386635,
        ],
    ];
    assert_eq!(subjects.len(), expected.len());
    for (series, expected) in subjects.iter().zip(expected) {
        let summary = summarise(series).expect("readings");
        let ranges = summary.ranges;
        let found = [
            summary.readings as f64,
            summary.active.get(),
            summary.spread.mean.mg_dl(),
            summary.spread.standard_deviation.mg_dl(),
            ranges.target.get(),
            ranges.tight.get(),
            ranges.low.get(),
            ranges.very_low.get(),
            ranges.high.get(),
            ranges.very_high.get(),
            summary.risk.low,
            summary.risk.high,
            summary.mage.map_or(0.0, Glucose::mg_dl),
            summary.modd.map_or(0.0, Glucose::mg_dl),
        ];
        for (found, expected) in found.into_iter().zip(expected) {
            close(found, expected, 1e-6);
        }
    }
}

#[test]
fn sim_13_real_traces_agree_with_iglu() {
    let Some(subjects) = subjects(Weighting::EachReading) else { return };
    // mean, SD, CV, GMI, TIR, below 54, below 70, above 180, above 250, LBGI, HBGI, GRI, J-index
    let expected: [[f64; 13]; 5] = [
        [
            123.665523, 33.268076, 26.901658, 6.268079, 91.663808, 0.0, 0.137221, 8.198971,
            0.377358, 0.432052, 1.807362, 7.190395, 24.628155,
        ],
        [
            218.452810, 52.371109, 23.973648, 8.535391, 26.440438, 0.0, 0.0, 73.559562, 26.086957,
            0.004642, 16.194478, 79.717215, 73.345595,
        ],
        [
            154.041748, 44.783125, 29.072070, 6.994679, 81.343770, 0.0, 0.326158, 18.330072,
            5.675147, 0.142289, 5.108316, 19.986954, 39.531330,
        ],
        [
            129.674400, 29.067820, 22.416005, 6.411812, 95.114629, 0.054585, 0.272926, 4.612445,
            0.0, 0.356219, 1.865801, 4.377729, 25.199092,
        ],
        [
            174.607521, 58.576553, 33.547554, 7.486612, 62.119658, 0.0, 0.102564, 37.777778,
            11.282051, 0.194597, 8.895929, 39.494017, 54.374812,
        ],
    ];
    for (series, expected) in subjects.iter().zip(expected) {
        let summary = summarise(series).expect("readings");
        let found = [
            summary.spread.mean.mg_dl(),
            summary.spread.standard_deviation.mg_dl(),
            summary.spread.coefficient_of_variation.get(),
            summary.gmi.get(),
            summary.ranges.target.get(),
            summary.ranges.very_low.get(),
            summary.ranges.below_70().get(),
            summary.ranges.above_180().get(),
            summary.ranges.very_high.get(),
            summary.risk.low,
            summary.risk.high,
            summary.gri.index,
            summary.j_index,
        ];
        for (found, expected) in found.into_iter().zip(expected) {
            close(found, expected, 1e-6);
        }
    }
}

#[test]
fn sim_13_real_episodes_and_excursions_are_near_those_of_iglu() {
    let Some(subjects) = subjects(Weighting::Time) else { return };
    // Low, high and very high episodes and MAGE as iglu has them. It fills gaps by interpolation on
    // a grid and smooths before it looks for turning points, so equality is not expected.
    let expected = [
        (1, 16, 2, 72.42),
        (0, 21, 19, 118.07),
        (1, 9, 4, 115.78),
        (2, 13, 0, 70.86),
        (1, 38, 18, 142.29),
    ];
    for (series, (low, high, very_high, mage)) in subjects.iter().zip(expected) {
        let summary = summarise(series).expect("readings");
        let counts = summary.episodes;
        assert_eq!(counts.low, low);
        assert!(counts.high.abs_diff(high) <= 2, "{counts:?} against {high}");
        assert!(counts.very_high.abs_diff(very_high) <= 2, "{counts:?} against {very_high}");
        let ours = summary.mage.map_or(0.0, Glucose::mg_dl);
        assert!((ours / mage - 1.0).abs() < 0.13, "{ours} against {mage}");
    }
}
