package org.portlog.service

import android.annotation.TargetApi
import android.app.Notification
import android.app.Service
import android.content.Context
import android.content.pm.ServiceInfo
import android.os.Build
import org.portlog.R
import org.portlog.core.Stats

/** The quiet notification that stays while the watch runs: what is watched, and what is not. */
internal class OngoingNotification(private val context: Context) {
    private val notices = Notices.of(context)
    private var shown: Pair<String, String>? = null

    /** Makes [service] one that the system keeps; throws what the system answers where it may not. */
    fun attach(service: Service) {
        val first = context.getString(R.string.ongoing_starting)
        val notification = build(context.getString(R.string.app_name), first)
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.UPSIDE_DOWN_CAKE) {
            attachTyped(service, notification)
        } else {
            service.startForeground(ID, notification)
        }
        synchronized(this) { shown = null }
    }

    /** Says how it stands, where that is not what stands there. */
    fun say(stats: Stats) = say(stats.ongoingTitle, stats.ongoingText)

    /** Says that the watch could not go on. */
    fun problem(text: String) = say(context.getString(R.string.ongoing_problem), text)

    private fun say(title: String, text: String) {
        synchronized(this) {
            if (shown == Pair(title, text)) return
            shown = Pair(title, text)
        }
        notices.notify(ID, build(title, text))
    }

    @TargetApi(Build.VERSION_CODES.UPSIDE_DOWN_CAKE)
    private fun attachTyped(service: Service, notification: Notification) = service.startForeground(
        ID,
        notification,
        ServiceInfo.FOREGROUND_SERVICE_TYPE_SPECIAL_USE,
    )

    private fun build(title: String, text: String): Notification {
        val builder = Notices.builder(context, Channel.ONGOING)
            .setSmallIcon(R.drawable.ic_stat_ongoing)
            .setContentTitle(title)
            .setContentText(text)
            .setStyle(Notification.BigTextStyle().bigText(text))
            .setOngoing(true)
            .setOnlyAlertOnce(true)
            .setShowWhen(false)
            .setContentIntent(ScreenIntents.pending(context, ScreenIntents.main(context)))
        @Suppress("DEPRECATION")
        builder.addAction(
            R.drawable.ic_stat_stop,
            context.getString(R.string.action_stop),
            WatchService.stopIntent(context),
        )
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.LOLLIPOP) {
            LockScreen.hide(context, builder, context.getString(R.string.ongoing_public))
        }
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.S) {
            atOnce(builder)
        }
        return builder.build()
    }

    @TargetApi(Build.VERSION_CODES.S)
    private fun atOnce(builder: Notification.Builder) {
        builder.setForegroundServiceBehavior(Notification.FOREGROUND_SERVICE_IMMEDIATE)
    }

    internal companion object {
        const val ID = 100
    }
}
