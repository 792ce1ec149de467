package org.portlog.tap

import android.annotation.TargetApi
import android.content.Context
import android.net.ConnectivityManager
import android.net.DnsResolver
import android.os.Build
import android.system.OsConstants
import java.net.InetAddress
import java.net.InetSocketAddress
import java.util.concurrent.ArrayBlockingQueue
import java.util.concurrent.BlockingQueue
import java.util.concurrent.LinkedBlockingQueue
import java.util.concurrent.RejectedExecutionHandler
import java.util.concurrent.ThreadPoolExecutor
import java.util.concurrent.TimeUnit
import org.portlog.core.Agent
import org.portlog.core.Octets
import org.portlog.core.PortlogException
import org.portlog.core.Protocol
import org.portlog.core.TapQuestion
import org.portlog.core.TapRequest

/** Takes questions to where they are answered. */
internal interface Resolver {
    /** Has [question] answered; the answer goes to [agent] when it comes. */
    fun resolve(agent: Agent, question: TapQuestion)

    /** There will be no more. */
    fun end()
}

/**
 * Android's own resolver on the network below, so that what Android encrypts there stays encrypted;
 * and from Android 11 on, whose socket asked. Neither waits for the other.
 */
@TargetApi(Build.VERSION_CODES.Q)
internal class SystemResolver(context: Context, private val below: NetworkBelow) : Resolver {
    private val connectivity =
        context.getSystemService(Context.CONNECTIVITY_SERVICE) as ConnectivityManager

    // Android gives an answer to it on the main thread: what comes after the end is dropped.
    private val answers = one("portlog-tap-answers", LinkedBlockingQueue()) { _, _ -> }

    // Android may take half a second to find a socket: who comes then stays unknown.
    private val askers = one("portlog-tap-askers", ArrayBlockingQueue(WAITING)) { task, _ ->
        (task as FindAsker).giveUp()
    }

    override fun resolve(agent: Agent, question: TapQuestion) {
        val network = below.current()
        if (network == null) {
            agent.tap(TapRequest.Failed(question.id))
        } else {
            DnsResolver.getInstance().rawQuery(
                network,
                question.message.bytes,
                DnsResolver.FLAG_EMPTY,
                answers,
                null,
                Answered(agent, question.id),
            )
        }
        // Before 11, every question is netd's own.
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.R) {
            askers.execute(FindAsker(connectivity, agent, question))
        }
    }

    override fun end() {
        answers.shutdown()
        askers.shutdownNow()
    }

    private fun one(
        name: String,
        waiting: BlockingQueue<Runnable>,
        refused: RejectedExecutionHandler,
    ) = ThreadPoolExecutor(1, 1, 0, TimeUnit.SECONDS, waiting, { Thread(it, name) }, refused)

    private companion object {
        const val WAITING = 256
    }
}

/** Asks Android whose socket [question] came from. */
@TargetApi(Build.VERSION_CODES.Q)
private class FindAsker(
    private val connectivity: ConnectivityManager,
    private val agent: Agent,
    private val question: TapQuestion,
) : Runnable {
    override fun run() = tell(agent, TapRequest.Asker(question.id, owner()))

    /** There were too many to ask for. */
    fun giveUp() = tell(agent, TapRequest.Asker(question.id, null))

    private fun owner(): Int? {
        val protocol =
            if (question.protocol == Protocol.TCP) OsConstants.IPPROTO_TCP
            else OsConstants.IPPROTO_UDP
        val uid = try {
            connectivity.getConnectionOwnerUid(
                protocol,
                end(question.local, question.localPort),
                end(question.remote, question.remotePort),
            )
        } catch (_: SecurityException) {
            // The tap has just ended.
            NOBODY
        }
        return uid.takeIf { it != NOBODY }
    }

    private fun end(address: Octets, port: Int) =
        InetSocketAddress(InetAddress.getByAddress(address.bytes), port)

    private companion object {
        /** `Process.INVALID_UID`. */
        const val NOBODY = -1
    }
}

/** Gives the answer to the question [id] back, or that there is none. */
@TargetApi(Build.VERSION_CODES.Q)
private class Answered(private val agent: Agent, private val id: Long) :
    DnsResolver.Callback<ByteArray> {

    override fun onAnswer(answer: ByteArray, rcode: Int) =
        tell(agent, TapRequest.Answer(id, Octets(answer)))

    override fun onError(error: DnsResolver.DnsException) = tell(agent, TapRequest.Failed(id))
}

/** Tells the core; the session may have been closed since. */
private fun tell(agent: Agent, request: TapRequest<*>) {
    try {
        agent.tap(request)
    } catch (_: IllegalStateException) {
        // Nobody waits for it any more.
    } catch (_: PortlogException) {
        // Likewise.
    }
}
