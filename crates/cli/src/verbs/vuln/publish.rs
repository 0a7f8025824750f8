//! `homeostat vuln publish`.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;
use homeostat_postmarket::harm::assess::Applicability;
use homeostat_postmarket::office::{FindingId, Replayed};
use homeostat_postmarket::publish::Words;
use homeostat_postmarket::publish::reuse::{ReuseWords, lapses};
use sha2::{Digest as _, Sha256};

use super::desk::{self, Desk};
use crate::failure::{Failure, Outcome};
use crate::files::{self, NewFolder};
use crate::verbs::sbom;
use crate::{clock, output};

/// Write what customers and authorities are told about a decision, all of it or nothing.
///
/// From the newest decision on the finding, as long as it is in force: OpenVEX, CycloneDX VEX, CSAF 2.0 and 2.1 (VEX, and
/// an advisory where the product is affected); and as the notice file says a letter, security.txt and fact sheets of an
/// incident. The maker and the product's package are those of the office file. Everything that is missing is named at once,
/// and then nothing is written. It files nothing.
///
/// With `[reuse]` in the notice file the decision is used again for a later release: only if that release's component,
/// settings and evidence are still within what was decided, else nothing is written and every reason is named (exit 1).
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  homeostat vuln publish F-12 --store office.db --notice notice.toml --out published\n\n\
    docs/book/post-market.md shows a notice file."
)]
pub(crate) struct Publish {
    /// The finding, like F-12.
    #[arg(value_parser = desk::finding)]
    finding: FindingId,
    #[command(flatten)]
    desk: Desk,
    /// The notice file (TOML): id, title, description, action, its revisions, and letter, security-txt
    /// and incident where they are wanted.
    #[arg(long, value_name = "FILE")]
    notice: PathBuf,
    /// The folder to write; a former result there is replaced.
    #[arg(long, value_name = "FOLDER")]
    out: PathBuf,
    /// The time of publishing (RFC 3339); now if not given.
    #[arg(long, value_name = "TIME")]
    at: Option<String>,
}

impl Publish {
    pub(crate) fn run(&self) -> Outcome {
        let now = clock::at(self.at.as_deref())?;
        let office = self.desk.look()?;
        let finding = office.finding(self.finding).map_err(Failure::environment)?;
        let decisions = office.decisions(self.finding).map_err(Failure::environment)?;
        let Some(last) = decisions.last() else {
            let words =
                "nobody has decided; decide with `homeostat vuln assess --by NAME --role ROLE`";
            return Err(Failure::negative(format!("{}: {words}", self.finding)));
        };
        if let Some(words) = &last.differs {
            let words = format!("the decision does not replay: {words}");
            return Err(Failure::negative(format!("{}: {words}", self.finding)));
        }
        // Said of another component of the product, an attack is known before the next `watch` settles this one.
        let is_denied =
            matches!(last.record.inputs.applicability, Applicability::NotAffected { .. })
                && office.is_attacked(&finding).map_err(Failure::environment)?;
        if !finding.told.open || finding.told.class != last.record.class_at(now) || is_denied {
            let words =
                "the decision is not in force any more: decide again with `homeostat vuln assess`";
            return Err(Failure::negative(format!("{}: {words}", self.finding)));
        }
        let name = self.notice.display().to_string();
        let words =
            Words::read(&name, &files::read_text(&self.notice)?).map_err(Failure::environment)?;
        let known = office.known(self.finding).map_err(Failure::environment)?;
        if let Some(again) = &words.reuse {
            self.holds_again(again, last)?;
        }
        let bundle = words.bundle(&last.record, &known, now).map_err(|missing| {
            Failure::environment(format!("{name}: nothing is written\n{missing}"))
        })?;
        let folder = NewFolder::begin(&self.out)?;
        for (file, bytes) in &bundle {
            let path = folder.path().join(file);
            let parent = path.parent().map_or(Ok(()), fs::create_dir_all);
            parent
                .and_then(|()| fs::write(&path, bytes))
                .map_err(|error| Failure::file(&path, &error))?;
        }
        folder.keep()?;
        for file in bundle.keys() {
            output::line(&self.out.join(file).display().to_string())?;
        }
        Ok(())
    }

    /// Asks whether the decision holds for the later release too.
    fn holds_again(&self, words: &ReuseWords, last: &Replayed) -> Outcome {
        let name = self.notice.display();
        let beside = |file: &str| self.notice.parent().unwrap_or(Path::new("")).join(file);
        let bill = sbom::open(&beside(&words.bill))?;
        let settings = words.settings.as_deref().map(|file| settings(&beside(file)));
        let settings = settings.transpose()?.unwrap_or_default();
        // A file that is gone is evidence that is not given.
        let digests = words.evidence.keys().filter_map(|file| {
            let bytes = fs::read(beside(file)).ok()?;
            let digest = Sha256::digest(&bytes);
            Some((file.clone(), digest.iter().map(|byte| format!("{byte:02x}")).collect()))
        });
        let release = words.release(&bill, settings, digests.collect());
        let scope = words
            .scope(&last.record)
            .map_err(|error| Failure::environment(format!("{name}: {error}")))?;
        let reasons = lapses(&scope, &release);
        if reasons.is_empty() {
            return Ok(());
        }
        let reasons = reasons.join("\n  ");
        let words = format!("the decision does not hold for release {}", words.release);
        Err(Failure::negative(format!("{name}: {words}; decide again\n  {reasons}")))
    }
}

/// A release's settings: TOML with one text a key.
fn settings(path: &Path) -> Result<BTreeMap<String, String>, Failure> {
    toml::from_str(&files::read_text(path)?).map_err(|error| {
        let words = "expected one text a key, like radio = \"off\"";
        Failure::environment(format!("{}: {}; {words}", path.display(), error.message()))
    })
}
