//! Pinned answers beside the list that they are of.

use super::*;

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
