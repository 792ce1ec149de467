package org.portlog.bridge

import org.portlog.core.HelperEnd
import org.portlog.core.HelperEnds
import org.portlog.core.HelperOrders
import org.portlog.core.HelperPhase
import org.portlog.core.HelperWay
import org.portlog.core.LoopbackDoor
import org.portlog.core.ReachAnswer
import org.portlog.core.ReachRequest
import org.portlog.core.ReachState

/** The values of rust/jni/tests/vectors/samples/reach.rs. */
internal object ReachSamples {
    val answers: List<ReachAnswer> = listOf(
        ReachState(HelperPhase.CONNECTED, 1_700_000_000_000, 2_000, 3, ""),
        ReachState(HelperPhase.LOST, null, null, 0, "another version"),
        HelperEnds(up = 41, down = 42),
        LoopbackDoor(40_213, "00ff"),
    )

    val ends: List<HelperEnd> = listOf(
        HelperEnd.Stopped,
        HelperEnd.Updated("/data/app/org.portlog-2/base.apk"),
        HelperEnd.Removed,
    )

    val requests: List<ReachRequest<*>> = listOf(
        ReachRequest.State,
        ReachRequest.Open(2_000),
        ReachRequest.Listen(0),
        ReachRequest.Stop,
        ReachRequest.Refused(1_010_087, 5),
    )

    val orders: List<HelperOrders> = listOf(
        orders(HelperWay.Provider("org.portlog.helper", 10)),
        orders(HelperWay.Loopback(40_213, "00ff")),
    )

    private fun orders(way: HelperWay) = HelperOrders(
        way = way,
        app = "org.portlog",
        apk = "/data/app/org.portlog-1/base.apk",
        procRoot = "/proc",
        programs = "/system/bin",
        lock = "/data/local/tmp/portlog-helper.lock",
    )
}
