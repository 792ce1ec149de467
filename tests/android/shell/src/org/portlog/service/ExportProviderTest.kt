package org.portlog.service

import android.content.Context
import android.content.Intent
import android.content.pm.PackageManager
import android.net.Uri
import android.provider.OpenableColumns
import java.io.File
import java.io.FileNotFoundException
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertThrows
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.portlog.core.SharePreset
import org.robolectric.Robolectric
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.annotation.Config

/** Exported logs for the app that was chosen: to be read, one by one, from one folder, by grant. */
@RunWith(RobolectricTestRunner::class)
@Config(sdk = [23, 28, 34])
class ExportProviderTest {
    private val context: Context = RuntimeEnvironment.getApplication()
    private val provider = Robolectric.setupContentProvider(
        ExportProvider::class.java,
        "${context.packageName}.export",
    )
    private val file = Exports.newFile(context, SharePreset.FIRMWARE, "20140810-120000")
        .apply { writeText("portlog/bundle@v1\n") }

    @Suppress("DEPRECATION")
    private val uri: Uri = requireNotNull(
        Exports.share(context, file).getParcelableExtra(Intent.EXTRA_STREAM),
    )

    private fun at(name: String): Uri =
        Uri.Builder().scheme("content").authority(uri.authority).appendPath(name).build()

    @Test
    fun `nobody gets at it without a grant`() {
        @Suppress("DEPRECATION")
        val declared = context.packageManager
            .getPackageInfo(context.packageName, PackageManager.GET_PROVIDERS)
            .providers.orEmpty().single { it.name == ExportProvider::class.java.name }
        assertFalse(declared.exported)
        assertTrue(declared.grantUriPermissions)
        assertEquals("${context.packageName}.export", declared.authority)
        val grants = Exports.share(context, file).flags
        assertTrue(grants and Intent.FLAG_GRANT_READ_URI_PERMISSION != 0)
        assertEquals(0, grants and Intent.FLAG_GRANT_WRITE_URI_PERMISSION)
    }

    @Test
    fun `the reader gets name, size and bytes`() {
        provider.query(uri, null, null, null, null).use { row ->
            assertTrue(row.moveToFirst())
            val name = row.getColumnIndexOrThrow(OpenableColumns.DISPLAY_NAME)
            val size = row.getColumnIndexOrThrow(OpenableColumns.SIZE)
            assertEquals("portlog-20140810-120000-firmware.portlog.txt", row.getString(name))
            assertEquals(file.length(), row.getLong(size))
        }
        val some = arrayOf(OpenableColumns.SIZE, "_data")
        provider.query(uri, some, null, null, null).use {
            assertEquals(listOf(OpenableColumns.SIZE), it.columnNames.toList())
        }
        val read = provider.openFile(uri, "r").use {
            android.os.ParcelFileDescriptor.AutoCloseInputStream(it).readBytes()
        }
        assertEquals(file.readText(), String(read))
    }

    @Test
    fun `it is only read`() {
        for (mode in listOf("w", "rw", "wa", "rwt", "wt", "")) {
            assertThrows(FileNotFoundException::class.java) { provider.openFile(uri, mode) }
        }
        assertThrows(UnsupportedOperationException::class.java) { provider.delete(uri, null, null) }
        assertThrows(UnsupportedOperationException::class.java) { provider.insert(uri, null) }
        assertThrows(UnsupportedOperationException::class.java) {
            provider.update(uri, null, null, null)
        }
        assertEquals("portlog/bundle@v1\n", file.readText())
    }

    @Test
    fun `no name leads out of the folder`() {
        File(context.filesDir, "secret").writeText("x")
        val link = File(file.parentFile, "link.portlog.txt")
        java.nio.file.Files.createSymbolicLink(
            link.toPath(),
            File(context.filesDir, "secret").toPath(),
        )
        val names = listOf("../secret", "..", ".", "", "a/../../secret", "link.portlog.txt", "none")
        for (name in names) {
            assertThrows(name, FileNotFoundException::class.java) {
                provider.openFile(at(name), "r")
            }
        }
        val deeper = uri.buildUpon().appendPath("more").build()
        assertThrows(FileNotFoundException::class.java) { provider.openFile(deeper, "r") }
    }

    @Test
    fun `only the latest export stays on the phone`() {
        val next = Exports.newFile(context, SharePreset.ALERTS, "20140811-120000")
        assertFalse(file.exists())
        assertEquals("portlog-20140811-120000-alerts.portlog.txt", next.name)
    }
}
