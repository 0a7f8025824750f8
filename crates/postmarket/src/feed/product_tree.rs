//! CSAF's products: branches, plain names and relationships, by their id.

use super::event::{Affected, Package, Status};
use super::json::{Fault, Node};
use super::statement::{statement, words};
use std::collections::BTreeMap;

/// Branches below this are refused; the standard's own documents have five.
const DEEPEST: usize = 30;

/// Products by their id.
#[derive(Default)]
pub(super) struct ProductTree {
    products: BTreeMap<String, Product>,
    groups: BTreeMap<String, Vec<String>>,
}

/// One product as the document describes it.
#[derive(Clone, Default)]
pub(super) struct Product {
    name: String,
    vendor: String,
    product: String,
    /// As written under `product_version` or `product_version_range`.
    versions: Vec<String>,
    purls: Vec<String>,
    cpes: Vec<String>,
    /// What it runs on or is a part of.
    on: Vec<String>,
}

impl ProductTree {
    pub(super) fn read(tree: &Node<'_, '_>) -> Result<Self, Fault> {
        let mut out = Self::default();
        tree.each("branches", |branch| out.branch(branch, &Product::default(), 0))?;
        tree.each("full_product_names", |full| out.define(full, &Product::default()))?;
        tree.each("relationships", |entry| out.relationship(entry))?;
        tree.each("product_groups", |group| {
            out.groups.insert(group.need("group_id")?.to_owned(), group.texts("product_ids")?);
            Ok(())
        })?;
        Ok(out)
    }

    pub(super) fn get(&self, id: &str) -> Option<&Product> {
        self.products.get(id)
    }

    /// The product's full name, or its id if the document does not define it.
    pub(super) fn name(&self, id: &str) -> String {
        self.products.get(id).map_or_else(|| id.to_owned(), |product| product.name.clone())
    }

    /// The products that an entry speaks of, those of its groups included.
    pub(super) fn ids(&self, entry: &Node<'_, '_>) -> Result<Vec<String>, Fault> {
        let mut ids = entry.texts("product_ids")?;
        for group in entry.texts("group_ids")? {
            ids.extend(self.groups.get(&group).into_iter().flatten().cloned());
        }
        Ok(ids)
    }

    fn branch(&mut self, node: &Node<'_, '_>, above: &Product, depth: usize) -> Result<(), Fault> {
        if depth >= DEEPEST {
            return Err(node.fault("branches at most 30 deep"));
        }
        let mut here = above.clone();
        let name = node.maybe("name")?.unwrap_or("");
        match node.maybe("category")?.unwrap_or("") {
            "vendor" => here.vendor = name.to_owned(),
            "product_name" => here.product = name.to_owned(),
            "product_version" | "product_version_range" => here.versions = vec![name.to_owned()],
            // 2.0 also knows architecture, language, patch level, platform, service pack, specification, family.
            "product_family" => {}
            _ if name.is_empty() => {}
            _ => here.on.push(name.to_owned()),
        }
        if let Some(product) = node.get("product") {
            self.define(&product, &here)?;
        }
        node.each("branches", |branch| self.branch(branch, &here, depth + 1))
    }

    fn define(&mut self, full: &Node<'_, '_>, above: &Product) -> Result<(), Fault> {
        let mut product = above.clone();
        product.name = full.owned("name")?.unwrap_or_default();
        if product.product.is_empty() {
            product.product.clone_from(&product.name);
        }
        if let Some(helper) = full.get("product_identification_helper") {
            product.purls.extend(helper.owned("purl")?);
            product.purls.extend(helper.texts("purls")?);
            product.cpes.extend(helper.owned("cpe")?);
        }
        let id = full.need("product_id")?.to_owned();
        self.products.insert(id, product);
        Ok(())
    }

    /// `A installed_on B`: what is named is A; B is where it matters.
    fn relationship(&mut self, entry: &Node<'_, '_>) -> Result<(), Fault> {
        let absent = || entry.fault("a relationship with full_product_name");
        let full = entry.get("full_product_name").ok_or_else(absent)?;
        let part = entry.need("product_reference")?;
        let whole = entry.need("relates_to_product_reference")?;
        let mut product = self
            .products
            .get(part)
            .cloned()
            .unwrap_or_else(|| Product { product: part.to_owned(), ..Product::default() });
        product.on.push(self.name(whole));
        let known = self.products.contains_key(part);
        let kept = product.product.clone();
        self.define(&full, &product)?;
        if known {
            return Ok(());
        }
        if let Some(defined) = self.products.get_mut(full.need("product_id")?) {
            defined.product = kept;
        }
        Ok(())
    }
}

impl Product {
    /// The best name for a program: purl, CPE, then the full name.
    pub(super) fn identifier(&self) -> String {
        self.purls.first().or(self.cpes.first()).unwrap_or(&self.name).clone()
    }

    /// One statement for each name that can be matched by machine, or one in the vendor's words.
    pub(super) fn statements(&self, status: Status, into: &mut Vec<Affected>) {
        for purl in &self.purls {
            let (name, version) = split_purl(purl);
            let mut one = statement(Package::Purl(name), status, Status::Unaffected);
            self.complete(&mut one, version);
            into.push(one);
        }
        for cpe in &self.cpes {
            let mut one = statement(Package::Cpe(cpe.clone()), status, Status::Unaffected);
            let version = if cpe.starts_with("cpe:2.3:") { cpe.split(':').nth(5) } else { None };
            let version = version.filter(|version| !matches!(*version, "*" | "-"));
            self.complete(&mut one, version.map(|version| version.replace('\\', "")));
            into.push(one);
        }
        if self.purls.is_empty() && self.cpes.is_empty() {
            let (vendor, product) = (self.vendor.clone(), self.product.clone());
            let package = Package::VendorProduct { vendor, product };
            // Words alone: that a single version is named says nothing of the one beside it.
            let mut one = statement(package, status, Status::Unknown);
            self.complete(&mut one, None);
            if !one.ranges.is_empty() {
                one.default_status = Status::Unaffected;
            }
            into.push(one);
        }
    }

    fn complete(&self, one: &mut Affected, version: Option<String>) {
        one.platforms.clone_from(&self.on);
        match version {
            Some(version) => one.versions.push(version),
            None if self.versions.is_empty() => {
                one.ranges.push(crate::version::Range::all());
            }
            None => {
                for text in &self.versions {
                    words(one, text);
                }
            }
        }
    }
}

/// A package URL without its version, and the version.
fn split_purl(purl: &str) -> (String, Option<String>) {
    let end = purl.find(['?', '#']).unwrap_or(purl.len());
    let (path, rest) = purl.split_at(end);
    match path.rfind('@').filter(|at| !path[*at..].contains('/')) {
        Some(at) => {
            let version = path[at + 1..].replace("%2B", "+").replace("%2b", "+");
            let version = version.replace("%3A", ":").replace("%3a", ":").replace("%7E", "~");
            (format!("{}{rest}", &path[..at]), Some(version))
        }
        None => (purl.to_owned(), None),
    }
}
