package org.portlog.screens

import android.content.Context
import android.content.Intent
import java.time.Duration
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertTrue
import org.junit.Rule
import org.junit.Test
import org.junit.runner.RunWith
import org.portlog.core.LogKind
import org.portlog.core.LogQuery
import org.portlog.core.LogRequest
import org.portlog.core.LogRow
import org.portlog.guide.TestRun
import org.portlog.guide.TestStep
import org.portlog.service.Protected
import org.robolectric.RobolectricTestRunner
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Config
import org.robolectric.shadows.ShadowSystemClock

/** The test of 2014, step by step, over rotations, deaths of the process and the hour of quiet. */
@RunWith(RobolectricTestRunner::class)
@Config(
    sdk = [23, 28, 29, 34, 35],
    qualifiers = "w411dp-h891dp-xhdpi",
    application = StagedApplication::class,
)
class TestGuideTest {
    @get:Rule
    val stage = Stage()

    private val intent get() = Intent(stage.app, TestActivity::class.java)

    private fun marks(): List<LogRow> = stage.agent
        .log(LogRequest.Page(LogQuery(listOf(LogKind.MARK), "", null, 100))).rows.reversed()

    private fun pass(minutes: Long) = ShadowSystemClock.advanceBy(Duration.ofMinutes(minutes))

    @Test
    fun `it begins with what is known, and with a quiet hour`() {
        stage.watch()
        val screen = stage.open(intent).get()
        val words = screen.words()
        for (part in listOf("August 2014", "does not", "data you can give up")) {
            assertTrue("$part in\n$words", part in words)
        }
        screen.text("Begin the test").performClick()
        assertTrue(screen.words(), "Step 1 of ${TestStep.entries.size}" in screen.words())
        assertTrue(screen.words(), "Do not put the SIM card in yet" in screen.words())
        screen.text("Done: set the mark").performClick()
        until("it waits") { " to go." in screen.words() }
        assertEquals(1, marks().size)
        assertTrue(screen.words(), Regex("(1:00:00|59:5\\d) to go").containsMatchIn(screen.words()))
    }

    @Test
    fun `the hour goes on over a rotation and the process's death, and ends with a mark`() {
        stage.watch()
        TestRun(stage.app).begin()
        val controller = stage.open(intent)
        controller.get().text("Done: set the mark").performClick()
        until("it waits") { TestRun(stage.app).waits }
        pass(20)
        val again = stage.open(intent, stage.kill(controller))
        assertTrue(again.get().words(), Regex("(40:00|39:\\d\\d) to go").containsMatchIn(again.get().words()))
        pass(39)
        assertTrue(TestRun(stage.app).remaining() in 1..60_000)
        pass(1)
        until("it is over") { "The time is over. Go on." in again.get().words() }
        again.get().text("Go on").performClick()
        until("the next step") { "Put the SIM card in." in again.get().words() }
        assertEquals(2, marks().size)
        assertTrue(marks()[1].text, "Quiet hour is over" in marks()[1].text)
    }

    @Test
    fun `each step sets its mark, one can be skipped, and the end says what to compare`() {
        stage.watch()
        TestRun(stage.app).begin()
        val screen = stage.open(intent).get()
        for ((i, step) in TestStep.entries.withIndex()) {
            val title = "Step ${i + 1} of ${TestStep.entries.size}"
            until(title) { title in screen.words() }
            if (step == TestStep.SIGN_IN) {
                screen.text("Skip this step").performClick()
                continue
            }
            screen.text("Done: set the mark").performClick()
            until("$step waits") { "Do not wait longer" in screen.words() }
            screen.text("Do not wait longer").performClick()
        }
        until("the end") { "The test is over" in screen.words() }
        assertTrue(screen.words(), "log compare before.portlog.txt" in screen.words())
        // One a step but the one skipped, and one at the end of the quiet hour.
        assertEquals(TestStep.entries.size, marks().size)
        screen.text("Export").performClick()
        val export = stage.open(shadowOf(screen).nextStartedActivity).get()
        val means = "every connection of what comes with the phone"
        assertTrue(export.words(), means in export.words())
        assertFalse(export.words(), "From: the beginning" in export.words())
        screen.text("Run another test").performClick()
        assertTrue(screen.words(), "Begin the test" in screen.words())
    }

    @Test
    fun `without the watch it says so, and a stop is in the log`() {
        stage.watch()
        TestRun(stage.app).begin()
        val screen = stage.open(intent).get()
        // The service of the watch does not run here; the core does.
        assertTrue(screen.words(), "The watch does not run." in screen.words())
        screen.text("Stop the test").performClick()
        until("it is stopped") { "Begin the test" in screen.words() }
        assertTrue(marks().single().text, "The test was stopped" in marks().single().text)
    }

    @Test
    fun `after a restart of the phone the clock on the wall counts`() {
        stage.watch()
        val run = TestRun(stage.app)
        run.begin()
        assertTrue(run.mark(stage.agent).done)
        assertTrue(run.remaining() > 59 * 60_000)
        // As it is after another boot, half an hour later: no clock of the old boot goes on.
        Protected.of(stage.app).getSharedPreferences("test", Context.MODE_PRIVATE).edit()
            .putString("boot", "another")
            .putLong("since", System.currentTimeMillis() - 30 * 60_000)
            .putLong("since_boot", Long.MAX_VALUE / 2)
            .commit()
        assertTrue("${run.remaining()}", run.remaining() <= 30 * 60_000)
    }
}
