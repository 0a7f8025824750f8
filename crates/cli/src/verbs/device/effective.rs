//! `homeostat device config`: every value that is in effect, and where it comes from.

use std::fmt;
use std::path::PathBuf;

use clap::Args;
use homeostat_assembly::InstalledProfile;
use homeostat_blackbox::folder::Durability;
use homeostat_device::folder::DeviceFolder;
use homeostat_peers::port::SystemEntropy;
use serde_json::json;
use toml::de::{DeTable, DeValue};
use toml::{Spanned, Value};

use super::config::{Config, FILE};
use super::run::machine;
use crate::failure::{Failure, Outcome};
use crate::output;

/// Show every value that is in effect and where it comes from.
#[derive(Debug, Args)]
#[command(
    after_help = "Origins: a line of device.toml, the default, the command line (--set), the signed \
    profile.\n\nExample:\n  homeostat device config --set alarms.pause_s=60"
)]
pub(crate) struct Effective {
    /// The device's folder.
    #[arg(long, value_name = "DIR", default_value = "homeostat-device")]
    dir: PathBuf,
    #[command(flatten)]
    sets: Sets,
    /// For programs: one JSON object a value.
    #[arg(long)]
    json: bool,
}

/// Values that the command line sets.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct Sets {
    /// Another value than that in device.toml, by its key. May be given often.
    #[arg(long = "set", value_name = "KEY=VALUE", value_parser = Set::read)]
    pub sets: Vec<Set>,
}

/// One of them.
#[derive(Clone, Debug)]
pub(crate) struct Set {
    key: Vec<String>,
    value: Value,
}

impl Set {
    /// A value that is no number, truth value, list or quoted text is text.
    fn read(text: &str) -> Result<Self, String> {
        let (key, value) = text.split_once('=').ok_or("expected KEY=VALUE")?;
        let parsed = toml::from_str::<toml::Table>(&format!("value = {value}")).ok();
        let parsed = parsed.and_then(|mut table| table.remove("value"));
        let value = parsed.unwrap_or_else(|| Value::String(value.to_owned()));
        Ok(Self { key: key.split('.').map(str::to_owned).collect(), value })
    }

    /// Puts the value where its key points.
    pub(crate) fn apply(&self, table: &mut toml::Table) -> Result<(), Failure> {
        let missing = || Failure::usage(format!("--set: there is no {}", self.key.join(".")));
        let (last, way) = self.key.split_last().ok_or_else(missing)?;
        let mut at = table;
        let mut way = way.iter();
        while let Some(step) = way.next() {
            let next = at.entry(step).or_insert_with(|| Value::Table(toml::Table::new()));
            at = match next {
                Value::Table(table) => table,
                Value::Array(items) => {
                    let listed = || {
                        Failure::usage(format!(
                            "--set: there is no {}: {step} is a list of {}; name one by its number \
                             from 0, then its key, or set the whole list",
                            self.key.join("."),
                            items.len()
                        ))
                    };
                    let index = way.next().and_then(|index| index.parse::<usize>().ok());
                    let index =
                        index.filter(|index| items.get(*index).is_some_and(Value::is_table));
                    let index = index.ok_or_else(listed)?;
                    items.get_mut(index).and_then(Value::as_table_mut).ok_or_else(missing)?
                }
                _ => return Err(missing()),
            };
        }
        at.insert(last.clone(), self.value.clone());
        Ok(())
    }
}

/// Where a value comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Origin {
    Line(usize),
    Default,
    CommandLine,
    SignedProfile,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line(line) => write!(f, "{FILE}:{line}"),
            Self::Default => f.write_str("default"),
            Self::CommandLine => f.write_str("command line"),
            Self::SignedProfile => f.write_str("signed profile"),
        }
    }
}

/// A value with its key and its origin.
struct Shown {
    key: String,
    value: String,
    origin: Origin,
}

impl Effective {
    pub(crate) fn run(&self) -> Outcome {
        let (config, text) = Config::read(&self.dir, &self.sets)?;
        let mut all = listed(&config, &text, &self.sets.sets)?;
        all.extend(self.profile(&config)?);
        let width = all.iter().map(|shown| shown.key.len()).max().unwrap_or(0);
        for Shown { key, value, origin } in all {
            let origin = origin.to_string();
            if self.json {
                output::line(&json!({ "key": key, "value": value, "origin": origin }).to_string())?;
            } else {
                output::line(&format!("{key:<width$} = {value}  # {origin}"))?;
            }
        }
        Ok(())
    }

    /// What the signed profile says of how the device runs.
    fn profile(&self, config: &Config) -> Result<Vec<Shown>, Failure> {
        let mut folder = DeviceFolder::open(&self.dir, Durability::Process, &mut SystemEntropy)
            .map_err(Failure::environment)?;
        let Some(signed) = folder.profile().map_err(Failure::environment)? else {
            return Ok(Vec::new());
        };
        let profile =
            InstalledProfile::verify(&signed, config.trust()?).map_err(Failure::environment)?;
        let machine = machine(config, &profile)?;
        let seconds = |span: homeostat_record::Span| format!("{} s", span.as_millis() / 1_000);
        let values = [
            ("revision", profile.statement().revision.to_string()),
            ("period", seconds(machine.period())),
            ("lease", seconds(machine.lease())),
        ];
        let shown = |(key, value)| Shown {
            key: format!("profile.{key}"),
            value,
            origin: Origin::SignedProfile,
        };
        Ok(values.map(shown).into())
    }
}

/// Every value of the configuration, in the order of its keys.
fn listed(config: &Config, text: &str, sets: &[Set]) -> Result<Vec<Shown>, Failure> {
    let whole = Value::try_from(config).map_err(Failure::environment)?;
    let mut leaves = Vec::new();
    flatten(&whole, &mut Vec::new(), &mut leaves);
    let file = DeTable::parse(text).map_err(Failure::environment)?;
    let origin = |key: &[String]| {
        if sets.iter().any(|set| key.starts_with(&set.key)) {
            return Origin::CommandLine;
        }
        let at = place(file.get_ref(), key);
        at.map_or(Origin::Default, |at| Origin::Line(text[..at].matches('\n').count() + 1))
    };
    let shown = |(key, value): (Vec<String>, String)| Shown {
        origin: origin(&key),
        key: key.join("."),
        value,
    };
    Ok(leaves.into_iter().map(shown).collect())
}

/// Every value that is not itself a table or a list of tables, with the way to it.
fn flatten(value: &Value, way: &mut Vec<String>, leaves: &mut Vec<(Vec<String>, String)>) {
    let mut inside = |step: String, value: &Value| {
        way.push(step);
        flatten(value, way, leaves);
        way.pop();
    };
    match value {
        Value::Table(table) => table.iter().for_each(|(key, value)| inside(key.clone(), value)),
        Value::Array(items) if items.iter().any(Value::is_table) => {
            let items = items.iter().enumerate();
            items.for_each(|(index, value)| inside(index.to_string(), value));
        }
        leaf => leaves.push((way.clone(), leaf.to_string())),
    }
}

/// Where in the file the value of a key begins, if it is there.
fn place(table: &DeTable<'_>, key: &[String]) -> Option<usize> {
    let (first, rest) = key.split_first()?;
    let mut at: &Spanned<DeValue<'_>> = table.get(first.as_str())?;
    for step in rest {
        at = match at.get_ref() {
            DeValue::Table(table) => table.get(step.as_str())?,
            DeValue::Array(items) => items.get(step.parse::<usize>().ok()?)?,
            _ => return None,
        };
    }
    Some(at.span().start)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "pseudonym = \"d\"\nidentity = 1\ntherapy = \"insulin\"\ncontroller = \
        \"mpc\"\nlisten = \"127.0.0.1:1\"\nsigners = []\n\n[alarms]\npause_s = 60\n\n[[peer]]\npart = \
        \"sensor\"\nidentity = 7\naddress = \"127.0.0.1:2\"\nperiod_s = 300\nlatency_s = 5\n\
        silent_after_s = 605\ntold_every_s = 300\n";

    #[test]
    fn every_value_is_shown_with_its_origin() {
        let sets = [Set::read("peer.0.address=127.0.0.1:9").expect("a set")];
        let config = Config::of(TEXT, &Sets { sets: sets.to_vec() }).expect("it is good");
        let all = listed(&config, TEXT, &sets).expect("it can be listed");
        let of = |key: &str| {
            let shown = all.iter().find(|shown| shown.key == key).expect("it is shown");
            (shown.value.clone(), shown.origin.to_string())
        };
        let is = |value: &str, origin: &str| (value.to_owned(), origin.to_owned());
        assert_eq!(of("identity"), is("1", "device.toml:2"));
        assert_eq!(of("alarms.pause_s"), is("60", "device.toml:9"));
        assert_eq!(of("alarms.reminder_s"), is("300", "default"));
        assert_eq!(of("peer.0.identity"), is("7", "device.toml:13"));
        assert_eq!(of("peer.0.address"), is("\"127.0.0.1:9\"", "command line"));
    }

    #[test]
    fn what_is_not_known_is_refused_by_name() {
        let refused = |text: &str, set: &str| {
            let sets =
                if set.is_empty() { Vec::new() } else { vec![Set::read(set).expect("a set")] };
            format!("{:?}", Config::of(text, &Sets { sets }).expect_err("it is refused"))
        };
        let said = refused(&TEXT.replace("pause_s", "pause"), "");
        assert!(said.contains("9: unknown field `pause`, expected one of `pause_s`"), "{said}");
        let said = refused(TEXT, "alarms.loudness=3");
        assert!(said.contains("unknown field `loudness`"), "{said}");
        assert!(refused(TEXT, "identity.of=1").contains("there is no identity.of"));
        let lists = ["peer.1.address=1", "peer.-1.address=1", "peer.address=1", "peer.0=1"];
        for set in lists {
            let said = refused(TEXT, set);
            assert!(said.contains("peer is a list of 1"), "{set}: {said}");
        }
        assert!(refused(TEXT, "signers.0=x").contains("signers is a list of 0"));
        assert!(Set::read("nothing").is_err());
        let other = TEXT.replace("\"insulin\"", "\"propofol\"");
        assert!(refused(&other, "peer.0.bluetooth=true").contains("services are for insulin"));
        assert!(refused(TEXT, "peer.0.told_every_s=9223372036854775808").contains("--set"));
        let far = [Set::read("peer.0.told_every_s=9223372036854775807").expect("a set")];
        let config = Config::of(TEXT, &Sets { sets: far.to_vec() }).expect("it is good");
        let hears = config.peers[0].at().hears;
        assert!(hears.silent_after >= hears.period);
    }
}
