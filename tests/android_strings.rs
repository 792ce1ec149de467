//! The app's own words, in each language: complete, well-formed for Android's resource compiler, and
//! claiming no more than the core's sentences do.
//!
//! The compiler takes a missing translation, a placeholder too few or a lost quotation mark without a
//! word; what then stands on the screen is English, a crash, or half a sentence.

#![expect(
    clippy::unwrap_used,
    reason = "a helper of a test that cannot go on fails the test"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use portlog_model::{Level, Sentence, Word};
use portlog_words::{Language, say};

/// The folders of the languages, besides `values`, which is English.
const TRANSLATIONS: [(&str, Language); 3] = [
    ("values-zh-rCN", Language::SimplifiedChinese),
    ("values-zh-rTW", Language::TraditionalChinese),
    ("values-hi", Language::Hindi),
];

/// Words that claim what no socket table shows, or that accuse.
const fn never(language: Language) -> &'static [&'static str] {
    match language {
        Language::English => &[
            "spyware",
            "stolen",
            "infected",
            "sends your",
            "secretly",
            "caught",
            "blocked",
            "malware",
        ],
        Language::SimplifiedChinese => &[
            "间谍",
            "窃",
            "被盗",
            "偷",
            "盗取",
            "感染",
            "中毒",
            "病毒",
            "木马",
            "发送您的",
            "上传您的",
            "泄露",
            "秘密",
            "暗中",
            "抓到",
            "逮到",
            "拦截",
            "屏蔽",
            "阻止",
            "封锁",
            "恶意",
            "监听",
            "监视",
        ],
        Language::TraditionalChinese => &[
            "間諜",
            "竊",
            "被盜",
            "偷",
            "盜取",
            "感染",
            "中毒",
            "病毒",
            "木馬",
            "傳送您的",
            "上傳您的",
            "洩漏",
            "外洩",
            "秘密",
            "暗中",
            "抓到",
            "逮到",
            "攔截",
            "封鎖",
            "阻擋",
            "阻止",
            "惡意",
            "監聽",
            "監視",
        ],
        Language::Hindi => &[
            "स्पाइवेयर",
            "जासूस",
            "चोरी",
            "चुरा",
            "संक्रमित",
            "वायरस",
            "डेटा भेज",
            "चुपके",
            "चुपचाप",
            "गुप्त",
            "पकड़",
            "ब्लॉक",
            "अवरुद्ध",
            "मैलवेयर",
        ],
    }
}

/// Latin words that stand in translations because readers write them so.
const LATIN: [&str; 37] = [
    "APK",
    "Adblock",
    "Android",
    "Apache",
    "DNS",
    "Fi",
    "HTTPDNS",
    "HTTPS",
    "Hans",
    "Hant",
    "INTERNET",
    "License",
    "MB",
    "Mobile",
    "Portlog",
    "QR",
    "SHA",
    "SIM",
    "STIX",
    "Toolkit",
    "UID",
    "USB",
    "VPN",
    "Verification",
    "Wi",
    "adb",
    "host",
    "hosts",
    "id",
    "over",
    "Linux",
    "PowerShell",
    "Windows",
    "connected",
    "macOS",
    "root",
    "su",
];

/// What Latin there is besides in these: the language's tag, names of tables.
const LATIN_VALUES: [&str; 2] = ["string core_language", "string-array desktop_steps"];

/// One resource: its texts by their place in it (nothing, a quantity, an index).
#[derive(Clone, Debug, Eq, PartialEq)]
struct Resource {
    file: String,
    kind: String,
    texts: BTreeMap<String, String>,
}

#[test]
fn every_language_has_every_text_and_no_other() {
    let english = read("values");
    assert!(english.len() > 100, "{}", english.len());
    for (folder, language) in TRANSLATIONS {
        let translated = read(folder);
        let missing = absent(&english, &translated);
        assert!(missing.is_empty(), "{folder} lacks {missing:?}");
        let idle = absent(&translated, &english);
        assert!(idle.is_empty(), "{folder} has what values lacks: {idle:?}");
        for (name, resource) in &english {
            let other = &translated[name];
            assert_eq!(other.file, resource.file, "{folder}: {name}");
            assert_eq!(other.kind, resource.kind, "{folder}: {name}");
            let places: Vec<&str> = other.texts.keys().map(String::as_str).collect();
            if resource.kind == "plurals" {
                assert_eq!(places, quantities(language), "{folder}: {name}");
            } else {
                let same: Vec<&str> = resource.texts.keys().map(String::as_str).collect();
                assert_eq!(places, same, "{folder}: {name}");
            }
        }
    }
    for (name, resource) in &english {
        if resource.kind == "plurals" {
            let places: Vec<&str> = resource.texts.keys().map(String::as_str).collect();
            assert_eq!(places, quantities(Language::English), "{name}");
        }
    }
}

#[test]
fn placeholders_are_those_of_the_english() {
    let english = read("values");
    for (folder, _) in TRANSLATIONS {
        for (name, resource) in read(folder) {
            let original = &english[&name];
            for (place, text) in &resource.texts {
                assert_eq!(
                    placeholders(text),
                    placeholders(&original.texts[place]),
                    "{folder}: {name} {place}"
                );
            }
        }
    }
    for (name, resource) in english {
        for text in resource.texts.values() {
            let _checked = placeholders(text);
            // Numbered, so that a translation may put them in another order.
            assert!(
                !text.contains("%s") && !text.contains("%d"),
                "{name}: {text}"
            );
        }
    }
}

#[test]
fn the_resource_compiler_gets_what_is_meant() {
    for (folder, _) in every_language() {
        for (name, resource) in read(folder) {
            for text in resource.texts.values() {
                let fault = fault(text);
                assert_eq!(fault, None, "{folder}: {name}: {text:?}");
            }
        }
    }
}

#[test]
fn no_text_accuses() {
    for (folder, language) in every_language() {
        for (name, resource) in read(folder) {
            for text in resource.texts.values() {
                let lower = text.to_lowercase();
                let found = never(language).iter().find(|word| lower.contains(**word));
                assert_eq!(found, None, "{folder}: {name}: {text}");
            }
        }
    }
}

#[test]
fn no_text_is_left_in_english() {
    let english = read("values");
    for (folder, _) in TRANSLATIONS {
        for (name, resource) in read(folder) {
            if LATIN_VALUES.contains(&name.as_str()) {
                continue;
            }
            for (place, text) in &resource.texts {
                let bare = without_placeholders(text);
                for word in bare.split(|c: char| !c.is_ascii_alphanumeric()) {
                    let is_word = word.chars().any(|c| c.is_ascii_alphabetic());
                    assert!(
                        !is_word || LATIN.contains(&word),
                        "{folder}: {name}: {word:?} in {text}"
                    );
                }
                let original = &english[&name].texts;
                let says_something =
                    without_placeholders(&original[place]).contains(char::is_alphabetic);
                assert!(
                    !says_something || bare.chars().any(|c| c.is_alphabetic() && !c.is_ascii()),
                    "{folder}: {name}: {text}"
                );
            }
        }
    }
}

#[test]
fn numbers_in_the_text_are_kept() {
    let english = read("values");
    for (folder, _) in TRANSLATIONS {
        for (name, resource) in read(folder) {
            for (place, text) in &resource.texts {
                let original = &english[&name].texts[place];
                assert_eq!(numbers(text), numbers(original), "{folder}: {name}: {text}");
            }
        }
    }
}

#[test]
fn each_chinese_keeps_to_its_own_characters() {
    const PAIRS: &str = "个個们們这這为為说說时時来來没沒让讓见見过過还還连連应應图圖录錄读讀询詢单單条條该該\
                         许許闭閉终終号號书書签簽设設标標识識网網络絡类類级級证證关關进進运運无無从從户戶间間\
                         显顯对對断斷长長门門问問题題权權观觀监監测測丢丟动動务務开開启啟";
    let pairs: Vec<char> = PAIRS.chars().filter(|c| !c.is_whitespace()).collect();
    for (folder, others) in [("values-zh-rCN", 1), ("values-zh-rTW", 0)] {
        let others: BTreeSet<char> = pairs.iter().skip(others).step_by(2).copied().collect();
        for (name, resource) in read(folder) {
            for text in resource.texts.values() {
                let found = text.chars().find(|c| others.contains(c));
                assert_eq!(found, None, "{folder}: {name}: {text}");
            }
        }
    }
}

#[test]
fn the_words_for_levels_are_those_of_the_core() {
    for (folder, language) in every_language() {
        let strings = read(folder);
        let text = |name: &str| {
            let resource = &strings[&format!("string {name}")];
            resource.texts.values().next().unwrap().clone()
        };
        assert_eq!(Language::from_tag(&text("core_language")), language);
        for (name, level) in [
            ("level_match", Level::Match),
            ("level_possible", Level::Possible),
            ("level_noted", Level::Noted),
        ] {
            let word = say(&Sentence::Word(Word::Level(level)), language);
            assert_eq!(text(name).to_lowercase(), word, "{folder}: {name}");
        }
    }
}

#[test]
fn the_checks_see_what_they_are_for() {
    assert_eq!(fault("It\\'s \\\"fine\\\", 5 %%\\u0020"), None);
    for text in [
        "It's",
        "\"so\"",
        "\\q",
        " before",
        "after ",
        "two  spaces",
        "",
        "@name",
        "?attr",
        "a\nb",
        "100 %",
        "%s",
        "%1$x",
    ] {
        assert!(fault(text).is_some(), "{text:?}");
    }
    assert_eq!(placeholders("%2$d of %1$s, %1$s"), ["%1$s", "%1$s", "%2$d"]);
    assert_eq!(without_placeholders("%1$s: %2$d\\u0020"), ":  ");
    assert_eq!(
        numbers("Android 10, %1$d, 203.0.113.0/24"),
        ["0", "0", "10", "113", "203", "24"]
    );
}

/// English, and every translation.
fn every_language() -> impl Iterator<Item = (&'static str, Language)> {
    [("values", Language::English)]
        .into_iter()
        .chain(TRANSLATIONS)
}

/// The quantities that a language's grammar has, in order of name (CLDR).
const fn quantities(language: Language) -> &'static [&'static str] {
    match language {
        Language::English | Language::Hindi => &["one", "other"],
        Language::SimplifiedChinese | Language::TraditionalChinese => &["other"],
    }
}

fn absent<'a>(
    from: &'a BTreeMap<String, Resource>,
    other: &BTreeMap<String, Resource>,
) -> Vec<&'a String> {
    from.keys()
        .filter(|name| !other.contains_key(*name))
        .collect()
}

/// The texts to be translated in one folder, from all its files.
fn read(folder: &str) -> BTreeMap<String, Resource> {
    let mut resources = BTreeMap::new();
    let folder = res().join(folder);
    let mut files: Vec<PathBuf> = fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|it| it == "xml"))
        .collect();
    files.sort();
    for path in files {
        let file = path.file_name().unwrap().to_str().unwrap().to_owned();
        let text = fs::read_to_string(&path).unwrap();
        let document = roxmltree::Document::parse(&text).unwrap();
        for element in document
            .root_element()
            .children()
            .filter(roxmltree::Node::is_element)
        {
            let kind = element.tag_name().name();
            let is_text = matches!(kind, "string" | "plurals" | "string-array");
            if !is_text || element.attribute("translatable") == Some("false") {
                continue;
            }
            let resource = Resource {
                file: file.clone(),
                kind: kind.to_owned(),
                texts: texts(element),
            };
            // A string and an array may have the same name.
            let name = format!("{kind} {}", element.attribute("name").unwrap());
            let before = resources.insert(name, resource);
            assert!(
                before.is_none(),
                "{}: {before:?} stands there twice",
                path.display()
            );
        }
    }
    resources
}

fn texts(element: roxmltree::Node<'_, '_>) -> BTreeMap<String, String> {
    let text = |node: roxmltree::Node<'_, '_>| {
        assert!(
            !node.children().any(|it| it.is_element()),
            "plain text alone: {node:?}"
        );
        node.text().unwrap_or_default().to_owned()
    };
    if element.tag_name().name() == "string" {
        return BTreeMap::from([(String::new(), text(element))]);
    }
    element
        .children()
        .filter(roxmltree::Node::is_element)
        .enumerate()
        .map(|(index, item)| {
            let place = item
                .attribute("quantity")
                .map_or_else(|| format!("{index:03}"), str::to_owned);
            (place, text(item))
        })
        .collect()
}

fn res() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../android/src/main/res")
}

/// What Android's resource compiler or formatter would take amiss.
fn fault(text: &str) -> Option<&'static str> {
    if text.trim().is_empty() {
        return Some("empty");
    }
    if text.trim() != text || text.contains("  ") || text.contains('\n') {
        return Some("spaces that are cut away: write \\u0020 or \\n");
    }
    if text.starts_with(['@', '?']) {
        return Some("read as a reference");
    }
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '\'' | '"' => return Some("a quotation mark that is not escaped"),
            '\\' => match chars.next() {
                Some('\'' | '"' | 'n' | 'u' | '@' | '?' | '\\') => {}
                _ => return Some("no such escape"),
            },
            _ => {}
        }
    }
    let mut rest = text;
    while let Some((_, after)) = rest.split_once('%') {
        if let Some(text) = after.strip_prefix('%') {
            rest = text;
            continue;
        }
        let kind = after.trim_start_matches(|c: char| c.is_ascii_digit());
        if kind.len() == after.len() || !(kind.starts_with("$s") || kind.starts_with("$d")) {
            return Some("no placeholder with a number");
        }
        rest = kind;
    }
    None
}

/// `%1$s` and its like, in order of number.
fn placeholders(text: &str) -> Vec<String> {
    let mut all: Vec<String> = text
        .split('%')
        .skip(1)
        .filter_map(|part| {
            let (number, rest) = part.split_once('$')?;
            number.bytes().all(|b| b.is_ascii_digit()).then_some(())?;
            Some(format!("%{number}${}", rest.chars().next()?))
        })
        .collect();
    all.sort();
    all
}

fn without_placeholders(text: &str) -> String {
    let bare = text.replace("\\u0020", " ").replace("\\n", " ");
    placeholders(text)
        .iter()
        .fold(bare, |bare, placeholder| bare.replace(placeholder, ""))
}

/// The numbers that stand in a text itself, in order of their digits.
fn numbers(text: &str) -> Vec<String> {
    let bare = without_placeholders(&text.replace("\\u201c", "").replace("\\u201d", ""));
    let mut all: Vec<String> = bare
        .split(|c: char| !c.is_ascii_digit())
        .filter(|number| !number.is_empty())
        .map(str::to_owned)
        .collect();
    all.sort();
    all
}
