package org.portlog.service

import android.annotation.TargetApi
import android.app.Notification
import android.app.NotificationChannel
import android.app.NotificationManager
import android.content.Context
import android.os.Build
import org.portlog.R

/**
 * What notifications come through: channels from Android 8, and before that priority and sound.
 *
 * The user may change in the system's settings what sounds.
 */
enum class Channel(
    internal val id: String,
    internal val title: Int,
    internal val about: Int,
    private val importance: Int,
    internal val sounds: Boolean,
) {
    /** A match: sounds. */
    MATCH("match", R.string.channel_match, R.string.channel_match_about, 4, true),

    /** A possible match: silent. */
    POSSIBLE("possible", R.string.channel_possible, R.string.channel_possible_about, 2, false),

    /** What was noted, once a day. */
    NOTED("noted", R.string.channel_noted, R.string.channel_noted_about, 1, false),

    /** That the watch runs. */
    ONGOING("ongoing", R.string.channel_ongoing, R.string.channel_ongoing_about, 2, false),

    /** What the user has to do for the watch to go on. */
    GUIDE("guide", R.string.channel_guide, R.string.channel_guide_about, 3, true);

    /** As `NotificationManager.IMPORTANCE_*`, for Android 8 and later. */
    @TargetApi(Build.VERSION_CODES.O)
    internal fun make(context: Context): NotificationChannel =
        NotificationChannel(id, context.getString(title), importance).also {
            it.description = context.getString(about)
            it.setShowBadge(this != ONGOING)
            it.lockscreenVisibility = Notification.VISIBILITY_PRIVATE
            it.enableVibration(this == MATCH)
            it.enableLights(this == MATCH)
        }

    /** As `Notification.PRIORITY_*`, before Android 8. */
    internal val priority: Int get() = importance - 3
}

internal object Channels {
    /** Makes the channels, or gives them the names of another language. */
    fun create(context: Context) {
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.O) {
            create(context, Notices.of(context))
        }
    }

    @TargetApi(Build.VERSION_CODES.O)
    private fun create(context: Context, notices: NotificationManager) {
        notices.createNotificationChannels(Channel.values().map { it.make(context) })
    }
}

internal object Notices {
    /** The system's notifications. */
    fun of(context: Context): NotificationManager =
        context.getSystemService(Context.NOTIFICATION_SERVICE) as NotificationManager

    /** A notification for [channel], with the sound that it has where there are no channels. */
    fun builder(context: Context, channel: Channel): Notification.Builder {
        val builder = if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.O) {
            onChannel(context, channel)
        } else {
            byPriority(context, channel)
        }
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.LOLLIPOP) {
            coloured(builder, context)
        }
        return builder
    }

    @TargetApi(Build.VERSION_CODES.O)
    private fun onChannel(context: Context, channel: Channel): Notification.Builder =
        Notification.Builder(context, channel.id)

    @Suppress("DEPRECATION")
    private fun byPriority(context: Context, channel: Channel): Notification.Builder =
        Notification.Builder(context)
            .setPriority(channel.priority)
            .setDefaults(if (channel.sounds) Notification.DEFAULT_ALL else 0)

    @TargetApi(Build.VERSION_CODES.LOLLIPOP)
    private fun coloured(builder: Notification.Builder, context: Context) {
        @Suppress("DEPRECATION")
        builder.setColor(context.resources.getColor(R.color.notification))
    }
}
