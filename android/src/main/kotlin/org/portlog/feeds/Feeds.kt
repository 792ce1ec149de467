package org.portlog.feeds

import android.content.Context
import android.os.Handler
import android.os.HandlerThread
import android.os.Process
import java.util.concurrent.CountDownLatch
import java.util.concurrent.TimeUnit
import org.portlog.core.OwnerKind
import org.portlog.core.Told
import org.portlog.core.ToldKind
import org.portlog.service.Core

/**
 * Brings the core what only the phone's framework knows: packages and bytes by UID.
 *
 * On a thread of its own, in the background, and only as often as something can have changed. No
 * alarm is set: while the phone sleeps nothing is read.
 */
class Feeds(context: Context, private val core: Core) {
    private val thread = HandlerThread("portlog-feeds", Process.THREAD_PRIORITY_BACKGROUND)
    private val packages = Packages(context)
    private val counters = Counters(context)
    private val first = CountDownLatch(1)
    private lateinit var handler: Handler

    // Only used on the thread.
    private var uids: Set<Int> = emptySet()
    private val readPackages = Runnable { readPackages() }
    private val readCounters = Runnable { readCounters() }

    /** Reads everything now, and from now on what changes. */
    fun begin() {
        thread.start()
        handler = Handler(thread.looper)
        handler.post(readPackages)
        handler.post(readCounters)
    }

    /** Reads nothing more. */
    fun end() {
        thread.quit()
        first.countDown()
    }

    /** A package came, went or changed: the list is read anew once it is quiet. */
    fun packagesChanged() {
        handler.removeCallbacks(readPackages)
        handler.postDelayed(readPackages, QUIET_MILLIS)
    }

    /** What the core told: where it does not know whose a connection is, bytes are asked for. */
    internal fun happened(told: List<Told>) {
        if (told.any { it.kind == ToldKind.ALERT && it.alert?.owner?.kind == OwnerKind.UNKNOWN }) {
            handler.removeCallbacks(readCounters)
            handler.post(readCounters)
        }
    }

    /** Waits until the core has a package list; `false` where that takes longer. */
    internal fun awaitFirstPackages(millis: Long): Boolean =
        first.await(millis, TimeUnit.MILLISECONDS)

    private fun readPackages() {
        core.attempt(
            {
                packages.read()?.also { feed ->
                    uids = feed.packages.mapTo(sortedSetOf()) { it.uid }
                    core.agent().setPackages(feed)
                }
            },
            { handler.postDelayed(readPackages, RETRY_MILLIS) },
            { feed -> if (feed == null) handler.postDelayed(readPackages, RETRY_MILLIS) },
        )
        first.countDown()
    }

    private fun readCounters() {
        core.attempt(
            {
                counters.read(uids)?.let { core.agent().setCounters(it) }
            },
            {},
            {},
        )
        handler.removeCallbacks(readCounters)
        handler.postDelayed(readCounters, COUNTERS_MILLIS)
    }

    private companion object {
        const val QUIET_MILLIS = 3_000L
        const val RETRY_MILLIS = 60_000L
        const val COUNTERS_MILLIS = 600_000L
    }
}
