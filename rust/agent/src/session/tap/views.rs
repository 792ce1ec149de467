//! What a front end asks of the DNS tap, and what it is shown of it.
//!
//! One request has one answer of the same name; both cross the bridge as a sum, so that one native
//! serves the whole of the tap. What a tap hands over for a question is what Android wants to be asked
//! by: the message, to be resolved, and the two ends of whoever asked, for
//! `ConnectivityManager.getConnectionOwnerUid`.

use portlog_model::Protocol;

/// How a tap begins.
#[derive(Clone, Debug, PartialEq)]
pub struct TapStart {
    /// Who wanted it.
    pub by: TapBegin,
    /// The largest packet of the TUN device, in bytes.
    pub mtu: u32,
    /// The tap's own DNS servers, to which alone its TUN device has routes; 4 or 16 bytes each.
    pub servers: Vec<Vec<u8>>,
    /// Whether the front end takes the questions and resolves them ([`TapRequest::Next`]); else they
    /// go to the network's servers from here, in clear text.
    pub pulled: bool,
    /// Whether the front end tells who asked ([`TapRequest::Asker`]).
    pub askers: bool,
    /// The network below.
    pub network: TapNetwork,
}

/// Who wanted a tap to begin.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum TapBegin {
    /// The user.
    User,
    /// The system: the user made it the phone's always-on VPN.
    AlwaysOn,
    /// Nobody anew: it was on, and the process came back.
    Again,
}

/// Why a tap ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum TapEnd {
    /// The user switched it off.
    User,
    /// The system took its right to be the VPN away: another VPN began, or the user said so in the
    /// system's settings.
    Revoked,
    /// The system ended the service.
    System,
}

/// The network below the tap.
#[derive(Clone, Debug, PartialEq)]
pub struct TapNetwork {
    /// Its DNS servers, 4 or 16 bytes each; none where there is no network.
    pub servers: Vec<Vec<u8>>,
    /// The index of the interface that link-local servers are reached through; 0 where not known.
    pub scope: u32,
    /// How Android encrypts questions on it.
    pub private_dns: PrivateDns,
}

/// Android's "Private DNS".
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum PrivateDns {
    /// This Android has none, or does not tell.
    Unknown,
    /// Off, or the network's servers do not have it.
    Off,
    /// Used where the network's servers have it, and they do.
    Automatic,
    /// A server that the user named, for everything: the phone's own questions bypass the tap.
    Strict,
}

/// What is asked of the tap that runs.
#[derive(Clone, Debug, PartialEq)]
pub enum TapRequest {
    /// How it stands: [`TapAnswer::State`].
    Look,
    /// Another network is below from now on: [`TapAnswer::State`].
    Network(TapNetwork),
    /// Whether another app's VPN is active, while the tap does not run: [`TapAnswer::State`].
    OtherVpn(bool),
    /// Waits for questions, at most so many milliseconds and an hour: [`TapAnswer::Questions`].
    Next(u64),
    /// The answer to a question, byte for byte: [`TapAnswer::Done`].
    Answer {
        /// Which question.
        id: u64,
        /// The message.
        message: Vec<u8>,
    },
    /// A question could not be resolved: [`TapAnswer::Done`].
    Failed(u64),
    /// Who asked a question; `None` where Android does not know: [`TapAnswer::Done`].
    Asker {
        /// Which question.
        id: u64,
        /// Its UID.
        uid: Option<u32>,
    },
    /// Ends it: [`TapAnswer::State`].
    Stop(TapEnd),
}

/// What the tap answers.
#[derive(Clone, Debug, PartialEq)]
pub enum TapAnswer {
    /// How it stands.
    State(TapView),
    /// What was asked since.
    Questions(TapQuestions),
    /// It was taken, or came too late.
    Done,
}

/// Where a tap stands.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum TapStanding {
    /// It does not run.
    Off,
    /// It runs and nothing was asked of the network yet.
    Idle,
    /// The latest question was answered.
    Answering,
    /// The latest questions were not: the network's servers are silent, or there is no network.
    Failing,
}

/// How a tap stands.
#[derive(Clone, Debug, PartialEq)]
pub struct TapView {
    /// Where it stands.
    pub standing: TapStanding,
    /// Since when it runs, in milliseconds since 1970; `None` where it does not.
    pub since: Option<i64>,
    /// Whether it sends questions in clear text itself.
    pub clear_text: bool,
    /// How Android encrypts questions on the network below.
    pub private_dns: PrivateDns,
    /// Questions taken since it began.
    pub questions: u64,
    /// Of those, answered.
    pub answered: u64,
    /// Of those, given up.
    pub failed: u64,
    /// Why it broke, where it did not end as it was told to; empty otherwise.
    pub trouble: String,
}

/// Questions, oldest first.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TapQuestions {
    /// Whether the tap has ended: there is nothing to wait for any more.
    pub ended: bool,
    /// The questions.
    pub questions: Vec<TapQuestion>,
}

/// One question that an app asked.
#[derive(Clone, Debug, PartialEq)]
pub struct TapQuestion {
    /// Its number.
    pub id: u64,
    /// The message, as it was sent.
    pub message: Vec<u8>,
    /// By which protocol.
    pub protocol: Protocol,
    /// The end of whoever asked: the tap's TUN address, 4 or 16 bytes.
    pub local: Vec<u8>,
    /// Its port.
    pub local_port: u32,
    /// The tap's own server that was asked.
    pub remote: Vec<u8>,
    /// Its port.
    pub remote_port: u32,
}
