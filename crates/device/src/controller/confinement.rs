//! What a controller's process gives up before it is asked anything: files, network, new processes.
//!
//! Three independent fences, each as far as the kernel has it, and each said: resource limits (no
//! open file more, no file grows, bounded memory), Landlock (no path, no port) and seccomp (the few
//! system calls that computing and answering take; any other ends the process).

use std::fmt;

/// Which fences stand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools, reason = "three fences that stand or not")]
pub struct Confinement {
    /// Limits of memory, open files and file sizes.
    pub limits: bool,
    /// Landlock is enforced in full or in part.
    pub landlock: bool,
    /// The filter of system calls.
    pub seccomp: bool,
}

impl Confinement {
    /// All of them.
    pub const WHOLE: Self = Self { limits: true, landlock: true, seccomp: true };

    /// The fences as bits: 1 limits, 2 Landlock, 4 seccomp.
    #[must_use]
    pub fn code(self) -> u8 {
        u8::from(self.limits) | u8::from(self.landlock) << 1 | u8::from(self.seccomp) << 2
    }

    /// The fences of these bits; unknown bits are nothing.
    #[must_use]
    pub fn of_code(code: u8) -> Self {
        Self { limits: code & 1 != 0, landlock: code & 2 != 0, seccomp: code & 4 != 0 }
    }
}

impl fmt::Display for Confinement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fences =
            [("limits", self.limits), ("Landlock", self.landlock), ("seccomp", self.seccomp)];
        let of = |stands: bool| {
            let named: Vec<_> =
                fences.iter().filter(|(_, is)| *is == stands).map(|(name, _)| *name).collect();
            named.join(", ")
        };
        match (of(true), of(false)) {
            (_, without) if without.is_empty() => {
                write!(f, "confined by limits, Landlock, seccomp")
            }
            (with, without) if with.is_empty() => write!(f, "not confined: no {without}"),
            (with, without) => write!(f, "confined by {with}; this kernel gives no {without}"),
        }
    }
}

/// Gives up everything that can be given up, for good. To be called in a process of one thread that
/// has opened all that it needs.
#[must_use]
pub fn confine() -> Confinement {
    Confinement { limits: limit(), landlock: fence_paths_and_ports(), seccomp: filter_calls() }
}

/// Memory that a controller may have: many times what it needs.
const MEMORY: u64 = 256 << 20;

fn limit() -> bool {
    use rustix::process::{Resource, Rlimit, setrlimit};
    let to = |most: u64| Rlimit { current: Some(most), maximum: Some(most) };
    [(Resource::As, MEMORY), (Resource::Fsize, 0), (Resource::Nofile, 3), (Resource::Core, 0)]
        .into_iter()
        .all(|(resource, most)| setrlimit(resource, to(most)).is_ok())
}

fn fence_paths_and_ports() -> bool {
    use landlock::{ABI, Access, AccessFs, AccessNet, Ruleset, RulesetAttr, RulesetStatus, Scope};
    let ruleset = || {
        Ruleset::default()
            .handle_access(AccessFs::from_all(ABI::V6))?
            .handle_access(AccessNet::from_all(ABI::V6))?
            .scope(Scope::from_all(ABI::V6))?
            .create()?
            .restrict_self()
    };
    ruleset().is_ok_and(|status| status.ruleset != RulesetStatus::NotEnforced)
}

/// The calls that reading a question, computing and writing an answer take.
#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
const CALLS: [libc::c_long; 20] = [
    libc::SYS_read,
    libc::SYS_write,
    libc::SYS_close,
    libc::SYS_brk,
    libc::SYS_mmap,
    libc::SYS_munmap,
    libc::SYS_mremap,
    libc::SYS_mprotect,
    libc::SYS_madvise,
    libc::SYS_futex,
    libc::SYS_sigaltstack,
    libc::SYS_rt_sigaction,
    libc::SYS_rt_sigprocmask,
    libc::SYS_rt_sigreturn,
    libc::SYS_sched_yield,
    libc::SYS_clock_gettime,
    libc::SYS_gettid,
    libc::SYS_restart_syscall,
    libc::SYS_exit,
    libc::SYS_exit_group,
];

#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
fn filter_calls() -> bool {
    use seccompiler::{BpfProgram, SeccompAction, SeccompFilter, TargetArch, apply_filter};
    let arch = std::env::consts::ARCH;
    let Ok(arch) = TargetArch::try_from(arch) else { return false };
    let calls = CALLS.into_iter().map(|call| (call, Vec::new())).collect();
    SeccompFilter::new(calls, SeccompAction::KillProcess, SeccompAction::Allow, arch)
        .and_then(BpfProgram::try_from)
        .is_ok_and(|program| apply_filter(&program).is_ok())
}

#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
fn filter_calls() -> bool {
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_is_said() {
        for code in 0..8 {
            assert_eq!(Confinement::of_code(code).code(), code);
        }
        assert_eq!(Confinement::WHOLE.to_string(), "confined by limits, Landlock, seccomp");
        let without = Confinement { landlock: false, ..Confinement::WHOLE };
        let said = "confined by limits, seccomp; this kernel gives no Landlock";
        assert_eq!(without.to_string(), said);
        let none = Confinement::default().to_string();
        assert_eq!(none, "not confined: no limits, Landlock, seccomp");
    }
}
