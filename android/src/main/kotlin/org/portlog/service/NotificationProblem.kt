package org.portlog.service

import android.annotation.TargetApi
import android.app.NotificationManager
import android.content.Context
import android.media.AudioManager
import android.os.Build
import org.portlog.R

/** Why a notification cannot be seen, or not be heard; [text] says what to change. */
enum class NotificationProblem(val text: Int) {
    /** The app may not show any. */
    APP_OFF(R.string.problem_notifications_off),

    /** The user switched this sort off. */
    CHANNEL_OFF(R.string.problem_channel_off),

    /** The user made this sort silent. */
    CHANNEL_SILENT(R.string.problem_channel_silent),

    /** The phone is set to silent, or the volume of notifications is zero. */
    PHONE_SILENT(R.string.problem_phone_silent),

    /** "Do not disturb" is on. */
    DO_NOT_DISTURB(R.string.problem_do_not_disturb);

    companion object {
        /** What keeps notifications of [channel] from being shown; `null` where nothing known does. */
        internal fun find(context: Context, channel: Channel): NotificationProblem? {
            val notices = Notices.of(context)
            return when {
                Build.VERSION.SDK_INT < Build.VERSION_CODES.N -> null
                !enabled(notices) -> APP_OFF
                Build.VERSION.SDK_INT < Build.VERSION_CODES.O -> null
                importance(notices, channel) == NotificationManager.IMPORTANCE_NONE -> CHANNEL_OFF
                else -> null
            }
        }

        /** What keeps a match from being seen or heard, as far as an app can know. */
        fun ofMatches(context: Context): List<NotificationProblem> = buildList {
            find(context, Channel.MATCH)?.let { add(it) }
            val notices = Notices.of(context)
            if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.O && silent(notices)) {
                add(CHANNEL_SILENT)
            }
            if (phoneSilent(context)) add(PHONE_SILENT)
            if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.M && filtered(notices)) {
                add(DO_NOT_DISTURB)
            }
        }

        private fun phoneSilent(context: Context): Boolean {
            val audio = context.getSystemService(Context.AUDIO_SERVICE) as AudioManager
            return audio.ringerMode != AudioManager.RINGER_MODE_NORMAL ||
                audio.getStreamVolume(AudioManager.STREAM_NOTIFICATION) == 0
        }

        @TargetApi(Build.VERSION_CODES.N)
        private fun enabled(notices: NotificationManager): Boolean =
            notices.areNotificationsEnabled()

        /** `null` for a channel that was not made yet. */
        @TargetApi(Build.VERSION_CODES.O)
        private fun importance(notices: NotificationManager, channel: Channel): Int? =
            notices.getNotificationChannel(channel.id)?.importance

        @TargetApi(Build.VERSION_CODES.O)
        private fun silent(notices: NotificationManager): Boolean =
            (importance(notices, Channel.MATCH) ?: NotificationManager.IMPORTANCE_HIGH) in
                NotificationManager.IMPORTANCE_MIN..NotificationManager.IMPORTANCE_LOW

        @TargetApi(Build.VERSION_CODES.M)
        private fun filtered(notices: NotificationManager): Boolean =
            notices.currentInterruptionFilter > NotificationManager.INTERRUPTION_FILTER_ALL
    }
}
