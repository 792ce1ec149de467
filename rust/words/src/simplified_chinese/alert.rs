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

/// `匹配：com.example.sync（……）曾与 203.0.113.7:443 有过连接。名单 … 中有条目 …`.
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
            "在此期间有字节收发的还有：{}。",
            candidates.join("、")
        );
    }
    if alert.bundled > 0 {
        let _ = write!(
            text,
            "这次提示音代表自上次提示音以来的 {} 条警报。",
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
            format!("已记录：{deed}。此前没有见过它与这个目的地往来。")
        }
        NotedReason::NewListener => {
            format!("已记录：{deed}。此前没有见过它在那里等待连接。")
        }
        NotedReason::BytesWithoutConnection(bytes) => format!(
            "已记录：{} 收发了 {bytes} 字节，而期间没有看到它的任何连接。",
            named(alert, &alert.owner)
        ),
    }
}

pub(super) const fn level(level: Level) -> &'static str {
    match level {
        Level::Match => "匹配",
        Level::Possible => "可能",
        Level::Noted => "已记录",
    }
}

pub(super) fn heading(alert: &Alert) -> String {
    let level = level(alert.level);
    if is_practice(alert) {
        format!("练习，{level}")
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
            Some(name) => format!("{} 查询过名称 {}", named(alert, &alert.owner), quoted(name)),
            None => format!("{} 查询过一个名称", named(alert, &alert.owner)),
        },
    }
}

fn named(alert: &Alert, owner: &Owner) -> String {
    owner::named(Mention {
        owner,
        platform: Some(alert.platform),
    })
}

/// `名单 "mine.txt"（您自己的名单，日期 2026-04-01）中有条目 "203.0.113.7"（即该地址本身；第 3 行）。`
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
        || "未注明日期".to_owned(),
        |at| format!("日期 {}", zone.date(at)),
    );
    format!(
        "名单 {}（{}，{date}）中有条目 {}（{speaks}；第 {line} 行）。",
        quoted(list),
        self::category(*category),
        quoted(entry)
    )
}

pub(super) const fn hit_kind(kind: HitKind) -> &'static str {
    match kind {
        HitKind::Address => "即该地址本身",
        HitKind::Network => "包含该地址的网段",
        HitKind::Domain => "曾被查询、应答为该地址的名称",
        HitKind::Pinned => "在别处曾见到对应该地址的名称",
        HitKind::Package => "即该软件包的名称",
        HitKind::Signer => "为该软件包签名的证书",
        HitKind::File => "该软件包文件的摘要",
        HitKind::Asked => "曾被查询的名称",
    }
}

pub(super) const fn category(category: Category) -> &'static str {
    match category {
        Category::Own => "您自己的名单",
        Category::Threat => "已知威胁",
        Category::Tracker => "跟踪器和广告",
        Category::VendorService => "厂商和平台的服务",
        Category::Reported => "过去有文献记载，可能已经易手",
    }
}

fn history(alert: &Alert, zone: Zone) -> String {
    let count = match alert.asked {
        Some(_) => format!("查询 {} 次", alert.count),
        None => format!("{} 次连接", alert.count),
    };
    if alert.first_seen == alert.last_seen {
        format!("见于 {}，{count}。", zone.time(alert.first_seen))
    } else {
        format!(
            "首次见于 {}，最近一次 {}，{count}。",
            zone.time(alert.first_seen),
            zone.time(alert.last_seen)
        )
    }
}

/// Why it is not more than it is.
fn doubts(matched: &Match) -> Option<String> {
    let only = match matched.level {
        Level::Match => return None,
        Level::Possible => "只能说可能，原因",
        Level::Noted => "只作记录，原因",
    };
    let doubts: Vec<&str> = matched
        .weakened
        .iter()
        .map(|w: &Weakening| weakening(*w))
        .collect();
    (!doubts.is_empty()).then(|| format!("{only}：{}。", doubts.join("；")))
}
