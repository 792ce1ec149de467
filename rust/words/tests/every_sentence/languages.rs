//! What holds in every language alike.

use std::collections::BTreeMap;

use portlog_model::{Connection, Direction, Sentence, SocketState, Table};
use portlog_words::{Language, say};

use crate::samples::*;
use crate::variants::*;

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
            "the manufacturer",
            "proves that",
        ],
        Language::SimplifiedChinese => &[
            "间谍",
            "窃取",
            "窃听",
            "被盗",
            "偷走",
            "偷偷",
            "盗取",
            "感染",
            "中毒",
            "病毒",
            "木马",
            "发送您的",
            "发送你的",
            "上传您的",
            "上传你的",
            "泄露",
            "秘密",
            "暗中",
            "抓到",
            "抓获",
            "逮到",
            "发现了间谍",
            "拦截",
            "屏蔽",
            "阻止",
            "封锁",
            "恶意",
            "制造商",
            "监听",
            "监视",
        ],
        Language::TraditionalChinese => &[
            "間諜",
            "竊取",
            "竊聽",
            "被盜",
            "偷走",
            "偷偷",
            "盜取",
            "感染",
            "中毒",
            "病毒",
            "木馬",
            "傳送您的",
            "傳送你的",
            "上傳您的",
            "上傳你的",
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
            "製造商",
            "監聽",
            "監視",
            "側錄",
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
            "पकड़ा",
            "पकड़ी",
            "पकड़े",
            "ब्लॉक",
            "अवरुद्ध",
            "रोका",
            "मैलवेयर",
            "निर्माता ने",
            "कंपनी ने आपका",
        ],
    }
}

/// The first of `sentences`, one a line, that has `part`.
fn with_part<'a>(sentences: &'a str, part: &str) -> Option<&'a str> {
    // The search through everything at once is the quick one.
    sentences
        .contains(part)
        .then(|| sentences.lines().find(|sentence| sentence.contains(part)))
        .flatten()
}

#[test]
fn no_sentence_accuses() {
    for language in Language::ALL {
        let sentences = every_sentence(language);
        assert!(sentences.len() > 4_000, "{}", sentences.len());
        let sentences = sentences.join("\n").to_lowercase();
        for word in never(language) {
            assert_eq!(with_part(&sentences, word), None, "{word}");
        }
    }
}

#[test]
fn every_sentence_is_one_readable_line() {
    const FAULTS: [&str; 24] = [
        "  ", "..", " .", " ,", "None", "Some(", "{", "}", "()", ";;", ". .", "。。", "，，",
        "；；", "：：", "。；", "，。", "（）", " 。", " ，", "।।", " ।", "।.", ",।",
    ];
    for language in Language::ALL {
        let sentences = every_sentence(language);
        for sentence in &sentences {
            assert!(!sentence.is_empty());
            assert_eq!(sentence.trim(), sentence);
            assert!(!sentence.contains(['\n', '\r', '\u{1b}']), "{sentence:?}");
        }
        let sentences = sentences.join("\n");
        for fault in FAULTS {
            assert_eq!(with_part(&sentences, fault), None, "{fault:?}");
        }
    }
}

/// Numbers, times, addresses, packages, paths and quoted values of a sentence, and how often each
/// stands in it.
fn values(sentence: &str) -> BTreeMap<&str, u32> {
    let mut values = BTreeMap::new();
    let is_part = |c: char| {
        c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | ':' | '/' | '-' | '[' | ']' | '+')
    };
    for token in sentence.split(|c| !is_part(c)) {
        let token = token.trim_matches(['.', ':', '-']);
        let is_value = token.contains(|c: char| c.is_ascii_digit())
            || token.contains('.')
            || token.strip_prefix('/').is_some_and(|path| !path.is_empty());
        if is_value {
            *values.entry(token).or_insert(0) += 1;
        }
    }
    values
}

#[test]
fn no_language_drops_or_adds_a_value() {
    // Words that English sentences set in quotation marks, and no values.
    const PROSE: [&str; 3] = ["Firmware", "do not disturb", "See all connections"];
    let english = every_sentence(Language::English);
    for language in Language::ALL {
        let said = every_sentence(language);
        assert_eq!(said.len(), english.len());
        for (english, said) in english.iter().zip(&said) {
            assert_eq!(values(english), values(said), "{english}\n{said}");
            for quoted in english.split('"').skip(1).step_by(2) {
                assert!(
                    PROSE.contains(&quoted) || said.contains(&format!("\"{quoted}\"")),
                    "{quoted}: {said}"
                );
            }
        }
    }
}

#[test]
fn a_fault_and_a_setting_keep_their_words() {
    for language in Language::ALL {
        let said = every_sentence(language).join("\n");
        for value in [
            "index out of bounds",
            "no space left on device",
            "nothing more to read",
            "connection refused",
            "after an update",
            "\"maria\"",
            "interval",
            "\"5s\"",
            "\"fetcher\"",
            "fetcher 1, fetcher 2",
            "\"com.example.sync\"",
            "\"lists.txt\"",
        ] {
            let value = if matches!(
                language,
                Language::SimplifiedChinese | Language::TraditionalChinese
            ) {
                value.replace(", ", "、")
            } else {
                value.to_owned()
            };
            assert!(said.contains(&value), "{value}: {language:?}");
        }
    }
}

/// Latin words that stand in translations because readers of the language write them so.
const LATIN: [&str; 31] = [
    "Android",
    "CERT",
    "DNS",
    "DoH",
    "HTTPDNS",
    "ICMP",
    "IP",
    "IPv",
    "Portlog",
    "SDK",
    "SELinux",
    "SIM",
    "TCP",
    "UDP",
    "UDP-Lite",
    "UID",
    "Wi-Fi",
    "adb",
    "id",
    "ping",
    "procfs",
    "shell",
    "sock_diag",
    "UTC",
    "VPN",
    "import",
    "replay",
    "simulated",
    "interval",
    "openssl",
    "origin",
];

#[test]
fn no_sentence_is_left_in_english() {
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '/' | '-');
    let value_words = [
        "fetcher",
        "index",
        "out",
        "of",
        "bounds",
        "no",
        "space",
        "left",
        "on",
        "device",
        "nothing",
        "more",
        "to",
        "read",
        "connection",
        "refused",
        "after",
        "an",
        "update",
        "maria",
        "system",
        "vendor",
        "tcp6",
        "system_ext",
        "body",
        "sig",
        "model",
        "MB",
    ];
    for language in Language::ALL {
        if language == Language::English {
            continue;
        }
        for (sentence, english) in every_sentence(language)
            .iter()
            .zip(every_sentence(Language::English))
        {
            for token in sentence.split(|c| !is_part(c)) {
                let word = token.trim_matches(['.', '-']);
                let is_word = word.contains(|c: char| c.is_ascii_alphabetic())
                    && !word.contains(['.', '/'])
                    && !word.contains(|c: char| c.is_ascii_digit());
                if is_word {
                    assert!(
                        LATIN.contains(&word)
                            || (value_words.contains(&word) && english.contains(word)),
                        "{word}: {sentence}"
                    );
                }
            }
        }
    }
}

#[test]
fn each_chinese_keeps_to_its_own_characters() {
    const SIMPLIFIED: &str = "个们这为说时来没让见过还连应图录读询单条该记许闭终号书签设标识网络类级\
                              证开关进运无见从户间显对断长门问题权观监测内丢动务";
    const TRADITIONAL: &str = "個們這為說時來沒讓見過還連應圖錄讀詢單條該記許閉終號書簽設標識網絡類級\
                               證開關進運無見從戶間顯對斷長門問題權觀監測內丟動務";
    for (language, own, others) in [
        (Language::TraditionalChinese, TRADITIONAL, SIMPLIFIED),
        (Language::SimplifiedChinese, SIMPLIFIED, TRADITIONAL),
    ] {
        let sentences = every_sentence(language).join("\n");
        for other in others.chars().filter(|c| !own.contains(*c)) {
            assert_eq!(with_part(&sentences, &other.to_string()), None, "{other}");
        }
    }
}

#[test]
fn taiwan_has_its_own_terms() {
    const MAINLAND: [&str; 14] = [
        "軟件",
        "網絡",
        "內存",
        "信息",
        "程序",
        "用戶",
        "默認",
        "文件",
        "服務器",
        "數據",
        "連接",
        "固件",
        "進程",
        "字節",
    ];
    let sentences = every_sentence(Language::TraditionalChinese)
        .join("\n")
        .replace("處理程序", "")
        .replace("連接埠", "");
    for term in MAINLAND {
        assert_eq!(with_part(&sentences, term), None, "{term}");
    }
}

#[test]
fn the_wording_follows_state_and_direction_in_every_language() {
    for (language, tried, had, contacted, unknown, began) in [
        (
            Language::SimplifiedChinese,
            "曾尝试连接 203.0.113.7:443",
            "曾与 203.0.113.7:443 有过连接",
            "收到过来自 203.0.113.7:443 的联系",
            "是否发送过任何内容，不得而知",
            "由哪一方发起，不得而知",
        ),
        (
            Language::TraditionalChinese,
            "曾嘗試連線到 203.0.113.7:443",
            "曾與 203.0.113.7:443 有過連線",
            "收到過來自 203.0.113.7:443 的聯繫",
            "是否送出過任何內容，無從得知",
            "由哪一方開始，無從得知",
        ),
        (
            Language::Hindi,
            "203.0.113.7:443 से कनेक्ट होने की कोशिश की",
            "203.0.113.7:443 के साथ कनेक्शन था",
            "203.0.113.7:443 ने संपर्क किया",
            "कुछ भेजा गया या नहीं, यह ज्ञात नहीं",
            "शुरुआत किस पक्ष ने की, यह ज्ञात नहीं",
        ),
    ] {
        let said = |table, state, direction| {
            let connection = Connection {
                table,
                state,
                direction,
                ..connection()
            };
            say(&Sentence::Connection(&connection), language)
        };
        for direction in directions() {
            assert_eq!(said(Table::Tcp, SocketState::SynSent, direction), tried);
            for state in states() {
                let tcp = said(Table::Tcp, state, direction);
                assert!(state.was_established() || !tcp.contains(had), "{tcp}");
                for table in [Table::Udp, Table::UdpLite, Table::Raw, Table::Icmp] {
                    let datagram = said(table, state, direction);
                    assert!(datagram.ends_with(unknown), "{datagram}");
                }
            }
        }
        assert_eq!(
            said(Table::Tcp, SocketState::Established, Direction::Out),
            had
        );
        assert_eq!(
            said(Table::Tcp, SocketState::Established, Direction::In),
            contacted
        );
        let neither = said(Table::Tcp, SocketState::Established, Direction::Unknown);
        assert!(
            neither.starts_with(had) && neither.ends_with(began),
            "{neither}"
        );
    }
}
