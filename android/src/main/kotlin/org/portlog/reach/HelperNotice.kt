package org.portlog.reach

import android.app.Notification
import android.content.Context
import android.os.SystemClock
import org.portlog.R
import org.portlog.core.Agent
import org.portlog.core.HelperPhase
import org.portlog.core.ReachRequest
import org.portlog.service.Boot
import org.portlog.service.Channel
import org.portlog.service.Notices
import org.portlog.service.ScreenIntents
import org.portlog.service.WatchSettings

/**
 * Says that the helper is gone, where the user wanted it: once for each time, and no more when it
 * is back. It comes back by itself after an update of the app or a restart of its process, and is
 * given the time for that; after a restart of the phone it cannot.
 */
internal class HelperNotice(
    private val context: Context,
    private val clock: () -> Long = SystemClock::elapsedRealtime,
) {
    private val settings = WatchSettings(context)
    private var awaySince: Long? = null
    private var told = false
    private var toldRefused = false

    /** Looks how it stands; to be called now and then while the watch runs. */
    fun look(agent: Agent) {
        val state = agent.reach(ReachRequest.State)
        look(state.phase)
        refused(state.refused)
    }

    /** Says, without a sound, that others asked for its place: the first time in each process. */
    internal fun refused(times: Long) {
        if (times == 0L || toldRefused) return
        toldRefused = true
        show(
            REFUSED_ID,
            Channel.NOTED,
            R.string.helper_title,
            context.getString(R.string.helper_refused, times.toString()),
        )
    }

    internal fun look(phase: HelperPhase) {
        when (phase) {
            HelperPhase.CONNECTED -> {
                if (!settings.helperWanted || settings.helperBoot != Boot.current(context)) {
                    settings.helperWanted = true
                    settings.helperBoot = Boot.current(context)
                }
                back()
            }

            HelperPhase.STOPPED -> {
                settings.helperWanted = false
                back()
            }

            HelperPhase.LOST, HelperPhase.NEVER -> if (settings.helperWanted) away()
        }
    }

    private fun away() {
        val now = clock()
        val since = awaySince ?: now.also { awaySince = it }
        val why = reason()
        if (told || (why == R.string.helper_gone_silent && now - since < PATIENCE_MILLIS)) return
        told = true
        show(ID, Channel.GUIDE, R.string.helper_gone_title, context.getString(why))
    }

    private fun show(id: Int, channel: Channel, title: Int, text: String) {
        val shown = Notices.builder(context, channel)
            .setSmallIcon(R.drawable.ic_stat_possible)
            .setContentTitle(context.getString(title))
            .setContentText(text)
            .setStyle(Notification.BigTextStyle().bigText(text))
            .setAutoCancel(true)
            .setContentIntent(ScreenIntents.pending(context, ScreenIntents.helper(context)))
        Notices.of(context).notify(id, shown.build())
    }

    private fun reason(): Int = when {
        settings.helperBoot != Boot.current(context) -> R.string.helper_gone_restarted
        !Debugging.isOn(context) -> R.string.helper_gone_adb_off
        else -> R.string.helper_gone_silent
    }

    private fun back() {
        awaySince = null
        if (told) Notices.of(context).cancel(ID)
        told = false
    }

    internal companion object {
        const val ID = 6
        const val REFUSED_ID = 7

        /** Longer than the helper ever waits before it tries again. */
        const val PATIENCE_MILLIS = 90_000L
    }
}
