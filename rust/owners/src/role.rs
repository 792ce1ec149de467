//! Roles that weaken a claim about a firmware owner: it acts for others, or for its user.
//!
//! Platform ids get a role by their id alone, never from their packages: dozens of packages run as
//! `system`, and one of them with a launcher entry (the settings) or one that fetches for others
//! must not weaken everything that `system` does. `root` has no role, although netd's resolver ran
//! as root up to Android 9: its DNS is UDP, which is at most "possible" anyway, while a root daemon
//! that opens a TCP connection is just what is watched for. The same holds for `radio` (messages
//! for the messaging app).
//!
//! Apps get a role by their package name only where they may come with the phone: a name proves
//! nothing about what a user installed.

/// Whether the daemon with this name in Android's table connects for others.
pub(crate) fn platform_goes_between(name: &str) -> bool {
    PLATFORM_GO_BETWEENS.contains(&name)
}

/// Whether `package` is a component of the platform that connects for others.
pub(crate) fn goes_between(package: &str) -> bool {
    GO_BETWEENS.contains(&package)
}

/// Whether `package` is a platform app that goes where its user goes. Only asked where the list
/// does not tell of launcher entries, so kept to apps whose peers are wholly the user's choice.
pub(crate) fn faces_user(package: &str) -> bool {
    USER_FACING.contains(&package)
}

/// - `media` (mediaserver fetches the URLs that apps play), `media_rw` (media storage), `drm`
///   (licences for apps);
/// - `dns`, `dns_tether`, `mdnsr`: names for apps and for tethered machines;
/// - `vpn`, `clat`, `thread_network`: packets of others;
/// - `network_stack`: connectivity checks and tethering;
/// - `webview_zygote`: web pages inside apps.
const PLATFORM_GO_BETWEENS: [&str; 11] = [
    "clat",
    "dns",
    "dns_tether",
    "drm",
    "mdnsr",
    "media",
    "media_rw",
    "network_stack",
    "thread_network",
    "vpn",
    "webview_zygote",
];

/// Download and media providers, Play services and the framework that shares its UID, `WebView`,
/// the network stack, the captive portal's page, the proxy that runs PAC files.
const GO_BETWEENS: [&str; 15] = [
    "com.android.captiveportallogin",
    "com.android.networkstack",
    "com.android.networkstack.tethering",
    "com.android.providers.downloads",
    "com.android.providers.media",
    "com.android.providers.media.module",
    "com.android.proxyhandler",
    "com.android.webview",
    "com.google.android.captiveportallogin",
    "com.google.android.gms",
    "com.google.android.gsf",
    "com.google.android.networkstack",
    "com.google.android.networkstack.tethering",
    "com.google.android.providers.media.module",
    "com.google.android.webview",
];

const USER_FACING: [&str; 3] = [
    "com.android.browser",
    "com.android.chrome",
    "com.android.email",
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aid;
    use portlog_model::AppId;

    #[test]
    fn every_platform_go_between_is_an_id_of_the_table() {
        let names: Vec<&str> = (0..10_000)
            .filter_map(AppId::new)
            .filter_map(aid::name)
            .collect();
        for name in PLATFORM_GO_BETWEENS {
            assert!(names.contains(&name), "{name}");
        }
    }

    #[test]
    fn the_ids_that_are_watched_for_keep_their_full_weight() {
        for name in ["root", "system", "radio", "shell"] {
            assert!(!platform_goes_between(name), "{name}");
        }
    }
}
