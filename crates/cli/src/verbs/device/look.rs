//! Looking at a running device and acting on it, through its own socket.

use std::path::{Path, PathBuf};

use clap::Args;
use homeostat_device::sockets::ask;
use serde_json::Value;

use super::run::SOCKET;
use super::words;
use crate::failure::{Failure, Outcome};
use crate::output;

/// The device's folder.
#[derive(Debug, Args)]
struct Where {
    /// The device's folder.
    #[arg(long, value_name = "DIR", default_value = "homeostat-device")]
    dir: PathBuf,
}

/// Say how a running device is.
#[derive(Debug, Args)]
pub(crate) struct Status {
    #[command(flatten)]
    place: Where,
    /// For programs: one JSON object.
    #[arg(long)]
    json: bool,
}

/// Stop treatment at once.
#[derive(Debug, Args)]
pub(crate) struct Stop {
    #[command(flatten)]
    place: Where,
    /// End the device in order too: a last cycle hands over, and the box is closed. Says what who takes over
    /// must know.
    #[arg(long)]
    end: bool,
    /// For programs: what is handed over as one JSON object.
    #[arg(long, requires = "end")]
    json: bool,
}

/// Act as a person.
#[derive(Debug, Args)]
#[command(
    after_help = "Words: choose PHASE (off, self-test, standby, manual, advisory, automatic, \
    service); acknowledge; reset; reconcile; confirm; request CHANNEL STEPS; manual CHANNEL STEPS; \
    given CHANNEL STEPS; announce KIND AMOUNT; reference THOUSANDTHS; silence (pauses the alarms' \
    sound).\n\nExample:\n  homeostat \
    device act choose automatic"
)]
pub(crate) struct Act {
    #[command(flatten)]
    place: Where,
    /// What to do.
    #[arg(required = true, num_args = 1.., value_name = "WORDS")]
    words: Vec<String>,
}

fn said(dir: &Path, line: &str) -> Result<Value, Failure> {
    let socket = dir.join(SOCKET);
    let text = ask(&socket, line).map_err(|error| {
        let words = "no device answers (does one run in this folder?)";
        Failure::environment(format!("{}: {words}: {error}", socket.display()))
    })?;
    let value: Value = serde_json::from_str(&text)
        .map_err(|error| Failure::environment(format!("the device's answer: {error}")))?;
    match value.get("error").and_then(Value::as_str) {
        Some(error) => Err(Failure::negative(error)),
        None => Ok(value),
    }
}

fn taken(value: &Value) -> Outcome {
    if value.get("taken") == Some(&Value::Bool(true)) {
        return Ok(());
    }
    Err(Failure::negative("the device did not take it up: too much waits already"))
}

impl Status {
    pub(crate) fn run(&self) -> Outcome {
        let value = said(&self.place.dir, "status")?;
        if self.json {
            return output::line(&value.to_string());
        }
        let text = |key: &str| value.get(key).map(plain).unwrap_or_default();
        let mut lines = format!(
            "mode        {} ({} phase, {} authority)\ncycle       {} of start {}\nactive      {}\nlatched     {}\n",
            text("mode"),
            text("phase"),
            text("authority"),
            text("cycle"),
            text("boot"),
            text("active"),
            text("latched"),
        );
        for alarm in
            value.pointer("/alarms/conditions").and_then(Value::as_array).into_iter().flatten()
        {
            let of = |key: &str| alarm.get(key).map(plain).unwrap_or_default();
            let answered = if alarm.get("acknowledged") == Some(&Value::Bool(true)) {
                ", acknowledged"
            } else {
                ""
            };
            let (message, advice) = (of("message"), of("advice"));
            lines.push_str(&format!(
                "alarm       {}{answered}: {message} {advice}\n",
                of("priority")
            ));
        }
        if value.pointer("/alarms/confirmed") == Some(&Value::Bool(false)) {
            lines.push_str("alarm path  does not confirm: alarms may not be heard\n");
        }
        if value.pointer("/alarms/audio_paused_until_millis").is_some_and(Value::is_u64) {
            lines.push_str("audio       paused\n");
        }
        for link in value.get("links").and_then(Value::as_array).into_iter().flatten() {
            let of = |key: &str| link.get(key).map(plain).unwrap_or_default();
            let stop = link.get("stop_unconfirmed") == Some(&Value::Bool(true));
            let stop = if stop { "; told to stop, and not confirmed" } else { "" };
            let (part, identity, state) = (of("part"), of("identity"), of("state"));
            lines.push_str(&format!("{part:<11} {identity} is {state}{stop}\n"));
        }
        let trouble = value.pointer("/controller/trouble").filter(|trouble| !trouble.is_null());
        lines.push_str(&format!(
            "controller  started {} times{}\n",
            value.pointer("/controller/starts").map(plain).unwrap_or_default(),
            trouble.map(|trouble| format!("; last: {}", plain(trouble))).unwrap_or_default()
        ));
        lines.push_str(&kept(&value));
        output::data(&lines)
    }
}

/// What is kept, what was lost, what was thrown away.
fn kept(value: &Value) -> String {
    let number = |at: &str| value.pointer(at).and_then(Value::as_u64).unwrap_or(0);
    let mib = |at: &str| format!("{:.1}", number(at) as f64 / f64::from(1_u32 << 20));
    let (used, most) = (mib("/storage/used_bytes"), mib("/storage/limit_bytes"));
    let (boxes, copied) = (number("/storage/boxes"), number("/storage/copied"));
    let mut lines = format!("boxes       {boxes} take {used} of {most} MiB; {copied} are copied");
    if value.pointer("/storage/low") == Some(&Value::Bool(true)) {
        lines.push_str("; have them copied: device export, then device copied");
    }
    if number("/storage/lost_records") > 0 {
        lines.push_str(&format!("; {} records were lost", number("/storage/lost_records")));
    }
    for key in ["/storage/trouble", "/storage/undone"] {
        if let Some(words) = value.pointer(key).and_then(Value::as_str) {
            lines.push_str(&format!("; {words}"));
        }
    }
    let thrown = ["strangers", "crowded", "frames", "actions"]
        .map(|name| (name, number(&format!("/dropped/{name}"))))
        .map(|(name, count)| if count > 0 { format!(", {count} {name}") } else { String::new() })
        .concat();
    let thrown = thrown.strip_prefix(", ").unwrap_or("nothing");
    format!("{lines}\ndropped     {thrown}\n")
}

/// A value for people.
fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) if items.is_empty() => "none".to_owned(),
        Value::Array(items) => items.iter().map(plain).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}

impl Stop {
    pub(crate) fn run(&self) -> Outcome {
        taken(&said(&self.place.dir, "stop")?)?;
        if self.end {
            let left = said(&self.place.dir, "end")?;
            taken(&left)?;
            if self.json {
                return output::line(&left.to_string());
            }
            let words = left.get("words").and_then(Value::as_array).into_iter().flatten();
            let lines: String = words.map(|line| plain(line) + "\n").collect();
            return output::data(&lines);
        }
        output::say("told; `homeostat device status` says whether the actuator has confirmed it");
        Ok(())
    }
}

impl Act {
    pub(crate) fn run(&self) -> Outcome {
        let line = self.words.join(" ");
        if line != words::SILENCE && words::action(&line).is_none() {
            return Err(Failure::usage(format!("not understood: {line}; see `device act --help`")));
        }
        taken(&said(&self.place.dir, &line)?)
    }
}
