//! Why an owner is said to be what it is, and what makes a claim weaker.

use portlog_model::{Category, Firmware, OwnerReason, Role, Weakening};

use super::counted;
use crate::data::quoted;

pub(super) fn owner_reason(reason: &OwnerReason) -> String {
    match reason {
        OwnerReason::NoOwnerInRow => {
            "the kernel named no owner: the socket was closing, or gone too soon".to_owned()
        }
        OwnerReason::PlatformId { name } => {
            format!("Android reserves this id for {}", quoted(name))
        }
        OwnerReason::PlatformRange { range } => {
            format!("the id lies in a range that Android reserves ({range})")
        }
        OwnerReason::AdbShell => "the adb shell: commands given over adb".to_owned(),
        OwnerReason::OnFirmwarePartition {
            package,
            path: Some(path),
        } => {
            format!("{package} lies on a firmware partition ({})", quoted(path))
        }
        OwnerReason::OnFirmwarePartition {
            package,
            path: None,
        } => {
            format!("{package} is marked as part of the system")
        }
        OwnerReason::UpdatedFirmware { package } => {
            format!("{package} is an update of a package that came with the phone")
        }
        OwnerReason::InstalledInData { package } => format!("{package} was installed in /data"),
        OwnerReason::InDataByPathAlone { package } => format!(
            "{package} lies in /data, by path alone; an update of a preinstalled app looks the same"
        ),
        OwnerReason::SignedAsFirmware { package } => {
            format!(
                "{package} lies in /data and is signed with the certificate of a firmware package"
            )
        }
        OwnerReason::PresentSinceFirstBoot { package } => {
            format!("{package} lies in /data since the first boot, and no installer is named")
        }
        OwnerReason::MixedPackages { firmware, of } => {
            format!("{firmware} of {of} packages of this UID are known to be firmware")
        }
        OwnerReason::MarkedAsSystem { package } => format!(
            "{package} is marked as part of the system, in a folder that is not known as firmware's"
        ),
        OwnerReason::InstalledElsewhere { package, path } => {
            format!(
                "{package} was installed on storage that is added later ({})",
                quoted(path)
            )
        }
        OwnerReason::UnknownPlace { package, path } => format!(
            "{package} lies in {}, neither /data nor a known firmware partition",
            quoted(path)
        ),
        OwnerReason::NoPathKnown { package } => {
            format!("the list does not say where {package} lies")
        }
        OwnerReason::IsolatedProcess => {
            "an isolated process has an id of its own, which no list names".to_owned()
        }
        OwnerReason::SandboxOf { app } => format!("the SDK sandbox of the app with UID {app}"),
        OwnerReason::NotInPackageList => {
            "an app's id that the package list does not have; it may have been removed".to_owned()
        }
        OwnerReason::PackageListUnreadable => {
            "an app's id, and the package list could not be read".to_owned()
        }
        OwnerReason::PackageListShort { packages } => format!(
            "an app's id, and the package list ({}) is too short to conclude from an absence",
            counted(u64::from(*packages), "package", "packages")
        ),
        OwnerReason::PackageListDamaged { bad } => format!(
            "an app's id; it may stand in the {} of the package list that could not be read",
            counted(u64::from(*bad), "line", "lines")
        ),
        OwnerReason::PackageListWithoutUids { packages } => format!(
            "an app's id, and the package list names {} without their UIDs",
            counted(u64::from(*packages), "package", "packages")
        ),
        OwnerReason::UserNotListed { user } => {
            format!("an app's id of Android user {user}, of whom the package list says nothing")
        }
        OwnerReason::NoPackageList => "an app's id, and no package list was given".to_owned(),
        OwnerReason::UnassignedRange => {
            "the id lies in a range that Android does not give to processes".to_owned()
        }
        OwnerReason::OverflowId => {
            "the kernel's stand-in for an id of another user namespace: whose it is cannot be said"
                .to_owned()
        }
        OwnerReason::Account { name } => {
            format!("the account list calls this UID {}", quoted(name))
        }
        OwnerReason::NoAccount => "the account list does not have this UID".to_owned(),
        OwnerReason::AccountsNotGiven => "no account list was given".to_owned(),
        OwnerReason::AccountsUnreadable => "the account list could not be read".to_owned(),
    }
}

pub(super) const fn weakening(weakening: Weakening) -> &'static str {
    match weakening {
        Weakening::Category(Category::Own) => "the entry is of your own list",
        Weakening::Category(Category::Threat) => "the entry is of a list of threats",
        Weakening::Category(Category::Tracker) => {
            "the entry is of a list of trackers, which is only noted"
        }
        Weakening::Category(Category::VendorService) => {
            "the entry is of a list of makers' and platforms' services, which is only noted"
        }
        Weakening::Category(Category::Reported) => {
            "the entry was documented in the past and may have changed hands, which is only noted"
        }
        Weakening::OwnerUnknown => "who owns the socket is not known",
        Weakening::FirmwareUncertain(Firmware::Mixed) => {
            "only some packages of the UID are firmware"
        }
        Weakening::FirmwareUncertain(
            Firmware::No | Firmware::Preloaded | Firmware::Unknown | Firmware::Yes,
        ) => "whether the owner is firmware is not certain",
        Weakening::Role(Role::GoBetween) => "the owner fetches for others",
        Weakening::Role(Role::UserFacing) => "the owner goes where its user goes",
        Weakening::Datagram => "a datagram socket is no connection",
        Weakening::NotEstablished => "the connection was not seen to come about",
        Weakening::Inbound => "the other side began",
        Weakening::DirectionUnknown => "which side began is not known",
        Weakening::PinnedAnswer => "the address was seen for the name elsewhere and earlier",
        Weakening::AskedByAnother => "the name was asked for by another UID",
        Weakening::AskerUnknown => "who asked for the name is not known",
        Weakening::NotAskedJustBefore => "the name was not asked for shortly before the connection",
        Weakening::NameAlone => "a name was asked for, and no connection is known",
        Weakening::OutOfScope => "the owner is not firmware, and only firmware is in scope",
        Weakening::ContentNetwork => {
            "the address belongs to a content network or a cloud, which serves many from one address"
        }
        Weakening::PackageNameAlone => {
            "only the package's name is the same, and any package may carry a name"
        }
    }
}
