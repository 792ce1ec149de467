//! The practice alert, link by link.

use portlog_model::{LinkState, PracticeLink};

pub(super) const fn link(link: PracticeLink, state: LinkState) -> &'static str {
    match (link, state) {
        (PracticeLink::Row, LinkState::Pending) => "通訊端表格：還沒有看到",
        (PracticeLink::Row, LinkState::Passed) => "通訊端表格：在其中看到了練習連線",
        (PracticeLink::Row, LinkState::Failed) => {
            "通訊端表格：沒有在其中看到練習連線。請查看哪些表格可以讀取：在 Android 10 以上版本，任何應用程式都看不到這些表格，但 Portlog 的輔助程式從電腦啟動一次後可以看到（「查看所有連線」）。"
        }
        (PracticeLink::Owner, LinkState::Pending) => "擁有者：還沒有進行到這一步",
        (PracticeLink::Owner, LinkState::Passed) => "擁有者：認出這是 Portlog 自己的連線",
        (PracticeLink::Owner, LinkState::Failed) => {
            "擁有者：看到了連線，但沒有認出它是 Portlog 的。請允許 Portlog 查看應用程式清單，然後再試一次。"
        }
        (PracticeLink::List, LinkState::Pending) => "清單：還沒有進行到這一步",
        (PracticeLink::List, LinkState::Passed) => "清單：練習項目相符",
        (PracticeLink::List, LinkState::Failed) => {
            "清單：練習項目沒有相符。請再試一次；若再次失敗，請當作 Portlog 的問題回報。"
        }
        (PracticeLink::Alert, LinkState::Pending) => "警示：還沒有進行到這一步",
        (PracticeLink::Alert, LinkState::Passed) => "警示：已發出，並標示為練習",
        (PracticeLink::Alert, LinkState::Failed) => {
            "警示：沒有發出。請查看 Portlog 或練習是否設為靜音，然後再試一次。"
        }
        (PracticeLink::Notification, LinkState::Pending) => "通知：還沒有進行到這一步",
        (PracticeLink::Notification, LinkState::Passed) => "通知：系統正在顯示",
        (PracticeLink::Notification, LinkState::Failed) => {
            "通知：系統沒有顯示。請允許 Portlog 傳送通知，並開啟「相符」這個通知類別。"
        }
        (PracticeLink::SeenAndHeard, LinkState::Pending) => {
            "看到與聽到：您看到並聽到這則通知了嗎？"
        }
        (PracticeLink::SeenAndHeard, LinkState::Passed) => "看到與聽到：您已確認",
        (PracticeLink::SeenAndHeard, LinkState::Failed) => {
            "看到與聽到：您沒有看到或聽到。請在系統設定中允許 Portlog 的浮動通知、鎖定螢幕通知與提示音，檢查音量和「勿擾」模式，然後再試一次。"
        }
    }
}
