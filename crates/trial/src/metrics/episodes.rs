//! Episodes of low and high glucose.
//!
//! **The rule** (consensus, Danne and others 2017; Battelino and others 2023): an episode begins
//! with the first reading beyond its threshold once glucose has stayed there for 15 minutes, and
//! ends with the first reading back on the near side once glucose has stayed *there* for 15
//! minutes. A prolonged episode needs 120 minutes to count. A gap of more than 45 minutes ends an
//! episode where its last reading stops standing. Half a minute of clock jitter is forgiven.

use serde::{Deserialize, Serialize};

use super::series::Series;
use super::units::{Glucose, Seconds};

const LONGEST_GAP: Seconds = Seconds::from_minutes(45);
const JITTER: i64 = 30;
const RECOVERY: i64 = 900;

/// What kind of episode is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum EpisodeKind {
    /// Below 70 mg/dL for at least 15 minutes (level 2 episodes count here too).
    Low,
    /// Below 54 mg/dL for at least 15 minutes.
    VeryLow,
    /// Below 70 mg/dL for at least 120 minutes.
    ProlongedLow,
    /// Above 180 mg/dL for at least 15 minutes (level 2 episodes count here too).
    High,
    /// Above 250 mg/dL for at least 15 minutes.
    VeryHigh,
    /// Above 250 mg/dL for at least 120 minutes.
    ProlongedHigh,
}

impl EpisodeKind {
    /// All kinds, low ones first.
    pub const ALL: [Self; 6] = [
        Self::Low,
        Self::VeryLow,
        Self::ProlongedLow,
        Self::High,
        Self::VeryHigh,
        Self::ProlongedHigh,
    ];

    fn beyond(self, mg_dl: f64) -> bool {
        match self {
            Self::Low | Self::ProlongedLow => mg_dl < 70.0,
            Self::VeryLow => mg_dl < 54.0,
            Self::High => mg_dl > 180.0,
            Self::VeryHigh | Self::ProlongedHigh => mg_dl > 250.0,
        }
    }

    const fn shortest(self) -> i64 {
        match self {
            Self::ProlongedLow | Self::ProlongedHigh => 7_200,
            Self::Low | Self::VeryLow | Self::High | Self::VeryHigh => 900,
        }
    }

    const fn is_low(self) -> bool {
        matches!(self, Self::Low | Self::VeryLow | Self::ProlongedLow)
    }
}

/// One episode.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Episode {
    /// What kind.
    pub kind: EpisodeKind,
    /// The first reading beyond the threshold.
    pub start: Seconds,
    /// The first reading back, or the end of what is known.
    pub end: Seconds,
    /// The lowest (of low episodes) or highest reading.
    pub extreme: Glucose,
}

impl Episode {
    /// How long the episode lasted.
    #[must_use]
    pub fn duration(&self) -> Seconds {
        self.end.since(self.start)
    }
}

/// All episodes of one kind, in time order.
#[must_use]
pub fn episodes(series: &Series, kind: EpisodeKind) -> Vec<Episode> {
    let mut found = Vec::new();
    for run in series.runs(LONGEST_GAP) {
        let mut search = Search { kind, shortest_away: 0, candidate: None, back_since: None };
        let mut until = Seconds(0);
        for (sample, stand) in series.samples()[run.clone()].iter().zip(&series.stands()[run]) {
            search.step(sample.at, sample.glucose, &mut found);
            until = Seconds(sample.at.0.saturating_add(stand.0));
        }
        search.finish(until, &mut found);
    }
    found
}

struct Candidate {
    start: Seconds,
    extreme: f64,
}

/// One pass over a run without gaps.
struct Search {
    kind: EpisodeKind,
    /// The longest unbroken stay beyond the threshold so far, in seconds.
    shortest_away: i64,
    candidate: Option<Candidate>,
    /// Where glucose came back, while an episode that already counts waits to end.
    back_since: Option<Seconds>,
}

impl Search {
    fn counts(&self) -> bool {
        self.shortest_away + JITTER >= self.kind.shortest()
    }

    fn step(&mut self, at: Seconds, glucose: Glucose, found: &mut Vec<Episode>) {
        if let Some(back) = self.back_since
            && at.since(back).0 + JITTER >= RECOVERY
        {
            self.close(back, found);
        }
        let value = glucose.mg_dl();
        let Some(candidate) = &mut self.candidate else {
            if self.kind.beyond(value) {
                self.candidate = Some(Candidate { start: at, extreme: value });
            }
            return;
        };
        if self.back_since.is_none() {
            self.shortest_away = self.shortest_away.max(at.since(candidate.start).0);
        }
        if self.kind.beyond(value) {
            candidate.extreme = if self.kind.is_low() {
                homeostat_numeric::min(candidate.extreme, value)
            } else {
                homeostat_numeric::max(candidate.extreme, value)
            };
            self.back_since = None;
        } else if !self.counts() {
            self.candidate = None;
            self.shortest_away = 0;
        } else if self.back_since.is_none() {
            self.back_since = Some(at);
        }
    }

    fn finish(&mut self, until: Seconds, found: &mut Vec<Episode>) {
        let Some(candidate) = &self.candidate else { return };
        if self.back_since.is_none() {
            self.shortest_away = self.shortest_away.max(until.since(candidate.start).0);
        }
        if self.counts() {
            self.close(self.back_since.unwrap_or(until), found);
        }
    }

    fn close(&mut self, end: Seconds, found: &mut Vec<Episode>) {
        if let Some(Candidate { start, extreme }) = self.candidate.take() {
            let extreme = Glucose::from_mg_dl(extreme);
            found.push(Episode { kind: self.kind, start, end, extreme });
        }
        self.shortest_away = 0;
        self.back_since = None;
    }
}

/// How many episodes of each kind a series holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EpisodeCounts {
    /// Below 70 mg/dL, 15 minutes or more.
    pub low: usize,
    /// Below 54 mg/dL, 15 minutes or more.
    pub very_low: usize,
    /// Below 70 mg/dL, 120 minutes or more.
    pub prolonged_low: usize,
    /// Above 180 mg/dL, 15 minutes or more.
    pub high: usize,
    /// Above 250 mg/dL, 15 minutes or more.
    pub very_high: usize,
    /// Above 250 mg/dL, 120 minutes or more.
    pub prolonged_high: usize,
}

/// Counts the episodes of every kind.
#[must_use]
pub fn count_episodes(series: &Series) -> EpisodeCounts {
    let count = |kind| episodes(series, kind).len();
    EpisodeCounts {
        low: count(EpisodeKind::Low),
        very_low: count(EpisodeKind::VeryLow),
        prolonged_low: count(EpisodeKind::ProlongedLow),
        high: count(EpisodeKind::High),
        very_high: count(EpisodeKind::VeryHigh),
        prolonged_high: count(EpisodeKind::ProlongedHigh),
    }
}
