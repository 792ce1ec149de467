package org.portlog.lists

import android.content.ContentResolver
import android.content.Context
import android.content.Intent
import android.net.Uri
import android.os.Build
import android.provider.OpenableColumns
import java.io.ByteArrayInputStream
import java.io.File
import java.io.IOException
import java.io.InputStream
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
    /** What to call it, as the other app calls it. */
    val name: String,
    private val source: Source,
) {
    private sealed class Source {
        class Document(val uri: Uri) : Source()

        class Text(val text: String) : Source()
    }

    /** What became of [copy]. */
    sealed class Copied {
        /** It lies in a file of ours. */
        class Ready internal constructor(internal val file: File) : Copied()

        /** It cannot be taken; [text] says why and what to do. */
        class Refused internal constructor(val text: String) : Copied()
    }

    /** Copies it into the app's own storage. */
    fun copy(): Copied = try {
        removeLeftOver(context)
        val target = File.createTempFile("list", null, folder(context))
        var kept = false
        try {
            val bytes = open().use { from -> copy(from, target) }
            kept = bytes in 1..MAX_BYTES
            when {
                bytes > MAX_BYTES -> refused(R.string.list_too_large, MAX_BYTES shr 20)
                bytes == 0L -> refused(R.string.list_empty)
                else -> Copied.Ready(target)
            }
        } finally {
            if (!kept) target.delete()
        }
    } catch (problem: IOException) {
        refused(R.string.list_unreadable, problem.message.orEmpty())
    } catch (problem: SecurityException) {
        refused(R.string.list_unreadable, problem.message.orEmpty())
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

    private fun open(): InputStream = when (source) {
        is Source.Text -> ByteArrayInputStream(source.text.toByteArray())
        is Source.Document -> {
            if (ownsFile(context, source.uri)) throw IOException(source.uri.path)
            context.contentResolver.openInputStream(source.uri)
                ?: throw IOException(source.uri.toString())
        }
    }

    private fun refused(text: Int, vararg with: Any): Copied.Refused =
        Copied.Refused(context.getString(text, *with))

    companion object {
        /** A list of several million lines; more would not fit a small phone's memory. */
        const val MAX_BYTES: Long = 64L shl 20

        private const val NAME_CHARS = 100
        private const val BUFFER_BYTES = 64 shl 10
        private const val LEFT_OVER_MILLIS = 3_600_000L

        /** What [intent] (SEND or VIEW) brings; `null` where it brings no list. */
        fun from(context: Context, intent: Intent): IncomingList? = when (intent.action) {
            Intent.ACTION_VIEW -> intent.data?.let { picked(context, it) }
            Intent.ACTION_SEND -> sent(context, intent)
            else -> null
        }

        /** The document that the user picked. */
        fun picked(context: Context, uri: Uri): IncomingList? = when (uri.scheme) {
            ContentResolver.SCHEME_CONTENT, ContentResolver.SCHEME_FILE ->
                IncomingList(context, nameOf(context, uri), Source.Document(uri))
            else -> null
        }

        private fun sent(context: Context, intent: Intent): IncomingList? {
            val stream = stream(intent)
            val text = intent.getCharSequenceExtra(Intent.EXTRA_TEXT)?.toString()
            return when {
                stream != null -> picked(context, stream)
                text.isNullOrBlank() -> null
                else -> {
                    val subject = intent.getStringExtra(Intent.EXTRA_SUBJECT)
                    val name = clean(subject) ?: context.getString(R.string.list_shared_text)
                    IncomingList(context, name, Source.Text(text))
                }
            }
        }

        // What another app put there need not be what its key promises.
        private fun stream(intent: Intent): Uri? = try {
            @Suppress("DEPRECATION")
            intent.getParcelableExtra(Intent.EXTRA_STREAM)
        } catch (_: RuntimeException) {
            null
        }

        private fun nameOf(context: Context, uri: Uri): String =
            clean(displayName(context, uri)) ?: clean(uri.lastPathSegment)
                ?: context.getString(R.string.list_unnamed)

        private fun displayName(context: Context, uri: Uri): String? {
            if (uri.scheme != ContentResolver.SCHEME_CONTENT) return null
            return try {
                context.contentResolver
                    .query(uri, arrayOf(OpenableColumns.DISPLAY_NAME), null, null, null)
                    ?.use { if (it.moveToFirst()) it.getString(0) else null }
            } catch (_: RuntimeException) {
                // Another app answers here, with whatever it likes.
                null
            }
        }

        private fun clean(name: String?): String? = name?.substringAfterLast('/')
            ?.filterNot { it.isISOControl() || it.category == CharCategory.FORMAT }
            ?.trim()?.take(NAME_CHARS)?.takeIf { it.isNotEmpty() }

        /** Whether a file is one of this app's own, which no other app shall make it read. */
        private fun ownsFile(context: Context, uri: Uri): Boolean {
            if (uri.scheme != ContentResolver.SCHEME_FILE) return false
            val path = File(uri.path.orEmpty()).canonicalPath
            val own = listOf(context.applicationInfo.dataDir, context.filesDir.parent) +
                if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.N) protectedFolder(context) else null
            return own.filterNotNull().any { path.startsWith(File(it).canonicalPath + "/") } ||
                path.startsWith("/proc/")
        }

        @android.annotation.TargetApi(Build.VERSION_CODES.N)
        private fun protectedFolder(context: Context): String? =
            context.createDeviceProtectedStorageContext().filesDir.parent

        /** Copies of a process that was ended before the core had read them. */
        private fun removeLeftOver(context: Context) {
            val before = System.currentTimeMillis() - LEFT_OVER_MILLIS
            folder(context).listFiles()?.filter { it.lastModified() < before }
                ?.forEach { it.delete() }
        }

        private fun folder(context: Context): File =
            File(context.cacheDir, "incoming").also { it.mkdirs() }

        private fun copy(from: InputStream, target: File): Long {
            val buffer = ByteArray(BUFFER_BYTES)
            var bytes = 0L
            target.outputStream().use { to ->
                while (bytes <= MAX_BYTES) {
                    val read = from.read(buffer)
                    if (read < 0) break
                    to.write(buffer, 0, read)
                    bytes += read
                }
            }
            return bytes
        }
    }
}
