//! `homeostat vuln watch`.

use std::path::{Path, PathBuf};

use clap::Args;
use homeostat_postmarket::feed::mirror::{self, Mirror};
use homeostat_postmarket::feed::{Rejected, Sink, read};
use homeostat_postmarket::harm::function_map::{self, RiskFile};
use homeostat_postmarket::matching::Waiting;
use homeostat_postmarket::office::{
    Field, FieldMatrix, FieldRelease, NewRelease, Office, Round, Rules, Settled, SignedMatrix,
};
use homeostat_postmarket::report::{self, FeedAge};
use jiff::SignedDuration;
use serde_json::json;

use super::compared::Compared;
use super::desk::{self, Desk};
use super::sign;
use crate::failure::{Failure, Outcome};
use crate::verbs::sbom;
use crate::{clock, files, output};

/// Take what is new in feeds and field, and queue what a person must look at.
///
/// New and changed advisories become findings: one vulnerability in one component of one product, with its class for
/// patients by the product's risk file (without one the worse is taken), the clocks that start, and a notice that
/// waits. The store remembers; a second run on the same files finds nothing new. The office file (--office) says who
/// the maker is and what is in the field; it may be left out when it did not change.
///
/// Exit 0: nothing new. 1: notices were queued. 2: a wrong command line. 3: a file could not be read or
/// breaks off, or no feed holds an advisory; the rest was taken. Of several rounds the worst counts. Single records that
/// make no sense are listed and counted, and change no exit code: feeds have some every day; a file that holds one is
/// read again each round, so that it is named each round. What still waits is listed with each round.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  homeostat vuln watch --store office.db --office office.toml --mirror feeds.mirror\n  \
    homeostat vuln watch --store office.db --mirror feeds.mirror --every 15m"
)]
pub(crate) struct Watch {
    #[command(flatten)]
    desk: Desk,
    /// The office file (TOML): maker, own table and limits, products with risk files, releases with bills and devices.
    #[arg(long, value_name = "FILE")]
    office: Option<PathBuf>,
    #[command(flatten)]
    compared: Compared,
    /// One round, then end; what is done where --every is not given.
    #[arg(long, conflicts_with = "every")]
    once: bool,
    /// A round every so often (`15m`, `1h`), until it is interrupted.
    #[arg(long, value_name = "TIME")]
    every: Option<SignedDuration>,
    /// End after so many rounds.
    #[arg(long, value_name = "N", requires = "every")]
    rounds: Option<u32>,
    /// The time that counts as now (RFC 3339), for one round.
    #[arg(long, value_name = "TIME", conflicts_with = "every")]
    at: Option<String>,
    /// Write what the round came to as JSON to stdout.
    #[arg(long)]
    json: bool,
}

/// What could not be read: the rest is taken, and the command ends with 3.
#[derive(Default)]
struct Broken(Vec<String>);

impl Broken {
    fn add(&mut self, words: Option<String>) {
        if let Some(words) = words {
            output::say(&format!("not read: {words}"));
            self.0.push(words);
        }
    }

    /// Says what could not be read and goes on without it.
    fn without<T>(&mut self, read: Result<T, Failure>) -> Result<Option<T>, Failure> {
        match read {
            Ok(value) => Ok(Some(value)),
            Err(Failure::Environment(words)) => {
                self.add(Some(words));
                Ok(None)
            }
            Err(other) => Err(other),
        }
    }
}

/// The worse of what two rounds came to.
fn worse(before: Outcome, now: Outcome) -> Outcome {
    match (&before, &now) {
        (Ok(()), _) | (Err(Failure::Negative(_)), Err(_)) => now,
        _ => before,
    }
}

impl Watch {
    pub(crate) fn run(&self) -> Outcome {
        let _held = self.desk.lock()?;
        let mut office = self.open()?;
        let Some(every) = self.every else { return self.round(&mut office) };
        let pause = std::time::Duration::try_from(every)
            .map_err(|_| Failure::usage("--every: expected a time to come, like 15m"))?;
        let mut left = self.rounds;
        let mut worst = Ok(());
        loop {
            left = left.map(|left| left.saturating_sub(1));
            let outcome = self.turn(&mut office);
            if left == Some(0) {
                return worse(worst, outcome);
            }
            // What one round cannot read, the next may: it is said, and the watch goes on.
            if let Err(failure) = &outcome {
                let _ = failure.report();
            }
            worst = worse(worst, outcome);
            std::thread::sleep(pause);
        }
    }

    fn open(&self) -> Result<Office, Failure> {
        let now = clock::at(self.at.as_deref())?;
        let rules = Rules { table: self.compared.table()?, mark: self.compared.mark()? };
        Office::open(self.desk.store()?, rules, now).map_err(Failure::environment)
    }

    /// A round of an office that knows no more than its store.
    fn turn(&self, office: &mut Office) -> Outcome {
        if office.is_ahead() {
            *office = self.open()?;
        }
        self.round(office)
    }

    fn round(&self, office: &mut Office) -> Outcome {
        let now = clock::at(self.at.as_deref())?;
        let at = now.to_string();
        let mut broken = Broken::default();
        if let Some(path) = &self.office {
            let field = self.field(office, path, &at, &mut broken);
            broken.without(field)?;
        }
        let mut round = Round::default();
        let fed = self.feeds(office, &at, &mut round);
        let age = broken.without(fed)?.flatten();
        broken.add(report::broken_off(&round.taken.rejected));
        let nothing = "no feed that was taken holds an advisory: nothing can be found";
        broken.add((!office.knows_advisories()).then(|| nothing.to_owned()));
        let settled = office.settle(now).map_err(Failure::environment)?;
        let products = office.products_waiting(&self.compared.table()?);
        if self.json {
            output::line(&as_json(office, (&round, age), &settled, &products)?)?;
        } else {
            output::words(&as_table(office, &round, age, &settled)?)?;
            output::words(&report::products(&products, 10))?;
        }
        if let Some(first) = broken.0.first() {
            let more = broken.0.len() - 1;
            return Err(Failure::environment(format!("{first}; {more} more not read")));
        }
        match settled.notices.len() {
            0 => Ok(()),
            count => Err(Failure::negative(format!("{count} notices wait for a person"))),
        }
    }

    /// Takes the feeds; how old the oldest is.
    fn feeds(
        &self,
        office: &mut Office,
        at: &str,
        round: &mut Round,
    ) -> Result<Option<FeedAge>, Failure> {
        let bytes = self.compared.bytes(at)?;
        let mirrors = self.compared.open(&bytes)?;
        for mirror in &mirrors {
            take(office, mirror, at, round)?;
        }
        let listed = mirrors.iter().flat_map(|mirror| &mirror.listed);
        Ok(FeedAge::of(listed.map(|one| &*one.fetched), at))
    }

    /// Brings the office file into the store: maker, risk files, releases.
    fn field(
        &self,
        office: &mut Office,
        path: &Path,
        at: &str,
        broken: &mut Broken,
    ) -> Result<(), Failure> {
        let text = files::read_text(path)?;
        let file = path.display().to_string();
        let field = Field::read(&file, &text).map_err(Failure::environment)?;
        let folder = path.parent().unwrap_or(Path::new(""));
        office.put_maker(&field).map_err(Failure::environment)?;
        let matrix = put_matrix(office, field.matrix.as_ref(), folder, at);
        broken.without(matrix)?;
        for product in &field.products {
            let Some(name) = &product.risks else { continue };
            let read = read_risks(&folder.join(name));
            let Some((bytes, risks)) = broken.without(read)? else { continue };
            let file = (name.as_str(), bytes.as_slice());
            office.put_risks(&product.name, file, risks, at).map_err(Failure::environment)?;
        }
        for words in field.odd_names() {
            output::say(&format!("note: {file}: {words}"));
        }
        let mut new = Vec::new();
        for release in &field.releases {
            if let Some(digest) = &release.sha256 {
                let known = (release.product.as_str(), release.version.as_str(), digest.as_str());
                let there = office.put_devices(known, release.devices, at);
                if there.map_err(Failure::environment)? {
                    continue;
                }
            }
            new.extend(broken.without(read_release(folder, release))?);
        }
        office.put_releases(new, at).map_err(Failure::environment)?;
        let all = field.releases.iter().map(|one| (one.product.as_str(), one.version.as_str()));
        office.put_all(&all.collect(), at).map_err(Failure::environment)
    }
}

/// Brings the maker's own table into force, or the shipped one.
fn put_matrix(
    office: &mut Office,
    given: Option<&FieldMatrix>,
    folder: &Path,
    at: &str,
) -> Outcome {
    let Some(FieldMatrix { file, key }) = given else {
        return office.put_matrix(None, at).map_err(Failure::environment);
    };
    let path = folder.join(file);
    let text = files::read_text(&path)?;
    let signature = sign::read_signature(&path)?;
    let key = mirror::of_hexadecimal(key.as_bytes()).ok_or_else(|| {
        Failure::environment(
            "[matrix] key: expected 64 hexadecimal digits, an Ed25519 verifying key",
        )
    })?;
    let (signature, key) = (&signature, &key);
    let signed = SignedMatrix { file, text: &text, signature, key };
    office.put_matrix(Some(signed), at).map_err(Failure::environment)
}

fn read_risks(path: &Path) -> Result<(Vec<u8>, RiskFile), Failure> {
    let bytes = files::read_bytes(path)?;
    let risks = function_map::read(&path.display().to_string(), &bytes);
    Ok((bytes, risks.map_err(Failure::environment)?))
}

fn read_release(folder: &Path, release: &FieldRelease) -> Result<NewRelease, Failure> {
    let path = folder.join(&release.bill);
    let bytes = files::read_bytes(&path)?;
    let bill = sbom::read(&path, &bytes)?;
    if let Some(expected) = release.sha256.as_ref().filter(|expected| **expected != bill.digest) {
        let words =
            format!("expected SHA-256 {expected}, found {}: correct the office file", bill.digest);
        return Err(Failure::environment(format!("{}: {words}", path.display())));
    }
    Ok(NewRelease {
        product: release.product.clone(),
        version: release.version.clone(),
        file: release.bill.clone(),
        bill,
        bytes,
        devices: release.devices,
    })
}

/// Takes the files of a mirror that are new, or other than the last time.
fn take(office: &mut Office, mirror: &Mirror<'_>, at: &str, round: &mut Round) -> Outcome {
    for (listed, bytes) in mirror.files() {
        if office.has_taken(listed).map_err(Failure::environment)? {
            round.files_known += 1;
            continue;
        }
        // Nobody knows of anything before now.
        let learned = match listed.fetched.parse::<jiff::Timestamp>() {
            Ok(fetched) if fetched.to_string().as_str() < at => listed.fetched.as_str(),
            _ => at,
        };
        let from_file = |to: &mut Sink<'_>| read(bytes, &listed.name, to);
        office.take(listed, from_file, (learned, at), round).map_err(Failure::environment)?;
    }
    Ok(())
}

fn as_table(
    office: &Office,
    round: &Round,
    age: Option<FeedAge>,
    settled: &Settled,
) -> Result<String, Failure> {
    let (releases, products, devices) = office.extent();
    let taken = &round.taken;
    let (all, rejected) = (&taken.products, taken.rejected.len());
    let mut lines = vec![
        format!("field     {releases} releases of {products} products, {devices} devices"),
        format!(
            "feeds     {} files taken, {} as before; the oldest fetched {}",
            round.files,
            round.files_known,
            age.map_or_else(|| "never".to_owned(), FeedAge::words)
        ),
        format!(
            "records   {} in = {} taken + {rejected} rejected",
            taken.records,
            taken.records - rejected
        ),
        format!(
            "said      {} advisories new, {} changed, {} same, {} older than known, {} of a time to come; {} signs, {} assertions",
            taken.new,
            taken.changed,
            taken.same,
            taken.stale,
            taken.ahead,
            taken.signals,
            taken.assertions
        ),
        format!(
            "products  {} statements in = {} matched by name + {} dismissed + {} queued for a person",
            all.products, all.matched, all.dismissed, all.queued
        ),
        format!(
            "clocks    {} started, {} stopped; notices queued: {}",
            settled.started,
            settled.stopped,
            settled.notices.len()
        ),
    ];
    lines.extend(taken.rejected.iter().take(10).map(not_read));
    if rejected > 10 {
        lines.push(format!("and {} more not read (--json lists all)", rejected - 10));
    }
    lines.extend(settled.notices.iter().map(desk::notice));
    let mut earlier = office.waiting().map_err(Failure::environment)?;
    earlier.retain(|one| settled.notices.iter().all(|new| new.id != one.id));
    if !earlier.is_empty() {
        lines.push(format!("still waiting for a person: {}", earlier.len()));
        lines.extend(earlier.iter().map(desk::notice));
    }
    Ok(lines.join("\n") + "\n")
}

fn not_read(one: &Rejected) -> String {
    format!("not read: {}", report::rejected_words(one))
}

fn as_json(
    office: &Office,
    (round, age): (&Round, Option<FeedAge>),
    settled: &Settled,
    nameless: &[Waiting],
) -> Result<String, Failure> {
    let (releases, products, devices) = office.extent();
    let taken = &round.taken;
    let all = &taken.products;
    let value = json!({
        "field": { "releases": releases, "products": products, "devices": devices },
        "files": {
            "taken": round.files,
            "as-before": round.files_known,
            "oldest": age.map(|age| age.to_string()),
        },
        "records": {
            "in": taken.records,
            "taken": taken.records - taken.rejected.len(),
            "rejected": taken.rejected,
        },
        "advisories": {
            "new": taken.new, "changed": taken.changed, "same": taken.same, "stale": taken.stale,
            "ahead": taken.ahead,
        },
        "signs": taken.signals,
        "assertions": taken.assertions,
        "statements": {
            "in": all.products, "matched": all.matched, "dismissed": all.dismissed, "queued": all.queued,
        },
        "clocks": { "started": settled.started, "stopped": settled.stopped },
        "notices": settled.notices,
        "waiting": office.waiting().map_err(Failure::environment)?,
        "products-waiting": nameless,
    });
    serde_json::to_string_pretty(&value).map_err(Failure::environment)
}
