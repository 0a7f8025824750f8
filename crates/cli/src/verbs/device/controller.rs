//! `homeostat device controller`: the child's side.

use std::io::{stdin, stdout};

use clap::Args;
use homeostat_device::controller::confinement::confine;
use homeostat_device::controller::serve;

use crate::failure::{Failure, Outcome};

#[derive(Debug, Args)]
pub(crate) struct Controller {}

impl Controller {
    #[allow(clippy::unused_self, reason = "a verb like the others")]
    pub(crate) fn run(&self) -> Outcome {
        serve(stdin().lock(), stdout().lock(), confine).map_err(Failure::environment)
    }
}
