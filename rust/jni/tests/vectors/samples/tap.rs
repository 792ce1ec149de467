//! What is asked and told of the DNS tap.

use portlog::asked::AskedTap;
use portlog_agent::session::{
    PrivateDns, TapAnswer, TapBegin, TapEnd, TapNetwork, TapQuestion, TapQuestions, TapRequest,
    TapStanding, TapStart, TapView,
};
use portlog_model::Protocol;

use crate::{Sample, sample};

/// What Rust writes and Kotlin reads.
pub(super) fn answers() -> Vec<Sample> {
    vec![
        sample(
            "tap-standings",
            vec![
                TapStanding::Off,
                TapStanding::Idle,
                TapStanding::Answering,
                TapStanding::Failing,
            ],
        ),
        sample("private-dns", all_private_dns()),
        sample(
            "tap-view",
            TapAnswer::State(TapView {
                standing: TapStanding::Failing,
                since: Some(1_700_000_000_000),
                clear_text: true,
                private_dns: PrivateDns::Automatic,
                questions: 1 << 40,
                answered: 7,
                failed: 3,
                trouble: String::new(),
            }),
        ),
        sample(
            "tap-view-off",
            TapAnswer::State(TapView {
                standing: TapStanding::Off,
                since: None,
                clear_text: false,
                private_dns: PrivateDns::Unknown,
                questions: 0,
                answered: 0,
                failed: 0,
                trouble: "the device is gone".to_owned(),
            }),
        ),
        sample(
            "tap-questions",
            TapAnswer::Questions(TapQuestions {
                ended: false,
                questions: vec![
                    TapQuestion {
                        id: u64::MAX,
                        message: vec![0, 1, 0xff],
                        protocol: Protocol::Udp,
                        local: vec![192, 0, 2, 2],
                        local_port: 65_535,
                        remote: vec![192, 0, 2, 1],
                        remote_port: 53,
                    },
                    TapQuestion {
                        id: 0,
                        message: Vec::new(),
                        protocol: Protocol::Tcp,
                        local: six(2),
                        local_port: 40_000,
                        remote: six(1),
                        remote_port: 53,
                    },
                ],
            }),
        ),
        sample(
            "tap-questions-ended",
            TapAnswer::Questions(TapQuestions {
                ended: true,
                questions: Vec::new(),
            }),
        ),
        sample("tap-done", TapAnswer::Done),
    ]
}

/// What Kotlin writes and Rust reads.
pub(super) fn questions() -> Vec<Sample> {
    let start = |by, network| AskedTap::Start {
        descriptor: 77,
        start: TapStart {
            by,
            mtu: 1_500,
            servers: vec![vec![192, 0, 2, 1], six(1)],
            pulled: true,
            askers: false,
            network,
        },
    };
    let networks = all_private_dns().into_iter().map(|private_dns| TapNetwork {
        servers: vec![vec![192, 0, 2, 53], six(53)],
        scope: 3,
        private_dns,
    });
    let mut requests = vec![
        TapRequest::Look,
        TapRequest::OtherVpn(true),
        TapRequest::Next(3_600_000),
        TapRequest::Answer {
            id: 9,
            message: vec![0x80, 0, 0x7f],
        },
        TapRequest::Failed(u64::MAX),
        TapRequest::Asker {
            id: 1,
            uid: Some(10_023),
        },
        TapRequest::Asker { id: 2, uid: None },
        TapRequest::Stop(TapEnd::User),
        TapRequest::Stop(TapEnd::Revoked),
        TapRequest::Stop(TapEnd::System),
    ];
    requests.extend(networks.map(TapRequest::Network));
    let nowhere = TapNetwork {
        servers: Vec::new(),
        scope: 0,
        private_dns: PrivateDns::Unknown,
    };
    let mut asked = vec![
        start(TapBegin::User, nowhere.clone()),
        start(TapBegin::AlwaysOn, nowhere.clone()),
        start(TapBegin::Again, nowhere),
    ];
    asked.extend(requests.into_iter().map(AskedTap::Ask));
    vec![sample("tap-requests", asked)]
}

fn all_private_dns() -> Vec<PrivateDns> {
    vec![
        PrivateDns::Unknown,
        PrivateDns::Off,
        PrivateDns::Automatic,
        PrivateDns::Strict,
    ]
}

fn six(last: u8) -> Vec<u8> {
    let mut bytes = vec![0x20, 0x01, 0x0d, 0xb8];
    bytes.resize(15, 0);
    bytes.push(last);
    bytes
}
