//! What surgery does to the index: profiles of points in time, linear in between, added to it.

use super::units::{BispectralIndex, Seconds};
use crate::random::{Seed, Stream};
use homeostat_numeric::{max, min};

/// A course of stimulation; zero before its first and after its last point.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Stimulus {
    points: Vec<(f64, f64)>,
}

/// Struys 2004, as minute and addition to the index.
const STRUYS: [(f64, f64); 25] = [
    (9.9, 0.0),
    (10.0, 20.0),
    (12.0, 20.0),
    (13.0, 0.0),
    (19.9, 0.0),
    (20.2, 20.0),
    (21.0, 20.0),
    (21.5, 0.0),
    (26.0, -20.0),
    (27.0, 20.0),
    (28.0, 10.0),
    (36.0, 10.0),
    (37.0, 30.0),
    (37.5, 30.0),
    (38.0, 10.0),
    (41.0, 10.0),
    (41.5, 30.0),
    (42.0, 30.0),
    (43.0, 10.0),
    (47.0, 10.0),
    (47.5, 30.0),
    (50.0, 30.0),
    (51.0, 10.0),
    (56.0, 10.0),
    (56.5, 0.0),
];
/// Dumont 2009.
const DUMONT: [(f64, f64); 10] = [
    (19.9, 0.0),
    (20.0, 20.0),
    (23.0, 20.0),
    (24.0, 15.0),
    (26.0, 12.5),
    (30.0, 10.5),
    (37.0, 10.0),
    (40.0, 4.0),
    (45.0, 0.5),
    (50.0, 0.0),
];
/// Ten points higher from minute 10 to minute 20.
const STEP: [(f64, f64); 4] = [(10.0, 0.0), (10.0, 10.0), (20.0, 10.0), (20.0, 0.0)];

/// A kind of course, by name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Profile {
    /// No stimulus.
    #[default]
    None,
    /// Struys et al. 2004.
    Struys,
    /// Dumont et al. 2009.
    Dumont,
    /// Ten points for ten minutes.
    Step,
    /// Plateaus at random, another course for each subject.
    Random,
}

impl Profile {
    /// Every kind.
    pub const ALL: [Self; 5] = [Self::None, Self::Struys, Self::Dumont, Self::Step, Self::Random];

    /// The name on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Struys => "struys",
            Self::Dumont => "dumont",
            Self::Step => "step",
            Self::Random => "random",
        }
    }

    /// The kind of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|profile| profile.name() == name)
    }

    /// The course of a subject; the seed and the length matter to a random one alone.
    #[must_use]
    pub fn course(self, subject: &str, seed: Seed, until: Seconds) -> Stimulus {
        match self {
            Self::None => Stimulus::none(),
            Self::Struys => Stimulus::struys(),
            Self::Dumont => Stimulus::dumont(),
            Self::Step => Stimulus::step(),
            Self::Random => Stimulus::random(until, &mut seed.stream(subject, "stimulus")),
        }
    }
}

impl Stimulus {
    /// No stimulus.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// The profile of Struys et al. 2004: intubation, incision, a quiet spell, surgery, closure.
    #[must_use]
    pub fn struys() -> Self {
        Self { points: STRUYS.to_vec() }
    }

    /// The profile of Dumont et al. 2009: one incision and its long tail.
    #[must_use]
    pub fn dumont() -> Self {
        Self { points: DUMONT.to_vec() }
    }

    /// Ten points for ten minutes.
    #[must_use]
    pub fn step() -> Self {
        Self { points: STEP.to_vec() }
    }

    /// Plateaus at random until a time: quiet for 2 to 12 minutes, then 5 to 30 points within 6 to 60 s,
    /// for 0.5 to 8 minutes, gone within 0.5 to 3 minutes. The figures are ours, shaped after the two
    /// published profiles.
    #[must_use]
    pub fn random(until: Seconds, stream: &mut Stream) -> Self {
        let mut points = Vec::new();
        let mut minute = 0.0;
        loop {
            minute += stream.between(2.0, 12.0);
            // Drawn in any case, so that a later end only adds.
            let (rise, height) = (stream.between(0.1, 1.0), stream.between(5.0, 30.0));
            let (lasting, fall) = (stream.between(0.5, 8.0), stream.between(0.5, 3.0));
            let ended = minute * 60.0 >= until.0 || until.0.is_nan();
            if ended || points.len() >= MOST_POINTS {
                return Self { points };
            }
            points.push((minute, 0.0));
            points.push((minute + rise, height));
            points.push((minute + rise + lasting, height));
            minute += rise + lasting + fall;
            points.push((minute, 0.0));
        }
    }

    /// The last moment before anything is added to the index; `None` if nothing ever is.
    #[must_use]
    pub fn begins(&self) -> Option<Seconds> {
        let first = self.points.iter().position(|(_, value)| *value != 0.0)?;
        let (minute, _) = self.points.get(first.saturating_sub(1))?;
        Some(Seconds(60.0 * minute))
    }

    /// What is added to the index at a time since the start.
    #[must_use]
    pub fn at(&self, time: Seconds) -> BispectralIndex {
        let minute = time.0 / 60.0;
        // The first point that is later; at a jump (two points of one time) the later value holds.
        let next = self.points.partition_point(|point| point.0 <= minute);
        let Some(&(from, low)) = next.checked_sub(1).and_then(|last| self.points.get(last)) else {
            return BispectralIndex(0.0);
        };
        let Some(&(to, high)) = self.points.get(next) else {
            return BispectralIndex(0.0);
        };
        let part = min(1.0, max(0.0, (minute - from) / (to - from)));
        BispectralIndex(low + part * (high - low))
    }
}

/// A year of operations; beyond, a length is a mistake.
const MOST_POINTS: usize = 100_000;

#[cfg(test)]
mod tests {
    use super::*;

    fn at(profile: &Stimulus, minute: f64) -> f64 {
        profile.at(Seconds(60.0 * minute)).0
    }

    #[test]
    fn published_profiles_pass_their_points() {
        let struys = Stimulus::struys();
        for (minute, value) in STRUYS {
            assert!((at(&struys, minute) - value).abs() < 1e-9, "minute {minute}");
        }
        assert!((at(&struys, 26.5) - 0.0).abs() < 1e-9);
        assert!((at(&struys, 12.25) - 15.0).abs() < 1e-9);
        assert_eq!((at(&struys, 0.0), at(&struys, 100.0)), (0.0, 0.0));
        let dumont = Stimulus::dumont();
        assert!((at(&dumont, 21.0) - 20.0).abs() < 1e-9);
        assert!((at(&dumont, 25.0) - 13.75).abs() < 1e-9);
        let step = Stimulus::step();
        let found = [9.99, 10.0, 15.0, 19.99, 20.0].map(|minute| at(&step, minute));
        assert_eq!(found, [0.0, 10.0, 10.0, 10.0, 0.0]);
        assert_eq!(at(&Stimulus::none(), 30.0), 0.0);
    }

    #[test]
    fn a_stimulus_begins_where_it_leaves_zero() {
        let begins = |profile: Stimulus| profile.begins().map(|at| at.0);
        assert_eq!(begins(Stimulus::struys()), Some(594.0));
        assert_eq!(begins(Stimulus::dumont()), Some(60.0 * 19.9));
        assert_eq!(begins(Stimulus::step()), Some(600.0));
        assert_eq!(begins(Stimulus::none()), None);
    }

    #[test]
    fn random_profiles_repeat_differ_and_stay_in_range() {
        let of = |subject, until| Profile::Random.course(subject, Seed(3), Seconds(until));
        let (one, same) = (of("a", 7200.0), of("a", 7200.0));
        assert_eq!(one, same);
        assert_ne!(one, of("b", 7200.0));
        let longer = of("a", 14_400.0);
        assert_eq!(longer.points[..one.points.len()], one.points[..]);
        assert!(one.points.len() >= 4 * 4);
        for minute in 0..200 {
            let value = at(&one, f64::from(minute));
            assert!((0.0..=30.0).contains(&value), "{value}");
        }
        assert_eq!(of("a", f64::NAN), Stimulus::none());
        for profile in Profile::ALL {
            assert_eq!(Profile::named(profile.name()), Some(profile));
        }
        assert_eq!(Profile::named("loud"), None);
        assert_eq!(Profile::Struys.course("a", Seed(1), Seconds(1.0)), Stimulus::struys());
    }
}
