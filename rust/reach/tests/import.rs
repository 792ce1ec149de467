//! Reports as captures: what a bug report or an acquisition says, and what each that is none is told.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::Write as _;
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::os::fd::AsRawFd as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::process::Command;

use portlog_model::{CoverageStatus, Provenance, SocketState, SourceKind, Table};
use portlog_reach::import::{Error, Import, ImportSource};
use portlog_reach::{News, Remote as _};
use portlog_sockets::{Batch, Polled, Source as _};
use proptest::prelude::*;
use tempfile::TempDir;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

const SS: &str = "\
Netid  State      Recv-Q Send-Q Local Address:Port               Peer Address:Port
tcp    ESTAB      0      0      192.0.2.23:40000                 203.0.113.5:443                 uid:10012 ino:501 sk:1 <->
\t cubic wscale:7,7 rto:204 rtt:1.5/0.75
tcp    SYN-SENT   0      1      [2001:db8::23]:40001             [2001:db8:1::9]:443             uid:1000 ino:502 sk:2 <->
udp    ESTAB      0      0      192.0.2.23:40002                 203.0.113.53:53                 uid:10087 ino:503 sk:3 <->
tcp    MELTED     0      0      192.0.2.23:40003                 203.0.113.5:443                 uid:10012 ino:504
";

const NETSTAT: &str = "\
Active Internet connections (servers and established)
Proto Recv-Q Send-Q Local Address    Foreign Address   State       User       Inode       PID/Program Name
tcp        0      0 192.0.2.23:40000 203.0.113.5:443   CLOSE_WAIT  10012      501         -
tcp6       0      0 :::5555          :::*              LISTEN      2000       505         -
udp        0      0 0.0.0.0:68       0.0.0.0:*                     1073       506         -
";

/// A report with these sections: title, command, text.
fn report(sections: &[(&str, &str, &str)]) -> String {
    let rule = "=".repeat(56);
    let mut text = format!(
        "{rule}\n== dumpstate: 2026-05-04 15:45:00\n{rule}\n\nBuild: EXAMPLE\n\
         Build fingerprint: 'example/one/one:14/EX/1:user/release-keys'\nBootloader: unknown\n\
         Kernel: Linux version 5.10.198-android13 (builder@example.test) (clang) #1 SMP\n\
         Uptime: up 0 weeks, 1 day, 2 hours, 3 minutes\n\n"
    );
    for (title, command, body) in sections {
        write!(text, "------ {title} ({command}) ------\n{body}").unwrap();
        write!(
            text,
            "------ 0.041s was the duration of '{title}' ------\n\n"
        )
        .unwrap();
    }
    text
}

fn properties() -> &'static str {
    "[gsm.version.baseband]: [M1]\n[persist.sys.timezone]: [Europe/Berlin]\n\
     [ro.product.manufacturer]: [Example]\n[ro.product.model]: [One]\n\
     [ro.build.version.release]: [14]\n[ro.build.version.sdk]: [34]\n\
     [ro.build.version.security_patch]: [2026-04-05]\n"
}

/// The package manager's dump of the invented phone.
fn dumpsys() -> String {
    let captures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/captures/packages");
    let packages = fs::read_to_string(captures.join("handset-14.dumpsys.txt")).unwrap();
    let rule = "-".repeat(79);
    format!(
        "{rule}\nDUMP OF SERVICE CRITICAL activity:\nnothing\n--------- 0.1s was the duration of dumpsys activity\n\
         {rule}\nDUMP OF SERVICE package:\n{packages}--------- 0.5s was the duration of dumpsys package, \
         ending at: 2026-05-04 15:45:09\n{rule}\nDUMP OF SERVICE wifi:\nPackages:\n  Package [com.example.false]\n"
    )
}

fn whole() -> String {
    report(&[
        ("SYSTEM PROPERTIES", "getprop", properties()),
        ("DETAILED SOCKET STATE", "ss -eionptu", SS),
        ("NETSTAT", "netstat -npWae", NETSTAT),
        ("DUMPSYS", "/system/bin/dumpsys", &dumpsys()),
    ])
}

fn open(text: &str) -> Result<Import, Error> {
    let place = TempDir::new().unwrap();
    let path = place.path().join("dumpstate.txt");
    fs::write(&path, text).unwrap();
    Import::open(&path)
}

fn zip(path: &Path, files: &[(&str, &str)]) {
    let mut zip = ZipWriter::new(File::create(path).unwrap());
    for (name, text) in files {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    zip.finish().unwrap();
}

fn rows(import: &Import) -> Vec<String> {
    let rows = import.batch.rows.iter();
    rows.map(|row| {
        let uid = row.uid.map(|uid| uid.to_string());
        format!(
            "{} {} {} {} {}",
            row.table,
            row.state,
            row.local,
            row.remote,
            uid.unwrap_or_default()
        )
    })
    .collect()
}

#[test]
fn a_report_has_its_sockets_packages_phone_and_time() {
    let import = open(&whole()).unwrap();
    assert_eq!(
        rows(&import),
        [
            "tcp established 192.0.2.23:40000 203.0.113.5:443 10012",
            "tcp6 syn_sent [2001:db8::23]:40001 [2001:db8:1::9]:443 1000",
            "udp established 192.0.2.23:40002 203.0.113.53:53 10087",
            "tcp6 listen [::]:5555 [::]:0 2000",
            "udp close 0.0.0.0:68 0.0.0.0:0 1073",
        ]
    );
    // 15:45 in Berlin in May.
    assert_eq!(import.at.wall.as_millis(), 1_777_902_300_000);
    assert_eq!(
        import.at.boot.as_nanos(),
        (26 * 60 + 3) * 60 * 1_000_000_000
    );
    let packages = import.packages.as_ref().unwrap();
    assert_eq!(packages.doubt(), None);
    assert!(
        packages
            .entries()
            .iter()
            .all(|entry| entry.package.as_str() != "com.example.false")
    );
    let device = import.device.to_string();
    assert!(
        device.starts_with("Example One, Android 14 (API 34)"),
        "{device}"
    );
    assert!(device.contains("kernel 5.10.198-android13"), "{device}");
    assert_eq!(import.remarks, [""; 0]);
    let report = import.batch.report(Table::Tcp);
    assert_eq!(
        (report.status, report.rows, report.bad_rows),
        (CoverageStatus::Readable, 1, 1)
    );
    assert_eq!(report.source, SourceKind::Import);
    assert_eq!(
        import.batch.report(Table::Icmp).status,
        CoverageStatus::Absent
    );
    assert_eq!(import.batch.report(Table::Udp).without_peer, 1);
}

#[test]
fn a_zip_is_read_by_the_entry_that_it_names_and_else_by_name() {
    let place = TempDir::new().unwrap();
    let path = place.path().join("bugreport.zip");
    let text = whole();
    for files in [
        vec![
            ("main_entry.txt", "bugreport-one.txt\n"),
            ("bugreport-one.txt", &text),
            ("FS/data/bugreport-x.txt", "no"),
        ],
        vec![
            ("version.txt", "2.0"),
            ("bugreport-one.txt", "short"),
            ("dumpstate-2026.txt", &text),
        ],
    ] {
        zip(&path, &files);
        assert_eq!(Import::open(&path).unwrap().batch.rows.len(), 5);
    }
    zip(&path, &[("readme.txt", "no report")]);
    assert!(matches!(Import::open(&path), Err(Error::NoReport { .. })));
    zip(&path, &[("x/acquisition.json", "{}")]);
    assert!(matches!(
        Import::open(&path),
        Err(Error::PackedAcquisition { .. })
    ));
    fs::write(&path, b"PK\x03\x04 and no more").unwrap();
    assert!(matches!(Import::open(&path), Err(Error::Zip { .. })));
}

#[test]
fn what_is_missing_or_refused_is_never_an_empty_table() {
    let none = open(&report(&[])).unwrap();
    assert_eq!(none.batch.report(Table::Tcp).status, CoverageStatus::Absent);
    assert!(none.packages.is_none());
    assert_eq!(none.remarks.len(), 4, "{:?}", none.remarks);

    let refused = "*** command 'ss -eionptu' failed: exit code 1\n";
    let import = open(&report(&[(
        "DETAILED SOCKET STATE",
        "ss -eionptu",
        refused,
    )]))
    .unwrap();
    assert_eq!(
        import.batch.report(Table::Tcp).status,
        CoverageStatus::Denied
    );
    assert!(
        import
            .remarks
            .iter()
            .any(|remark| remark.contains("refused ss"))
    );

    let import = open(&report(&[("DETAILED SOCKET STATE", "ss -eionptu", SS)])).unwrap();
    assert!(
        import
            .remarks
            .iter()
            .any(|remark| remark.contains("listeners"))
    );
    assert_eq!(
        import.batch.report(Table::Raw).status,
        CoverageStatus::Absent
    );
}

#[test]
fn what_is_no_report_says_what_to_do() {
    let place = TempDir::new().unwrap();
    let path = place.path().join("x");
    for (bytes, wanted) in [
        (&b"hello\n"[..], "no bug report"),
        (b"\x1f\x8b\x08", "unpack"),
        (b"", "no bug report"),
    ] {
        fs::write(&path, bytes).unwrap();
        let said = Import::open(&path).unwrap_err().to_string();
        assert!(said.contains(wanted), "{said}");
    }
    let said = Import::open(&place.path().join("none"))
        .unwrap_err()
        .to_string();
    assert!(said.contains("cannot read"), "{said}");
    assert!(matches!(
        Import::open(place.path()),
        Err(Error::NoReport { .. })
    ));
    fs::write(place.path().join("2026.zip.age"), "sealed").unwrap();
    assert!(matches!(
        Import::open(place.path()),
        Err(Error::Encrypted { .. })
    ));
}

#[test]
fn an_acquisition_lends_what_its_report_lacks() {
    let place = TempDir::new().unwrap();
    let write = |name: &str, text: &str| fs::write(place.path().join(name), text).unwrap();
    write("acquisition.json", "{}");
    assert!(matches!(
        Import::open(place.path()),
        Err(Error::NoSockets { .. })
    ));
    let sockets = report(&[("DETAILED SOCKET STATE", "ss -eionptu", SS)]);
    zip(
        &place.path().join("bugreport.zip"),
        &[("bugreport.txt", &sockets)],
    );
    write("getprop.txt", properties());
    write(
        "packages.json",
        r#"[{"name":"com.example.one","uid":10012,"installer":"null","system":true,"third_party":false,
             "files":[{"path":"/system/app/One/One.apk"}]},
            {"name":"not a name","uid":1},
            {"name":"org.example.two","uid":10087,"installer":"org.example.store","system":false,
             "third_party":true,"files":[]}]"#,
    );
    let import = Import::open(place.path()).unwrap();
    assert_eq!(
        import.device.to_string().split(',').next(),
        Some("Example One")
    );
    let packages = import.packages.unwrap();
    let entries = packages.entries();
    assert_eq!(entries.len(), 2);
    assert_eq!(
        entries[0].source_path.as_deref(),
        Some("/system/app/One/One.apk")
    );
    assert!(entries[0].flags.unwrap().system && !entries[1].flags.unwrap().system);

    write("dumpsys.txt", &dumpsys());
    let import = Import::open(place.path()).unwrap();
    assert!(import.packages.unwrap().entries().len() > 30);
    write("dumpsys.txt", "nothing");
    write("packages.json", "{");
    assert!(matches!(
        Import::open(place.path()),
        Err(Error::Damaged { .. })
    ));
}

#[test]
fn it_is_one_look_and_no_second_one() {
    let mut source = ImportSource::new(open(&whole()).unwrap());
    assert_eq!(source.provenance(), Provenance::Import);
    let mut batch = Batch::default();
    assert!(matches!(source.poll(&mut batch).unwrap(), Polled::At(_)));
    assert_eq!(batch.rows[0].state, SocketState::Established);
    let mut news = Vec::new();
    source.news(&mut news);
    assert!(matches!(
        news.as_slice(),
        [News::Device(_), News::Packages(_)]
    ));
    assert_eq!(source.poll(&mut batch).unwrap(), Polled::Finished);
    assert!(batch.rows.is_empty());
    source.news(&mut news);
    assert_eq!(news.len(), 2);
}

/// The programs of this machine print as those of a phone do, and what they say is what is so.
#[test]
fn real_programs_are_read() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let out = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let datagrams = UdpSocket::bind("[::1]:0").unwrap();
    let inode = fs::metadata(format!("/proc/self/fd/{}", out.as_raw_fd()))
        .unwrap()
        .ino();
    let printed = |program: &str, flags: &str| {
        let output = Command::new(program).arg(flags).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    let (ss, netstat) = (printed("ss", "-eionptu"), printed("netstat", "-npWae"));
    let ends = (out.local_addr().unwrap(), out.peer_addr().unwrap());
    for sections in [
        &[("DETAILED SOCKET STATE", "ss -eionptu", &*ss)][..],
        &[("NETSTAT", "netstat -npWae", &*netstat)],
    ] {
        let import = open(&report(sections)).unwrap();
        let found = import.batch.rows.iter().find(|row| {
            let (local, remote) = (row.local, row.remote);
            (local.to_string(), remote.to_string()) == (ends.0.to_string(), ends.1.to_string())
        });
        let row = found.unwrap();
        assert_eq!(
            (row.table, row.state),
            (Table::Tcp, SocketState::Established)
        );
        assert_eq!(row.inode.unwrap().get(), inode);
        assert_eq!(row.uid.unwrap().get(), nix::unistd::geteuid().as_raw());
    }
    let import = open(&report(&[("NETSTAT", "netstat -npWae", &netstat)])).unwrap();
    let has = |table, local: String| {
        import
            .batch
            .rows
            .iter()
            .any(|row| row.table == table && row.local.to_string() == local)
    };
    assert!(has(Table::Tcp, listener.local_addr().unwrap().to_string()));
    assert!(has(
        Table::Udp6,
        datagrams.local_addr().unwrap().to_string()
    ));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_report_panics(
        pieces in prop::collection::vec(
            prop_oneof![
                "\\PC{0,60}",
                Just("------ X (ss -eionptu) ------".to_owned()),
                Just("------ X (netstat -npWae) ------".to_owned()),
                Just("------ SYSTEM PROPERTIES (getprop) ------".to_owned()),
                Just("DUMP OF SERVICE package:".to_owned()),
                Just("== dumpstate: 2026-05-04 13:45:00".to_owned()),
                "Uptime: up [0-9]{1,25} (weeks|day|hours)",
                "(tcp|udp|raw6) [A-Z_-]{0,9} [0-9]{1,20} 0 [0-9a-f:.*\\[\\]%]{0,30} [0-9a-f:.*]{0,30} (uid|ino):[0-9-]{0,22}",
                "\\[persist.sys.timezone\\]: \\[(GMT[+-][0-9]{1,12}:[0-9]{1,12}|\\PC{0,9})\\]",
            ],
            0..30,
        ),
    ) {
        let _ = open(&pieces.join("\n"));
    }
}
