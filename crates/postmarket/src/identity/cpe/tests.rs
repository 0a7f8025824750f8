use super::*;
use proptest::prelude::*;

fn name(text: &str) -> Cpe {
    Cpe::parse(text).unwrap()
}

#[test]
fn pmk_both_forms_name_the_same() {
    for (uri, formatted) in [
        (
            "cpe:/a:microsoft:internet_explorer:8.0.6001:beta",
            r"cpe:2.3:a:microsoft:internet_explorer:8.0.6001:beta:*:*:*:*:*:*",
        ),
        (
            "cpe:/a:microsoft:internet_explorer:8.%02:sp%01",
            r"cpe:2.3:a:microsoft:internet_explorer:8.*:sp?:*:*:*:*:*:*",
        ),
        (
            "cpe:/a:hp:insight_diagnostics:7.4.0.1570::~~online~win2003~x64~",
            r"cpe:2.3:a:hp:insight_diagnostics:7.4.0.1570:*:*:*:online:win2003:x64:*",
        ),
        (
            "cpe:/a:hp:openview_network_manager:7.51::~~~linux~~",
            r"cpe:2.3:a:hp:openview_network_manager:7.51:*:*:*:*:linux:*:*",
        ),
        (
            r"cpe:/a:foo%5cbar:big%24money_2010:::~~special~ipod_touch~80gb~",
            r"cpe:2.3:a:foo\\bar:big\$money_2010:*:*:*:*:special:ipod_touch:80gb:*",
        ),
        ("cpe:/o:linux:linux_kernel:-", "cpe:2.3:o:linux:linux_kernel:-:*:*:*:*:*:*:*"),
        ("cpe:/h:acme:pump%3a2", r"cpe:2.3:h:acme:pump\:2:*:*:*:*:*:*:*:*"),
        ("cpe:/a:acme:lone:%2d", r"cpe:2.3:a:acme:lone:\-:*:*:*:*:*:*:*"),
        ("cpe:/", "cpe:2.3:*:*:*:*:*:*:*:*:*:*:*"),
    ] {
        assert_eq!(name(uri).to_string(), formatted);
        assert_eq!(name(formatted).to_uri(), uri);
        assert_eq!(name(uri), name(formatted));
    }
    let upper = name(r"CPE:2.3:A:OpenSSL:OpenSSL:1.0.2ZD:*:*:*:*:*:*:*");
    assert_eq!(upper.get(CpeField::Version).literal(), Some("1.0.2zd"));
    assert_eq!(upper.any_version().to_string(), "cpe:2.3:a:openssl:openssl:*:*:*:*:*:*:*:*");
}

#[test]
fn what_is_no_name_is_refused() {
    for text in [
        "",
        "cpe:2.4:a:b:c:*:*:*:*:*:*:*:*",
        "cpe:2.3:a:b:c",
        "cpe:2.3:a:b:c:*:*:*:*:*:*:*:*:*",
        "cpe:2.3:x:b:c:*:*:*:*:*:*:*:*",
        r"cpe:2.3:a:b:c:1*2:*:*:*:*:*:*:*",
        r"cpe:2.3:a:b:c:**:*:*:*:*:*:*:*",
        r"cpe:2.3:a:b:c d:1:*:*:*:*:*:*:*",
        r"cpe:2.3:a:b:é:1:*:*:*:*:*:*:*",
        r"cpe:2.3:a:b:c:*:*:*:*:*:*:*:\",
        "cpe:/a:b:c:d:e:f:g:h",
        "cpe:/a:b:c:1%0",
        "cpe:/a:b:c:1::~x",
    ] {
        assert!(Cpe::parse(text).is_err(), "{text} is read as {:?}", Cpe::parse(text));
    }
}

/// NISTIR 7696, table 6-2: every kind of source against every kind of target.
#[test]
fn pmk_values_relate_as_the_standard_says() {
    use Relation::{Disjoint, Equal, Subset, Superset, Undefined};
    let value = |text| formatted_attribute(text).unwrap();
    for (source, target, expected) in [
        ("*", "*", Equal),
        ("*", "-", Superset),
        ("*", "8.0", Superset),
        ("*", "8.*", Undefined),
        ("-", "*", Subset),
        ("-", "-", Equal),
        ("-", "8.0", Disjoint),
        ("-", "8.*", Undefined),
        ("8.0", "*", Subset),
        ("8.0", "-", Disjoint),
        ("8.0", "8.0", Equal),
        ("8.0", "8.1", Disjoint),
        ("8.0", "8.*", Undefined),
        ("8.*", "*", Subset),
        ("8.*", "-", Disjoint),
        ("8.*", "8.0.6001", Superset),
        ("8.*", "9.0", Disjoint),
        ("8.*", "8.*", Undefined),
        ("*.0", "8.0", Superset),
        ("*.0", "8.0.1", Disjoint),
        ("*8*", "1.8.1", Superset),
        ("8.?", "8.1", Superset),
        ("8.?", "8.", Superset),
        ("8.?", "8.12", Disjoint),
        ("??8", "1.8", Superset),
        ("??8", "11.8", Disjoint),
        (r"8.\*", "8.0", Disjoint),
        (r"8.\*", r"8.\*", Equal),
    ] {
        assert_eq!(value(source).relation(&value(target)), expected, "{source} to {target}");
    }
}

#[test]
fn pmk_names_relate_as_their_parts_do() {
    use Relation::{Disjoint, Equal, Subset, Superset, Undefined};
    let of = |version: &str, update: &str| {
        name(&format!("cpe:2.3:a:acme:pump:{version}:{update}:*:*:*:*:*:*"))
    };
    for (source, target, expected) in [
        (of("1.0", "*"), of("1.0", "*"), Equal),
        (of("*", "*"), of("1.0", "sp1"), Superset),
        (of("1.0", "sp1"), of("*", "*"), Subset),
        (of("1.0", "*"), of("2.0", "*"), Disjoint),
        (of("*", "sp1"), of("1.0", "*"), Undefined),
        (of("*", "sp1"), of("1.0", "sp2"), Disjoint),
        (of("1.*", "*"), of("1.5", "sp2"), Superset),
    ] {
        assert_eq!(source.relation(&target), expected, "{source} to {target}");
    }
}

/// Found by the fuzz target: `%02` alone was a value of its own, which no form could write again.
#[test]
fn a_lone_wildcard_of_the_uri_is_any_value() {
    let packed = name("cpe:/a:hp:hgiinst:7.4.%02::~%02~online~win2003~x64~");
    assert_eq!(packed.get(CpeField::Edition), &Attribute::Any);
    assert_eq!(name(&packed.to_uri()), packed);
    assert_eq!(name(&packed.to_string()), packed);
}

proptest! {
    #[test]
    fn names_survive_both_forms(values in prop::collection::vec("[*?]?[!-~&&[^*?]]{1,8}[*?]?", 10)) {
        let quoted: Vec<String> = values
            .iter()
            .map(|value| value.chars().map(|sign| match sign {
                '*' | '?' => sign.to_string(),
                other => format!("\\{other}"),
            }).collect())
            .collect();
        let read = name(&format!("cpe:2.3:a:{}", quoted.join(":")));
        prop_assert_eq!(&name(&read.to_string()), &read);
        prop_assert_eq!(&name(&read.to_uri()), &read);
    }

    #[test]
    fn any_text_is_a_name_or_refused(text in "(cpe:2.3:|cpe:/)?.{0,60}") {
        if let Ok(read) = Cpe::parse(&text) {
            prop_assert_eq!(Cpe::parse(&read.to_string()), Ok(read));
        }
    }

    /// The relation seen from the other side.
    #[test]
    fn relations_turn_around(left in "(\\*|-|[ab]{1,2})", right in "(\\*|-|[ab]{1,2})") {
        let (left, right) = (formatted_attribute(&left).unwrap(), formatted_attribute(&right).unwrap());
        let turned = match left.relation(&right) {
            Relation::Superset => Relation::Subset,
            Relation::Subset => Relation::Superset,
            other => other,
        };
        prop_assert_eq!(right.relation(&left), turned);
    }
}
