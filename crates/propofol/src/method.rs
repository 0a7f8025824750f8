//! The choice of an algorithm at run time, with one type of controller for all of them.

use crate::algorithm::{Algorithm, Observation, Settings, Wish};
use minicbor::{Decode, Encode};

/// Which algorithm doses: target-controlled infusion without feedback, a
/// proportional-integral-derivative controller, a predictive one. All are equal behind the same
/// guard.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Method<T, P, M> {
    /// Target-controlled infusion, without feedback.
    TargetControlled(T),
    /// Proportional-integral-derivative control.
    Pid(P),
    /// Predictive control.
    Predictive(M),
}

/// What the chosen algorithm remembers.
#[derive(Clone, Copy, Debug, PartialEq, Encode, Decode)]
#[cbor(flat)]
pub enum MethodState<T, P, M> {
    /// The target-controlled infusion's state.
    #[n(0)]
    TargetControlled(#[n(0)] T),
    /// The PID controller's state.
    #[n(1)]
    Pid(#[n(0)] P),
    /// The predictive controller's state.
    #[n(2)]
    Predictive(#[n(0)] M),
}

impl<T, P, M> Algorithm for Method<T, P, M>
where
    T: Algorithm,
    P: Algorithm,
    M: Algorithm,
    T::State: Encode<()> + for<'b> Decode<'b, ()>,
    P::State: Encode<()> + for<'b> Decode<'b, ()>,
    M::State: Encode<()> + for<'b> Decode<'b, ()>,
{
    type State = MethodState<T::State, P::State, M::State>;

    fn start(&self, settings: &Settings) -> Self::State {
        match self {
            Self::TargetControlled(own) => MethodState::TargetControlled(own.start(settings)),
            Self::Pid(own) => MethodState::Pid(own.start(settings)),
            Self::Predictive(own) => MethodState::Predictive(own.start(settings)),
        }
    }

    fn step(
        &self,
        settings: &Settings,
        state: &Self::State,
        seen: &Observation,
    ) -> (Self::State, Wish) {
        match (self, state) {
            (Self::TargetControlled(own), MethodState::TargetControlled(state)) => {
                let (state, wish) = own.step(settings, state, seen);
                (MethodState::TargetControlled(state), wish)
            }
            (Self::Pid(own), MethodState::Pid(state)) => {
                let (state, wish) = own.step(settings, state, seen);
                (MethodState::Pid(state), wish)
            }
            (Self::Predictive(own), MethodState::Predictive(state)) => {
                let (state, wish) = own.step(settings, state, seen);
                (MethodState::Predictive(state), wish)
            }
            // A state of another algorithm is no state of this one: it begins anew.
            (Self::TargetControlled(_) | Self::Pid(_) | Self::Predictive(_), _) => {
                self.step(settings, &self.start(settings), seen)
            }
        }
    }
}
