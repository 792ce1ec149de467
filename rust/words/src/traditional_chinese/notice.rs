//! Notifications: a title and a text each.

use portlog_model::{Alert, Daily, Notice, Ongoing, Owner, Platform, WatchState};

use super::owner::{self, Mention};
use super::watched::state;
use super::{alert, explanation};
use crate::advise::explanations;
use crate::data::is_practice;
use crate::time::Zone;

/// Owners that a daily summary names.
const MAX_OWNERS: usize = 5;

pub(super) fn title(notice: Notice<'_>) -> String {
    match notice {
        Notice::Alert(alert) => format!(
            "{}：{}",
            alert::heading(alert),
            owner::who(Mention {
                owner: &alert.owner,
                platform: Some(alert.platform),
            })
        ),
        Notice::Group { owner, .. } => who(owner),
        Notice::Ongoing(ongoing) => match ongoing.state {
            WatchState::Starting => "Portlog 正在啟動".to_owned(),
            WatchState::Running => format!("正在觀測 {} 個程式", ongoing.owners),
            WatchState::Denied | WatchState::Blind => {
                "Portlog 看不到其他應用程式的通訊端".to_owned()
            }
            WatchState::Stopped => "Portlog 已停止".to_owned(),
        },
        Notice::LockScreen { .. } => "Portlog".to_owned(),
        Notice::Daily(daily) => format!("今天記錄了 {} 項", daily.total()),
    }
}

pub(super) fn body(notice: Notice<'_>, zone: Zone) -> String {
    match notice {
        Notice::Alert(alert) => claim(alert, zone),
        Notice::Group {
            matches, possible, ..
        } => format!("{matches} 項相符，{possible} 項可能"),
        Notice::Ongoing(ongoing) => self::ongoing(&ongoing, zone),
        Notice::LockScreen { practice: false } => "有新發現".to_owned(),
        Notice::LockScreen { practice: true } => "有新發現（練習）".to_owned(),
        Notice::Daily(daily) => self::daily(&daily),
    }
}

/// The alert's sentence, and what else could explain it.
fn claim(alert: &Alert, zone: Zone) -> String {
    let mut text = String::new();
    if is_practice(alert) {
        text.push_str("這是練習：連線由 Portlog 自己開啟，不列入統計。");
    }
    text.push_str(&alert::alert(alert, zone));
    let others: Vec<&str> = explanations(alert).into_iter().map(explanation).collect();
    if !others.is_empty() {
        text.push_str("還有什麼可以解釋：");
        text.push_str(&others.concat());
    }
    text
}

fn ongoing(ongoing: &Ongoing, zone: Zone) -> String {
    let since = zone.time(ongoing.since);
    let tables = match ongoing.tables.unseen() {
        0 if ongoing.tables.readable == 0 => "還沒有查看任何表格".to_owned(),
        0 => "這個核心的所有表格都可以看到".to_owned(),
        unseen => format!("{} 個表格中有 {unseen} 個看不到", ongoing.tables.present()),
    };
    match ongoing.state {
        WatchState::Running => format!("自 {since} 起；{tables}。"),
        WatchState::Starting | WatchState::Denied | WatchState::Blind | WatchState::Stopped => {
            state(ongoing.state).to_owned()
        }
    }
}

/// `今天記錄了 5 項：3 個清單項目，2 個新目的地。來自：com.example.sync……`.
fn daily(daily: &Daily<'_>) -> String {
    let counts: Vec<String> = [
        (daily.entries, "個清單項目"),
        (daily.destinations, "個新目的地"),
        (daily.listeners, "個新的等候連線的連接埠"),
        (daily.bytes_alone, "次有位元組收發卻沒有看到連線"),
    ]
    .into_iter()
    .filter(|(count, _)| *count > 0)
    .map(|(count, what)| format!("{count} {what}"))
    .collect();
    let mut text = format!("今天記錄了 {} 項", daily.total());
    if !counts.is_empty() {
        text.push('：');
        text.push_str(&counts.join("，"));
    }
    text.push('。');
    let mut owners: Vec<String> = daily
        .owners
        .iter()
        .take(MAX_OWNERS)
        .map(|owner| who(owner))
        .collect();
    let more = daily.owners.len().saturating_sub(MAX_OWNERS);
    if more > 0 {
        owners.push(format!("另外 {more} 個"));
    }
    if !owners.is_empty() {
        text.push_str("來自：");
        text.push_str(&owners.join("、"));
        text.push('。');
    }
    text
}

/// Notifications are Android's.
fn who(owner: &Owner) -> String {
    owner::who(Mention {
        owner,
        platform: Some(Platform::Android),
    })
}
