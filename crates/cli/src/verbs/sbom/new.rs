//! `homeostat sbom new`.

use std::path::{Path, PathBuf};
use std::process::Command;

use clap::{Args, ValueEnum};
use homeostat_postmarket::sbom::{
    Bill, ComponentKind, Limits, Product, bill_of_product, promise, write,
};
use jiff::civil::Date;

use crate::failure::{Failure, Outcome};
use crate::{clock, files, output};

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Kind {
    /// A program.
    Application,
    /// A device's image.
    Firmware,
}

/// Make the bill of materials of a Rust product.
///
/// Asks cargo for the packages as resolved for one target and one set of features: dependencies of tests are left out, what
/// only builds the product has the scope `build`, C libraries and the toolchain are components too. What Cargo cannot know,
/// who makes the bill and how long what is supported, comes from the options.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  homeostat sbom new --package my-pump --kind firmware --supplier 'A maker' \\\n    \
                  --support-level maintained --end-of-support 2031-12-31 --support support.csv --out bill.cdx.json"
)]
pub(crate) struct New {
    /// The folder of the product, or its Cargo.toml.
    #[arg(default_value = ".")]
    folder: PathBuf,
    /// The package that is the product; the root package if not given.
    #[arg(long)]
    package: Option<String>,
    /// The target triple; this machine's if not given.
    #[arg(long)]
    target: Option<String>,
    /// Features to build with, separated by commas.
    #[arg(long, value_delimiter = ',')]
    features: Vec<String>,
    /// Build without the default features.
    #[arg(long)]
    no_default_features: bool,
    /// What the product is.
    #[arg(long, value_enum, default_value = "application")]
    kind: Kind,
    /// Who supplies it.
    #[arg(long)]
    supplier: Option<String>,
    /// Who makes the bill, which NTIA asks for; the supplier if not given.
    #[arg(long, value_name = "NAME")]
    author: Option<String>,
    /// The level of support of the product and its own crates: `maintained`, `no longer maintained`, `abandoned`.
    #[arg(long, value_name = "WORDS")]
    support_level: Option<String>,
    /// The day on which the product's support ends (`YYYY-MM-DD`).
    #[arg(long, value_name = "DATE")]
    end_of_support: Option<Date>,
    /// A table (CSV) with level and end of support of components: columns name (a name or package URL, * for any text),
    /// version, support level, end of support; the first row that fits holds.
    #[arg(long, value_name = "FILE")]
    support: Option<PathBuf>,
    /// The form to write.
    #[arg(long, value_enum, default_value = "cyclonedx-1.6")]
    form: super::Written,
    /// The time that the bill says it was made at (RFC 3339); now if not given.
    #[arg(long, value_name = "TIME")]
    at: Option<String>,
    /// The file to write; stdout if not given.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

impl New {
    pub(crate) fn run(&self) -> Outcome {
        let created = clock::at(self.at.as_deref())?.to_string();
        let manifest =
            if self.folder.is_dir() { self.folder.join("Cargo.toml") } else { self.folder.clone() };
        let folder = manifest.parent().filter(|folder| !folder.as_os_str().is_empty());
        let folder = folder.unwrap_or(Path::new("."));
        let locked = std::path::absolute(folder).map_err(Failure::environment)?;
        if !locked.ancestors().any(|above| above.join("Cargo.lock").exists()) {
            let words = "no Cargo.lock there or above, so nothing says which versions are built; run `cargo generate-lockfile`";
            return Err(Failure::environment(format!("{}: {words}", folder.display())));
        }
        let rustc = asked(folder, "rustc", &["-vV"])?;
        let said = |name: &str| {
            let mut lines = rustc.lines();
            lines.find_map(|line| line.strip_prefix(name)).map(|text| text.trim().to_owned())
        };
        let (Some(release), Some(host)) = (said("release:"), said("host:")) else {
            return Err(Failure::environment("rustc -vV: expected lines `release:` and `host:`"));
        };
        let target = self.target.clone().unwrap_or(host);
        let metadata = self.metadata(folder, &manifest, &target)?;
        let lock = lock_file(&metadata)?;
        let product = Product {
            package: self.package.as_deref(),
            kind: match self.kind {
                Kind::Application => ComponentKind::Application,
                Kind::Firmware => ComponentKind::Firmware,
            },
            supplier: self.supplier.as_deref(),
            target: &target,
            features: &self.features,
            rustc: &release,
        };
        let lock = lock.as_ref().map(|(file, text)| (file.as_str(), text.as_str()));
        let named = ("cargo metadata", metadata.as_bytes());
        let mut bill = bill_of_product(named, lock, &product, &Limits::default())
            .map_err(Failure::environment)?;
        bill.authors.extend(self.author.clone().or_else(|| self.supplier.clone()));
        self.promise(&mut bill)?;
        bill.tools.push(concat!("homeostat ", env!("CARGO_PKG_VERSION")).to_owned());
        bill.lifecycle.push("build".to_owned());
        for remark in &bill.remarks {
            output::say(&format!("note: {remark}"));
        }
        let bytes = write(&bill, self.form.form(), &created).map_err(Failure::environment)?;
        match &self.out {
            Some(out) => {
                files::write_whole(out, &bytes)?;
                let count = bill.components.len();
                output::say(&format!("{}: {count} components", out.display()));
                Ok(())
            }
            None => output::stream(|to| to.write_all(&bytes)),
        }
    }

    /// Enters what is promised for the components, which Cargo cannot know.
    fn promise(&self, bill: &mut Bill) -> Outcome {
        if let Some(path) = &self.support {
            for row in promise(bill, &super::open(path)?) {
                output::say(&format!("note: {}: no component is called {row}", path.display()));
            }
        }
        for own in bill.components.iter_mut().filter(|one| one.is_own()) {
            let support = &mut own.support;
            support.level = self.support_level.clone().or(support.level.take());
            let end = self.end_of_support.map(|end| end.to_string());
            support.end = end.or(support.end.take());
        }
        Ok(())
    }

    fn metadata(&self, folder: &Path, manifest: &Path, target: &str) -> Result<String, Failure> {
        let manifest = std::path::absolute(manifest).map_err(Failure::environment)?;
        let manifest = manifest.display().to_string();
        let features = self.features.join(",");
        let mut arguments =
            vec!["metadata", "--format-version", "1", "--locked", "--filter-platform", target];
        arguments.extend(["--manifest-path", &manifest]);
        if !features.is_empty() {
            arguments.extend(["--features", &features]);
        }
        if self.no_default_features {
            arguments.push("--no-default-features");
        }
        asked(folder, "cargo", &arguments)
    }
}

/// The lock file of the workspace that the metadata speak of, with its text.
fn lock_file(metadata: &str) -> Result<Option<(String, String)>, Failure> {
    let tree: serde_json::Value = serde_json::from_str(metadata).map_err(Failure::environment)?;
    let Some(root) = tree["workspace_root"].as_str() else { return Ok(None) };
    let path = Path::new(root).join("Cargo.lock");
    if !path.exists() {
        return Ok(None);
    }
    // The path is this machine's; the bill says the name.
    Ok(Some(("Cargo.lock".to_owned(), files::read_text(&path)?)))
}

fn asked(folder: &Path, program: &str, arguments: &[&str]) -> Result<String, Failure> {
    let output = Command::new(program)
        .args(arguments)
        .current_dir(folder)
        .output()
        .map_err(|error| Failure::environment(format!("{program}: {error}")))?;
    let words = String::from_utf8_lossy(&output.stderr);
    if !output.status.success() {
        let command = arguments.first().copied().unwrap_or_default();
        return Err(Failure::environment(format!("{program} {command}: {}", words.trim())));
    }
    String::from_utf8(output.stdout)
        .map_err(|_| Failure::environment(format!("{program}: its output is not UTF-8")))
}
