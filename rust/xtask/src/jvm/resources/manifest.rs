//! What the app promises in its manifest, looked up in the finished APK. A permission too many breaks
//! no test of the code, and a user reads it before anything else.

use std::collections::{BTreeMap, BTreeSet};

use super::{MIN_SDK, TARGET_SDK};

/// Every line of [`said`], but those of the versions.
const PROMISED: [&str; 32] = [
    "uses-permission android.permission.ACCESS_NETWORK_STATE",
    "uses-permission android.permission.FOREGROUND_SERVICE",
    "uses-permission android.permission.FOREGROUND_SERVICE_SPECIAL_USE",
    "uses-permission android.permission.INTERNET",
    "uses-permission android.permission.PACKAGE_USAGE_STATS",
    "uses-permission android.permission.POST_NOTIFICATIONS",
    "uses-permission android.permission.QUERY_ALL_PACKAGES",
    "uses-permission android.permission.RECEIVE_BOOT_COMPLETED",
    "uses-permission android.permission.REQUEST_IGNORE_BATTERY_OPTIMIZATIONS",
    "uses-permission android.permission.VIBRATE",
    "uses-permission com.android.permission.GET_INSTALLED_APPS",
    "application: allowBackup=false",
    "application: dataExtractionRules=@xml/data_extraction_rules",
    "application: extractNativeLibs=true",
    "application: fullBackupContent=false",
    "application: hasFragileUserData=true",
    "activity org.portlog.screens.ImportActivity: exported=true",
    "activity org.portlog.screens.MainActivity: exported=true",
    "activity org.portlog.screens.OpenLogActivity: exported=true",
    "provider org.portlog.reach.HelperProvider: exported=true",
    "provider org.portlog.service.ExportProvider: grantUriPermissions=true",
    "receiver org.portlog.service.AlertReceiver: directBootAware=true",
    "receiver org.portlog.service.BootReceiver: directBootAware=true",
    "receiver org.portlog.service.UpdateReceiver: directBootAware=true",
    "service org.portlog.service.WatchService: directBootAware=true",
    // `specialUse`, and what the use is.
    "service org.portlog.service.WatchService: foregroundServiceType=0x40000000",
    "service org.portlog.service.WatchService, property \
     android.app.PROPERTY_SPECIAL_USE_FGS_SUBTYPE: value=@string/service_use",
    "service org.portlog.service.WatchTile: directBootAware=true",
    "service org.portlog.service.WatchTile: exported=true",
    "service org.portlog.service.WatchTile: permission=android.permission.BIND_QUICK_SETTINGS_TILE",
    "service org.portlog.tap.TapService: directBootAware=true",
    "service org.portlog.tap.TapService: permission=android.permission.BIND_VPN_SERVICE",
];

/// What of an `<application>` is promised, or would break a promise.
const OF_THE_APPLICATION: [&str; 10] = [
    "allowBackup",
    "backupAgent",
    "dataExtractionRules",
    "debuggable",
    "extractNativeLibs",
    "fullBackupContent",
    "hasFragileUserData",
    "permission",
    "sharedUserId",
    "testOnly",
];

/// What of a component says who may use it, and when.
const OF_A_COMPONENT: [&str; 6] = [
    "directBootAware",
    "foregroundServiceType",
    "grantUriPermissions",
    "permission",
    "readPermission",
    "writePermission",
];

/// How the manifest differs from what is promised, in one line; `None` where it does not. `tree` is
/// what `aapt2 dump xmltree` prints of it, `resources` what `aapt2 dump resources` prints.
pub(super) fn difference(tree: &str, resources: &str) -> Option<String> {
    let mut promised: BTreeSet<String> = PROMISED.map(str::to_owned).into();
    promised.insert(format!("uses-sdk: minSdkVersion={MIN_SDK}"));
    promised.insert(format!("uses-sdk: targetSdkVersion={TARGET_SDK}"));
    between(&said(&elements(tree, &names(resources))), &promised)
}

fn between(said: &BTreeSet<String>, promised: &BTreeSet<String>) -> Option<String> {
    let list = |of: &BTreeSet<String>, without: &BTreeSet<String>| {
        let lines: Vec<&str> = of.difference(without).map(String::as_str).collect();
        (!lines.is_empty()).then(|| lines.join("; "))
    };
    match (list(said, promised), list(promised, said)) {
        (None, None) => None,
        (Some(more), None) => Some(format!("it says what is not promised: {more}")),
        (None, Some(less)) => Some(format!("it does not say what is promised: {less}")),
        (Some(more), Some(less)) => Some(format!("it says: {more}; and not: {less}")),
    }
}

/// One element of the manifest.
#[derive(Debug)]
struct Element {
    depth: usize,
    tag: String,
    /// Without the namespace.
    attributes: BTreeMap<String, String>,
}

impl Element {
    fn name(&self) -> Option<&str> {
        self.attributes.get("name").map(String::as_str)
    }

    fn shown(&self) -> String {
        match self.name() {
            Some(name) => format!("{} {name}", self.tag),
            None => self.tag.clone(),
        }
    }
}

/// The lines of a manifest that a promise is about.
fn said(elements: &[Element]) -> BTreeSet<String> {
    let activities: BTreeSet<&str> = elements
        .iter()
        .filter(|element| element.tag.starts_with("activity"))
        .filter_map(Element::name)
        .collect();
    let mut lines = BTreeSet::new();
    for (at, element) in elements.iter().enumerate() {
        let mut shown = element.shown();
        let attributes = element.attributes.iter();
        let add = |shown: &str, wanted: &dyn Fn(&str, &str) -> bool| {
            let wanted = attributes.filter(|(name, value)| wanted(name, value));
            lines.extend(wanted.map(|(name, value)| format!("{shown}: {name}={value}")));
        };
        match element.tag.as_str() {
            "uses-sdk" => add(&shown, &|_, _| true),
            "application" => add(&element.tag, &|name, _| OF_THE_APPLICATION.contains(&name)),
            "activity" | "activity-alias" | "provider" | "receiver" | "service" => {
                add(&shown, &|name, value| match name {
                    "exported" => value != "false",
                    // A name that aapt2 left as it was is one in the package of the application's id.
                    "parentActivityName" => !activities.contains(value),
                    _ => OF_A_COMPONENT.contains(&name),
                });
                if !element.attributes.contains_key("exported") {
                    lines.insert(format!("{shown}: without a word on exported"));
                }
            }
            "property" => {
                let before = elements.iter().take(at).rev();
                let parent = before.into_iter().find(|it| it.depth < element.depth);
                shown = parent.map_or(String::new(), Element::shown) + ", " + &shown;
                add(&shown, &|name, _| name != "name");
            }
            tag if tag.contains("permission") => {
                add(&shown, &|name, _| name != "name");
                lines.insert(shown);
            }
            _ => {}
        }
    }
    lines
}

/// The elements of a tree as aapt2 prints it, with resources by the names that `names` has for them.
fn elements(tree: &str, names: &BTreeMap<&str, &str>) -> Vec<Element> {
    let mut elements: Vec<Element> = Vec::new();
    for line in tree.lines() {
        let text = line.trim_start();
        if let Some(tag) = text.strip_prefix("E: ") {
            elements.push(Element {
                depth: line.len() - text.len(),
                tag: tag.split(' ').next().unwrap_or_default().to_owned(),
                attributes: BTreeMap::new(),
            });
        } else if let Some((name, value)) = text
            .strip_prefix("A: ")
            .and_then(|attribute| attribute.split_once('='))
            && let Some(element) = elements.last_mut()
        {
            let name = name.rsplit(':').next().unwrap_or(name);
            let name = name.split('(').next().unwrap_or(name);
            let value = match (value.strip_prefix('"'), value.strip_prefix('@')) {
                (Some(text), _) => text.split("\" (Raw: ").next().unwrap_or(text).to_owned(),
                (_, Some(id)) => format!("@{}", names.get(id).unwrap_or(&id)),
                _ => value.to_owned(),
            };
            element.attributes.insert(name.to_owned(), value);
        }
    }
    elements
}

/// The names of resources by their numbers, of lines `resource 0x7f090000 xml/data_extraction_rules`.
fn names(resources: &str) -> BTreeMap<&str, &str> {
    resources
        .lines()
        .filter_map(|line| line.trim().strip_prefix("resource ")?.split_once(' '))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const RESOURCES: &str = "
  type string id=07 entryCount=2
    resource 0x7f0701a4 string/service_use
      () \"Watches\"
    resource 0x7f090000 xml/data_extraction_rules
      () (file) res/xml/data_extraction_rules.xml type=XML
";

    /// Parts of what aapt2 prints, with `http://schemas.android.com/apk/res/android` cut short.
    const TREE: &str = r#"N: android=http://s/android (line=3)
  E: manifest (line=3)
    A: http://s/android:versionCode(0x0101021b)=1000
    A: package="org.portlog.debug" (Raw: "org.portlog.debug")
      E: uses-sdk (line=0)
        A: http://s/android:minSdkVersion(0x0101020c)=19
      E: uses-permission (line=8)
        A: http://s/android:name(0x01010003)="a.permission.INTERNET" (Raw: "a.permission.INTERNET")
      E: uses-permission-sdk-23 (line=9)
        A: http://s/android:name(0x01010003)="a.permission.CAMERA" (Raw: "a.permission.CAMERA")
        A: http://s/android:maxSdkVersion(0x01010271)=30
      E: application (line=34)
        A: http://s/android:label(0x01010001)=@0x7f070025
        A: http://s/android:name(0x01010003)="org.portlog.App" (Raw: "org.portlog.App")
        A: http://s/android:allowBackup(0x01010280)=false
        A: http://s/android:debuggable(0x0101000f)=true
        A: http://s/android:dataExtractionRules(0x0101063e)=@0x7f090000
          E: activity (line=47)
            A: http://s/android:name(0x01010003)="org.portlog.Main" (Raw: "org.portlog.Main")
            A: http://s/android:exported(0x01010010)=true
              E: intent-filter (line=51)
                  E: action (line=52)
                    A: http://s/android:name(0x01010003)="a.MAIN" (Raw: "a.MAIN")
          E: activity (line=66)
            A: http://s/android:name(0x01010003)="org.portlog.Whole" (Raw: "org.portlog.Whole")
            A: http://s/android:exported(0x01010010)=false
            A: http://s/android:parentActivityName(0x010103a7)="org.portlog.Main" (Raw: "org.portlog.Main")
          E: activity (line=70)
            A: http://s/android:name(0x01010003)="org.portlog.Left" (Raw: "org.portlog.Left")
            A: http://s/android:parentActivityName(0x010103a7)=".Main" (Raw: ".Main")
          E: service (line=191)
            A: http://s/android:name(0x01010003)="org.portlog.Watch" (Raw: "org.portlog.Watch")
            A: http://s/android:exported(0x01010010)=false
            A: http://s/android:directBootAware(0x01010505)=true
            A: http://s/android:foregroundServiceType(0x01010599)=0x40000000
              E: meta-data (line=195)
                A: http://s/android:name(0x01010003)="more" (Raw: "more")
              E: property (line=196)
                A: http://s/android:name(0x01010003)="a.SUBTYPE" (Raw: "a.SUBTYPE")
                A: http://s/android:value(0x01010024)=@0x7f0701a4
"#;

    #[test]
    fn what_a_promise_is_about_is_read_and_nothing_else() {
        let lines: Vec<String> = said(&elements(TREE, &names(RESOURCES)))
            .into_iter()
            .collect();
        assert_eq!(
            lines,
            [
                "activity org.portlog.Left: parentActivityName=.Main",
                "activity org.portlog.Left: without a word on exported",
                "activity org.portlog.Main: exported=true",
                "application: allowBackup=false",
                "application: dataExtractionRules=@xml/data_extraction_rules",
                "application: debuggable=true",
                "service org.portlog.Watch, property a.SUBTYPE: value=@string/service_use",
                "service org.portlog.Watch: directBootAware=true",
                "service org.portlog.Watch: foregroundServiceType=0x40000000",
                "uses-permission a.permission.INTERNET",
                "uses-permission-sdk-23 a.permission.CAMERA",
                "uses-permission-sdk-23 a.permission.CAMERA: maxSdkVersion=30",
                "uses-sdk: minSdkVersion=19",
            ]
        );
    }

    #[test]
    fn what_differs_is_named_in_one_line() {
        let set = |lines: &[&str]| lines.iter().map(ToString::to_string).collect();
        let differ = |said: &[&str], promised: &[&str]| between(&set(said), &set(promised));
        assert_eq!(differ(&["a", "b"], &["b", "a"]), None);
        assert_eq!(
            differ(&["a", "b", "c"], &["a"]).unwrap(),
            "it says what is not promised: b; c"
        );
        assert_eq!(
            differ(&["a"], &["a", "b"]).unwrap(),
            "it does not say what is promised: b"
        );
        assert_eq!(
            differ(&["a", "x: y=1"], &["a", "x: y=2"]).unwrap(),
            "it says: x: y=1; and not: x: y=2"
        );
    }

    #[test]
    fn a_manifest_that_keeps_some_promises_breaks_the_others() {
        let difference = difference(TREE, RESOURCES).unwrap();
        assert!(
            difference.contains("uses-permission a.permission.INTERNET"),
            "{difference}"
        );
        for kept in ["allowBackup", "dataExtractionRules", "minSdkVersion"] {
            assert!(!difference.contains(kept), "{difference}");
        }
        assert!(
            difference.contains("uses-sdk: targetSdkVersion=35"),
            "{difference}"
        );
    }
}
