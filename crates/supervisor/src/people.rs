//! What people ask for, set, confirm and give by other means.

use crate::causes::identified;
use crate::guard;
use crate::state::{Channel, Pending, State};
use crate::{Findings, Profile};
use homeostat_record::{
    Action, Authority, CHANNELS, Decision, Input, Phase, Proposal, Refusal, Role, Steps,
};

/// What people added to this cycle.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Asked {
    /// Requests that were granted.
    pub requested: [Steps; CHANNELS],
    /// The pending proposal was confirmed.
    pub confirmed: bool,
}

impl<W> State<W> {
    /// Books what people gave by other means: it counts for every window.
    pub(crate) fn book_given(&mut self, input: &Input) {
        for person in &input.people {
            if let Action::Given { channel, steps } = person.action {
                if let Some(channel) = self.channels.get_mut(usize::from(channel)) {
                    channel.history.add(steps);
                }
            }
        }
    }

    /// Grants or refuses what people asked for.
    pub(crate) fn people_act<P: Profile>(
        &mut self,
        profile: &P,
        input: &Input,
        findings: &Findings,
        decision: &mut Decision,
    ) -> Asked {
        let mut asked = Asked::default();
        for person in &input.people {
            match person.action {
                Action::Request { channel, steps } => {
                    let channel = usize::from(channel);
                    match self.request(profile, person.by, channel, steps, findings) {
                        Ok(()) => put(&mut asked.requested, channel, steps),
                        Err(refusal) => refuse(decision, channel, refusal),
                    }
                }
                Action::SetManual { channel, steps } => {
                    let channel = usize::from(channel);
                    if let Err(refusal) = self.set(profile, person.by, channel, steps) {
                        refuse(decision, channel, refusal);
                    }
                }
                Action::Confirm => asked.confirmed |= self.confirm(person.by, input),
                Action::Choose(_)
                | Action::Stop
                | Action::Acknowledge
                | Action::Reset
                | Action::Reconcile
                | Action::Given { .. }
                | Action::Announce(_)
                | Action::Reference(_) => {}
            }
        }
        asked
    }

    fn request<P: Profile>(
        &mut self,
        profile: &P,
        by: Role,
        number: usize,
        steps: Steps,
        findings: &Findings,
    ) -> Result<(), Refusal> {
        let may = self.may_request();
        let (channel, limits) = find(&mut self.channels, profile, number)?;
        let acting = findings.acting.get(number).copied().unwrap_or(Steps::MAX);
        if !identified(by) {
            return Err(Refusal::Role);
        }
        may?;
        if channel.wait > 0 {
            return Err(Refusal::TooSoon);
        }
        guard::request(steps, acting, &channel.history, limits).map_err(Refusal::Bound)?;
        channel.wait = profile.timing().request_interval;
        Ok(())
    }

    /// Whether phase and authority take requests. In manual operation a person decides, and only
    /// fail-stop is in the way (MOD-05).
    fn may_request(&self) -> Result<(), Refusal> {
        let least = match self.modes.phase {
            Phase::Off | Phase::SelfTest | Phase::Standby | Phase::Service => {
                return Err(Refusal::Phase);
            }
            Phase::Manual => Authority::Suspend,
            Phase::Advisory | Phase::Automatic => Authority::Background,
        };
        if self.modes.authority() < least {
            return Err(Refusal::Authority);
        }
        Ok(())
    }

    fn set<P: Profile>(
        &mut self,
        profile: &P,
        by: Role,
        number: usize,
        steps: Steps,
    ) -> Result<(), Refusal> {
        let phase = self.modes.phase;
        let (channel, limits) = find(&mut self.channels, profile, number)?;
        if !identified(by) {
            return Err(Refusal::Role);
        }
        if phase != Phase::Manual {
            return Err(Refusal::Phase);
        }
        guard::setting(steps, limits).map_err(Refusal::Bound)?;
        channel.setting = steps;
        Ok(())
    }

    /// Takes the pending proposal as the amount in force.
    fn confirm(&mut self, by: Role, input: &Input) -> bool {
        if !identified(by) {
            return false;
        }
        let Some(pending) = self.pending else {
            return false;
        };
        if !crate::lease::may_begin(pending.expires, input.now) {
            return false;
        }
        for (channel, steps) in self.channels.iter_mut().zip(pending.steps) {
            channel.setting = steps.unwrap_or(channel.setting);
        }
        self.pending = None;
        true
    }

    /// Shows a new proposal when the last one was confirmed or has expired. It stays as shown for
    /// as long as an order lives, so that a person confirms what can be read.
    pub(crate) fn offer<P: Profile>(
        &mut self,
        profile: &P,
        input: &Input,
        proposal: Option<&Proposal>,
        findings: &Findings,
    ) {
        if self.modes.phase != Phase::Advisory {
            return;
        }
        let live = self.pending.is_some_and(|p| crate::lease::may_begin(p.expires, input.now));
        if live {
            return;
        }
        self.pending = None;
        let Some(proposal) = proposal else {
            return;
        };
        let limited = self.modes.authority() == Authority::Limited;
        let mut steps = proposal.steps;
        let bounds = profile.limits().iter().zip(&findings.limited);
        for (offered, (limits, ceiling)) in steps.iter_mut().zip(bounds) {
            let most = if limited { limits.cycle_max.or_less(*ceiling) } else { limits.cycle_max };
            *offered = offered.map(|steps| steps.or_less(most));
        }
        let mut pairs = steps.iter().zip(&self.channels);
        if pairs.any(|(steps, channel)| steps.is_some_and(|steps| steps != channel.setting)) {
            let expires = input.now.after(profile.lease());
            self.pending = Some(Pending { steps, expires });
        }
    }
}

fn find<'a, P: Profile>(
    channels: &'a mut [Channel; CHANNELS],
    profile: &'a P,
    number: usize,
) -> Result<(&'a mut Channel, &'a crate::ChannelLimits), Refusal> {
    let limits = profile.limits().get(number).ok_or(Refusal::Channel)?;
    if limits.label_max == Steps::ZERO {
        return Err(Refusal::Channel);
    }
    let channel = channels.get_mut(number).ok_or(Refusal::Channel)?;
    Ok((channel, limits))
}

fn put(requested: &mut [Steps; CHANNELS], channel: usize, steps: Steps) {
    if let Some(slot) = requested.get_mut(channel) {
        *slot = slot.saturating_add(steps);
    }
}

/// Names the refusal where it belongs; for a manipulated variable that does not exist, on the
/// first one.
fn refuse(decision: &mut Decision, channel: usize, refusal: Refusal) {
    let [first, others @ ..] = &mut decision.refused;
    let slot = channel.checked_sub(1).and_then(|other| others.get_mut(other)).unwrap_or(first);
    *slot = Some(refusal);
}
