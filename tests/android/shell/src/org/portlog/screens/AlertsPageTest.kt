package org.portlog.screens

import android.app.Activity
import android.os.Bundle
import android.widget.CheckBox
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertTrue
import org.junit.Rule
import org.junit.Test
import org.junit.runner.RunWith
import org.portlog.core.BoardQuery
import org.portlog.core.Category
import org.portlog.core.Level
import org.portlog.core.MuteRule
import org.portlog.service.ScreenIntents
import org.robolectric.RobolectricTestRunner
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Config
import org.robolectric.shadows.ShadowPopupMenu

/** The alerts: a card for each claim, mute and back, and what an empty page says. */
@RunWith(RobolectricTestRunner::class)
@Config(
    sdk = [23, 28, 29, 34, 35],
    qualifiers = "w411dp-h891dp-xhdpi",
    application = StagedApplication::class,
)
class AlertsPageTest {
    @get:Rule
    val stage = Stage()

    private fun open(saved: Bundle? = null) =
        stage.open(ScreenIntents.main(stage.app, ScreenIntents.PAGE_ALERTS), saved)

    private fun choose(item: String) {
        val menu = ShadowPopupMenu.getLatestPopupMenu()
        val items = menu.menu
        val chosen = (0 until items.size()).map { items.getItem(it) }
            .first { it.title.toString().startsWith(item) }
        shadowOf(menu).onMenuItemClickListener.onMenuItemClick(chosen)
    }

    @Test
    fun `an empty page says what was looked at and claims no more`() {
        stage.list("203.0.113.7\n", Category.OWN)
        stage.watch()
        stage.tree.tcp(Stage.SYSTEM, "198.51.100.4:443")
        until("it was seen") { stage.connections() == 1L }
        val screen = open().get()
        // The span that it begins with grows with every look.
        until("the sentence") {
            val sentence = stage.agent.snapshot(BoardQuery(limit = 1)).watchedText
            sentence.substringAfter(", ") in screen.words()
        }
        assertTrue(screen.words(), "This does not show that the phone is clean." in screen.words())
        assertTrue(screen.words(), "none on your list" in screen.words())
    }

    @Test
    fun `a card tells the claim, the list and the entry, and leads to what to do`() {
        stage.furnish()
        val screen = open().get()
        val alert = stage.agent.alerts(withNoted = false).first { it.level == Level.MATCH }
        until("the card") { alert.text in screen.words() }
        val words = screen.words()
        assertTrue(words, alert.owner.name in words)
        assertTrue(words, "hosts.txt" in words && "203.0.113.7" in words)
        assertTrue(words, "Match" in words && "Possible" in words)
        screen.described("What should I do now? About ${alert.title}").performClick()
        val opened = shadowOf(screen).nextStartedActivity
        assertEquals(AlertActivity::class.java.name, opened.component?.className)
        val detail = stage.open(opened).get()
        assertTrue(alert.advice.isNotEmpty())
        until("the advice") { alert.advice.all { it in detail.words() } }
        for (sentence in alert.explanations) assertTrue(sentence, sentence in detail.words())
    }

    @Test
    fun `an address is muted from its card, which is then said to be muted, and back`() {
        stage.furnish()
        val screen = open().get()
        val alert = stage.agent.alerts(withNoted = false).first { it.level == Level.MATCH }
        until("the card") { alert.text in screen.words() }
        screen.described("Mute: ${alert.title}").performClick()
        choose("Address")
        until("muted") { "Match, muted" in screen.words() }
        val rule = MuteRule.Remote("203.0.113.7")
        assertTrue(stage.agent.stats().mutes.any { it.rule == rule })
        screen.described("Take the mute back: ${alert.title}").performClick()
        until("not muted") { "Match, muted" !in screen.words() }
        assertFalse(stage.agent.stats().mutes.any { it.rule == rule })
    }

    @Test
    fun `what is only noted comes on demand and stays over the process's death`() {
        stage.list("198.51.100.9\n", Category.TRACKER)
        stage.watch()
        stage.tree.tcp(Stage.SYSTEM, "198.51.100.9:443")
        until("it was noted") { stage.agent.alerts(withNoted = true).isNotEmpty() }
        val controller = open()
        val screen = controller.get()
        until("nothing that sounds") { "No alerts" in screen.words() }
        (screen.text("Also what is only noted") as CheckBox).performClick()
        until("the noted one") { "198.51.100.9" in screen.words() && "Noted" in screen.words() }
        val again: Activity = open(stage.kill(controller)).get()
        until("the noted one again") { "198.51.100.9" in again.words() }
        assertTrue((again.text("Also what is only noted") as CheckBox).isChecked)
    }

    @Test
    fun `a notification's way in opens the alert over the alerts`() {
        stage.furnish()
        val alert = stage.agent.alerts(withNoted = false).first()
        val main = stage.open(ScreenIntents.alert(stage.app, alert.key)).get()
        val opened = shadowOf(main).nextStartedActivity
        assertEquals(AlertActivity::class.java.name, opened.component?.className)
        until("the alerts below it") { alert.text in main.words() }
        val detail = stage.open(opened).get()
        until("the alert") { alert.text in detail.words() }
    }

    @Test
    fun `an alert that is no longer kept is said to be gone`() {
        val screen = stage.open(Doors.alert(stage.app, "no such key")).get()
        until("the words") { "no longer kept" in screen.words() }
    }
}
