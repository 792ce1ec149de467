package org.portlog.lists

import android.content.Context
import android.content.Intent
import android.net.Uri
import java.io.ByteArrayInputStream
import java.io.File
import java.io.InputStream
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertNull
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Config

/** What other apps hand over as a list: named, copied within bounds, or refused with a reason. */
@RunWith(RobolectricTestRunner::class)
@Config(sdk = [23, 28, 34])
class IncomingListTest {
    private val context: Context = RuntimeEnvironment.getApplication()
    private val uri = Uri.parse("content://org.example.files/lists/own%20list.txt")

    private fun holds(uri: Uri, content: InputStream) =
        shadowOf(context.contentResolver).registerInputStream(uri, content)

    private fun share(): Intent = Intent(Intent.ACTION_SEND).setType("text/plain")

    private fun opened(uri: Uri): IncomingList? =
        IncomingList.from(context, Intent(Intent.ACTION_VIEW, uri))

    private fun copied(list: IncomingList?): IncomingList.Copied = requireNotNull(list).copy()

    @Test
    fun `a shared file is copied under its name`() {
        holds(uri, ByteArrayInputStream("203.0.113.7\n".toByteArray()))
        val list = IncomingList.from(context, share().putExtra(Intent.EXTRA_STREAM, uri))
        assertEquals("own list.txt", list?.name)
        val copy = copied(list) as IncomingList.Copied.Ready
        assertEquals("203.0.113.7\n", copy.file.readText())
        assertTrue(copy.file.path.startsWith(context.cacheDir.path))
    }

    @Test
    fun `shared text is a list, with its subject as name`() {
        val intent = share().putExtra(Intent.EXTRA_TEXT, "update.example.test\n")
        val plain = requireNotNull(IncomingList.from(context, intent))
        assertEquals("Shared text", plain.name)
        assertEquals(
            "update.example.test\n",
            (plain.copy() as IncomingList.Copied.Ready).file.readText(),
        )
        intent.putExtra(Intent.EXTRA_SUBJECT, "../../\u202eMy\nhosts")
        assertEquals("Myhosts", IncomingList.from(context, intent)?.name)
    }

    @Test
    fun `a file is opened from a file browser`() {
        holds(uri, ByteArrayInputStream("x.test\n".toByteArray()))
        assertTrue(copied(opened(uri)) is IncomingList.Copied.Ready)
    }

    @Test
    fun `what is no list is none`() {
        assertNull(IncomingList.from(context, share()))
        assertNull(IncomingList.from(context, share().putExtra(Intent.EXTRA_STREAM, "no uri")))
        assertNull(IncomingList.from(context, Intent(Intent.ACTION_VIEW, Uri.parse("https://a.test/"))))
        assertNull(IncomingList.from(context, Intent(Intent.ACTION_MAIN)))
    }

    @Test
    fun `an empty file is refused and leaves nothing behind`() {
        holds(uri, ByteArrayInputStream(ByteArray(0)))
        val refused = copied(opened(uri)) as IncomingList.Copied.Refused
        assertEquals("The file is empty.", refused.text)
        assertEquals(0, File(context.cacheDir, "incoming").list().orEmpty().size)
    }

    @Test
    fun `a file without end is refused at the bound`() {
        var read = 0L
        holds(
            uri,
            object : InputStream() {
                override fun read(): Int = 'a'.code

                override fun read(into: ByteArray, offset: Int, length: Int): Int {
                    read += length
                    return length
                }
            },
        )
        val refused = copied(opened(uri)) as IncomingList.Copied.Refused
        assertTrue(refused.text, refused.text.contains("larger than 64 MB"))
        assertTrue(read < IncomingList.MAX_BYTES + (1 shl 20))
        assertEquals(0, File(context.cacheDir, "incoming").list().orEmpty().size)
    }

    @Test
    fun `a file that cannot be read is refused with what to do`() {
        val missing = Uri.fromFile(File("/nowhere/list.txt"))
        val refused = copied(opened(missing)) as IncomingList.Copied.Refused
        assertTrue(refused.text, refused.text.contains("file picker"))
    }

    @Test
    fun `no other app makes us read our own files`() {
        val own = File(context.filesDir, "state.json").apply { writeText("{}") }
        val around = File(context.filesDir, "../files/state.json")
        for (file in listOf(own, around, File("/proc/self/net/tcp"))) {
            val list = opened(Uri.fromFile(file))
            assertTrue(file.path, copied(list) is IncomingList.Copied.Refused)
        }
    }

    @Test
    fun `copies that an ended process left are removed by the next import`() {
        holds(uri, ByteArrayInputStream("x.test\n".toByteArray()))
        val left = copied(opened(uri)) as IncomingList.Copied.Ready
        copied(opened(uri))
        assertTrue("one that may still be read stays", left.file.exists())
        // Robolectric's clock stands near 1970.
        left.file.setLastModified(System.currentTimeMillis() - 7_200_000)
        copied(opened(uri))
        assertFalse(left.file.exists())
    }
}
