//! What arrived since the last cycle, bounded: nothing that a peer or a person does makes it grow.

use std::collections::VecDeque;

use homeostat_record::{
    Action, Bytes, FRAMES_MAX, Frame, Input, Instant, PERSON_ACTIONS_MAX, PersonAction,
    REPORTS_MAX, Report,
};

/// Frames that wait at most; the oldest goes when another comes.
const FRAMES_WAITING: usize = 64;
/// Actions of people that wait at most, a stop apart.
const ACTIONS_WAITING: usize = 16;

/// What was thrown away, since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Overflow {
    /// Sensor frames that waited too long.
    pub frames: u64,
    /// Actions of people that came faster than cycles take them; who acted was told.
    pub actions: u64,
}

/// Arrivals between two cycles.
#[derive(Clone, Debug, Default)]
pub struct Mailbox {
    frames: VecDeque<Frame>,
    /// Of old, for the record: they go when nothing newer waits.
    stored: VecDeque<Frame>,
    reports: Vec<Report>,
    actions: VecDeque<PersonAction>,
    stopped: Option<PersonAction>,
    overflow: Overflow,
}

impl Mailbox {
    /// A sensor's message, received at `received`.
    pub fn frame(
        &mut self,
        received: Instant,
        bytes: Bytes<{ homeostat_record::FRAME_BYTES_MAX }>,
    ) {
        if self.frames.len() == FRAMES_WAITING {
            self.frames.pop_front();
            self.overflow.frames = self.overflow.frames.saturating_add(1);
        }
        self.frames.push_back(Frame { received, bytes });
    }

    /// A sensor's message of old, which was asked for later. The oldest goes when there is no room.
    pub fn stored(
        &mut self,
        received: Instant,
        bytes: Bytes<{ homeostat_record::FRAME_BYTES_MAX }>,
    ) {
        if self.stored.len() == FRAMES_WAITING {
            self.stored.pop_front();
        }
        self.stored.push_back(Frame { received, bytes });
    }

    /// An actuator's report. Totals make the newest of a manipulated variable say all that the
    /// earlier ones said, so the newest stands, in whatever order they arrived.
    pub fn report(&mut self, report: Report) {
        let room = self.reports.len() < REPORTS_MAX;
        match self.reports.iter_mut().find(|known| known.channel == report.channel) {
            Some(known) if is_overtaken(&report, known) => {}
            Some(known) => *known = report,
            None if room => self.reports.push(report),
            None => {}
        }
    }

    /// What a person did. A stop always has room (ACT-10); another action may be refused when people
    /// act faster than cycles take them.
    ///
    /// # Errors
    /// The action, untaken.
    pub fn person(&mut self, action: PersonAction) -> Result<(), PersonAction> {
        if action.action == Action::Stop {
            self.stopped = Some(action);
            // What was asked for before a stop is not done after it; what is so stays so.
            self.actions.retain(|waiting| is_fact(waiting.action));
            return Ok(());
        }
        if self.actions.len() == ACTIONS_WAITING {
            self.overflow.actions = self.overflow.actions.saturating_add(1);
            return Err(action);
        }
        self.actions.push_back(action);
        Ok(())
    }

    /// What the next cycle would take as of now, for who shows it to people.
    #[must_use]
    pub fn waiting(&self) -> Input {
        let mut input = Input::default();
        self.clone().empty_into(&mut input);
        input
    }

    /// Moves what waits into the input of a cycle, in order of arrival; what does not fit waits.
    pub fn empty_into(&mut self, input: &mut Input) {
        for _ in 0..FRAMES_MAX {
            let next = self.frames.pop_front().or_else(|| self.stored.pop_front());
            let Some(frame) = next else { break };
            // There are no more than fit.
            let _ = input.frames.push(frame);
        }
        for report in self.reports.drain(..) {
            // There are no more than fit.
            let _ = input.reports.push(report);
        }
        let stopped = self.stopped.take();
        let later = self.actions.len().min(PERSON_ACTIONS_MAX - usize::from(stopped.is_some()));
        for action in stopped.into_iter().chain(self.actions.drain(..later)) {
            let _ = input.people.push(action);
        }
    }

    /// What was thrown away.
    #[must_use]
    pub const fn overflow(&self) -> Overflow {
        self.overflow
    }
}

/// Whether a report was held up on its way while the known one arrived. Each actuator has counts of its own.
fn is_overtaken(report: &Report, known: &Report) -> bool {
    report.actuator == known.actuator && report.is_late_after(known.accepted, known.delivered_total)
}

/// Whether an action only says what is: what was given, eaten or measured.
const fn is_fact(action: Action) -> bool {
    match action {
        Action::Given { .. } | Action::Announce(_) | Action::Reference(_) => true,
        Action::Stop
        | Action::Choose(_)
        | Action::Acknowledge
        | Action::Reset
        | Action::Reconcile
        | Action::Confirm
        | Action::Request { .. }
        | Action::SetManual { .. } => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use homeostat_record::{ActuatorStatus, OrderId, Phase, Role, Steps};

    fn choose(phase: Phase) -> PersonAction {
        PersonAction { by: Role::User, action: Action::Choose(phase) }
    }

    fn taken(mailbox: &mut Mailbox) -> Input {
        let mut input = Input::default();
        mailbox.empty_into(&mut input);
        input
    }

    #[test]
    fn com_11_a_flood_of_frames_costs_the_oldest_and_no_memory() {
        let mut mailbox = Mailbox::default();
        for millis in 0..1_000 {
            mailbox.frame(Instant { boot: 1, millis }, Bytes::default());
        }
        let seen: Vec<u64> = (0..20)
            .flat_map(|_| {
                taken(&mut mailbox).frames.iter().map(|f| f.received.millis).collect::<Vec<_>>()
            })
            .collect();
        assert_eq!(seen, (936..1_000).collect::<Vec<_>>());
        assert_eq!(mailbox.overflow().frames, 936);
    }

    #[test]
    fn iop_08_what_is_stored_waits_for_what_is_new() {
        let mut mailbox = Mailbox::default();
        let at = |millis| Instant { boot: 1, millis };
        (0..100).for_each(|millis| mailbox.stored(at(millis), Bytes::default()));
        mailbox.frame(at(1_000), Bytes::default());
        let seen = |mailbox: &mut Mailbox| -> Vec<u64> {
            taken(mailbox).frames.iter().map(|frame| frame.received.millis).collect()
        };
        assert_eq!(seen(&mut mailbox), [1_000, 36, 37, 38, 39, 40, 41, 42]);
        mailbox.frame(at(2_000), Bytes::default());
        assert_eq!(seen(&mut mailbox)[..2], [2_000, 43]);
    }

    #[test]
    fn act_03_the_newest_report_of_a_manipulated_variable_stands() {
        let mut mailbox = Mailbox::default();
        for total in 0..100 {
            for channel in 0..9 {
                mailbox.report(Report { channel, delivered_total: total, ..Report::default() });
            }
        }
        let input = taken(&mut mailbox);
        assert_eq!(input.reports.iter().count(), REPORTS_MAX);
        assert!(input.reports.iter().all(|report| report.delivered_total == 99));
        assert_eq!(taken(&mut mailbox).reports.iter().count(), 0);
    }

    #[test]
    fn act_03_a_report_that_was_held_up_hides_none_that_is_newer() {
        let report = |accepted, delivered_total| Report {
            actuator: 7,
            accepted: OrderId(accepted),
            accepted_total: 500,
            delivered_total,
            verified_total: Some(delivered_total),
            ..Report::default()
        };
        let stands = |arrived: &[Report]| {
            let mut mailbox = Mailbox::default();
            arrived.iter().for_each(|report| mailbox.report(*report));
            taken(&mut mailbox).reports.iter().copied().collect::<Vec<_>>()
        };
        let (old, fresh) = (report(4, 60), report(5, 40));
        assert_eq!(stands(&[fresh, old]), [fresh]);
        assert_eq!(stands(&[old, fresh]), [fresh]);
        assert_eq!(stands(&[fresh, report(5, 39)]), [fresh], "the same order, and less of it");
        let stopped = Report { status: ActuatorStatus::Stopped, ..fresh };
        assert_eq!(stands(&[fresh, stopped]), [stopped], "as new, and arrived later");
        let other = Report { actuator: 8, ..old };
        assert_eq!(stands(&[fresh, other]), [other], "another actuator has counts of its own");
    }

    #[test]
    fn act_03_an_order_that_was_never_given_hides_no_report() {
        let mut mailbox = Mailbox::default();
        let report = |accepted| Report { accepted: OrderId(accepted), ..Report::default() };
        let stands = |mailbox: &mut Mailbox| {
            taken(mailbox).reports.iter().map(|report| report.accepted.0).collect::<Vec<_>>()
        };
        [u64::MAX, 5].into_iter().for_each(|accepted| mailbox.report(report(accepted)));
        assert_eq!(stands(&mut mailbox), [5], "so far behind is a new count");
        // Believed for its own cycle at most.
        [25, 5].into_iter().for_each(|accepted| mailbox.report(report(accepted)));
        assert_eq!(stands(&mut mailbox), [25]);
        mailbox.report(report(6));
        assert_eq!(stands(&mut mailbox), [6]);
    }

    #[test]
    fn act_10_a_stop_always_has_room_and_undoes_what_waits_before_it() {
        let mut mailbox = Mailbox::default();
        let request = Action::Request { channel: 0, steps: Steps(5) };
        let request = PersonAction { by: Role::User, action: request };
        while mailbox.person(request).is_ok() {}
        assert_eq!(mailbox.overflow().actions, 1);
        let stop = PersonAction { by: Role::Unknown, action: Action::Stop };
        assert_eq!(mailbox.person(stop), Ok(()));
        for _ in 0..6 {
            assert_eq!(mailbox.person(choose(Phase::Manual)), Ok(()));
        }
        let first: Vec<_> = taken(&mut mailbox).people.iter().copied().collect();
        assert_eq!(first[0], stop);
        assert_eq!(first[1..], [choose(Phase::Manual); PERSON_ACTIONS_MAX - 1]);
        assert_eq!(taken(&mut mailbox).people.iter().count(), 3);
    }

    #[test]
    fn act_10_a_stop_throws_no_fact_away() {
        let mut mailbox = Mailbox::default();
        let by = Role::Authorised;
        let given = PersonAction { by, action: Action::Given { channel: 0, steps: Steps(7) } };
        let measured = PersonAction { by, action: Action::Reference(99) };
        let stop = PersonAction { by, action: Action::Stop };
        for action in [given, choose(Phase::Automatic), measured, stop] {
            assert_eq!(mailbox.person(action), Ok(()));
        }
        let people: Vec<_> = taken(&mut mailbox).people.iter().copied().collect();
        assert_eq!(people, [stop, given, measured]);
    }
}
