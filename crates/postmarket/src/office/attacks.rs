//! Attacks on products in the field, as the maker says them with a decision: a sign for every finding of the vulnerability
//! until a person withdraws it with a reason. The decisions hold both for ever.

use super::decide::Given;
use super::findings::FindingRow;
use super::{Office, said};
use crate::feed::{Place, Signal, SignalKind};
use crate::harm::assess::{Fact, Inputs};
use crate::harm::decision::DecisionError;
use crate::harm::exploitability::{Sign, SignKind, WITHDRAWN};
use crate::store::{Answer, StoreError, known};
use rusqlite::{Connection, params};
use std::collections::BTreeSet;

/// The word under which an attack is kept: each product's for itself, and one for those that name no product.
pub(super) fn word(product: Option<&str>) -> String {
    product.map_or_else(|| "attacked".to_owned(), |product| format!("attacked {product}"))
}

/// All names of the vulnerability.
pub(super) fn names(inputs: &Inputs) -> impl Iterator<Item = &str> {
    std::iter::once(&inputs.vulnerability).chain(&inputs.aliases).map(String::as_str)
}

/// The attacks on the product by the vulnerability of these names that are said; one that names no product may be any's.
pub(super) fn said<'n>(
    database: &Connection,
    product: &str,
    names: impl Iterator<Item = &'n str>,
) -> Answer<Vec<Signal>> {
    let words = "SELECT body FROM signal WHERE vulnerability = ?1 AND kind IN (?2, ?3) \
                 ORDER BY asserter, since";
    let mut asked = database.prepare_cached(words)?;
    let mut found = Vec::new();
    for name in names {
        let mut rows = asked.query(params![name, word(Some(product)), word(None)])?;
        while let Some(row) = rows.next()? {
            found.push(known("signal", row.get_ref(0)?.as_str()?)?);
        }
    }
    Ok(found)
}

/// Whether it is said that the product was attacked by the vulnerability.
pub(super) fn stands(database: &Connection, inputs: &Inputs) -> Answer<bool> {
    Ok(!said(database, &inputs.release.product, names(inputs))?.is_empty())
}

impl Office {
    /// Whether it is said that the product of a finding was attacked by its vulnerability.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn is_attacked(&self, finding: &FindingRow) -> Result<bool, StoreError> {
        let names = finding.names.iter().map(String::as_str);
        self.store.read(|database| Ok(!said(database, &finding.product, names)?.is_empty()))
    }
}

fn refuse<T>(field: &str, found: &str, expected: &str) -> Result<T, DecisionError> {
    let (field, found, expected) = (field.to_owned(), found.to_owned(), expected.to_owned());
    Err(DecisionError::Field { field, found, expected })
}

/// Which of the attacks that are said a person withdraws: those of one who said them, and nobody else's.
pub(super) fn withdrawn(said: &[Signal], given: &Given) -> Result<Vec<Signal>, DecisionError> {
    let Some(withdrawal) = &given.withdrawn else { return Ok(Vec::new()) };
    let field = "/inputs/signs";
    if given.incident.attacked {
        return refuse(field, "both", "an attack that is said, or the withdrawal of one");
    }
    let people: BTreeSet<&str> = said.iter().map(|signal| signal.asserter.as_str()).collect();
    let Some(first) = people.first() else {
        let expected = "an attack on the product that was said before and is withdrawn now";
        return refuse(field, "none", expected);
    };
    if withdrawal.reason.trim().is_empty() {
        return refuse(field, "no reason", "why the attack is withdrawn");
    }
    let list = people.iter().copied().collect::<Vec<_>>().join(", ");
    let who = match &withdrawal.said_by {
        Some(who) if people.contains(who.as_str()) => who,
        Some(who) => {
            let found = format!("no attack that {who} said");
            return refuse(field, &found, &format!("one who said it: {list}"));
        }
        None if people.len() > 1 => {
            let expected = "whose is withdrawn (`homeostat vuln assess --said-by NAME`)";
            return refuse(field, &format!("attacks said by {list}"), expected);
        }
        None => *first,
    };
    Ok(said.iter().filter(|signal| signal.asserter == who).cloned().collect())
}

/// Puts an attack that is said, or the withdrawal of some, into what a decision rests on. `said` is what was said before.
pub(super) fn put(
    inputs: &mut Inputs,
    given: &Given,
    (said, withdrawn): (&[Signal], &[Signal]),
) -> Result<(), DecisionError> {
    let attacked = given.incident.attacked;
    let who = given.person.as_ref().map_or("nobody yet", |person| &person.name).to_owned();
    let decided = || given.person.as_ref().map_or(String::new(), |person| person.time.clone());
    if let Some(withdrawal) = &given.withdrawn {
        for Signal { asserter, since, .. } in withdrawn {
            inputs.facts.push(Fact {
                name: WITHDRAWN.to_owned(),
                value: format!("{} (said by {asserter}, {since})", withdrawal.reason),
                source: who.clone(),
                time: decided(),
            });
        }
    } else if attacked {
        let sign = Sign {
            id: inputs.vulnerability.clone(),
            kind: SignKind::Attacked,
            asserter: who,
            since: given.learned.map_or_else(decided, |learned| learned.to_string()),
        };
        if !inputs.signs.contains(&sign) {
            inputs.signs.push(sign);
        }
    }
    let stands = said.iter().any(|signal| !withdrawn.contains(signal));
    if given.not_affected.is_some() && (attacked || stands) {
        let expected = "affected, as long as it is said that the product was attacked by it; an attack that was said by \
                        mistake is withdrawn with its reason (`homeostat vuln assess --withdraw-attack`)";
        return refuse("/inputs/applicability", "not affected", expected);
    }
    Ok(())
}

/// Keeps the attack that is said, or takes away what is withdrawn, and unsettles every finding that it is a sign for.
pub(super) fn keep(database: &Connection, inputs: &Inputs, given: &Given) -> Answer<()> {
    let product = &inputs.release.product;
    if given.withdrawn.is_some() {
        let said = said(database, product, names(inputs))?;
        let words =
            "DELETE FROM signal WHERE vulnerability = ?1 AND asserter = ?2 AND kind IN (?3, ?4)";
        // What is refused is not kept, and so not withdrawn.
        for one in withdrawn(&said, given).unwrap_or_default() {
            let kinds = (word(Some(product)), word(None));
            database.execute(words, params![one.id, one.asserter, kinds.0, kinds.1])?;
        }
        for name in names(inputs) {
            said::unsettle_named(database, name)?;
        }
    }
    let (true, Some(person)) = (given.incident.attacked, &given.person) else { return Ok(()) };
    let since = given.learned.map_or_else(|| person.time.clone(), |learned| learned.to_string());
    let signal = Signal {
        id: inputs.vulnerability.clone(),
        kind: SignalKind::Attacked { product: Some(product.clone()) },
        asserter: person.name.clone(),
        since,
        place: Place { file: "decision".to_owned(), pointer: String::new() },
    };
    if said::keep_signal(database, &signal)? {
        said::unsettle_named(database, &signal.id)?;
    }
    Ok(())
}
