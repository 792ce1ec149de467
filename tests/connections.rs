//! Nothing leaves by itself: the files that open sockets are those that docs/SECURITY-MODEL.md lists, each
//! with whom it reaches and when, and no other.
//!
//! What is looked for are the calls that make or connect a socket, in Rust and in Kotlin, outside of
//! tests. Netlink sockets are not among them: they reach the kernel and nobody else.

#![expect(
    clippy::unwrap_used,
    reason = "a helper of a test that cannot go on fails the test"
)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Calls by which a socket comes to be or reaches someone.
const RUST: [&str; 10] = [
    "TcpStream::connect",
    "TcpListener::bind",
    "UdpSocket::bind",
    "UnixStream::connect",
    "UnixListener::bind",
    "UnixDatagram::bind",
    " Socket::new(",
    "Resolver::builder",
    "socket(family",
    "socket(AddressFamily::Inet",
];
const KOTLIN: [&str; 12] = [
    " Socket(",
    "DatagramSocket(",
    "ServerSocket(",
    "LocalSocket(",
    "LocalServerSocket(",
    "SocketChannel.open",
    "DatagramChannel.open",
    "openConnection",
    "InetAddress.getByName",
    "InetAddress.getAllByName",
    "rawQuery(",
    "WebView(",
];

#[test]
fn sockets_are_opened_where_the_security_model_says_and_nowhere_else() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut files = BTreeSet::new();
    find(&root, &root.join("rust"), "rs", &RUST, &mut files);
    let kotlin = root.join("android/src/main/kotlin");
    find(&root, &kotlin, "kt", &KOTLIN, &mut files);
    let model = fs::read_to_string(root.join("docs/SECURITY-MODEL.md")).unwrap();
    let (_, section) = model
        .split_once("\n## What may open a connection\n")
        .expect("the section that lists them");
    let section = section.split("\n## ").next().unwrap_or_default();
    let listed: BTreeSet<String> = section
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split_once('`'))
        .map(|(file, _)| file.to_owned())
        .collect();
    assert_eq!(files, listed, "left: the source, right: the document");
}

/// The files below `folder` with one of `calls` outside of comments and tests, by their path in `root`.
fn find(root: &Path, folder: &Path, ending: &str, calls: &[&str], found: &mut BTreeSet<String>) {
    let mut entries: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    entries.sort();
    for path in entries {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap();
        if path.is_dir() {
            // Tests, benchmarks and developer commands are on no phone and in no release.
            if !["tests", "benches", "examples", "xtask"].contains(&name) {
                find(root, &path, ending, calls, found);
            }
        } else if path.extension().is_some_and(|found| found == ending) && name != "tests.rs" {
            let text = fs::read_to_string(&path).unwrap();
            let shipped = text.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
            let opens = shipped
                .lines()
                .map(str::trim_start)
                .filter(|line| !line.starts_with("//") && !line.starts_with('*'))
                .any(|line| calls.iter().any(|call| line.contains(call)));
            if opens {
                let place = path.strip_prefix(root).unwrap();
                found.insert(place.display().to_string());
            }
        }
    }
}
