package org.portlog.service

import android.content.Context
import android.os.SystemClock
import kotlin.concurrent.withLock
import org.portlog.R
import org.portlog.core.Agent
import org.portlog.core.LogRequest
import org.portlog.core.Note
import org.portlog.core.NoteKind
import org.portlog.core.PracticeStep
import org.portlog.core.SessionState
import org.portlog.core.Told
import org.portlog.core.ToldKind
import org.portlog.feeds.DeviceFacts
import org.portlog.feeds.Feeds
import org.portlog.reach.HelperNotice

/**
 * Runs the watch and carries what it tells to notifications and screens, until [end].
 *
 * A failure is shown in the ongoing notification, and the watch is tried again after a pause that
 * grows: a full disk may have room again, and a fault of ours must not end the watch for good.
 */
internal class WatchThread(
    private val context: Context,
    private val core: Core,
    private val ongoing: OngoingNotification,
    private val feeds: Feeds,
    private val by: StartedBy,
) : Thread("portlog-watch") {
    private val gate = Object()
    private var ending = false
    private val alerts = AlertNotifications(context)
    private val reminder = WitnessReminder(context)
    private val helper = HelperNotice(context)
    private var noted = false
    private var bootSettled = false
    private var saidAt = 0L
    private var sayNext = 0L

    /** Ends the watch soon; may be called on the main thread. */
    fun end() {
        synchronized(gate) {
            ending = true
            gate.notifyAll()
        }
        // Wakes this thread, which may be waiting for events; it ends the watch itself.
        core.ask({ it.stop() })
    }

    override fun run() = core.pumping.withLock {
        var pause = FIRST_PAUSE_MILLIS
        while (!isEnding() && !core.closed) {
            val began = SystemClock.elapsedRealtime()
            core.attempt({ watch() }, { if (!core.closed) ongoing.problem(it) }, {})
            val ran = SystemClock.elapsedRealtime() - began
            pause = if (ran > LONGEST_PAUSE_MILLIS) FIRST_PAUSE_MILLIS else pause
            waitUnlessEnding(pause)
            pause = minOf(pause * 2, LONGEST_PAUSE_MILLIS)
        }
    }

    private fun watch() {
        val agent = core.agent()
        tellHowItCame(agent)
        // With the packages known, the first look can say whose connections it finds.
        feeds.awaitFirstPackages(PACKAGES_MILLIS)
        agent.setSettings(CoreSettings.of(context))
        // What changed while no watch was on; without a log there is nothing to tell it to.
        core.attempt({ agent.log(LogRequest.Device(DeviceFacts.of(context))) }, {}, {})
        try {
            if (!isEnding()) agent.start()
            var state = say(agent)
            while (!isEnding() && state != SessionState.FAILED) {
                val wait = sayNext - SystemClock.elapsedRealtime()
                val told = agent.nextEvents(maxOf(wait, 0)) ?: return
                present(agent, told)
                if (told.any { it.kind in TELLING }) {
                    sayNext = minOf(sayNext, saidAt + SOON_MILLIS)
                }
                if (SystemClock.elapsedRealtime() >= sayNext) state = say(agent)
            }
        } finally {
            agent.stop()
            do {
                val told = agent.nextEvents(0).orEmpty()
                present(agent, told)
            } while (told.isNotEmpty())
        }
    }

    private fun tellHowItCame(agent: Agent) {
        if (noted) return
        Deaths.sinceLast(context).forEach { agent.note(it) }
        val refused = StartRefused.over(context)
        val how = context.getString(by.words)
        val words = if (refused) context.getString(R.string.started_after_refusal, how) else how
        agent.note(Note(System.currentTimeMillis(), NoteKind.StartedBy, words))
        noted = true
        bootSettled = MissedStart.settle(context)
    }

    private fun present(agent: Agent, told: List<Told>) {
        for (one in told) {
            val alert = one.alert
            if (one.kind == ToldKind.ALERT && alert != null) {
                val problem = alerts.show(alert)
                if (alert.practice) agent.practice(PracticeStep.Notified(problem == null))
            } else if (one.kind == ToldKind.NOTED_SUMMARY) {
                alerts.showNoted(one)
            }
        }
        if (told.isNotEmpty()) {
            feeds.happened(told)
            core.publish(told)
            // A log that cannot be asked is no reason to end the watch.
            core.attempt({ reminder.happened(agent, told) }, {}, {})
        }
    }

    /** Says in the ongoing notification how it stands: soon after what changes that, else rarely. */
    private fun say(agent: Agent): SessionState {
        val stats = agent.stats()
        helper.look(agent)
        alerts.showLate(agent)
        if (!bootSettled) bootSettled = MissedStart.settle(context)
        // Nobody reads it while the screen is off; trouble shall stand there when it is lit.
        if (stats.state != SessionState.WATCHING || CoreSettings.screenIsOn(context)) {
            ongoing.say(stats)
        }
        saidAt = SystemClock.elapsedRealtime()
        sayNext = saidAt + RARELY_MILLIS
        return stats.state
    }

    private fun isEnding(): Boolean = synchronized(gate) { ending }

    private fun waitUnlessEnding(millis: Long) {
        synchronized(gate) {
            if (!ending) gate.wait(millis)
        }
    }

    private companion object {
        const val PACKAGES_MILLIS = 5_000L
        const val FIRST_PAUSE_MILLIS = 5_000L
        const val LONGEST_PAUSE_MILLIS = 900_000L
        const val SOON_MILLIS = 1_000L
        const val RARELY_MILLIS = 60_000L

        /** After these the ongoing notification may have something else to say. */
        val TELLING = setOf(
            ToldKind.STARTED,
            ToldKind.ALERT,
            ToldKind.COVERAGE,
            ToldKind.LIST,
            ToldKind.PACKAGES,
            ToldKind.CONFIG,
            ToldKind.GAP,
            ToldKind.STOPPED,
        )
    }
}
