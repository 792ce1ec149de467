//! Whether the watch runs, and what it has looked at.

use portlog_model::{WatchState, Watched};

use super::span;

/// What was looked at. It never says more than that: to find nothing shows nothing.
pub(super) fn watched(watched: &Watched) -> String {
    let so_far = so_far(watched);
    let looked = match watched.state {
        WatchState::Starting => return state(WatchState::Starting).to_owned(),
        WatchState::Running => format!("已觀測 {so_far}。"),
        WatchState::Stopped => format!("觀測已停止。先前已觀測 {so_far}。"),
        WatchState::Denied | WatchState::Blind if watched.watched.is_zero() => {
            "什麼都無法查看：系統不允許讀取其他程式的任何通訊端表格。".to_owned()
        }
        WatchState::Denied | WatchState::Blind => format!(
            "現在什麼都無法查看：系統不允許讀取其他程式的任何通訊端表格。先前已觀測 {so_far}。"
        ),
    };
    if watched.matches > 0 || watched.possible > 0 {
        format!("{looked}發現不等於證據：請看看還有什麼別的解釋。")
    } else {
        format!("{looked}這並不表示手機沒有問題。")
    }
}

fn so_far(watched: &Watched) -> String {
    format!(
        "{}，{} 個系統程式，{} 個目的地，{}",
        span(watched.watched),
        watched.owners,
        watched.destinations,
        found(watched)
    )
}

/// `沒有任何一個在您的 2 份清單上`.
fn found(watched: &Watched) -> String {
    let found = match (watched.matches, watched.possible) {
        (0, 0) => None,
        (matches, 0) => Some(format!("{matches} 項相符")),
        (0, possible) => Some(format!("{possible} 項可能")),
        (matches, possible) => Some(format!("{matches} 項相符和 {possible} 項可能")),
    };
    match (found, watched.lists) {
        (None, 0) => "沒有啟用任何清單：不可能有相符的項目".to_owned(),
        (None, 1) => "沒有任何一個在您的清單上".to_owned(),
        (None, lists) => format!("沒有任何一個在您的 {lists} 份清單上"),
        (Some(found), 0) => format!("{found}；現在沒有啟用任何清單：不會再有相符的項目"),
        (Some(found), 1) => format!("與您的清單有 {found}"),
        (Some(found), lists) => format!("與您的 {lists} 份清單有 {found}"),
    }
}

pub(super) const fn state(state: WatchState) -> &'static str {
    match state {
        WatchState::Starting => "觀測正在啟動：還沒有查看任何內容。",
        WatchState::Running => "觀測正在執行。",
        WatchState::Stopped => "觀測已停止：現在發生的事不會被看到。若要繼續，請啟動觀測。",
        WatchState::Denied => {
            "系統不讓 Portlog 看到其他應用程式的通訊端，而這個版本的 Android 並不對所有應用程式都如此。這可能只是暫時的：請再試一次。"
        }
        WatchState::Blind => {
            "從 Android 10 起，系統不讓任何應用程式看到其他應用程式的通訊端。Portlog 的輔助程式可以看到：請從電腦啟動它一次。"
        }
    }
}
