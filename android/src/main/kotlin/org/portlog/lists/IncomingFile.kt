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

/**
 * A file or a text that another app shares, or that the user picked: named, and copied within
 * bounds before the core reads it.
 *
 * [copy] is not for the main thread.
 */
class IncomingFile private constructor(
    private val context: Context,
    /** What to call it, as the other app calls it; `null` where it has no name. */
    val name: String?,
    private val source: Source,
) {
    private sealed class Source {
        class Document(val uri: Uri) : Source()

        class Text(val text: String) : Source()
    }

    /** Whether it came as text, and not as a file. */
    val isText: Boolean get() = source is Source.Text

    /** What became of [copy]. */
    sealed class Copied {
        /** It lies in a file of ours. */
        class Ready internal constructor(internal val file: File) : Copied()

        /** It has more bytes than it may have. */
        object TooLarge : Copied()

        /** There is nothing in it. */
        object Empty : Copied()

        /** The other app, or the phone, did not give it. */
        class Unreadable internal constructor(val why: String) : Copied()
    }

    /** Copies it into the app's own storage, where it has at most [most] bytes. */
    fun copy(most: Long): Copied = try {
        removeLeftOver(context)
        val target = File.createTempFile("incoming", null, folder(context))
        var kept = false
        try {
            val bytes = open().use { from -> copy(from, target, most) }
            kept = bytes in 1..most
            when {
                bytes > most -> Copied.TooLarge
                bytes == 0L -> Copied.Empty
                else -> Copied.Ready(target)
            }
        } finally {
            if (!kept) target.delete()
        }
    } catch (problem: IOException) {
        Copied.Unreadable(problem.message.orEmpty())
    } catch (problem: RuntimeException) {
        // What goes wrong in the other app comes over as any exception that can cross processes.
        Copied.Unreadable(problem.message.orEmpty())
    }

    private fun open(): InputStream = when (source) {
        is Source.Text -> ByteArrayInputStream(source.text.toByteArray())
        is Source.Document -> {
            if (ownsFile(context, source.uri)) throw IOException(source.uri.path)
            context.contentResolver.openInputStream(source.uri)
                ?: throw IOException(source.uri.toString())
        }
    }

    companion object {
        private const val NAME_CHARS = 100
        private const val BUFFER_BYTES = 64 shl 10
        private const val LEFT_OVER_MILLIS = 3_600_000L

        /** What [intent] (SEND or VIEW) brings; `null` where it brings none. */
        fun from(context: Context, intent: Intent): IncomingFile? = when (intent.action) {
            Intent.ACTION_VIEW -> intent.data?.let { picked(context, it) }
            Intent.ACTION_SEND -> sent(context, intent)
            else -> null
        }

        /** The document that the user picked. */
        fun picked(context: Context, uri: Uri): IncomingFile? = when (uri.scheme) {
            ContentResolver.SCHEME_CONTENT, ContentResolver.SCHEME_FILE ->
                IncomingFile(context, nameOf(context, uri), Source.Document(uri))
            else -> null
        }

        private fun sent(context: Context, intent: Intent): IncomingFile? {
            val stream = stream(intent)
            val text = intent.getCharSequenceExtra(Intent.EXTRA_TEXT)?.toString()
            return when {
                stream != null -> picked(context, stream)
                text.isNullOrBlank() -> null
                else -> {
                    val subject = intent.getStringExtra(Intent.EXTRA_SUBJECT)
                    IncomingFile(context, clean(subject), Source.Text(text))
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

        private fun nameOf(context: Context, uri: Uri): String? =
            clean(displayName(context, uri)) ?: clean(uri.lastPathSegment)

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

        private fun copy(from: InputStream, target: File, most: Long): Long {
            val buffer = ByteArray(BUFFER_BYTES)
            var bytes = 0L
            target.outputStream().use { to ->
                while (bytes <= most) {
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
