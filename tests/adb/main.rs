//! A desktop that watches phones over adb: the real `portlog`, the real `adb` program and its server,
//! against a stand-in for a phone's adbd that runs the shell loop for real.
//!
//! Needs Debian's packages adb, mksh, toybox and busybox, and user namespaces.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that cannot go on fails"
)]

mod adbd;
mod desk;
mod phone;

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::time::Duration;

use serde_json::Value;

use crate::adbd::{Adbd, Make};
use crate::desk::Desk;
use crate::phone::{Dialect, Phone, row};

#[test]
fn every_dialect_of_a_phone_is_read_alike() {
    let desk = Desk::new();
    let mut told = Vec::new();
    for dialect in [
        Dialect::MkshToybox,
        Dialect::Busybox,
        Dialect::Dash,
        Dialect::Old,
    ] {
        let phone = Phone::new(dialect);
        phone.deny("raw");
        let adbd = Adbd::start(phone.make());
        desk.connect(&adbd);
        let serial = adbd.serial();
        let snapshot = desk.json(&[
            "snapshot", "--source", "adb", "--serial", &serial, "--format", "json",
        ]);
        assert_eq!(snapshot["provenance"], "adb", "{dialect:?}");
        assert_eq!(snapshot["platform"], "android");
        let coverage = |item: &str| {
            let all = snapshot["coverage"].as_array().unwrap();
            let found = all.iter().find(|row| row["table"] == item).unwrap();
            (
                found["source"].clone(),
                found["status"].clone(),
                found["rows"].clone(),
            )
        };
        let row =
            |status: &str, rows: u32| (Value::from("adb"), Value::from(status), Value::from(rows));
        assert_eq!(coverage("tcp"), row("readable", 3), "{dialect:?}");
        assert_eq!(coverage("udp"), row("readable", 1), "{dialect:?}");
        assert_eq!(coverage("raw"), row("denied", 0), "{dialect:?}");
        assert_eq!(coverage("icmp"), row("absent", 0), "{dialect:?}");
        let packages = coverage("packages");
        assert_eq!(
            (packages.1, packages.2),
            ("readable".into(), 41.into()),
            "{dialect:?}"
        );
        let sockets: Vec<(String, String, String, String)> = snapshot["sockets"]
            .as_array()
            .unwrap()
            .iter()
            .map(|socket| {
                assert_eq!(socket["device"], Value::from(serial.as_str()));
                let word = |value: &Value| value.as_str().unwrap().to_owned();
                (
                    word(&socket["remote"]),
                    word(&socket["state"]),
                    word(&socket["owner"]["name"]),
                    word(&socket["owner"]["firmware"]),
                )
            })
            .collect();
        told.push(sockets);
        assert_eq!(adbd.shells_left(Duration::from_secs(5)), 0, "{dialect:?}");
        desk.adb(&["disconnect", &serial]);
    }
    let [first, rest @ ..] = told.as_slice() else {
        panic!()
    };
    let expected = [
        ("0.0.0.0:0", "listen", "system", "yes"),
        ("203.0.113.7:80", "established", "com.example.part0", "yes"),
        (
            "198.51.100.8:443",
            "established",
            "com.example.game20",
            "no",
        ),
        ("0.0.0.0:0", "close", "com.example.game20", "no"),
    ];
    for wanted in expected {
        let is_it = |(remote, state, owner, firmware): &(String, String, String, String)| {
            (
                remote.as_str(),
                state.as_str(),
                owner.as_str(),
                firmware.as_str(),
            ) == wanted
        };
        assert!(first.iter().any(is_it), "{wanted:?} in {first:?}");
    }
    assert_eq!(first.len(), expected.len());
    for other in rest {
        assert_eq!(other, first);
    }
}

#[test]
fn real_sockets_of_this_machine_come_over_adb() {
    let phone = Phone::new(Dialect::MkshToybox);
    // No tree: what the stand-in reads is the kernel's own.
    let make = Make {
        proc_root: None,
        ..phone.make()
    };
    let adbd = Adbd::start(make);
    let desk = Desk::new();
    desk.connect(&adbd);
    let mut watch = desk.watch(&["--scope", "all", "--interval", "200ms"]);
    watch.wait_for("started", |_| true);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let (mut server, _) = listener.accept().unwrap();
    let (local, remote) = (client.local_addr().unwrap(), client.peer_addr().unwrap());
    let is_ours = move |event: &Value| {
        event["connection"]["local"] == local.to_string()
            && event["connection"]["remote"] == remote.to_string()
    };
    let opened = watch.wait_for("opened", is_ours);
    assert_eq!(opened["connection"]["uid"], nix::unistd::getuid().as_raw());
    assert!(opened["after"].is_string(), "{opened}");
    client.write_all(b"x").unwrap();
    server.read_exact(&mut [0]).unwrap();
    drop((client, server));
    watch.wait_for("changed", |_| true);
    let events = watch.end();
    let started = &events[0];
    assert_eq!(started["provenance"], "adb");
    assert_eq!(started["source"], "adb");
    assert_eq!(started["platform"], "android");
    let boot = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap();
    assert_eq!(started["boot_id"], boot.trim());
    let config = |name: &str| {
        let is_it = |event: &&Value| event["event"] == "config" && event["name"] == name;
        events
            .iter()
            .find(is_it)
            .map(|event| event["value"].clone())
    };
    assert_eq!(config("users").unwrap(), "0, 10");
    assert_eq!(
        config("phone").unwrap().as_str().unwrap().split(',').next(),
        Some("Example One")
    );
    let offset = config("clock-offset").unwrap();
    let millis: i64 = offset
        .as_str()
        .unwrap()
        .strip_suffix(" ms")
        .unwrap()
        .parse()
        .unwrap();
    assert!(millis.abs() < 2_000, "{offset}");
    assert_eq!(adbd.shells_left(Duration::from_secs(5)), 0);
}

#[test]
fn a_cable_pulled_in_the_middle_of_a_table_is_a_gap_and_no_end_of_connections() {
    for (dialect, reboots) in [(Dialect::MkshToybox, false), (Dialect::Old, true)] {
        let phone = Phone::new(dialect);
        let rows: Vec<String> = (0..5_000_u32)
            .map(|at| {
                let remote = format!("{:02X}{:02X}00C6:01BB", at % 250, 18 + at / 250);
                row(
                    at,
                    "0200000A:9D15",
                    &remote,
                    "01",
                    10_001 + at % 40,
                    1_000 + at,
                )
            })
            .collect();
        phone.table("tcp", &rows);
        let adbd = Adbd::start(phone.make());
        let desk = Desk::new();
        desk.connect(&adbd);
        let mut watch = desk.watch(&["--scope", "all", "--interval", "300ms"]);
        watch.wait_for("opened", |event| event["connection"]["inode"] == 5_999);
        // A table has 750,000 bytes: somewhere within the next one.
        adbd.cut_after(300_000);
        let gap = watch.wait_for("gap", |event| event["reason"] == "unreachable");
        assert!(gap["from"].is_string());
        assert!(adbd.is_gone());
        watch.wait_for("coverage", |event| {
            event["table"] == "tcp" && event["status"] == "denied"
        });
        if reboots {
            phone.boot("ffffffff-1d2b-4c5d-8e9f-001122334455");
        }
        adbd.plug_in();
        let back = watch.wait_for("gap", |event| event["reason"] == "unreachable");
        assert_eq!(
            back["from"], gap["time"],
            "the gaps stand one behind the other"
        );
        watch.wait_for("coverage", |event| {
            event["table"] == "tcp" && event["status"] == "readable"
        });
        if reboots {
            let anew = watch.wait_for("opened", |event| event["connection"]["inode"] == 5_999);
            assert_eq!(anew["after"], Value::Null, "nothing is known of before");
        }
        let events = watch.end();
        let count = |name: &str| events.iter().filter(|event| event["event"] == name).count();
        assert_eq!(count("closed"), 0, "{dialect:?}");
        let opened = if reboots { 2 * 5_001 } else { 5_001 };
        assert_eq!(count("opened"), opened, "{dialect:?}");
        assert_eq!(adbd.shells_left(Duration::from_secs(5)), 0, "{dialect:?}");
    }
}

#[test]
fn hostile_tables_and_lists_cost_themselves_alone() {
    let phone = Phone::new(Dialect::MkshToybox);
    let good = row(7, "0200000A:9D15", "077100CB:0050", "01", 10_001, 101);
    let mut bytes = b"  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n".to_vec();
    bytes.extend(
        b"00112233445566778899aabbccddeeff e net/tcp 0\n00112233445566778899aabbccddeeff z\n",
    );
    bytes.extend(b"r 00112233445566778899aabbccddeeff dump\n\0\0\0\n\x1b[2J\r\n");
    bytes.extend(vec![b'A'; 3 << 20]);
    bytes.extend(b"\n");
    bytes.extend(good.as_bytes());
    bytes.extend(b"\n");
    phone.raw_table("tcp", &bytes);
    phone.raw_table("udp", &vec![0; 1 << 20]);
    phone.raw_table("udp6", b"");
    phone.command(
        "dumpsys",
        "exec /bin/dd if=/dev/zero bs=65536 count=100 2>/dev/null",
    );
    let adbd = Adbd::start(phone.make());
    let desk = Desk::new();
    desk.connect(&adbd);
    let snapshot = desk.json(&["snapshot", "--source", "adb", "--format", "json"]);
    let status = |item: &str| {
        let all = snapshot["coverage"].as_array().unwrap();
        let found = all.iter().find(|row| row["table"] == item).unwrap();
        (
            found["status"].as_str().unwrap().to_owned(),
            found["rows"].as_u64().unwrap(),
        )
    };
    assert_eq!(status("tcp"), ("readable".to_owned(), 1));
    assert_eq!(status("udp"), ("untrusted".to_owned(), 0));
    assert_eq!(status("udp6"), ("untrusted".to_owned(), 0));
    assert_eq!(
        status("packages"),
        ("readable".to_owned(), 41),
        "cmd has the list"
    );
    let sockets = snapshot["sockets"].as_array().unwrap();
    assert_eq!(sockets.len(), 1);
    assert_eq!(sockets[0]["owner"]["name"], "com.example.part0");
}

#[test]
fn two_phones_at_once_have_a_log_each() {
    let phones = [Phone::new(Dialect::MkshToybox), Phone::new(Dialect::Old)];
    let adbds = phones.each_ref().map(|phone| Adbd::start(phone.make()));
    let desk = Desk::new();
    for adbd in &adbds {
        desk.connect(adbd);
    }
    let error = desk.refused(&["watch", "--source", "adb", "--for", "1s"]);
    assert!(error.contains("several phones"), "{error}");
    let list = desk.file("mine.txt", "203.0.113.7\n");
    let journal = desk.path("journal");
    let serials = adbds.each_ref().map(Adbd::serial);
    let mut watch = desk.watch(&[
        "--serial",
        &serials[0],
        "--serial",
        &serials[1],
        "--list",
        &format!("own={}", list.display()),
        "--journal",
        journal.to_str().unwrap(),
        "--interval",
        "300ms",
    ]);
    for serial in &serials {
        let alert = watch.wait_for("alert", |event| event["device"] == serial.as_str());
        assert_eq!(alert["connection"]["device"], serial.as_str());
        assert_eq!(alert["connection"]["owner"]["name"], "com.example.part0");
    }
    watch.end();
    for serial in &serials {
        let folder = journal.join(serial.replace(':', "_"));
        let shown = desk.json(&["log", "show", folder.to_str().unwrap(), "--format", "json"]);
        let text = shown.to_string();
        assert!(text.contains("Example One"), "{text}");
        assert!(text.contains("203.0.113.7"), "{text}");
        let out = desk.path("bundle.txt");
        desk.run(&[
            "log",
            "export",
            folder.to_str().unwrap(),
            "-o",
            out.to_str().unwrap(),
            "--preset",
            "everything",
            "--yes",
        ]);
        let bundle = std::fs::read_to_string(&out).unwrap();
        let says_so = |line: &str| line.starts_with("provenance ") && line.ends_with(" adb");
        assert!(bundle.lines().any(says_so));
        desk.run(&["log", "verify", out.to_str().unwrap()]);
    }
}

#[test]
fn phones_that_cannot_be_had_are_said_with_the_way_out() {
    let desk = Desk::new();
    let none = desk.refused(&["snapshot", "--source", "adb"]);
    assert!(none.contains("USB debugging"), "{none}");
    let phone = Phone::new(Dialect::Dash);
    let trusting = Adbd::start(phone.make());
    let refusing = Adbd::start(Make {
        refuses: true,
        ..phone.make()
    });
    desk.connect(&trusting);
    desk.adb(&["connect", &refusing.serial()]);
    desk.wait_for_state(&refusing.serial(), "unauthorized");
    let error = desk.refused(&["watch", "--source", "adb", "--serial", &refusing.serial()]);
    assert!(error.contains("accept the question"), "{error}");
    let error = desk.refused(&["watch", "--source", "adb", "--serial", "nobody"]);
    assert!(error.contains("does not see nobody"), "{error}");
    let missing = desk.path("no-adb");
    let error = desk.refused(&["devices", "--adb", missing.to_str().unwrap()]);
    assert!(error.contains("there is no program"), "{error}");
    let error = desk.refused(&["watch", "--serial", "x"]);
    assert!(error.contains("--source adb"), "{error}");

    let devices = desk.json(&["devices", "--format", "json"]);
    let devices = devices["devices"].as_array().unwrap();
    let of = |serial: &str| {
        devices
            .iter()
            .find(|device| device["serial"] == serial)
            .unwrap()
    };
    let trusted = of(&trusting.serial());
    assert_eq!(trusted["state"], "ready");
    assert_eq!(trusted["android"], "4.4.4");
    assert_eq!(trusted["shell_uid"], 2000);
    assert_eq!(trusted["tiers"][2]["sees"], "every socket");
    assert_eq!(of(&refusing.serial())["state"], "unauthorized");
    let text = desk.run(&["devices"]);
    assert!(
        text.contains("Example One, Android 4.4.4 (API 19)"),
        "{text}"
    );
}

#[test]
fn a_killed_watch_leaves_no_loop_on_the_phone() {
    let phone = Phone::new(Dialect::MkshToybox);
    let adbd = Adbd::start(phone.make());
    let desk = Desk::new();
    desk.connect(&adbd);
    let mut watch = desk.watch(&["--interval", "200ms"]);
    watch.wait_for("opened", |_| true);
    assert_eq!(adbd.shells_left(Duration::ZERO), 1);
    watch.kill();
    assert_eq!(adbd.shells_left(Duration::from_secs(10)), 0);
}

/// Whether a program is there.
fn has(program: &str) -> bool {
    ["/bin", "/usr/bin", "/usr/local/bin"]
        .iter()
        .any(|folder| Path::new(folder).join(program).exists())
}

#[test]
fn what_these_tests_need_is_here() {
    for program in [
        "adb", "mksh", "toybox", "busybox", "unshare", "setpriv", "setsid",
    ] {
        assert!(
            has(program),
            "{program} is missing: cargo xtask test installs it"
        );
    }
}
