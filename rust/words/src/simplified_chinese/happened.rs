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
                Some(_) => format!("新出现：{seen}。"),
                None => format!("第一次查看时已存在：{seen}。"),
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
            format!("设置 {} 现在是 {}。", clean(name), quoted(value))
        }
        EventKind::Drop { events } => format!("有 {events} 个事件丢失：没有及时取走。"),
        EventKind::Gap { from, reason } => gap(*from, reason, zone),
        EventKind::Stopped(stopped) => self::stopped(stopped),
    }
}

fn started(started: &Started) -> String {
    let scope = if started.scope_all {
        "观察范围包括所有程序"
    } else {
        "观察范围只限于固件"
    };
    let mut text = format!(
        "监测开始：Portlog {}，来源 {}，每 {}查看一次，{scope}。",
        clean(&started.version),
        started.source,
        span(started.interval)
    );
    if started.packages_overridden {
        text.push_str("软件包列表是手动提供的。");
    }
    match started.provenance {
        Provenance::Live | Provenance::Helper | Provenance::Adb => {}
        Provenance::Import | Provenance::Replay | Provenance::Simulated => {
            let _ = write!(text, "非实时观察（{}）。", started.provenance);
        }
    }
    text
}

fn changed(protocol: Protocol, was: SocketState, is: SocketState, seen: &str) -> String {
    let was = word(Word::SocketState(protocol, was));
    let is = word(Word::SocketState(protocol, is));
    if was == is {
        format!("有变化：{seen}。")
    } else {
        format!("有变化（之前：{was}；现在：{is}）：{seen}。")
    }
}

fn list(list: &ListInfo, zone: Zone) -> String {
    let date = list.date.map_or_else(
        || "未注明日期".to_owned(),
        |at| format!("日期 {}", zone.date(at)),
    );
    let mut text = format!(
        "名单 {}（{}，{date}）已启用：{} 条规则",
        quoted(&list.name),
        alert::category(list.category),
        list.rules
    );
    if list.bad_lines > 0 {
        let _ = write!(text, "，{} 行无法使用", list.bad_lines);
    }
    text.push('。');
    text
}

fn packages(packages: &PackagesInfo, platform: Platform) -> String {
    let coverage = coverage::of(&packages.coverage, platform);
    match platform {
        Platform::Android => format!(
            "{coverage}。{} 个软件包，{} 个 UID。",
            packages.packages, packages.uids
        ),
        Platform::Linux => format!("{coverage}。{} 个 UID。", packages.uids),
    }
}

fn clock(before: Moment, jump_millis: i64, zone: Zone) -> String {
    let by = span(Duration::from_millis(jump_millis.unsigned_abs()));
    let way = if jump_millis < 0 { "拨慢" } else { "拨快" };
    format!(
        "时钟被{way}了 {by}；此前显示的是 {}。",
        zone.time(before.wall)
    )
}

fn heartbeat(heartbeat: &Heartbeat) -> String {
    let mut text = format!(
        "监测在运行。自上次报告以来：监测 {}，唤醒 {}，睡眠 {}",
        span(heartbeat.watched),
        span(heartbeat.awake),
        span(heartbeat.suspended)
    );
    if !heartbeat.denied.is_zero() {
        let _ = write!(text, "，没有任何表可读 {}", span(heartbeat.denied));
    }
    let _ = write!(
        text,
        "，查看 {} 次，现在已知 {} 个连接。",
        heartbeat.polls, heartbeat.connections
    );
    text
}

fn gap(from: Option<Moment>, reason: &GapReason, zone: Zone) -> String {
    let why = coverage::gap(reason);
    match from {
        Some(from) => format!("自 {} 起无人查看：{why}。", zone.time(from.wall)),
        None => format!("有一段时间无人查看：{why}。"),
    }
}

fn stopped(stopped: &Stopped) -> String {
    let mut text = format!(
        "监测结束：查看 {} 次，{} 项匹配，{} 项可能",
        stopped.polls, stopped.matches, stopped.possible
    );
    if stopped.dropped > 0 {
        let _ = write!(text, "，{} 个事件丢失", stopped.dropped);
    }
    text.push('。');
    text
}
