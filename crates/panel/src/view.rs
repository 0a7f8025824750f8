//! From what is gathered and what the device shows to what the page shows.

use homeostat_assembly::explanation::Sentences;
use homeostat_assembly::inspection::BuildError;
use homeostat_assembly::therapies::Therapy;
use homeostat_bedside::View;
use homeostat_bedside::view::{
    At, Band, Chart, Civil, Clock, Grade, Length, Mark, Measured, Next, Point, Quality, Series,
    Trend, TrendSign, Zone,
};
use homeostat_device::runtime::Shown;
use homeostat_device::service::{PeerAt, Started};
use homeostat_link::Part;
use homeostat_record::{Action, Cause, CycleEntry, Mode, Phase};

use crate::equipment::{self, Unchanging};
use crate::face::{Face, Figure, FigureOf, Variable};
use crate::insulin::Insulin;
use crate::memory::{Memory, Reading};
use crate::propofol::Propofol;
use crate::{alarms, delivery, ending, mode, offers};

/// How often a view is promised, in true time. Twice as long without one, and the page says that the
/// device does not answer.
pub(crate) const REPORT_WITHIN: Length = Length::seconds(1);

/// Marks that have room beside each other across the chart.
const MARKS_ACROSS: u64 = 12;

/// What people are shown of one running device.
pub struct Panel {
    face: Box<dyn Face>,
    memory: Memory,
    unchanging: Unchanging,
    speed: u32,
    contracts: Vec<PeerAt>,
}

/// All that a part of the view is made of.
#[derive(Clone, Copy)]
pub(crate) struct Scene<'s> {
    pub face: &'s dyn Face,
    pub memory: &'s Memory,
    pub shown: &'s Shown,
    pub now: At,
    contracts: &'s [PeerAt],
}

impl<'s> Scene<'s> {
    pub(crate) fn sentences(&self) -> Sentences<'s> {
        Sentences(self.face.vocabulary())
    }

    /// The contract of a part's link: how often it speaks, and how much later it may.
    pub(crate) fn speaks(&self, part: Part) -> (Length, Length) {
        let of = self.contracts.iter().find(|at| at.party.part == part).map(|at| at.speaks);
        of.map_or_else(
            || (Length::from(self.face.bounds().period), Length::default()),
            |of| (Length::from(of.period), Length::from(of.latency)),
        )
    }

    /// Whether somebody has stopped delivery and no cycle has taken it up yet.
    pub(crate) fn stopping(&self) -> bool {
        self.shown.waiting.people.iter().any(|person| person.action == Action::Stop)
    }
}

impl Panel {
    /// A panel of a device that has just been started.
    ///
    /// # Errors
    /// When its profile cannot be read; the device itself would not run with it.
    pub fn new(started: &Started, speed: u32, contracts: Vec<PeerAt>) -> Result<Self, BuildError> {
        let refused = |words: String| BuildError::Profile(words);
        let bytes = started.profile.profile();
        let therapy = started.profile.statement().therapy.as_str();
        let known = Therapy::NAMES.iter().find(|(name, _)| *name == therapy);
        let face: Box<dyn Face> = match known.map(|(_, therapy)| therapy) {
            Some(Therapy::Insulin) => homeostat_insulin::profile::Profile::parse(bytes)
                .map(|profile| Box::new(Insulin::new(&profile)) as Box<dyn Face>)
                .map_err(|error| refused(error.to_string()))?,
            Some(Therapy::Propofol) => homeostat_propofol::profile::Profile::parse(bytes)
                .map(|profile| Box::new(Propofol::new(&profile)) as Box<dyn Face>)
                .map_err(|error| refused(error.to_string()))?,
            None => return Err(refused(format!("therapy {therapy} is not known here"))),
        };
        let unchanging = Unchanging::of(started);
        let memory = Memory { start: started.start.consequence().words, ..Memory::default() };
        Ok(Self { face, memory, unchanging, speed, contracts })
    }

    /// Takes in a cycle: its record, and how the device was after it.
    pub fn cycle(&mut self, entry: &CycleEntry) {
        self.memory.cycle(&*self.face, entry);
    }

    fn scene<'s>(&'s self, shown: &'s Shown) -> Scene<'s> {
        let now = shown.moment.map_or_else(At::default, |moment| At::from(moment.now));
        let (face, memory, contracts) = (&*self.face, &self.memory, &*self.contracts);
        Scene { face, memory, shown, now, contracts }
    }

    /// What who takes over from a device that ends now must know (MOD-03, PWR-04).
    #[must_use]
    pub fn handed_over(&self, shown: &Shown) -> Vec<String> {
        let scene = self.scene(shown);
        ending::words(&scene, &measured(&scene, 0), &others(&scene))
    }

    /// What the page shows of a device that is so now.
    #[must_use]
    pub fn view(&self, shown: &Shown) -> View {
        let (moment, face, memory) = (shown.moment, &*self.face, &self.memory);
        let scene = self.scene(shown);
        let now = scene.now;
        let controlled = measured(&scene, 0);
        View {
            therapy: face.title().to_owned(),
            clock: Clock {
                boot: moment.map_or(0, |moment| moment.now.boot),
                now,
                civil: moment.and_then(|moment| moment.wall).map(Civil::from),
                zone: Zone { name: "UTC".to_owned(), minutes_east: 0 },
                speed: self.speed,
                report_within: REPORT_WITHIN,
            },
            mode: mode::shown(&scene),
            others: others(&scene),
            channels: delivery::channels(&scene),
            limits: delivery::limits(&scene),
            next: next(&scene),
            alarms: alarms::shown(&scene),
            chart: chart(&scene),
            history: memory.past.iter().cloned().collect(),
            handover: offers::handover(&scene, &controlled),
            offers: offers::offers(&scene),
            device: equipment::device(&scene, &self.unchanging),
            controlled,
        }
    }
}

/// The last that was said of a variable, what no cycle has taken yet included.
fn reading(scene: &Scene<'_>, variable: usize) -> Option<Reading> {
    let mut newest = scene.memory.readings.get(variable).cloned().flatten();
    for frame in &scene.shown.waiting.frames {
        let decoded = homeostat_record::SensorFrame::decode(frame.bytes.as_slice()).ok();
        let said = decoded.and_then(|decoded| scene.face.read(&decoded));
        if let Some(said) = said.filter(|said| said.variable == variable) {
            newest = Some(Reading { said, taken: At::from(frame.received) });
        }
    }
    newest
}

fn measured(scene: &Scene<'_>, number: usize) -> Measured {
    let (interval, allowance) = scene.speaks(Part::Sensor);
    let empty = Measured {
        name: String::new(),
        value: None,
        unit: String::new(),
        taken: None,
        interval,
        allowance,
        quality: Quality { grade: Grade::Poor, words: "nothing was heard".to_owned() },
        trend: None,
        aim: String::new(),
        alarm_limits: String::new(),
        place: String::new(),
    };
    let Some(variable) = scene.face.variables().get(number) else { return empty };
    let named = Measured {
        name: variable.name.to_owned(),
        unit: variable.unit.to_owned(),
        aim: variable.aim.clone(),
        alarm_limits: variable.alarm_limits.clone(),
        ..empty
    };
    let Some(Reading { said, taken }) = reading(scene, number) else { return named };
    let taken = Some(taken);
    match said.value {
        Err(why) => {
            let quality = Quality { grade: Grade::Poor, words: why.to_owned() };
            Measured { taken, quality, ..named }
        }
        Ok((value, text)) => Measured {
            value: Some(text),
            taken,
            quality: Quality { grade: grade(scene, number), words: said.quality },
            // A value that is not used has none.
            trend: trend(scene, variable, number).filter(|_| grade(scene, number) != Grade::Poor),
            place: place(variable, value),
            ..named
        },
    }
}

/// How good the supervisor's own watch holds the controlled variable to be.
fn grade(scene: &Scene<'_>, number: usize) -> Grade {
    let active = scene.shown.decision.active;
    let has = |causes: &[Cause]| number == 0 && causes.iter().any(|cause| active.has(*cause));
    if has(&[Cause::InputMissing, Cause::QualityPoor, Cause::InputImplausible])
        || has(&[Cause::ReferenceDisagrees, Cause::SensorNotReady, Cause::IdentityMismatch])
    {
        Grade::Poor
    } else if has(&[Cause::QualityReduced, Cause::ArtefactSuspected]) {
        Grade::Reduced
    } else {
        Grade::Good
    }
}

fn place(variable: &Variable, value: f64) -> String {
    let words = match variable.band {
        Some((low, _, _)) if value < low => "low",
        Some((_, high, _)) if value > high => "high",
        Some((_, _, name)) => name,
        None => "",
    };
    words.to_owned()
}

/// The change from the point that lies the trend's length back, if there is no gap between.
fn trend(scene: &Scene<'_>, variable: &Variable, number: usize) -> Option<Trend> {
    let rule = variable.trend;
    let curve = scene.memory.curves.get(number)?;
    let mut points = curve.points().rev();
    let Point(last, Some(end)) = *points.next()? else { return None };
    let mut first = None;
    for Point(at, value) in points {
        let (Some(value), true) = (value, at.age(last) <= Length(rule.over.0 * 3 / 2)) else {
            break;
        };
        first = Some((*at, *value));
        if at.age(last) >= rule.over {
            break;
        }
    }
    let (began, start) = first?;
    let minutes = began.age(last).0 as f64 / 60_000.0;
    if minutes <= 0.0 || began.age(last).0 * 3 < rule.over.0 {
        return None;
    }
    let slope = (end - start) / minutes;
    let (sign, word) = match slope {
        slope if slope >= rule.fast => (TrendSign::RisesFast, "rises fast"),
        slope if slope >= rule.moves => (TrendSign::Rises, "rises"),
        slope if slope <= -rule.fast => (TrendSign::FallsFast, "falls fast"),
        slope if slope <= -rule.moves => (TrendSign::Falls, "falls"),
        _ => (TrendSign::Steady, "steady"),
    };
    let unit = if variable.unit.is_empty() { "" } else { " " };
    let over = began.age(last).words();
    // Never a zero with a sign.
    let change = (end - start).round() + 0.0;
    let words = format!("{word}, {change:+.0}{unit}{} in {over}", variable.unit);
    Some(Trend { sign, words })
}

fn others(scene: &Scene<'_>) -> Vec<Measured> {
    let measured_too = (1..scene.face.variables().len()).map(|number| measured(scene, number));
    let last = scene.memory.last;
    let figures = last.map_or_else(Vec::new, |last| {
        let rationale = last.entry.proposal.map(|proposal| proposal.rationale);
        scene.face.figures(last.entry.decision.acting, rationale.as_ref())
    });
    let computed = figures.into_iter().map(|figure| figure_shown(scene, figure));
    measured_too.chain(computed).collect()
}

/// How far a figure is to be believed: a controller that has just begun anew knows little.
fn believed(scene: &Scene<'_>, of: FigureOf) -> Quality {
    let latched = scene.shown.decision.latched;
    let doubted = latched.has(Cause::ControllerFailed) || latched.has(Cause::OpinionDiffers);
    let (grade, words) = match of {
        FigureOf::Supervisor => (Grade::Good, "counted by the supervisor, the unknown as given"),
        FigureOf::Controller if doubted => (Grade::Poor, "the controller is not believed now"),
        FigureOf::Controller => (Grade::Good, "computed by the controller"),
    };
    Quality { grade, words: words.to_owned() }
}

fn figure_shown(scene: &Scene<'_>, figure: Figure) -> Measured {
    let interval = Length::from(scene.face.bounds().period);
    Measured {
        name: figure.name.to_owned(),
        value: Some(figure.value),
        unit: figure.unit.to_owned(),
        taken: scene.memory.last.map(|last| last.at),
        interval,
        allowance: Length(interval.0 / 5),
        quality: believed(scene, figure.source),
        trend: None,
        aim: String::new(),
        alarm_limits: String::new(),
        place: String::new(),
    }
}

/// What the device does next by itself: it takes up what people asked for, or it decides.
fn next(scene: &Scene<'_>) -> Option<Next> {
    let sentences = scene.sentences();
    let waits: Vec<String> =
        scene.shown.waiting.people.iter().map(|person| sentences.person(person)).collect();
    let words = if !waits.is_empty() {
        format!("It takes up: {};", waits.join(", "))
    } else {
        let words = match scene.shown.decision.phase {
            Phase::Off | Phase::Service => return None,
            Phase::SelfTest => "The self-test goes on",
            Phase::Standby => "It looks again",
            Phase::Manual => "The next part of what was set",
            Phase::Advisory => "It looks again",
            Phase::Automatic if scene.shown.decision.mode == Mode::FallbackBackground => {
                "The next part of the basic therapy"
            }
            Phase::Automatic => "The next decision",
        };
        words.to_owned()
    };
    Some(Next { words, at: At::from(scene.shown.due) })
}

fn chart(scene: &Scene<'_>) -> Chart {
    let face = scene.face;
    let Some(variable) = face.variables().first() else { return Chart::default() };
    let points = scene.memory.curves.first().map_or_else(Vec::new, |curve| {
        let (interval, allowance) = scene.speaks(Part::Sensor);
        let gap = interval.plus(allowance).max(face.reach().every.plus(face.reach().every));
        broken(curve.points().copied(), gap)
    });
    let curve = Series {
        name: variable.name.to_owned(),
        unit: variable.unit.to_owned(),
        steps: false,
        points,
    };
    let used = face.bounds().limits.iter().zip(&scene.memory.rates).enumerate();
    let lower =
        used.filter(|(_, (limits, _))| limits.label_max.0 > 0).map(|(channel, (_, rates))| {
            let (name, unit) = face.drug(channel);
            Series {
                name: name.to_owned(),
                unit: unit.to_owned(),
                steps: true,
                points: rates.points().copied().collect(),
            }
        });
    let band = variable.band.map(|(low, high, name)| Band { name: name.to_owned(), low, high });
    Chart {
        summary: summary(variable, &curve.points),
        lower: lower.collect(),
        bands: band.into_iter().collect(),
        marks: spaced(scene, &curve.points),
        upper: vec![curve],
    }
}

/// The marks whose words have room: of two that stand too close the later one.
fn spaced(scene: &Scene<'_>, points: &[Point]) -> Vec<Mark> {
    let Some((first, last)) = points.first().zip(points.last()) else { return Vec::new() };
    let apart = Length(first.0.age(last.0).0 / MARKS_ACROSS);
    let mut kept: Vec<Mark> = Vec::new();
    for mark in scene.memory.marks.iter().rev().filter(|mark| mark.at >= first.0) {
        if kept.last().is_none_or(|later| mark.at.age(later.at) >= apart) {
            kept.push(mark.clone());
        }
    }
    kept.reverse();
    kept
}

/// A line is broken where points lie further apart than they may.
fn broken(points: impl Iterator<Item = Point>, gap: Length) -> Vec<Point> {
    let mut line: Vec<Point> = Vec::new();
    for point in points {
        if let Some(Point(before, Some(_))) = line.last()
            && before.age(point.0) > gap
        {
            line.push(Point(At(before.0.saturating_add(1)), None));
        }
        line.push(point);
    }
    line
}

fn summary(variable: &Variable, points: &[Point]) -> String {
    let values = || points.iter().filter_map(|Point(_, value)| *value);
    let name = variable.name;
    let Some((first, last)) = points.first().zip(points.last()) else {
        return format!("{name}: no value since the device was started.");
    };
    let (Some(least), Some(most)) =
        (values().min_by(f64::total_cmp), values().max_by(f64::total_cmp))
    else {
        return format!("{name}: no usable value since the device was started.");
    };
    let unit = if variable.unit.is_empty() { "" } else { " " };
    format!(
        "{name} in the last {}: lowest {least:.0}, highest {most:.0}{unit}{}; delivery below.",
        first.0.age(last.0).words(),
        variable.unit,
    )
}
