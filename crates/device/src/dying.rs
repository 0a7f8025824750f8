//! Processes that were killed and that the system has not given back yet: no cycle waits for them.

use std::process::Child;

/// So many at once are a sign that no further one should be started.
const MANY: usize = 8;

/// Killed processes.
#[derive(Debug, Default)]
pub(crate) struct Dying(Vec<Child>);

impl Dying {
    /// Kills a process. What is gone meanwhile is taken back.
    pub(crate) fn kill(&mut self, mut child: Child) {
        // It cannot fail in a way that leaves it running: it is ours and was not waited for.
        let _ = child.kill();
        self.0.push(child);
        self.0.retain_mut(|child| matches!(child.try_wait(), Ok(None)));
    }

    /// Whether too many are still there, as when the system hangs.
    pub(crate) fn are_many(&mut self) -> bool {
        self.0.retain_mut(|child| matches!(child.try_wait(), Ok(None)));
        self.0.len() >= MANY
    }
}

impl Drop for Dying {
    fn drop(&mut self) {
        for child in &mut self.0 {
            let _ = child.wait();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::{Command, Stdio};

    #[test]
    fn what_is_killed_is_taken_back_without_waiting() {
        let mut dying = Dying::default();
        for _ in 0..3 {
            let mut sleeper = Command::new("sleep");
            let child = sleeper.arg("1000").stdin(Stdio::null()).spawn().expect("it is there");
            dying.kill(child);
        }
        while !dying.0.is_empty() {
            assert!(!dying.are_many());
        }
    }
}
