//! What may stand in a list that comes with Portlog, and what never does.
//!
//! The build fails on what is found here. The criteria know no maker: they are about what a host is for,
//! how wide an entry is and how well it is documented, and hold for every entry alike.

use super::source::{BundledEntry, Fault, Source, is_date};

/// Everything that keeps a list from coming with Portlog; empty for a good one.
pub(crate) fn faults(source: &Source<'_>) -> Vec<Fault> {
    let mut faults = Vec::new();
    for key in ["title", "category", "reviewed"] {
        if source.head.get(key).is_none() {
            faults.push(Fault::at(1, format!("the list lacks {key}")));
        }
    }
    if source.head.get("reviewed").is_some() && source.reviewed().is_none() {
        faults.push(Fault::at(1, "reviewed is no day (YYYY-MM-DD)".to_owned()));
    }
    if !matches!(
        source.category(),
        Some("threat" | "tracker" | "vendor-service" | "reported")
    ) {
        faults.push(Fault::at(1, "the list has no category".to_owned()));
    }
    for entry in &source.entries {
        for key in REQUIRED {
            if entry.get(key).is_none_or(str::is_empty) {
                faults.push(Fault::at(entry.line, format!("the entry lacks {key}")));
            }
        }
        for (line, key, _) in &entry.fields {
            if !REQUIRED.contains(key) && *key != "serves" {
                faults.push(Fault::at(*line, format!("{key} is no field")));
            }
        }
        if let Some(entry) = entry.entry() {
            entry_faults(&entry, source.category().unwrap_or_default(), &mut faults);
        }
    }
    let mut hosts: Vec<(&str, u32)> = source
        .entries()
        .map(|entry| (entry.host, entry.line))
        .collect();
    hosts.sort_unstable();
    for pair in hosts.windows(2) {
        if let [(first, _), (second, line)] = pair
            && first == second
        {
            faults.push(Fault::at(*line, format!("{second} has an entry already")));
        }
    }
    faults
}

const REQUIRED: [&str; 10] = [
    "host",
    "claim",
    "source",
    "source-date",
    "reply",
    "reply-source",
    "status",
    "seen",
    "category",
    "review-by",
];

fn entry_faults(entry: &BundledEntry<'_>, category: &str, faults: &mut Vec<Fault>) {
    let mut fault = |what: String| faults.push(Fault::at(entry.line, what));
    if entry.category != category {
        fault(format!(
            "the list is of category {category}, not {}",
            entry.category
        ));
    }
    if !matches!(entry.status, "active" | "disputed" | "resolved") {
        fault(format!("{} is no status", entry.status));
    }
    for url in [entry.source, entry.reply_source] {
        let none = url == "none" && url != entry.source;
        if !(none || url.starts_with("https://") || url.starts_with("http://")) {
            fault(format!("{url} is no URL"));
        }
    }
    if !is_date(entry.source_date) {
        fault(format!("{} is no date", entry.source_date));
    }
    if !(entry.review_by.len() == 10 && is_date(entry.review_by)) {
        fault(format!("{} is no day", entry.review_by));
    }
    if entry.review_by <= entry.source_date {
        fault("it is to be reviewed before it was documented".to_owned());
    }
    if !entry.seen.split(" to ").all(is_date) {
        fault(format!("{} is no date, nor DATE to DATE", entry.seen));
    }
    if let Some(what) = too_wide(entry.host) {
        fault(format!("{} {what}", entry.host));
    }
    match (purpose(entry.host), entry.serves) {
        (None, None) => {}
        (Some(purpose), Some(serves)) if purpose == serves && category == "reported" => {}
        (Some(purpose), Some(serves)) if category == "reported" => fault(format!(
            "{} is a host for {purpose}, and the entry says {serves}",
            entry.host
        )),
        (Some(purpose), None) if category == "reported" => fault(format!(
            "{} is a host for {purpose}; its entry must say so (serves: {purpose})",
            entry.host
        )),
        (Some(purpose), _) => {
            fault(format!(
                "{} is a host for {purpose}, which no list has",
                entry.host
            ));
        }
        (None, Some(serves)) => {
            fault(format!("{} is no host for {serves}", entry.host));
        }
    }
}

/// Why an entry would speak of more than one host, or of a host that serves many.
fn too_wide(host: &str) -> Option<&'static str> {
    let labels: Vec<&str> = host.split('.').collect();
    let is_name = labels.iter().all(|label| {
        !label.is_empty()
            && label.len() <= 63
            && label
                .bytes()
                .all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'))
    });
    if !is_name || host.len() > 253 {
        return Some("is not one host's name in lower case");
    }
    if labels
        .last()
        .is_none_or(|last| last.bytes().all(|byte| byte.is_ascii_digit()))
    {
        return Some("is an address, which changes hands; list the name");
    }
    let below = |suffix: &str| {
        host.strip_suffix(suffix)
            .is_some_and(|front| front.is_empty() || front.ends_with('.'))
    };
    if CONTENT_NETWORKS.iter().any(|suffix| below(suffix)) {
        return Some("is of a content network or a cloud, which serves many");
    }
    let registry = if REGISTRIES.iter().any(|suffix| below(suffix)) {
        2
    } else {
        1
    };
    if labels.len() <= registry + 1
        || (labels.len() == registry + 2 && labels.first() == Some(&"www"))
    {
        return Some("is an owner's whole domain; list one host of it");
    }
    None
}

/// What a host is for, where that is something that a phone needs, or that every phone does.
///
/// By the words of its name: a list that comes with a program is no place for a judgement of what else
/// such a host may do.
fn purpose(host: &str) -> Option<&'static str> {
    host.split(['.', '-'])
        .map(|word| word.trim_matches(|c: char| c.is_ascii_digit()))
        .find_map(|word| {
            PURPOSES
                .iter()
                .find(|(_, words)| words.contains(&word))
                .map(|(purpose, _)| *purpose)
        })
}

const PURPOSES: [(&str, &[&str]); 7] = [
    (
        "account",
        &[
            "account", "accounts", "passport", "login", "signin", "auth", "oauth", "sso", "idp",
            "identity",
        ],
    ),
    (
        "push",
        &[
            "push", "mpush", "xmpush", "pushsrv", "mtalk", "fcm", "gcm", "apns", "notify",
        ],
    ),
    (
        "update",
        &[
            "update",
            "updates",
            "updater",
            "upgrade",
            "ota",
            "fota",
            "firmware",
            "autoupdate",
            "download",
            "downloads",
            "dl",
        ],
    ),
    (
        "store",
        &[
            "store",
            "appstore",
            "market",
            "play",
            "galaxystore",
            "appgallery",
        ],
    ),
    ("time", &["time", "ntp", "sntp", "timeserver", "nts"]),
    (
        "captive-portal",
        &[
            "connectivitycheck",
            "connectivity",
            "captive",
            "portal",
            "generate",
            "ncsi",
            "msftconnecttest",
            "detectportal",
            "networkcheck",
        ],
    ),
    (
        "certificate-status",
        &["ocsp", "crl", "crls", "pki", "cert", "certs", "ca"],
    ),
];

/// Domains under which networks and clouds give their customers names.
const CONTENT_NETWORKS: [&str; 30] = [
    "1e100.net",
    "akadns.net",
    "akamai.net",
    "akamaiedge.net",
    "akamaihd.net",
    "akamaized.net",
    "alicdn.com",
    "alikunlun.com",
    "aliyuncs.com",
    "amazonaws.com",
    "azureedge.net",
    "azurewebsites.net",
    "b-cdn.net",
    "cdn20.com",
    "cdngc.net",
    "chinanetcenter.com",
    "cloudapp.azure.com",
    "cloudflare.net",
    "cloudfront.net",
    "edgecastcdn.net",
    "edgekey.net",
    "edgesuite.net",
    "fastly.net",
    "googleapis.com",
    "googleusercontent.com",
    "gstatic.com",
    "ksyuncdn.com",
    "myqcloud.com",
    "qcloudcdn.com",
    "wscdns.com",
];

/// Registries below a country that give out names on the third level.
const REGISTRIES: [&str; 24] = [
    "ac.cn", "co.id", "co.il", "co.in", "co.jp", "co.kr", "co.nz", "co.th", "co.uk", "co.za",
    "com.au", "com.br", "com.cn", "com.hk", "com.mx", "com.my", "com.sg", "com.tr", "com.tw",
    "com.vn", "net.cn", "org.cn", "org.tw", "org.uk",
];
