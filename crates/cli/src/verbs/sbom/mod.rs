//! `homeostat sbom`: bills of materials.

mod check;
mod convert;
mod diff;
mod new;
mod read;

use std::path::Path;

use clap::{Subcommand, ValueEnum};
use homeostat_postmarket::sbom::{Bill, Component, Form, Limits};

use crate::failure::{Failure, Outcome};
use crate::files;

#[derive(Debug, Subcommand)]
pub(crate) enum Sbom {
    New(new::New),
    Read(read::Read),
    Check(check::Check),
    Diff(diff::Diff),
    Convert(convert::Convert),
}

impl Sbom {
    pub(crate) fn run(&self) -> Outcome {
        match self {
            Self::New(new) => new.run(),
            Self::Read(read) => read.run(),
            Self::Check(check) => check.run(),
            Self::Diff(diff) => diff.run(),
            Self::Convert(convert) => convert.run(),
        }
    }
}

/// The forms that are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Written {
    /// CycloneDX 1.6, JSON.
    #[value(name = "cyclonedx-1.6")]
    CycloneDx16,
    /// CycloneDX 1.7, JSON.
    #[value(name = "cyclonedx-1.7")]
    CycloneDx17,
    /// SPDX 2.3, JSON.
    #[value(name = "spdx-2.3")]
    Spdx23,
    /// SPDX 3.0.1, JSON-LD.
    #[value(name = "spdx-3.0")]
    Spdx30,
}

impl Written {
    fn form(self) -> Form {
        match self {
            Self::CycloneDx16 => Form::CycloneDx16,
            Self::CycloneDx17 => Form::CycloneDx17,
            Self::Spdx23 => Form::Spdx23,
            Self::Spdx30 => Form::Spdx30,
        }
    }
}

/// Reads a bill from a file.
pub(crate) fn open(path: &Path) -> Result<Bill, Failure> {
    read(path, &files::read_bytes(path)?)
}

/// Reads a bill from bytes that were read already.
pub(crate) fn read(path: &Path, bytes: &[u8]) -> Result<Bill, Failure> {
    homeostat_postmarket::sbom::read(&path.display().to_string(), bytes, &Limits::default())
        .map_err(Failure::environment)
}

/// Name and version of a component, its group before it.
pub(crate) fn shown(component: &Component) -> String {
    let group = component.group.as_ref().map(|group| format!("{group}/")).unwrap_or_default();
    let version = component.version.as_ref().map(|version| format!(" {version}"));
    format!("{group}{}{}", component.name, version.unwrap_or_default())
}
