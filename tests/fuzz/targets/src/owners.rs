//! Lists of packages and of accounts, and the owners that follow from them.

use std::collections::BTreeSet;

use portlog_model::{Firmware, Owner, OwnerKind, Uid, UserId};
use portlog_owners::{Accounts, BadLine, Directory, Doubt, PackageList};

/// A list of packages, in whichever form.
///
/// Holds: entries stand in order and once, a file in no known form has none, reading again gives
/// the same; every app's UID has the packages that the list gives it; nothing is said to be removed
/// because of a doubtful list, and adb's shell is never firmware.
pub fn package_list(data: &[u8]) {
    let list = PackageList::parse(data);
    assert!(list.entries().len() <= PackageList::MAX_ENTRIES);
    assert!(
        list.entries()
            .windows(2)
            .all(|pair| (&pair[0].package, pair[0].uid) < (&pair[1].package, pair[1].uid))
    );
    in_order(list.bad_lines(), data);
    let doubt = list.doubt();
    if list.format().is_none() {
        assert!(list.entries().is_empty());
        assert_eq!(doubt, Some(Doubt::Unreadable));
    }
    let packages: BTreeSet<_> = list.entries().iter().map(|entry| &entry.package).collect();
    assert_eq!(list.coverage().rows, packages.len() as u64);

    let again = PackageList::parse(data);
    assert_eq!(again.entries(), list.entries());
    assert_eq!(again.coverage(), list.coverage());

    let mut uids: BTreeSet<u32> = USUAL.into();
    for entry in list.entries() {
        uids.extend([entry.uid.get(), entry.uid.get().wrapping_add(1)]);
    }
    let entries = list.entries().to_vec();
    let mut directory = Directory::android(list);
    for uid in uids.into_iter().map(Uid::new) {
        let owner = directory.owner(Some(uid));
        sound(&owner, uid);
        assert_eq!(owner.user, Some(uid.user()));
        assert!(owner.packages.windows(2).all(|pair| pair[0] < pair[1]));
        if uid.app_id().get() == 2000 {
            assert_ne!(owner.firmware, Firmware::Yes, "{uid} is the user's own");
        }
        if owner.kind == OwnerKind::Removed {
            assert_eq!(doubt, None, "{uid} is said to be removed");
        }
        if (10_000..20_000).contains(&uid.app_id().get()) {
            for entry in entries.iter().filter(|entry| entry.uid == uid) {
                assert!(
                    owner.packages.contains(&entry.package),
                    "{uid} lacks {}",
                    entry.package
                );
            }
        }
    }
}

/// A file like `/etc/passwd`.
///
/// Holds: the owner of every UID has a name that can be shown, nobody is firmware, and the first
/// line of a UID names it.
pub fn accounts(data: &[u8]) {
    let accounts = Accounts::parse(data);
    assert!(accounts.is_readable());
    in_order(accounts.bad_lines(), data);
    let text = String::from_utf8_lossy(data);
    let given: BTreeSet<u32> = text
        .split([':', '\n'])
        .filter_map(|field| field.parse().ok())
        .chain(USUAL)
        .collect();
    let names: Vec<_> = given
        .iter()
        .map(|uid| accounts.name(Uid::new(*uid)).cloned())
        .collect();
    let mut directory = Directory::linux(accounts);
    for (uid, name) in given.into_iter().map(Uid::new).zip(names) {
        let owner = directory.owner(Some(uid));
        sound(&owner, uid);
        assert_eq!(
            (owner.user, owner.firmware),
            (None::<UserId>, Firmware::Unknown)
        );
        assert!(name.is_none_or(|name| name == owner.name), "{uid}");
    }
}

/// UIDs of every range.
const USUAL: [u32; 12] = [
    0,
    1,
    1000,
    1001,
    2000,
    2950,
    9999,
    10_087,
    20_087,
    99_007,
    1_010_087,
    4_294_967_294,
];

fn sound(owner: &Owner, uid: Uid) {
    assert_eq!(owner.uid, Some(uid));
    assert!(!owner.name.is_empty());
    assert!(
        !owner.name.contains(char::is_control),
        "{:?} would disturb a terminal",
        owner.name
    );
}

fn in_order(bad: &[BadLine], data: &[u8]) {
    assert!(bad.windows(2).all(|pair| pair[0].line <= pair[1].line));
    assert!(bad.iter().all(|bad| (bad.line as usize) <= data.len() + 1));
}
