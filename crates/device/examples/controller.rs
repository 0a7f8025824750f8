//! A controller's process, honest or in one of the ways in which one can fail: what the tests of the
//! supervisor's side start. The first argument says how.

use std::io::{Read, Write, stdin, stdout};

use homeostat_device::controller::confinement::{Confinement, confine};
use homeostat_device::controller::protocol::{Question, Reply, read_frame};
use homeostat_device::controller::serve;
use homeostat_record::Proposal;

fn main() {
    let how = std::env::args().nth(1).unwrap_or_default();
    match how.as_str() {
        "honest" => {
            let _ = serve(stdin().lock(), stdout().lock(), confine);
        }
        "hangs" => hang(),
        "hangs-when-asked" => {
            let _ = next();
            ready(Confinement::default());
            hang();
        }
        "reads-nothing" => {
            let _ = next();
            // The smallest pipe that the system makes: no question fits it.
            let _ = rustix::pipe::fcntl_setpipe_size(stdin(), 4_096);
            ready(Confinement::default());
            hang();
        }
        "crashes" => std::process::exit(101),
        "garbage" => {
            let _ = stdout().write_all(&[0xFF; 4096]);
        }
        "floods" => flood(),
        "opens-a-file" => escape(|| std::fs::read("/etc/hostname").is_ok()),
        "opens-a-port" => escape(|| std::net::UdpSocket::bind("127.0.0.1:0").is_ok()),
        "starts-a-process" => escape(|| std::process::Command::new("/bin/true").status().is_ok()),
        "wrong-token" => answer(|token| Some(token ^ 1)),
        "dies-when-asked" => answer(|_| None),
        other => eprintln!("no such way: {other}"),
    }
}

fn hang() {
    loop {
        std::thread::park();
    }
}

fn next() -> Option<Question> {
    let (kind, payload) = read_frame(&mut stdin().lock()).ok()??;
    Question::of(kind, &payload).ok()
}

fn ready(confinement: Confinement) {
    let words = confinement.to_string();
    let _ = Reply::Ready { confinement: confinement.code(), words }.write(&mut stdout().lock());
}

/// Says what it likes as fast as it can.
fn flood() {
    let _ = next();
    ready(Confinement::default());
    let reply = Reply::Answer { token: 0, state: vec![0; 9_000], proposal: Proposal::default() };
    while reply.write(&mut stdout().lock()).is_ok() {}
}

/// Answers honestly in form, to another question or never.
fn answer(token_of: impl Fn(u64) -> Option<u64>) {
    let _ = next();
    ready(Confinement::default());
    while let Some(Question::Ask { token, state, .. }) = next() {
        let Some(token) = token_of(token) else { return };
        let _ = Reply::Answer { token, state, proposal: Proposal::default() }
            .write(&mut stdout().lock());
    }
}

/// Confined, it tries what it must not be able to do when it is asked; it answers only if it could.
fn escape(attempt: impl Fn() -> bool) {
    let _ = next();
    ready(confine());
    while let Some(Question::Ask { token, state, .. }) = next() {
        if attempt() {
            let _ = Reply::Answer { token, state, proposal: Proposal::default() }
                .write(&mut stdout().lock());
        }
    }
    let _ = stdin().lock().read(&mut [0]);
}
