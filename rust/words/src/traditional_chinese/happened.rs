//! Events, one line each, as a history shows them.

use std::fmt::Write as _;
use std::time::Duration;

use portlog_model::{
    EventKind, GapReason, Heartbeat, ListInfo, Moment, PackagesInfo, Platform, Protocol,
    Provenance, SocketState, Started, Stopped, Word,
};

use super::word::word;
use super::{alert, connection, coverage, span};
use crate::data::{clean, quoted};
use crate::time::Zone;

pub(super) fn happened(kind: &EventKind, platform: Platform, zone: Zone) -> String {
    match kind {
        EventKind::Started(started) => self::started(started),
        EventKind::Opened {
            observed, after, ..
        } => {
            let seen = connection::observed(observed, zone);
            match after {
                Some(_) => format!("新出現：{seen}。"),
                None => format!("第一次查看時已存在：{seen}。"),
            }
        }
        EventKind::Changed { observed, was, .. } => changed(
            observed.connection.protocol(),
            *was,
            observed.connection.state,
            &connection::observed(observed, zone),
        ),
        EventKind::Closed { observed, .. } => {
            format!("已消失：{}。", connection::observed(observed, zone))
        }
        EventKind::Alert(alert) => alert::alert(alert, zone),
        EventKind::Noted(alert, reason) => alert::noted(alert, *reason, zone),
        EventKind::Coverage(coverage) => format!("{}。", coverage::of(coverage, platform)),
        EventKind::List(list) => self::list(list, zone),
        EventKind::Packages(packages) => self::packages(packages, platform),
        EventKind::Clock {
            before,
            jump_millis,
        } => clock(*before, *jump_millis, zone),
        EventKind::Heartbeat(heartbeat) => self::heartbeat(heartbeat),
        EventKind::Config { name, value } => {
            format!("設定 {} 現在是 {}。", clean(name), quoted(value))
        }
        EventKind::Drop { events } => format!("有 {events} 個事件遺失：沒有及時取走。"),
        EventKind::Gap { from, reason } => gap(*from, reason, zone),
        EventKind::Stopped(stopped) => self::stopped(stopped),
    }
}

fn started(started: &Started) -> String {
    let scope = if started.scope_all {
        "觀察範圍包括所有程式"
    } else {
        "觀察範圍僅限韌體"
    };
    let mut text = format!(
        "觀測開始：Portlog {}，來源 {}，每 {}查看一次，{scope}。",
        clean(&started.version),
        started.source,
        span(started.interval)
    );
    if started.packages_overridden {
        text.push_str("套件清單是手動提供的。");
    }
    match started.provenance {
        Provenance::Live | Provenance::Helper | Provenance::Adb => {}
        Provenance::Import | Provenance::Replay | Provenance::Simulated => {
            let _ = write!(text, "非即時觀察（{}）。", started.provenance);
        }
    }
    text
}

fn changed(protocol: Protocol, was: SocketState, is: SocketState, seen: &str) -> String {
    let was = word(Word::SocketState(protocol, was));
    let is = word(Word::SocketState(protocol, is));
    if was == is {
        format!("有變化：{seen}。")
    } else {
        format!("有變化（之前：{was}；現在：{is}）：{seen}。")
    }
}

fn list(list: &ListInfo, zone: Zone) -> String {
    let date = list.date.map_or_else(
        || "未註明日期".to_owned(),
        |at| format!("日期 {}", zone.date(at)),
    );
    let mut text = format!(
        "清單 {}（{}，{date}）已啟用：{} 條規則",
        quoted(&list.name),
        alert::category(list.category),
        list.rules
    );
    if list.bad_lines > 0 {
        let _ = write!(text, "，{} 行無法使用", list.bad_lines);
    }
    text.push('。');
    text
}

fn packages(packages: &PackagesInfo, platform: Platform) -> String {
    let coverage = coverage::of(&packages.coverage, platform);
    match platform {
        Platform::Android => format!(
            "{coverage}。{} 個套件，{} 個 UID。",
            packages.packages, packages.uids
        ),
        Platform::Linux => format!("{coverage}。{} 個 UID。", packages.uids),
    }
}

fn clock(before: Moment, jump_millis: i64, zone: Zone) -> String {
    let by = span(Duration::from_millis(jump_millis.unsigned_abs()));
    let way = if jump_millis < 0 { "調慢" } else { "調快" };
    format!(
        "時鐘被{way}了 {by}；先前顯示的是 {}。",
        zone.time(before.wall)
    )
}

fn heartbeat(heartbeat: &Heartbeat) -> String {
    let mut text = format!(
        "觀測執行中。自上次回報以來：觀測 {}，喚醒 {}，睡眠 {}",
        span(heartbeat.watched),
        span(heartbeat.awake),
        span(heartbeat.suspended)
    );
    if !heartbeat.denied.is_zero() {
        let _ = write!(text, "，沒有任何表格可讀取 {}", span(heartbeat.denied));
    }
    let _ = write!(
        text,
        "，查看 {} 次，現在已知 {} 個連線。",
        heartbeat.polls, heartbeat.connections
    );
    text
}

fn gap(from: Option<Moment>, reason: &GapReason, zone: Zone) -> String {
    let why = coverage::gap(reason);
    match from {
        Some(from) => format!("自 {} 起無人查看：{why}。", zone.time(from.wall)),
        None => format!("有一段時間無人查看：{why}。"),
    }
}

fn stopped(stopped: &Stopped) -> String {
    let mut text = format!(
        "觀測結束：查看 {} 次，{} 項相符，{} 項可能",
        stopped.polls, stopped.matches, stopped.possible
    );
    if stopped.dropped > 0 {
        let _ = write!(text, "，{} 個事件遺失", stopped.dropped);
    }
    text.push('。');
    text
}
