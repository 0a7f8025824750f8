//! `homeostat demo`: one patient, one fault, live.

mod picture;

use std::path::PathBuf;
use std::thread::sleep;
use std::time::Duration;

use clap::Args;
use homeostat_assembly::insulin::explanation::{cause_in_words, mode_words};
use homeostat_blackbox::folder::{Durability, FolderDisk};
use homeostat_record::{AlarmEventKind, Authority, CycleEntry, Mode, Priority, SensorFrame};
use homeostat_trial::engine::MemoryDisk;
use homeostat_trial::insulin::cell::{CellError, CellResult};
use homeostat_trial::insulin::scenario::{
    Arm, Control, Fault, FaultKind, Scenario, When, standard,
};
use homeostat_trial::insulin::trial::Trial;

use crate::failure::{Failure, Outcome};
use crate::output;
use picture::{Moment, Picture};

/// Watch one patient, one fault and the loop's answer, in ten seconds.
///
/// Twelve hours of a virtual adolescent: breakfast, a night's compression of the sensor come late, lunch,
/// and then a sensor that falls silent for an hour. The loop, the guard, the second opinion and the
/// black box are the real ones; only the ports are simulated.
///
/// In the chart `*` is true glucose and `o` what the sensor says. The row of modes reads A automatic,
/// L limited, B background, S stopped, M manual.
#[derive(Debug, Args)]
pub(crate) struct Demo {
    /// Do not pace the picture for a reader.
    #[arg(long)]
    fast: bool,
    /// Keep the black box in this new folder.
    #[arg(long = "box", value_name = "DIR")]
    folder: Option<PathBuf>,
}

const SUBJECT: &str = "adolescent#003";
/// The picture shows this stretch of the day, minutes.
const FROM: u32 = 6 * 60;
const UNTIL: u32 = 18 * 60;
/// Ten seconds for twelve hours of five-minute cycles.
const PACE: Duration = Duration::from_millis(70);

impl Demo {
    pub(crate) fn run(&self) -> Outcome {
        let trial = Trial::prepare(scenario()).map_err(Failure::environment)?;
        let key = trial.roster().key("mpc", None, SUBJECT, 1);
        let cell = key.and_then(|key| trial.cell(key));
        let cell = cell.ok_or_else(|| Failure::environment("the demo's patient is not there"))?;
        let live = !self.fast && output::is_shown();
        let mut show = Show {
            picture: Picture::new(FROM, live),
            live,
            step: 0.001,
            mode: None,
            heard: Ok(()),
        };
        if let Ok(profile) = cell.profile() {
            show.step = f64::from(profile.content().delivery.step.0) / 1_000.0;
        }
        output::line(&format!(
            "{SUBJECT}, predictive control, 06:00 to 18:00: breakfast, pressure on the sensor, lunch, \
             and a sensor that falls silent\n"
        ))?;
        let mut look = |entry: &CycleEntry, glucose: f64| show.look(entry, glucose);
        let result = match &self.folder {
            None => cell.run_watched(MemoryDisk::default(), &mut look).map(|(result, _)| result),
            Some(folder) => {
                run_in(folder, |disk| cell.run_watched(disk, &mut look).map(|(result, _)| result))?
            }
        };
        let result = result.map_err(Failure::environment)?;
        show.end(&result, self.folder.as_deref())
    }
}

fn run_in(
    folder: &std::path::Path,
    run: impl FnOnce(FolderDisk) -> Result<CellResult, CellError>,
) -> Result<Result<CellResult, CellError>, Failure> {
    if folder.exists() {
        let words = "is there already; name a new folder";
        return Err(Failure::environment(format!("{}: {words}", folder.display())));
    }
    let disk = FolderDisk::writable(folder, Durability::Process)
        .map_err(|error| Failure::file(folder, &error))?;
    Ok(run(disk))
}

/// A day of run-in, so that the loop has settled, and one day with two faults.
fn scenario() -> Scenario {
    let at = |kind, hour: u32, minutes| Fault {
        kind,
        when: When { day: 1, at_minute: hour * 60, minutes: Some(minutes), daily: false },
    };
    let mut scenario = standard();
    scenario.name = "Demonstration".to_owned();
    scenario.patients.subjects = vec![SUBJECT.to_owned()];
    scenario.run_in_days = 1;
    scenario.days = 1;
    scenario.arms = vec![Arm { name: "mpc".to_owned(), control: Control::Mpc, announced: true }];
    scenario.faults =
        vec![at(FaultKind::CompressionLow(50.0), 10, 40), at(FaultKind::Dropout, 13, 60)];
    scenario.criteria.clear();
    scenario
}

struct Show {
    picture: Picture,
    live: bool,
    step: f64,
    mode: Option<Mode>,
    heard: Outcome,
}

impl Show {
    fn look(&mut self, entry: &CycleEntry, glucose: f64) {
        let cycle = entry.input.cycle.0;
        let minute = u32::try_from(cycle * 5 % 1_440).unwrap_or(0);
        if cycle < 288 || !(FROM..UNTIL).contains(&minute) || self.heard.is_err() {
            return;
        }
        self.tell(minute, entry);
        let decision = &entry.decision;
        let steps = decision.order.map_or(0, |order| order.steps[0].0);
        self.picture.add(Moment {
            minute,
            glucose,
            reading: reading(entry),
            ordered: f64::from(steps) * self.step,
            mode: mode_words(decision.mode),
            letter: letter(decision.mode),
        });
        if self.live {
            self.heard = output::data(&self.picture.frame());
            sleep(PACE);
        }
    }

    /// Meals, changes of mode and alarms, in words.
    fn tell(&mut self, minute: u32, entry: &CycleEntry) {
        let decision = &entry.decision;
        for person in &entry.input.people {
            if let homeostat_record::Action::Announce(told) = person.action {
                self.picture
                    .say(minute, &format!("{} g of carbohydrate announced", told.amount / 1_000));
            }
        }
        if self.mode.replace(decision.mode) != Some(decision.mode) {
            let why = decision.governing.filter(|_| decision.authority < Authority::Full);
            let why = why.map_or(String::new(), |cause| format!(": {}", cause_in_words(cause)));
            self.picture.say(minute, &format!("{}{why}", mode_words(decision.mode)));
        }
        for event in &decision.alarms {
            if event.kind == AlarmEventKind::Raised && event.priority >= Priority::Low {
                let priority = format!("{:?}", event.priority).to_lowercase();
                self.picture
                    .say(minute, &format!("alarm ({priority}): {}", cause_in_words(event.cause)));
            }
        }
    }

    fn end(self, result: &CellResult, folder: Option<&std::path::Path>) -> Outcome {
        self.heard?;
        if !self.live {
            output::data(&self.picture.chart())?;
            for event in self.picture.events() {
                output::line(event)?;
            }
        }
        let holds = result.findings.verdicts.iter().filter(|verdict| verdict.holds()).count();
        output::line(&format!(
            "\nThe black box holds {} entries; {holds} of {} checkers, the verifier and the \
             replay among them, found nothing.\n  head {}",
            result.findings.entries,
            result.findings.verdicts.len(),
            result.findings.root
        ))?;
        if let Some(folder) = folder {
            let folder = folder.display();
            output::line(&format!("Ask it: homeostat log explain {folder} --at 2026-01-02T13:30"))?;
        }
        Ok(())
    }
}

fn reading(entry: &CycleEntry) -> Option<f64> {
    let frame = entry.input.frames.as_slice().last()?;
    let frame = SensorFrame::decode(frame.bytes.as_slice()).ok()?;
    Some(f64::from(frame.value_thousandths) / 1_000.0)
}

const fn letter(mode: Mode) -> char {
    match mode {
        Mode::Automatic => 'A',
        Mode::AutomaticLimited => 'L',
        Mode::FallbackBackground => 'B',
        Mode::FallbackSuspend => 'S',
        Mode::FailStop => 'X',
        Mode::Manual | Mode::Handover => 'M',
        Mode::Off | Mode::SelfTest | Mode::Standby | Mode::Advisory | Mode::Service => '-',
    }
}
