//! What is asked and told of the helper, and what it is started with.

use portlog_agent::helper::{HelperEnd, HelperOrders, HelperWay};
use portlog_agent::session::{
    HelperEnds, HelperPhase, LoopbackDoor, ReachAnswer, ReachRequest, ReachState,
};

use crate::{Sample, sample};

/// What Rust writes and Kotlin reads.
pub(super) fn answers() -> Vec<Sample> {
    vec![
        sample(
            "helper-phases",
            vec![
                HelperPhase::Never,
                HelperPhase::Connected,
                HelperPhase::Lost,
                HelperPhase::Stopped,
            ],
        ),
        sample(
            "reach-answers",
            vec![
                ReachAnswer::State(ReachState {
                    phase: HelperPhase::Connected,
                    since: Some(1_700_000_000_000),
                    uid: Some(2_000),
                    refused: 3,
                    problem: String::new(),
                }),
                ReachAnswer::State(ReachState {
                    phase: HelperPhase::Lost,
                    since: None,
                    uid: None,
                    refused: 0,
                    problem: "another version".to_owned(),
                }),
                ReachAnswer::Ends(HelperEnds { up: 41, down: 42 }),
                ReachAnswer::Door(LoopbackDoor {
                    port: 40_213,
                    secret: "00ff".to_owned(),
                }),
            ],
        ),
        sample(
            "helper-ends",
            vec![
                HelperEnd::Stopped,
                HelperEnd::Updated("/data/app/org.portlog-2/base.apk".to_owned()),
                HelperEnd::Removed,
            ],
        ),
    ]
}

/// What Kotlin writes and Rust reads.
pub(super) fn questions() -> Vec<Sample> {
    vec![
        sample(
            "reach-requests",
            vec![
                ReachRequest::State,
                ReachRequest::Open { uid: 2_000 },
                ReachRequest::Listen { uid: 0 },
                ReachRequest::Stop,
                ReachRequest::Refused {
                    uid: 1_010_087,
                    times: 5,
                },
            ],
        ),
        sample(
            "helper-orders",
            vec![
                orders(HelperWay::Provider {
                    authority: "org.portlog.helper".to_owned(),
                    user: 10,
                }),
                orders(HelperWay::Loopback {
                    port: 40_213,
                    secret: "00ff".to_owned(),
                }),
            ],
        ),
    ]
}

fn orders(way: HelperWay) -> HelperOrders {
    HelperOrders {
        way,
        app: "org.portlog".to_owned(),
        apk: "/data/app/org.portlog-1/base.apk".to_owned(),
        proc_root: "/proc".to_owned(),
        programs: "/system/bin".to_owned(),
        lock: "/data/local/tmp/portlog-helper.lock".to_owned(),
    }
}
