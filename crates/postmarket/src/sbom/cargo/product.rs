//! The bill of a Rust product: `cargo metadata`, resolved for one target and its features, and the lock file.
//!
//! `cargo metadata --format-version 1 --filter-platform TARGET --features FEATURES` resolves; here that is read, what
//! only serves tests is left out, and what only builds the product is marked.

use std::collections::{BTreeMap, BTreeSet};

use super::super::bill::{Bill, Component, ComponentKind, Hash, RelationshipKind, SourceForm};
use super::super::draft::Draft;
use super::super::error::{BillError, Fault};
use super::super::json::Json;
use super::super::limits::Limits;
use super::{checksums, purl};

/// How Cargo begins the id of a package that comes from a folder.
const PATH: &str = "path+";

/// What Cargo cannot know of a product.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Product<'a> {
    /// The package that is the product; the resolved root if none is given.
    pub package: Option<&'a str>,
    /// [`ComponentKind::Firmware`] for a device's image, [`ComponentKind::Application`] for a program.
    pub kind: ComponentKind,
    /// Who supplies it.
    pub supplier: Option<&'a str>,
    /// The target triple that the metadata was resolved for.
    pub target: &'a str,
    /// The features that it was resolved with.
    pub features: &'a [String],
    /// The compiler's version, such as `1.95.0`, as `rustc --version` says.
    pub rustc: &'a str,
}

/// Makes a product's bill from the output of `cargo metadata` and the text of `Cargo.lock`.
///
/// Dependencies that serve only tests are left out; those that only build the product, procedural macros among them,
/// have the scope `build`. Checksums of archives come from the lock file. A package that binds a C library (a
/// name in `-sys` or `-src`, and a `links` key or the library's version in its own) gives a component for that library;
/// its version is known only where the crate's build metadata tells it. The compiler and the standard library are components too.
///
/// # Errors
/// [`BillError`], with the file's name, if either text is not what Cargo writes, or if there is no such package.
pub fn bill_of_product(
    (metadata_file, metadata): (&str, &[u8]),
    lock: Option<(&str, &str)>,
    product: &Product<'_>,
    limits: &Limits,
) -> Result<Bill, BillError> {
    let tree = Json::parse(metadata_file, metadata, limits)?;
    let sums = match lock {
        Some((file, text)) => checksums(file, text)?,
        None => BTreeMap::new(),
    };
    let mut draft = build(&tree, product, &sums).map_err(|fault| fault.of(metadata_file))?;
    if lock.is_none() {
        draft.bill.remarks.push("no lock file was given: packages have no checksums".to_owned());
    }
    let mut bill = draft.finish();
    own_packages(&mut bill, product);
    Ok(bill)
}

/// Packages of the product's own tree are named without the folder that it was built in, which is no fact of the
/// product, and come from its supplier unless they say otherwise.
fn own_packages(bill: &mut Bill, product: &Product<'_>) {
    for component in &mut bill.components {
        if component.reference.starts_with(PATH) {
            let version = component.version.as_deref().unwrap_or_default();
            component.reference = format!("own:{}@{version}", component.name);
            component.properties.push(("source".to_owned(), "path".to_owned()));
            if component.supplier.is_none() {
                component.supplier = product.supplier.map(str::to_owned);
            }
        }
    }
}

/// How a package came into the build.
#[derive(Default)]
struct Reached<'t> {
    runs: BTreeSet<&'t str>,
    builds: BTreeSet<&'t str>,
}

struct Metadata<'t> {
    packages: BTreeMap<&'t str, &'t Json<'t>>,
    nodes: BTreeMap<&'t str, &'t Json<'t>>,
}

type Sums = BTreeMap<(String, String), String>;

fn build<'t>(tree: &'t Json<'t>, product: &Product<'_>, sums: &Sums) -> Result<Draft, Fault> {
    let Some(resolve) = tree.get("resolve").filter(|found| matches!(found, Json::Object(_))) else {
        let advice = "run `cargo metadata` without --no-deps";
        return Err(Fault::new("/resolve", "the resolved graph", "none", advice));
    };
    let metadata = Metadata {
        packages: by_id(tree.items_of("packages")),
        nodes: by_id(resolve.items_of("nodes")),
    };
    let root = root(&metadata, resolve, product)?;
    let reached = metadata.reach(root);
    let mut draft = Draft::default();
    draft.bill.form = SourceForm {
        name: "cargo metadata".to_owned(),
        version: "1".to_owned(),
        encoding: "JSON".to_owned(),
    };
    draft.bill.lifecycle.push("build".to_owned());
    for id in reached.runs.union(&reached.builds).copied() {
        let mut component = metadata.component(id, sums);
        if !reached.runs.contains(id) {
            component.scope = Some("build".to_owned());
        }
        if id == root {
            component.kind = product.kind;
            component.supplier = product.supplier.map(str::to_owned).or(component.supplier);
            component.properties.push(("target".to_owned(), product.target.to_owned()));
            let features = product.features.iter();
            let features = features.map(|name| ("feature".to_owned(), name.clone()));
            component.properties.extend(features);
        }
        let library = metadata.native_library(id, &component);
        let scope = component.scope.clone();
        draft.add(id, component)?;
        if let Some(mut library) = library {
            library.scope = scope;
            let key = library.reference.clone();
            if draft.find(&key).is_none() {
                draft.add(&key, library)?;
            }
            draft.relate(id, RelationshipKind::DependsOn, &key);
        }
    }
    draft.bill.root = draft.find(root);
    metadata.relate(&mut draft, &reached);
    toolchain(&mut draft, root, product)?;
    Ok(draft)
}

fn by_id<'t>(list: &'t [Json<'t>]) -> BTreeMap<&'t str, &'t Json<'t>> {
    list.iter().filter_map(|found| Some((found.text_of("id")?, found))).collect()
}

fn root<'t>(
    metadata: &Metadata<'t>,
    resolve: &'t Json<'t>,
    product: &Product<'_>,
) -> Result<&'t str, Fault> {
    let named = product.package.and_then(|name| {
        let own = |package: &&&Json<'_>| package.text_of("name") == Some(name);
        let local = |package: &&&Json<'_>| package.text_of("source").is_none();
        let mut found = metadata.packages.values().filter(own);
        let ids: Vec<&'t str> =
            found.by_ref().filter(local).filter_map(|package| package.text_of("id")).collect();
        ids.first().copied()
    });
    let root = if product.package.is_some() { named } else { resolve.text_of("root") };
    root.filter(|id| metadata.nodes.contains_key(id)).ok_or_else(|| {
        let wanted = product.package.map_or_else(
            || "a root package; a workspace has none".to_owned(),
            |name| format!("the workspace's package `{name}` in the resolved graph"),
        );
        Fault::new("/resolve/root", wanted, "none", "name the product's package")
    })
}

impl<'t> Metadata<'t> {
    fn package(&self, id: &str) -> Option<&'t Json<'t>> {
        self.packages.get(id).copied()
    }

    fn is_macro(&self, id: &str) -> bool {
        let targets = self.package(id).map_or(&[][..], |package| package.items_of("targets"));
        let kinds = targets.iter().flat_map(|target| target.items_of("kind"));
        kinds.into_iter().any(|kind| kind.text() == Some("proc-macro"))
    }

    /// A package's dependencies, and whether each is needed when it runs or when it is built.
    fn dependencies(&self, id: &str) -> Vec<(&'t str, bool, bool)> {
        let deps = self.nodes.get(id).map_or(&[][..], |node| node.items_of("deps"));
        let one = |dep: &'t Json<'t>| {
            let to = dep.text_of("pkg")?;
            let kinds = dep.items_of("dep_kinds");
            let has =
                |wanted: Option<&str>| kinds.iter().any(|kind| kind.text_of("kind") == wanted);
            let runs = has(None) || kinds.is_empty();
            Some((
                to,
                runs && !self.is_macro(to),
                has(Some("build")) || (runs && self.is_macro(to)),
            ))
        };
        deps.iter().filter_map(one).filter(|(_, runs, builds)| *runs || *builds).collect()
    }

    fn reach(&self, root: &'t str) -> Reached<'t> {
        let mut reached = Reached::default();
        let mut waiting = vec![(root, true)];
        while let Some((id, runs)) = waiting.pop() {
            let set = if runs { &mut reached.runs } else { &mut reached.builds };
            if !set.insert(id) {
                continue;
            }
            for (to, needed, builds) in self.dependencies(id) {
                if needed {
                    waiting.push((to, runs));
                }
                if builds {
                    waiting.push((to, false));
                }
            }
        }
        reached
    }

    fn component(&self, id: &str, sums: &Sums) -> Component {
        let empty = Json::Null;
        let package = self.package(id).unwrap_or(&empty);
        let name = package.text_of("name").unwrap_or(id).to_owned();
        let version = package.string_of("version");
        let mut component = Component {
            reference: id.to_owned(),
            supplier: supplier(package),
            purl: version
                .as_deref()
                .and_then(|version| purl(&name, version, package.text_of("source"))),
            // Cargo once allowed a stroke for "or".
            licences: package
                .string_of("license")
                .map(|text| text.replace('/', " OR "))
                .into_iter()
                .collect(),
            ..Component::default()
        };
        if let Some(sum) = version.clone().and_then(|version| sums.get(&(name.clone(), version))) {
            component.hashes.push(Hash { algorithm: "SHA-256".to_owned(), value: sum.clone() });
        }
        for (member, property) in
            [("description", "description"), ("repository", "reference:vcs"), ("links", "links")]
        {
            let text = package.string_of(member);
            component.properties.extend(text.map(|text| (property.to_owned(), text)));
        }
        component.name = name;
        component.version = version;
        component
    }

    /// The C library behind a package, if there is one. A name in `-sys` alone is none: Cargo must know that something is
    /// linked, or the version must be that of the source inside (`300.1.6+3.1.4`).
    fn native_library(&self, id: &str, component: &Component) -> Option<Component> {
        let links = self.package(id).and_then(|package| package.string_of("links"));
        let stem = ["-sys", "-src"].iter().find_map(|end| component.name.strip_suffix(end))?;
        let version = component.version.as_deref()?.split_once('+').map(|parts| parts.1.to_owned());
        if links.is_none() && version.is_none() {
            return None;
        }
        let name = links.unwrap_or_else(|| stem.to_owned());
        Some(Component {
            reference: format!("native:{name}"),
            name,
            version,
            properties: vec![
                ("language".to_owned(), "C".to_owned()),
                ("bound-by".to_owned(), component.name.clone()),
            ],
            ..Component::default()
        })
    }

    fn relate(&self, draft: &mut Draft, reached: &Reached<'t>) {
        for from in reached.runs.union(&reached.builds).copied() {
            for (to, runs, builds) in self.dependencies(from) {
                if runs {
                    draft.relate(from, RelationshipKind::DependsOn, to);
                }
                if builds {
                    draft.relate(from, RelationshipKind::BuiltBy, to);
                }
            }
        }
    }
}

/// Who publishes a package: its authors without their addresses, or else its repository.
fn supplier(package: &Json<'_>) -> Option<String> {
    let authors: Vec<&str> = package
        .items_of("authors")
        .iter()
        .filter_map(Json::text)
        .map(|author| author.split('<').next().unwrap_or(author).trim())
        .filter(|author| !author.is_empty())
        .collect();
    if authors.is_empty() { package.string_of("repository") } else { Some(authors.join(", ")) }
}

fn toolchain(draft: &mut Draft, root: &str, product: &Product<'_>) -> Result<(), Fault> {
    let version = product.rustc.trim().trim_start_matches("rustc ");
    let version = version.split_whitespace().next().unwrap_or(version).to_owned();
    let part = |name: &str, kind: ComponentKind| Component {
        reference: format!("toolchain:{name}"),
        kind,
        name: name.to_owned(),
        version: Some(version.clone()),
        supplier: Some("The Rust Project".to_owned()),
        licences: vec!["MIT OR Apache-2.0".to_owned()],
        ..Component::default()
    };
    let mut compiler = part("rustc", ComponentKind::Application);
    compiler.scope = Some("build".to_owned());
    compiler.purl = Some(format!("pkg:generic/rust@{version}"));
    draft.add("rustc", compiler)?;
    draft.relate(root, RelationshipKind::BuiltBy, "toolchain:rustc");
    let mut library = part("std", ComponentKind::Library);
    library.group = Some("rust".to_owned());
    library.properties.push(("parts".to_owned(), "core, alloc, std".to_owned()));
    draft.add("std", library)?;
    draft.relate(root, RelationshipKind::DependsOn, "toolchain:std");
    Ok(())
}
