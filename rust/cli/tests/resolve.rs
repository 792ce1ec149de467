//! `list resolve` against a DNS server on loopback that answers, cuts, refuses and is silent.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by a panic"
)]

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use portlog_model::WallTime;
use portlog_names::pinned::{Line, Outcome, PinnedAnswer, PinnedFile};

/// What the server says of a name, whichever of its addresses is asked for.
#[derive(Clone, Copy)]
enum Says {
    /// So many IPv4 addresses, one IPv6 address, and the TTL.
    Has(u8, u32),
    /// Another name for the first kind.
    Alias(&'static str),
    /// An error (RFC 1035 §4.1.1).
    Code(u8),
    /// There, without an address.
    Nothing,
    /// No answer.
    Silence,
}

const NAMES: [(&str, Says); 8] = [
    ("one.test", Says::Has(1, 300)),
    ("www.alias.test", Says::Alias("one.test")),
    // Does not fit into a datagram: it is cut there, and whole by TCP.
    ("big.test", Says::Has(32, 60)),
    ("none.test", Says::Nothing),
    ("gone.test", Says::Code(3)),
    ("fails.test", Says::Code(2)),
    ("closed.test", Says::Code(5)),
    ("quiet.test", Says::Silence),
];

/// A server on loopback, until it is dropped.
struct Server {
    at: SocketAddr,
    asked: Asked,
    silent: Arc<AtomicBool>,
    ended: Arc<AtomicBool>,
}

impl Server {
    fn start() -> Self {
        let (udp, tcp) = loop {
            let udp = UdpSocket::bind("127.0.0.1:0").unwrap();
            // The same port may be taken by another for TCP.
            if let Ok(tcp) = TcpListener::bind(udp.local_addr().unwrap()) {
                break (udp, tcp);
            }
        };
        let server = Self {
            at: udp.local_addr().unwrap(),
            asked: Arc::default(),
            silent: Arc::default(),
            ended: Arc::default(),
        };
        let pause = Some(Duration::from_millis(50));
        udp.set_read_timeout(pause).unwrap();
        tcp.set_nonblocking(true).unwrap();
        let (asked, silent, ended) = server.shared();
        thread::spawn(move || {
            let mut packet = [0; 1_500];
            while !ended.load(Ordering::Relaxed) {
                let Ok((length, from)) = udp.recv_from(&mut packet) else {
                    continue;
                };
                let answer = answer(&packet[..length], false, &asked);
                if let Some(answer) = answer.filter(|_| !silent.load(Ordering::Relaxed)) {
                    udp.send_to(&answer, from).unwrap();
                }
            }
        });
        let (asked, _, ended) = server.shared();
        thread::spawn(move || {
            while !ended.load(Ordering::Relaxed) {
                match tcp.accept() {
                    Ok((stream, _)) => {
                        let asked = Arc::clone(&asked);
                        thread::spawn(move || serve(stream, &asked));
                    }
                    Err(_) => thread::sleep(Duration::from_millis(10)),
                }
            }
        });
        server
    }

    fn shared(&self) -> (Asked, Arc<AtomicBool>, Arc<AtomicBool>) {
        (
            Arc::clone(&self.asked),
            Arc::clone(&self.silent),
            Arc::clone(&self.ended),
        )
    }

    fn asked(&self) -> Vec<Question> {
        self.asked.lock().unwrap().clone()
    }
}

/// A question: name, type, whether by TCP, and when.
type Question = (String, u16, bool, Instant);

type Asked = Arc<Mutex<Vec<Question>>>;

impl Drop for Server {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::Relaxed);
    }
}

fn serve(mut stream: TcpStream, asked: &Asked) {
    stream.set_nonblocking(false).unwrap();
    stream
        .set_read_timeout(Some(Duration::from_secs(5)))
        .unwrap();
    let mut length = [0; 2];
    while stream.read_exact(&mut length).is_ok() {
        let mut message = vec![0; usize::from(u16::from_be_bytes(length))];
        if stream.read_exact(&mut message).is_err() {
            return;
        }
        if let Some(answer) = answer(&message, true, asked) {
            let length = u16::try_from(answer.len()).unwrap().to_be_bytes();
            if stream.write_all(&[&length[..], &answer].concat()).is_err() {
                return;
            }
        }
    }
}

/// The answer to a query (RFC 1035 §4), without EDNS.
fn answer(query: &[u8], by_tcp: bool, asked: &Asked) -> Option<Vec<u8>> {
    let (name, end) = name_at(query);
    let kind = u16::from_be_bytes([query[end], query[end + 1]]);
    asked
        .lock()
        .unwrap()
        .push((name.clone(), kind, by_tcp, Instant::now()));
    let says = says(&name);
    let (code, records) = match says {
        Says::Silence => return None,
        Says::Code(code) => (code, Vec::new()),
        Says::Nothing => (0, Vec::new()),
        Says::Has(..) => (0, addresses(&[0xC0, 12], says, kind)),
        Says::Alias(target) => {
            let target = labels(target);
            let mut records = vec![record(&[0xC0, 12], 5, 30, &target)];
            records.extend(addresses(&target, self::says("one.test"), kind));
            (0, records)
        }
    };
    let body: Vec<u8> = records.concat();
    let cut = !by_tcp && 12 + end + body.len() > 512;
    let mut message = query[..2].to_vec();
    message.extend([0x81 | if cut { 2 } else { 0 }, 0x80 | code]);
    let count = if cut {
        0
    } else {
        u16::try_from(records.len()).unwrap()
    };
    for number in [1, count, 0, 0] {
        message.extend(number.to_be_bytes());
    }
    message.extend(&query[12..end + 4]);
    if !cut {
        message.extend(body);
    }
    Some(message)
}

fn says(name: &str) -> Says {
    if let Some(number) = name.strip_suffix(".many.test") {
        return Says::Has(1, 60 + number.parse::<u32>().unwrap());
    }
    NAMES
        .into_iter()
        .find(|(known, _)| *known == name)
        .unwrap_or_else(|| panic!("{name} was never listed"))
        .1
}

fn addresses(owner: &[u8], says: Says, kind: u16) -> Vec<Vec<u8>> {
    let Says::Has(count, ttl) = says else {
        panic!("an alias of an alias")
    };
    match kind {
        1 => (0..count)
            .map(|number| record(owner, 1, ttl, &[203, 0, 113, number]))
            .collect(),
        28 => {
            let mut address = [0; 16];
            address[..4].copy_from_slice(&[0x20, 0x01, 0x0d, 0xb8]);
            address[15] = 7;
            vec![record(owner, 28, ttl, &address)]
        }
        other => panic!("type {other} was asked for"),
    }
}

fn record(owner: &[u8], kind: u16, ttl: u32, data: &[u8]) -> Vec<u8> {
    let mut record = owner.to_vec();
    record.extend(kind.to_be_bytes());
    record.extend([0, 1]);
    record.extend(ttl.to_be_bytes());
    record.extend(u16::try_from(data.len()).unwrap().to_be_bytes());
    record.extend(data);
    record
}

fn labels(name: &str) -> Vec<u8> {
    let mut labels = Vec::new();
    for label in name.split('.') {
        labels.push(u8::try_from(label.len()).unwrap());
        labels.extend(label.as_bytes());
    }
    labels.push(0);
    labels
}

/// The question's name, and where it ends.
fn name_at(query: &[u8]) -> (String, usize) {
    let (mut name, mut at) = (String::new(), 12);
    while query[at] != 0 {
        let end = at + 1 + usize::from(query[at]);
        if !name.is_empty() {
            name.push('.');
        }
        name.push_str(std::str::from_utf8(&query[at + 1..end]).unwrap());
        at = end;
    }
    (name.to_ascii_lowercase(), at + 1)
}

fn resolve(folder: &Path, server: &Server, more: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_portlog"));
    command
        .current_dir(folder)
        .args(["list", "resolve", "threat=list.txt", "-o", "list.pinned"])
        .args(["--resolver", &server.at.to_string(), "--timeout", "300ms"])
        .args(more)
        .stdin(Stdio::null());
    command
}

fn texts(output: &Output) -> (String, String) {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (text(&output.stdout), text(&output.stderr))
}

/// What became of each name: the outcome, and for `ok` TTL and addresses.
fn outcomes(path: &Path) -> BTreeMap<String, String> {
    let bytes = std::fs::read(path).unwrap();
    let file = PinnedFile::open(&bytes).unwrap();
    let answers = file.answers().map(Result::unwrap);
    answers
        .map(|pinned| {
            let told = match pinned.answer.outcome() {
                Outcome::Addresses { ttl, addresses } => {
                    let list: Vec<String> = addresses.iter().map(ToString::to_string).collect();
                    format!("ok {ttl} {}", list.join(" "))
                }
                other => other.as_str().to_owned(),
            };
            (pinned.answer.name().to_owned(), told)
        })
        .collect()
}

#[test]
fn every_kind_of_answer_is_written_down_as_it_was_had() {
    let folder = tempfile::tempdir().unwrap();
    let names: Vec<&str> = NAMES.iter().map(|(name, _)| *name).collect();
    let list = names.join("\n");
    let list = format!("{list}\n203.0.113.0/24\n@@||never.test^\n||never.test^\n");
    std::fs::write(folder.path().join("list.txt"), list).unwrap();
    let server = Server::start();
    let output = resolve(
        folder.path(),
        &server,
        &["--rate", "1000", "--vantage", "a bench, by loopback"],
    )
    .output()
    .unwrap();
    let (said, told) = texts(&output);
    assert_eq!(output.status.code(), Some(0), "{told}");
    assert_eq!(
        said,
        "list.pinned: 8 names: ok 3 (36 addresses), nodata 1, nxdomain 1, refused 1, servfail 1, \
         timeout 1\n"
    );
    assert!(
        told.contains(&format!("asks {} by UDP", server.at)) && told.contains("for 8 names"),
        "{told}"
    );
    assert!(!folder.path().join("list.pinned.partial").exists());

    let path = folder.path().join("list.pinned");
    let outcomes = outcomes(&path);
    let told = |name: &str| outcomes[name].as_str();
    assert_eq!(told("one.test"), "ok 300 203.0.113.0 2001:db8::7");
    assert_eq!(
        told("www.alias.test"),
        "ok 30 203.0.113.0 2001:db8::7",
        "the alias holds shortest"
    );
    assert!(told("big.test").starts_with("ok 60 203.0.113.0 203.0.113.1 "));
    assert_eq!(told("big.test").split(' ').count(), 2 + 32, "the most");
    assert_eq!(told("none.test"), "nodata");
    assert_eq!(told("gone.test"), "nxdomain");
    assert_eq!(told("fails.test"), "servfail");
    assert_eq!(told("closed.test"), "refused");
    assert_eq!(told("quiet.test"), "timeout");
    let asked = server.asked();
    assert!(
        asked
            .iter()
            .any(|(name, kind, by_tcp, _)| name == "big.test" && *kind == 1 && *by_tcp)
    );
    // The server panics at names that were never listed, such as those with a search domain behind.
    assert!(asked.len() >= 16);

    let text = std::fs::read_to_string(&path).unwrap();
    let mut lines = text.lines();
    assert_eq!(lines.next(), Some("portlog-pinned/1"));
    let list = lines.next().unwrap();
    assert!(
        list.starts_with("list ") && list.ends_with(" threat list.txt"),
        "{list}"
    );
    assert!(text.contains("\nvantage a bench, by loopback\n"));
    assert!(text.contains(&format!(
        "\nresolver {} by UDP, by TCP where an answer is cut, in clear text\n",
        server.at
    )));
}

fn many(folder: &Path, count: u32) {
    let names: Vec<String> = (0..count).map(|n| format!("{n}.many.test")).collect();
    std::fs::write(folder.join("list.txt"), names.join("\n")).unwrap();
}

#[test]
fn questions_keep_to_the_rate() {
    let folder = tempfile::tempdir().unwrap();
    many(folder.path(), 11);
    let server = Server::start();
    let output = resolve(folder.path(), &server, &["--rate", "40"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0), "{:?}", texts(&output));
    let asked = server.asked();
    assert_eq!(asked.len(), 22);
    // Eleven names are ten steps of 50 ms apart; a loaded machine only takes longer.
    let first = asked.iter().map(|(.., at)| *at).min().unwrap();
    let last = asked.iter().map(|(.., at)| *at).max().unwrap();
    assert!(
        last - first >= Duration::from_millis(490),
        "{:?}",
        last - first
    );
}

#[test]
fn a_run_that_was_stopped_goes_on_and_asks_nobody_twice() {
    let folder = tempfile::tempdir().unwrap();
    many(folder.path(), 40);
    let server = Server::start();
    let mut child = resolve(folder.path(), &server, &["--rate", "40"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let deadline = Instant::now() + Duration::from_secs(20);
    while server.asked().len() < 12 {
        assert!(Instant::now() < deadline, "it does not ask");
        thread::sleep(Duration::from_millis(5));
    }
    let pid = nix::unistd::Pid::from_raw(i32::try_from(child.id()).unwrap());
    nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGINT).unwrap();
    let status = child.wait().unwrap();
    assert_eq!(status.code(), Some(2));
    let mut told = String::new();
    child
        .stderr
        .take()
        .unwrap()
        .read_to_string(&mut told)
        .unwrap();
    assert!(
        told.contains("stopped; what was answered is in list.pinned.partial"),
        "{told}"
    );
    assert!(!folder.path().join("list.pinned").exists());
    let partial = folder.path().join("list.pinned.partial");
    let done = outcomes(&partial);
    assert!((1..40).contains(&done.len()), "{}", done.len());
    // As after a power cut: half a line.
    let mut file = std::fs::OpenOptions::new()
        .append(true)
        .open(&partial)
        .unwrap();
    file.write_all(b"answer 2026-01-31T23:59:59Z ok 60 39.man")
        .unwrap();
    drop(file);

    server.asked.lock().unwrap().clear();
    let output = resolve(folder.path(), &server, &["--rate", "1000"])
        .output()
        .unwrap();
    let (said, told) = texts(&output);
    assert_eq!(output.status.code(), Some(0), "{told}");
    assert!(
        said.starts_with("list.pinned: 40 names: ok 40 (80 addresses)"),
        "{said}"
    );
    assert!(
        told.contains(&format!("({} were asked for before)", done.len())),
        "{told}"
    );
    for (name, ..) in server.asked() {
        assert!(!done.contains_key(&name), "{name} was asked for twice");
    }
    assert_eq!(outcomes(&folder.path().join("list.pinned")).len(), 40);
}

#[test]
fn a_resolver_that_is_down_ends_it_and_costs_nothing() {
    let folder = tempfile::tempdir().unwrap();
    many(folder.path(), 60);
    let server = Server::start();
    server.silent.store(true, Ordering::Relaxed);
    let begun = Instant::now();
    let output = resolve(folder.path(), &server, &["--rate", "1000"])
        .output()
        .unwrap();
    let (said, told) = texts(&output);
    assert_eq!(output.status.code(), Some(2), "{told}");
    assert_eq!(said, "");
    assert!(told.contains("did not answer 20 names in a row"), "{told}");
    assert!(begun.elapsed() < Duration::from_secs(30));
    assert!(!folder.path().join("list.pinned").exists());

    // It is up again: who was not answered is asked again.
    server.silent.store(false, Ordering::Relaxed);
    let output = resolve(folder.path(), &server, &["--rate", "1000"])
        .output()
        .unwrap();
    let (said, told) = texts(&output);
    assert_eq!(output.status.code(), Some(0), "{told}");
    assert!(said.contains("60 names: ok 60 "), "{said}");
}

#[test]
fn what_cannot_be_resolved_is_refused_before_anybody_is_asked() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start();
    let refused = |list: &str, more: &[&str]| {
        std::fs::write(folder.path().join("list.txt"), list).unwrap();
        let output = resolve(folder.path(), &server, more).output().unwrap();
        assert_eq!(output.status.code(), Some(2));
        texts(&output).1
    };
    assert!(refused("203.0.113.7\n", &[]).contains("has no names to resolve"));
    assert!(refused("one.test\n", &["--rate", "0"]).contains("0 is not in 1..=1000"));
    let text = "x".repeat(300);
    assert!(refused("one.test\n", &["--vantage", &text]).contains("--vantage"));
    // Answers for another list are left alone.
    std::fs::write(
        folder.path().join("list.pinned.partial"),
        format!("portlog-pinned/1\nlist {} own other.txt\n", "0".repeat(64)),
    )
    .unwrap();
    let told = refused("one.test\n", &[]);
    assert!(
        told.contains("answers for another list") && told.contains("remove list.pinned.partial"),
        "{told}"
    );
    assert_eq!(server.asked().len(), 0);
}

/// Pinned answers of today, of a list with this digest.
fn pinned(folder: &Path, list: &str) {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let seen = WallTime::from_millis(i64::try_from(now.as_millis()).unwrap());
    let outcome = Outcome::Addresses {
        ttl: 60,
        addresses: vec!["203.0.113.9".parse().unwrap()],
    };
    let ok = Line::Answer(PinnedAnswer::new("ads.example.test", seen, outcome).unwrap());
    let gone = Line::Answer(PinnedAnswer::new("gone.test", seen, Outcome::NxDomain).unwrap());
    let text = format!(
        "portlog-pinned/1\nlist {list} threat hosts.txt\nresolver 192.0.2.53:53 by UDP\nvantage a \
         bench\n{ok}\n{gone}\n"
    );
    std::fs::write(folder.join("hosts.pinned"), text).unwrap();
}

fn portlog(folder: &Path, words: &[&str]) -> (Option<i32>, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_portlog"))
        .current_dir(folder)
        .args(words)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let (said, told) = texts(&output);
    (output.status.code(), said, told)
}

/// A captured tree with one connection to the pinned address.
fn tree(folder: &Path) {
    std::fs::create_dir_all(folder.join("tree/net")).unwrap();
    std::fs::write(
        folder.join("tree/net/tcp"),
        "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout \
         inode\n   0: 0A0200C0:9D15 097100CB:01BB 01 00000000:00000000 00:00000000 00000000  1000        \
         0 71 1 0000000000000000 20 4 30 10 -1\n",
    )
    .unwrap();
}

fn matches_in(folder: &Path, lists: &[&str]) -> serde_json::Value {
    let mut words = vec!["snapshot", "--proc", "tree", "--format", "json"];
    for list in lists {
        words.extend(["--list", list]);
    }
    let (status, said, told) = portlog(folder, &words);
    assert_eq!(status, Some(0), "{told}");
    let mut snapshot: serde_json::Value = serde_json::from_str(&said).unwrap();
    let socket = snapshot["sockets"][0].take();
    assert_eq!(socket["remote"], "203.0.113.9:443");
    socket
}

#[test]
fn pinned_answers_are_names_and_the_list_that_they_are_of() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    tree(folder);
    pinned(folder, &"0".repeat(64));
    // By itself: its names are the entries, in the category that it names.
    let socket = matches_in(folder, &["hosts.pinned"]);
    assert_eq!(socket["names"][0]["name"], "ads.example.test");
    assert_eq!(socket["names"][0]["source"], "pinned");
    let [matched] = &socket["matches"].as_array().unwrap()[..] else {
        panic!("{socket}")
    };
    assert_eq!(matched["kind"], "pinned");
    assert_eq!(matched["level"], "possible");
    assert_eq!(matched["category"], "threat");
    assert_eq!(matched["entry"], "ads.example.test");
    assert_eq!(
        (&matched["list"], &matched["line"]),
        (&"hosts.pinned".into(), &5.into())
    );
    let socket = matches_in(folder, &["tracker=hosts.pinned"]);
    assert_eq!(socket["matches"][0]["level"], "noted");

    // Beside its list, which is known by its digest: the list's own entry, once.
    std::fs::write(folder.join("hosts.txt"), "||example.test^\n").unwrap();
    let (_, said, _) = portlog(folder, &["list", "check", "--format", "json", "hosts.txt"]);
    let checked: serde_json::Value = serde_json::from_str(&said).unwrap();
    pinned(folder, checked["lists"][0]["sha256"].as_str().unwrap());
    let socket = matches_in(folder, &["own=hosts.txt", "hosts.pinned"]);
    let [matched] = &socket["matches"].as_array().unwrap()[..] else {
        panic!("{socket}")
    };
    assert_eq!(
        (&matched["list"], &matched["entry"], &matched["kind"]),
        (
            &"hosts.txt".into(),
            &"||example.test^".into(),
            &"pinned".into()
        )
    );
}

#[test]
fn pinned_answers_are_checked_and_explained() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    pinned(folder, &"0".repeat(64));
    let (status, said, _) = portlog(folder, &["list", "check", "hosts.pinned"]);
    assert_eq!(status, Some(0), "{said}");
    assert!(
        said.contains(
            "hosts.pinned: pinned answers: 1 names with 1 addresses, nodata 0, nxdomain 1, unanswered \
             0, bad lines 0\n"
        ),
        "{said}"
    );
    let (_, said, _) = portlog(
        folder,
        &["list", "check", "--format", "json", "hosts.pinned"],
    );
    let checked: serde_json::Value = serde_json::from_str(&said).unwrap();
    let list = &checked["lists"][0];
    assert_eq!(
        (&list["format"], &list["category"]),
        (&"pinned".into(), &"threat".into())
    );
    assert_eq!(list["pinned"]["nxdomain"], 1);

    let explain = ["list", "explain", "203.0.113.9", "--list", "hosts.pinned"];
    let (_, said, _) = portlog(folder, &explain);
    assert!(
        said.starts_with("203.0.113.9: 1 match\n") && said.contains("pinned: ads.example.test"),
        "{said}"
    );
    assert!(
        said.contains("the address was seen for the name elsewhere and earlier"),
        "{said}"
    );

    let mut text = std::fs::read_to_string(folder.join("hosts.pinned")).unwrap();
    text.push_str("answer yesterday\n");
    std::fs::write(folder.join("hosts.pinned"), &text).unwrap();
    let (status, said, _) = portlog(folder, &["list", "check", "hosts.pinned"]);
    assert_eq!(status, Some(1));
    assert!(said.contains("hosts.pinned:7: "), "{said}");
    std::fs::write(folder.join("hosts.pinned"), "portlog-pinned/2\n").unwrap();
    let (status, _, told) = portlog(folder, &explain);
    assert_eq!(status, Some(2));
    assert!(
        told.contains("of another version than portlog-pinned/1"),
        "{told}"
    );
}
