//! The order of fields and variants of what is asked and told of the helper, and of what it is
//! started with.

use portlog_agent::helper::{HelperEnd, HelperOrders, HelperWay};
use portlog_agent::session::{
    HelperEnds, HelperPhase, LoopbackDoor, ReachAnswer, ReachRequest, ReachState,
};

use super::shapes::no_variant;
use super::{Compact, Malformed, Reader, Writer};

choice! {
    HelperPhase { Never, Connected, Lost, Stopped }
}

record! {
    ReachState { phase, since, uid, refused, problem }
    HelperEnds { up, down }
    LoopbackDoor { port, secret }
    HelperOrders { way, app, apk, proc_root, programs, lock }
}

sum! {
    ReachRequest "ReachRequest" {
        0 State,
        1 Open { uid },
        2 Listen { uid },
        3 Stop,
        4 Refused { uid, times },
    }
    ReachAnswer "ReachAnswer" {
        0 State(state),
        1 Ends(ends),
        2 Door(door),
    }
    HelperWay "HelperWay" {
        0 Provider { authority, user },
        1 Loopback { port, secret },
    }
    HelperEnd "HelperEnd" {
        0 Stopped,
        1 Updated(apk),
        2 Removed,
    }
}
