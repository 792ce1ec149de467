//! Whether the watch runs, and what it has looked at.

use portlog_model::{WatchState, Watched};

use super::span;

/// What was looked at. It never says more than that: to find nothing shows nothing.
pub(super) fn watched(watched: &Watched) -> String {
    let so_far = so_far(watched);
    let looked = match watched.state {
        WatchState::Starting => return state(WatchState::Starting).to_owned(),
        WatchState::Running => format!("已监测 {so_far}。"),
        WatchState::Stopped => format!("监测已停止。此前已监测 {so_far}。"),
        WatchState::Denied | WatchState::Blind if watched.watched.is_zero() => {
            "什么也无法查看：系统不允许读取其他程序的任何套接字表。".to_owned()
        }
        WatchState::Denied | WatchState::Blind => format!(
            "现在什么也无法查看：系统不允许读取其他程序的任何套接字表。此前已监测 {so_far}。"
        ),
    };
    if watched.matches > 0 || watched.possible > 0 {
        format!("{looked}发现不等于证据：请看看还有什么别的解释。")
    } else {
        format!("{looked}这并不说明手机没有问题。")
    }
}

fn so_far(watched: &Watched) -> String {
    format!(
        "{}，{} 个系统程序，{} 个目的地，{}",
        span(watched.watched),
        watched.owners,
        watched.destinations,
        found(watched)
    )
}

/// `没有一个在您的 2 份名单上`.
fn found(watched: &Watched) -> String {
    let found = match (watched.matches, watched.possible) {
        (0, 0) => None,
        (matches, 0) => Some(format!("{matches} 项匹配")),
        (0, possible) => Some(format!("{possible} 项可能")),
        (matches, possible) => Some(format!("{matches} 项匹配和 {possible} 项可能")),
    };
    match (found, watched.lists) {
        (None, 0) => "没有启用任何名单：不可能有匹配".to_owned(),
        (None, 1) => "没有一个在您的名单上".to_owned(),
        (None, lists) => format!("没有一个在您的 {lists} 份名单上"),
        (Some(found), 0) => format!("{found}；现在没有启用任何名单：不会再有匹配"),
        (Some(found), 1) => format!("与您的名单有 {found}"),
        (Some(found), lists) => format!("与您的 {lists} 份名单有 {found}"),
    }
}

pub(super) const fn state(state: WatchState) -> &'static str {
    match state {
        WatchState::Starting => "监测正在启动：还没有查看任何内容。",
        WatchState::Running => "监测正在运行。",
        WatchState::Stopped => "监测已停止：现在发生的事情不会被看到。要继续，请启动监测。",
        WatchState::Denied => {
            "系统不让 Portlog 看到其他应用的套接字，而这个版本的 Android 并不对所有应用都如此。\
             这可能只是暂时的：请重试。"
        }
        WatchState::Blind => {
            "从 Android 10 起，系统不让任何应用看到其他应用的套接字。Portlog 的辅助进程可以看到：\
             请从电脑启动它一次。"
        }
    }
}
