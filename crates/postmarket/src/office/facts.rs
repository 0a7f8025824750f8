//! What a decision on a finding rests on, gathered from the store and the feeds.

use super::{Memory, attacks, each};
use crate::feed::{Advisory, Signal};
use crate::harm::assess::{
    Applicability, ComponentFact, Fact, Inputs, ReleaseFact, TableReference,
};
use crate::harm::canonical::digest;
use crate::harm::exploitability::Sign;
use crate::harm::function_map::{self, RiskFile};
use crate::harm::matrix::InForce;
use crate::harm::rubric::Answers;
use crate::identity::AliasGroups;
use crate::matching::{AdvisoryId, Answer as Holds, ComponentId, Verdict};
use crate::report::{origin, why, worst_vector};
use crate::sbom::Component;
use crate::store::{Answer, Trouble, known};
use rusqlite::Connection;
use std::collections::{BTreeMap, BTreeSet};

/// What all feeds say of one vulnerability in one component.
#[derive(Clone, Debug)]
pub(super) struct Group {
    /// The id that the vulnerability goes by.
    pub(super) id: String,
    /// All its names, sorted.
    pub(super) names: BTreeSet<String>,
    /// The worst verdict; not affected if nothing holds any more.
    pub(super) verdict: Verdict,
    /// The advisories, the one of that verdict first.
    pub(super) advisories: Vec<AdvisoryId>,
}

impl Group {
    /// Somebody says that it is there, or it cannot be told.
    pub(super) fn holds(&self) -> bool {
        self.verdict.answer != Holds::NotAffected
    }
}

/// Everything that was ever said of a component, by vulnerability.
pub(super) fn groups(
    database: &Connection,
    memory: &Memory,
    aliases: &AliasGroups,
    row: i64,
) -> Answer<Vec<Group>> {
    let words = "SELECT advisory, body FROM verdict WHERE component = ?1 ORDER BY advisory";
    let mut asked = database.prepare_cached(words)?;
    let mut rows = asked.query([row])?;
    let mut by_id: BTreeMap<String, Vec<(Verdict, AdvisoryId)>> = BTreeMap::new();
    while let Some(row) = rows.next()? {
        let id = AdvisoryId(row.get(0)?);
        let verdict = known("verdict", row.get_ref(1)?.as_str()?)?;
        let Some(advisory) = memory.watch.book().advisory(id) else { continue };
        by_id.entry(aliases.canonical(&advisory.id)).or_default().push((verdict, id));
    }
    let make = |(id, mut list): (String, Vec<(Verdict, AdvisoryId)>)| {
        list.sort_unstable();
        let verdict = list.first()?.0;
        let mut names: BTreeSet<String> =
            aliases.of(&id).unwrap_or_default().iter().cloned().collect();
        names.insert(id.clone());
        let said = list.iter().filter_map(|(_, one)| memory.watch.book().advisory(*one));
        names.extend(said.map(|advisory| advisory.id.clone()));
        Some(Group { id, names, verdict, advisories: list.into_iter().map(|(_, id)| id).collect() })
    };
    Ok(by_id.into_iter().filter_map(make).collect())
}

/// The newest risk file of each product.
pub(super) fn risk_files(database: &Connection) -> Answer<BTreeMap<String, RiskFile>> {
    let mut found = BTreeMap::new();
    each(database, "SELECT product, file, bytes FROM risk_file ORDER BY id", |row| {
        let (product, file): (String, String) = (row.get(0)?, row.get(1)?);
        let read = function_map::read(&file, row.get_ref(2)?.as_blob()?);
        let read = read.map_err(|error| Trouble::new("risk file", error, "one that was read"))?;
        found.insert(product, read);
        Ok(())
    })?;
    Ok(found)
}

/// What stands for the risk file that a product does not have: nothing is known, so the worst is taken.
pub(super) fn no_risk_file(product: &str) -> RiskFile {
    RiskFile {
        device: product.to_owned(),
        version: "none".to_owned(),
        digest: digest(b""),
        life_supporting: true,
        functions: BTreeMap::new(),
        links: Vec::new(),
    }
}

/// The table by which decisions are made, as a record names it.
pub(super) fn matrix_reference(matrix: &InForce) -> TableReference {
    TableReference {
        name: "matrix".to_owned(),
        version: matrix.matrix().version.clone(),
        digest: matrix.digest().to_owned(),
    }
}

impl Memory {
    /// The component of a row.
    pub(super) fn component(&self, database: &Connection, row: i64) -> Answer<Component> {
        let words = "SELECT body FROM component WHERE id = ?1";
        let mut asked = database.prepare_cached(words)?;
        let body: String = asked.query_row([row], |row| row.get(0))?;
        known("component", &body)
    }

    /// Why the verdict on a component is what it is, in words.
    pub(super) fn why(&self, number: ComponentId, group: &Group) -> String {
        let subject = self.watch.catalogue().subject(number);
        subject.map_or_else(String::new, |subject| {
            why(self.watch.book(), subject, group.verdict, group.advisories.first().copied())
        })
    }

    /// What is known of a vulnerability in a component of a product, without any person's answers.
    pub(super) fn inputs(
        &self,
        database: &Connection,
        (component, number): (&Component, ComponentId),
        product: &str,
        group: &Group,
    ) -> Answer<Inputs> {
        let unknown;
        let risks = match self.risks.get(product) {
            Some(risks) => risks,
            None => {
                unknown = no_risk_file(product);
                &unknown
            }
        };
        let book = self.watch.book();
        let said: Vec<&Advisory> =
            group.advisories.iter().filter_map(|id| book.advisory(*id)).collect();
        let newest = self.releases_of(product, number).last().copied();
        let release =
            newest.and_then(|id| Some((self.known(id)?, self.watch.catalogue().release(id)?)));
        let mut facts: Vec<Fact> = said.iter().map(|one| advisory_fact(one)).collect();
        facts.push(Fact {
            name: "match".to_owned(),
            value: format!("{:?}: {}", group.verdict.answer, self.why(number, group)),
            source: "homeostat".to_owned(),
            time: said.first().map_or(String::new(), |one| one.modified.clone()),
        });
        let mut inputs = Inputs {
            vulnerability: group.id.clone(),
            aliases: group.names.iter().filter(|name| **name != group.id).cloned().collect(),
            component: ComponentFact {
                name: component.name.clone(),
                version: component.version.clone(),
                purl: component.purl.clone(),
            },
            release: ReleaseFact {
                product: product.to_owned(),
                version: release.map_or(String::new(), |(known, _)| known.version.clone()),
                bill: release.map_or(String::new(), |(_, one)| one.digest.clone()),
            },
            applicability: match group.verdict.answer {
                Holds::Affected => Applicability::Affected,
                Holds::Unknown | Holds::NotAffected => Applicability::Unknown,
            },
            path: risks.path(component.purl.as_deref(), &component.name),
            life_supporting: risks.life_supporting,
            answers: Answers::default(),
            published_vector: worst_vector(&said).map(|(vector, _)| vector.to_owned()),
            automatable: None,
            signs: Vec::new(),
            facts,
            tables: vec![
                matrix_reference(&self.matrix),
                TableReference {
                    name: "risk file".to_owned(),
                    version: risks.version.clone(),
                    digest: risks.digest.clone(),
                },
            ],
        };
        inputs.signs = signs(database, &inputs, &[])?;
        Ok(inputs)
    }
}

fn advisory_fact(advisory: &Advisory) -> Fact {
    let place = &advisory.place;
    Fact {
        name: format!("{} {}", origin(advisory), advisory.id),
        value: crate::report::summary(advisory).into_owned(),
        source: format!("{} {}", place.file, place.pointer),
        time: advisory.modified.clone(),
    }
}

/// Signs of exploitation under any of the names, in their order, but for those that are withdrawn.
pub(super) fn signs(
    database: &Connection,
    inputs: &Inputs,
    withdrawn: &[Signal],
) -> Answer<Vec<Sign>> {
    let words = "SELECT body FROM signal WHERE vulnerability = ?1 ORDER BY kind, asserter";
    let mut asked = database.prepare_cached(words)?;
    let mut found = Vec::new();
    let names: BTreeSet<&str> = attacks::names(inputs).collect();
    for name in names {
        let mut rows = asked.query([name])?;
        while let Some(row) = rows.next()? {
            let signal: Signal = known("signal", row.get_ref(0)?.as_str()?)?;
            if withdrawn.contains(&signal) {
                continue;
            }
            // Of two products one person may have learned at one time.
            found.extend(Sign::of(&signal).filter(|sign| !found.contains(sign)));
        }
    }
    Ok(found)
}
