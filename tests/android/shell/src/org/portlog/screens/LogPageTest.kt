package org.portlog.screens

import android.os.Bundle
import android.widget.EditText
import android.widget.ListView
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertTrue
import org.junit.Rule
import org.junit.Test
import org.junit.runner.RunWith
import org.portlog.core.Note
import org.portlog.core.NoteKind
import org.portlog.core.Told
import org.portlog.core.ToldKind
import org.portlog.screens.log.Shaded
import org.portlog.service.ScreenIntents
import org.robolectric.RobolectricTestRunner
import org.robolectric.annotation.Config

/** The log: what happened, newest first, as far back as it is kept, with gaps that show. */
@RunWith(RobolectricTestRunner::class)
@Config(
    sdk = [23, 28, 29, 34, 35],
    qualifiers = "w411dp-h891dp-xhdpi",
    application = StagedApplication::class,
)
class LogPageTest {
    @get:Rule
    val stage = Stage()

    private fun open(saved: Bundle? = null) =
        stage.open(ScreenIntents.main(stage.app, "log"), saved)

    private fun list(screen: android.app.Activity): ListView =
        screen.views().filterIsInstance<ListView>().first()

    private fun told(screen: android.app.Activity): List<Told> = list(screen).let { list ->
        (0 until list.count).mapNotNull { list.getItemAtPosition(it) as? Told }
    }

    private fun starts(count: Int) = repeat(count) {
        stage.agent.note(Note(1_790_000_000_000 + it * 1_000L, NoteKind.StartedBy, "sample $it"))
    }

    @Test
    fun `it says that there is a signed log, and shows what happened`() {
        stage.furnish()
        val screen = open().get()
        until("the records") { told(screen).any { it.kind == ToldKind.ALERT } }
        val words = screen.words()
        assertTrue(words, "Signed log" in words)
        assertTrue(words, Regex("\\d+ records since") in words)
        assertEquals(told(screen).sortedByDescending { it.sequence }, told(screen))
    }

    @Test
    fun `a death is shaded, with the reason that the system gave`() {
        // What the system calls REASON_USER_REQUESTED; it counts when the watch is back.
        stage.agent.note(Note(1_790_000_000_000, NoteKind.Death(10), "stop com.example.cleaner"))
        stage.watch()
        val screen = open().get()
        val words = "stop com.example.cleaner"
        until("the death") { told(screen).any { words in it.text } }
        val record = told(screen).first { words in it.text }
        assertTrue(record.kind in listOf(ToldKind.SYSTEM, ToldKind.GAP))
        assertTrue(screen.words(), record.text in screen.words())
        val row = screen.views().first { it.contentDescription?.contains(record.text) == true }
        assertTrue(row.background is Shaded)
    }

    @Test
    fun `kinds and words restrict it, over the process's death`() {
        starts(2)
        stage.furnish()
        val controller = open()
        val screen = controller.get()
        until("the records") { told(screen).any { it.kind == ToldKind.OPENED } }
        screen.described("Filter and sort").performClick()
        screen.text("Gaps, starts and deaths").performClick()
        until("only those") {
            told(screen).isNotEmpty() && told(screen).none { it.kind == ToldKind.OPENED }
        }
        screen.described("Search").performClick()
        screen.views().filterIsInstance<EditText>().first().setText("sample 1")
        until("one") { told(screen).size == 1 }
        val again = open(stage.kill(controller)).get()
        until("one again") { told(again).size == 1 }
        assertEquals("sample 1", again.views().filterIsInstance<EditText>().first().text.toString())
    }

    @Test
    fun `it goes on to the oldest record as one scrolls`() {
        starts(350)
        val screen = open().get()
        until("the first page") { told(screen).size in 100..200 }
        until("the last record") {
            // The last one is the foot, which cannot be selected.
            list(screen).setSelection(list(screen).count - 2)
            told(screen).last().sequence == 1L
        }
        val numbers = told(screen).map { it.sequence }
        assertEquals(numbers.distinct().sortedDescending(), numbers)
    }

    @Test
    fun `what is new does not move what is being read`() {
        starts(150)
        val screen = open().get()
        until("the records") { told(screen).size >= 100 }
        list(screen).setSelection(40)
        until("the place") { list(screen).firstVisiblePosition == 40 }
        val read = (list(screen).getItemAtPosition(40) as Told).sequence
        stage.watch()
        stage.tree.tcp(Stage.SYSTEM, "203.0.113.7:80")
        until("what is new is above") { told(screen).first().sequence > 150 }
        val first = list(screen).firstVisiblePosition
        assertTrue("$first", first > 40)
        assertEquals(read, (list(screen).getItemAtPosition(first) as Told).sequence)
    }

    @Test
    fun `where more came than a page holds, no record is left out in between`() {
        starts(150)
        val controller = open()
        val screen = controller.get()
        until("the records") { told(screen).size >= 100 }
        list(screen).setSelection(40)
        until("the place") { list(screen).firstVisiblePosition == 40 }
        controller.pause().stop()
        starts(300)
        controller.start().resume()
        // Above what is being read, so it is not in sight.
        repeat(40) { until("time passes") { true } }
        assertEquals(150L, told(screen).first().sequence)
        list(screen).setSelection(0)
        until("the newest") { told(screen).first().sequence == 450L }
        val numbers = told(screen).map { it.sequence }
        assertEquals((numbers.first() downTo numbers.last()).toList(), numbers)
    }

    @Test
    fun `without records it says so`() {
        val screen = open().get()
        until("the words") { "Nothing is kept yet." in screen.words() }
        assertEquals(emptyList<Told>(), told(screen))
        assertFalse(screen.words(), "since" in screen.words())
    }
}
