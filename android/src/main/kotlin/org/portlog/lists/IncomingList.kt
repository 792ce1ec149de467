package org.portlog.lists

import android.content.Context
import android.content.Intent
import java.io.File
import org.portlog.R
import org.portlog.core.Agent
import org.portlog.core.Category
import org.portlog.core.ListChange
import org.portlog.core.ListLine

/**
 * A list that another app shares, or that the user picked: checked, named, and copied within
 * bounds before the core reads it.
 *
 * [copy] and what follows it are not for the main thread.
 */
class IncomingList private constructor(
    private val context: Context,
    private val incoming: IncomingFile,
) {
    /** What to call it, as the other app calls it. */
    val name: String = incoming.name ?: context.getString(
        if (incoming.isText) R.string.list_shared_text else R.string.list_unnamed,
    )

    /** What became of [copy]. */
    sealed class Copied {
        /** It lies in a file of ours. */
        class Ready internal constructor(internal val file: File) : Copied()

        /** It cannot be taken; [text] says why and what to do. */
        class Refused internal constructor(val text: String) : Copied()
    }

    /** Copies it into the app's own storage. */
    fun copy(): Copied = when (val copied = incoming.copy(MAX_BYTES)) {
        is IncomingFile.Copied.Ready -> Copied.Ready(copied.file)
        IncomingFile.Copied.TooLarge -> refused(R.string.list_too_large, MAX_BYTES shr 20)
        IncomingFile.Copied.Empty -> refused(R.string.list_empty)
        is IncomingFile.Copied.Unreadable -> refused(R.string.list_unreadable, copied.why)
    }

    /** Puts the copy onto the shelf of lists; the copy is gone afterwards. */
    fun import(agent: Agent, copied: Copied.Ready, category: Category?): List<ListLine> = try {
        agent.setLists(ListChange.Import(name, category, copied.file.path))
    } finally {
        copied.file.delete()
    }

    /** Puts the copy in the place of the list [id]; the copy is gone afterwards. */
    fun replace(agent: Agent, copied: Copied.Ready, id: Int): List<ListLine> = try {
        agent.setLists(ListChange.Replace(id, copied.file.path))
    } finally {
        copied.file.delete()
    }

    private fun refused(text: Int, vararg with: Any): Copied.Refused =
        Copied.Refused(context.getString(text, *with))

    companion object {
        /** A list of several million lines; more would not fit a small phone's memory. */
        const val MAX_BYTES: Long = 64L shl 20

        /** What [intent] (SEND or VIEW) brings; `null` where it brings no list. */
        fun from(context: Context, intent: Intent): IncomingList? =
            IncomingFile.from(context, intent)?.let { IncomingList(context, it) }
    }
}
