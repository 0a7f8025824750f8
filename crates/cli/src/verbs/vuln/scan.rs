//! `homeostat vuln scan`.

use std::path::{Path, PathBuf};

use clap::Args;
use homeostat_postmarket::feed::mirror::{self, Trust, VerifyingKey};
use homeostat_postmarket::harm::function_map::{self, RiskFile};
use homeostat_postmarket::harm::matrix::InForce;
use homeostat_postmarket::matching::ProductTable;
use homeostat_postmarket::report::{self, Sources, page, sarif, scanned, table};

use super::feeds;
use crate::failure::{Failure, Outcome};
use crate::verbs::sbom;
use crate::{clock, files, output};

/// What is known against a bill of materials.
///
/// Takes what `homeostat sbom read` reads, a Cargo.lock among it. With a risk file of the device every finding says which
/// function, which hazard and which harm to a patient it reaches. Exit 1 if anything is found. Unknown is never "not
/// affected": what no rule can answer is listed for a person.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  homeostat vuln scan Cargo.lock --mirror feeds.mirror --report vulnerabilities.html"
)]
pub(crate) struct Scan {
    /// The bill, Cargo.lock or auditable binary.
    file: PathBuf,
    /// An offline mirror made by `homeostat vuln update`.
    #[arg(long, value_name = "FILE")]
    mirror: Option<PathBuf>,
    /// Feed files and folders, instead of or besides a mirror.
    #[arg(long, value_name = "PATH")]
    feeds: Vec<PathBuf>,
    /// A file with the keys that a mirror must be signed by, 64 hexadecimal digits a line.
    #[arg(long, value_name = "FILE")]
    keys: Option<PathBuf>,
    /// The device's risk file: components, functions, hazards.
    #[arg(long, value_name = "FILE")]
    risks: Option<PathBuf>,
    /// More names of products (TOML), besides those built in.
    #[arg(long, value_name = "FILE")]
    products: Option<PathBuf>,
    /// What the report calls the product; from the bill if not given.
    #[arg(long)]
    subject: Option<String>,
    /// The time that the report says (RFC 3339); now if not given.
    #[arg(long, value_name = "TIME")]
    at: Option<String>,
    /// Write the report as one HTML page.
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
    /// Write SARIF 2.1.0 for a code host.
    #[arg(long, value_name = "FILE")]
    sarif: Option<PathBuf>,
    /// Write the scan as JSON to stdout instead of the table.
    #[arg(long)]
    json: bool,
}

impl Scan {
    pub(crate) fn run(&self) -> Outcome {
        if self.mirror.is_none() && self.feeds.is_empty() {
            let words = "nothing to compare with: give --mirror FILE or --feeds PATH";
            return Err(Failure::usage(words));
        }
        let at = clock::at(self.at.as_deref())?.to_string();
        let bill = sbom::open(&self.file)?;
        let risks = self.risks.as_deref().map(risk_file).transpose()?;
        let bytes = self.bytes(&at)?;
        let keys = self.keys.as_deref().map(verifying_keys).transpose()?;
        let trust = keys.as_deref().map_or(Trust::Anyone, Trust::Keys);
        let mut all = Vec::new();
        for (name, bytes, made_here) in &bytes {
            let trust = if *made_here { &Trust::Anyone } else { &trust };
            if !made_here && keys.is_none() {
                output::say(&format!("note: nobody's signature was asked for on {name} (--keys)"));
            }
            all.push(feeds::open(name, bytes, trust)?);
        }
        let (watch, facts, rejected) = feeds::take_all(&all, self.table()?);
        let matrix = InForce::shipped();
        let sources = Sources {
            bill: &bill,
            watch: &watch,
            feeds: &facts,
            rejected: &rejected,
            risks: risks.as_ref(),
            matrix: &matrix,
        };
        let root = bill.root.and_then(|root| bill.components.get(root)).map(sbom::shown);
        let file = self.file.display().to_string();
        let subject = self.subject.clone().or(root).unwrap_or_else(|| file.clone());
        let scan = scanned(&sources, &subject, &at, env!("CARGO_PKG_VERSION"));
        self.write(&scan, &file)
    }

    /// Mirrors as bytes: the one named, and one made on the spot of loose feed files.
    fn bytes(&self, at: &str) -> Result<Vec<(String, Vec<u8>, bool)>, Failure> {
        let mut all = Vec::new();
        if let Some(mirror) = &self.mirror {
            all.push((mirror.display().to_string(), files::read_bytes(mirror)?, false));
        }
        if !self.feeds.is_empty() {
            let gathered = feeds::gather(&self.feeds, at)?;
            let bytes = mirror::write(&gathered, None).map_err(Failure::environment)?;
            all.push(("--feeds".to_owned(), bytes, true));
        }
        Ok(all)
    }

    fn table(&self) -> Result<ProductTable, Failure> {
        let mut table = ProductTable::built_in().map_err(Failure::environment)?;
        if let Some(path) = &self.products {
            let text = files::read_text(path)?;
            table.add(&text, &path.display().to_string()).map_err(Failure::environment)?;
        }
        Ok(table)
    }

    fn write(&self, scan: &report::Scan, file: &str) -> Outcome {
        let json = || serde_json::to_string_pretty(scan).map_err(Failure::environment);
        if let Some(path) = &self.report {
            files::write_whole(path, page(scan).as_bytes())?;
            output::say(&format!("report: {}", path.display()));
        }
        if let Some(path) = &self.sarif {
            let log = serde_json::to_string_pretty(&sarif(scan, file));
            files::write_whole(path, log.map_err(Failure::environment)?.as_bytes())?;
        }
        if self.json {
            output::line(&json()?)?;
        } else {
            output::data(&table(scan))?;
        }
        match scan.findings.len() {
            0 => Ok(()),
            found => Err(Failure::negative(format!("{file}: {found} findings"))),
        }
    }
}

fn risk_file(path: &Path) -> Result<RiskFile, Failure> {
    let bytes = files::read_bytes(path)?;
    function_map::read(&path.display().to_string(), &bytes).map_err(Failure::environment)
}

fn verifying_keys(path: &Path) -> Result<Vec<VerifyingKey>, Failure> {
    let text = files::read_text(path)?;
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    let key = |(number, line): (usize, &str)| {
        mirror::key_of_hexadecimal(line.trim())
            .and_then(|bytes| VerifyingKey::from_bytes(&bytes).ok())
            .ok_or_else(|| {
                let words = "expected 64 hexadecimal digits, an Ed25519 verifying key";
                Failure::environment(format!("{}:{}: {words}", path.display(), number + 1))
            })
    };
    lines.map(key).collect()
}
