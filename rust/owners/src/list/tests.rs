use super::*;
use crate::{Installer, PackageFlags};
use portlog_model::Uid;
use proptest::prelude::*;

macro_rules! capture {
    ($name:literal) => {
        include_bytes!(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../../tests/captures/packages/",
            $name
        ))
        .as_slice()
    };
}

fn name(name: &str) -> PackageName {
    PackageName::new(name).unwrap()
}

fn entry<'a>(list: &'a PackageList, package: &str) -> &'a PackageEntry {
    list.entries()
        .iter()
        .find(|entry| entry.package.as_str() == package)
        .unwrap()
}

#[test]
fn every_whole_capture_is_recognised_and_read_to_the_last_line() {
    for (bytes, format, packages) in [
        (capture!("handset.pm.txt"), Format::PmList, 37),
        (capture!("handset-9.pm.txt"), Format::PmList, 37),
        (
            capture!("handset-4.4.packages.list"),
            Format::PackagesList,
            32,
        ),
        (
            capture!("handset-13.packages.list"),
            Format::PackagesList,
            37,
        ),
        (capture!("handset-4.4.dumpsys.txt"), Format::Dumpsys, 37),
        (capture!("handset-11.dumpsys.txt"), Format::Dumpsys, 37),
        (capture!("handset-14.dumpsys.txt"), Format::Dumpsys, 37),
    ] {
        let list = PackageList::parse(bytes);
        assert_eq!(list.format(), Some(format));
        assert_eq!(list.bad_lines(), []);
        assert_eq!(list.doubt(), None, "{format:?}");
        assert_eq!(
            list.coverage(),
            Coverage::readable(CoverageItem::Packages, SourceKind::Packages, packages)
        );
        assert_eq!(entry(&list, "com.example.app").uid, Uid::new(10_087));
        assert!(
            list.entries()
                .is_sorted_by_key(|entry| (&entry.package, entry.uid))
        );
    }
}

#[test]
fn a_line_with_several_uids_is_an_entry_for_each() {
    let list = PackageList::parse(capture!("handset.pm.txt"));
    let uids: Vec<u32> = list
        .entries()
        .iter()
        .filter(|entry| entry.package.as_str() == "com.example.app")
        .map(|entry| entry.uid.get())
        .collect();
    assert_eq!(uids, [10_087, 1_010_087]);
    assert_eq!(
        list.users(),
        Some(BTreeSet::from([UserId::FIRST, UserId::new(10)]))
    );
    let path = entry(&list, "com.example.app")
        .source_path
        .as_deref()
        .unwrap();
    assert!(
        path.starts_with("/data/app/~~") && path.ends_with("==/base.apk"),
        "{path}"
    );
}

#[test]
fn an_old_phones_dump_tells_places_flags_and_times() {
    let list = PackageList::parse(capture!("handset-4.4.dumpsys.txt"));
    let app = entry(&list, "com.example.app");
    assert_eq!(
        app.source_path.as_deref(),
        Some("/data/app/com.example.app-1.apk")
    );
    assert_eq!(app.flags, Some(PackageFlags::default()));
    assert_eq!(
        app.installer,
        Some(Installer::Package(name("com.example.store")))
    );
    assert_eq!(app.version.as_deref(), Some("4.4.4"));
    assert!(app.signers.is_empty(), "object hashes are no certificates");
    assert!(app.first_install_time.is_some());
    assert_eq!(
        entry(&list, "com.example.sideloaded").installer,
        Some(Installer::None)
    );
}

#[test]
fn an_update_is_joined_to_its_factory_copy() {
    for bytes in [
        capture!("handset-4.4.dumpsys.txt"),
        capture!("handset-11.dumpsys.txt"),
        capture!("handset-14.dumpsys.txt"),
    ] {
        let list = PackageList::parse(bytes);
        let updated = entry(&list, "com.example.updated");
        assert!(
            updated
                .source_path
                .as_deref()
                .unwrap()
                .starts_with("/data/app/")
        );
        assert!(
            updated
                .factory_path
                .as_deref()
                .unwrap()
                .starts_with("/system/app/Updated")
        );
        assert_eq!(
            updated.flags,
            Some(PackageFlags {
                system: true,
                updated_system: true
            })
        );
    }
}

#[test]
fn a_new_phones_dump_tells_certificates_and_the_earliest_time_of_all_users() {
    let list = PackageList::parse(capture!("handset-14.dumpsys.txt"));
    let (app, preload, firmware) = (
        entry(&list, "com.example.app"),
        entry(&list, "com.example.preload"),
        entry(&list, "com.example.firmware"),
    );
    assert_eq!(preload.signers, firmware.signers);
    assert_ne!(app.signers, firmware.signers);
    // User 0 has it since 2024-01-20 18:30:00, user 10 later.
    assert_eq!(
        app.first_install_time
            .map(portlog_model::WallTime::as_millis),
        Some(1_705_775_400_000)
    );
}

#[test]
fn a_list_that_is_no_phones_is_doubted_but_not_its_entries() {
    for (bytes, doubt) in [
        (capture!("short.pm.txt"), Doubt::Short { packages: 3 }),
        (capture!("guarded.pm.txt"), Doubt::Short { packages: 31 }),
        (
            capture!("no-uids.pm.txt"),
            Doubt::WithoutUids { packages: 37 },
        ),
        (b"".as_slice(), Doubt::Unreadable),
        (b"127.0.0.1 localhost\n".as_slice(), Doubt::Unreadable),
    ] {
        let list = PackageList::parse(bytes);
        assert_eq!(list.doubt(), Some(doubt));
        assert_eq!(list.coverage().status, CoverageStatus::Untrusted);
    }
    let list = PackageList::parse(capture!("short.pm.txt"));
    assert_eq!(entry(&list, "com.example.app").uid, Uid::new(10_087));
    assert_eq!(
        list.coverage().details,
        [CoverageDetail::ImplausiblyShort(3)]
    );
}

#[test]
fn a_refusal_is_not_an_empty_list() {
    for text in [
        "Permission Denial: can't dump PackageManager from from pid=1, uid=10087\n",
        "Error: java.lang.SecurityException: Shell does not have permission\r\n",
    ] {
        let list = PackageList::parse(text.as_bytes());
        assert_eq!(list.coverage().status, CoverageStatus::Denied);
        assert_eq!(list.doubt(), Some(Doubt::Unreadable));
    }
}

#[test]
fn noise_around_the_list_costs_its_own_lines() {
    let mut text = b"WARNING: linker: libexample.so has text relocations\n".to_vec();
    text.extend_from_slice(capture!("handset.pm.txt"));
    text.extend_from_slice(b"package:broken uid:x\n\xFF\xFE\n");
    let list = PackageList::parse(&text);
    let bad: Vec<u32> = list.bad_lines().iter().map(|bad| bad.line).collect();
    assert_eq!(bad, [1, 39, 40]);
    assert_eq!(list.doubt(), Some(Doubt::Damaged { bad: 3 }));
    let coverage = list.coverage();
    assert_eq!((coverage.rows, coverage.bad_rows), (37, 3));
    assert_eq!(coverage.status, CoverageStatus::Readable);
    assert_eq!(
        coverage.details,
        [
            CoverageDetail::FirstBadLine(1),
            CoverageDetail::BadEntries(3)
        ]
    );
}

#[test]
fn what_windows_saved_is_the_same_list() {
    let text = String::from_utf8(capture!("handset-9.pm.txt").to_vec()).unwrap();
    let utf16: Vec<u8> = std::iter::once(0xFEFF)
        .chain(text.encode_utf16())
        .flat_map(u16::to_le_bytes)
        .collect();
    assert_eq!(
        PackageList::parse(&utf16).entries(),
        PackageList::parse(capture!("handset-9.pm.txt")).entries()
    );
}

#[test]
fn a_file_without_end_is_cut_off_and_says_so() {
    let line = b"package:com.example.app uid:10087\n";
    let list = PackageList::parse_within(&line.repeat(10), line.len() * 3 + 5);
    assert_eq!(list.entries().len(), 1);
    let bad: Vec<_> = list.bad_lines().iter().map(|bad| bad.line).collect();
    assert_eq!(bad, [4, 4], "the torn line, and that it is cut off");
    assert_eq!(list.doubt(), Some(Doubt::Damaged { bad: 2 }));
    let cut = CoverageDetail::Truncated(u64::try_from(line.len() * 3 + 5).unwrap());
    assert!(list.coverage().details.contains(&cut));
}

#[test]
fn the_same_package_and_uid_twice_is_one_entry_that_knows_both() {
    let twice = |path: Option<&str>, label: Option<&str>| PackageEntry {
        source_path: path.map(Into::into),
        label: label.map(Into::into),
        ..PackageEntry::new(name("com.example.app"), Uid::new(10_087))
    };
    let list = PackageList::from_entries(vec![
        twice(Some("/data/app/a"), None),
        twice(Some("/data/app/b"), Some("Example")),
    ]);
    assert_eq!(list.format(), Some(Format::Structured));
    assert_eq!(
        list.entries(),
        [twice(Some("/data/app/a"), Some("Example"))]
    );
}

/// A phone's packages as a program of its first user passes them, 40 of the system and `apps` of the
/// user's own, and beside them three with a launcher entry of the profile that is user 10.
fn with_a_profile(apps: u32) -> PackageList {
    let entry = |package: &str, uid: u32, system: bool| PackageEntry {
        flags: Some(PackageFlags {
            system,
            updated_system: false,
        }),
        source_path: Some(
            if system {
                "/system/app/A/A.apk"
            } else {
                "/data/app/a/base.apk"
            }
            .into(),
        ),
        ..PackageEntry::new(name(package), Uid::new(uid))
    };
    let system = (0..39).map(|n| entry(&format!("com.example.s{n}"), 10_000 + n, true));
    let own = (0..apps).map(|n| entry(&format!("org.example.a{n}"), 10_100 + n, false));
    let profile = (0..3).map(|n| entry(&format!("org.example.work{n}"), 1_010_200 + n, false));
    let android = std::iter::once(entry("android", 1000, true));
    PackageList::from_entries(android.chain(system).chain(own).chain(profile).collect())
}

#[test]
fn single_packages_of_another_user_are_no_list_of_that_user() {
    let list = with_a_profile(5);
    assert_eq!(list.doubt(), None);
    assert_eq!(list.users(), Some(BTreeSet::from([UserId::FIRST])));
    assert_eq!(entry(&list, "org.example.work1").uid, Uid::new(1_010_201));
}

#[test]
fn packages_of_another_user_do_not_make_a_guarded_list_plausible() {
    let guarded = with_a_profile(1);
    assert_eq!(guarded.doubt(), Some(Doubt::Short { packages: 41 }));
}

#[test]
fn a_digest_is_of_the_file_as_it_was() {
    let list = PackageList::parse(b"abc");
    assert_eq!(
        list.sha256().unwrap().to_string(),
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    );
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..2048)) {
        let _ = PackageList::parse(&bytes).coverage();
    }

    #[test]
    fn no_damage_to_a_real_list_makes_it_panic(
        which in 0usize..4,
        at in any::<proptest::sample::Index>(),
        end in any::<proptest::sample::Index>(),
        with in proptest::collection::vec(any::<u8>(), 0..8),
    ) {
        let mut bytes = [
            capture!("handset.pm.txt"),
            capture!("handset-13.packages.list"),
            capture!("handset-4.4.dumpsys.txt"),
            capture!("handset-14.dumpsys.txt"),
        ][which]
        .to_vec();
        let (from, to) = (at.index(bytes.len()), end.index(bytes.len()));
        bytes.splice(from.min(to)..from.max(to), with);
        let list = PackageList::parse(&bytes);
        prop_assert!(list.entries().len() <= 45);
    }

    #[test]
    fn the_order_of_lines_does_not_matter(order in Just((0..37usize).collect::<Vec<_>>()).prop_shuffle()) {
        let text = std::str::from_utf8(capture!("handset.pm.txt")).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        let shuffled: String = order.iter().flat_map(|&at| [lines[at], "\n"]).collect();
        let (a, b) = (PackageList::parse(text.as_bytes()), PackageList::parse(shuffled.as_bytes()));
        prop_assert_eq!(a.entries(), b.entries());
    }

    #[test]
    fn packages_list_lines_are_read_back(
        rows in proptest::collection::btree_map("[a-z]{1,6}(\\.[a-z]{1,6}){1,2}", any::<u32>(), 1..20),
    ) {
        let text: String = rows
            .iter()
            .flat_map(|(name, uid)| [name.clone(), format!(" {uid} 0 /data/data/x default none\n")])
            .collect();
        let list = PackageList::parse(text.as_bytes());
        let back: std::collections::BTreeMap<String, u32> = list
            .entries()
            .iter()
            .map(|entry| (entry.package.to_string(), entry.uid.get()))
            .collect();
        prop_assert_eq!(back, rows);
    }
}

#[test]
fn a_list_from_an_asker_that_may_not_see_all_proves_no_absence() {
    let list = PackageList::parse(capture!("handset.pm.txt"));
    assert_eq!(list.doubt(), None);
    let list = list.withheld();
    assert_eq!(list.doubt(), Some(Doubt::Short { packages: 37 }));
    assert_eq!(list.coverage().status, CoverageStatus::Untrusted);
}
