//! `homeostat vuln scan`.

use std::path::{Path, PathBuf};

use clap::Args;
use homeostat_postmarket::harm::function_map::{self, RiskFile};
use homeostat_postmarket::harm::matrix::InForce;
use homeostat_postmarket::office::Office;
use homeostat_postmarket::report::{self, Sources, page, sarif, scanned, table};

use jiff::Timestamp;

use super::compared::Compared;
use super::{desk, feeds};
use crate::failure::{Failure, Outcome};
use crate::verbs::sbom;
use crate::{clock, files, output};

/// What is known against a bill of materials.
///
/// Takes what `homeostat sbom read` reads, a Cargo.lock among it. With a risk file of the device every finding says which
/// function, which hazard and which harm to a patient it reaches. Exit 1 if anything is found. Unknown is never "not
/// affected": what no rule can answer is listed for a person, and so are the products of advisories that no component
/// bears the name of, with the components most like them (--json lists all); these change no exit code.
/// Exit 3 if the feeds hold no advisory, or a file of them is damaged or cut off: what was found is shown all the same.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  homeostat vuln scan Cargo.lock --mirror feeds.mirror --report vulnerabilities.html"
)]
pub(crate) struct Scan {
    /// The bill, Cargo.lock or auditable binary.
    file: PathBuf,
    #[command(flatten)]
    compared: Compared,
    /// The device's risk file: components, functions, hazards.
    #[arg(long, value_name = "FILE")]
    risks: Option<PathBuf>,
    /// A store of `homeostat vuln watch`: what was decided for the product with this bill and which clocks run is shown
    /// with the findings.
    #[arg(long, value_name = "FILE")]
    store: Option<PathBuf>,
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
    /// Write OpenVEX: what is still being looked into, and what the component's version has fixed.
    #[arg(long, value_name = "FILE", requires = "product_purl", requires = "author")]
    vex: Option<PathBuf>,
    /// The package URL of the product, for OpenVEX.
    #[arg(long, value_name = "PURL")]
    product_purl: Option<String>,
    /// Who says so, for OpenVEX.
    #[arg(long, value_name = "NAME")]
    author: Option<String>,
    /// Write the scan as JSON to stdout instead of the table.
    #[arg(long)]
    json: bool,
}

impl Scan {
    pub(crate) fn run(&self) -> Outcome {
        let now = clock::at(self.at.as_deref())?;
        let at = now.to_string();
        let bill = sbom::open(&self.file)?;
        let risks = self.risks.as_deref().map(risk_file).transpose()?;
        let bytes = self.compared.bytes(&at)?;
        let all = self.compared.open(&bytes)?;
        let (watch, facts, rejected) = feeds::take_all(&all, self.compared.table()?);
        let office = self.store.as_deref().map(desk::look).transpose()?;
        let matrix =
            office.as_ref().map_or_else(InForce::shipped, |office| office.matrix().clone());
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
        let mut scan = scanned(&sources, &subject, &at, env!("CARGO_PKG_VERSION"));
        if let Some(office) = &office {
            add_known(&mut scan, office, now)?;
        }
        self.write_vex(&sources, &at)?;
        self.write(&scan, &file)
    }

    fn write_vex(&self, sources: &Sources<'_>, at: &str) -> Outcome {
        let (Some(path), Some(product), Some(author)) =
            (&self.vex, &self.product_purl, &self.author)
        else {
            return Ok(());
        };
        if !product.starts_with("pkg:") {
            let words = "expected a package URL, like pkg:generic/maker/pump@2.4.0";
            return Err(Failure::usage(format!("--product-purl: found {product:?}; {words}")));
        }
        let Some(document) = report::scan_vex(sources, product, author, at) else {
            output::say("no OpenVEX is written: no advisory names a component of this bill");
            return Ok(());
        };
        files::write_whole(path, format!("{document:#}\n").as_bytes())
    }

    fn write(&self, scan: &report::Scan<'_>, file: &str) -> Outcome {
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
            output::words(&table(scan))?;
        }
        match (scan.unread(), scan.findings.len()) {
            (Some(unread), _) => Err(Failure::environment(unread)),
            (None, 0) => Ok(()),
            (None, found) => Err(Failure::negative(format!("{file}: {found} findings"))),
        }
    }
}

fn risk_file(path: &Path) -> Result<RiskFile, Failure> {
    let bytes = files::read_bytes(path)?;
    function_map::read(&path.display().to_string(), &bytes).map_err(Failure::environment)
}

/// What the store knows of the findings: the clocks that run, and who decided what for the product whose bill this is.
fn add_known(scan: &mut report::Scan<'_>, office: &Office, now: Timestamp) -> Outcome {
    let products = office.products_of(&scan.bill);
    for finding in &mut scan.findings {
        let component = (&*finding.component, &*finding.version, finding.purl.as_deref());
        let mut rows = office
            .findings_named(component, &finding.vulnerability.ids)
            .map_err(Failure::environment)?;
        // A bill of no release: the clocks of all products, by their findings' ids.
        rows.retain(|row| products.is_empty() || products.contains(row.product.as_str()));
        for row in &rows {
            let clocks = office.clocks(Some(row.id), now).map_err(Failure::environment)?;
            let running = clocks.iter().filter(|one| one.running.clock.stopped().is_none());
            finding.due.extend(running.filter_map(desk::due));
        }
        // What one product decided says nothing of another.
        if let ([row], false) = (rows.as_slice(), products.is_empty()) {
            let decisions = office.decisions(row.id).map_err(Failure::environment)?;
            if let (Some(last), Some(harm)) = (decisions.last(), &mut finding.harm)
                && let Some(person) = &last.record.decided
            {
                harm.class = row.told.class;
                harm.decided = Some(format!(
                    "{} ({}) at {}, {}",
                    person.name, person.role, person.time, row.id
                ));
            }
        }
        finding.due.sort();
    }
    scan.sort();
    Ok(())
}
