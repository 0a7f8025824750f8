//! Which ids name the same vulnerability, and who says so.
//!
//! Every statement is kept with its asserter, so that a group falls apart again when the one who
//! joined it takes that back. Only what an asserter calls the *same* joins; that an advisory lists
//! several vulnerabilities does not make them one.

use super::advisory_id::{normal_id, rank};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// Statements that ids are the same, by who made them.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct AliasTable {
    /// Asserter (a feed and its advisory) to the pairs that it joins, each in order.
    statements: BTreeMap<String, BTreeSet<(String, String)>>,
}

/// One step of why two ids are the same.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct AliasStep {
    /// From this id
    pub from: String,
    /// to this one,
    pub to: String,
    /// says this asserter.
    pub asserter: String,
}

/// The groups that a table makes at one time.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct AliasGroups {
    /// Id to the place of its group.
    places: BTreeMap<String, usize>,
    /// The ids of each group, the one that it goes by first.
    groups: Vec<Vec<String>>,
}

impl AliasTable {
    /// What one asserter says now, in place of all that it said before: that each of `aliases` is
    /// the same as `id`.
    pub fn assert<'a>(
        &mut self,
        asserter: &str,
        id: &str,
        aliases: impl IntoIterator<Item = &'a str>,
    ) {
        let id = normal_id(id);
        let pair = |alias: &str| {
            let alias = normal_id(alias);
            if alias <= id { (alias, id.clone()) } else { (id.clone(), alias) }
        };
        let pairs: BTreeSet<(String, String)> =
            aliases.into_iter().map(pair).filter(|(one, other)| one != other).collect();
        if pairs.is_empty() {
            self.statements.remove(asserter);
        } else {
            self.statements.insert(asserter.to_owned(), pairs);
        }
    }

    /// Takes back all that an asserter said. Gives whether it said anything.
    pub fn withdraw(&mut self, asserter: &str) -> bool {
        self.statements.remove(asserter).is_some()
    }

    /// The groups, by union of all pairs. Which id a group goes by and the order in it depend on the
    /// ids alone, not on who spoke first.
    #[must_use]
    pub fn groups(&self) -> AliasGroups {
        let mut ids: BTreeMap<&str, usize> = BTreeMap::new();
        let mut parents: Vec<usize> = Vec::new();
        for (one, other) in self.statements.values().flatten() {
            let [one, other] = [one, other].map(|id| {
                let next = parents.len();
                let place = *ids.entry(id).or_insert(next);
                if place == next {
                    parents.push(next);
                }
                place
            });
            let (one, other) = (root(&mut parents, one), root(&mut parents, other));
            if let Some(parent) = parents.get_mut(one) {
                *parent = other;
            }
        }
        let mut members: BTreeMap<usize, Vec<&str>> = BTreeMap::new();
        for (id, place) in &ids {
            members.entry(root(&mut parents, *place)).or_default().push(id);
        }
        let mut groups: Vec<Vec<String>> = Vec::with_capacity(members.len());
        for mut group in members.into_values() {
            group.sort_by_key(|id| (rank(id), *id));
            groups.push(group.into_iter().map(str::to_owned).collect());
        }
        groups.sort();
        let place = |(place, group): (usize, &Vec<String>)| {
            group.iter().map(move |id| (id.clone(), place)).collect::<Vec<_>>()
        };
        let places = groups.iter().enumerate().flat_map(place).collect();
        AliasGroups { places, groups }
    }

    /// Why two ids are the same: the shortest chain of statements between them. Empty if they are
    /// one id, `None` if nothing joins them.
    #[must_use]
    pub fn why(&self, from: &str, to: &str) -> Option<Vec<AliasStep>> {
        let (from, to) = (normal_id(from), normal_id(to));
        let mut joined: BTreeMap<&str, BTreeMap<&str, &str>> = BTreeMap::new();
        for (asserter, pairs) in &self.statements {
            for (one, other) in pairs {
                joined.entry(one).or_default().entry(other).or_insert(asserter);
                joined.entry(other).or_default().entry(one).or_insert(asserter);
            }
        }
        let mut came: BTreeMap<&str, (&str, &str)> = BTreeMap::new();
        let mut waiting = VecDeque::from([from.as_str()]);
        while let Some(id) = waiting.pop_front() {
            if id == to {
                return Some(chain(&came, &from, &to));
            }
            for (next, asserter) in joined.get(id).into_iter().flatten() {
                if *next != from && !came.contains_key(next) {
                    came.insert(next, (id, asserter));
                    waiting.push_back(next);
                }
            }
        }
        None
    }
}

impl AliasGroups {
    /// All ids of the group that an id belongs to, the one it goes by first; `None` if nobody says
    /// that the id has others.
    #[must_use]
    pub fn of(&self, id: &str) -> Option<&[String]> {
        let place = self.places.get(&normal_id(id))?;
        self.groups.get(*place).map(Vec::as_slice)
    }

    /// The id that stands for all of its group: a CVE if there is one, else the best known.
    #[must_use]
    pub fn canonical(&self, id: &str) -> String {
        let normal = normal_id(id);
        self.of(&normal).and_then(|group| group.first()).cloned().unwrap_or(normal)
    }

    /// Whether two ids name the same vulnerability.
    #[must_use]
    pub fn same(&self, one: &str, other: &str) -> bool {
        self.canonical(one) == self.canonical(other)
    }

    /// All groups, ordered.
    #[must_use]
    pub fn all(&self) -> &[Vec<String>] {
        &self.groups
    }
}

/// The root of a place, halving the way to it.
fn root(parents: &mut [usize], mut place: usize) -> usize {
    while let Some(parent) = parents.get(place).copied().filter(|parent| *parent != place) {
        let above = parents.get(parent).copied().unwrap_or(parent);
        if let Some(slot) = parents.get_mut(place) {
            *slot = above;
        }
        place = above;
    }
    place
}

fn chain(came: &BTreeMap<&str, (&str, &str)>, from: &str, to: &str) -> Vec<AliasStep> {
    let mut steps = Vec::new();
    let mut at = to;
    while at != from {
        let Some((before, asserter)) = came.get(at) else { break };
        let step = AliasStep {
            from: (*before).to_owned(),
            to: at.to_owned(),
            asserter: (*asserter).to_owned(),
        };
        steps.push(step);
        at = before;
    }
    steps.reverse();
    steps
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn pmk_ids_join_and_fall_apart_with_their_asserter() {
        let mut table = AliasTable::default();
        table.assert(
            "rustsec:RUSTSEC-2021-0001",
            "RUSTSEC-2021-0001",
            ["CVE-2021-1", "ghsa-AAAA-bbbb-cccc"],
        );
        table.assert("osv:GO-2021-0002", "GO-2021-0002", ["cve-2021-1"]);
        let groups = table.groups();
        assert_eq!(
            groups.of("GO-2021-0002"),
            Some(
                &["CVE-2021-1", "GHSA-aaaa-bbbb-cccc", "RUSTSEC-2021-0001", "GO-2021-0002"]
                    .map(str::to_owned)[..]
            )
        );
        assert_eq!(groups.canonical("rustsec-2021-0001"), "CVE-2021-1");
        assert!(groups.same("GHSA-aaaa-bbbb-cccc", "GO-2021-0002"));
        let why = table.why("GO-2021-0002", "RUSTSEC-2021-0001").unwrap();
        let asserters: Vec<&str> = why.iter().map(|step| step.asserter.as_str()).collect();
        assert_eq!(asserters, ["osv:GO-2021-0002", "rustsec:RUSTSEC-2021-0001"]);
        assert_eq!(why.first().map(|step| step.to.as_str()), Some("CVE-2021-1"));

        assert!(table.withdraw("rustsec:RUSTSEC-2021-0001"));
        let groups = table.groups();
        assert!(groups.same("GO-2021-0002", "CVE-2021-1"));
        assert_eq!(groups.of("RUSTSEC-2021-0001"), None);
        assert_eq!(table.why("GO-2021-0002", "RUSTSEC-2021-0001"), None);
        assert!(!table.withdraw("rustsec:RUSTSEC-2021-0001"));
    }

    #[test]
    fn a_later_statement_replaces_the_asserters_earlier_one() {
        let mut table = AliasTable::default();
        table.assert("a", "X-1", ["CVE-1", "CVE-2"]);
        table.assert("a", "X-1", ["CVE-1"]);
        assert!(!table.groups().same("CVE-1", "CVE-2"));
        table.assert("a", "X-1", []);
        assert_eq!(table, AliasTable::default());
        assert_eq!(table.why("X-1", "X-1"), Some(Vec::new()));
    }

    proptest! {
        /// Ids are the same exactly if a chain of statements joins them, whatever the order of
        /// the statements; what is withdrawn was never there.
        #[test]
        fn pmk_groups_are_chains_and_order_does_not_matter(
            said in prop::collection::vec((0_u8..9, 0_u8..9), 0..9), gone in 0_usize..9,
        ) {
            let fill = |said: &[(usize, (u8, u8))]| {
                let mut table = AliasTable::default();
                for (asserter, (one, other)) in said {
                    let other = format!("I-{other}");
                    table.assert(&asserter.to_string(), &format!("I-{one}"), [other.as_str()]);
                }
                table
            };
            let said: Vec<(usize, (u8, u8))> = said.into_iter().enumerate().collect();
            let mut turned = said.clone();
            turned.reverse();
            let mut table = fill(&said);
            prop_assert_eq!(&table, &fill(&turned));
            table.withdraw(&gone.to_string());
            let left: Vec<_> = said.into_iter().filter(|(asserter, _)| *asserter != gone).collect();
            prop_assert_eq!(&table, &fill(&left));
            let groups = table.groups();
            for one in 0..9 {
                for other in 0..9 {
                    let (one, other) = (format!("I-{one}"), format!("I-{other}"));
                    prop_assert_eq!(groups.same(&one, &other), table.why(&one, &other).is_some());
                }
            }
        }
    }
}
