package org.portlog.service

import android.app.Notification
import android.content.Context
import org.portlog.R
import org.portlog.core.Note
import org.portlog.core.NoteKind

/** The system did not let the watch start or go on: the user is asked, and the history has it. */
internal object StartRefused {
    private const val ID = 101
    private const val DETAIL_CHARS = 200

    /** After a start by [by], of which the system said [detail]. */
    fun tell(context: Context, by: StartedBy, detail: String) {
        if (by == StartedBy.BOOT) {
            val now = System.currentTimeMillis()
            val note = Note(now, NoteKind.StartMissed, detail.take(DETAIL_CHARS))
            Core.of(context).ask({ it.note(note) })
            WatchSettings(context).bootStartMissed = Boot.current(context)
        }
        WatchSettings(context).startRefused = true
        Channels.create(context)
        val text = context.getString(R.string.refused_text)
        val shown = Notices.builder(context, Channel.GUIDE)
            .setSmallIcon(R.drawable.ic_stat_possible)
            .setContentTitle(context.getString(R.string.refused_title))
            .setContentText(text)
            .setStyle(Notification.BigTextStyle().bigText(text))
            .setAutoCancel(true)
            .setContentIntent(ScreenIntents.pending(context, ScreenIntents.main(context)))
        Notices.of(context).notify(ID, shown.build())
    }

    /** The watch runs: nothing is asked any more. Whether a start had been refused before. */
    fun over(context: Context): Boolean {
        Notices.of(context).cancel(ID)
        val settings = WatchSettings(context)
        return settings.startRefused.also { settings.startRefused = false }
    }
}
