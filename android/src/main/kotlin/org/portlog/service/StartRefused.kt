package org.portlog.service

import android.app.Notification
import android.content.Context
import org.portlog.R
import org.portlog.core.Note
import org.portlog.core.NoteKind

/** The system did not let the watch start or go on: kept in the history, and the user is asked. */
internal object StartRefused {
    private const val ID = 101

    /** [detail] is what the system said. */
    fun tell(context: Context, detail: String) {
        val note = Note(System.currentTimeMillis(), NoteKind.StartMissed, detail.take(DETAIL_CHARS))
        Core.of(context).ask({ it.note(note) })
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

    /** The watch runs: nothing is asked any more. */
    fun over(context: Context) = Notices.of(context).cancel(ID)

    private const val DETAIL_CHARS = 200
}
