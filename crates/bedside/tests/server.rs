//! The server over real sockets: Stop, doors, foreign sites, updates that continue. No browser.

use homeostat_bedside::{Answer, Bedside, Config, Inbox, Pin, View, Wish};
use homeostat_record::{Action, PersonAction, Phase, Role, Steps};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::thread::JoinHandle;
use std::time::Duration;

fn view() -> View {
    serde_json::from_str(include_str!("../samples/insulin/m5.json")).unwrap()
}

fn served() -> Bedside {
    let pins = vec![Pin::new(Role::Clinician, "135791").unwrap()];
    let listen = "127.0.0.1:0".parse().unwrap();
    Bedside::start(Config { listen, names: Vec::new(), pins }, view()).unwrap()
}

/// Answers one wish and returns it.
fn device(inbox: &Inbox, words: &'static str) -> JoinHandle<Option<Wish>> {
    let inbox = inbox.clone();
    std::thread::spawn(move || {
        let asked = inbox.next(Duration::from_secs(20))?;
        let wish = asked.wish();
        asked.answer(Answer::Taken(words.to_owned()));
        Some(wish)
    })
}

/// Sends a request and returns the whole answer.
fn talk(bedside: &Bedside, head: &str, headers: &[&str], body: &str) -> String {
    let address = bedside.address();
    let mut stream = TcpStream::connect(address).unwrap();
    let mut request = format!("{head} HTTP/1.1\r\nConnection: close\r\n");
    if !headers.iter().any(|header| header.starts_with("Host")) {
        request += &format!("Host: {address}\r\n");
    }
    for header in headers {
        request += header;
        request += "\r\n";
    }
    if !body.is_empty() {
        request += "Content-Type: application/x-www-form-urlencoded\r\n";
        request += &format!("Content-Length: {}\r\n", body.len());
    }
    request += "\r\n";
    request += body;
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    // A server that refuses a body may close before it was sent whole.
    let _ = stream.read_to_string(&mut answer);
    answer
}

fn own(bedside: &Bedside) -> String {
    format!("Origin: http://{}", bedside.address())
}

fn post(bedside: &Bedside, path: &str, cookie: &str, body: &str) -> String {
    let (origin, cookie) = (own(bedside), format!("Cookie: {cookie}"));
    talk(bedside, &format!("POST {path}"), &[&origin, &cookie], body)
}

fn status(answer: &str) -> u16 {
    answer.split(' ').nth(1).and_then(|code| code.parse().ok()).unwrap_or(0)
}

fn cookie(answer: &str) -> String {
    let line = answer.lines().find(|line| line.starts_with("set-cookie: ")).unwrap();
    assert!(line.contains("HttpOnly") && line.contains("SameSite=Strict"), "{line}");
    line["set-cookie: ".len()..].split(';').next().unwrap().to_owned()
}

fn act(by: Role, action: Action) -> Option<Wish> {
    Some(Wish::Act(PersonAction { by, action }))
}

#[test]
fn act_10_stop_works_without_login_script_and_origin() {
    let bedside = served();
    for origin in [Some(own(&bedside)), None] {
        let stopped = device(bedside.inbox(), "Delivery is stopped.");
        let headers: Vec<&str> = origin.iter().map(String::as_str).collect();
        let answer = talk(&bedside, "POST /stop", &headers, "");
        assert_eq!(status(&answer), 200, "{answer}");
        assert!(answer.contains("Delivery is stopped."));
        assert_eq!(stopped.join().unwrap(), act(Role::Unknown, Action::Stop));
    }
}

#[test]
fn a_stop_that_the_device_drops_is_told_as_not_confirmed() {
    let bedside = served();
    let inbox = bedside.inbox().clone();
    let dropped = std::thread::spawn(move || drop(inbox.next(Duration::from_secs(20))));
    let answer = talk(&bedside, "POST /stop", &[], "");
    assert_eq!(status(&answer), 503);
    assert!(answer.contains("has not confirmed the stop"));
    dropped.join().unwrap();
}

#[test]
fn every_answer_carries_the_policy_and_nothing_foreign() {
    let bedside = served();
    for head in
        ["GET /", "GET /assets/page.js", "GET /chart.json", "GET /nowhere", "GET /do/sign-in"]
    {
        let answer = talk(&bedside, head, &[], "");
        assert!(answer.contains("content-security-policy: default-src 'none'"), "{head}");
        assert!(answer.contains("x-content-type-options: nosniff"), "{head}");
        assert!(answer.contains("referrer-policy: same-origin"), "{head}");
    }
    let page = talk(&bedside, "GET /", &[], "");
    assert!(!page.contains("http://") && !page.contains("https://") && !page.contains("//"));
}

#[test]
fn foreign_sites_and_names_are_refused_and_nothing_is_asked() {
    let bedside = served();
    let refused = |head: &str, headers: &[&str]| {
        let answer = talk(&bedside, head, headers, "");
        assert_eq!(status(&answer), 403, "{head} {headers:?}: {answer}");
    };
    refused("GET /", &["Host: evil.example"]);
    refused("POST /stop", &["Origin: http://evil.example"]);
    refused("POST /stop", &["Origin: null"]);
    refused("POST /stop", &["Host: evil.example", "Origin: http://evil.example"]);
    refused("POST /do/acknowledge", &[]);
    assert!(bedside.inbox().next(Duration::ZERO).is_none());
}

#[test]
fn mod_05_taking_over_is_two_requests_and_a_secret() {
    let bedside = served();
    let first = talk(&bedside, "GET /do/phase/manual", &[], "");
    assert!(first.contains("What you take over") && first.contains("name=\"pin\""));
    let without = post(&bedside, "/do/phase/manual", "", "pin=");
    assert_eq!(status(&without), 403);
    let wrong = post(&bedside, "/do/phase/manual", "", "pin=999999");
    assert_eq!(status(&wrong), 403);
    assert!(bedside.inbox().next(Duration::ZERO).is_none());
    let taken = device(bedside.inbox(), "Manual.");
    let answer = post(&bedside, "/do/phase/manual", "", "pin=135791");
    assert_eq!(status(&answer), 200, "{answer}");
    let expected = act(Role::Clinician, Action::Choose(Phase::Manual));
    assert_eq!(taken.join().unwrap(), expected);
    let cookie = cookie(&answer);
    let taken = device(bedside.inbox(), "Manual.");
    assert_eq!(status(&post(&bedside, "/do/phase/manual", &cookie, "pin=")), 200);
    assert_eq!(taken.join().unwrap(), expected);
}

#[test]
fn f_h02_a_number_is_read_back_and_a_second_click_gives_nothing() {
    let bedside = served();
    let session = cookie(&post(&bedside, "/do/sign-in", "", "pin=135791"));
    let refused = post(&bedside, "/do/enter/dose", &session, "typed=1.234");
    assert_eq!(status(&refused), 422);
    assert!(refused.contains("This can be read in two ways"));
    let read = post(&bedside, "/do/enter/dose", &session, "typed=1,25");
    assert!(
        read.contains("Give <strong class=\"amount\">1.25 U</strong> of insulin now"),
        "{read}"
    );
    let token = read.split("name=\"token\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    let given = device(bedside.inbox(), "The dose is ordered.");
    let fields = format!("token={token}");
    assert_eq!(status(&post(&bedside, "/do/commit", &session, &fields)), 200);
    let expected = act(Role::Clinician, Action::Request { channel: 0, steps: Steps(1_250) });
    assert_eq!(given.join().unwrap(), expected);
    assert_eq!(status(&post(&bedside, "/do/commit", &session, &fields)), 409);
    assert!(bedside.inbox().next(Duration::ZERO).is_none());
}

#[test]
fn uix_06_a_number_with_three_decimals_is_confirmed_as_it_was_shown() {
    for (step, typed, shown) in [("0.025", "1.2", "1.200"), ("0.001", "9", "9.000")] {
        let bedside = served();
        let mut view = view();
        for entry in &mut view.offers.entries {
            entry.step = step.parse().unwrap();
        }
        bedside.publish(view);
        let session = cookie(&post(&bedside, "/do/sign-in", "", "pin=135791"));
        let read = post(&bedside, "/do/enter/dose", &session, &format!("typed={typed}"));
        assert!(read.contains(&format!("{shown} U")), "{read}");
        let token = read.split("name=\"token\" value=\"").nth(1).unwrap();
        let fields = format!("token={}&again={shown}", token.split('"').next().unwrap());
        let given = device(bedside.inbox(), "Ordered.");
        assert_eq!(status(&post(&bedside, "/do/commit", &session, &fields)), 200, "{step}");
        assert!(given.join().unwrap().is_some());
    }
}

#[test]
fn f_h01_an_unusual_number_is_typed_twice_alike() {
    let bedside = served();
    let session = cookie(&post(&bedside, "/do/sign-in", "", "pin=135791"));
    for (again, code) in [("8.5", 422), ("", 422), ("9.0", 200)] {
        let read = post(&bedside, "/do/enter/dose", &session, "typed=9");
        assert!(read.contains("This is unusual"));
        let token =
            read.split("name=\"token\" value=\"").nth(1).unwrap().split('"').next().unwrap();
        let given = (code == 200).then(|| device(bedside.inbox(), "Ordered."));
        let fields = format!("token={token}&again={again}");
        assert_eq!(status(&post(&bedside, "/do/commit", &session, &fields)), code, "{again}");
        if let Some(given) = given {
            let expected =
                act(Role::Clinician, Action::Request { channel: 0, steps: Steps(9_000) });
            assert_eq!(given.join().unwrap(), expected);
        }
    }
    assert!(bedside.inbox().next(Duration::ZERO).is_none());
}

#[test]
fn what_is_not_offered_cannot_be_asked() {
    let bedside = served();
    let session = cookie(&post(&bedside, "/do/sign-in", "", "pin=135791"));
    let paths =
        ["acknowledge", "audio-pause", "confirm", "reset", "reconcile", "enter/none", "phase/off"];
    for path in paths {
        let answer = post(&bedside, &format!("/do/{path}"), &session, "typed=1");
        assert_eq!(status(&answer), 409, "{path}");
    }
    assert!(bedside.inbox().next(Duration::ZERO).is_none());
}

#[test]
fn large_bodies_and_heads_are_refused() {
    let bedside = served();
    let body = format!("pin={}", "1".repeat(10_000));
    assert!(matches!(status(&post(&bedside, "/do/sign-in", "", &body)), 413 | 0));
    let long = format!("X-Long: {}", "1".repeat(40_000));
    assert_ne!(status(&talk(&bedside, "GET /", &[&long], "")), 200);
    assert!(bedside.is_alive());
}

#[test]
fn mod_11_a_change_reaches_a_reader_and_continues_after_a_break() {
    let bedside = served();
    let mut events = events(&bedside, "");
    let (first, _) = next_view(&mut events);
    let mut changed = view();
    changed.mode =
        serde_json::from_str::<View>(include_str!("../samples/insulin/m7.json")).unwrap().mode;
    bedside.publish(changed.clone());
    let (second, data) = next_view(&mut events);
    assert_eq!(second, first + 1);
    assert!(data.contains("Fallback: basic therapy"));
    drop(events);
    changed.mode.why = "another reason".to_owned();
    bedside.publish(changed);
    let mut events = self::events(&bedside, &format!("Last-Event-ID: {second}\r\n"));
    let (third, data) = next_view(&mut events);
    assert_eq!(third, second + 1);
    assert!(data.contains("another reason") && !data.contains("id=\\\"device\\\""));
}

fn events(bedside: &Bedside, more: &str) -> BufReader<TcpStream> {
    let mut stream = TcpStream::connect(bedside.address()).unwrap();
    let address = bedside.address();
    write!(stream, "GET /events HTTP/1.1\r\nHost: {address}\r\n{more}\r\n").unwrap();
    BufReader::new(stream)
}

/// The number and the data of the next update; beats are passed over.
fn next_view(events: &mut BufReader<TcpStream>) -> (u64, String) {
    let (mut id, mut data) = (None, None);
    let mut line = String::new();
    loop {
        line.clear();
        assert_ne!(events.read_line(&mut line).unwrap(), 0, "the stream has ended");
        if let Some(text) = line.trim_end().strip_prefix("data: {") {
            data = Some(text.to_owned());
        }
        if let Some(text) = line.trim_end().strip_prefix("id: ") {
            id = text.parse().ok();
        }
        if let (Some(id), Some(data)) = (id, &data) {
            return (id, data.clone());
        }
    }
}
