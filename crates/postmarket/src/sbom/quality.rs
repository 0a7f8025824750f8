//! Whether a bill says what regulators ask for, and what exactly is missing where.
//!
//! Sources: NTIA, *The Minimum Elements For a Software Bill of Materials* (2021); CISA, *2025 Minimum Elements for a
//! Software Bill of Materials* (draft for comment, 2025: hash, licence, tool and generation context are added); FDA,
//! *Cybersecurity in Medical Devices* (pre-market guidance, section V.A.4: the NTIA baseline with level of support and
//! end of support of each component).

use std::collections::BTreeSet;

use serde::Serialize;

use super::bill::{Bill, Component};
use super::schema;

/// A list of elements that a bill is held against.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
pub enum Profile {
    /// NTIA's minimum elements of 2021, with the component hash that FDA's text (SBM-02) takes from NTIA's framing.
    Ntia,
    /// CISA's minimum elements of 2025/26.
    Cisa,
    /// FDA's additions: level of support and end of support (SBM-03), on top of [`Profile::Ntia`].
    Fda,
}

/// One thing that a bill or a component should say.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Element {
    /// Who made the bill.
    Author,
    /// When.
    Timestamp,
    /// With which tool.
    Tool,
    /// At which stage of the product's life.
    GenerationContext,
    /// Which component is the product.
    Product,
    /// What each component depends on: every one must be reached from the product.
    Relationship,
    /// The component's name.
    Name,
    /// Its version.
    Version,
    /// Its supplier.
    Supplier,
    /// A purl, CPE or other id.
    Identifier,
    /// A hash.
    Hash,
    /// A licence.
    Licence,
    /// Its level of support.
    SupportLevel,
    /// The day on which support ends.
    EndOfSupport,
}

const OF_BILL: [Element; 5] = [
    Element::Author,
    Element::Timestamp,
    Element::Tool,
    Element::GenerationContext,
    Element::Product,
];

impl Profile {
    /// The elements that the profile asks for.
    #[must_use]
    pub fn elements(self) -> &'static [Element] {
        use Element::*;
        match self {
            Self::Ntia => &[
                Author,
                Timestamp,
                Product,
                Relationship,
                Name,
                Version,
                Supplier,
                Identifier,
                Hash,
            ],
            Self::Cisa => &[
                Author,
                Timestamp,
                Tool,
                GenerationContext,
                Product,
                Relationship,
                Name,
                Version,
                Supplier,
                Identifier,
                Hash,
                Licence,
            ],
            Self::Fda => &[
                Author,
                Timestamp,
                Product,
                Relationship,
                Name,
                Version,
                Supplier,
                Identifier,
                Hash,
                SupportLevel,
                EndOfSupport,
            ],
        }
    }
}

/// One missing element of one component, or of the bill itself.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
pub struct Missing {
    /// Index in [`Bill::components`]; none for the bill itself.
    pub component: Option<usize>,
    /// The component's reference; empty for the bill itself.
    pub reference: String,
    /// What is missing, or cannot be what it says.
    pub element: Element,
}

/// How complete one element is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub struct Count {
    /// Which.
    pub element: Element,
    /// In how many components (or 1 for the bill) it is.
    pub present: usize,
    /// Of how many.
    pub of: usize,
}

/// A bill held against a profile.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[must_use]
pub struct Verdict {
    /// Against which.
    pub profile: Profile,
    /// Every missing element, by component.
    pub missing: Vec<Missing>,
    /// Every element's count, in the profile's order.
    pub counts: Vec<Count>,
    /// Elements that are there, of those asked for: from 0 to 1.
    pub share: f64,
}

impl Verdict {
    /// Whether nothing is missing.
    #[must_use]
    pub fn complete(&self) -> bool {
        self.missing.is_empty()
    }
}

/// Holds a bill against a profile. A bill without components lacks its product, so it never is complete.
pub fn quality(bill: &Bill, profile: Profile) -> Verdict {
    let reached = reached(bill);
    let mut verdict = Verdict { profile, missing: Vec::new(), counts: Vec::new(), share: 0.0 };
    for element in profile.elements().iter().copied() {
        let mut count = Count { element, present: 0, of: 0 };
        let mut judge = |component: Option<usize>, reference: &str, present: bool| {
            count.of += 1;
            if present {
                count.present += 1;
            } else {
                let reference = reference.to_owned();
                verdict.missing.push(Missing { component, reference, element });
            }
        };
        if OF_BILL.contains(&element) {
            judge(None, "", of_bill(bill, element));
        } else {
            for (at, component) in bill.components.iter().enumerate() {
                let present = if element == Element::Relationship {
                    reached.contains(&at)
                } else {
                    of_component(component, element)
                };
                judge(Some(at), &component.reference, present);
            }
        }
        verdict.counts.push(count);
    }
    verdict.missing.sort();
    let sum = |of: fn(&Count) -> usize| verdict.counts.iter().map(of).sum::<usize>();
    let (present, of) = (sum(|count| count.present), sum(|count| count.of));
    #[expect(clippy::cast_precision_loss, reason = "counts of a bill are far below 2^53")]
    let share = if of == 0 { 0.0 } else { present as f64 / of as f64 };
    verdict.share = share;
    verdict
}

fn of_bill(bill: &Bill, element: Element) -> bool {
    let filled = |list: &[String]| list.iter().any(|text| !text.trim().is_empty());
    match element {
        Element::Author => filled(&bill.authors),
        Element::Timestamp => bill.created.as_deref().is_some_and(schema::is_date_time),
        Element::Tool => filled(&bill.tools),
        Element::GenerationContext => filled(&bill.lifecycle),
        _ => bill.root.is_some_and(|root| root < bill.components.len()),
    }
}

fn of_component(component: &Component, element: Element) -> bool {
    let filled = |text: &Option<String>| {
        text.as_deref().is_some_and(|text| {
            !matches!(text.trim().to_ascii_lowercase().as_str(), "" | "noassertion" | "unknown")
        })
    };
    match element {
        Element::Name => !component.name.trim().is_empty(),
        Element::Version => filled(&component.version),
        Element::Supplier => filled(&component.supplier) || filled(&component.manufacturer),
        Element::Identifier => {
            filled(&component.purl)
                || !component.cpes.is_empty()
                || !component.identifiers.is_empty()
        }
        Element::Hash => !component.hashes.is_empty(),
        Element::Licence => !component.licences.is_empty(),
        Element::SupportLevel => filled(&component.support.level),
        Element::EndOfSupport => component.support.end.as_deref().is_some_and(schema::is_date),
        _ => true,
    }
}

/// The components that some chain of relationships leads to from the product, the product itself among them.
fn reached(bill: &Bill) -> BTreeSet<usize> {
    let mut reached = BTreeSet::new();
    let mut waiting: Vec<usize> = bill.root.into_iter().collect();
    let mut arrows = bill.relationships.clone();
    arrows.sort_unstable();
    while let Some(at) = waiting.pop() {
        if !reached.insert(at) {
            continue;
        }
        let from = arrows.partition_point(|arrow| arrow.from < at);
        let own = arrows.get(from..).unwrap_or(&[]).iter().take_while(|arrow| arrow.from == at);
        waiting.extend(own.map(|arrow| arrow.to));
    }
    reached
}

#[cfg(test)]
mod tests {
    use super::super::{Hash, Relationship, RelationshipKind, Support};
    use super::*;

    fn complete() -> Bill {
        let component = |name: &str| Component {
            reference: name.to_owned(),
            name: name.to_owned(),
            version: Some("1".to_owned()),
            supplier: Some("Maker".to_owned()),
            purl: Some(format!("pkg:generic/{name}@1")),
            hashes: vec![Hash { algorithm: "SHA-256".to_owned(), value: "00".repeat(32) }],
            licences: vec!["MIT".to_owned()],
            support: Support {
                level: Some("maintained".to_owned()),
                end: Some("2031-12-31".to_owned()),
            },
            ..Component::default()
        };
        Bill {
            authors: vec!["Maker".to_owned()],
            tools: vec!["homeostat".to_owned()],
            lifecycle: vec!["build".to_owned()],
            created: Some("2026-11-22T06:00:00Z".to_owned()),
            root: Some(0),
            components: vec![component("pump"), component("part")],
            relationships: vec![Relationship { from: 0, kind: RelationshipKind::DependsOn, to: 1 }],
            ..Bill::default()
        }
    }

    fn lacks(profile: Profile, change: impl Fn(&mut Bill)) -> Vec<(Option<usize>, Element)> {
        let mut bill = complete();
        change(&mut bill);
        quality(&bill, profile)
            .missing
            .into_iter()
            .map(|one| (one.component, one.element))
            .collect()
    }

    #[test]
    fn sbm_02_each_missing_baseline_element_is_named_by_component() {
        assert!(quality(&complete(), Profile::Ntia).complete());
        let part = |change: fn(&mut Component)| {
            lacks(Profile::Ntia, |bill| change(&mut bill.components[1]))
        };
        let one = |element| vec![(Some(1), element)];
        assert_eq!(part(|it| it.name.clear()), one(Element::Name));
        assert_eq!(part(|it| it.version = None), one(Element::Version));
        assert_eq!(part(|it| it.supplier = Some("NOASSERTION".to_owned())), one(Element::Supplier));
        assert_eq!(part(|it| it.purl = None), one(Element::Identifier));
        assert_eq!(part(|it| it.hashes.clear()), one(Element::Hash));
        let bill = |change: fn(&mut Bill)| lacks(Profile::Ntia, change);
        assert_eq!(bill(|it| it.relationships.clear()), one(Element::Relationship));
        assert_eq!(bill(|it| it.authors.clear()), [(None, Element::Author)]);
        assert_eq!(bill(|it| it.created = Some("today".to_owned())), [(None, Element::Timestamp)]);
    }

    #[test]
    fn sbm_02_the_cisa_elements_add_tool_context_and_licence() {
        assert!(quality(&complete(), Profile::Cisa).complete());
        let found = lacks(Profile::Cisa, |bill| {
            bill.tools.clear();
            bill.lifecycle.clear();
            bill.components[0].licences.clear();
        });
        let expected = [
            (None, Element::Tool),
            (None, Element::GenerationContext),
            (Some(0), Element::Licence),
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn sbm_03_support_level_and_end_are_asked_of_every_component() {
        assert!(quality(&complete(), Profile::Fda).complete());
        let found = lacks(Profile::Fda, |bill| {
            bill.components[0].support.level = None;
            bill.components[1].support.end = Some("soon".to_owned());
        });
        assert_eq!(found, [(Some(0), Element::SupportLevel), (Some(1), Element::EndOfSupport)]);
    }

    #[test]
    fn counts_and_share_say_how_much_is_there() {
        let mut bill = complete();
        bill.components[1].hashes.clear();
        let verdict = quality(&bill, Profile::Ntia);
        let hash = verdict.counts.iter().find(|count| count.element == Element::Hash).unwrap();
        assert_eq!((hash.present, hash.of), (1, 2));
        // Three elements of the bill, six of each component; one is missing.
        assert!((verdict.share - 14.0 / 15.0).abs() < 1e-12, "{}", verdict.share);
        assert!(!quality(&Bill::default(), Profile::Ntia).complete());
    }
}
