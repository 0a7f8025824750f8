//! What the proxy does and when: a rule a line.
//!
//! ```text
//! [from TIME] [to TIME] [to-peer|to-device] ACTION        # comment
//! drop P | delay TIME [jitter TIME] | duplicate P | reorder P | corrupt P | partition
//! replay P | replay N/s | forge N/s [random|structured] | flood N/s
//! ```
//! `P` is a probability, `TIME` a whole number with ms, s, min or h, since the proxy's start; a rule
//! without an end holds for ever, one without a direction in both.

use super::Way;
use core::fmt;
use homeostat_record::Span;

/// Rules of one script at most.
pub const RULES_MAX: usize = 256;
/// Longest line.
pub const LINE_MAX: usize = 256;
/// Injected datagrams in a second, by one rule and direction, at most.
pub const RATE_MAX: u32 = 1_000_000;
const MILLIONTHS: u32 = 1_000_000;
/// A year: beyond, a time is a mistake.
const TIME_MAX: u64 = 365 * 86_400_000;

/// A probability in millionths.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Chance(u32);

impl Chance {
    /// As a number from 0 to 1.
    #[must_use]
    pub fn value(self) -> f64 {
        f64::from(self.0) / f64::from(MILLIONTHS)
    }
}

/// Where a replayed datagram comes in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Often {
    /// Beside a datagram that passes, with this chance.
    Beside(Chance),
    /// So many in a second.
    Second(u32),
}

/// How a datagram is forged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Forgery {
    /// Random bytes.
    Random,
    /// Like what was seen: its session, its counters, its lengths, parts of it.
    Structured,
}

/// What a rule does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Does {
    /// A datagram is lost.
    Drop(Chance),
    /// Every datagram comes later.
    Delay {
        /// By so much,
        by: Span,
        /// and at random by up to so much more.
        jitter: Span,
    },
    /// A datagram comes twice.
    Duplicate(Chance),
    /// A datagram comes behind the next one.
    Reorder(Chance),
    /// Bits of a datagram change, or its end is cut off.
    Corrupt(Chance),
    /// An earlier datagram comes again.
    Replay(Often),
    /// Datagrams that nobody sent.
    Forge(u32, Forgery),
    /// The newest datagram again and again.
    Flood(u32),
    /// Nothing passes.
    Partition,
}

/// A rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rule {
    /// From then on,
    pub from: Span,
    /// until then,
    pub until: Option<Span>,
    /// in this direction, or in both.
    pub way: Option<Way>,
    /// this.
    pub does: Does,
}

impl Rule {
    /// Whether it holds at this time in this direction.
    #[must_use]
    pub fn holds(&self, at: Span, way: Way) -> bool {
        self.from <= at
            && self.until.is_none_or(|until| at < until)
            && self.way.is_none_or(|own| own == way)
    }
}

/// All rules, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Script {
    rules: Vec<Rule>,
}

/// Why a text is no script.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ScriptError {
    /// A line that is no rule.
    #[error("script line {line}: found {found:?}; expected {expected}")]
    Line {
        /// Which, from 1.
        line: usize,
        /// The word, at most 40 characters of it.
        found: String,
        /// What should stand there.
        expected: &'static str,
    },
    /// Too many.
    #[error("script: more than {RULES_MAX} rules")]
    TooMany,
}

const ACTIONS: &str = "drop, delay, duplicate, reorder, corrupt, replay, forge, flood or partition";
const TIME: &str = "a time such as 250ms, 10s, 5min or 2h";
const PROBABILITY: &str = "a probability from 0 to 1, such as 0.3";
const PER_SECOND: &str = "a rate such as 100/s, at most 1000000/s";
const END: &str = "nothing more in this line";

impl Script {
    /// Reads a script.
    ///
    /// # Errors
    /// [`ScriptError`] names the first line and word that is wrong.
    pub fn parse(text: &str) -> Result<Self, ScriptError> {
        let mut rules = Vec::new();
        for (index, line) in text.lines().enumerate() {
            let said = line.split('#').next().unwrap_or("").trim();
            if said.is_empty() {
                continue;
            }
            let wrong = |found: &str, expected| ScriptError::Line {
                line: index + 1,
                found: found.chars().take(40).collect(),
                expected,
            };
            if line.len() > LINE_MAX {
                return Err(wrong(said, "a line of at most 256 bytes"));
            }
            if rules.len() == RULES_MAX {
                return Err(ScriptError::TooMany);
            }
            let mut words = said.split_whitespace().peekable();
            rules.push(rule(&mut words).map_err(|Wrong(found, expected)| wrong(found, expected))?);
        }
        Ok(Self { rules })
    }

    /// The rules.
    #[must_use]
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }
}

struct Wrong<'a>(&'a str, &'static str);

type Words<'a> = core::iter::Peekable<core::str::SplitWhitespace<'a>>;

fn rule<'a>(words: &mut Words<'a>) -> Result<Rule, Wrong<'a>> {
    let from = if words.next_if_eq(&"from").is_some() { time(words)? } else { Span::ZERO };
    let until = if words.next_if_eq(&"to").is_some() { Some(time(words)?) } else { None };
    let way = match words.peek() {
        Some(&"to-peer") => Some(Way::ToPeer),
        Some(&"to-device") => Some(Way::ToDevice),
        _ => None,
    };
    if way.is_some() {
        words.next();
    }
    let does = action(words)?;
    match words.next() {
        Some(more) => Err(Wrong(more, END)),
        None => Ok(Rule { from, until, way, does }),
    }
}

fn action<'a>(words: &mut Words<'a>) -> Result<Does, Wrong<'a>> {
    let word = words.next().ok_or(Wrong("", ACTIONS))?;
    Ok(match word {
        "drop" => Does::Drop(chance(words)?),
        "duplicate" => Does::Duplicate(chance(words)?),
        "reorder" => Does::Reorder(chance(words)?),
        "corrupt" => Does::Corrupt(chance(words)?),
        "partition" => Does::Partition,
        "flood" => Does::Flood(rate(words)?),
        "delay" => {
            let by = time(words)?;
            let more = words.next_if_eq(&"jitter").is_some();
            Does::Delay { by, jitter: if more { time(words)? } else { Span::ZERO } }
        }
        "replay" => match words.peek() {
            Some(word) if word.ends_with("/s") => Does::Replay(Often::Second(rate(words)?)),
            _ => Does::Replay(Often::Beside(chance(words)?)),
        },
        "forge" => {
            let rate = rate(words)?;
            let random = words.next_if_eq(&"random").is_some();
            if !random {
                words.next_if_eq(&"structured");
            }
            Does::Forge(rate, if random { Forgery::Random } else { Forgery::Structured })
        }
        other => return Err(Wrong(other, ACTIONS)),
    })
}

fn time<'a>(words: &mut Words<'a>) -> Result<Span, Wrong<'a>> {
    let word = words.next().ok_or(Wrong("", TIME))?;
    let digits = word.find(|c: char| !c.is_ascii_digit()).unwrap_or(word.len());
    let (number, unit) = word.split_at(digits);
    let unit = match unit {
        "ms" => 1,
        "s" => 1_000,
        "min" => 60_000,
        "h" => 3_600_000,
        _ => return Err(Wrong(word, TIME)),
    };
    let millis = number.parse::<u64>().ok().and_then(|number| number.checked_mul(unit));
    let millis = millis.filter(|millis| *millis <= TIME_MAX).ok_or(Wrong(word, TIME))?;
    Ok(Span::from_millis(millis))
}

fn chance<'a>(words: &mut Words<'a>) -> Result<Chance, Wrong<'a>> {
    let word = words.next().ok_or(Wrong("", PROBABILITY))?;
    let plain = word.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    let value = word.parse::<f64>().ok().filter(|value| plain && (0.0..=1.0).contains(value));
    let value = value.ok_or(Wrong(word, PROBABILITY))?;
    Ok(Chance(homeostat_numeric::round(value * f64::from(MILLIONTHS)) as u32))
}

fn rate<'a>(words: &mut Words<'a>) -> Result<u32, Wrong<'a>> {
    let word = words.next().ok_or(Wrong("", PER_SECOND))?;
    let number = word.strip_suffix("/s").and_then(|number| number.parse().ok());
    number.filter(|rate| (1..=RATE_MAX).contains(rate)).ok_or(Wrong(word, PER_SECOND))
}

impl fmt::Display for Script {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.rules.iter().try_for_each(|rule| writeln!(f, "{rule}"))
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "from {}ms ", self.from.as_millis())?;
        if let Some(until) = self.until {
            write!(f, "to {}ms ", until.as_millis())?;
        }
        match self.way {
            Some(Way::ToPeer) => write!(f, "to-peer ")?,
            Some(Way::ToDevice) => write!(f, "to-device ")?,
            None => {}
        }
        match self.does {
            Does::Drop(chance) => write!(f, "drop {}", chance.value()),
            Does::Delay { by, jitter } => {
                write!(f, "delay {}ms jitter {}ms", by.as_millis(), jitter.as_millis())
            }
            Does::Duplicate(chance) => write!(f, "duplicate {}", chance.value()),
            Does::Reorder(chance) => write!(f, "reorder {}", chance.value()),
            Does::Corrupt(chance) => write!(f, "corrupt {}", chance.value()),
            Does::Replay(Often::Beside(chance)) => write!(f, "replay {}", chance.value()),
            Does::Replay(Often::Second(rate)) => write!(f, "replay {rate}/s"),
            Does::Forge(rate, Forgery::Random) => write!(f, "forge {rate}/s random"),
            Does::Forge(rate, Forgery::Structured) => write!(f, "forge {rate}/s structured"),
            Does::Flood(rate) => write!(f, "flood {rate}/s"),
            Does::Partition => write!(f, "partition"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn every_action_is_read_and_said_again() {
        let text = "# a bad day\n\n from 10s to 20s drop 0.3\nto-peer delay 200ms jitter 50ms\n\
                    from 1min to-device duplicate 1\nreorder 0.000001 # rare\ncorrupt .5\n\
                    replay 0.2\nreplay 30/s\nforge 100/s\nforge 100/s random\nfrom 2h flood 1000000/s\n\
                    to 3s partition\n";
        let script = Script::parse(text).unwrap();
        assert_eq!(script.rules().len(), 11);
        let first = script.rules()[0];
        assert_eq!(first.does, Does::Drop(Chance(300_000)));
        let holds = |millis| first.holds(Span::from_millis(millis), Way::ToPeer);
        assert_eq!([9_999, 10_000, 19_999, 20_000].map(holds), [false, true, true, false]);
        let second = script.rules()[1];
        assert!(second.holds(Span::ZERO, Way::ToPeer) && !second.holds(Span::ZERO, Way::ToDevice));
        assert_eq!(Script::parse(&script.to_string()), Ok(script));
    }

    #[test]
    fn what_is_wrong_is_named_with_line_and_word() {
        for (text, line, word) in [
            ("drop", 1, ""),
            ("\ndrop 1.1", 2, "1.1"),
            ("drop -0", 1, "-0"),
            ("drop inf", 1, "inf"),
            ("from 10 drop 1", 1, "10"),
            ("from 366000h drop 1", 1, "366000h"),
            ("from ss drop 1", 1, "ss"),
            ("lose 1", 1, "lose"),
            ("flood 0/s", 1, "0/s"),
            ("flood 1000001/s", 1, "1000001/s"),
            ("forge 5", 1, "5"),
            ("partition now", 1, "now"),
            ("to-peer to-device drop 1", 1, "to-device"),
        ] {
            match Script::parse(text) {
                Err(ScriptError::Line { line: found, found: at, .. }) => {
                    assert_eq!((found, at.as_str()), (line, word), "{text}");
                }
                other => panic!("{text}: {other:?}"),
            }
        }
        assert_eq!(Script::parse(&"drop 1\n".repeat(257)), Err(ScriptError::TooMany));
        assert!(Script::parse(&format!("drop 1 #{}", "x".repeat(256))).is_err());
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic_and_what_it_says_it_reads(text in "\\PC{0,80}") {
            if let Ok(script) = Script::parse(&text) {
                prop_assert_eq!(Script::parse(&script.to_string()), Ok(script));
            }
        }
    }
}
