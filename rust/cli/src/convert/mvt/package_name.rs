//! The name that Android gives the packages of a UID.

use crate::convert::meaning::Owner;

/// App ids in each Android user.
const PER_USER: u64 = 100_000;

/// The shared users that Android itself makes, as PackageManagerService names them.
const SHARED_USERS: [(u64, &str); 9] = [
    (1000, "android.uid.system"),
    (1001, "android.uid.phone"),
    (1002, "android.uid.bluetooth"),
    (1007, "android.uid.log"),
    (1027, "android.uid.nfc"),
    (1068, "android.uid.se"),
    (1073, "android.uid.networkstack"),
    (1083, "android.uid.uwb"),
    (2000, "android.uid.shell"),
];

/// What stands for the owner of a connection.
///
/// As `PackageManager.getNameForUid` has it: the package where there is one, `NAME:APP ID` where several
/// share the UID, never one of those. The name of a shared user that a maker or an app made is in no
/// source of ours: it is `shared-uid`. A UID without packages is `uid:N`, and one that is not known
/// `unknown`; neither can be a package's name.
pub(super) fn package_name(owner: Option<Owner<'_>>, uid: Option<&str>) -> String {
    let Some(owner) = owner else {
        return uid.map_or_else(|| "unknown".to_owned(), |uid| format!("uid:{uid}"));
    };
    let uid = owner.text.uid;
    let app_id = uid % PER_USER;
    let mut packages = owner.packages();
    match (packages.next(), packages.next()) {
        (None, _) => format!("uid:{uid}"),
        (Some(package), None)
            if owner.packages_left_out() == 0
                && owner.text.kind != "shared"
                && shared_user(app_id).is_none() =>
        {
            package.to_owned()
        }
        _ => format!("{}:{app_id}", shared_user(app_id).unwrap_or("shared-uid")),
    }
}

fn shared_user(app_id: u64) -> Option<&'static str> {
    SHARED_USERS
        .iter()
        .find(|(known, _)| *known == app_id)
        .map(|(_, name)| *name)
}

#[cfg(test)]
mod tests {
    use portlog_journal::entry::OwnerText;

    use super::*;

    #[test]
    fn a_set_of_packages_is_never_one_of_them() {
        for (owner, name) in [
            ("10012 app yes - com.example.sync Sync", "com.example.sync"),
            ("1010012 app yes - com.example.sync -", "com.example.sync"),
            (
                "1000 shared yes go-between android,com.example.settings system",
                "android.uid.system:1000",
            ),
            (
                "1000 system yes - android system",
                "android.uid.system:1000",
            ),
            ("1001001 shared yes - a.b,c.d -", "android.uid.phone:1001"),
            ("10030 shared no - a.b,c.d -", "shared-uid:10030"),
            ("10030 app no - a.b,+1 -", "shared-uid:10030"),
            ("10030 shared no - a.b -", "shared-uid:10030"),
            ("1013 system yes go-between - media", "uid:1013"),
            ("0 kernel yes - - root", "uid:0"),
        ] {
            let text = OwnerText::parse(owner).unwrap();
            let owner = Some(Owner { entry: 2, text });
            assert_eq!(package_name(owner, Some("7")), name);
        }
        assert_eq!(package_name(None, Some("10012")), "uid:10012");
        assert_eq!(package_name(None, None), "unknown");
    }
}
