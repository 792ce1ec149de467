//! How what only an app says is worded.

use std::collections::BTreeSet;
use std::time::Duration;

use portlog_model::{
    Coverage, CoverageCounts, CoverageItem, CoverageStatus, LinkState, Notice, Ongoing, Platform,
    PracticeLink, Sentence, WatchState, Watched,
};
use portlog_words::{Language, say};

use crate::app::{coverages, daily, practice_alert, some_owners, watched};
use crate::samples::{alerts, moment};
use crate::variants::statuses;

#[test]
fn what_was_looked_at_never_shows_that_a_phone_is_clean() {
    for (language, disclaimer) in [
        (
            Language::English,
            "This does not show that the phone is clean.",
        ),
        (Language::SimplifiedChinese, "这并不说明手机没有问题。"),
        (Language::TraditionalChinese, "這並不表示手機沒有問題。"),
        (Language::Hindi, "इससे यह नहीं पता चलता कि फ़ोन में सब ठीक है।"),
    ] {
        for watched in watched() {
            let said = say(&Sentence::Watched(&watched), language);
            let silent = watched.matches == 0
                && watched.possible == 0
                && watched.state != WatchState::Starting;
            assert_eq!(said.ends_with(disclaimer), silent, "{said}");
        }
    }
}

#[test]
fn what_was_looked_at_is_told_in_full() {
    let watched = Watched {
        state: WatchState::Running,
        watched: Duration::from_hours(76),
        owners: 41,
        destinations: 212,
        lists: 2,
        matches: 0,
        possible: 0,
    };
    let said = |watched: &Watched| say(&Sentence::Watched(watched), Language::English);
    assert_eq!(
        said(&watched),
        "Watching for 3 d 4 h, 41 system programs, 212 destinations, none on your 2 lists. This does \
         not show that the phone is clean."
    );
    assert_eq!(
        say(&Sentence::Watched(&watched), Language::SimplifiedChinese),
        "已监测 3 天 4 小时，41 个系统程序，212 个目的地，没有一个在您的 2 份名单上。这并不说明手机没有问题。"
    );
    assert_eq!(
        say(&Sentence::Watched(&watched), Language::TraditionalChinese),
        "已觀測 3 天 4 小時，41 個系統程式，212 個目的地，沒有任何一個在您的 2 份清單上。這並不表示手機沒有問題。"
    );
    assert_eq!(
        say(&Sentence::Watched(&watched), Language::Hindi),
        "अब तक निगरानी: 3 दिन 4 घंटे, 41 सिस्टम प्रोग्राम, 212 गंतव्य, आपकी 2 सूचियों में इनमें से कोई नहीं। \
         इससे यह नहीं पता चलता कि फ़ोन में सब ठीक है।"
    );
    let no_list = said(&Watched {
        lists: 0,
        ..watched
    });
    assert!(
        no_list.contains("no list is in force: nothing can match"),
        "{no_list}"
    );
    let stopped = said(&Watched {
        state: WatchState::Stopped,
        ..watched
    });
    assert!(
        stopped.starts_with("The watch is stopped. It watched for 3 d 4 h"),
        "{stopped}"
    );
    let found = said(&Watched {
        matches: 1,
        possible: 3,
        ..watched
    });
    assert!(
        found.contains("1 match and 3 possible with your 2 lists"),
        "{found}"
    );
    let denied = said(&Watched {
        state: WatchState::Denied,
        watched: Duration::ZERO,
        ..watched
    });
    assert!(denied.starts_with("Nothing could be looked at"), "{denied}");
}

/// What a sentence advises is what the button below it does: it leads to the helper, or tries again.
#[test]
fn what_to_do_about_refused_tables_is_what_can_be_done() {
    for (language, helper, computer) in [
        (Language::English, "helper", "from a computer"),
        (Language::SimplifiedChinese, "辅助进程", "从电脑"),
        (Language::TraditionalChinese, "輔助程式", "從電腦"),
        (Language::Hindi, "सहायक प्रक्रिया", "कंप्यूटर से"),
    ] {
        let link = Sentence::Practice(PracticeLink::Row, LinkState::Failed);
        for sentence in [Sentence::State(WatchState::Blind), link] {
            let said = say(&sentence, language);
            assert!(said.contains("Android 10"), "{said}");
            assert!(said.contains(helper) && said.contains(computer), "{said}");
            assert!(!said.contains("adb"), "{said}");
        }
        let said = say(&Sentence::State(WatchState::Denied), language);
        assert!(!said.contains(helper), "{said}");
    }
}

#[test]
fn a_refused_table_is_never_told_as_an_empty_one() {
    for coverage in coverages() {
        for language in Language::ALL {
            let said = |status| {
                let coverage = Coverage {
                    status,
                    ..coverage.clone()
                };
                say(
                    &Sentence::CoverageOf(&coverage, Platform::Android),
                    language,
                )
            };
            let told: Vec<String> = statuses().into_iter().map(said).collect();
            let unique: BTreeSet<&String> = told.iter().collect();
            assert_eq!(unique.len(), told.len(), "{told:?}");
        }
        let said = say(
            &Sentence::CoverageOf(&coverage, Platform::Android),
            Language::English,
        );
        let is_table = matches!(coverage.item, CoverageItem::Table(_));
        if coverage.status == CoverageStatus::Denied {
            assert!(
                said.contains("may not be read: the system refuses"),
                "{said}"
            );
            assert_eq!(said.contains("from Android 10 on"), is_table, "{said}");
            assert!(!said.contains("rows,"), "{said}");
        }
    }
    let counts = CoverageCounts {
        readable: 4,
        denied: 6,
        ..CoverageCounts::default()
    };
    assert_eq!(
        say(&Sentence::CoverageSummary(counts), Language::English),
        "4 of 10 socket tables can be read; 6 may not be read. What is in the tables that cannot be \
         seen is not known."
    );
}

#[test]
fn a_notification_tells_all_and_the_lock_screen_nothing() {
    for language in Language::ALL {
        for alert in alerts() {
            let sentence = say(&Sentence::Alert(&alert), language);
            let body = say(&Sentence::NoticeBody(Notice::Alert(&alert)), language);
            assert!(body.contains(&sentence), "{body}");
            assert!(
                body.len() > sentence.len() + 20,
                "what else could explain it: {body}"
            );
            let title = say(&Sentence::NoticeTitle(Notice::Alert(&alert)), language);
            assert!(title.len() < sentence.len() / 2, "{title}");
        }
        for practice in [false, true] {
            let notice = Notice::LockScreen { practice };
            for text in [Sentence::NoticeTitle(notice), Sentence::NoticeBody(notice)] {
                let said = say(&text, language);
                assert!(
                    !said.contains(|c: char| c.is_ascii_digit() || c == '.'),
                    "{said}"
                );
            }
        }
    }
    let practice = practice_alert();
    let title = |language| say(&Sentence::NoticeTitle(Notice::Alert(&practice)), language);
    assert_eq!(
        title(Language::English),
        "Practice, match: com.example.sync"
    );
    assert_eq!(
        title(Language::SimplifiedChinese),
        "练习，匹配：com.example.sync"
    );
    assert_eq!(
        title(Language::TraditionalChinese),
        "練習，相符：com.example.sync"
    );
    assert_eq!(title(Language::Hindi), "अभ्यास, मिलान: com.example.sync");
}

#[test]
fn the_notification_that_stays_says_what_cannot_be_seen() {
    let ongoing = Ongoing {
        state: WatchState::Running,
        owners: 41,
        since: moment().wall,
        tables: CoverageCounts {
            readable: 8,
            denied: 1,
            absent: 0,
            untrusted: 1,
        },
    };
    let notice = Notice::Ongoing(ongoing);
    let said = |language| {
        (
            say(&Sentence::NoticeTitle(notice), language),
            say(&Sentence::NoticeBody(notice), language),
        )
    };
    assert_eq!(
        said(Language::English),
        (
            "Watching 41 programs".to_owned(),
            "Since 2026-05-04 13:45:00 UTC; 2 of 10 tables cannot be seen.".to_owned()
        )
    );
    assert_eq!(
        said(Language::Hindi),
        (
            "41 प्रोग्राम की निगरानी".to_owned(),
            "2026-05-04 13:45:00 UTC से; 10 तालिकाओं में से 2 नहीं देखी जा सकती।".to_owned()
        )
    );
}

#[test]
fn a_day_is_summed_up() {
    let owners = some_owners(7);
    let said = |counts, language| {
        say(
            &Sentence::NoticeBody(Notice::Daily(daily(counts, &owners))),
            language,
        )
    };
    let english = said([3, 1, 0, 2], Language::English);
    assert!(
        english.starts_with(
            "6 noted today: 3 list entries, 1 new destination, 2 times that bytes moved without a \
             connection being seen. By: com.example.sync, "
        ),
        "{english}"
    );
    assert!(english.ends_with(", 2 more."), "{english}");
}
