//! Propofol anaesthesia as people in the room know it.

use homeostat_assembly::explanation::Vocabulary;
use homeostat_assembly::propofol::explanation::vocabulary;
use homeostat_bedside::view::{Entry, Length, Scale, Statement, What};
use homeostat_propofol::course::{OPIOID, PRECONDITIONS, STAGE, STIMULATION};
use homeostat_propofol::profile::{Content, IDENTITIES_MAX, Profile};
use homeostat_propofol::sensing::{INDEX, INDEX_UNIT, MMHG, PRESSURE};
use homeostat_propofol::watch::Supervised;
use homeostat_record::{CHANNELS, List, Mode, Phase, Rationale, SensorFrame, StatusFlags, Steps};

use crate::face::{
    Bounds, Draft, Face, Figure, FigureOf, Reach, Said, Trending, Variable, decimal,
};

pub(crate) struct Propofol {
    content: Content,
    words: Box<dyn Vocabulary + Send>,
    bounds: Bounds,
    variables: Vec<Variable>,
}

impl Propofol {
    pub(crate) fn new(profile: &Profile) -> Self {
        let content = *profile.content();
        let level = |milli: u32| f64::from(milli) / 1_000.0;
        let (low, high) = (level(content.index.low.0), level(content.index.high.0));
        let deep = level(content.index.deep.0);
        let index = Variable {
            name: "Index of hypnosis",
            unit: "",
            aim: format!("{:.0}", level(content.index.target.0)),
            alarm_limits: format!("below {deep:.0}, above {high:.0}"),
            band: Some((low, high, "within limits")),
            trend: Trending { over: Length::minutes(1), moves: 5.0, fast: 15.0 },
        };
        let pressure = Variable {
            name: "Mean arterial pressure",
            unit: "mmHg",
            aim: String::new(),
            alarm_limits: format!("below {} mmHg", content.pressure.stop.0),
            band: Some((f64::from(content.pressure.low.0), f64::MAX, "within limits")),
            trend: Trending { over: Length::minutes(3), moves: 3.0, fast: 10.0 },
        };
        let connected = content.identities.lines.iter().next().is_some();
        Self {
            content,
            words: Box::new(vocabulary(profile)),
            bounds: Bounds::of(
                &Supervised::new(profile),
                content.times.period.0,
                content.delivery.step.0,
            ),
            variables: [index].into_iter().chain(connected.then_some(pressure)).collect(),
        }
    }

    /// The steady rate of so many micrograms per kilogram and second, mg/h.
    fn hourly(&self, per_kilogram: u32) -> u32 {
        let micrograms = u64::from(per_kilogram) * u64::from(self.content.person.weight.0) / 1_000;
        u32::try_from(micrograms * 3_600 / 1_000).unwrap_or(u32::MAX)
    }

    fn bolus(&self) -> Draft {
        let (bounds, most) = (&self.bounds, self.bounds.limits[0].request_max);
        let most = bounds.amount(most, 0);
        Draft {
            id: "bolus",
            name: "Propofol bolus",
            help: "Given whole or refused, never reduced.",
            what: What::Request(0),
            unit: "mg",
            scale: bounds.amounts(),
            step: decimal(1, 0),
            range: [decimal(1, 0), most],
            usual: [decimal(5, 0), most],
            read_back: "Give a bolus of {amount} of propofol now.",
        }
    }

    fn rate(&self) -> Draft {
        let bounds = &self.bounds;
        Draft {
            id: "rate",
            name: "Propofol rate",
            help: "Runs in manual operation until you change it.",
            what: What::SetManual(0),
            unit: "mg/h",
            scale: bounds.rates(),
            step: decimal(1, 0),
            range: [decimal(0, 0), bounds.hourly(bounds.limits[0].cycle_max, 0)],
            usual: [decimal(0, 0), decimal(self.hourly(self.content.delivery.asleep_most.0), 0)],
            read_back: "Run propofol at {amount} in manual operation.",
        }
    }
}

fn opioid() -> Draft {
    Draft {
        id: "opioid",
        name: "Opioid given",
        help: "An opioid that you have given; it is told to the loop and counts for no limit.",
        what: What::Announce(OPIOID),
        unit: "\u{b5}g",
        scale: Scale { numerator: 1, denominator: 1 },
        step: decimal(1, 0),
        range: [decimal(1, 0), decimal(2_000, 0)],
        usual: [decimal(5, 0), decimal(300, 0)],
        read_back: "Tell the loop that {amount} of an opioid were given.",
    }
}

fn statement(id: &str, name: &str, words: &str, kind: u8, amount: u32) -> Statement {
    Statement { id: id.to_owned(), name: name.to_owned(), words: words.to_owned(), kind, amount }
}

impl Face for Propofol {
    fn title(&self) -> &'static str {
        "Closed-loop propofol anaesthesia"
    }

    fn vocabulary(&self) -> &dyn Vocabulary {
        &*self.words
    }

    fn bounds(&self) -> &Bounds {
        &self.bounds
    }

    fn variables(&self) -> &[Variable] {
        &self.variables
    }

    fn reach(&self) -> Reach {
        Reach { back: Length::minutes(60), every: Length::seconds(15) }
    }

    fn drug(&self, _channel: usize) -> (&'static str, &'static str) {
        ("Propofol", "mg/h")
    }

    fn read(&self, frame: &SensorFrame) -> Option<Said> {
        let identities = &self.content.identities;
        let number = f64::from(frame.value_thousandths) / 1_000.0;
        let said = |flags| frame.status.any(flags);
        let unusable = if said(StatusFlags::DEMONSTRATION) {
            Some("demonstration data are never used")
        } else if said(StatusFlags::MALFUNCTION) {
            Some("the source reports a malfunction")
        } else if said(StatusFlags::SESSION_ENDED | StatusFlags::WARM_UP) {
            Some("the source is not ready")
        } else {
            None
        };
        let known = |sources: &List<u32, IDENTITIES_MAX>| {
            sources.iter().any(|source| *source == frame.source) && !said(StatusFlags::BACKFILL)
        };
        match (frame.quantity, frame.unit) {
            (INDEX, INDEX_UNIT) if known(&identities.monitors) => {
                let unusable = unusable.or((number < 0.0).then_some("the monitor computes none"));
                let value = unusable.map_or(Ok((number, format!("{number:.0}"))), Err);
                let [muscle, suppression] = frame.detail;
                let mut quality = match frame.quality {
                    percent @ 0..=100 => format!("signal {percent} %, muscle {muscle} dB"),
                    _ => "signal quality unknown".to_owned(),
                };
                if (1..=100).contains(&suppression) {
                    quality.push_str(&format!(", suppression {suppression} %"));
                }
                Some(Said { variable: 0, value, quality })
            }
            (PRESSURE, MMHG) if known(&identities.lines) => {
                let value = unusable.map_or(Ok((number, format!("{number:.0}"))), Err);
                Some(Said { variable: 1, value, quality: String::new() })
            }
            _ => None,
        }
    }

    fn figures(&self, _acting: [Steps; CHANNELS], rationale: Option<&Rationale>) -> Vec<Figure> {
        let Some(rationale) = rationale else { return Vec::new() };
        let [effect, plasma, ..] = rationale.figures;
        let concentration = |name, value: i32| Figure {
            name,
            value: format!("{:.2}", f64::from(value) / 1_000.0),
            unit: "\u{b5}g/mL",
            source: FigureOf::Controller,
        };
        vec![
            concentration("Effect site, propofol", effect),
            concentration("Plasma, propofol", plasma),
        ]
    }

    fn doing(&self, mode: Mode) -> &'static str {
        match mode {
            Mode::Off => "It orders nothing. The pump stands still.",
            Mode::SelfTest => "It tests itself, its record and its links. It orders nothing.",
            Mode::Standby => "It shows the index and gives no propofol.",
            Mode::Manual => "It runs the rate that you set, within the limits.",
            Mode::Advisory => "It proposes a rate and changes nothing until you confirm.",
            Mode::Automatic => "It sets propofol every few seconds within the limits.",
            Mode::AutomaticLimited => "It may reduce propofol but not raise it.",
            Mode::FallbackBackground => "It holds the last effect-site level.",
            Mode::FallbackSuspend => "It orders no propofol. Without it anaesthesia will lighten.",
            Mode::FailStop => {
                "It orders nothing more. When its last order has run out, the pump stands still."
            }
            Mode::Service => "It is being serviced. It orders nothing.",
            Mode::Handover => "The loop has ended. It runs what stands under delivery.",
        }
    }

    fn to_do(&self, mode: Mode) -> &'static str {
        match mode {
            Mode::Off => "Give the anaesthetic by your own means.",
            Mode::SelfTest => "Wait for the end of the self-test.",
            Mode::Standby => "State the preconditions, then choose manual or automatic.",
            Mode::Manual => "Judge depth and circulation and set the rate yourself.",
            Mode::Advisory => "Read the proposal and confirm it, or let it expire.",
            Mode::Automatic => "Stay with the patient. Announce stages and stimuli.",
            Mode::AutomaticLimited | Mode::FallbackBackground => {
                "Judge depth yourself. Check electrodes and monitor."
            }
            Mode::FallbackSuspend => "Treat circulation; be ready to give propofol by hand.",
            Mode::FailStop => "Give the anaesthetic by hand now. Have the device checked.",
            Mode::Service => "Do not connect a patient.",
            Mode::Handover => "Read what you take over, then set a rate at once.",
        }
    }

    fn reverted(&self) -> Option<Steps> {
        None
    }

    fn entries(&self, phase: Phase) -> Vec<Entry> {
        let given = || Draft {
            id: "given",
            name: "Given by hand",
            help: "Propofol that you gave by other means; it counts for every limit.",
            what: What::Given(0),
            read_back: "Book {amount} of propofol as given by hand.",
            ..self.bolus()
        };
        let drafts: Vec<Draft> = match phase {
            Phase::Off | Phase::SelfTest | Phase::Service => Vec::new(),
            Phase::Standby => vec![given(), opioid()],
            Phase::Manual => vec![self.bolus(), self.rate(), given(), opioid()],
            Phase::Advisory | Phase::Automatic => vec![self.bolus(), given(), opioid()],
        };
        drafts.into_iter().map(Draft::entry).collect()
    }

    fn statements(&self, phase: Phase) -> Vec<Statement> {
        if matches!(phase, Phase::Off | Phase::SelfTest | Phase::Service) {
            return Vec::new();
        }
        let ready = format!(
            "States that the airway is managed, the line is checked and a clinician is present. It \
             holds for {} min. A clinician's PIN is needed.",
            self.content.times.ready.0 / 60
        );
        vec![
            statement("preconditions", "Preconditions", &ready, PRECONDITIONS, 1),
            statement("induction", "Begin induction", "Announces the induction.", STAGE, 1),
            statement("maintenance", "Maintenance", "Announces the maintenance.", STAGE, 2),
            statement(
                "emergence",
                "Emergence",
                "Ends propofol and lets the patient wake.",
                STAGE,
                3,
            ),
            statement("intubation", "Intubation", "Announces the intubation.", STIMULATION, 1),
            statement("incision", "Incision", "Announces the incision.", STIMULATION, 2),
            statement("stimulus", "Stimulus", "Announces another stimulus.", STIMULATION, 3),
        ]
    }
}
