use super::*;
use crate::{Installer, PackageEntry, PackageFlags, Signer};
use portlog_model::{Firmware, PackageName, Role, UserId, WallTime};

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

fn phone(bytes: &[u8]) -> Directory {
    Directory::android(PackageList::parse(bytes))
}

fn who(directory: &mut Directory, raw: u32) -> Arc<Owner> {
    directory.owner(Some(Uid::new(raw)))
}

fn package(name: &str) -> PackageName {
    PackageName::new(name).unwrap()
}

fn packages(owner: &Owner) -> Vec<&str> {
    owner.packages.iter().map(PackageName::as_str).collect()
}

fn roles(owner: &Owner) -> Vec<Role> {
    owner.roles.iter().collect()
}

/// The invented phone, with as much as Android's own package manager tells an app.
fn structured() -> Vec<PackageEntry> {
    PackageList::parse(capture!("handset-14.dumpsys.txt"))
        .entries()
        .iter()
        .cloned()
        .map(|entry| PackageEntry {
            label: Some(format!("Label of {}", entry.package).into()),
            launcher_entry: Some(matches!(
                entry.package.as_str(),
                "com.example.app" | "com.example.preload" | "com.example.platform.settings"
            )),
            ..entry
        })
        .collect()
}

#[test]
fn the_handset_is_told_as_it_is_by_each_dump() {
    for bytes in [
        capture!("handset-4.4.dumpsys.txt"),
        capture!("handset-11.dumpsys.txt"),
        capture!("handset-14.dumpsys.txt"),
    ] {
        let mut phone = phone(bytes);
        for (raw, kind, firmware) in [
            (0, OwnerKind::System, Firmware::Yes),
            (1000, OwnerKind::System, Firmware::Yes),
            (1001, OwnerKind::System, Firmware::Yes),
            (2000, OwnerKind::Shell, Firmware::No),
            (5001, OwnerKind::System, Firmware::Yes),
            (10_012, OwnerKind::App, Firmware::Yes),
            (10_030, OwnerKind::Shared, Firmware::Yes),
            (10_060, OwnerKind::Shared, Firmware::Mixed),
            (10_075, OwnerKind::App, Firmware::Yes),
            (10_087, OwnerKind::App, Firmware::No),
            (10_091, OwnerKind::App, Firmware::No),
            (1_010_087, OwnerKind::App, Firmware::No),
            (1_010_012, OwnerKind::App, Firmware::Yes),
            (20_087, OwnerKind::Sandbox, Firmware::No),
            (90_001, OwnerKind::Isolated, Firmware::Unknown),
            (99_007, OwnerKind::Isolated, Firmware::Unknown),
            (10_200, OwnerKind::Removed, Firmware::Unknown),
            (1_010_200, OwnerKind::Removed, Firmware::Unknown),
            (50_087, OwnerKind::Unknown, Firmware::Unknown),
            (65_534, OwnerKind::Unknown, Firmware::Unknown),
        ] {
            let owner = who(&mut phone, raw);
            assert_eq!((owner.kind, owner.firmware), (kind, firmware), "{raw}");
            assert_eq!(owner.uid, Some(Uid::new(raw)));
            assert_eq!(owner.user, Some(UserId::new(raw / 100_000)));
            assert!(!owner.name.is_empty());
        }
    }
}

#[test]
fn every_owner_says_why() {
    let mut phone = phone(capture!("handset-14.dumpsys.txt"));
    for (raw, why) in [
        (1000, OwnerReason::PlatformId { name: "system" }),
        (5001, OwnerReason::PlatformRange { range: "vendor" }),
        (2000, OwnerReason::AdbShell),
        (
            10_012,
            OwnerReason::OnFirmwarePartition {
                package: package("com.example.firmware"),
                path: Some("/system/priv-app/Firmware".into()),
            },
        ),
        (
            10_075,
            OwnerReason::UpdatedFirmware {
                package: package("com.example.updated"),
            },
        ),
        (
            10_070,
            OwnerReason::SignedAsFirmware {
                package: package("com.example.preload"),
            },
        ),
        (
            10_071,
            OwnerReason::PresentSinceFirstBoot {
                package: package("com.example.firstboot"),
            },
        ),
        (
            10_087,
            OwnerReason::InstalledInData {
                package: package("com.example.app"),
            },
        ),
        (10_060, OwnerReason::MixedPackages { firmware: 1, of: 2 }),
        (
            20_087,
            OwnerReason::SandboxOf {
                app: Uid::new(10_087),
            },
        ),
        (99_007, OwnerReason::IsolatedProcess),
        (10_200, OwnerReason::NotInPackageList),
        (50_087, OwnerReason::UnassignedRange),
        (65_534, OwnerReason::OverflowId),
    ] {
        assert_eq!(who(&mut phone, raw).why, why, "{raw}");
    }
    assert_eq!(phone.owner(None).why, OwnerReason::NoOwnerInRow);
    assert_eq!(phone.owner(None).uid, None);
}

#[test]
fn a_shared_uid_is_its_whole_set() {
    let mut phone = phone(capture!("handset.pm.txt"));
    let owner = who(&mut phone, 10_030);
    assert_eq!(
        packages(&owner),
        ["com.example.shared.one", "com.example.shared.two"]
    );
    assert_eq!(&*owner.name, "com.example.shared.one (+1)");
    let system = who(&mut phone, 1000);
    assert_eq!(
        packages(&system),
        ["android", "com.example.platform.settings"]
    );
    assert_eq!(&*system.name, "system");
}

#[test]
fn a_path_alone_decides_less_than_a_dump() {
    let mut phone = phone(capture!("handset.pm.txt"));
    for (raw, firmware) in [
        (10_012, Firmware::Yes),
        (10_060, Firmware::Mixed),
        (10_070, Firmware::No),
        (10_075, Firmware::No),
        (10_087, Firmware::No),
    ] {
        assert_eq!(who(&mut phone, raw).firmware, firmware, "{raw}");
    }
    assert_eq!(
        who(&mut phone, 10_075).why,
        OwnerReason::InDataByPathAlone {
            package: package("com.example.updated")
        }
    );
}

#[test]
fn packages_list_tells_levels_only_since_android_12() {
    let mut old = phone(capture!("handset-4.4.packages.list"));
    assert_eq!(who(&mut old, 10_012).firmware, Firmware::Unknown);
    assert!(matches!(
        who(&mut old, 10_087).why,
        OwnerReason::NoPathKnown { .. }
    ));
    assert_eq!(who(&mut old, 1000).firmware, Firmware::Yes);
    let mut new = phone(capture!("handset-13.packages.list"));
    assert!(matches!(
        who(&mut new, 10_012).why,
        OwnerReason::MarkedAsSystem { .. }
    ));
    assert!(matches!(
        who(&mut new, 10_087).why,
        OwnerReason::InstalledInData { .. }
    ));
}

#[test]
fn roles_come_from_ids_and_from_packages_that_come_with_the_phone() {
    let mut phone = phone(capture!("handset.pm.txt"));
    for raw in [1013, 1016, 1023, 1029, 1051, 1052, 1053, 1073, 10_041] {
        assert_eq!(roles(&who(&mut phone, raw)), [Role::GoBetween], "{raw}");
    }
    assert_eq!(roles(&who(&mut phone, 10_052)), [Role::UserFacing]);
    for raw in [0, 1000, 1001, 2000, 10_012, 10_030, 10_087, 99_007, 10_200] {
        assert!(who(&mut phone, raw).roles.is_empty(), "{raw}");
    }
}

#[test]
fn a_role_cannot_be_had_by_installing_its_name() {
    let mut phone = phone(
        b"package:/data/app/com.android.webview-1/base.apk=com.android.webview uid:10150\n\
          package:/data/app/com.android.browser-1/base.apk=com.android.browser uid:10151\n",
    );
    assert!(who(&mut phone, 10_150).roles.is_empty());
    assert!(who(&mut phone, 10_151).roles.is_empty());
}

#[test]
fn a_launcher_entry_makes_what_comes_with_the_phone_user_facing() {
    let mut phone = Directory::android(PackageList::from_entries(structured()));
    assert_eq!(roles(&who(&mut phone, 10_070)), [Role::UserFacing]);
    assert!(who(&mut phone, 10_087).roles.is_empty(), "not firmware");
    assert!(
        who(&mut phone, 10_052).roles.is_empty(),
        "the list says it has no entry"
    );
    assert!(
        who(&mut phone, 1000).roles.is_empty(),
        "the settings are not all of system"
    );
    assert_eq!(&*who(&mut phone, 10_087).name, "Label of com.example.app");
    assert_eq!(
        &*who(&mut phone, 20_087).name,
        "Label of com.example.app:sdk_sandbox"
    );
}

#[test]
fn a_package_of_a_profile_is_named_and_the_rest_of_the_profile_is_not_known() {
    let mut entries: Vec<_> = (0..40)
        .map(|n| PackageEntry::new(package(&format!("com.example.p{n}")), Uid::new(10_100 + n)))
        .collect();
    entries.push(PackageEntry::new(package("android"), Uid::new(1000)));
    let mut work = PackageEntry::new(package("org.example.work"), Uid::new(1_010_200));
    work.label = Some("Work".into());
    work.launcher_entry = Some(true);
    entries.push(work);
    let mut phone = Directory::android(PackageList::from_entries(entries));
    let named = who(&mut phone, 1_010_200);
    assert_eq!((named.kind, &*named.name), (OwnerKind::App, "Work"));
    let user = UserId::new(10);
    let unlisted = who(&mut phone, 1_010_300);
    assert_eq!(unlisted.why, OwnerReason::UserNotListed { user });
    assert_eq!(unlisted.kind, OwnerKind::Unknown);
    assert_eq!(who(&mut phone, 10_300).why, OwnerReason::NotInPackageList);
}

#[test]
fn a_label_cannot_break_a_line() {
    let mut entry = PackageEntry::new(package("com.example.app"), Uid::new(10_087));
    entry.label = Some("Sys\u{202E}tem\n\u{1b}[2J".into());
    let mut phone = Directory::android(PackageList::from_entries(vec![entry]));
    assert_eq!(&*who(&mut phone, 10_087).name, "System [2J");
}

#[test]
fn an_absence_proves_nothing_where_the_list_is_in_doubt() {
    for (bytes, why) in [
        (
            capture!("short.pm.txt"),
            OwnerReason::PackageListShort { packages: 3 },
        ),
        (
            capture!("no-uids.pm.txt"),
            OwnerReason::PackageListWithoutUids { packages: 37 },
        ),
        (b"".as_slice(), OwnerReason::PackageListUnreadable),
    ] {
        let mut phone = phone(bytes);
        let owner = who(&mut phone, 10_200);
        assert_eq!((owner.kind, &owner.why), (OwnerKind::Unknown, &why));
        assert_eq!(&*owner.name, "u0_a200");
    }
    let mut damaged = capture!("handset.pm.txt").to_vec();
    damaged.extend_from_slice(b"package:com.exam");
    damaged.push(0xFF);
    let mut phone = phone(&damaged);
    assert_eq!(
        who(&mut phone, 10_200).why,
        OwnerReason::PackageListDamaged { bad: 1 }
    );
}

#[test]
fn the_entries_of_a_short_list_are_not_doubted() {
    let mut phone = phone(capture!("short.pm.txt"));
    assert_eq!(who(&mut phone, 10_087).kind, OwnerKind::App);
    assert_eq!(who(&mut phone, 10_087).firmware, Firmware::No);
    assert_eq!(who(&mut phone, 10_012).firmware, Firmware::Yes);
}

#[test]
fn a_list_of_one_user_says_nothing_of_another() {
    let mut phone = phone(capture!("handset-9.pm.txt"));
    assert_eq!(who(&mut phone, 10_200).kind, OwnerKind::Removed);
    let other = who(&mut phone, 1_010_200);
    assert_eq!(other.kind, OwnerKind::Unknown);
    assert_eq!(
        other.why,
        OwnerReason::UserNotListed {
            user: UserId::new(10)
        }
    );
    // The same app id is the same app in every user.
    assert_eq!(packages(&who(&mut phone, 1_010_087)), ["com.example.app"]);
}

#[test]
fn without_a_list_the_platforms_ids_are_known_all_the_same() {
    for (reason, why, status) in [
        (
            Unlisted::NotGiven,
            OwnerReason::NoPackageList,
            CoverageStatus::Absent,
        ),
        (
            Unlisted::Denied { errno: Some(13) },
            OwnerReason::PackageListUnreadable,
            CoverageStatus::Denied,
        ),
    ] {
        let mut phone = Directory::android_unlisted(reason);
        assert_eq!(phone.platform(), Platform::Android);
        assert_eq!(phone.coverage().status, status);
        assert_eq!(who(&mut phone, 1000).firmware, Firmware::Yes);
        assert_eq!(who(&mut phone, 10_087).why, why);
        assert_eq!(who(&mut phone, 10_087).firmware, Firmware::Unknown);
        assert_eq!(who(&mut phone, 20_087).kind, OwnerKind::Sandbox);
    }
}

#[test]
fn the_list_in_numbers() {
    let info = phone(capture!("handset.pm.txt")).info();
    assert_eq!((info.packages, info.uids), (37, 37));
    assert!(info.sha256.is_some());
    let entries = PackageList::from_entries(structured());
    assert_eq!(Directory::android(entries).info().sha256, None);
}

#[test]
fn signer_and_time_count_only_within_what_is_told() {
    let firmware = |n: u32| PackageEntry {
        source_path: Some("/system/app/F/F.apk".into()),
        signers: Signer::new("aa").into_iter().collect(),
        first_install_time: Some(WallTime::from_millis(1_400_000_000_000)),
        ..PackageEntry::new(package(&format!("com.example.f{n}")), Uid::new(10_000 + n))
    };
    let app = PackageEntry {
        source_path: Some("/data/app/com.example.app-1/base.apk".into()),
        flags: Some(PackageFlags::default()),
        installer: Some(Installer::None),
        signers: Signer::new("bb").into_iter().collect(),
        first_install_time: Some(WallTime::from_millis(1_500_000_000_000)),
        ..PackageEntry::new(package("com.example.app"), Uid::new(10_087))
    };
    let mut entries: Vec<_> = (0..4).map(firmware).collect();
    entries.push(app);
    let mut phone = Directory::android(PackageList::from_entries(entries));
    assert_eq!(who(&mut phone, 10_087).firmware, Firmware::No);
}

#[test]
fn on_another_linux_uids_are_people_and_services() {
    let accounts = Accounts::parse(
        b"root:x:0:0::/root:/bin/sh\nalice:x:1000:1000::/home/alice:/bin/sh\n\
          resolve:x:101:101::/:/bin/false\nnobody:x:65534:65534::/:/bin/false\n",
    );
    let mut linux = Directory::linux(accounts);
    assert_eq!(linux.platform(), Platform::Linux);
    for (raw, kind, name) in [
        (0, OwnerKind::Service, "root"),
        (101, OwnerKind::Service, "resolve"),
        (1000, OwnerKind::User, "alice"),
        (65_534, OwnerKind::Service, "nobody"),
        (1234, OwnerKind::Unknown, "1234"),
    ] {
        let owner = who(&mut linux, raw);
        assert_eq!((owner.kind, &*owner.name), (kind, name));
        assert_eq!(owner.firmware, Firmware::Unknown);
        assert_eq!((owner.uid, owner.user), (Some(Uid::new(raw)), None));
    }
    assert_eq!(who(&mut linux, 1234).why, OwnerReason::NoAccount);
    let mut blind = Directory::linux(Accounts::unreadable(Some(13)));
    assert_eq!(who(&mut blind, 0).why, OwnerReason::AccountsUnreadable);
    assert_eq!(blind.coverage().status, CoverageStatus::Denied);
}

#[test]
fn an_answer_is_made_once() {
    let mut phone = phone(capture!("handset.pm.txt"));
    assert!(Arc::ptr_eq(
        &who(&mut phone, 10_087),
        &who(&mut phone, 10_087)
    ));
    assert!(Arc::ptr_eq(&phone.owner(None), &phone.owner(None)));
    let program = |pid| Program {
        name: "exampled".into(),
        pid,
    };
    let uid = Some(Uid::ROOT);
    let first = phone.owner_of_program(uid, program(7));
    assert_eq!(first.program, Some(program(7)));
    assert_eq!(first.kind, OwnerKind::System);
    assert!(Arc::ptr_eq(
        &first,
        &phone.owner_of_program(uid, program(7))
    ));
    assert!(!Arc::ptr_eq(
        &first,
        &phone.owner_of_program(uid, program(8))
    ));
    assert_eq!(phone.owner(uid).program, None);
}

#[test]
fn candidates_are_added_and_not_kept() {
    let mut phone = phone(capture!("handset.pm.txt"));
    let candidates = vec![Program {
        name: "exampled".into(),
        pid: 7,
    }];
    let owner = phone.owner_with_candidates(Some(Uid::ROOT), candidates.clone());
    assert_eq!(owner.candidates, candidates);
    assert!(phone.owner(Some(Uid::ROOT)).candidates.is_empty());
    let none = phone.owner_with_candidates(Some(Uid::ROOT), Vec::new());
    assert!(Arc::ptr_eq(&none, &phone.owner(Some(Uid::ROOT))));
}

#[test]
fn walking_through_all_uids_costs_no_memory_without_end() {
    let mut phone = phone(capture!("handset.pm.txt"));
    for raw in 0..20_000 {
        let _ = who(&mut phone, raw);
    }
    assert!(phone.owners.len() <= MAX_KEPT);
    assert_eq!(who(&mut phone, 10_087).kind, OwnerKind::App);
}

proptest::proptest! {
    #[test]
    fn every_uid_has_an_owner_with_a_name(raw in proptest::prelude::any::<u32>()) {
        for mut directory in [
            phone(capture!("handset-13.packages.list")),
            Directory::android_unlisted(Unlisted::NotGiven),
            Directory::linux(Accounts::parse(b"root:x:0:0::/:/\n")),
        ] {
            let owner = who(&mut directory, raw);
            proptest::prop_assert!(!owner.name.is_empty());
            proptest::prop_assert_eq!(owner.uid, Some(Uid::new(raw)));
            let platform = raw % 100_000 < 10_000 && raw % 100_000 != 2000;
            if directory.platform() == Platform::Android {
                proptest::prop_assert!(!platform || owner.firmware == Firmware::Yes);
            } else {
                proptest::prop_assert_eq!(owner.firmware, Firmware::Unknown);
            }
        }
    }
}
