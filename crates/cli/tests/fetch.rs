//! Feeds over the network, from a server on this machine: resumed, bounded, and the same as from files.

mod common;

use common::{Folder, homeostat};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use std::fs;
use std::io::{BufRead as _, BufReader, Read, Write};
use std::net::TcpListener;
use std::process::Command;
use std::sync::{Arc, Mutex};

/// A server of one file. The first answers break off after `whole` bytes each.
struct Server {
    address: String,
    /// What was asked for: the values of Range and If-None-Match.
    asked: Arc<Mutex<Vec<String>>>,
}

/// The authority that the server of the test over TLS has its certificate from.
const AUTHORITY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/tls/authority.pem");

/// A server's side of TLS with the certificate made for these tests.
fn tls() -> Arc<ServerConfig> {
    let certificate = CertificateDer::from_pem_slice(include_bytes!("data/tls/server.pem"));
    let key = PrivateKeyDer::from_pem_slice(include_bytes!("data/tls/server-key.pem"));
    let config =
        ServerConfig::builder_with_provider(rustls::crypto::ring::default_provider().into())
            .with_safe_default_protocol_versions()
            .expect("versions of TLS")
            .with_no_client_auth()
            .with_single_cert(vec![certificate.expect("PEM")], key.expect("PEM"));
    Arc::new(config.expect("certificate and key belong together"))
}

impl Server {
    fn start(bytes: Vec<u8>, breaks: usize, tls: Option<Arc<ServerConfig>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
        let port = listener.local_addr().expect("it has an address").port();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let notes = Arc::clone(&asked);
        let scheme = if tls.is_some() { "https" } else { "http" };
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                match &tls {
                    None => answer(stream, &bytes, breaks, &notes),
                    Some(config) => {
                        let session = ServerConnection::new(Arc::clone(config));
                        let stream = StreamOwned::new(session.expect("a session"), stream);
                        answer(stream, &bytes, breaks, &notes);
                    }
                }
            }
        });
        Self { address: format!("{scheme}://127.0.0.1:{port}/feeds/osv.jsonl"), asked }
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().expect("no test panicked").clone()
    }
}

/// Answers one request; who does not speak to the end (a client that trusts nobody here) is no request.
fn answer<S: Read + Write>(mut stream: S, bytes: &[u8], breaks: usize, notes: &Mutex<Vec<String>>) {
    let mut headers: Vec<String> = Vec::new();
    let mut lines = BufReader::new(&mut stream).lines().map_while(Result::ok);
    while let Some(line) = lines.next().filter(|line| !line.is_empty()) {
        headers.push(line);
    }
    drop(lines);
    if headers.is_empty() {
        return;
    }
    let value = |name: &str| {
        let found = headers.iter().find(|line| line.to_lowercase().starts_with(name));
        found.and_then(|line| line.split_once(": ")).map(|(_, value)| value.to_owned())
    };
    let (range, none) = (value("range"), value("if-none-match"));
    let note = range.clone().or_else(|| none.clone()).unwrap_or_else(|| "all".to_owned());
    let number = {
        let mut notes = notes.lock().expect("no test panicked");
        notes.push(note);
        notes.len()
    };
    if none.as_deref() == Some("\"one\"") {
        let _ = stream.write_all(b"HTTP/1.1 304 Not Modified\r\nConnection: close\r\n\r\n");
        return;
    }
    let start = range
        .filter(|_| value("if-range").as_deref() == Some("\"one\""))
        .and_then(|range| range.strip_prefix("bytes=")?.strip_suffix('-')?.parse::<usize>().ok());
    let rest = &bytes[start.unwrap_or(0)..];
    let status = match start {
        None => "200 OK".to_owned(),
        Some(start) => format!(
            "206 Partial Content\r\nContent-Range: bytes {start}-{}/{}",
            bytes.len() - 1,
            bytes.len()
        ),
    };
    let head = format!(
        "HTTP/1.1 {status}\r\nETag: \"one\"\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        rest.len()
    );
    let sent = if number <= breaks { &rest[..rest.len() / 2] } else { rest };
    let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(sent));
    let _ = stream.flush();
}

fn feed(records: usize) -> String {
    let one = |number: usize| {
        format!(
            r#"{{"id":"RUSTSEC-2020-{number:04}","modified":"2023-06-13T13:10:24Z","summary":"Segfault","affected":[{{"package":{{"ecosystem":"crates.io","name":"time"}},"ranges":[{{"type":"SEMVER","events":[{{"introduced":"0.0.0-0"}},{{"fixed":"0.2.23"}}]}}]}}]}}"#
        ) + "\n"
    };
    (0..records).map(one).collect()
}

const LOCK: &str = "version = 4\n\n[[package]]\nname = \"time\"\nversion = \"0.1.43\"\n\
    source = \"registry+https://github.com/rust-lang/crates.io-index\"\n";
const AT: [&str; 2] = ["--at", "2026-11-22T08:00:00Z"];

#[test]
fn pmk_02_a_broken_transfer_goes_on_and_gives_the_same_as_a_file() {
    let folder = Folder::new("fetch");
    let text = feed(400);
    let server = Server::start(text.clone().into_bytes(), 2, None);
    let (mirror, offline) = (folder.path("on.mirror"), folder.path("off.mirror"));
    let (file, lock) = (folder.file("osv.jsonl", &text), folder.file("Cargo.lock", LOCK));
    let from = ["vuln", "update", "--from", &server.address, "--mirror", &mirror];
    let (code, out, said) = homeostat(&[&from[..], &AT].concat());
    assert_eq!(code, Some(0), "{said}");
    assert!(out.contains("400 records"), "{out}");
    let asked = server.asked();
    assert_eq!(asked.len(), 3, "{asked:?}");
    let half = format!("bytes={}-", text.len() / 2);
    assert_eq!((asked[0].as_str(), asked[1].as_str()), ("all", half.as_str()));
    let kept = fs::read(format!("{mirror}.parts/osv.jsonl")).expect("it is kept");
    assert!(kept == text.as_bytes(), "byte for byte");
    homeostat(&[&["vuln", "update", &file, "--mirror", &offline], &AT[..]].concat());
    let scan = |mirror: &str| {
        homeostat(&[&["vuln", "scan", &lock, "--mirror", mirror, "--json"], &AT[..]].concat()).1
    };
    let (on, off) = (scan(&mirror), scan(&offline));
    assert!(on.contains("RUSTSEC-2020-0399"));
    assert_eq!(on, off, "the same result either way");
    // What did not change is not fetched again.
    let before = fs::read(&mirror).expect("the mirror");
    let (code, _, said) = homeostat(&[&from[..], &AT].concat());
    assert_eq!(
        (code, server.asked().last().map(String::as_str)),
        (Some(0), Some("\"one\"")),
        "{said}"
    );
    assert_eq!(fs::read(&mirror).expect("the mirror"), before);
}

#[test]
fn pmk_02_what_is_too_large_insecure_or_not_there_is_refused() {
    let folder = Folder::new("fetch-refused");
    let mirror = folder.path("feeds.mirror");
    let update = |address: &str| {
        homeostat(&["vuln", "update", "--from", address, "--mirror", &mirror, "--most", "1"])
    };
    let large = Server::start(vec![b'x'; (1 << 20) + 1], 0, None);
    let (code, _, said) = update(&large.address);
    assert_eq!(code, Some(3));
    assert!(said.contains("larger than 1048576 bytes"), "{said}");
    let (code, _, said) = update("http://example.org/a.json");
    assert_eq!(code, Some(2));
    assert!(said.contains("expected https://"), "{said}");
    assert_eq!(update("https://example.org/").0, Some(2), "no file name");
    let broken = Server::start(feed(10).into_bytes(), 99, None);
    let (code, _, said) = update(&broken.address);
    assert_eq!(code, Some(3));
    assert!(said.contains("the next run goes on from them"), "{said}");
    assert!(fs::metadata(&mirror).is_err(), "no half mirror");
}

#[test]
fn pmk_02_over_tls_only_a_trusted_server_is_heard_and_a_broken_transfer_goes_on() {
    let folder = Folder::new("fetch-tls");
    let text = feed(400);
    let server = Server::start(text.clone().into_bytes(), 1, Some(tls()));
    let mirror = folder.path("tls.mirror");
    let update = |trusted: &str| {
        let words = ["vuln", "update", "--from", &server.address, "--mirror", &mirror];
        let mut command = Command::new(env!("CARGO_BIN_EXE_homeostat"));
        command.args(words).args(AT).env("SSL_CERT_FILE", trusted).env_remove("SSL_CERT_DIR");
        command.output().expect("the command starts")
    };
    let nobody = folder.file("nobody.pem", "");
    let refused = update(&nobody);
    assert_ne!(refused.status.code(), Some(0), "a server that nobody vouches for is not heard");
    assert!(server.asked().is_empty(), "not even asked");
    assert!(!fs::exists(&mirror).expect("the folder"));
    let taken = update(AUTHORITY);
    assert_eq!(taken.status.code(), Some(0), "{}", String::from_utf8_lossy(&taken.stderr));
    let half = format!("bytes={}-", text.len() / 2);
    assert_eq!(server.asked(), ["all", &half]);
    let kept = fs::read(format!("{mirror}.parts/osv.jsonl")).expect("it is kept");
    assert!(kept == text.as_bytes(), "byte for byte");
}
