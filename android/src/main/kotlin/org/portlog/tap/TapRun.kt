package org.portlog.tap

import android.content.Context
import android.os.Build
import android.os.ParcelFileDescriptor
import org.portlog.core.Agent
import org.portlog.core.TapBegin
import org.portlog.core.TapEnd
import org.portlog.core.TapNetwork
import org.portlog.core.TapRequest
import org.portlog.core.TapStart
import org.portlog.service.Core

/**
 * One run of the tap: hands the TUN device to the core, which reads it, and takes questions to
 * Android's resolver where that can be asked (Android 10 and later). [broken] is called where it ends
 * by itself.
 */
internal class TapRun(
    context: Context,
    private val core: Core,
    private val device: ParcelFileDescriptor,
    private val by: TapBegin,
    private val broken: (TapRun) -> Unit,
) {
    private val below = NetworkBelow(context, ::changed)
    private val thread = Thread(::run, "portlog-tap")
    private val resolver: Resolver? =
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.Q) SystemResolver(context, below) else null

    @Volatile
    private var ended = false

    fun begin() {
        below.begin()
        thread.start()
    }

    /** Ends it soon; may be called on the main thread. */
    fun end(end: TapEnd) {
        ended = true
        below.end()
        core.ask({ it.tap(TapRequest.Stop(end)) })
    }

    private fun run() {
        core.attempt({ serve(core.agent()) }, {}, {})
        resolver?.end()
        if (!ended) broken(this)
    }

    private fun serve(agent: Agent) {
        if (ended) return device.close()
        val begun = below.network()
        // From here on the descriptor is the core's, which closes it whatever happens.
        agent.tap(TapRequest.Start(device.detachFd(), start(begun)))
        // What changed in between was told to a tap that did not run yet.
        val now = below.network()
        if (now != begun) agent.tap(TapRequest.Network(now))
        if (ended) agent.tap(TapRequest.Stop(TapEnd.SYSTEM))
        while (true) {
            val asked = agent.tap(TapRequest.Next(WAIT_MILLIS))
            for (question in asked.questions) resolver?.resolve(agent, question)
            if (asked.ended) return
        }
    }

    private fun start(network: TapNetwork) = TapStart(
        by = by,
        mtu = TapService.MTU,
        servers = listOf(TunAddress.V4, TunAddress.V6).map { it.server.octets() },
        pulled = resolver != null,
        // Before 11 every question is netd's own.
        askers = Build.VERSION.SDK_INT >= Build.VERSION_CODES.R,
        network = network,
    )

    /** The one thing that a change of networks does: questions go elsewhere from now on. */
    private fun changed() {
        if (ended) return
        core.ask({ it.tap(TapRequest.Network(below.network())) })
    }

    private companion object {
        /** There is nothing to do in between: it is the longest that the core waits. */
        const val WAIT_MILLIS = 3_600_000L
    }
}
