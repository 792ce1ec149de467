package org.portlog.service

import android.annotation.TargetApi
import android.app.Notification
import android.app.PendingIntent
import android.content.Context
import android.content.Intent
import android.net.Uri
import android.os.Build
import org.portlog.R
import org.portlog.core.Agent
import org.portlog.core.AlertView
import org.portlog.core.Level
import org.portlog.core.Told

/**
 * Alerts as notifications: one for each claim, together by owner.
 *
 * Whether something is told at all, how often and in which words is the core's; what is told again
 * takes the place of what was shown of the same claim. Notifications are told apart by the claim's
 * key as their tag, so that two claims never share one, and a process that was started anew goes
 * on with the same.
 */
internal class AlertNotifications(private val context: Context) {
    private val notices = Notices.of(context)
    private val settings = WatchSettings(context)

    /** Shows [alert]; what kept it from being shown, or `null`. Then [showLate] shows it. */
    fun show(alert: AlertView): NotificationProblem? {
        val channel = channel(alert)
        val problem = if (alert.muted) null else NotificationProblem.find(context, channel)
        if (!alert.practice) wait(alert.key, problem != null)
        if (problem == null && !alert.muted) {
            notices.notify(alert.key, ID_ALERT, notification(alert, channel))
            summarise(alert.owner.key, alert.owner.name)
        }
        return problem
    }

    /** Shows what could not be shown when it was told, where it can be now. Asks the core. */
    fun showLate(agent: Agent) {
        val waiting = settings.unshown
        if (waiting.isEmpty()) return
        val alerts = agent.alerts(withNoted = false).filter { it.key in waiting }
        (waiting - alerts.map { it.key }.toSet()).forEach { wait(it, false) }
        alerts.forEach { show(it) }
    }

    private fun wait(key: String, waits: Boolean) = synchronized(UNSHOWN) {
        val before = settings.unshown
        if (waits && before.size < MOST_UNSHOWN) {
            settings.unshown = before + key
        } else if (!waits && key in before) {
            settings.unshown = before - key
        }
    }

    /** Shows the day's noted things. */
    fun showNoted(summary: Told) {
        val shown = Notices.builder(context, Channel.NOTED)
            .setSmallIcon(R.drawable.ic_stat_noted)
            .setContentTitle(context.getString(R.string.noted_title))
            .setContentText(summary.text)
            .setStyle(Notification.BigTextStyle().bigText(summary.text))
            .setWhen(summary.at)
            .setAutoCancel(true)
            .setContentIntent(open(ScreenIntents.main(context, ScreenIntents.PAGE_ALERTS)))
        private(shown, null)
        notices.notify(ID_NOTED, shown.build())
    }

    /** In the place of an owner's alerts: that it was muted, and the way back. */
    fun showMuted(ownerKey: String, ownerName: String, alertKeys: List<String>) {
        alertKeys.forEach { notices.cancel(it, ID_ALERT) }
        notices.cancel(ownerKey, ID_SUMMARY)
        val shown = Notices.builder(context, Channel.POSSIBLE)
            .setSmallIcon(R.drawable.ic_stat_mute)
            .setContentTitle(context.getString(R.string.muted_title, ownerName))
            .setContentText(context.getString(R.string.muted_text))
            .setAutoCancel(true)
            .setContentIntent(open(ScreenIntents.owner(context, ownerKey)))
        action(
            shown,
            R.drawable.ic_stat_undo,
            R.string.action_unmute,
            AlertReceiver.mute(context, ownerKey, ownerName, muted = false),
        )
        private(shown, null)
        notices.notify(ownerKey, ID_MUTED, shown.build())
    }

    /** Takes back what [showMuted] showed. */
    fun hideMuted(ownerKey: String) = notices.cancel(ownerKey, ID_MUTED)

    /** Takes back the notification of an alert. */
    fun hide(key: String) = notices.cancel(key, ID_ALERT)

    /** After one of an owner's notifications went: the bundle goes where it holds none any more. */
    fun tidy(ownerKey: String) {
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.N && shownOf(ownerKey) == 0) {
            notices.cancel(ownerKey, ID_SUMMARY)
        }
    }

    private fun channel(alert: AlertView): Channel =
        if (alert.practice || alert.sounds) Channel.MATCH else Channel.POSSIBLE

    private fun notification(alert: AlertView, channel: Channel): Notification {
        val shown = Notices.builder(context, channel)
            .setSmallIcon(icon(alert))
            .setContentTitle(title(alert))
            .setContentText(alert.text)
            .setTicker(alert.publicText)
            .setStyle(
                Notification.BigTextStyle()
                    .setBigContentTitle(title(alert))
                    .bigText(alert.body),
            )
            .setWhen(alert.lastSeen)
            .setShowWhen(true)
            .setAutoCancel(true)
            .setContentIntent(open(ScreenIntents.alert(context, alert.key)))
            .setDeleteIntent(AlertReceiver.dismissed(context, alert.key, alert.owner.key))
        if (alert.practice) {
            action(
                shown,
                R.drawable.ic_stat_yes,
                R.string.action_noticed,
                AlertReceiver.practised(context, alert.key, noticed = true),
            )
            action(
                shown,
                R.drawable.ic_stat_no,
                R.string.action_not_heard,
                AlertReceiver.practised(context, alert.key, noticed = false),
            )
        } else {
            action(
                shown,
                R.drawable.ic_stat_mute,
                R.string.action_mute,
                AlertReceiver.mute(context, alert.owner.key, alert.owner.name, muted = true),
            )
            action(
                shown,
                R.drawable.ic_stat_details,
                R.string.action_details,
                open(ScreenIntents.alert(context, alert.key)),
            )
        }
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.KITKAT_WATCH) {
            grouped(shown, alert.owner.key)
        }
        private(shown, alert.publicText)
        return shown.build()
    }

    private fun title(alert: AlertView): String =
        if (alert.practice) {
            context.getString(R.string.practice_title, alert.title)
        } else {
            alert.title
        }

    private fun icon(alert: AlertView): Int = when (alert.level) {
        Level.MATCH -> R.drawable.ic_stat_match
        Level.POSSIBLE -> R.drawable.ic_stat_possible
        Level.NOTED -> R.drawable.ic_stat_noted
    }

    @TargetApi(Build.VERSION_CODES.KITKAT_WATCH)
    private fun grouped(shown: Notification.Builder, ownerKey: String) {
        shown.setGroup(ownerKey)
    }

    /** Bundles an owner's notifications from the second on, where the system can (from 24). */
    private fun summarise(ownerKey: String, ownerName: String) {
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.N && shownOf(ownerKey) > 1) {
            notices.notify(ownerKey, ID_SUMMARY, summary(ownerKey, ownerName))
        }
    }

    @TargetApi(Build.VERSION_CODES.N)
    private fun shownOf(ownerKey: String): Int = notices.activeNotifications
        .count { it.id == ID_ALERT && it.notification.group == ownerKey }

    @TargetApi(Build.VERSION_CODES.N)
    private fun summary(ownerKey: String, ownerName: String): Notification {
        val shown = Notices.builder(context, Channel.POSSIBLE)
            .setSmallIcon(R.drawable.ic_stat_match)
            .setContentTitle(ownerName)
            .setStyle(Notification.InboxStyle().setSummaryText(ownerName))
            .setGroup(ownerKey)
            .setGroupSummary(true)
            .setAutoCancel(true)
            .setContentIntent(open(ScreenIntents.owner(context, ownerKey)))
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.O) {
            soundedByMembers(shown)
        }
        private(shown, null)
        return shown.build()
    }

    @TargetApi(Build.VERSION_CODES.O)
    private fun soundedByMembers(shown: Notification.Builder) {
        shown.setGroupAlertBehavior(Notification.GROUP_ALERT_CHILDREN)
    }

    /** Keeps the words off a lock screen; [publicText] stands there instead. */
    private fun private(shown: Notification.Builder, publicText: String?) {
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.LOLLIPOP) {
            LockScreen.hide(context, shown, publicText)
        }
    }

    private fun action(
        shown: Notification.Builder,
        icon: Int,
        title: Int,
        intent: PendingIntent,
    ) {
        @Suppress("DEPRECATION")
        shown.addAction(icon, context.getString(title), intent)
    }

    private fun open(intent: Intent): PendingIntent = ScreenIntents.pending(context, intent)

    private companion object {
        const val ID_ALERT = 1
        const val ID_SUMMARY = 2
        const val ID_MUTED = 3
        const val ID_NOTED = 4
        const val MOST_UNSHOWN = 256

        /** Held while the set in the settings is changed. */
        val UNSHOWN = Any()
    }
}

/** What a locked screen shows of a notification (Android 5 and later). */
@TargetApi(Build.VERSION_CODES.LOLLIPOP)
internal object LockScreen {
    fun hide(context: Context, shown: Notification.Builder, publicText: String?) {
        val outside = Notices.builder(context, Channel.POSSIBLE)
            .setSmallIcon(R.drawable.ic_stat_ongoing)
            .setContentTitle(context.getString(R.string.app_name))
            .setContentText(publicText)
        shown.setVisibility(Notification.VISIBILITY_PRIVATE)
            .setCategory(Notification.CATEGORY_STATUS)
            .setPublicVersion(outside.build())
    }
}

/** A name for an intent that the system shall not take for another: extras alone do not count. */
internal fun distinct(vararg parts: String): Uri =
    Uri.Builder().scheme("portlog").apply { parts.forEach { appendPath(it) } }.build()
