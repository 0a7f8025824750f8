//! The choice of an algorithm at run time, with one type of controller for all of them.

use crate::algorithm::{Algorithm, Nothing, Observation, OpenLoop, Wish};
use crate::profile::Settings;
use minicbor::{Decode, Encode};

/// Which algorithm doses. The second and third are whatever the release holds, a rule-based and
/// a model-predictive one: all are equal behind the same guard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method<R, M> {
    /// The programmed basal rate.
    OpenLoop,
    /// Rules.
    Rules(R),
    /// Model-predictive control.
    Predictive(M),
}

/// What the chosen algorithm remembers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(flat)]
pub enum MethodState<R, M> {
    /// Nothing.
    #[n(0)]
    OpenLoop,
    /// The rules' state.
    #[n(1)]
    Rules(#[n(0)] R),
    /// The predictive controller's state.
    #[n(2)]
    Predictive(#[n(0)] M),
}

impl<R, M> Algorithm for Method<R, M>
where
    R: Algorithm,
    M: Algorithm,
    R::State: Encode<()> + for<'b> Decode<'b, ()>,
    M::State: Encode<()> + for<'b> Decode<'b, ()>,
{
    type State = MethodState<R::State, M::State>;

    fn start(&self, settings: &Settings) -> Self::State {
        match self {
            Self::OpenLoop => MethodState::OpenLoop,
            Self::Rules(rules) => MethodState::Rules(rules.start(settings)),
            Self::Predictive(model) => MethodState::Predictive(model.start(settings)),
        }
    }

    fn step(
        &self,
        settings: &Settings,
        state: &Self::State,
        seen: &Observation,
    ) -> (Self::State, Wish) {
        match (self, state) {
            (Self::Rules(rules), MethodState::Rules(state)) => {
                let (state, wish) = rules.step(settings, state, seen);
                (MethodState::Rules(state), wish)
            }
            (Self::Predictive(model), MethodState::Predictive(state)) => {
                let (state, wish) = model.step(settings, state, seen);
                (MethodState::Predictive(state), wish)
            }
            (Self::OpenLoop, MethodState::OpenLoop) => {
                (MethodState::OpenLoop, OpenLoop.step(settings, &Nothing {}, seen).1)
            }
            // A state of another algorithm is no state of this one: it begins anew.
            (Self::OpenLoop | Self::Rules(_) | Self::Predictive(_), _) => {
                (self.start(settings), OpenLoop.step(settings, &Nothing {}, seen).1)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Method, MethodState};
    use crate::LoopController;
    use crate::algorithm::{Algorithm, Observation, OpenLoop, Wish};
    use crate::profile::tests::ADULT;
    use crate::profile::{Profile, Settings};
    use crate::reason::Reason;
    use crate::units::Units;
    use homeostat_kernel::Controller;
    use homeostat_record::Input;

    /// Counts its steps, and wishes for so many units.
    #[derive(Clone, Copy)]
    struct Counting;

    impl Algorithm for Counting {
        type State = u32;
        fn start(&self, _: &Settings) -> u32 {
            0
        }
        fn step(&self, settings: &Settings, state: &u32, _: &Observation) -> (u32, Wish) {
            let wish = Wish::basal(settings, Reason::Correction);
            (state + 1, Wish { dose: Units(f64::from(*state)), ..wish })
        }
    }

    #[test]
    fn each_method_keeps_its_own_state() {
        let profile = Profile::reference_for(&ADULT).unwrap();
        let settings = profile.settings();
        let rules: Method<Counting, OpenLoop> = Method::Rules(Counting);
        let model: Method<OpenLoop, Counting> = Method::Predictive(Counting);
        assert_eq!(rules.start(&settings), MethodState::Rules(0));
        assert_eq!(model.start(&settings), MethodState::Predictive(0));
        let controller = LoopController::new(&profile, rules);
        let mut state = controller.start();
        for _ in 0..3 {
            (state, _) = controller.propose(&state, &Input::default());
        }
        let open: Method<Counting, OpenLoop> = Method::OpenLoop;
        let controller = LoopController::new(&profile, open);
        let (_, proposal) = controller.propose(&state, &Input::default());
        assert_eq!(proposal.rationale.reason, Reason::Basal as u16, "a foreign state is not used");
    }
}
