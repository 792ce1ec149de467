package org.portlog.screens

import android.content.ClipboardManager
import android.content.Context
import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Rule
import org.junit.Test
import org.junit.runner.RunWith
import org.portlog.core.BoardQuery
import org.portlog.core.MuteRule
import org.portlog.screens.parts.TimelineChart
import org.portlog.service.ScreenIntents
import org.robolectric.RobolectricTestRunner
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Config

/** Connection and owner: everything that the core tells of them, and what can be done. */
@RunWith(RobolectricTestRunner::class)
@Config(
    sdk = [23, 28, 29, 34, 35],
    qualifiers = "w411dp-h891dp-xhdpi",
    application = StagedApplication::class,
)
class DetailsTest {
    @get:Rule
    val stage = Stage()

    private fun matched() =
        stage.agent.snapshot(BoardQuery(text = "203.0.113.7")).connections.first()

    @Test
    fun `a connection tells all that is known of it`() {
        stage.furnish()
        val line = matched()
        val screen = stage.open(ScreenIntents.connection(stage.app, line.id)).get()
        until("the facts") { "Address and port on the phone" in screen.words() }
        val words = screen.words()
        val details = requireNotNull(stage.agent.connection(line.id))
        for (sentence in details.sentences) assertTrue("$sentence in\n$words", sentence in words)
        for (match in details.matches) {
            assertTrue(words, match.entry in words && match.list in words)
        }
        for (told in details.history) assertTrue("${told.text} in\n$words", told.text in words)
        assertTrue(words, line.local in words)
        screen.text("SHA-256 of the list").performClick()
        assertTrue(details.matches.first().listSha256 in screen.words())
    }

    @Test
    fun `its address can be copied and muted`() {
        stage.furnish()
        val screen = stage.open(ScreenIntents.connection(stage.app, matched().id)).get()
        until("the buttons") { "Copy the address" in screen.words() }
        screen.text("Copy the address").performClick()
        val clipboard =
            stage.app.getSystemService(Context.CLIPBOARD_SERVICE) as ClipboardManager
        assertEquals("203.0.113.7", clipboard.primaryClip?.getItemAt(0)?.text.toString())
        screen.text("Mute this address").performClick()
        until("muted") { "Take the mute of this address back" in screen.words() }
        assertTrue(stage.agent.stats().mutes.any { it.rule == MuteRule.Remote("203.0.113.7") })
        screen.text("Take the mute of this address back").performClick()
        until("not muted") { "Mute this address" in screen.words() }
    }

    @Test
    fun `a connection that ended is followed, and said to be gone when it is`() {
        stage.watch()
        val socket = stage.tree.tcp(Stage.SYSTEM, "203.0.113.7:80")
        until("it was seen") { stage.connections() == 1L }
        val id = matched().id
        val screen = stage.open(ScreenIntents.connection(stage.app, id)).get()
        until("it is shown") { "connected" in screen.words() }
        stage.tree.close(socket)
        until("its end") { "ended" in screen.words() || "no longer on the board" in screen.words() }
        val gone = stage.open(ScreenIntents.connection(stage.app, 999_999)).get()
        until("gone") { "no longer on the board" in gone.words() }
    }

    @Test
    fun `an owner tells its packages as a set, its destinations and what is open`() {
        stage.furnish()
        val key = matched().owner.key
        val screen = stage.open(ScreenIntents.owner(stage.app, key)).get()
        until("the packages") { "4 packages" in screen.words() }
        val words = screen.words()
        val details = requireNotNull(stage.agent.owner(key))
        for (sentence in details.sentences) assertTrue("$sentence in\n$words", sentence in words)
        for (one in details.packages) {
            assertTrue("${one.name} in\n$words", one.name in words && one.place in words)
        }
        for (one in details.destinations) assertTrue(words, one.remote in words)
        for (fact in listOf("First connection seen", "Latest connection seen")) {
            assertTrue("$fact in\n$words", fact in words)
        }
        screen.views().filterIsInstance<android.widget.TextView>()
            .first { it.text.toString() == "Signer (SHA-256)" }.performClick()
        assertTrue("ab".repeat(32) in screen.words())
    }

    @Test
    fun `the chart has its words as its description and instead of it, over the process's death`() {
        stage.furnish()
        val key = matched().owner.key
        val controller = stage.open(ScreenIntents.owner(stage.app, key))
        val screen = controller.get()
        until("the chart") { screen.views().any { it is TimelineChart } }
        // Stopped, so that what was watched grows no more.
        stage.agent.stop()
        val words = requireNotNull(stage.agent.owner(key)).timelineText
        until("the chart's words") {
            screen.views().first { it is TimelineChart }.contentDescription.toString() == words
        }
        screen.text("Show it in words").performClick()
        assertTrue(screen.words(), words in screen.words())
        assertTrue(screen.views().none { it is TimelineChart })
        val kept = stage.kill(controller)
        val again = stage.open(ScreenIntents.owner(stage.app, key), kept).get()
        until("the words again") { "Show it as a chart" in again.words() }
    }

    @Test
    fun `an owner is muted and back`() {
        stage.furnish()
        val key = matched().owner.key
        val screen = stage.open(ScreenIntents.owner(stage.app, key)).get()
        until("the button") { "Mute everything by this owner" in screen.words() }
        screen.text("Mute everything by this owner").performClick()
        until("muted") { "Take the mute of this owner back" in screen.words() }
        assertEquals(listOf(MuteRule.Owner(key)), stage.agent.stats().mutes.map { it.rule })
    }

    @Test
    fun `from a connection one gets to its owner, and up to the main screen`() {
        stage.furnish()
        val screen = stage.open(ScreenIntents.connection(stage.app, matched().id)).get()
        until("the button") { "Copy the address" in screen.words() }
        screen.text("Who that is").performClick()
        val opened = shadowOf(screen).nextStartedActivity
        assertEquals(AppActivity::class.java.name, opened.component?.className)
        screen.described("Back").performClick()
        assertTrue(screen.isFinishing)
    }
}
