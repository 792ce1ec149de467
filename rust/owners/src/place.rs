//! What a package's folder says about where it comes from.

/// The kind of place a path lies in.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Place {
    /// A partition that comes with the phone.
    Firmware,
    /// The data partition.
    Data,
    /// A card or storage that was added later.
    Added,
    /// Anywhere else, or not to be said.
    Other,
}

impl Place {
    /// The place of `path`, by its leading components as a whole (`/systemfoo` is not `/system`).
    ///
    /// A path that is not absolute, or that climbs (`..`), is nowhere: what it says is not where
    /// it leads.
    pub(crate) fn of(path: &str) -> Self {
        if !path.starts_with('/') || components(path).any(|part| part == "..") {
            return Self::Other;
        }
        let mut parts = components(path);
        match parts.next() {
            Some(root) if FIRMWARE_ROOTS.contains(&root) => Self::Firmware,
            Some("data") if parts.next() == Some("miui") => Self::Firmware,
            Some("data") => Self::Data,
            Some("mnt") => match parts.next() {
                Some("asec" | "expand" | "media_rw" | "sdcard" | "secure") => Self::Added,
                _ => Self::Other,
            },
            Some("storage" | "sdcard") => Self::Added,
            _ => Self::Other,
        }
    }
}

/// First components of the partitions that come with the phone: AOSP's, and MIUI's /cust and
/// /mi_ext. `/system/vendor`, `/system/product` and `/vendor/...` are links to one another on some
/// phones; all forms start with one of these. Recovery and early boot see the system as
/// `/system_root`.
const FIRMWARE_ROOTS: [&str; 10] = [
    "apex",
    "cust",
    "mi_ext",
    "odm",
    "oem",
    "product",
    "system",
    "system_ext",
    "system_root",
    "vendor",
];

fn components(path: &str) -> impl Iterator<Item = &str> {
    path.split('/')
        .filter(|part| !part.is_empty() && *part != ".")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn firmware_partitions_in_all_their_forms() {
        for path in [
            "/system/app/Example/Example.apk",
            "/system/priv-app/Example.apk",
            "/system/framework/framework-res.apk",
            "/system/data-app/Example/Example.apk",
            "/system/product/app/Example",
            "/system/vendor/app/Example",
            "/system_root/system/app/Example",
            "/system_ext/priv-app/Example",
            "/product/data-app/Example",
            "/vendor/app/Example.apk",
            "/odm/app/Example",
            "/oem/app/Example",
            "/apex/com.example.apex/app/Example",
            "/cust/app/customized/Example.apk",
            "/mi_ext/product/app/Example",
            "/data/miui/app/customized/Example.apk",
            "/data/miui",
            "//system/./app//Example.apk",
        ] {
            assert_eq!(Place::of(path), Place::Firmware, "{path}");
        }
    }

    #[test]
    fn a_look_alike_is_no_partition() {
        for path in [
            "/systemfoo/app/Example.apk",
            "/my_product/app/Example.apk",
            "/preload/Example.apk",
            "system/app/Example.apk",
            "/system/../data/app/Example.apk",
            "/",
            "",
            "/mnt/vendor/Example.apk",
        ] {
            assert_eq!(Place::of(path), Place::Other, "{path}");
        }
    }

    #[test]
    fn data_is_data_and_cards_are_cards() {
        for path in [
            "/data/app/com.example.app-1.apk",
            "/data/app/~~ab==/com.example.app-cd==/base.apk",
            "/data/miuifoo/Example.apk",
            "/data/priv-app/Example.apk",
            "/data",
        ] {
            assert_eq!(Place::of(path), Place::Data, "{path}");
        }
        for path in [
            "/mnt/asec/com.example.app-1/pkg.apk",
            "/mnt/expand/57f8f4bc-abf4-655f-bf67-946fc0f9f25b/app/com.example.app/base.apk",
            "/storage/emulated/0/Example.apk",
        ] {
            assert_eq!(Place::of(path), Place::Added, "{path}");
        }
    }
}
