//! Insulin delivery as people at the bed know it.

use homeostat_assembly::explanation::Vocabulary;
use homeostat_assembly::insulin::explanation::vocabulary;
use homeostat_bedside::view::{Entry, Length, Scale, Statement, What};
use homeostat_insulin::profile::{Content, Profile};
use homeostat_insulin::sensing::{GLUCOSE, MMOL_L};
use homeostat_insulin::units::{GlucoseMgDl, GlucoseMmolL};
use homeostat_insulin::watch::Supervised;
use homeostat_record::{CHANNELS, Mode, Phase, Rationale, SensorFrame, StatusFlags, Steps};

use crate::face::{
    Bounds, Draft, Face, Figure, FigureOf, Reach, Said, Trending, Variable, decimal,
};

/// The kind of announcement that is carbohydrate.
const CARBOHYDRATE: u8 = 1;

pub(crate) struct Insulin {
    content: Content,
    words: Box<dyn Vocabulary + Send>,
    bounds: Bounds,
    variables: [Variable; 1],
}

impl Insulin {
    pub(crate) fn new(profile: &Profile) -> Self {
        let content = *profile.content();
        let glucose = &content.glucose;
        let (low, high) = (glucose.hard_low.0, glucose.high.0);
        let variable = Variable {
            name: "Glucose",
            unit: "mg/dL",
            aim: format!("{} mg/dL", glucose.target.0),
            alarm_limits: format!(
                "below {low}, above {high} mg/dL for {} min",
                glucose.high_after.0
            ),
            band: Some((f64::from(low), f64::from(high), "within limits")),
            // The steps of the arrows that wearers of glucose monitors know.
            trend: Trending { over: Length::minutes(15), moves: 1.0, fast: 2.0 },
        };
        Self {
            content,
            words: Box::new(vocabulary(profile)),
            bounds: Bounds::of(
                &Supervised::new(profile),
                content.times.period.0,
                content.delivery.step.0,
            ),
            variables: [variable],
        }
    }

    /// The basal rate as steps of a cycle.
    fn basal(&self) -> Steps {
        let hourly =
            u64::from(self.content.person.basal.0) * u64::from(self.content.times.period.0);
        let steps = hourly / 3_600 / u64::from(self.content.delivery.step.0.max(1));
        Steps(u32::try_from(steps).unwrap_or(u32::MAX))
    }

    fn dose(&self) -> Draft {
        let (bounds, most) = (&self.bounds, self.bounds.limits[0].request_max);
        // A fifth of the day's insulin at once is a large meal's.
        let usual = self.content.person.daily_dose.0 / 5;
        Draft {
            id: "dose",
            name: "Extra dose",
            help: "Given whole or refused, never reduced.",
            what: What::Request(0),
            unit: "U",
            scale: bounds.amounts(),
            step: decimal(5, 2),
            range: [decimal(5, 2), bounds.amount(most, 2)],
            usual: [decimal(20, 2), decimal(usual / 10, 2)],
            read_back: "Give {amount} of insulin now, besides what runs.",
        }
    }

    fn rate(&self) -> Draft {
        let (bounds, basal) = (&self.bounds, self.content.person.basal.0);
        Draft {
            id: "rate",
            name: "Manual rate",
            help: "Runs in manual operation until you change it.",
            what: What::SetManual(0),
            unit: "U/h",
            scale: bounds.rates(),
            step: decimal(5, 2),
            range: [decimal(0, 2), bounds.hourly(bounds.limits[0].cycle_max, 2)],
            usual: [decimal(basal / 30, 2), decimal(basal / 10 * 2, 2)],
            read_back: "Run {amount} of insulin in manual operation.",
        }
    }
}

const WHOLE: Scale = Scale { numerator: 1_000, denominator: 1 };

fn meal(content: &Content) -> Draft {
    let most = content.delivery.carbohydrate_most.0;
    Draft {
        id: "carbohydrate",
        name: "Meal",
        help: "Carbohydrate that is about to be eaten.",
        what: What::Announce(CARBOHYDRATE),
        unit: "g",
        scale: WHOLE,
        step: decimal(1, 0),
        range: [decimal(1, 0), decimal(most, 0)],
        usual: [decimal(5, 0), decimal(most / 2, 0)],
        read_back: "Announce a meal with {amount} of carbohydrate.",
    }
}

fn finger(content: &Content) -> Draft {
    let sensing = &content.sensing;
    Draft {
        id: "finger",
        name: "Finger measurement",
        help: "Checks the sensor; it does not replace it.",
        what: What::Reference,
        unit: "mg/dL",
        scale: WHOLE,
        step: decimal(1, 0),
        range: [decimal(sensing.range_low.0 / 2, 0), decimal(sensing.range_high.0, 0)],
        usual: [decimal(content.glucose.hard_low.0, 0), decimal(content.glucose.high.0, 0)],
        read_back: "Enter a finger measurement of {amount}.",
    }
}

impl Face for Insulin {
    fn title(&self) -> &'static str {
        "Automated insulin delivery"
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
        Reach { back: Length::minutes(360), every: Length::minutes(2) }
    }

    fn drug(&self, _channel: usize) -> (&'static str, &'static str) {
        ("Insulin", "U/h")
    }

    fn read(&self, frame: &SensorFrame) -> Option<Said> {
        let accepted = self.content.identities.sensors.iter().any(|known| *known == frame.source);
        if frame.quantity != GLUCOSE || !accepted || frame.status.any(StatusFlags::BACKFILL) {
            return None;
        }
        let thousandths = f64::from(frame.value_thousandths) / 1_000.0;
        let glucose = match frame.unit {
            MMOL_L => GlucoseMgDl::from(GlucoseMmolL(thousandths)),
            _ => GlucoseMgDl(thousandths),
        };
        let other = GlucoseMmolL::from(glucose);
        let quality = match frame.quality {
            percent @ 0..=100 => format!("signal {percent} %; {:.1} mmol/L", other.0),
            _ => format!("{:.1} mmol/L", other.0),
        };
        let said = |flags| frame.status.any(flags);
        let value = if said(StatusFlags::DEMONSTRATION) {
            Err("demonstration data are never used")
        } else if said(StatusFlags::MALFUNCTION) {
            Err("the sensor reports a malfunction")
        } else if said(StatusFlags::SESSION_ENDED) {
            Err("the sensor's session has ended")
        } else if said(StatusFlags::WARM_UP) {
            Err("the sensor warms up")
        } else if said(StatusFlags::BELOW_RANGE) {
            Ok((f64::from(self.content.sensing.range_low.0), "Low".to_owned()))
        } else if said(StatusFlags::ABOVE_RANGE) {
            Ok((f64::from(self.content.sensing.range_high.0), "High".to_owned()))
        } else {
            Ok((glucose.0, format!("{:.0}", glucose.0)))
        };
        Some(Said { variable: 0, value, quality })
    }

    fn figures(&self, acting: [Steps; CHANNELS], rationale: Option<&Rationale>) -> Vec<Figure> {
        let on_board = f64::from(acting[0].0) * f64::from(self.bounds.step) / 1_000.0;
        let mut figures = vec![Figure {
            name: "Insulin on board",
            value: format!("{on_board:.2}"),
            unit: "U",
            source: FigureOf::Supervisor,
        }];
        let carbohydrate = rationale.map_or(0, |rationale| rationale.figures[4]);
        if carbohydrate > 0 {
            figures.push(Figure {
                name: "Carbohydrate on board",
                value: format!("{:.0}", f64::from(carbohydrate) / 1_000.0),
                unit: "g",
                source: FigureOf::Controller,
            });
        }
        figures
    }

    fn doing(&self, mode: Mode) -> &'static str {
        match mode {
            Mode::Off => "It orders nothing. The pump delivers its own basal rate.",
            Mode::SelfTest => "It tests itself, its record and its links. It orders nothing.",
            Mode::Standby => "It shows glucose and gives no insulin.",
            Mode::Manual => "It delivers what you set, within the limits.",
            Mode::Advisory => "It proposes a rate and changes nothing until you confirm.",
            Mode::Automatic => "It sets insulin every 5 minutes within the limits.",
            Mode::AutomaticLimited => {
                "It may reduce insulin but not raise it above the basal rate."
            }
            Mode::FallbackBackground => "It delivers the agreed basal rate and no corrections.",
            Mode::FallbackSuspend => "It orders no insulin. It looks again with every value.",
            Mode::FailStop => {
                "It orders nothing more. When its last order has run out, the pump delivers its own \
                 basal rate."
            }
            Mode::Service => "It is being serviced. It orders nothing.",
            Mode::Handover => "The loop has ended. It delivers what stands under delivery.",
        }
    }

    fn to_do(&self, mode: Mode) -> &'static str {
        match mode {
            Mode::Off => "Use your usual therapy.",
            Mode::SelfTest => "Wait for the end of the self-test.",
            Mode::Standby => "Choose manual or automatic when you are ready. Watch glucose.",
            Mode::Manual => "Watch glucose and set the rate yourself.",
            Mode::Advisory => "Read the proposal and confirm it, or let it expire.",
            Mode::Automatic => "Nothing. Announce meals.",
            Mode::AutomaticLimited | Mode::FallbackBackground => "Measure by finger.",
            Mode::FallbackSuspend => "Look at glucose; have fast carbohydrate ready.",
            Mode::FailStop => "Use your back-up therapy. Have the device checked.",
            Mode::Service => "Do not connect a person.",
            Mode::Handover => "Read what you take over, then set the rate that you want.",
        }
    }

    fn reverted(&self) -> Option<Steps> {
        Some(self.basal())
    }

    fn entries(&self, phase: Phase) -> Vec<Entry> {
        let told = || {
            let pen = Draft {
                id: "pen",
                name: "Given by pen",
                help: "Counts for every limit and for insulin on board.",
                what: What::Given(0),
                read_back: "Book {amount} of insulin as given by pen.",
                ..self.dose()
            };
            [meal(&self.content), pen, finger(&self.content)]
        };
        let drafts: Vec<Draft> = match phase {
            Phase::Off | Phase::SelfTest | Phase::Service => Vec::new(),
            Phase::Standby => told().into(),
            Phase::Manual => [self.dose(), self.rate()].into_iter().chain(told()).collect(),
            Phase::Advisory | Phase::Automatic => [self.dose()].into_iter().chain(told()).collect(),
        };
        drafts.into_iter().map(Draft::entry).collect()
    }

    fn statements(&self, _phase: Phase) -> Vec<Statement> {
        Vec::new()
    }
}
