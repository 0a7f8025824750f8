//! `homeostat sbom convert`.

use std::path::{Path, PathBuf};

use clap::Args;
use homeostat_postmarket::sbom::{Bill, Limits, compiled_sources, write};

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
    /// What the build compiled of a component, which it is called by name or package URL: compile_commands.json, or a
    /// source or object file a line. An advisory about other files of it then does not concern the product.
    #[arg(long, value_name = "COMPONENT=FILE")]
    compiled: Vec<String>,
    /// The time that the new document says it was made at (RFC 3339); now if not given.
    #[arg(long, value_name = "TIME")]
    at: Option<String>,
    /// The file to write; stdout if not given.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

impl Convert {
    pub(crate) fn run(&self) -> Outcome {
        let mut bill = super::open(&self.file)?;
        for words in &self.compiled {
            let Some((component, list)) = words.rsplit_once('=') else {
                let words = format!("--compiled: found {words:?}; expected COMPONENT=FILE");
                return Err(Failure::usage(words));
            };
            add_compiled(&mut bill, component, Path::new(list))?;
        }
        let created = clock::at(self.at.as_deref())?.to_string();
        let bytes = write(&bill, self.form.form(), &created).map_err(Failure::environment)?;
        match &self.out {
            Some(out) => files::write_whole(out, &bytes),
            None => output::stream(|to| to.write_all(&bytes)),
        }
    }
}

fn add_compiled(bill: &mut Bill, component: &str, list: &Path) -> Outcome {
    let file = list.display().to_string();
    let sources = compiled_sources(&file, &files::read_bytes(list)?, &Limits::default())
        .map_err(Failure::environment)?;
    let called = bill
        .components
        .iter_mut()
        .filter(|one| one.name == component || one.purl.as_deref() == Some(component));
    let mut count = 0;
    for one in called {
        one.compiled_files.clone_from(&sources);
        count += 1;
    }
    match count {
        0 => {
            let words = "the bill has no component of that name or package URL";
            Err(Failure::usage(format!("--compiled: found {component:?}; {words}")))
        }
        _ => Ok(()),
    }
}
