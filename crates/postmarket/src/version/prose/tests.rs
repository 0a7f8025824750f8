use super::*;

#[path = "../../../tests/real/mod.rs"]
mod real;

/// The shape that the tests compare: `[a, b)` and so on, `-` for an open end.
fn shown(words: &Words) -> String {
    let end =
        |bound: &Option<Bound>| bound.as_ref().map_or("-".into(), |bound| bound.version.clone());
    let sign = |bound: &Option<Bound>, yes, no| match bound {
        Some(bound) if bound.inclusive => yes,
        _ => no,
    };
    match words {
        Words::Versions(versions) => versions.join(" | "),
        Words::Prose => "prose".into(),
        Words::Range(range, _) => range
            .intervals
            .iter()
            .map(|Interval { lower, upper }| {
                let (open, close) = (sign(lower, '[', '('), sign(upper, ']', ')'));
                format!("{open}{}, {}{close}", end(lower), end(upper))
            })
            .collect::<Vec<_>>()
            .join(" "),
    }
}

#[test]
fn pmk_words_about_versions_are_read_as_meant_or_not_at_all() {
    for (text, expected) in [
        ("vers:all/*", "(-, -)"),
        ("All versions", "(-, -)"),
        ("vers:npm/>=1|<2", "[1, 2)"),
        ("<= 2.6A", "(-, 2.6A]"),
        ("< 7.2.5.7", "(-, 7.2.5.7)"),
        ("2.3.6 and  below", "(-, 2.3.6]"),
        ("Versions 12.2.1 and prior", "(-, 12.2.1]"),
        ("Version 4.3 or newer", "[4.3, -)"),
        ("Versions prior to 7.2.5", "(-, 7.2.5)"),
        ("all versions before 3.0", "(-, 3.0)"),
        ("1.0 and all earlier versions", "(-, 1.0]"),
        ("up to and including 5.1", "(-, 5.1]"),
        (">= 1.1 | <= 1.3.2", "[1.1, 1.3.2]"),
        ("<= U61 |<= L81", "(-, U61] (-, L81]"),
        ("1.0 to 1.4", "[1.0, 1.4]"),
        ("between 1.0 and 1.4", "[1.0, 1.4]"),
        ("2.0 through 2.5", "[2.0, 2.5]"),
        ("12.x", "[12, 13)"),
        ("4.X | 5.X", "[4, 5) [5, 6)"),
        ("14.1.x", "[14.1, 14.2)"),
        ("<= 12.2.x.x", "(-, 12.3)"),
        ("< 11.x", "(-, 11)"),
        ("1.0 | 2.x", "[2, 3) [1.0, 1.0]"),
        ("7100 | 7900", "7100 | 7900"),
        ("F.0.G.0 | J.3", "F.0.G.0 | J.3"),
        ("All software Versions A10 and A11", "A10 | A11"),
        ("1.1, 1.2 and 1.4", "1.1 | 1.2 | 1.4"),
        ("(Release 1.3.2 1.4.0 1.4.1)", "1.3.2 | 1.4.0 | 1.4.1"),
        ("1.1.3 MR Build 11", "1.1.3 MR Build 11"),
        ("HD 16 | HD23", "HD 16 | HD23"),
        (">= 2.0, < 3.0", "[2.0, 3.0)"),
        ("1.0 2.0", "1.0 | 2.0"),
        ("Rev B-D", "Rev B | Rev C | Rev D"),
        ("<= 3.0 D15", "(-, 3.0 D15]"),
        ("<=5.17.1-754993421", "(-, 5.17.1-754993421]"),
        ("882160 Gemini Dual", "882160"),
        ("MMT-512 / MMT-712 Paradigm x12", "MMT-512 | MMT-712"),
    ] {
        assert_eq!(shown(&read_words(text)), expected, "{text}");
    }
}

#[test]
fn pmk_words_of_more_than_one_meaning_stay_words() {
    for text in [
        "",
        "<8/30/2024",
        "<May 2018",
        "distributed  < april 1, 2018",
        "<=11.2 on Windows 8.1 with IIS 7.5",
        "A10 < A11",
        "A.01 <= C.0x | 4.0",
        "Rev J-M | (X3/MX100 for Rev M only)",
        "Rev M-B",
        "Accu-Chek Inform II",
        "Base Unit NEW with Software 04.00.00 or newer",
        "653 MCE 3.x",
        "except 2.0",
        "2.0 (fixed)",
        "not 2.0",
        "vers:npm/>",
        "vers:docker/>=b|<a",
        "7100 | Protiva Carestation View",
        "1.x.3",
        "> ",
        "and below",
        "latest",
        "2.x and 3",
        "1.0-1.4",
        "1.0 and",
        "5.1 and 5.2 and prior",
        "prior to 3.0 and 4.0",
    ] {
        assert_eq!(read_words(text), Words::Prose, "{text}");
    }
}

/// CISA's medical advisories of before.
#[test]
fn pmk_nine_of_ten_in_real_medical_advisories_are_read() {
    let Some(folder) = real::advisories() else { return };
    let (mut read, mut all, mut kept) = (0, 0, Vec::new());
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        if !name.starts_with("icsma-") {
            continue;
        }
        let document: serde_json::Value =
            serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        let mut names = Vec::new();
        collect(&document["product_tree"]["branches"], &mut names);
        for name in names {
            all += 1;
            let words = read_words(&name);
            eprintln!("{name:?} -> {}", shown(&words));
            if words == Words::Prose {
                kept.push(name);
            } else {
                read += 1;
            }
        }
    }
    eprintln!("{read} of {all} read; kept as words: {kept:#?}");
    assert!(all > 0 && read * 10 >= all * 9, "{read} of {all}");
}

fn collect(branches: &serde_json::Value, into: &mut Vec<String>) {
    for branch in branches.as_array().into_iter().flatten() {
        let category = branch["category"].as_str().unwrap_or_default();
        if category.starts_with("product_version") {
            into.push(branch["name"].as_str().unwrap_or_default().to_owned());
        }
        collect(&branch["branches"], into);
    }
}
