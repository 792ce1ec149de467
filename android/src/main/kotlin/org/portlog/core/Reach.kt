package org.portlog.core

/*
 * The helper, which reads what Android 10 and later show to no app: what the session is asked and
 * told of it, and what the helper itself is started with. Each class is one record of the compact
 * form, in the order of rust/jni/src/compact/reach_records.rs.
 */

/** Where the helper stands. */
enum class HelperPhase { NEVER, CONNECTED, LOST, STOPPED }

/** Something asked of the session about the helper; [A] is what answers it. */
sealed class ReachRequest<A : ReachAnswer>(private val answer: Class<A>) {
    internal fun take(given: ReachAnswer): A = answer.cast(given)

    /** How it stands. */
    object State : ReachRequest<ReachState>(ReachState::class.java)

    /** A new channel for a helper of [uid]; the one before it ends. */
    data class Open(val uid: Int) : ReachRequest<HelperEnds>(HelperEnds::class.java)

    /** The same over the loopback interface, for where descriptors do not get through. */
    data class Listen(val uid: Int) : ReachRequest<LoopbackDoor>(LoopbackDoor::class.java)

    /** The helper shall end. */
    object Stop : ReachRequest<ReachState>(ReachState::class.java)

    /** Somebody who is neither adb's shell nor root asked for a channel, so many [times]. */
    data class Refused(val uid: Int, val times: Int) :
        ReachRequest<ReachState>(ReachState::class.java)
}

/** What the session answers. */
sealed class ReachAnswer

/** How the helper stands. [uid] is whose it is, [refused] how often others asked for its place. */
data class ReachState(
    val phase: HelperPhase,
    val since: Long?,
    val uid: Int?,
    val refused: Long,
    val problem: String,
) : ReachAnswer()

/**
 * The helper's end of a socket pair, twice: open descriptors, which are the caller's to close. What
 * is written to [up] gets to the app, and what is read from [down] comes from it.
 */
data class HelperEnds(val up: Int, val down: Int) : ReachAnswer()

/** Where the helper may connect to, on this phone, with a secret that is told to nobody else. */
data class LoopbackDoor(val port: Int, val secret: String) : ReachAnswer() {
    /** Without the secret, which no log may have. */
    override fun toString(): String = "LoopbackDoor($port)"
}

/**
 * What the helper is started with: its app and the APK that it runs from, the tree of tables, the
 * folder of the phone's programs, and the file by whose lock there is one helper.
 */
data class HelperOrders(
    val way: HelperWay,
    val app: String,
    val apk: String,
    val procRoot: String,
    val programs: String,
    val lock: String,
)

/** How the helper gets to the app. */
sealed class HelperWay {
    /** By the program `content`, at the app's provider, again and again. */
    data class Provider(val authority: String, val user: Int) : HelperWay()

    /** By a loopback port and its secret, once. */
    data class Loopback(val port: Int, val secret: String) : HelperWay() {
        /** Without the secret, which no log may have. */
        override fun toString(): String = "Loopback($port)"
    }
}

/** How it ended. */
sealed class HelperEnd {
    /** The app said so, or another helper took the place. */
    object Stopped : HelperEnd()

    /** The app was updated: the helper is to be started anew from [apk]. */
    data class Updated(val apk: String) : HelperEnd()

    /** The app was removed. */
    object Removed : HelperEnd()
}

/** The helper's own way into libportlog.so; whoever uses it has loaded that. */
object Helper {
    /** Is the helper; comes back when it shall end. */
    fun run(orders: HelperOrders): HelperEnd =
        RecordReader(Native.helper(RecordWriter.of { helperOrders(orders) })).only { helperEnd() }
}

internal fun RecordWriter.reachRequest(request: ReachRequest<*>) = when (request) {
    ReachRequest.State -> byte(0)

    is ReachRequest.Open -> {
        byte(1)
        int(request.uid)
    }

    is ReachRequest.Listen -> {
        byte(2)
        int(request.uid)
    }

    ReachRequest.Stop -> byte(3)

    is ReachRequest.Refused -> {
        byte(4)
        int(request.uid)
        int(request.times)
    }
}

internal fun RecordReader.reachAnswer(): ReachAnswer = when (val found = byte()) {
    0 -> ReachState(
        phase = helperPhase(),
        since = optional { long() },
        uid = optional { int() },
        refused = long(),
        problem = text(),
    )
    1 -> HelperEnds(up = int(), down = int())
    2 -> LoopbackDoor(port = int(), secret = text())
    else -> throw fault("$found is none of the 3 of ReachAnswer")
}

internal fun RecordReader.helperPhase(): HelperPhase = choice(HelperPhase.entries)

internal fun RecordWriter.helperOrders(orders: HelperOrders) {
    when (val way = orders.way) {
        is HelperWay.Provider -> {
            byte(0)
            text(way.authority)
            int(way.user)
        }

        is HelperWay.Loopback -> {
            byte(1)
            int(way.port)
            text(way.secret)
        }
    }
    text(orders.app)
    text(orders.apk)
    text(orders.procRoot)
    text(orders.programs)
    text(orders.lock)
}

internal fun RecordReader.helperEnd(): HelperEnd = when (val found = byte()) {
    0 -> HelperEnd.Stopped
    1 -> HelperEnd.Updated(text())
    2 -> HelperEnd.Removed
    else -> throw fault("$found is none of the 3 of HelperEnd")
}
