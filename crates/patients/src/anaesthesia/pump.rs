//! A syringe pump and its line: what is commanded, and what reaches the vein, are different.
//!
//! Syringe and line are elastic: they store `compliance` times pressure. Commanded flow first takes up
//! the mechanical slack of a new syringe (the start-up delay, long at low rates), then builds pressure
//! that drives flow through the line's resistance. A blocked line stores all of it until the pressure
//! reaches the alarm, which at low rates takes hours, and gives it back as a bolus when it opens.

use super::units::{Millilitres, MlPerHour, MmHg, Seconds};
use homeostat_numeric::{clamp, exp, floor, max, min, round};

/// A make of pump with a syringe and a line in it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SyringePumpModel {
    /// Largest rate.
    pub largest: MlPerHour,
    /// Steps of the rate in one mL/h; 0 if it has none.
    pub steps: f64,
    /// What a full syringe holds.
    pub syringe: Millilitres,
    /// Volume stored per pressure, mL/mmHg.
    pub compliance: f64,
    /// Slack of a new syringe.
    pub slack: Millilitres,
    /// Time constant of syringe, line and cannula when open.
    pub time_constant: Seconds,
    /// Pressure of the occlusion alarm.
    pub alarm: MmHg,
}

impl SyringePumpModel {
    /// A 50 mL syringe. Compliance and alarm give 1.0 mL of stored volume at the alarm: 12 min at 5 mL/h
    /// and 120 min at 0.5 mL/h (Doenmez 2005 measured 15 ± 7 and 117 ± 9). Slack and time constant are
    /// ours. The steps are those of current pumps' protocols.
    pub const FIFTY: Self = Self {
        largest: MlPerHour(1200.0),
        steps: 10.0,
        syringe: Millilitres(50.0),
        compliance: 0.002,
        slack: Millilitres(0.05),
        time_constant: Seconds(4.0),
        alarm: MmHg(500.0),
    };
    /// No physics at all: what is commanded arrives, from a syringe that does not end.
    pub const IDEAL: Self = Self {
        largest: MlPerHour(1200.0),
        steps: 0.0,
        syringe: Millilitres(f64::MAX),
        compliance: 0.0,
        slack: Millilitres(0.0),
        time_constant: Seconds(0.0),
        alarm: MmHg(f64::MAX),
    };
}

/// A kind of pump fault.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum SyringeFaultKind {
    /// The line is blocked; the pump does not know until its alarm.
    Occlusion,
    /// The pump neither hears nor answers; it goes on with its last rate.
    Silence,
    /// It gives this part of what it believes.
    Inexact {
        /// 1 is exact.
        factor: f64,
    },
}

/// A pump fault with its times, in seconds since the start.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SyringeFault {
    /// What is wrong.
    pub kind: SyringeFaultKind,
    /// First second of the fault.
    pub from: u64,
    /// First second after it.
    pub until: u64,
}

impl SyringeFault {
    /// A fault that begins at a second and lasts some seconds.
    #[must_use]
    pub const fn new(kind: SyringeFaultKind, from: u64, lasting: u64) -> Self {
        Self { kind, from, until: from.saturating_add(lasting) }
    }

    const fn on(&self, second: u64) -> bool {
        self.from <= second && second < self.until
    }
}

/// Why a rate is not taken.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum SyringeRefusal {
    /// Not a rate, or more than the pump can.
    #[error("expected a rate of 0 to {most}")]
    NoRate {
        /// The largest rate.
        most: MlPerHour,
    },
    /// It has stopped with an alarm.
    #[error("the pump has stopped with an alarm")]
    Stopped,
    /// No answer. The order was not heard.
    #[error("the pump does not answer")]
    Silent,
}

/// What a pump says about itself.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SyringeReport {
    /// The rate in use.
    pub rate: MlPerHour,
    /// What it believes to have given since it was started.
    pub given: Millilitres,
    /// Whether it has stopped because of pressure.
    pub occluded: bool,
    /// Whether the syringe is empty.
    pub empty: bool,
}

/// A second of a pump's life.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SyringeSecond {
    /// The flow that reached the vein: the truth, which no device knows.
    pub delivered: MlPerHour,
    /// What the pump says; `None` while it is silent.
    pub report: Option<SyringeReport>,
}

/// A pump in use.
#[derive(Clone, Debug)]
pub struct SyringePump {
    model: SyringePumpModel,
    faults: Vec<SyringeFault>,
    rate: f64,
    slack: f64,
    pressure: f64,
    left: f64,
    given: f64,
    occluded: bool,
    second: u64,
    /// What is left of the line's pressure after an open second.
    kept: f64,
}

impl SyringePump {
    /// A pump with a new, full syringe, standing still.
    #[must_use]
    pub fn new(model: SyringePumpModel) -> Self {
        let constant = model.time_constant.0;
        Self {
            model,
            faults: Vec::new(),
            rate: 0.0,
            slack: model.slack.0,
            pressure: 0.0,
            left: model.syringe.0,
            given: 0.0,
            occluded: false,
            second: 0,
            kept: if constant > 0.0 { exp(-1.0 / constant) } else { 0.0 },
        }
    }

    /// Adds faults.
    #[must_use]
    pub fn with_faults(mut self, faults: impl IntoIterator<Item = SyringeFault>) -> Self {
        self.faults.extend(faults);
        self
    }

    /// Sets the rate from the coming second on, rounded down to whole steps. An order that is refused
    /// changes nothing.
    ///
    /// # Errors
    /// [`SyringeRefusal`].
    pub fn set_rate(&mut self, rate: MlPerHour) -> Result<MlPerHour, SyringeRefusal> {
        if self.is_on(|kind| matches!(kind, SyringeFaultKind::Silence)) {
            return Err(SyringeRefusal::Silent);
        }
        if self.occluded {
            return Err(SyringeRefusal::Stopped);
        }
        // NaN fails the comparison.
        if !(rate.0 >= 0.0 && rate.0 <= self.model.largest.0) {
            return Err(SyringeRefusal::NoRate { most: self.model.largest });
        }
        self.rate = if self.model.steps > 0.0 {
            // Whole steps; a rate that is a whole number of steps but for rounding is that number.
            let steps = rate.0 * self.model.steps;
            let near = round(steps);
            let whole = homeostat_numeric::abs(steps - near) < 1e-6;
            (if whole { near } else { floor(steps) }) / self.model.steps
        } else {
            rate.0
        };
        Ok(MlPerHour(self.rate))
    }

    /// A person has put in a new, full syringe and acknowledged the alarm; the rate is 0.
    pub fn renew(&mut self) {
        let faults = core::mem::take(&mut self.faults);
        let (second, given) = (self.second, self.given);
        *self = Self { second, given, ..Self::new(self.model) }.with_faults(faults);
    }

    /// Pressure in the line.
    #[must_use]
    pub fn pressure(&self) -> MmHg {
        MmHg(self.pressure)
    }

    /// Lives through one second.
    pub fn advance_second(&mut self) -> SyringeSecond {
        let second = self.second;
        let silent = self.is_on(|kind| matches!(kind, SyringeFaultKind::Silence));
        let blocked = self.is_on(|kind| matches!(kind, SyringeFaultKind::Occlusion));
        let pushed = if self.occluded { 0.0 } else { min(self.rate / 3600.0, self.left) };
        self.left -= pushed;
        self.given += pushed;
        let exact = pushed * self.factor(second);
        let taken = min(self.slack, exact);
        self.slack -= taken;
        let delivered = self.through_line(exact - taken, blocked);
        self.second += 1;
        let report = (!silent).then_some(SyringeReport {
            rate: MlPerHour(if self.occluded { 0.0 } else { self.rate }),
            given: Millilitres(self.given),
            occluded: self.occluded,
            empty: self.left <= 0.0,
        });
        SyringeSecond { delivered: MlPerHour(delivered * 3600.0), report }
    }

    /// What of a volume pushed in this second reaches the vein.
    fn through_line(&mut self, pushed: f64, blocked: bool) -> f64 {
        let compliance = self.model.compliance;
        if blocked {
            // Without compliance the pressure is at the alarm at once.
            self.pressure = if compliance > 0.0 {
                self.pressure + pushed / compliance
            } else if pushed > 0.0 {
                self.model.alarm.0
            } else {
                self.pressure
            };
            self.occluded |= self.pressure >= self.model.alarm.0;
            return 0.0;
        }
        // The stored volume relaxes toward that of the flow, rate times time constant; exact for a flow
        // that is constant over the second.
        let stored = self.pressure * compliance;
        let constant = if compliance > 0.0 { max(0.0, self.model.time_constant.0) } else { 0.0 };
        let settled = pushed * constant;
        let after = settled + (stored - settled) * self.kept;
        self.pressure = if compliance > 0.0 { after / compliance } else { 0.0 };
        max(0.0, pushed + stored - after)
    }

    fn factor(&self, second: u64) -> f64 {
        let mut factor = 1.0;
        for fault in self.faults.iter().filter(|fault| fault.on(second)) {
            if let SyringeFaultKind::Inexact { factor: own } = fault.kind {
                factor *= clamp(own, 0.0, 10.0);
            }
        }
        factor
    }

    fn is_on(&self, wanted: fn(&SyringeFaultKind) -> bool) -> bool {
        self.faults.iter().any(|fault| fault.on(self.second) && wanted(&fault.kind))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn pump(rate: f64, faults: &[SyringeFault]) -> SyringePump {
        let mut pump = SyringePump::new(SyringePumpModel::FIFTY).with_faults(faults.to_vec());
        pump.set_rate(MlPerHour(rate)).unwrap();
        pump
    }

    fn millilitres(pump: &mut SyringePump, seconds: u32) -> f64 {
        (0..seconds).map(|_| pump.advance_second().delivered.0 / 3600.0).sum()
    }

    #[test]
    fn an_ideal_pump_gives_what_it_is_told() {
        let mut ideal = SyringePump::new(SyringePumpModel::IDEAL);
        assert_eq!(ideal.set_rate(MlPerHour(36.007)), Ok(MlPerHour(36.007)));
        let second = ideal.advance_second();
        assert!((second.delivered.0 - 36.007).abs() < 1e-12);
        assert_eq!(ideal.pressure(), MmHg(0.0));
    }

    #[test]
    fn starting_takes_longer_at_low_rates() {
        let first_drop = |rate| {
            let mut pump = pump(rate, &[]);
            (0..10_000).find(|_| pump.advance_second().delivered.0 > 0.0).unwrap()
        };
        // 0.05 mL of slack: 36 s at 5 mL/h, 360 s at 0.5 mL/h.
        assert!((35..=36).contains(&first_drop(5.0)), "{}", first_drop(5.0));
        assert!((359..=360).contains(&first_drop(0.5)), "{}", first_drop(0.5));
        let mut steady = pump(5.0, &[]);
        let _ = millilitres(&mut steady, 200);
        assert!((steady.advance_second().delivered.0 - 5.0).abs() < 1e-9);
    }

    #[test]
    fn occlusion_alarms_are_as_slow_as_measured() {
        let minutes = |rate| {
            let occlusion = SyringeFault::new(SyringeFaultKind::Occlusion, 1000, 100_000);
            let mut pump = pump(rate, &[occlusion]);
            let alarmed = |second: &SyringeSecond| second.report.is_some_and(|r| r.occluded);
            let second = (0..200_000).find(|_| alarmed(&pump.advance_second())).unwrap();
            assert_eq!(pump.set_rate(MlPerHour(1.0)), Err(SyringeRefusal::Stopped));
            assert_eq!(pump.advance_second().report.unwrap().rate, MlPerHour(0.0));
            f64::from(second - 1000) / 60.0
        };
        // Doenmez 2005: 15 ± 7 min and 117 ± 9 min.
        assert!((8.0..=22.0).contains(&minutes(5.0)), "{}", minutes(5.0));
        assert!((108.0..=126.0).contains(&minutes(0.5)), "{}", minutes(0.5));
    }

    #[test]
    fn what_was_held_back_comes_when_the_line_opens() {
        let occlusion = SyringeFault::new(SyringeFaultKind::Occlusion, 600, 300);
        let mut blocked = pump(6.0, &[occlusion]);
        let mut open = pump(6.0, &[]);
        let (until, free) = (millilitres(&mut blocked, 900), millilitres(&mut open, 900));
        assert!((free - until - 0.5).abs() < 0.01, "{until} of {free}");
        let bolus = millilitres(&mut blocked, 30) - millilitres(&mut open, 30);
        assert!((bolus - 0.5).abs() < 0.01, "{bolus}");
    }

    #[test]
    fn rates_are_whole_steps_within_the_range() {
        let mut pump = SyringePump::new(SyringePumpModel::FIFTY);
        assert_eq!(pump.set_rate(MlPerHour(0.1 + 0.2)), Ok(MlPerHour(0.3)));
        assert!((pump.set_rate(MlPerHour(12.39)).unwrap().0 - 12.3).abs() < 1e-12);
        for wrong in [-0.1, 1200.1, f64::NAN, f64::INFINITY] {
            assert!(pump.set_rate(MlPerHour(wrong)).is_err(), "{wrong}");
        }
        assert!((pump.advance_second().report.unwrap().rate.0 - 12.3).abs() < 1e-12);
    }

    #[test]
    fn a_silent_pump_goes_on_and_an_empty_one_says_so() {
        let silence = SyringeFault::new(SyringeFaultKind::Silence, 100, 50);
        let mut pump = pump(1200.0, &[silence]);
        let early = millilitres(&mut pump, 100);
        assert_eq!(pump.set_rate(MlPerHour(0.0)), Err(SyringeRefusal::Silent));
        let second = pump.advance_second();
        assert!(second.report.is_none() && (second.delivered.0 - 1200.0).abs() < 1e-6);
        let late = millilitres(&mut pump, 300);
        assert!(pump.advance_second().report.unwrap().empty);
        // All but the slack.
        let given = early + second.delivered.0 / 3600.0 + late;
        assert!((given - 49.95).abs() < 1e-9, "{given}");
        pump.renew();
        assert_eq!(pump.advance_second().report.unwrap().rate, MlPerHour(0.0));
        assert!((pump.advance_second().report.unwrap().given.0 - 50.0).abs() < 1e-9);
    }

    #[test]
    fn an_inexact_pump_believes_itself() {
        let half = SyringeFault::new(SyringeFaultKind::Inexact { factor: 0.5 }, 100, 1000);
        let mut pump = pump(60.0, &[half]);
        let _ = millilitres(&mut pump, 200);
        let second = pump.advance_second();
        assert!((second.delivered.0 - 30.0).abs() < 1e-6, "{second:?}");
        assert!((second.report.unwrap().given.0 - 201.0 / 60.0).abs() < 1e-9);
    }

    proptest! {
        #[test]
        fn no_volume_is_made_or_lost(
            rates in prop::collection::vec(0.0..1200.0_f64, 1..8), from in 0_u64..300, lasting in 0_u64..200,
        ) {
            let occlusion = SyringeFault::new(SyringeFaultKind::Occlusion, from, lasting);
            let mut pump = SyringePump::new(SyringePumpModel::FIFTY).with_faults([occlusion]);
            let mut delivered = 0.0;
            for rate in rates {
                let _ = pump.set_rate(MlPerHour(rate));
                delivered += millilitres(&mut pump, 60);
            }
            let stored = pump.pressure * pump.model.compliance;
            let slack = pump.model.slack.0 - pump.slack;
            prop_assert!((pump.given - delivered - stored - slack).abs() < 1e-9);
            prop_assert!(pump.left >= 0.0);
        }
    }
}
