//! Attacks on products in the field, as the maker says them with a decision: a sign for every finding of the vulnerability
//! until a person withdraws it with a reason. The decisions hold both for ever.

use super::{decide::Given, said};
use crate::feed::{Place, Signal, SignalKind};
use crate::harm::assess::{Fact, Inputs};
use crate::harm::decision::DecisionError;
use crate::harm::exploitability::{Sign, SignKind, WITHDRAWN};
use crate::store::Answer;
use rusqlite::{Connection, params};

/// The word under which an attack on a product is kept: each product's for itself.
pub(super) fn word(product: &str) -> String {
    format!("attacked {product}")
}

/// All names of the vulnerability.
pub(super) fn names(inputs: &Inputs) -> impl Iterator<Item = &String> {
    std::iter::once(&inputs.vulnerability).chain(&inputs.aliases)
}

/// Whether it is said that the product was attacked by the vulnerability.
pub(super) fn stands(database: &Connection, inputs: &Inputs) -> Answer<bool> {
    let words = "SELECT count(*) FROM signal WHERE vulnerability = ?1 AND kind = ?2";
    let mut asked = database.prepare_cached(words)?;
    let kind = word(&inputs.release.product);
    for name in names(inputs) {
        if asked.query_row([name, &kind], |row| row.get::<_, i64>(0))? > 0 {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Puts an attack that is said, or the withdrawal of one, into what a decision rests on. `stands` is whether one was said
/// before.
pub(super) fn put(inputs: &mut Inputs, given: &Given, stands: bool) -> Result<(), DecisionError> {
    let refuse = |field: &str, found: &str, expected: &str| {
        let (field, found, expected) = (field.to_owned(), found.to_owned(), expected.to_owned());
        Err(DecisionError::Field { field, found, expected })
    };
    let attacked = given.incident.attacked;
    let who = given.person.as_ref().map_or("nobody yet", |person| &person.name).to_owned();
    let decided = || given.person.as_ref().map_or(String::new(), |person| person.time.clone());
    if let Some(reason) = &given.withdrawn {
        let field = "/inputs/signs";
        if attacked {
            let expected = "an attack that is said, or the withdrawal of one";
            return refuse(field, "both", expected);
        }
        if !stands {
            let expected = "an attack on the product that was said before and is withdrawn now";
            return refuse(field, "none", expected);
        }
        if reason.trim().is_empty() {
            return refuse(field, "no reason", "why the attack is withdrawn");
        }
        let (name, value) = (WITHDRAWN.to_owned(), reason.clone());
        inputs.facts.push(Fact { name, value, source: who, time: decided() });
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
    if given.not_affected.is_some() && given.withdrawn.is_none() && (attacked || stands) {
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
        let words = "DELETE FROM signal WHERE vulnerability = ?1 AND kind = ?2";
        for name in names(inputs) {
            database.execute(words, params![name, word(product)])?;
            said::unsettle_named(database, name)?;
        }
    }
    let (true, Some(person)) = (given.incident.attacked, &given.person) else { return Ok(()) };
    let since = given.learned.map_or_else(|| person.time.clone(), |learned| learned.to_string());
    let signal = Signal {
        id: inputs.vulnerability.clone(),
        kind: SignalKind::Attacked { product: product.clone() },
        asserter: person.name.clone(),
        since,
        place: Place { file: "decision".to_owned(), pointer: String::new() },
    };
    if said::keep_signal(database, &signal)? {
        said::unsettle_named(database, &signal.id)?;
    }
    Ok(())
}
