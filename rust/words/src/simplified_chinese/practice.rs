//! The practice alert, link by link.

use portlog_model::{LinkState, PracticeLink};

pub(super) const fn link(link: PracticeLink, state: LinkState) -> &'static str {
    match (link, state) {
        (PracticeLink::Row, LinkState::Pending) => "套接字表：还没有看到",
        (PracticeLink::Row, LinkState::Passed) => "套接字表：在其中看到了练习连接",
        (PracticeLink::Row, LinkState::Failed) => {
            "套接字表：没有在其中看到练习连接。请查看哪些表可以读取：在 Android 10 及更高版本上，任何应用都\
             看不到这些表，但 Portlog 的辅助进程从电脑启动一次后可以看到（“查看所有连接”）。"
        }
        (PracticeLink::Owner, LinkState::Pending) => "归属者：还没有进行到这一步",
        (PracticeLink::Owner, LinkState::Passed) => "归属者：认出了这是 Portlog 自己的连接",
        (PracticeLink::Owner, LinkState::Failed) => {
            "归属者：看到了连接，但没有认出它是 Portlog 的。请允许 Portlog 查看应用列表，然后重试。"
        }
        (PracticeLink::List, LinkState::Pending) => "名单：还没有进行到这一步",
        (PracticeLink::List, LinkState::Passed) => "名单：练习条目匹配",
        (PracticeLink::List, LinkState::Failed) => {
            "名单：练习条目没有匹配。请重试；如果再次失败，请把它作为 Portlog 的故障报告。"
        }
        (PracticeLink::Alert, LinkState::Pending) => "警报：还没有进行到这一步",
        (PracticeLink::Alert, LinkState::Passed) => "警报：已发出，并标明为练习",
        (PracticeLink::Alert, LinkState::Failed) => {
            "警报：没有发出。请查看 Portlog 或练习是否被设为静音，然后重试。"
        }
        (PracticeLink::Notification, LinkState::Pending) => "通知：还没有进行到这一步",
        (PracticeLink::Notification, LinkState::Passed) => "通知：系统正在显示它",
        (PracticeLink::Notification, LinkState::Failed) => {
            "通知：系统没有显示它。请允许 Portlog 发送通知，并打开“匹配”这一通知类别。"
        }
        (PracticeLink::SeenAndHeard, LinkState::Pending) => {
            "看到和听到：您看到并听到这条通知了吗？"
        }
        (PracticeLink::SeenAndHeard, LinkState::Passed) => "看到和听到：您已确认",
        (PracticeLink::SeenAndHeard, LinkState::Failed) => {
            "看到和听到：您没有看到或听到。请在系统设置中允许 Portlog 的悬浮通知、锁屏通知和提示音，\
             检查音量和“勿扰”模式，然后重试。"
        }
    }
}
