package org.portlog.screens

import android.app.Activity
import android.content.ClipData
import android.content.ClipboardManager
import android.content.Context
import android.content.Intent
import android.graphics.Bitmap
import android.graphics.Canvas
import android.graphics.Color
import android.net.Uri
import android.widget.CheckBox
import android.widget.EditText
import android.widget.ListView
import java.io.File
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertNotEquals
import org.junit.Assert.assertTrue
import org.junit.Rule
import org.junit.Test
import org.junit.runner.RunWith
import org.portlog.core.LogKind
import org.portlog.core.LogQuery
import org.portlog.core.LogRequest
import org.portlog.core.LogRow
import org.portlog.core.Mark
import org.portlog.core.ShareChoice
import org.portlog.core.SharePreset
import org.portlog.screens.parts.QrView
import org.portlog.service.ScreenIntents
import org.robolectric.RobolectricTestRunner
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Config
import org.robolectric.shadows.ShadowAlertDialog

/** What can be done with the signed log: marks, export, a witness, a reset. */
@RunWith(RobolectricTestRunner::class)
@Config(
    sdk = [23, 28, 29, 34, 35],
    qualifiers = "w411dp-h891dp-xhdpi",
    application = StagedApplication::class,
)
class LogScreensTest {
    @get:Rule
    val stage = Stage()

    private fun screen(type: Class<*>) = stage.open(Intent(stage.app, type))

    private fun entries(vararg kinds: LogKind): List<LogRow> =
        stage.agent.log(LogRequest.Page(LogQuery(kinds.toList(), "", null, 100))).rows

    private fun log() = stage.agent.log(LogRequest.Status)

    private fun clipboard() =
        stage.app.getSystemService(Context.CLIPBOARD_SERVICE) as ClipboardManager

    private fun copy(text: String) = clipboard().setPrimaryClip(ClipData.newPlainText("x", text))

    private fun press(dialog: Int) {
        val shown = ShadowAlertDialog.getLatestAlertDialog()
        shown.getButton(dialog).performClick()
    }

    private fun dialogWords(): String = requireNotNull(
        ShadowAlertDialog.getLatestAlertDialog().findViewById<android.widget.TextView>(
            android.R.id.message,
        ),
    ).text.toString()

    @Test
    fun `the head of the log says how it stands, and that nobody has seen it`() {
        stage.furnish()
        val screen = stage.open(ScreenIntents.main(stage.app, "log")).get()
        until("the card") { "Nobody outside this phone has seen this log yet." in screen.words() }
        val words = screen.words()
        assertTrue(words, "Signed log" in words)
        assertTrue(words, "is written while the watch runs" in words)
        assertTrue(words, log().sizeText.substringAfter(", ") in words)
        for (way in listOf("Set a mark", "Export", "Show to a witness")) screen.text(way)
        screen.text("More about this log").performClick()
        assertTrue(screen.words(), log().origin in screen.words())
        assertTrue(screen.words(), log().key in screen.words())
    }

    @Test
    fun `a mark is in the log at once, by preset and in own words`() {
        stage.watch()
        val controller = screen(MarkActivity::class.java)
        val screen = controller.get()
        screen.text("SIM card put in").performClick()
        until("it is set") { "Set at" in screen.words() }
        val own = screen.views().filterIsInstance<EditText>().first()
        assertFalse("nothing to set", screen.text("Set this mark").isEnabled)
        own.setText("Wi-Fi joined")
        screen.text("Set this mark").performClick()
        until("the words are taken") { own.text.isEmpty() }
        val marks = entries(LogKind.MARK)
        assertEquals(2, marks.size)
        assertTrue(marks[0].text, "Wi-Fi joined" in marks[0].text)
        val again = stage.open(Intent(stage.app, MarkActivity::class.java), stage.kill(controller))
        assertEquals(3, again.get().words().split("Set at ").size)
    }

    @Test
    fun `the entries are shown as they are signed, and searched`() {
        stage.furnish()
        stage.agent.log(LogRequest.Write(Mark.Words("drawer opened")))
        val controller = screen(EntriesActivity::class.java)
        val screen = controller.get()
        val list = screen.views().filterIsInstance<ListView>().first()
        fun rows() = (0 until list.count).mapNotNull { list.getItemAtPosition(it) as? LogRow }
        until("the entries") { rows().any { "drawer opened" in it.text } }
        assertEquals(rows().sortedByDescending { it.index }, rows())
        screen.text("Marks and witnesses").performClick()
        until("the mark alone") { rows().map { it.kind } == listOf(LogKind.MARK) }
        screen.text("Any").performClick()
        screen.described("Search").performClick()
        screen.views().filterIsInstance<EditText>().first().setText("drawer")
        until("what was searched for") { rows().size == 1 }
        assertEquals(LogKind.MARK, rows().single().kind)
    }

    @Test
    fun `an export shows what a reader will see, and goes out for the chosen app alone`() {
        stage.furnish()
        val screen = screen(ExportActivity::class.java).get()
        screen.text("See what a reader will see").performClick()
        until("the preview") { "What a reader will see" in screen.words() }
        val words = screen.words()
        assertTrue(words, Regex("\\d+ of \\d+ entries shown, chosen by the sharer").containsMatchIn(words))
        assertTrue(words, "does not prove" in words)
        assertTrue(words, "own addresses are withheld" in words)
        assertEquals("nothing is written yet", 0, exports().size)
        screen.text("Share the file").performClick()
        val sheet = started(screen)
        assertEquals(Intent.ACTION_CHOOSER, sheet.action)
        val send = target(sheet)
        assertEquals(Intent.ACTION_SEND, send.action)
        assertTrue(send.flags and Intent.FLAG_GRANT_READ_URI_PERMISSION != 0)
        val uri = stream(send)
        assertEquals(uri, send.clipData?.getItemAt(0)?.uri)
        val read = stage.app.contentResolver.openInputStream(uri)?.use { it.readBytes() }
        val file = exports().single()
        assertTrue(file.name, file.name.endsWith("-alerts.portlog.txt"))
        assertEquals(file.readText(), read?.let { String(it) })
        assertTrue(file.readText().startsWith("portlog/bundle@v1\n"))
        assertTrue(stage.agent.log(LogRequest.Verify(file.path)).unchanged)
    }

    @Test
    fun `everything is asked about, with what it discloses`() {
        stage.furnish()
        val screen = screen(ExportActivity::class.java).get()
        screen.text("Everything").performClick()
        screen.text("Remote addresses").performClick()
        screen.text("See what a reader will see").performClick()
        until("the preview") { "Share the file" in screen.words() }
        assertTrue(screen.words(), "Remote addresses are withheld" in screen.words())
        screen.text("Share the file").performClick()
        assertTrue(dialogWords(), "Every address and host name" in dialogWords())
        assertTrue(dialogWords(), "in use, asleep or switched off" in dialogWords())
        assertEquals(0, exports().size)
        press(android.content.DialogInterface.BUTTON_POSITIVE)
        until("the file") { exports().size == 1 }
        started(screen)
        assertFalse("203.0.113.7" in exports().single().readText())
    }

    @Test
    fun `whether it is saved off the phone is asked, over the process's death`() {
        stage.furnish()
        val controller = screen(ExportActivity::class.java)
        val screen = controller.get()
        screen.text("See what a reader will see").performClick()
        until("the preview") { "Share the file" in screen.words() }
        screen.text("Share the file").performClick()
        started(screen)
        assertTrue(screen.words(), "Is the file saved off the phone?" in screen.words())
        val intent = Intent(stage.app, ExportActivity::class.java)
        val again = stage.open(intent, stage.kill(controller)).get()
        assertTrue(again.words(), exports().single().name in again.words())
        again.text("Yes, it is saved elsewhere").performClick()
        until("it is known") { "Saved off the phone, as you say" in again.words() }
        assertTrue(stage.agent.log(LogRequest.ResetChecks).checks.first().done)
    }

    @Test
    fun `an export of nothing says why`() {
        val screen = screen(ExportActivity::class.java).get()
        screen.text("See what a reader will see").performClick()
        until("the reason") { "Change the choice" in screen.words() }
        assertFalse("Share the file" in screen.words())
    }

    @Test
    fun `a witness's answer comes back by text, and the log says so`() {
        stage.furnish()
        OtherPhone().use { other ->
            other.watch()
            val controller = screen(CheckpointActivity::class.java)
            val screen = controller.get()
            until("the checkpoint") { log().origin in screen.words() }
            assertEquals(1f, screen.window.attributes.screenBrightness, 0f)
            val text = screen.words().lines().run {
                drop(indexOfFirst { it == log().origin })
            }
            val before = screen.words()
            screen.text("Copy the text").performClick()
            val copied = clipboard().primaryClip?.getItemAt(0)?.text.toString()
            assertTrue(copied, copied.startsWith(text.first()))
            stage.agent.log(LogRequest.Write(Mark.SignIn))
            val intent = Intent(stage.app, CheckpointActivity::class.java)
            val kept = stage.open(intent, stage.kill(controller)).get()
            assertEquals("the same code after a turn", before, kept.words())
            copy(other.answer(exported(), "Anna"))
            kept.text("Paste the answer").performClick()
            until("it is kept") { "has witnessed" in kept.words() }
            assertTrue(entries(LogKind.WITNESS).single().text, log().witnessedText.isNotEmpty())
            val page = stage.open(ScreenIntents.main(stage.app, "log")).get()
            until("who has seen it") { "Last witnessed by" in page.words() }
        }
    }

    @Test
    @Config(sdk = [28, 35], qualifiers = "+night")
    fun `the code is drawn module by module, dark on white with room around it, by night too`() {
        stage.watch()
        until("there is a log") { log().size > 2 }
        assertTrue(stage.agent.stop())
        val screen = screen(CheckpointActivity::class.java).get()
        until("the code") { screen.views().any { it is QrView } }
        val code = requireNotNull(stage.agent.log(LogRequest.Checkpoint).code)
        val view = screen.views().first { it is QrView }
        val picture = Bitmap.createBitmap(view.width, view.height, Bitmap.Config.ARGB_8888)
        view.draw(Canvas(picture))
        val module = minOf(view.width, view.height) / (code.side + 8)
        assertTrue("$module pixels a module", module >= 4)
        val left = (view.width - module * code.side) / 2
        val top = (view.height - module * code.side) / 2
        for (y in -4 until code.side + 4) {
            for (x in -4 until code.side + 4) {
                val inside = x in 0 until code.side && y in 0 until code.side
                val dark = inside && code.modules[y * code.side + x]
                val wanted = if (dark) Color.BLACK else Color.WHITE
                for ((dx, dy) in listOf(0 to 0, module / 2 to module / 2, module - 1 to module - 1)) {
                    val found = picture.getPixel(left + x * module + dx, top + y * module + dy)
                    assertEquals("$x, $y", wanted, found)
                }
            }
        }
    }

    @Test
    fun `what is no answer is refused with words`() {
        stage.watch()
        val screen = screen(CheckpointActivity::class.java).get()
        until("the checkpoint") { "Paste the answer" in screen.words() }
        copy("hello")
        screen.text("Paste the answer").performClick()
        until("the reason") { "no answer of a witness" in screen.words() }
    }

    @Test
    fun `somebody else's log is checked first and then witnessed`() {
        stage.watch()
        OtherPhone().use { other ->
            other.watch()
            val file = other.export(SharePreset.EVERYTHING)
            val screen = stage.open(Doors.openLog(stage.app, shared(file.readBytes()))).get()
            until("the verdict") { "It checks" in screen.words() }
            val words = screen.words()
            assertTrue(words, "Unchanged since it was signed" in words)
            assertTrue(words, "does not prove" in words)
            val name = screen.views().filterIsInstance<EditText>().first()
            name.setText("Bela")
            witness(screen)
            until("the answer") { "Your answer" in screen.words() }
            screen.described("QR code of your answer")
            screen.text("Copy the text").performClick()
            val answer = clipboard().primaryClip?.getItemAt(0)?.text.toString()
            val kept = other.agent.log(LogRequest.Answer(answer))
            assertTrue(kept.text, kept.done)
        }
    }

    @Test
    fun `a file that was changed does not check, and cannot be witnessed`() {
        stage.watch()
        OtherPhone().use { other ->
            other.watch()
            val text = other.export(SharePreset.EVERYTHING).readText()
            val changed = text.replaceFirst("= ", "= A")
            assertNotEquals(text, changed)
            val uri = shared(changed.toByteArray())
            val screen = stage.open(Doors.openLog(stage.app, uri)).get()
            until("the verdict") { "It does not check" in screen.words() }
            assertFalse(screen.words(), "Unchanged" in screen.words())
            assertFalse(screen.words(), "Witness it" in screen.words())
        }
    }

    @Test
    fun `what is nothing of ours is refused with what to do`() {
        stage.watch()
        val screen = stage.open(Doors.openText(stage.app, "hello")).get()
        until("the reason") { "sent as a file" in screen.words() }
        val empty = Intent(Intent.ACTION_SEND).setClass(stage.app, OpenLogActivity::class.java)
        assertTrue("sent as a file" in stage.open(empty).get().words())
    }

    @Test
    fun `an answer that is shared to us is kept`() {
        stage.watch()
        OtherPhone().use { other ->
            other.watch()
            until("there is a log") { log().size > 2 }
            val answer = other.answer(exported(), "Anna")
            val screen = stage.open(Doors.openText(stage.app, answer)).get()
            until("what it is") { "witness's answer" in screen.words() }
            screen.text("Keep the answer").performClick()
            until("it is kept") { "has witnessed" in screen.words() }
            assertEquals(1, entries(LogKind.WITNESS).size)
        }
    }

    @Test
    fun `after a reset the new log names the one before`() {
        stage.watch()
        OtherPhone().use { before ->
            before.watch()
            val old = before.agent.log(LogRequest.Checkpoint).text
            val screen = stage.open(Doors.openText(stage.app, old)).get()
            until("what it is") { "checkpoint of another log" in screen.words() }
            screen.text("Name it in the log of now").performClick()
            until("it is named") { "names the one before it" in screen.words() }
            assertEquals(1, entries(LogKind.PREDECESSOR).size)
            val page = stage.open(ScreenIntents.main(stage.app, "log")).get()
            until("the card") { "More about this log" in page.words() }
            page.text("More about this log").performClick()
            assertTrue(page.words(), log().predecessorText in page.words())
        }
    }

    @Test
    fun `the new log can also be told by a file of the one before`() {
        stage.watch()
        until("there is a log") { log().size > 2 }
        OtherPhone().use { before ->
            before.watch()
            val file = before.export(SharePreset.ALERTS)
            val screen = stage.open(Doors.openLog(stage.app, shared(file.readBytes()))).get()
            until("the verdict") { "It checks" in screen.words() }
            screen.text("Name it in the log of now").performClick()
            until("it is named") { "names the one before it" in screen.words() }
            val origin = before.agent.log(LogRequest.Status).origin
            assertTrue(log().predecessorText, log().predecessorText.isNotEmpty())
            assertTrue(entries(LogKind.PREDECESSOR).single().text, origin.isNotEmpty())
        }
    }

    @Test
    fun `before a reset the three are checked in order`() {
        stage.furnish()
        val screen = screen(BeforeResetActivity::class.java).get()
        until("the checks") { "3 of 3" in screen.words() }
        val words = screen.words()
        val places = listOf("1 of 3: The log is saved", "2 of 3: Two others", "3 of 3: You know")
            .map { words.indexOf(it) }
        assertTrue("$places in $words", places.all { it >= 0 } && places == places.sorted())
        assertTrue(words, "Not all of it is done" in words)
        screen.text("Export").performClick()
        val export = shadowOf(screen).nextStartedActivity
        assertEquals(ExportActivity::class.java.name, export.component?.className)
        (screen.text("I have tried them") as CheckBox).performClick()
        until("it is known") { "You have tried them, as you say." in screen.words() }
        (screen.text("Two others keep the text or a picture of the code") as CheckBox).performClick()
        until("that too") { "keep the text or a picture of it, as you say" in screen.words() }
        val exporting = stage.open(export).get()
        exporting.text("See what a reader will see").performClick()
        until("the preview") { "Share the file" in exporting.words() }
        exporting.text("Share the file").performClick()
        press(android.content.DialogInterface.BUTTON_POSITIVE)
        until("the file") { "Yes, it is saved elsewhere" in exporting.words() }
        exporting.text("Yes, it is saved elsewhere").performClick()
        val again = screen(BeforeResetActivity::class.java).get()
        until("all three") { "All three are done" in again.words() }
    }

    /** This phone's log as a file for a witness. */
    private fun exported(): File {
        val file = File(stage.app.cacheDir, "for-a-witness.portlog.txt")
        val choice = ShareChoice(SharePreset.ALERTS, null, null, emptyList(), false)
        assertTrue(stage.agent.log(LogRequest.Export(choice, file.path)).done)
        return file
    }

    private fun witness(screen: Activity) = screen.views()
        .filterIsInstance<android.widget.Button>()
        .first { it.text.toString() == "Witness it" }
        .performClick()

    private fun shared(bytes: ByteArray): Uri {
        val uri = Uri.parse("content://org.example.files/docs/theirs.portlog.txt")
        shadowOf(stage.app.contentResolver).registerInputStream(uri, bytes.inputStream())
        return uri
    }

    private fun started(screen: Activity): Intent {
        var started: Intent? = null
        until("the share sheet") {
            started = started ?: shadowOf(screen).nextStartedActivity
            started != null
        }
        return requireNotNull(started)
    }

    @Suppress("DEPRECATION")
    private fun target(sheet: Intent): Intent =
        requireNotNull(sheet.getParcelableExtra(Intent.EXTRA_INTENT))

    @Suppress("DEPRECATION")
    private fun stream(send: Intent): Uri =
        requireNotNull(send.getParcelableExtra(Intent.EXTRA_STREAM))

    private fun exports(): List<File> =
        File(stage.app.filesDir, "export").listFiles().orEmpty().toList()
}
