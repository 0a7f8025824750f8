//! What is promised for components, from a maker's table: which level of support, and until when.

use super::bill::Bill;
use crate::pattern::names;

/// Enters levels and ends of support from a table, which was read as a bill (CSV with the columns name, version, support
/// level, end of support). The name of a row is a component's name or package URL, in which `*` stands for any text;
/// the first row that fits holds. Gives back the rows that fit none.
pub fn promise(bill: &mut Bill, table: &Bill) -> Vec<String> {
    let mut used = vec![false; table.components.len()];
    for component in &mut bill.components {
        let rows = table.components.iter().zip(&mut used);
        let fits = rows.into_iter().find(|(row, _)| {
            names(&row.name, &component.name, component.purl.as_deref())
                && (row.version.is_none() || row.version == component.version)
        });
        if let Some((row, used)) = fits {
            component.support = row.support.clone();
            *used = true;
        }
    }
    let unused = table.components.iter().zip(used).filter(|(_, used)| !used);
    unused.map(|(row, _)| row.name.clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::super::{Component, Limits, read};
    use super::{Bill, promise};

    #[test]
    fn sbm_03_levels_and_ends_of_support_come_from_the_makers_table() {
        let text = "name,version,support level,end of support\n\
            openssl,3.0.9,maintained,2026-09-07\nopenssl,,abandoned,2023-09-11\n\
            pkg:cargo/*,,maintained,2031-12-31\nzlib,,maintained,2030-01-01\n";
        let table = read("support.csv", text.as_bytes(), &Limits::default()).unwrap();
        let part = |name: &str, version: &str, purl: Option<&str>| Component {
            name: name.to_owned(),
            version: Some(version.to_owned()),
            purl: purl.map(str::to_owned),
            ..Component::default()
        };
        let mut bill = Bill {
            components: vec![
                part("openssl", "3.0.9", None),
                part("openssl", "1.1.1", None),
                part("time", "0.3.47", Some("pkg:cargo/time@0.3.47")),
                part("other", "1", None),
            ],
            ..Bill::default()
        };
        assert_eq!(promise(&mut bill, &table), ["zlib"]);
        let ends: Vec<_> = bill.components.iter().map(|one| one.support.end.as_deref()).collect();
        assert_eq!(ends, [Some("2026-09-07"), Some("2023-09-11"), Some("2031-12-31"), None]);
        assert_eq!(bill.components[1].support.level.as_deref(), Some("abandoned"));
    }
}
