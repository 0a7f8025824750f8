//! CVE records in format 5: what the numbering authority says, what others add (CISA's vulnrichment with SSVC, CPE
//! names and files), each under its own name.

use super::event::{
    Advisory, Affected, Event, Intake, Origin, Package, Remedy, SeverityKind, Signal, SignalKind,
    Sink, Status,
};
use super::json::{Fault, Node, records};
use super::nvd::configurations;
use super::statement::{
    add_prose, between, lower_end, names_no_version, score, statement, upper_end, words,
};

/// Reads one CVE record, an array of them or one a line.
pub fn read(bytes: &[u8], file: &str, to: &mut Sink<'_>) -> Intake {
    records(bytes, file, to, &["cveRecords"], |node| record(node, file))
}

fn record(node: &Node<'_, '_>, file: &str) -> Result<Vec<Event>, Fault> {
    let absent = |field: &str| Fault::new(node.pointer(), format!("expected a field {field:?}"));
    let meta = node.get("cveMetadata").ok_or_else(|| absent("cveMetadata"))?;
    let id = meta.need("cveId")?;
    let containers = node.get("containers").ok_or_else(|| absent("containers"))?;
    let cna = containers.get("cna").ok_or_else(|| absent("containers/cna"))?;
    let mut first = container(&cna, Origin::Cve, id, id, file)?;
    first.modified = meta.owned("dateUpdated")?.unwrap_or_default();
    first.published = meta.owned("datePublished")?;
    if meta.maybe("state")? == Some("REJECTED") {
        let rejected = meta.owned("dateRejected")?.unwrap_or_else(|| first.modified.clone());
        first.withdrawn = Some(rejected);
    }
    let mut events = Vec::new();
    signals(&cna, id, file, &mut events)?;
    let withdrawn = first.withdrawn.clone();
    let modified = first.modified.clone();
    let mut advisories = vec![first];
    containers.each("adp", |adp| {
        let provider = adp.get("providerMetadata");
        let name = match &provider {
            Some(provider) => provider.maybe("shortName")?.unwrap_or("ADP"),
            None => "ADP",
        };
        // One provider may add several containers.
        let number = advisories.iter().filter(|known| known.id.contains(name)).count();
        let part =
            if number == 0 { format!("{id}:{name}") } else { format!("{id}:{name}:{number}") };
        let mut advisory = container(adp, Origin::CveAdp, &part, id, file)?;
        let updated = provider.and_then(|provider| provider.owned("dateUpdated").transpose());
        advisory.modified = updated.transpose()?.unwrap_or_else(|| modified.clone());
        advisory.withdrawn.clone_from(&withdrawn);
        advisory.aliases.push(id.to_owned());
        signals(adp, id, file, &mut events)?;
        if !advisory.affected.is_empty() || !advisory.severities.is_empty() {
            advisories.push(advisory);
        }
        Ok(())
    })?;
    events.splice(0..0, advisories.into_iter().map(|one| Event::Advisory(Box::new(one))));
    Ok(events)
}

fn container(
    node: &Node<'_, '_>,
    origin: Origin,
    id: &str,
    document: &str,
    file: &str,
) -> Result<Advisory, Fault> {
    let mut advisory = Advisory::new(origin, id, node.place(file));
    advisory.document = Some(document.to_owned());
    advisory.summary = node.owned("title")?.unwrap_or_default();
    for key in ["descriptions", "rejectedReasons"] {
        node.each(key, |text| {
            if advisory.details.is_empty()
                || text.maybe("lang")?.is_some_and(|l| l.starts_with("en"))
            {
                advisory.details = text.owned("value")?.unwrap_or_default();
            }
            Ok(())
        })?;
    }
    if advisory.summary.is_empty() {
        advisory.summary = advisory.details.lines().next().unwrap_or("").to_owned();
    }
    node.each("references", |link| {
        advisory.references.extend(link.owned("url")?);
        Ok(())
    })?;
    node.each("problemTypes", |kind| {
        kind.each("descriptions", |text| {
            advisory.weaknesses.extend(text.owned("cweId")?);
            Ok(())
        })
    })?;
    let scorer = match node.get("providerMetadata") {
        Some(provider) => provider.owned("shortName")?,
        None => None,
    };
    node.each("metrics", |metric| {
        for (key, kind) in [
            ("cvssV2_0", SeverityKind::Cvss2),
            ("cvssV3_0", SeverityKind::Cvss3),
            ("cvssV3_1", SeverityKind::Cvss3),
            ("cvssV4_0", SeverityKind::Cvss4),
        ] {
            score(metric.get(key), kind, scorer.as_deref(), &mut advisory.severities)?;
        }
        Ok(())
    })?;
    for (key, category) in [("solutions", "vendor_fix"), ("workarounds", "workaround")] {
        node.each(key, |text| {
            let details = text.owned("value")?.unwrap_or_default();
            let category = category.to_owned();
            advisory.remedies.push(Remedy { category, details, url: None, products: Vec::new() });
            Ok(())
        })?;
    }
    node.each("affected", |product| {
        advisory.affected.extend(affected(product)?);
        Ok(())
    })?;
    let named = advisory.affected.len();
    node.each("cpeApplicability", |applicability| {
        configurations(applicability, &mut advisory.affected)
    })?;
    files_for_cpes(&mut advisory.affected, named);
    commits_beside_versions(&mut advisory.affected);
    Ok(advisory)
}

/// SSVC as CISA writes it, whose capitals vary; and its own word that something is in its catalogue.
fn signals(
    node: &Node<'_, '_>,
    id: &str,
    file: &str,
    events: &mut Vec<Event>,
) -> Result<(), Fault> {
    node.each("metrics", |metric| {
        let Some(other) = metric.get("other") else { return Ok(()) };
        let Some(content) = other.get("content") else { return Ok(()) };
        let kind = match other.maybe("type")?.map(str::to_ascii_lowercase).as_deref() {
            Some("ssvc") => ssvc(&content)?,
            Some("kev") => Some(SignalKind::KnownExploited { ransomware: false }),
            _ => None,
        };
        let Some(kind) = kind else { return Ok(()) };
        let since = content.maybe("timestamp")?.or(content.maybe("dateAdded")?).unwrap_or("");
        events.push(Event::Signal(Signal {
            id: id.to_owned(),
            kind,
            asserter: content.maybe("role")?.unwrap_or("CISA").to_owned(),
            since: since.to_owned(),
            place: metric.place(file),
        }));
        Ok(())
    })
}

fn ssvc(content: &Node<'_, '_>) -> Result<Option<SignalKind>, Fault> {
    let (mut state, mut automatable, mut impact) = (None, None, None);
    content.each("options", |option| {
        let Some(fields) = option.value.as_object() else { return Ok(()) };
        for (key, value) in fields {
            let Some(word) = value.as_str().map(str::to_lowercase) else { continue };
            match key.to_lowercase().as_str() {
                "exploitation" => state = Some(word),
                "automatable" => automatable = Some(word == "yes"),
                "technical impact" => impact = Some(word),
                _ => {}
            }
        }
        Ok(())
    })?;
    Ok(state.map(|state| SignalKind::Exploitation { state, automatable, impact }))
}

fn status_of(word: &str) -> Status {
    match word.to_ascii_lowercase().as_str() {
        "affected" => Status::Affected,
        "unaffected" => Status::Unaffected,
        _ => Status::Unknown,
    }
}

/// One entry becomes a statement for each name of the product and each status that its versions have.
fn affected(node: &Node<'_, '_>) -> Result<Vec<Affected>, Fault> {
    let default = status_of(node.maybe("defaultStatus")?.unwrap_or("unknown"));
    let mut groups: Vec<Affected> = Vec::new();
    let blank = || Package::VendorProduct { vendor: String::new(), product: String::new() };
    let mut group_of = |status: Status, scheme: Option<&str>| -> usize {
        let same = |known: &Affected| known.status == status && known.scheme.as_deref() == scheme;
        groups.iter().position(same).unwrap_or_else(|| {
            let mut group = statement(blank(), status, default);
            group.scheme = scheme.map(str::to_owned);
            groups.push(group);
            groups.len() - 1
        })
    };
    let mut parts = Vec::new();
    node.each("versions", |version| {
        versions(version, &mut |status, scheme, part| parts.push((group_of(status, scheme), part)))
    })?;
    if groups.is_empty() {
        groups.push(statement(blank(), default, default));
    }
    for (index, part) in parts {
        let Some(group) = groups.get_mut(index) else { continue };
        match part {
            Part::Words(text) => words(group, &text),
            Part::Range(range) => group.ranges.push(range),
            Part::Prose(text) => add_prose(group, &text),
        }
    }
    let program_files = node.texts("programFiles")?;
    let platforms = node.texts("platforms")?;
    let mut functions = Vec::new();
    node.each("programRoutines", |routine| {
        functions.extend(routine.owned("name")?);
        Ok(())
    })?;
    let mut out = Vec::new();
    for package in packages(node)? {
        out.extend(groups.iter().map(|group| Affected {
            package: package.clone(),
            program_files: program_files.clone(),
            platforms: platforms.clone(),
            functions: functions.clone(),
            ..group.clone()
        }));
    }
    Ok(out)
}

enum Part {
    Words(String),
    Range(crate::version::Range),
    Prose(String),
}

fn scheme_of(kind: &str) -> Option<&'static str> {
    Some(match kind.to_ascii_lowercase().as_str() {
        "git" => "GIT",
        "semver" => "semver",
        "rpm" => "rpm",
        "maven" => "Maven",
        "python" | "pypi" => "PyPI",
        "npm" => "npm",
        "deb" | "dpkg" => "Debian",
        // The versions in which a commit of the kernel was released.
        "original_commit_for_fix" => "Linux",
        _ => return None,
    })
}

/// One entry of `versions`; a range whose status changes on the way becomes several.
fn versions(
    node: &Node<'_, '_>,
    add: &mut impl FnMut(Status, Option<&'static str>, Part),
) -> Result<(), Fault> {
    let mut status = status_of(node.maybe("status")?.unwrap_or("unknown"));
    let scheme = node.maybe("versionType")?.and_then(scheme_of);
    let version = node.maybe("version")?.unwrap_or("");
    let (end, inclusive) = match (node.maybe("lessThan")?, node.maybe("lessThanOrEqual")?) {
        (Some(end), _) => (end, false),
        (None, Some(end)) => (end, true),
        (None, None) => {
            add(status, scheme, Part::Words(version.to_owned()));
            return Ok(());
        }
    };
    let upper = match upper_end(end, inclusive) {
        Ok(upper) => upper,
        Err(_) => {
            let sign = if inclusive { "<=" } else { "<" };
            add(status, scheme, Part::Prose(format!("{version} {sign} {end}")));
            return Ok(());
        }
    };
    let mut lower = lower_end(version);
    node.each("changes", |change| {
        let at = change.need("at")?;
        if names_no_version(at) {
            return Err(change.fault("a version in at"));
        }
        let until = Some(crate::version::Bound::excluding(at));
        add(status, scheme, Part::Range(between(lower.take(), until)));
        lower = Some(crate::version::Bound::including(at));
        status = status_of(change.maybe("status")?.unwrap_or("unknown"));
        Ok(())
    })?;
    add(status, scheme, Part::Range(between(lower, upper)));
    Ok(())
}

/// Every name that can be matched by machine; the vendor's words only where there is none.
fn packages(node: &Node<'_, '_>) -> Result<Vec<Package>, Fault> {
    let mut out = Vec::new();
    if let Some(purl) = node.owned("packageURL")?.or(node.owned("packageUrl")?) {
        out.push(Package::Purl(purl));
    } else if let (Some(collection), Some(name)) =
        (node.maybe("collectionURL")?, node.maybe("packageName")?)
    {
        out.extend(ecosystem_of(collection).map(|ecosystem| Package::Ecosystem {
            ecosystem: ecosystem.to_owned(),
            name: name.to_owned(),
        }));
    }
    out.extend(node.texts("cpes")?.into_iter().map(Package::Cpe));
    let vendor = node.maybe("vendor")?.unwrap_or("");
    let product = node.maybe("product")?.or(node.maybe("packageName")?).unwrap_or("");
    if out.is_empty() {
        if names_no_version(vendor) && names_no_version(product) {
            let repository = node.maybe("repo")?.unwrap_or("").to_owned();
            out.push(Package::VendorProduct { vendor: String::new(), product: repository });
        } else {
            out.push(Package::VendorProduct { vendor: vendor.into(), product: product.into() });
        }
    }
    Ok(out)
}

fn ecosystem_of(collection: &str) -> Option<&'static str> {
    let host = collection.split_once("://").map_or(collection, |(_, rest)| rest);
    let host = host.split('/').next().unwrap_or("").trim_start_matches("www.");
    Some(match host {
        "crates.io" => "crates.io",
        "pypi.org" | "pypi.python.org" => "PyPI",
        "npmjs.com" | "registry.npmjs.org" | "npmjs.org" => "npm",
        "repo.maven.apache.org" | "repo1.maven.org" | "maven.apache.org" | "mvnrepository.com" => {
            "Maven"
        }
        "rubygems.org" => "RubyGems",
        "packagist.org" => "Packagist",
        "pkg.go.dev" | "proxy.golang.org" | "go.dev" => "Go",
        "nuget.org" | "api.nuget.org" => "NuGet",
        "hex.pm" | "repo.hex.pm" => "Hex",
        "pub.dev" => "Pub",
        _ => return None,
    })
}

/// CPE names say once more what the first `named` statements say, without their files: where each of those names files,
/// a CPE's are all of them.
fn files_for_cpes(affected: &mut [Affected], named: usize) {
    let (products, cpes) = affected.split_at_mut(named);
    if products.iter().any(|one| one.program_files.is_empty()) {
        return;
    }
    let files = products.iter().flat_map(|one| &one.program_files);
    for cpe in cpes {
        cpe.program_files.extend(files.clone().cloned());
    }
}

/// The kernel's records say everything twice, in commits and in versions. Commits cannot be ordered here: where the
/// same product has versions too, the commits go, and their files move over.
fn commits_beside_versions(affected: &mut Vec<Affected>) {
    let in_commits = |one: &Affected| one.scheme.as_deref() == Some("GIT");
    let versioned: Vec<Package> =
        affected.iter().filter(|one| !in_commits(one)).map(|one| one.package.clone()).collect();
    let mut files: Vec<(Package, Vec<String>)> = Vec::new();
    affected.retain(|one| {
        let twice = in_commits(one) && versioned.contains(&one.package);
        if twice {
            files.push((one.package.clone(), one.program_files.clone()));
        }
        !twice
    });
    for one in affected.iter_mut() {
        for (_, more) in files.iter().filter(|(package, _)| *package == one.package) {
            one.program_files.extend(more.iter().cloned());
        }
        one.program_files.sort_unstable();
        one.program_files.dedup();
    }
}
