//! Whether one package comes with the phone, and why this is said.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use portlog_model::{Firmware, OwnerReason, WallTime};

use crate::place::Place;
use crate::{Installer, PackageEntry, PackageFlags, Signer};

/// Where a package, or all packages of a UID, come from.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Origin {
    /// Of a single package never mixed.
    pub(crate) level: Firmware,
    pub(crate) why: OwnerReason,
}

impl Origin {
    const fn new(level: Firmware, why: OwnerReason) -> Self {
        Self { level, why }
    }
}

/// What a whole list tells about the phone's own packages.
#[derive(Debug, Default)]
pub(crate) struct Evidence {
    signers: BTreeSet<Signer>,
    first_boot: Option<WallTime>,
}

impl Evidence {
    pub(crate) fn of(entries: &[PackageEntry]) -> Self {
        let firmware = || {
            entries
                .iter()
                .filter(|entry| firmware_reason(entry).is_some())
        };
        Self {
            signers: firmware()
                .flat_map(|entry| entry.signers.iter().cloned())
                .collect(),
            first_boot: first_boot(firmware().filter_map(|entry| entry.first_install_time)),
        }
    }

    /// The origin of `entry`, which is of the list that this was made of.
    pub(crate) fn origin(&self, entry: &PackageEntry) -> Origin {
        if let Some(why) = firmware_reason(entry) {
            return Origin::new(Firmware::Yes, why);
        }
        let package = entry.package.clone();
        let place = entry
            .source_path
            .as_ref()
            .map(|path| (Place::of(path), path));
        let installed = match (place, entry.flags) {
            (Some((Place::Added, path)), _) => OwnerReason::InstalledElsewhere {
                package: package.clone(),
                path: path.clone(),
            },
            // Without a path but with flags: what is not the system's lies in /data.
            (Some((Place::Data, _)) | None, Some(_)) => OwnerReason::InstalledInData {
                package: package.clone(),
            },
            (Some((Place::Data, _)), None) => OwnerReason::InDataByPathAlone {
                package: package.clone(),
            },
            (Some((Place::Firmware | Place::Other, path)), _) => {
                let path = path.clone();
                return Origin::new(
                    Firmware::Unknown,
                    OwnerReason::UnknownPlace { package, path },
                );
            }
            (None, None) => {
                return Origin::new(Firmware::Unknown, OwnerReason::NoPathKnown { package });
            }
        };
        if entry
            .signers
            .iter()
            .any(|signer| self.signers.contains(signer))
        {
            Origin::new(
                Firmware::Preloaded,
                OwnerReason::SignedAsFirmware { package },
            )
        } else if self.is_since_first_boot(entry) {
            Origin::new(
                Firmware::Preloaded,
                OwnerReason::PresentSinceFirstBoot { package },
            )
        } else {
            Origin::new(Firmware::No, installed)
        }
    }

    fn is_since_first_boot(&self, entry: &PackageEntry) -> bool {
        let (Some(first_boot), Some(time)) = (self.first_boot, entry.first_install_time) else {
            return false;
        };
        entry.installer == Some(Installer::None)
            && is_told(time)
            && time <= first_boot.saturating_add(FIRST_BOOT_LASTS)
    }
}

/// Why a package is firmware by what its own entry tells, if it is.
fn firmware_reason(entry: &PackageEntry) -> Option<OwnerReason> {
    let package = || entry.package.clone();
    let path = entry.source_path.as_ref();
    if path.is_some_and(|path| Place::of(path) == Place::Firmware) {
        return Some(OwnerReason::OnFirmwarePartition {
            package: package(),
            path: path.cloned(),
        });
    }
    match entry.flags {
        Some(PackageFlags {
            updated_system: true,
            ..
        }) => Some(OwnerReason::UpdatedFirmware { package: package() }),
        _ if entry.factory_path.is_some() => {
            Some(OwnerReason::UpdatedFirmware { package: package() })
        }
        Some(PackageFlags { system: true, .. }) => {
            Some(OwnerReason::MarkedAsSystem { package: package() })
        }
        Some(_) | None => None,
    }
}

/// How long a first boot may take to unpack and enter what lies ready for /data.
const FIRST_BOOT_LASTS: Duration = Duration::from_mins(2);

/// How many firmware packages must have one time for it to be a first boot's.
const FIRST_BOOT_PACKAGES: usize = 3;

/// When the phone was booted first: the time that most firmware packages were entered at, the
/// earliest of such, to the minute.
///
/// Where a version of Android enters the date of the firmware's files instead (years before any
/// boot), no package in /data is as old, and nothing is called preloaded by its time: too little is
/// said then, not too much. For the same reason the earliest times in /data are no sign by
/// themselves: on a test phone they are those of what the tester installed.
fn first_boot(times: impl Iterator<Item = WallTime>) -> Option<WallTime> {
    let mut minutes: BTreeMap<i64, (usize, WallTime)> = BTreeMap::new();
    for time in times.filter(|&time| is_told(time)) {
        let (count, latest) = minutes
            .entry(time.as_millis() / 60_000)
            .or_insert((0, time));
        *count = count.saturating_add(1);
        *latest = time.max(*latest);
    }
    minutes
        .into_values()
        .rev()
        .max_by_key(|&(count, _)| count)
        .filter(|&(count, _)| count >= FIRST_BOOT_PACKAGES)
        .map(|(_, latest)| latest)
}

/// 0 stands for "not known" in Android.
fn is_told(time: WallTime) -> bool {
    time.as_millis() > 0
}

/// The packages of one UID taken together, in order of name; `None` for none.
pub(crate) fn combined(origins: &[&Origin]) -> Option<Origin> {
    let first = *origins.first()?;
    let count = |level| {
        origins
            .iter()
            .filter(|origin| origin.level == level)
            .count()
    };
    let firmware = count(Firmware::Yes);
    let preloaded = count(Firmware::Preloaded);
    if origins.iter().all(|origin| origin.level == first.level) {
        // Of packages that are all installed, the one about which least is sure speaks.
        let by_path =
            |origin: &&&Origin| matches!(origin.why, OwnerReason::InDataByPathAlone { .. });
        return Some(
            origins
                .iter()
                .find(by_path)
                .copied()
                .unwrap_or(first)
                .clone(),
        );
    }
    if firmware == 0 && preloaded == 0 {
        let unknown = origins
            .iter()
            .find(|origin| origin.level == Firmware::Unknown);
        return Some(unknown.copied().unwrap_or(first).clone());
    }
    let with_phone = if firmware > 0 { firmware } else { preloaded };
    Some(Origin::new(
        Firmware::Mixed,
        OwnerReason::MixedPackages {
            firmware: u32::try_from(with_phone).unwrap_or(u32::MAX),
            of: u32::try_from(origins.len()).unwrap_or(u32::MAX),
        },
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use portlog_model::{PackageName, Uid};

    fn entry(name: &str, path: Option<&str>) -> PackageEntry {
        PackageEntry {
            source_path: path.map(Into::into),
            ..PackageEntry::new(PackageName::new(name).unwrap(), Uid::new(10_001))
        }
    }

    fn judged(entry: &PackageEntry, others: &[PackageEntry]) -> Origin {
        let mut all = others.to_vec();
        all.push(entry.clone());
        Evidence::of(&all).origin(entry)
    }

    fn firmware(n: usize, time: i64, signer: &str) -> PackageEntry {
        PackageEntry {
            signers: Signer::new(signer).into_iter().collect(),
            first_install_time: Some(WallTime::from_millis(time)),
            ..entry(
                &format!("com.example.firmware{n}"),
                Some("/system/app/F.apk"),
            )
        }
    }

    const NOT_SYSTEM: PackageFlags = PackageFlags {
        system: false,
        updated_system: false,
    };

    #[test]
    fn an_update_of_a_firmware_package_stays_firmware() {
        let mut updated = entry("com.example.app", Some("/data/app/com.example.app-1.apk"));
        updated.flags = Some(PackageFlags {
            system: true,
            updated_system: true,
        });
        let origin = judged(&updated, &[]);
        assert_eq!(origin.level, Firmware::Yes);
        assert!(matches!(origin.why, OwnerReason::UpdatedFirmware { .. }));

        updated.flags = None;
        updated.factory_path = Some("/system/app/Example.apk".into());
        assert_eq!(judged(&updated, &[]).level, Firmware::Yes);
    }

    #[test]
    fn a_path_in_data_alone_is_no_and_says_so() {
        let mut app = entry("com.example.app", Some("/data/app/com.example.app-1.apk"));
        let origin = judged(&app, &[]);
        assert_eq!(origin.level, Firmware::No);
        assert!(matches!(origin.why, OwnerReason::InDataByPathAlone { .. }));
        app.flags = Some(NOT_SYSTEM);
        assert!(matches!(
            judged(&app, &[]).why,
            OwnerReason::InstalledInData { .. }
        ));
    }

    #[test]
    fn what_is_not_told_is_unknown() {
        let origin = judged(&entry("com.example.app", None), &[]);
        assert_eq!(origin.level, Firmware::Unknown);
        assert!(matches!(origin.why, OwnerReason::NoPathKnown { .. }));
        let odd = entry("com.example.app", Some("/preload/app/Example.apk"));
        assert!(matches!(
            judged(&odd, &[]).why,
            OwnerReason::UnknownPlace { .. }
        ));
        let marked = PackageEntry {
            flags: Some(PackageFlags {
                system: true,
                updated_system: false,
            }),
            ..odd
        };
        assert!(matches!(
            judged(&marked, &[]).why,
            OwnerReason::MarkedAsSystem { .. }
        ));
    }

    #[test]
    fn a_firmware_certificate_in_data_is_preloaded() {
        let app = PackageEntry {
            flags: Some(NOT_SYSTEM),
            signers: Signer::new("aa").into_iter().collect(),
            ..entry(
                "com.example.app",
                Some("/data/app/com.example.app-1/base.apk"),
            )
        };
        let origin = judged(&app, &[firmware(1, 0, "aa")]);
        assert_eq!(origin.level, Firmware::Preloaded);
        assert!(matches!(origin.why, OwnerReason::SignedAsFirmware { .. }));
        assert_eq!(judged(&app, &[firmware(1, 0, "bb")]).level, Firmware::No);
        // A certificate that it shares with itself alone says nothing.
        assert_eq!(judged(&app, &[]).level, Firmware::No);
    }

    #[test]
    fn present_since_the_first_boot_without_an_installer_is_preloaded() {
        const BOOT: i64 = 1_400_000_000_000;
        let phone: Vec<_> = (0..3).map(|n| firmware(n, BOOT, "aa")).collect();
        let app = |time, installer| PackageEntry {
            flags: Some(NOT_SYSTEM),
            installer,
            first_install_time: Some(WallTime::from_millis(time)),
            ..entry("com.example.app", Some("/data/app/com.example.app-1.apk"))
        };
        let origin = judged(&app(BOOT + 30_000, Some(Installer::None)), &phone);
        assert_eq!(origin.level, Firmware::Preloaded);
        assert!(matches!(
            origin.why,
            OwnerReason::PresentSinceFirstBoot { .. }
        ));

        let store = Installer::Package(PackageName::new("com.example.store").unwrap());
        let day = 86_400_000;
        for (app, phone) in [
            (app(BOOT + day, Some(Installer::None)), phone.as_slice()),
            (app(BOOT, Some(store)), phone.as_slice()),
            (app(BOOT, None), phone.as_slice()),
            (app(0, Some(Installer::None)), phone.as_slice()),
            (app(BOOT, Some(Installer::None)), &phone[..2]),
        ] {
            assert_eq!(judged(&app, phone).level, Firmware::No, "{app:?}");
        }
    }

    #[test]
    fn the_first_boot_is_when_most_firmware_was_entered() {
        let times =
            |times: &[i64]| first_boot(times.iter().map(|&t| WallTime::from_millis(t * 60_000)));
        assert_eq!(
            times(&[5, 5, 5, 9, 9]),
            Some(WallTime::from_millis(300_000))
        );
        assert_eq!(
            times(&[9, 9, 9, 5, 5, 5]),
            Some(WallTime::from_millis(300_000))
        );
        assert_eq!(times(&[1, 2, 3, 4]), None);
        assert_eq!(times(&[0, 0, 0]), None);
    }

    #[test]
    fn a_set_is_as_sure_as_its_packages() {
        let path = |package: &str| OwnerReason::InDataByPathAlone {
            package: PackageName::new(package).unwrap(),
        };
        let yes = judged(&entry("a", Some("/system/app/A.apk")), &[]);
        let no = judged(&entry("b", Some("/data/app/B.apk")), &[]);
        let unknown = judged(&entry("c", None), &[]);
        let preloaded = Origin::new(Firmware::Preloaded, path("d"));
        let level = |origins: &[&Origin]| combined(origins).map(|origin| origin.level);
        assert_eq!(level(&[]), None);
        assert_eq!(level(&[&yes, &yes]), Some(Firmware::Yes));
        assert_eq!(level(&[&no, &no]), Some(Firmware::No));
        assert_eq!(level(&[&preloaded]), Some(Firmware::Preloaded));
        assert_eq!(level(&[&no, &unknown]), Some(Firmware::Unknown));
        for set in [
            [&yes, &no],
            [&yes, &preloaded],
            [&yes, &unknown],
            [&preloaded, &no],
            [&preloaded, &unknown],
        ] {
            assert_eq!(
                combined(&set),
                Some(Origin::new(
                    Firmware::Mixed,
                    OwnerReason::MixedPackages { firmware: 1, of: 2 }
                ))
            );
        }
    }
}
