//! Android's own ids: the table of AIDs and the ranges between them.
//!
//! Source: AOSP `system/core/libcutils/include/private/android_filesystem_config.h` (main), and for
//! isolated and app-zygote processes `frameworks/base/core/java/android/os/Process.java`. Ids of
//! removed daemons are kept: a 2014 phone still has them.

use portlog_model::{AppId, Uid, UserId};

/// What the number of a UID alone says.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum IdClass {
    /// An id of Android's table, by its name there in lower case.
    Platform(&'static str),
    /// An id that the table reserves for a part of the firmware without naming it.
    Range(Range),
    /// 2000: adb's shell, the user's own.
    Shell,
    /// An app, or several that share the id.
    App,
    /// The SDK sandbox of the app with this id (Android 13 and later).
    SdkSandbox {
        /// The app.
        app: AppId,
    },
    /// An isolated process; of which app, no number tells. From 90000 those of an app zygote
    /// (Android 10 and later), from 99000 all others.
    Isolated,
    /// The kernel's stand-in for an id without a place in the reader's user namespace.
    Overflow,
    /// A range that Android gives to groups (cache, external data, shared), not to processes, or
    /// to nothing.
    Unassigned,
}

/// Ids below 10000 that the table does not name one by one.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Range {
    /// 2900 to 2999 and 5000 to 5999: the maker of the phone (`AID_OEM_RESERVED`).
    Vendor,
    /// 6000 to 6499.
    System,
    /// 6500 to 6999.
    Odm,
    /// 7000 to 7499.
    Product,
    /// 7500 to 7999.
    SystemExt,
    /// The rest.
    Reserved,
}

impl Range {
    /// The range's name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Vendor => "vendor",
            Self::System => "system",
            Self::Odm => "odm",
            Self::Product => "product",
            Self::SystemExt => "system_ext",
            Self::Reserved => "reserved",
        }
    }
}

/// What the number of `uid` says.
pub fn classify(uid: Uid) -> IdClass {
    let app = uid.app_id();
    match app.get() {
        SHELL => IdClass::Shell,
        OVERFLOW if uid.user() == UserId::FIRST => IdClass::Overflow,
        raw @ 0..FIRST_APP => {
            name(app).map_or_else(|| IdClass::Range(range(raw)), IdClass::Platform)
        }
        FIRST_APP..=LAST_APP => IdClass::App,
        raw @ FIRST_SANDBOX..=LAST_SANDBOX => AppId::new(raw - SANDBOX_OFFSET)
            .map_or(IdClass::Unassigned, |app| IdClass::SdkSandbox { app }),
        FIRST_ISOLATED..=LAST_ISOLATED => IdClass::Isolated,
        _ => IdClass::Unassigned,
    }
}

/// The name of `app` in Android's table, in lower case.
pub fn name(app: AppId) -> Option<&'static str> {
    let at = TABLE.binary_search_by_key(&app.get(), |&(id, _)| id).ok()?;
    TABLE.get(at).map(|&(_, name)| name)
}

/// Android's notation of an id that no list names, as `ps` prints it: `u0_a87` for app 10087 of
/// user 0, `u0_i9007` for isolated 99007; `5001` for ids that have none.
pub fn notation(uid: Uid) -> String {
    let (user, app) = (uid.user(), uid.app_id().get());
    match classify(uid) {
        IdClass::App => format!("u{user}_a{}", app.saturating_sub(FIRST_APP)),
        IdClass::Isolated => format!("u{user}_i{}", app.saturating_sub(FIRST_ISOLATED)),
        IdClass::SdkSandbox { app } => {
            format!(
                "u{user}_a{}:sdk_sandbox",
                app.get().saturating_sub(FIRST_APP)
            )
        }
        IdClass::Range(range) => format!("{}_{app}", range.as_str()),
        IdClass::Platform(name) => name.to_owned(),
        IdClass::Shell => "shell".to_owned(),
        IdClass::Overflow => "overflowuid".to_owned(),
        IdClass::Unassigned => uid.to_string(),
    }
}

const SHELL: u32 = 2000;
const FIRST_APP: u32 = 10_000;
const LAST_APP: u32 = 19_999;
const FIRST_SANDBOX: u32 = 20_000;
const LAST_SANDBOX: u32 = 29_999;
const SANDBOX_OFFSET: u32 = FIRST_SANDBOX - FIRST_APP;
const OVERFLOW: u32 = 65_534;
const FIRST_ISOLATED: u32 = 90_000;
const LAST_ISOLATED: u32 = 99_999;

const fn range(app: u32) -> Range {
    match app {
        2900..=2999 | 5000..=5999 => Range::Vendor,
        6000..=6499 => Range::System,
        6500..=6999 => Range::Odm,
        7000..=7499 => Range::Product,
        7500..=7999 => Range::SystemExt,
        _ => Range::Reserved,
    }
}

/// Sorted by id.
const TABLE: [(u32, &str); 117] = [
    (0, "root"),
    (1, "daemon"),
    (2, "bin"),
    (3, "sys"),
    (1000, "system"),
    (1001, "radio"),
    (1002, "bluetooth"),
    (1003, "graphics"),
    (1004, "input"),
    (1005, "audio"),
    (1006, "camera"),
    (1007, "log"),
    (1008, "compass"),
    (1009, "mount"),
    (1010, "wifi"),
    (1011, "adb"),
    (1012, "install"),
    (1013, "media"),
    (1014, "dhcp"),
    (1015, "sdcard_rw"),
    (1016, "vpn"),
    (1017, "keystore"),
    (1018, "usb"),
    (1019, "drm"),
    (1020, "mdnsr"),
    (1021, "gps"),
    (1023, "media_rw"),
    (1024, "mtp"),
    (1026, "drmrpc"),
    (1027, "nfc"),
    (1028, "sdcard_r"),
    (1029, "clat"),
    (1030, "loop_radio"),
    (1031, "media_drm"),
    (1032, "package_info"),
    (1033, "sdcard_pics"),
    (1034, "sdcard_av"),
    (1035, "sdcard_all"),
    (1036, "logd"),
    (1037, "shared_relro"),
    (1038, "dbus"),
    (1039, "tlsdate"),
    (1040, "media_ex"),
    (1041, "audioserver"),
    (1042, "metrics_coll"),
    (1043, "metricsd"),
    (1044, "webserv"),
    (1045, "debuggerd"),
    (1046, "media_codec"),
    (1047, "cameraserver"),
    (1048, "firewall"),
    (1049, "trunks"),
    (1050, "nvram"),
    (1051, "dns"),
    (1052, "dns_tether"),
    (1053, "webview_zygote"),
    (1054, "vehicle_network"),
    (1055, "media_audio"),
    (1056, "media_video"),
    (1057, "media_image"),
    (1058, "tombstoned"),
    (1059, "media_obb"),
    (1060, "ese"),
    (1061, "ota_update"),
    (1062, "automotive_evs"),
    (1063, "lowpan"),
    (1064, "hsm"),
    (1065, "reserved_disk"),
    (1066, "statsd"),
    (1067, "incidentd"),
    (1068, "secure_element"),
    (1069, "lmkd"),
    (1070, "llkd"),
    (1071, "iorapd"),
    (1072, "gpu_service"),
    (1073, "network_stack"),
    (1074, "gsid"),
    (1075, "fsverity_cert"),
    (1076, "credstore"),
    (1077, "external_storage"),
    (1078, "ext_data_rw"),
    (1079, "ext_obb_rw"),
    (1080, "context_hub"),
    (1081, "virtualizationservice"),
    (1082, "artd"),
    (1083, "uwb"),
    (1084, "thread_network"),
    (1085, "diced"),
    (1086, "dmesgd"),
    (1087, "jc_weaver"),
    (1088, "jc_strongbox"),
    (1089, "jc_identitycred"),
    (1090, "sdk_sandbox"),
    (1091, "security_log_writer"),
    (1092, "prng_seeder"),
    (1093, "uprobestats"),
    (1094, "cros_ec"),
    (1095, "mmd"),
    (2000, "shell"),
    (2001, "cache"),
    (2002, "diag"),
    (3001, "net_bt_admin"),
    (3002, "net_bt"),
    (3003, "inet"),
    (3004, "net_raw"),
    (3005, "net_admin"),
    (3006, "net_bw_stats"),
    (3007, "net_bw_acct"),
    (3008, "net_bt_stack"),
    (3009, "readproc"),
    (3010, "wakelock"),
    (3011, "uhid"),
    (3012, "readtracefs"),
    (3013, "virtualmachine"),
    (9997, "everybody"),
    (9998, "misc"),
    (9999, "nobody"),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn class(raw: u32) -> IdClass {
        classify(Uid::new(raw))
    }

    #[test]
    fn the_table_is_sorted_and_ends_where_apps_begin() {
        assert!(TABLE.windows(2).all(|pair| pair[0].0 < pair[1].0));
        assert!(
            TABLE
                .iter()
                .all(|&(id, name)| id < FIRST_APP && !name.is_empty())
        );
    }

    #[test]
    fn daemons_have_their_names_in_every_user() {
        assert_eq!(class(0), IdClass::Platform("root"));
        assert_eq!(class(1000), IdClass::Platform("system"));
        assert_eq!(class(1_001_001), IdClass::Platform("radio"));
        assert_eq!(class(1073), IdClass::Platform("network_stack"));
        assert_eq!(class(9999), IdClass::Platform("nobody"));
    }

    #[test]
    fn the_shell_is_the_shell_in_every_user() {
        assert_eq!(class(2000), IdClass::Shell);
        assert_eq!(class(1_002_000), IdClass::Shell);
    }

    #[test]
    fn each_range_ends_where_the_next_begins() {
        for (first, last, range) in [
            (4, 999, Range::Reserved),
            (1096, 1999, Range::Reserved),
            (2003, 2899, Range::Reserved),
            (2900, 2999, Range::Vendor),
            (3014, 4999, Range::Reserved),
            (5000, 5999, Range::Vendor),
            (6000, 6499, Range::System),
            (6500, 6999, Range::Odm),
            (7000, 7499, Range::Product),
            (7500, 7999, Range::SystemExt),
            (8000, 9996, Range::Reserved),
        ] {
            assert_eq!(class(first), IdClass::Range(range), "{first}");
            assert_eq!(class(last), IdClass::Range(range), "{last}");
        }
        assert_eq!(class(10_000), IdClass::App);
        assert_eq!(class(19_999), IdClass::App);
        assert_eq!(class(30_000), IdClass::Unassigned);
        assert_eq!(class(50_087), IdClass::Unassigned);
        assert_eq!(class(89_999), IdClass::Unassigned);
        assert_eq!(class(90_000), IdClass::Isolated);
        assert_eq!(class(99_007), IdClass::Isolated);
        assert_eq!(class(1_099_999), IdClass::Isolated);
        assert_eq!(class(u32::MAX), IdClass::Unassigned);
    }

    #[test]
    fn a_sandbox_belongs_to_its_app() {
        let app = AppId::new(10_087).unwrap();
        assert_eq!(class(20_087), IdClass::SdkSandbox { app });
        assert_eq!(class(1_020_087), IdClass::SdkSandbox { app });
    }

    #[test]
    fn only_the_first_users_65534_is_the_kernels_stand_in() {
        assert_eq!(class(65_534), IdClass::Overflow);
        assert_eq!(class(1_065_534), IdClass::Unassigned);
    }

    #[test]
    fn ids_without_a_name_are_written_as_ps_does() {
        for (raw, text) in [
            (10_087, "u0_a87"),
            (1_010_087, "u10_a87"),
            (99_007, "u0_i9007"),
            (20_087, "u0_a87:sdk_sandbox"),
            (5_001, "vendor_5001"),
            (50_087, "50087"),
        ] {
            assert_eq!(notation(Uid::new(raw)), text);
        }
    }
}
