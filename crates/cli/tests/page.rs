//! The bedside page of a running device, read and pressed over HTTP: device, sensor and pump are real
//! processes.

mod bed;

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use bed::{Bed, boxes_verify_and_replay, fine};
use serde_json::Value;

/// A browser without a script: what it asks, and the cookie that it was given.
struct Visitor {
    address: String,
    cookie: String,
}

impl Visitor {
    fn new(bed: &Bed) -> Self {
        let text = std::fs::read_to_string(bed.dir.join("device.toml")).expect("there");
        let page = text.split("[page]").nth(1).expect("it has a page");
        let address = page.split('"').nth(1).expect("quoted").to_owned();
        Self { address, cookie: String::new() }
    }

    /// Asks once; `None` while nobody answers.
    fn ask(&mut self, method: &str, path: &str, more: &str, body: &str) -> Option<(u16, String)> {
        let mut stream = TcpStream::connect(&self.address).ok()?;
        stream.set_read_timeout(Some(Duration::from_secs(20))).ok()?;
        let (host, cookie) = (&self.address, &self.cookie);
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nCookie: {cookie}\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n{more}\r\n",
            body.len()
        );
        stream.write_all(head.as_bytes()).ok()?;
        stream.write_all(body.as_bytes()).ok()?;
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).ok()?;
        let answer = String::from_utf8_lossy(&bytes).into_owned();
        let (head, text) = answer.split_once("\r\n\r\n")?;
        if let Some(cookie) = head.lines().find_map(|line| line.strip_prefix("set-cookie: ")) {
            self.cookie = cookie.split(';').next().unwrap_or_default().to_owned();
        }
        let status = head.split(' ').nth(1)?.parse().ok()?;
        Some((status, text.to_owned()))
    }

    fn look(&mut self, path: &str) -> String {
        let (status, text) = self.ask("GET", path, "", "").expect("the page answers");
        assert_eq!(status, 200, "{path}: {text}");
        text
    }

    fn press(&mut self, path: &str, body: &str) -> (u16, String) {
        let origin = format!("Origin: http://{}\r\n", self.address);
        self.ask("POST", path, &origin, body).expect("the page answers")
    }
}

/// The PIN of a role in the device's configuration.
fn pin(bed: &Bed, role: &str) -> String {
    let text = std::fs::read_to_string(bed.dir.join("device.toml")).expect("there");
    let after = text.split(&format!("role = \"{role}\"")).nth(1).expect("it has a PIN");
    after.split('"').nth(1).expect("quoted").to_owned()
}

fn is(phase: &'static str) -> impl Fn(&Value) -> bool {
    move |status| status["phase"] == phase
}

/// Looks at the page until it shows something.
fn shows(bed: &Bed, visitor: &mut Visitor, words: &str) -> String {
    let seen = std::cell::RefCell::new(String::new());
    let visitor = std::cell::RefCell::new(visitor);
    let shown = |_: &Value| {
        *seen.borrow_mut() = visitor.borrow_mut().look("/");
        seen.borrow().contains(words)
    };
    bed.until(&format!("shown: {words}"), shown, |_, _| {});
    seen.into_inner()
}

#[test]
fn uix_01_act_10_mod_05_a_person_at_the_page_sees_stops_and_takes_over() {
    let bed = Bed::new("page");
    let (sensor, pump) = (bed.peer("sensor"), bed.peer("pump"));
    let mut device = bed.device();
    bed.to_automatic();
    let mut visitor = Visitor::new(&bed);

    // What must always be shown, of the device that runs.
    let page = shows(&bed, &mut visitor, "data-mode=\"M5\"");
    for words in [
        "Homeostat is not a cleared medical device.",
        "Automated insulin delivery",
        "Glucose",
        "mg/dL",
        "taken ",
        "target 110 mg/dL",
        "ordered",
        "verified",
        "Limits in use",
        "The next decision",
        "Sensor link: secure, in time",
        "every cycle is kept",
        "homeostat.example/device/virtual",
    ] {
        assert!(page.contains(words), "{words}: {page}");
    }
    let (_, chart) = visitor.ask("GET", "/chart.json", "", "").expect("it answers");
    let chart: Value = serde_json::from_str(&chart).expect("JSON");
    let points = chart["upper"][0]["points"].as_array().expect("a curve");
    assert!(points.len() >= 2, "{chart}");

    // Stop: one press, no login, no origin, no script.
    let (status, said) = visitor.ask("POST", "/stop", "", "").expect("it answers");
    assert_eq!(status, 200, "{said}");
    assert!(said.contains("The pump was told to stop"), "{said}");
    bed.until("stopped", is("Standby"), |_, _| {});
    shows(&bed, &mut visitor, "Somebody stopped delivery.");

    // Nobody acts without a PIN, and a wrong one is none.
    let (status, _) = visitor.press("/do/phase/manual", "");
    assert_eq!(status, 403);
    let (status, _) = visitor.press("/do/phase/manual", "pin=nobody");
    assert_eq!(status, 403);

    // Take over in two actions: look at what is taken over, and take it.
    bed.to_automatic();
    shows(&bed, &mut visitor, "data-mode=\"M5\"");
    let told = visitor.look("/do/phase/manual");
    for words in ["What you take over", "Glucose ", "What to do: "] {
        assert!(told.contains(words), "{words}: {told}");
    }
    let body = format!("pin={}", pin(&bed, "clinician"));
    let (status, said) = visitor.press("/do/phase/manual", &body);
    assert_eq!(status, 200, "{said}");
    bed.until("taken over", is("Manual"), |_, _| {});
    let page = shows(&bed, &mut visitor, "A clinician chose manual operation.");
    assert!(page.contains("Signed in: clinician"), "{page}");

    // A number: typed, read back, confirmed; whole or not at all.
    let (status, said) = visitor.press("/do/enter/rate", "typed=0,85");
    assert_eq!((status, said.contains("0.85 U/h")), (200, true), "{said}");
    let token = said.split("name=\"token\" value=\"").nth(1).expect("a token");
    let token = token.split('"').next().expect("quoted").to_owned();
    let (status, said) = visitor.press("/do/commit", &format!("token={token}"));
    assert_eq!(status, 200, "{said}");
    shows(&bed, &mut visitor, "A clinician set the manual rate to 0.8");

    // A sensor that is killed: old values are named.
    drop(sensor);
    let page = shows(&bed, &mut visitor, "class=\"variable controlled stale\"");
    assert!(page.contains("Do not act on it."), "{page}");

    // The act stands in the box, and the box replays.
    fine(&["device", "stop", "--end", "--dir", bed.path()]);
    assert!(device.0.wait().expect("it ends").success());
    assert!(visitor.ask("GET", "/", "", "").is_none(), "the page ends with the device");
    drop(pump);
    let replayed = boxes_verify_and_replay(&bed.dir);
    assert!(replayed.starts_with("equal: "), "{replayed}");
    let folder = bed.dir.join("box/0001").display().to_string();
    let told = fine(&["log", "explain", &folder, "--cycle", "0", "--cycles", "10000"]).stdout;
    let told = String::from_utf8_lossy(&told).into_owned();
    assert!(told.contains("somebody stopped delivery"));
    assert!(told.contains("a clinician chose manual operation"));
}

#[test]
fn alm_12_a_page_that_cannot_be_served_is_a_lost_alarm_path_until_it_is() {
    let bed = Bed::new("mute-page");
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("loopback has a port");
    let at = taken.local_addr().expect("it is bound").to_string();
    let words = ["device", "run", "--dir", bed.path(), "--speed", bed::SPEED, "--page", &at];
    let _device = bed::start(&words);
    let has = |status: &Value, key: &str| {
        status[key].as_array().is_some_and(|causes| causes.iter().any(|c| c == "AlarmPathLost"))
    };
    let status = bed.until("lost", |status| has(status, "active"), |_, _| {});
    assert_eq!(status["alarms"]["confirmed"], true, "the sound is well: {status}");
    drop(taken);
    bed.until("served", |status| !has(status, "active"), |_, _| {});
    let mut visitor = Visitor { address: at, cookie: String::new() };
    assert!(visitor.look("/").contains("<html"));
}
