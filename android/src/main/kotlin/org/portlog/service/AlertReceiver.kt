package org.portlog.service

import android.app.PendingIntent
import android.content.BroadcastReceiver
import android.content.Context
import android.content.Intent
import org.portlog.core.MuteRule
import org.portlog.guide.PracticeRun

/** Does what the buttons of an alert's notification say. */
class AlertReceiver : BroadcastReceiver() {
    override fun onReceive(context: Context, intent: Intent) {
        when (intent.action) {
            ACTION_MUTE -> mute(context, intent)
            ACTION_DISMISSED -> {
                val owner = intent.getStringExtra(EXTRA_OWNER) ?: return
                AlertNotifications(context).tidy(owner)
            }
            ACTION_PRACTISED -> practised(context, intent)
        }
    }

    private fun mute(context: Context, intent: Intent) {
        val owner = intent.getStringExtra(EXTRA_OWNER) ?: return
        val name = intent.getStringExtra(EXTRA_NAME).orEmpty()
        val muted = intent.getBooleanExtra(EXTRA_MUTED, true)
        val under = goAsync()
        Core.of(context).ask(
            work = { core ->
                core.mute(MuteRule.Owner(owner), muted)
                core.alerts(withNoted = false).filter { it.owner.key == owner }.map { it.key }
            },
            failed = { under.finish() },
        ) { keys ->
            val notifications = AlertNotifications(context)
            if (muted) {
                notifications.showMuted(owner, name, keys)
            } else {
                notifications.hideMuted(owner)
            }
            under.finish()
        }
    }

    private fun practised(context: Context, intent: Intent) {
        val alert = intent.getStringExtra(EXTRA_ALERT) ?: return
        val noticed = intent.getBooleanExtra(EXTRA_NOTICED, false)
        AlertNotifications(context).hide(alert)
        val under = goAsync()
        PracticeRun(context).confirm(noticed, { under.finish() }) { under.finish() }
    }

    internal companion object {
        private const val ACTION_MUTE = "org.portlog.MUTE"
        private const val ACTION_DISMISSED = "org.portlog.DISMISSED"
        private const val ACTION_PRACTISED = "org.portlog.PRACTISED"
        private const val EXTRA_ALERT = "alert"
        private const val EXTRA_OWNER = "owner"
        private const val EXTRA_NAME = "name"
        private const val EXTRA_MUTED = "muted"
        private const val EXTRA_NOTICED = "noticed"

        fun mute(context: Context, owner: String, name: String, muted: Boolean): PendingIntent =
            pending(
                context,
                Intent(ACTION_MUTE, distinct("mute", owner, muted.toString()))
                    .putExtra(EXTRA_OWNER, owner)
                    .putExtra(EXTRA_NAME, name)
                    .putExtra(EXTRA_MUTED, muted),
            )

        fun dismissed(context: Context, alert: String, owner: String): PendingIntent =
            pending(
                context,
                Intent(ACTION_DISMISSED, distinct("dismissed", alert)).putExtra(EXTRA_OWNER, owner),
            )

        fun practised(context: Context, alert: String, noticed: Boolean): PendingIntent =
            pending(
                context,
                Intent(ACTION_PRACTISED, distinct("practised", alert, noticed.toString()))
                    .putExtra(EXTRA_ALERT, alert)
                    .putExtra(EXTRA_NOTICED, noticed),
            )

        private fun pending(context: Context, intent: Intent): PendingIntent =
            PendingIntent.getBroadcast(
                context,
                0,
                intent.setClass(context, AlertReceiver::class.java),
                PendingFlags.update(),
            )
    }
}
