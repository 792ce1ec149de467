package org.portlog.core

/*
 * What is asked of the DNS tap and what it answers: the mirror of
 * rust/agent/src/session/tap/views.rs, as Records.kt is of views.rs. Nothing is decided here. An
 * address is its 4 or 16 bytes; times are milliseconds since 1970 (UTC).
 */

/** What is asked of the tap, and which answer it has: `agent.tap(TapRequest.Look)` is a [TapView]. */
sealed class TapRequest<A : TapAnswer>(private val answer: Class<A>) {
    internal fun take(given: TapAnswer): A = answer.cast(given)

    /**
     * Begins. [descriptor] is the TUN device's, detached: it is the core's from now on, which closes it
     * however this ends.
     */
    data class Start(val descriptor: Int, val start: TapStart) :
        TapRequest<TapView>(TapView::class.java)

    /** How it stands. */
    object Look : TapRequest<TapView>(TapView::class.java)

    /** Another network is below from now on. */
    data class Network(val network: TapNetwork) : TapRequest<TapView>(TapView::class.java)

    /** Whether another app's VPN is active, while the tap does not run. */
    data class OtherVpn(val active: Boolean) : TapRequest<TapView>(TapView::class.java)

    /** Waits for questions, an hour at most. */
    data class Next(val timeoutMillis: Long) : TapRequest<TapQuestions>(TapQuestions::class.java)

    /** The answer to the question [id], byte for byte. */
    data class Answer(val id: Long, val message: Octets) :
        TapRequest<TapDone>(TapDone::class.java)

    /** The question [id] could not be resolved. */
    data class Failed(val id: Long) : TapRequest<TapDone>(TapDone::class.java)

    /** Who asked the question [id]; `null` where Android does not know. */
    data class Asker(val id: Long, val uid: Int?) : TapRequest<TapDone>(TapDone::class.java)

    /** Ends it. */
    data class Stop(val end: TapEnd) : TapRequest<TapView>(TapView::class.java)
}

/** How a tap begins; [servers] are its own DNS servers, to which alone its device has routes. */
data class TapStart(
    val by: TapBegin,
    val mtu: Int,
    val servers: List<Octets>,
    val pulled: Boolean,
    val askers: Boolean,
    val network: TapNetwork,
)

/** Who wanted a tap to begin: the user, the system as its always-on VPN, or nobody anew. */
enum class TapBegin { USER, ALWAYS_ON, AGAIN }

/** Why a tap ended: the user, another VPN or the system's settings, or the service's end. */
enum class TapEnd { USER, REVOKED, SYSTEM }

/** The network below; [scope] is the index of its interface, 0 where that is not known. */
data class TapNetwork(
    val servers: List<Octets>,
    val scope: Int,
    val privateDns: PrivateDns,
)

/** Android's "Private DNS"; strict is a provider that the user named. */
enum class PrivateDns { UNKNOWN, OFF, AUTOMATIC, STRICT }

/** The answer to a [TapRequest]. */
sealed class TapAnswer

/** Where a tap stands. */
enum class TapStanding { OFF, IDLE, ANSWERING, FAILING }

/** How a tap stands; [trouble] is empty where it did not break. */
data class TapView(
    val standing: TapStanding,
    val since: Long?,
    val clearText: Boolean,
    val privateDns: PrivateDns,
    val questions: Long,
    val answered: Long,
    val failed: Long,
    val trouble: String,
) : TapAnswer()

/** Questions, oldest first; once it has [ended] there is nothing to wait for. */
data class TapQuestions(val ended: Boolean, val questions: List<TapQuestion>) : TapAnswer()

/** One question that an app asked of [remote], the tap's own server, from [local]. */
data class TapQuestion(
    val id: Long,
    val message: Octets,
    val protocol: Protocol,
    val local: Octets,
    val localPort: Int,
    val remote: Octets,
    val remotePort: Int,
)

/** It was taken, or came too late. */
object TapDone : TapAnswer()

/** Bytes that are compared by what they are. */
class Octets(internal val bytes: ByteArray) {
    override fun equals(other: Any?): Boolean = other is Octets && bytes.contentEquals(other.bytes)

    override fun hashCode(): Int = bytes.contentHashCode()

    override fun toString(): String = "${bytes.size} bytes"
}
