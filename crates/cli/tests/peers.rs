//! Sensor, pump and proxy as programs, met by a device that this test plays.
#![cfg(unix)]

mod common;

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{SocketAddr, UdpSocket};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant as Real};

use common::Folder;
use homeostat_link::{
    Cadence, Channel, Contract, End, Entropy as _, Event, Message, Order, Paired, Pairing,
    PairingEvent, PairingSettings, Part, Party, Report, Settings, StaticKey, Therapy, Timing, Why,
};
use homeostat_peers::port::SystemEntropy;
use homeostat_record::{Bytes, Instant, OrderId, SensorFrame, Span, Steps};

const SPEED: u64 = 600;
/// Far longer than anything takes, of the machine's time.
const PATIENCE: Duration = Duration::from_secs(60);

/// A program that goes with the test, and its lines.
struct Program {
    child: Child,
    lines: Receiver<serde_json::Value>,
}

impl Program {
    fn start(args: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_homeostat"))
            .args(args)
            .arg("--json")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the command starts");
        let out = BufReader::new(child.stdout.take().expect("piped"));
        let (sender, lines) = channel();
        std::thread::spawn(move || {
            for line in out.lines().map_while(Result::ok) {
                let value = serde_json::from_str(&line).expect("a line of JSON");
                if sender.send(value).is_err() {
                    return;
                }
            }
        });
        Self { child, lines }
    }

    fn wait_for(&self, wanted: impl Fn(&serde_json::Value) -> bool) -> serde_json::Value {
        loop {
            let line = self.lines.recv_timeout(PATIENCE).expect("the line comes");
            if wanted(&line) {
                return line;
            }
        }
    }

    fn event(&self, name: &str) -> serde_json::Value {
        self.wait_for(|line| line["event"] == name)
    }

    fn type_line(&mut self, line: &str) {
        let terminal = self.child.stdin.as_mut().expect("piped");
        writeln!(terminal, "{line}").expect("it reads");
    }

    fn end(mut self) {
        self.type_line("quit");
        assert!(self.child.wait().expect("it ends").success());
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The device's end of one link.
struct Device {
    socket: UdpSocket,
    to: SocketAddr,
    key: StaticKey,
    began: Real,
    speed: u64,
    channel: Option<Channel>,
}

const ME: Party = Party { part: Part::Device, identity: 77 };

fn therapy() -> Therapy {
    Therapy::named("insulin").expect("a name")
}

impl Device {
    #[allow(clippy::disallowed_methods, reason = "real programs take real time")]
    fn new(to: SocketAddr, key: &StaticKey) -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").expect("a socket");
        socket.set_read_timeout(Some(Duration::from_millis(20))).expect("a timeout");
        let key = key.clone();
        Self { socket, to, key, began: Real::now(), speed: SPEED, channel: None }
    }

    fn now(&self) -> Instant {
        let micros = u64::try_from(self.began.elapsed().as_micros()).expect("fits");
        Instant { boot: 1, millis: micros * self.speed / 1_000 }
    }

    fn read(&self) -> Option<Vec<u8>> {
        let mut bytes = [0; 600];
        let (length, from) = self.socket.recv_from(&mut bytes).ok()?;
        assert_eq!(from, self.to);
        Some(bytes[..length].to_vec())
    }

    fn pair(&mut self, part: Part, program: &mut Program) -> Paired {
        self.speed = 1;
        let settings = PairingSettings {
            end: End::Initiator,
            me: ME,
            peer: part,
            therapy: therapy(),
            key: self.key.clone(),
            retry_first: Span::from_millis(100),
            retry_max: Span::from_seconds(1),
            open_for: Span::from_seconds(60),
        };
        let mut pairing =
            Pairing::open(settings, self.now(), &mut SystemEntropy).expect("randomness");
        let code = loop {
            while let Some(datagram) = pairing.poll(self.now()) {
                self.socket.send_to(datagram.as_slice(), self.to).expect("sent");
            }
            let Some(bytes) = self.read() else { continue };
            match pairing.receive(self.now(), &bytes, &mut SystemEntropy) {
                PairingEvent::Compare(code) => break code,
                PairingEvent::Failed(fault) => panic!("{fault}"),
                PairingEvent::Progress | PairingEvent::Ignored(_) => {}
            }
        };
        while let Some(datagram) = pairing.poll(self.now()) {
            self.socket.send_to(datagram.as_slice(), self.to).expect("sent");
        }
        let shown = loop {
            // The receipt may still be asked for.
            if let Some(bytes) = self.read() {
                let _ = pairing.receive(self.now(), &bytes, &mut SystemEntropy);
            }
            while let Some(datagram) = pairing.poll(self.now()) {
                self.socket.send_to(datagram.as_slice(), self.to).expect("sent");
            }
            if let Ok(line) = program.lines.try_recv()
                && line["event"] == "code"
            {
                break line["code"].as_str().expect("text").to_owned();
            }
        };
        assert_eq!(shown, code.to_string());
        program.type_line(&shown);
        program.event("paired");
        let paired = pairing.confirm(self.now()).expect("the same code");
        self.speed = SPEED;
        paired
    }

    fn talk(&mut self, paired: &Paired) {
        let cadence = Cadence {
            period: Span::from_minutes(1),
            latency: Span::from_minutes(10),
            silent_after: Span::from_minutes(30),
        };
        let (incoming, outgoing) = match paired.peer.part {
            Part::Sensor => (Contract::frames(cadence), Contract::echoes(cadence)),
            _ => (Contract::reports(cadence), Contract::orders(cadence)),
        };
        let settings = Settings {
            end: End::Initiator,
            me: ME,
            peer: paired.peer,
            therapy: therapy(),
            software: Bytes::copy_of(b"test").expect("short"),
            key: self.key.clone(),
            peer_key: paired.key,
            incoming: incoming.expect("sound"),
            outgoing: outgoing.expect("sound"),
            timing: Timing::for_period(Span::from_minutes(1)),
        };
        self.channel = Some(Channel::new(settings, self.now()).expect("sound"));
    }

    /// Talks until the peer says something that `wanted` takes.
    fn hear<T>(&mut self, wanted: impl Fn(&Message) -> Option<T>) -> T {
        let since = self.began.elapsed();
        let mut channel = self.channel.take().expect("talking");
        let heard = loop {
            assert!(self.began.elapsed() - since < PATIENCE, "{channel:?}");
            while let Some(datagram) = channel.poll(self.now(), &mut SystemEntropy) {
                self.socket.send_to(datagram.as_slice(), self.to).expect("sent");
            }
            let Some(bytes) = self.read() else { continue };
            if let Event::Message(received) =
                channel.receive(self.now(), &bytes, &mut SystemEntropy)
                && let Some(heard) = wanted(&received.message)
            {
                break heard;
            }
        };
        self.channel = Some(channel);
        heard
    }

    fn say(&mut self, message: &Message) {
        let now = self.now();
        let datagram = self.channel.as_mut().expect("talking").send(now, message);
        let datagram = datagram.expect("a session");
        self.socket.send_to(datagram.as_slice(), self.to).expect("sent");
    }

    fn report(&mut self, wanted: impl Fn(&Report) -> bool) -> Report {
        self.hear(|message| match message {
            Message::Report(report) if wanted(report) => Some(*report),
            _ => None,
        })
    }
}

/// An address that is free now.
fn free() -> SocketAddr {
    let socket = UdpSocket::bind("127.0.0.1:0").expect("a socket");
    socket.local_addr().expect("an address")
}

fn order(id: u64, steps: u32) -> Message {
    Message::Order(Order {
        id: OrderId(id),
        valid_for: Span::from_minutes(15),
        steps: [Steps(steps), Steps(0)],
        requested: [Steps(0); 2],
    })
}

#[test]
fn act_05_a_killed_pump_takes_no_order_twice_and_a_killed_sensor_loses_no_life() {
    let folder = Folder::new("peers");
    let mut bytes = [0; 32];
    SystemEntropy.fill(&mut bytes).expect("randomness");
    let key = StaticKey::from_bytes(bytes);
    let (sensor_at, pump_at, tubing, proxy_at) = (free(), free(), free(), free());
    let part = |name: &str, listen: SocketAddr| {
        let dir = folder.path(name);
        let args =
            ["--dir", &dir, "--listen", &listen.to_string(), "--tubing", &tubing.to_string()];
        [&[name.to_owned()][..], &args.map(str::to_owned)].concat()
    };
    let start = |args: &[String], more: &[&str]| {
        let all: Vec<&str> = args.iter().map(String::as_str).chain(more.iter().copied()).collect();
        Program::start(&all)
    };
    let (sensor, pump) = (part("sensor", sensor_at), part("pump", pump_at));

    // Both are paired; the digits of the device are typed at the part.
    let mut pairs = Vec::new();
    for (args, at, what) in [(&sensor, sensor_at, Part::Sensor), (&pump, pump_at, Part::Actuator)] {
        let mut program = start(args, &["--therapy", "insulin", "--pair"]);
        program.event("open");
        pairs.push(Device::new(at, &key).pair(what, &mut program));
        assert!(program.child.wait().expect("it ends").success());
    }
    let [sensor_pair, pump_pair] = pairs.try_into().expect("two");

    let speed = SPEED.to_string();
    let run = ["--speed", speed.as_str()];
    let mut sensing = start(&sensor, &run);
    let mut pumping = start(&pump, &run);
    sensing.event("started");
    pumping.event("started");
    let script = folder.path("script");
    fs::write(&script, "duplicate 0.5\nreorder 0.2\nreplay 0.5\ncorrupt 0.1\nforge 5/s\n").unwrap();
    let (to, listen) = (pump_at.to_string(), proxy_at.to_string());
    let proxy = Program::start(&[
        "proxy", "--listen", &listen, "--to", &to, "--script", &script, "--speed", &speed,
    ]);
    proxy.event("started");

    let mut glucose = Device::new(sensor_at, &key);
    glucose.talk(&sensor_pair);
    let frame = |message: &Message| match message {
        Message::Frame(bytes) => SensorFrame::decode(bytes.as_slice()).ok(),
        _ => None,
    };
    let first = glucose.hear(frame);
    assert!((60_000..300_000).contains(&first.value_thousandths), "{first:?}");

    let mut dosing = Device::new(proxy_at, &key);
    dosing.talk(&pump_pair);
    dosing.report(|_| true);
    dosing.say(&order(5, 500));
    pumping.event("taken");
    let given = dosing.report(|report| report.accepted == OrderId(5) && report.delivered_total > 0);
    assert_eq!((given.accepted_total, given.session), (500, 1));

    // Killed without a word; started again it remembers.
    pumping.child.kill().unwrap();
    pumping.child.wait().unwrap();
    let again = start(&pump, &run);
    assert_eq!(again.event("started")["accepted"], 5);
    dosing.talk(&pump_pair);
    let after = dosing.report(|report| report.session == 2);
    assert_eq!((after.accepted, after.accepted_total), (OrderId(5), 500));
    assert!(after.delivered_total >= given.delivered_total);
    dosing.say(&order(5, 500));
    let refused = dosing.hear(|message| match message {
        Message::Refused { id, why } => Some((*id, *why)),
        _ => None,
    });
    assert_eq!(refused, (OrderId(5), Why::TakenAlready));

    sensing.child.kill().unwrap();
    sensing.child.wait().unwrap();
    let sensing = start(&sensor, &run);
    let age = sensing.event("started")["age_ms"].as_u64().expect("a number");
    assert!(age > 0);
    glucose.talk(&sensor_pair);
    let later = glucose.hear(frame);
    assert!(later.sequence > first.sequence && later.taken_millis > first.taken_millis);
    // What left the needle reached the person.
    sensing.wait_for(|line| line["given_billionths"].as_u64().is_some_and(|given| given > 0));

    let many = |counts: &serde_json::Value, kind: &str| {
        counts["to_peer"][kind].as_u64().is_some_and(|number| number > 0)
    };
    proxy.wait_for(|line| many(line, "forged") && many(line, "received") && many(line, "sent"));
    proxy.end();
    again.end();
    sensing.end();
}

#[test]
fn a_device_and_its_parts_pair_when_each_is_told_the_others_digits() {
    let folder = Folder::new("pair");
    let at = |name: &str| folder.path(name);
    let settings = "pseudonym = \"a\"\nidentity = 77\ntherapy = \"insulin\"\ncontroller = \"mpc\"\n\
                    listen = \"127.0.0.1:0\"\nsigners = []\npeer = []\n";
    fs::create_dir_all(at("device")).unwrap();
    fs::write(at("device/device.toml"), settings).unwrap();
    for (name, part) in [("sensor", "sensor"), ("pump", "actuator")] {
        let (dir, listen) = (at(name), free().to_string());
        let mut waiting = Program::start(&[
            name,
            "--dir",
            &dir,
            "--listen",
            &listen,
            "--therapy",
            "insulin",
            "--pair",
        ]);
        waiting.event("open");
        let mut device = Program::start(&[
            "device",
            "pair",
            "--dir",
            &at("device"),
            "--part",
            part,
            "--at",
            &listen,
        ]);
        let shown = [&waiting, &device].map(|end| end.event("code")["code"].clone());
        assert_eq!(shown[0], shown[1]);
        device.type_line(shown[0].as_str().expect("text"));
        let paired = device.event("paired");
        waiting.type_line(shown[1].as_str().expect("text"));
        assert_eq!(waiting.event("paired")["device"], 77);
        let settings = fs::read_to_string(at(name) + "/peer.toml").unwrap();
        assert!(settings.contains(&format!("identity = {}", paired["part"])), "{settings}");
        assert!(settings.contains("[device]"), "{settings}");
        let known = fs::read(at("device/peers.a")).unwrap();
        assert!(String::from_utf8_lossy(&known).contains(&paired["part"].to_string()));
    }
}
