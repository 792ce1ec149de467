package org.portlog.service

import android.content.ClipData
import android.content.ContentProvider
import android.content.ContentValues
import android.content.Context
import android.content.Intent
import android.database.Cursor
import android.database.MatrixCursor
import android.net.Uri
import android.os.ParcelFileDescriptor
import android.provider.OpenableColumns
import java.io.File
import java.io.FileNotFoundException
import org.portlog.core.SharePreset

/**
 * Gives an exported log to the app that the user shares it with.
 *
 * It is not exported: only who was granted a document can open it. It opens files of one folder, by
 * their bare name, to be read; it lists nothing and takes nothing.
 */
class ExportProvider : ContentProvider() {
    override fun onCreate(): Boolean = true

    override fun openFile(uri: Uri, mode: String): ParcelFileDescriptor {
        if (mode != "r") throw FileNotFoundException("an export can only be read")
        return ParcelFileDescriptor.open(file(uri), ParcelFileDescriptor.MODE_READ_ONLY)
    }

    override fun query(
        uri: Uri,
        projection: Array<out String>?,
        selection: String?,
        selectionArgs: Array<out String>?,
        sortOrder: String?,
    ): Cursor {
        val file = file(uri)
        val columns = (projection ?: ALL).filter { it in ALL }.toTypedArray()
        return MatrixCursor(columns, 1).apply {
            addRow(columns.map { if (it == OpenableColumns.SIZE) file.length() else file.name })
        }
    }

    // Mail and messengers leave the bytes of such a file as they are, line ends included.
    override fun getType(uri: Uri): String = Exports.TYPE

    override fun insert(uri: Uri, values: ContentValues?): Uri? = throw readOnly()

    override fun delete(uri: Uri, where: String?, args: Array<out String>?): Int = throw readOnly()

    override fun update(
        uri: Uri,
        values: ContentValues?,
        where: String?,
        args: Array<out String>?,
    ): Int = throw readOnly()

    private fun readOnly() = UnsupportedOperationException("an export can only be read")

    private fun file(uri: Uri): File {
        val context = context ?: throw FileNotFoundException(uri.toString())
        val name = uri.pathSegments.singleOrNull().orEmpty()
        val file = File(Exports.folder(context), name)
        val plain = name.isNotEmpty() && '/' !in name && !name.startsWith(".")
        if (!plain || !file.isFile || file.canonicalFile.parentFile != Exports.folder(context)) {
            throw FileNotFoundException(uri.toString())
        }
        return file
    }

    private companion object {
        val ALL = arrayOf(OpenableColumns.DISPLAY_NAME, OpenableColumns.SIZE)
    }
}

/** The exported logs on this phone: one folder, in which only the latest stays. */
object Exports {
    /** The type that a file is shared under. */
    const val TYPE: String = "application/octet-stream"

    private const val SUFFIX = ".portlog.txt"

    /** A new file for an export that was asked for at [stamp]; older ones are gone. */
    fun newFile(context: Context, preset: SharePreset, stamp: String): File {
        removeAll(context)
        val what = when (preset) {
            SharePreset.ALERTS -> "alerts"
            SharePreset.FIRMWARE -> "firmware"
            SharePreset.EVERYTHING -> "everything"
        }
        return File(folder(context), "portlog-$stamp-$what$SUFFIX")
    }

    /** Removes what was exported from the phone; what was shared stays where it is. */
    fun removeAll(context: Context) {
        folder(context).listFiles()?.forEach { it.delete() }
    }

    /** What opens the share sheet for [file], and lets the app that is chosen there read it. */
    fun share(context: Context, file: File): Intent {
        val uri = Uri.Builder().scheme("content").authority("${context.packageName}.export")
            .appendPath(file.name).build()
        return Intent(Intent.ACTION_SEND)
            .setType(TYPE)
            .putExtra(Intent.EXTRA_STREAM, uri)
            .putExtra(Intent.EXTRA_SUBJECT, file.name)
            .addFlags(Intent.FLAG_GRANT_READ_URI_PERMISSION)
            .also { it.clipData = ClipData.newRawUri(null, uri) }
    }

    internal fun folder(context: Context): File =
        File(context.filesDir, "export").also { it.mkdirs() }.canonicalFile
}
