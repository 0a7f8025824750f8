//! `homeostat sbom convert`.

use std::path::PathBuf;

use clap::Args;
use homeostat_postmarket::sbom::write;

use crate::failure::{Failure, Outcome};
use crate::{clock, files, output};

/// Write a bill in another form.
///
/// What a form has no field for is kept in properties that begin with `homeostat:`. The original file is not touched: keep
/// it beside the new one.
#[derive(Debug, Args)]
pub(crate) struct Convert {
    /// The bill.
    file: PathBuf,
    /// The form to write.
    #[arg(long, value_enum, default_value = "cyclonedx-1.6")]
    form: super::Written,
    /// The time that the new document says it was made at (RFC 3339); now if not given.
    #[arg(long, value_name = "TIME")]
    at: Option<String>,
    /// The file to write; stdout if not given.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

impl Convert {
    pub(crate) fn run(&self) -> Outcome {
        let bill = super::open(&self.file)?;
        let created = clock::at(self.at.as_deref())?.to_string();
        let bytes = write(&bill, self.form.form(), &created).map_err(Failure::environment)?;
        match &self.out {
            Some(out) => files::write_whole(out, &bytes),
            None => output::stream(|to| to.write_all(&bytes)),
        }
    }
}
