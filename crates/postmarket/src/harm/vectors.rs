//! CVSS vectors of every version and their scores, computed and never taken on trust.

use cvss::Cvss;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Why a vector cannot be used.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("CVSS vector \"{vector}\": {reason}; expected a vector of CVSS 2.0, 3.0, 3.1 or 4.0")]
pub struct VectorError {
    /// What was given.
    pub vector: String,
    /// What is wrong with it.
    pub reason: String,
}

/// A score in whole tenths, 0 to 100: 7.5 is 75. Whole, so that records of it have one spelling.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Score(u8);

impl Score {
    fn of(value: f64) -> Self {
        // The crate computes in tenths with an error below 1e-9; the sum keeps to the nearest tenth.
        Self((value * 10.0 + 0.5) as u8)
    }

    /// Whole tenths.
    #[must_use]
    pub fn tenths(self) -> u8 {
        self.0
    }
}

impl fmt::Display for Score {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.0 / 10, self.0 % 10)
    }
}

/// A vector with its scores.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Scored {
    /// `2.0`, `3.0`, `3.1` or `4.0`.
    pub version: &'static str,
    /// The base score; of CVSS 4.0, which has but one, the score of all metrics that the vector gives.
    pub base: Score,
    /// CVSS 2 and 3: with exploit maturity, remediation and confidence.
    pub temporal: Option<Score>,
    /// CVSS 2 and 3: with the modified metrics and the requirements.
    pub environmental: Option<Score>,
}

impl Scored {
    /// The word for the base score: `none`, `low`, `medium`, `high`, `critical` (CVSS 2 has no critical).
    #[must_use]
    pub fn word(&self) -> &'static str {
        match (self.version, self.base.0) {
            ("2.0", 0..40) => "low",
            ("2.0", 40..70) => "medium",
            ("2.0", _) => "high",
            (_, 0) => "none",
            (_, 1..40) => "low",
            (_, 40..70) => "medium",
            (_, 70..90) => "high",
            _ => "critical",
        }
    }
}

/// Reads a vector and scores it.
///
/// # Errors
/// If it is no vector of CVSS 2.0, 3.0, 3.1 or 4.0, or lacks a base metric.
pub fn score(vector: &str) -> Result<Scored, VectorError> {
    let parsed: Cvss = vector.parse().map_err(|error: cvss::Error| VectorError {
        vector: vector.to_owned(),
        reason: error.to_string(),
    })?;
    complete(vector, &parsed)?;
    let old = |version, base: f64, temporal: f64, environmental: f64| Scored {
        version,
        base: Score::of(base),
        temporal: Some(Score::of(temporal)),
        environmental: Some(Score::of(environmental)),
    };
    Ok(match &parsed {
        Cvss::CvssV20(v) => old(
            "2.0",
            v.score().value(),
            v.temporal_score().value(),
            v.environmental_score().value(),
        ),
        Cvss::CvssV30(v) | Cvss::CvssV31(v) => old(
            if matches!(parsed, Cvss::CvssV30(_)) { "3.0" } else { "3.1" },
            v.base_score().value(),
            v.temporal_score().value(),
            v.environmental_score().value(),
        ),
        Cvss::CvssV40(v) => Scored {
            version: "4.0",
            base: Score::of(v.score().value()),
            temporal: None,
            environmental: None,
        },
        _ => {
            return Err(VectorError {
                vector: vector.to_owned(),
                reason: "a version that is not known here".to_owned(),
            });
        }
    })
}

/// A vector without all its base metrics, or with one twice, has no score: the crate would take what is missing as zero.
fn complete(vector: &str, parsed: &Cvss) -> Result<(), VectorError> {
    let needed: &[&str] = match parsed {
        Cvss::CvssV20(_) => &["AV", "AC", "Au", "C", "I", "A"],
        Cvss::CvssV40(_) => &["AV", "AC", "AT", "PR", "UI", "VC", "VI", "VA", "SC", "SI", "SA"],
        _ => &["AV", "AC", "PR", "UI", "S", "C", "I", "A"],
    };
    let refuse = |reason| Err(VectorError { vector: vector.to_owned(), reason });
    let mut seen: Vec<&str> =
        vector.split('/').filter_map(|p| Some(p.split_once(':')?.0)).collect();
    if let Some(missing) = needed.iter().find(|name| !seen.contains(name)) {
        return refuse(format!("the base metric {missing} is missing"));
    }
    seen.sort_unstable();
    match seen.windows(2).find(|pair| pair[0] == pair[1]) {
        Some(pair) => refuse(format!("the metric {} stands twice", pair[0])),
        None => Ok(()),
    }
}

/// The metric `name` of a vector, as written there.
pub(crate) fn metric<'a>(vector: &'a str, name: &str) -> Option<&'a str> {
    vector.split('/').find_map(|part| {
        let (key, value) = part.split_once(':')?;
        (key == name).then_some(value)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const PUBLISHED: &str = include_str!("../../testdata/cvss/published.csv");

    #[test]
    fn tst_01_published_vectors_of_every_version_score_as_published() {
        let mut versions = [0_usize; 4];
        for line in PUBLISHED.lines().filter(|line| !line.starts_with('#')) {
            let fields: Vec<&str> = line.split(',').collect();
            let scored = score(fields[0]).unwrap();
            let shown = [Some(scored.base), scored.temporal, scored.environmental];
            for (found, published) in shown.iter().zip(&fields[1..]) {
                if !published.is_empty() {
                    assert_eq!(found.unwrap().to_string(), *published, "{line}");
                }
            }
            let place = ["2.0", "3.0", "3.1", "4.0"].iter().position(|v| *v == scored.version);
            versions[place.unwrap()] += 1;
        }
        assert!(versions.iter().all(|count| *count >= 2), "{versions:?}");
        assert!(versions.iter().sum::<usize>() >= 150, "{versions:?}");
    }

    #[test]
    fn tst_03_what_is_no_vector_is_refused_with_the_reason() {
        for bad in [
            "",
            "high",
            "CVSS:3.1",
            "CVSS:3.1/AV:N",
            "CVSS:3.1/AV:Q/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
            "CVSS:5.0/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
            "CVSS:4.0/AV:N/AC:L",
            "CVSS:3.1/AV:N/AV:P/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
            "AV:N/AC:L/Au:N",
        ] {
            let error = score(bad).unwrap_err();
            assert_eq!(error.vector, bad);
            assert!(error.to_string().contains("expected a vector of CVSS"), "{error}");
        }
    }

    #[test]
    fn tst_01_words_follow_the_score() {
        let word = |vector| score(vector).unwrap().word();
        assert_eq!(word("AV:N/AC:L/Au:N/C:C/I:C/A:C"), "high");
        assert_eq!(word("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"), "critical");
        assert_eq!(word("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:N"), "none");
        assert_eq!(word("CVSS:3.1/AV:P/AC:L/PR:N/UI:N/S:U/C:N/I:H/A:N"), "medium");
    }
}
