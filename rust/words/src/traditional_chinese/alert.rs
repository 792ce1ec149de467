//! What an alert claims: level, owner, deed, peer, entry, list, since when, how often, how sure.

use std::fmt::Write as _;

use portlog_model::{
    Alert, Category, HitKind, Level, ListHit, Match, NotedReason, Owner, Weakening,
};

use super::connection::{did, names};
use super::owner::{self, Mention};
use super::reason::weakening;
use crate::data::{is_practice, quoted};
use crate::time::Zone;

/// `相符：com.example.sync（……）曾與 203.0.113.7:443 有過連線。清單 … 中有項目 …`.
pub(super) fn alert(alert: &Alert, zone: Zone) -> String {
    let mut text = format!("{}：{}。", heading(alert), deed(alert, zone));
    if let Some(matched) = &alert.matched {
        text.push_str(&entry(matched, zone));
    }
    text.push_str(&history(alert, zone));
    if let Some(doubts) = alert.matched.as_ref().and_then(doubts) {
        text.push_str(&doubts);
    }
    if !alert.candidates.is_empty() {
        let candidates: Vec<String> = alert
            .candidates
            .iter()
            .map(|owner| named(alert, owner))
            .collect();
        let _ = write!(
            text,
            "這段期間有位元組收發的還有：{}。",
            candidates.join("、")
        );
    }
    if alert.bundled > 0 {
        let _ = write!(
            text,
            "這次提示音代表自上次提示音以來的 {} 則警示。",
            alert.bundled
        );
    }
    text
}

/// What is noted, and why.
pub(super) fn noted(alert: &Alert, reason: NotedReason, zone: Zone) -> String {
    let deed = deed(alert, zone);
    match reason {
        NotedReason::ListEntry => self::alert(alert, zone),
        NotedReason::FirstSeenDestination => {
            format!("已記錄：{deed}。先前沒有看過它與這個目的地往來。")
        }
        NotedReason::NewListener => {
            format!("已記錄：{deed}。先前沒有看過它在那裡等候連線。")
        }
        NotedReason::BytesWithoutConnection(bytes) => format!(
            "已記錄：{} 收發了 {bytes} 位元組，但這段期間沒有看到它的任何連線。",
            named(alert, &alert.owner)
        ),
    }
}

pub(super) const fn level(level: Level) -> &'static str {
    match level {
        Level::Match => "相符",
        Level::Possible => "可能",
        Level::Noted => "已記錄",
    }
}

pub(super) fn heading(alert: &Alert) -> String {
    let level = level(alert.level);
    if is_practice(alert) {
        format!("練習，{level}")
    } else {
        level.to_owned()
    }
}

/// Who did what. Without a connection there was a name alone.
pub(super) fn deed(alert: &Alert, zone: Zone) -> String {
    match &alert.observed {
        Some(observed) => {
            let mention = Mention {
                owner: &alert.owner,
                platform: Some(alert.platform),
            };
            let deed = owner::did(mention, &did(&observed.connection));
            format!("{deed}{}", names(observed, zone))
        }
        None => match &alert.asked {
            Some(name) => format!("{} 查詢過名稱 {}", named(alert, &alert.owner), quoted(name)),
            None => format!("{} 查詢過一個名稱", named(alert, &alert.owner)),
        },
    }
}

fn named(alert: &Alert, owner: &Owner) -> String {
    owner::named(Mention {
        owner,
        platform: Some(alert.platform),
    })
}

/// `清單 "mine.txt"（您自己的清單，日期 2026-04-01）中有項目 "203.0.113.7"（就是該位址本身；第 3 行）。`
fn entry(matched: &Match, zone: Zone) -> String {
    let ListHit {
        list,
        category,
        entry,
        line,
        list_date,
        list_sha256: _,
        kind,
    } = &matched.hit;
    let speaks = hit_kind(*kind);
    let date = list_date.map_or_else(
        || "未註明日期".to_owned(),
        |at| format!("日期 {}", zone.date(at)),
    );
    format!(
        "清單 {}（{}，{date}）中有項目 {}（{speaks}；第 {line} 行）。",
        quoted(list),
        self::category(*category),
        quoted(entry)
    )
}

pub(super) const fn hit_kind(kind: HitKind) -> &'static str {
    match kind {
        HitKind::Address => "就是該位址本身",
        HitKind::Network => "包含該位址的網段",
        HitKind::Domain => "曾被查詢、得到該位址作為回覆的名稱",
        HitKind::Pinned => "在別處曾看到對應該位址的名稱",
        HitKind::Package => "就是該套件的名稱",
        HitKind::Signer => "為該套件簽章的憑證",
        HitKind::File => "該套件檔案的摘要",
        HitKind::Asked => "曾被查詢的名稱",
    }
}

pub(super) const fn category(category: Category) -> &'static str {
    match category {
        Category::Own => "您自己的清單",
        Category::Threat => "已知的威脅",
        Category::Tracker => "追蹤器與廣告",
        Category::VendorService => "廠商與平台的服務",
        Category::Reported => "過去曾有文獻記載，可能已經易主",
    }
}

fn history(alert: &Alert, zone: Zone) -> String {
    let count = match alert.asked {
        Some(_) => format!("查詢 {} 次", alert.count),
        None => format!("{} 次連線", alert.count),
    };
    if alert.first_seen == alert.last_seen {
        format!("見於 {}，{count}。", zone.time(alert.first_seen))
    } else {
        format!(
            "首次見於 {}，最近一次 {}，{count}。",
            zone.time(alert.first_seen),
            zone.time(alert.last_seen)
        )
    }
}

/// Why it is not more than it is.
fn doubts(matched: &Match) -> Option<String> {
    let only = match matched.level {
        Level::Match => return None,
        Level::Possible => "只能說可能，原因",
        Level::Noted => "僅作記錄，原因",
    };
    let doubts: Vec<&str> = matched
        .weakened
        .iter()
        .map(|w: &Weakening| weakening(*w))
        .collect();
    (!doubts.is_empty()).then(|| format!("{only}：{}。", doubts.join("；")))
}
