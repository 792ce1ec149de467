//! The order of fields and variants of what is asked and told of the DNS tap.

use portlog_agent::session::{
    PrivateDns, TapAnswer, TapBegin, TapEnd, TapNetwork, TapQuestion, TapQuestions, TapRequest,
    TapStanding, TapStart, TapView,
};

use super::shapes::no_variant;
use super::{Compact, Malformed, Reader, Writer};
use crate::asked::AskedTap;

choice! {
    TapBegin { User, AlwaysOn, Again }
    TapEnd { User, Revoked, System }
    PrivateDns { Unknown, Off, Automatic, Strict }
    TapStanding { Off, Idle, Answering, Failing }
}

record! {
    TapStart { by, mtu, servers, pulled, askers, network }
    TapNetwork { servers, scope, private_dns }
    TapView {
        standing, since, clear_text, private_dns, questions, answered, failed, trouble,
    }
    TapQuestions { ended, questions }
    TapQuestion { id, message, protocol, local, local_port, remote, remote_port }
}

sum! {
    AskedTap "TapRequest" {
        0 Start { descriptor, start },
        1 Ask(request),
    }
    TapRequest "TapRequest.Ask" {
        0 Look,
        1 Network(network),
        2 OtherVpn(active),
        3 Next(timeout_millis),
        4 Answer { id, message },
        5 Failed(id),
        6 Asker { id, uid },
        7 Stop(end),
    }
    TapAnswer "TapAnswer" {
        0 State(state),
        1 Questions(questions),
        2 Done,
    }
}
