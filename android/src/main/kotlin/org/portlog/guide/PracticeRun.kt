package org.portlog.guide

import android.content.Context
import android.os.Handler
import android.os.Looper
import org.portlog.core.PracticeReport
import org.portlog.core.PracticeStep
import org.portlog.core.SessionState
import org.portlog.service.Core
import org.portlog.service.NotificationProblem
import org.portlog.service.WatchService
import org.portlog.service.WatchSettings

/**
 * A practice alert: a connection of our own goes all the way from the kernel's table to a
 * notification, and the user says whether it was seen and heard.
 *
 * The steps between are the core's and the watch's; here are the user's. All answers come on the
 * main thread.
 */
class PracticeRun(context: Context) {
    private val context = context.applicationContext
    private val core = Core.of(context)
    private val main = Handler(Looper.getMainLooper())

    /** Starts the watch where it does not run, and the practice alert once it does. */
    fun begin(failed: (String) -> Unit = {}, answer: (PracticeReport) -> Unit = {}) {
        if (!core.watching) WatchService.start(context)
        beginWhenWatching(System.nanoTime() + PATIENCE_NANOS, failed, answer)
    }

    /** How it is going. */
    fun look(failed: (String) -> Unit = {}, answer: (PracticeReport) -> Unit) =
        step(PracticeStep.Look, failed, answer)

    /** The user saw and heard the notification, or did not. */
    fun confirm(
        noticed: Boolean,
        failed: (String) -> Unit = {},
        answer: (PracticeReport) -> Unit = {},
    ) = step(PracticeStep.Confirmed(noticed), failed, answer)

    /** What on this phone keeps an alert from being seen or heard, as far as an app can know. */
    fun problems(): List<NotificationProblem> = NotificationProblem.ofMatches(context)

    private fun beginWhenWatching(
        until: Long,
        failed: (String) -> Unit,
        answer: (PracticeReport) -> Unit,
    ) {
        core.ask(
            work = { agent ->
                val state = agent.stats().state
                val ready = state != SessionState.STOPPED && state != SessionState.STARTING
                if (ready || System.nanoTime() > until) agent.practice(PracticeStep.Begin) else null
            },
            failed = failed,
        ) { report ->
            if (report != null) {
                answer(report)
            } else {
                main.postDelayed({ beginWhenWatching(until, failed, answer) }, LOOK_MILLIS)
            }
        }
    }

    private fun step(
        step: PracticeStep,
        failed: (String) -> Unit,
        answer: (PracticeReport) -> Unit,
    ) {
        core.ask({ it.practice(step) }, failed) { report ->
            report.lastPassed?.let { WatchSettings(context).practicePassed = it }
            answer(report)
        }
    }

    private companion object {
        const val PATIENCE_NANOS = 15_000_000_000L
        const val LOOK_MILLIS = 250L
    }
}
