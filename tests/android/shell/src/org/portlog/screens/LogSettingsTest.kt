package org.portlog.screens

import android.app.Activity
import android.content.DialogInterface
import android.widget.RadioButton
import android.widget.Switch
import android.widget.TextView
import java.io.File
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertNotEquals
import org.junit.Assert.assertTrue
import org.junit.Rule
import org.junit.Test
import org.junit.runner.RunWith
import org.portlog.core.HistoryQuery
import org.portlog.core.LogRequest
import org.portlog.core.SharePreset
import org.portlog.service.Exports
import org.portlog.service.ScreenIntents
import org.portlog.service.WatchSettings
import org.robolectric.RobolectricTestRunner
import org.robolectric.annotation.Config
import org.robolectric.shadows.ShadowAlertDialog

/** Whether a signed log is kept, of whom, and how it is erased. */
@RunWith(RobolectricTestRunner::class)
@Config(
    sdk = [23, 28, 29, 34, 35],
    qualifiers = "w411dp-h891dp-xhdpi",
    application = StagedApplication::class,
)
class LogSettingsTest {
    @get:Rule
    val stage = Stage()

    private fun open(): Activity = stage.open(ScreenIntents.settings(stage.app)).get().also {
        until("the log's settings") { "Keep a signed log" in it.words() }
    }

    private fun log() = stage.agent.log(LogRequest.Status)

    private fun answer(button: Int) =
        ShadowAlertDialog.getLatestAlertDialog().getButton(button).performClick()

    private fun dialogWords(): String = requireNotNull(
        ShadowAlertDialog.getLatestAlertDialog().findViewById<TextView>(android.R.id.message),
    ).text.toString()

    @Test
    fun `a log is kept unless that is switched off, and what there is stays`() {
        stage.furnish()
        until("there is a log") { log().size > 2 }
        val screen = open()
        val keep = screen.text("Keep a signed log") as Switch
        assertTrue(keep.isChecked)
        keep.performClick()
        until("it is off") { "No signed log is written" in log().keepingText }
        val size = log().size
        assertTrue(size > 2)
        until("the switch") { !(screen.text("Keep a signed log") as Switch).isChecked }
        (screen.text("Keep a signed log") as Switch).performClick()
        until("it is on") { "is written" in log().keepingText && "No " !in log().keepingText }
        assertTrue(log().size >= size)
    }

    @Test
    fun `other apps are kept only after a question that says what it means`() {
        stage.watch()
        val screen = open()
        assertFalse(log().everyone)
        screen.text("Also other apps").performClick()
        assertTrue(dialogWords(), "which apps you use and when" in dialogWords())
        answer(DialogInterface.BUTTON_NEGATIVE)
        until("what holds is shown") {
            (screen.text("Firmware and unknown owners") as RadioButton).isChecked
        }
        assertFalse(log().everyone)
        screen.text("Also other apps").performClick()
        answer(DialogInterface.BUTTON_POSITIVE)
        until("it is kept") { log().everyone }
        until("it is shown") { (screen.text("Also other apps") as RadioButton).isChecked }
        screen.text("Firmware and unknown owners").performClick()
        until("it is taken back") { !log().everyone }
    }

    @Test
    fun `erasing names what goes, and then it is gone`() {
        stage.furnish()
        until("there is a log") { log().size > 2 }
        val before = log().origin
        val newest = stage.agent.history(HistoryQuery(limit = 500)).records.maxOf { it.sequence }
        Exports.newFile(stage.app, SharePreset.ALERTS, "x").writeText("exported")
        val screen = open()
        screen.text("Erase everything").performClick()
        val words = dialogWords()
        val parts = listOf("Every entry", "The keys", "exported copies", "The history", "still check")
        for (part in parts) {
            assertTrue("$part in $words", part in words)
        }
        answer(DialogInterface.BUTTON_NEGATIVE)
        assertEquals(before, log().origin)
        screen.text("Erase everything").performClick()
        answer(DialogInterface.BUTTON_POSITIVE)
        until("it is gone") { "The signed log and the history were erased." in screen.words() }
        assertNotEquals(before, log().origin)
        val oldest = stage.agent.history(HistoryQuery(limit = 500)).records.minOf { it.sequence }
        assertTrue("$oldest", oldest > newest)
        assertEquals(0, File(stage.app.filesDir, "export").list().orEmpty().size)
    }

    @Test
    fun `the reminder can be switched off`() {
        stage.watch()
        val screen = open()
        assertTrue(WatchSettings(stage.app).witnessReminder)
        (screen.text("Remind me to show the log to a witness") as Switch).performClick()
        assertFalse(WatchSettings(stage.app).witnessReminder)
    }
}
