//! Where the amounts of this cycle come from, and their way through the guard.

use crate::guard::{self, Admitted, Demand};
use crate::people::Asked;
use crate::state::State;
use crate::{Findings, Profile};
use homeostat_record::{
    Authority, CHANNELS, Cause, Decision, Input, Limit, OrderId, Phase, Proposal, Source, Steps,
    Verdict,
};

/// What is to be ordered on one manipulated variable, before the guard.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Part {
    source: Source,
    amount: Steps,
    ceiling: Option<Steps>,
    request: Steps,
    /// What the verdict says if no bound moves the amount.
    verdict: Verdict,
}

/// What is to be ordered, before the guard.
pub(crate) type Command = [Part; CHANNELS];

fn all(source: Source, amounts: [Steps; CHANNELS]) -> Command {
    amounts.map(|amount| Part { source, amount, ..Part::default() })
}

/// The same, taking the place of what a controller might have proposed.
fn instead(cause: Option<Cause>, command: Command) -> Command {
    let verdict = cause.map_or(Verdict::NotDue, Verdict::Substituted);
    command.map(|part| Part { verdict, ..part })
}

/// The order's source: the controller if any part of it comes from there.
fn source(command: &Command) -> Source {
    let mut sources = command.iter().map(|part| part.source);
    let first = sources.clone().next().unwrap_or_default();
    sources.find(|source| *source == Source::Controller).unwrap_or(first)
}

/// Whether a moved amount is reported as such; a substituted one names its cause instead.
const fn shows_bound(source: Source) -> bool {
    match source {
        Source::Controller | Source::Manual => true,
        Source::Nothing | Source::Background | Source::Suspension => false,
    }
}

impl<W> State<W> {
    /// What people set ends with the phase in which they set it; a hand-over goes on with the
    /// background rather than with nothing.
    pub(crate) fn settle(&mut self, before: Phase, findings: &Findings) {
        if self.modes.phase != Phase::Advisory {
            self.pending = None;
        }
        let keeps = set_by_people(before);
        for (channel, background) in self.channels.iter_mut().zip(findings.background) {
            channel.setting = match (set_by_people(self.modes.phase), keeps) {
                (true, true) => channel.setting,
                (true, false) if before == Phase::Automatic => background,
                (true | false, true | false) => Steps::ZERO,
            };
        }
    }

    /// Where the amounts come from.
    pub(crate) fn command(
        &self,
        proposal: Option<&Proposal>,
        findings: &Findings,
        asked: &Asked,
    ) -> Command {
        let governing = self.modes.governing();
        let nothing = all(Source::Nothing, [Steps::ZERO; CHANNELS]);
        let stop = all(Source::Suspension, [Steps::ZERO; CHANNELS]);
        let suspend = instead(governing, all(Source::Suspension, findings.suspend));
        let background = instead(governing, all(Source::Background, findings.background));
        let authority = self.modes.authority();
        let phase = self.modes.phase;
        if authority == Authority::FailStop {
            let due = matches!(phase, Phase::Advisory | Phase::Automatic);
            return if due { instead(governing, nothing) } else { nothing };
        }
        if self.modes.stopped {
            return stop;
        }
        let mut command = match phase {
            Phase::Off | Phase::SelfTest | Phase::Service => return nothing,
            Phase::Standby => return stop,
            Phase::Advisory if authority == Authority::Suspend => suspend,
            Phase::Manual | Phase::Advisory => self.by_people(asked),
            Phase::Automatic => match authority {
                Authority::FailStop => nothing,
                Authority::Suspend => suspend,
                Authority::Background => background,
                Authority::Limited | Authority::Full => self.closed_loop(proposal, findings),
            },
        };
        for (part, request) in command.iter_mut().zip(asked.requested) {
            part.request = request;
        }
        command
    }

    fn by_people(&self, asked: &Asked) -> Command {
        let command = all(Source::Manual, self.channels.map(|channel| channel.setting));
        let verdict = if asked.confirmed { Verdict::AsProposed } else { Verdict::NotDue };
        command.map(|part| Part { verdict, ..part })
    }

    /// The controller's amounts; the background's where it gives none.
    fn closed_loop(&self, proposal: Option<&Proposal>, findings: &Findings) -> Command {
        let late = self.modes.active().has(Cause::DeadlineMissed);
        let late = late.then_some(Cause::DeadlineMissed);
        let mut command = instead(late, all(Source::Background, findings.background));
        let limited = self.modes.authority() == Authority::Limited;
        let proposed = proposal.map_or([None; CHANNELS], |proposal| proposal.steps);
        let parts = command.iter_mut().zip(proposed).zip(findings.limited);
        for ((part, proposed), ceiling) in parts {
            if let Some(amount) = proposed {
                let source = Source::Controller;
                let ceiling = limited.then_some(ceiling);
                let verdict = Verdict::AsProposed;
                *part = Part { source, amount, ceiling, verdict, ..Part::default() };
            }
        }
        command
    }

    /// Passes the command through the guard and books what comes of it.
    pub(crate) fn order<P: Profile>(
        &mut self,
        profile: &P,
        input: &Input,
        findings: &Findings,
        command: &Command,
        decision: &mut Decision,
    ) -> Option<Admitted> {
        let mut amounts = [Steps::ZERO; CHANNELS];
        let mut clamped = false;
        let slots = amounts.iter_mut().zip(&mut decision.verdicts);
        let demands = self.demands(profile, findings, command);
        for (((amount, verdict), demand), part) in slots.zip(demands).zip(command) {
            let ruling = demand.ruling();
            *amount = ruling.amount;
            *verdict = part.verdict;
            if let Some(limit) = ruling.bound {
                clamped |= limit != Limit::Authority;
                if shows_bound(part.source) {
                    *verdict = Verdict::Bounded(limit);
                }
            }
        }
        self.clamps = self.clamps.next(clamped, profile.timing().clamp_window);
        for (channel, amount) in self.channels.iter_mut().zip(amounts) {
            channel.last = amount;
        }
        let source = source(command);
        if source == Source::Nothing {
            return None;
        }
        let id = OrderId(self.issued.0.saturating_add(1));
        let expires = input.now.after(profile.lease());
        let requested = command.map(|part| part.request);
        let Some(order) = guard::admit(id, source, amounts, requested, profile.limits(), expires)
        else {
            self.found = self.found.with(Cause::IntegrityLost);
            return None;
        };
        self.issued = id;
        for (channel, steps) in self.channels.iter_mut().zip(order.steps()) {
            channel.ledger.order(id, steps);
            channel.history.add(steps);
        }
        decision.order = Some(*order.order());
        Some(order)
    }

    fn demands<'a, P: Profile>(
        &'a self,
        profile: &'a P,
        findings: &'a Findings,
        command: &'a Command,
    ) -> impl Iterator<Item = Demand<'a>> {
        let parts = command.iter().zip(self.channels.iter().zip(profile.limits()));
        let watched = findings.envelope.iter().zip(&findings.acting);
        parts.zip(watched).map(|((part, (channel, limits)), (envelope, acting))| Demand {
            source: part.source,
            amount: part.amount,
            request: part.request,
            ceiling: part.ceiling,
            envelope: *envelope,
            acting: *acting,
            last: channel.last,
            history: &channel.history,
            limits,
        })
    }
}

/// Whether people set the amount in this phase.
const fn set_by_people(phase: Phase) -> bool {
    match phase {
        Phase::Manual | Phase::Advisory => true,
        Phase::Off | Phase::SelfTest | Phase::Standby | Phase::Automatic | Phase::Service => false,
    }
}
