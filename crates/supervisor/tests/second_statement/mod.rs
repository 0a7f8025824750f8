//! The mode machine stated a second time, in another shape: prohibitions instead of ceilings,
//! fuses and debts that burn down instead of ages that are compared, a text written from the
//! register's D.2 and D.3 instead of rows. It shares no code and no constant with the first.

use homeostat_record::{Authority, Cause, CauseSet, Mode, Phase, Role};
use homeostat_supervisor::Timing;
use std::rc::Rc;

/// Per cause: after which time what is forbidden (F: full authority; L: limited and more; B:
/// background and more; S: all but fail-stop), what a second time forbids, who ends it.
const REGISTER: &str = "
InputMissing        T1:F T2:L          auto
QualityReduced      now:F              auto
QualityPoor         now:L              auto
InputImplausible    now:F N:L          auto
ArtefactSuspected   now:F              auto
ReferenceDisagrees  now:L              person
SensorNotReady      now:L              auto
DeadlineMissed      misses:L           auto
ControllerFailed    now:L              person
OpinionDiffers      now:L              authorised
GuardClamping       now:F              auto
GuardViolation      now:B              authorised
Saturation          now:F              auto
Oscillation         now:F again:L      auto
PhysiologicStop     now:B              auto
PredictedStop       now:B              auto
PhysiologicNeed                        auto
OverDelivery        now:B              ledger
UnderDelivery       now:L              ledger
ActuatorDisobeys    now:S              authorised
ActuatorSilent      now:L              auto
ClockDoubtful       now:F              auto
IdentityMismatch    now:B              authorised
RecordLost          Tlog:L             person
IntegrityLost       now:S              authorised
LinkAttacked                           auto
ReplayDiverged      now:L              authorised
PowerLow            now:L              auto
NoResponse          now:F Tesc:L       person
ProfileInvalid      now:B              authorised
SelfTestFailed      now:S              authorised
PeerNotAccepted     now:L              authorised
AlarmPathLost                          auto
PhysiologicHold     now:F              auto
";

/// Which phase a person may choose from which (row: from; column: to): i an identified person, a
/// an authorised one.
const CHOICES: &str = "
          Off SelfTest Standby Manual Advisory Automatic Service
Off        .     i        .      .       .         .        .
SelfTest   i     .        .      .       .         .        .
Standby    i     .        i      i       i         i        a
Manual     .     .        i      i       i         i        .
Advisory   .     .        i      i       i         i        .
Automatic  .     .        i      i       i         i        .
Service    i     i        .      .       .         .        .
";

const PHASES: [Phase; 7] = [
    Phase::Off,
    Phase::SelfTest,
    Phase::Standby,
    Phase::Manual,
    Phase::Advisory,
    Phase::Automatic,
    Phase::Service,
];

const LADDER: [Authority; 5] = [
    Authority::FailStop,
    Authority::Suspend,
    Authority::Background,
    Authority::Limited,
    Authority::Full,
];

/// What people did in a cycle.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Deeds {
    pub stop: bool,
    pub acknowledge: bool,
    pub reconcile: bool,
    pub reset: bool,
    pub choose: Option<(Phase, Role)>,
}

/// What happens in a cycle.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Event {
    pub causes: CauseSet,
    pub fresh: bool,
    pub given: bool,
    pub restarted: bool,
    pub deeds: Deeds,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Ender {
    Nobody,
    Person,
    Ledger,
    Authorised,
}

/// A cause's standing: what it forbids, and what must happen before it forbids less.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Standing {
    forbidden: [bool; LADDER.len()],
    /// Cycles left on each fuse.
    fuses: [u16; 2],
    /// Quiet time that the cause has run up; quiet time still to wait.
    debt: u16,
    wait: u16,
    locked: bool,
    was_here: bool,
    came: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Entry {
    cause: Option<Cause>,
    ender: Ender,
    again: Option<Authority>,
    /// How long each fuse is, and the least that is forbidden when it is out.
    fuses: [(u16, Authority); 2],
}

/// A fuse that never burns down within a test.
const NEVER: (u16, Authority) = (u16::MAX, Authority::Full);

fn from_letter(letter: &str) -> Authority {
    match letter {
        "F" => Authority::Full,
        "L" => Authority::Limited,
        "B" => Authority::Background,
        "S" => Authority::Suspend,
        other => panic!("unknown letter {other}"),
    }
}

fn entry(cause: Cause, timing: &Timing) -> Entry {
    let line = REGISTER.lines().find(|line| line.split_whitespace().next() == Some(cause.name()));
    let words: Vec<&str> = line.unwrap().split_whitespace().skip(1).collect();
    let (ender, rules) = words.split_last().unwrap();
    let ender = match *ender {
        "auto" => Ender::Nobody,
        "person" => Ender::Person,
        "ledger" => Ender::Ledger,
        "authorised" => Ender::Authorised,
        other => panic!("unknown ender {other}"),
    };
    let mut again = None;
    let mut fuses = [NEVER; 2];
    let mut free = 0;
    for rule in rules {
        let (when, letter) = rule.split_once(':').unwrap();
        let cycles = match when {
            "now" => 1,
            "T1" => timing.input_limited,
            "T2" => timing.input_lost,
            "N" => timing.implausible,
            "misses" => timing.deadline_misses,
            "Tlog" => timing.record_lost,
            "Tesc" => timing.escalation,
            "again" => {
                again = Some(from_letter(letter));
                continue;
            }
            other => panic!("unknown time {other}"),
        };
        fuses[free] = (cycles, from_letter(letter));
        free += 1;
    }
    Entry { cause: Some(cause), ender, again, fuses }
}

fn choices() -> [[char; 7]; 7] {
    PHASES.map(|from| {
        let mut lines = CHOICES.lines().filter(|line| !line.trim().is_empty()).skip(1);
        let row = lines.find(|line| line.starts_with(&format!("{from:?} "))).unwrap();
        let cells: Vec<char> = row.split_whitespace().skip(1).flat_map(str::chars).collect();
        cells.try_into().unwrap()
    })
}

impl Standing {
    fn new(entry: &Entry) -> Self {
        Self {
            forbidden: [false; LADDER.len()],
            fuses: entry.fuses.map(|fuse| fuse.0),
            debt: 0,
            wait: 0,
            locked: false,
            was_here: false,
            came: false,
        }
    }

    fn forbid_from(&mut self, lowest: Authority) {
        for (forbidden, level) in self.forbidden.iter_mut().zip(LADDER) {
            *forbidden |= level >= lowest;
        }
    }

    fn quiet_needed(&self, timing: &Timing) -> u16 {
        timing.dwell.max(self.debt)
    }

    fn is_there(&mut self, entry: &Entry, timing: &Timing) {
        for (number, (length, lowest)) in entry.fuses.into_iter().enumerate() {
            let left = self.fuses[number].saturating_sub(1);
            self.fuses[number] = if length == u16::MAX { length } else { left };
            if self.fuses[number] == 0 {
                self.forbid_from(lowest);
            }
        }
        self.locked |= entry.ender != Ender::Nobody;
        if let Some(lowest) = entry.again {
            if self.came && !self.was_here {
                self.forbid_from(lowest);
                self.locked = true;
            }
            self.came = true;
        }
        self.owe(timing);
    }

    fn owe(&mut self, timing: &Timing) {
        self.debt = timing.dwell_cap.min(self.debt + 2);
        self.wait = self.quiet_needed(timing);
        self.was_here = true;
    }

    fn is_away(&mut self, entry: &Entry, timing: &Timing, deeds: &Deeds) {
        self.was_here = false;
        self.came &= !deeds.acknowledge;
        let opened = match entry.ender {
            Ender::Nobody | Ender::Person => deeds.acknowledge,
            Ender::Ledger => deeds.reconcile,
            Ender::Authorised => deeds.reset,
        };
        self.locked &= !opened;
        self.wait = self.wait.saturating_sub(1);
        if self.debt == 0 || self.locked || self.wait > 0 {
            return;
        }
        if let Some(lowest) = self.forbidden.iter_mut().find(|forbidden| **forbidden) {
            *lowest = false;
        }
        self.wait = self.quiet_needed(timing);
        if self.forbidden == [false; LADDER.len()] {
            *self = Self { came: self.came, ..Self::new(entry) };
        }
    }
}

/// The machine.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Second {
    entries: Rc<[Entry]>,
    choices: Rc<[[char; 7]; 7]>,
    standings: Vec<Standing>,
    /// The last standing is the flap guard's; these are the times since the falls that count.
    falls: Vec<u16>,
    blamed: Option<Cause>,
    phase: Phase,
    fresh: u16,
    ledger_agrees: bool,
    stopped: bool,
    summary: u16,
    patience: u16,
}

/// What can be seen of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Seen {
    pub phase: Phase,
    pub authority: Authority,
    pub mode: Mode,
    pub refused: bool,
    pub limiting: CauseSet,
    pub governing: Option<Cause>,
    pub stopped: bool,
}

impl Second {
    /// Switched off, knowing of these causes.
    pub(crate) fn new(causes: &[Cause], timing: &Timing) -> Self {
        let mut entries: Vec<Entry> = causes.iter().map(|cause| entry(*cause, timing)).collect();
        let guard = Entry { cause: None, ender: Ender::Person, again: None, fuses: [NEVER; 2] };
        entries.push(guard);
        let standings = entries.iter().map(Standing::new).collect();
        Self {
            entries: entries.into(),
            choices: Rc::new(choices()),
            standings,
            falls: Vec::new(),
            blamed: None,
            phase: Phase::Off,
            fresh: 0,
            ledger_agrees: false,
            stopped: false,
            summary: 0,
            patience: timing.background_limit,
        }
    }

    fn allowed(standings: &[Standing]) -> Authority {
        let mut free = (0..LADDER.len()).rev();
        let level = free.find(|level| standings.iter().all(|s| !s.forbidden[*level])).unwrap();
        LADDER[level]
    }

    pub(crate) fn authority(&self) -> Authority {
        Self::allowed(&self.standings)
    }

    /// The first cause that, alone, would leave just this much.
    fn who_leaves(&self, authority: Authority) -> Option<Cause> {
        let mut causes = self.entries.iter().zip(&self.standings);
        let found = causes.find(|(entry, standing)| {
            entry.cause.is_some() && Self::allowed(std::slice::from_ref(*standing)) == authority
        });
        found.and_then(|(entry, _)| entry.cause)
    }

    fn of_causes(&self) -> Authority {
        Self::allowed(&self.standings[..self.standings.len() - 1])
    }

    /// One cycle.
    pub(crate) fn next(&mut self, timing: &Timing, event: &Event) -> Seen {
        let deeds = &event.deeds;
        let before = (self.phase, self.of_causes());
        let mut reset = false;
        for (entry, standing) in self.entries.iter().zip(&mut self.standings) {
            let Some(cause) = entry.cause else { continue };
            let locked = standing.locked;
            if event.causes.has(cause) {
                standing.is_there(entry, timing);
            } else {
                standing.is_away(entry, timing, deeds);
            }
            reset |= locked && !standing.locked && entry.ender == Ender::Authorised;
        }
        self.watch_falls(timing, before.1, deeds);
        self.fresh = if event.fresh { timing.dwell.min(self.fresh + 1) } else { 0 };
        if event.restarted {
            self.fresh = 0;
        }
        if event.given && self.phase != Phase::Automatic {
            self.ledger_agrees = false;
        }
        self.ledger_agrees |= deeds.reconcile;
        self.phase = self.by_machine(timing, event.restarted);
        let refused = deeds.choose.is_some_and(|(to, by)| !self.choose(timing, to, by));
        if reset && self.phase != Phase::Off {
            self.phase = Phase::SelfTest;
        }
        if deeds.stop {
            self.stopped = true;
            if [Phase::Manual, Phase::Advisory, Phase::Automatic].contains(&self.phase) {
                self.phase = Phase::Standby;
            }
        }
        self.clocks(timing, before.0);
        self.seen(refused)
    }

    fn watch_falls(&mut self, timing: &Timing, before: Authority, deeds: &Deeds) {
        let after = self.of_causes();
        for age in &mut self.falls {
            *age += 1;
        }
        self.falls.retain(|age| *age < timing.flap_window);
        if after < before && timing.flap_window > 0 {
            self.falls.push(0);
        }
        let blamed = self.who_leaves(after);
        let guard = self.standings.last_mut().unwrap();
        let entry = self.entries.last().unwrap();
        if after < before && self.falls.len() >= usize::from(timing.flap_falls) {
            let lowest =
                if after == Authority::Limited { Authority::Full } else { Authority::Limited };
            guard.forbid_from(lowest);
            guard.locked = true;
            guard.owe(timing);
            self.blamed = blamed;
            return;
        }
        let locked = guard.locked;
        guard.is_away(entry, timing, deeds);
        if locked && !guard.locked {
            self.falls.clear();
        }
        if !guard.forbidden.contains(&true) {
            self.blamed = None;
        }
    }

    fn by_machine(&self, timing: &Timing, restarted: bool) -> Phase {
        let authority = self.authority();
        match self.phase {
            Phase::Off => Phase::Off,
            _ if restarted => Phase::SelfTest,
            Phase::SelfTest if authority != Authority::FailStop => Phase::Standby,
            Phase::Advisory if authority == Authority::Background => Phase::Manual,
            Phase::Automatic
                if timing.background_limit > 0
                    && self.patience == 0
                    && authority == Authority::Background =>
            {
                Phase::Manual
            }
            same => same,
        }
    }

    fn choose(&mut self, timing: &Timing, to: Phase, by: Role) -> bool {
        let place = |phase| PHASES.iter().position(|p| *p == phase).unwrap();
        let mut who = self.choices[place(self.phase)][place(to)];
        if self.authority() == Authority::FailStop {
            who = if to == Phase::Off { 'i' } else { '.' };
        }
        let person = match who {
            'i' => by != Role::Unknown,
            'a' => by == Role::Authorised,
            _ => false,
        };
        let steady = self.fresh >= timing.dwell;
        let ready = match to {
            Phase::Advisory => steady && self.authority() >= Authority::Limited,
            Phase::Automatic => steady && self.ledger_agrees && self.authority() == Authority::Full,
            _ => true,
        };
        if person && ready {
            self.phase = to;
            self.stopped = false;
        }
        person && ready
    }

    fn clocks(&mut self, timing: &Timing, before: Phase) {
        let automatic = self.phase == Phase::Automatic;
        let left = before == Phase::Automatic && !automatic;
        self.summary = match (left, automatic) {
            (true, _) => timing.handover,
            (false, true) => 0,
            (false, false) => self.summary.saturating_sub(1),
        };
        self.ledger_agrees &= !left;
        if !automatic || self.authority() >= Authority::Limited {
            self.patience = timing.background_limit;
        } else if self.authority() == Authority::Background {
            self.patience = self.patience.saturating_sub(1);
        }
    }

    fn seen(&self, refused: bool) -> Seen {
        let authority = self.authority();
        let mut limiting = CauseSet::EMPTY;
        for (entry, standing) in self.entries.iter().zip(&self.standings) {
            if let Some(cause) = entry.cause {
                limiting = limiting.with_if(cause, standing.forbidden.contains(&true));
            }
        }
        let governing = match authority {
            Authority::Full => None,
            less => self.who_leaves(less).or(self.blamed),
        };
        let treating = [Phase::Standby, Phase::Manual, Phase::Advisory];
        let mode = match (self.phase, authority) {
            (Phase::Off, _) => Mode::Off,
            (_, Authority::FailStop) => Mode::FailStop,
            (Phase::Advisory, Authority::Suspend) => Mode::FallbackSuspend,
            (phase, _) if treating.contains(&phase) && self.summary > 0 => Mode::Handover,
            (Phase::SelfTest, _) => Mode::SelfTest,
            (Phase::Standby, _) => Mode::Standby,
            (Phase::Manual, _) => Mode::Manual,
            (Phase::Advisory, _) => Mode::Advisory,
            (Phase::Service, _) => Mode::Service,
            (Phase::Automatic, Authority::Full) => Mode::Automatic,
            (Phase::Automatic, Authority::Limited) => Mode::AutomaticLimited,
            (Phase::Automatic, Authority::Background) => Mode::FallbackBackground,
            (Phase::Automatic, Authority::Suspend) => Mode::FallbackSuspend,
        };
        let (phase, stopped) = (self.phase, self.stopped);
        Seen { phase, authority, mode, refused, limiting, governing, stopped }
    }
}
