package org.portlog.service

import android.app.Notification
import android.content.Context
import org.portlog.R
import org.portlog.core.Agent
import org.portlog.core.LogRequest
import org.portlog.core.Told
import org.portlog.core.ToldKind

/**
 * Reminds the user, without a sound and where they want it, that nobody else has seen the log for a
 * while: after a match, and otherwise at most once a day. Whether it is time is the core's.
 */
internal class WitnessReminder(private val context: Context) {
    private val settings = WatchSettings(context)

    /** To be called with what the watch told; asks [agent] only where it may be time. */
    fun happened(agent: Agent, told: List<Told>, now: Long = System.currentTimeMillis()) {
        if (!settings.witnessReminder) return
        val match = told.any { it.kind == ToldKind.ALERT && isMatch(it) }
        val rested = now - settings.witnessReminded
        // A clock that was set back must not silence it for good.
        val due = told.any { it.kind == ToldKind.HEARTBEAT } && rested !in 0 until DAY_MILLIS
        if (match || due) remind(agent, now)
    }

    private fun isMatch(told: Told): Boolean =
        told.alert?.let { it.sounds && !it.practice && !it.muted } ?: false

    private fun remind(agent: Agent, now: Long) {
        if (!agent.log(LogRequest.Status).witnessDue) return
        settings.witnessReminded = now
        val text = context.getString(R.string.reminder_text)
        val shown = Notices.builder(context, Channel.NOTED)
            .setSmallIcon(R.drawable.ic_stat_details)
            .setContentTitle(context.getString(R.string.reminder_title))
            .setContentText(text)
            .setStyle(Notification.BigTextStyle().bigText(text))
            .setAutoCancel(true)
            .setContentIntent(ScreenIntents.pending(context, ScreenIntents.checkpoint(context)))
        Notices.of(context).notify(ID, shown.build())
    }

    private companion object {
        const val ID = 5
        const val DAY_MILLIS = 86_400_000L
    }
}
