package org.portlog.screens

import android.app.Activity
import android.content.Context
import android.os.Build
import android.os.Bundle
import android.provider.Settings
import android.widget.CheckBox
import android.widget.EditText
import android.widget.ListView
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertNotNull
import org.junit.Assert.assertNull
import org.junit.Assert.assertTrue
import org.junit.Rule
import org.junit.Test
import org.junit.runner.RunWith
import org.portlog.core.BoardQuery
import org.portlog.core.Category
import org.portlog.core.ConnectionLine
import org.portlog.core.Level
import org.portlog.service.Boot
import org.portlog.service.ScreenIntents
import org.portlog.service.WatchService
import org.portlog.service.WatchSettings
import org.robolectric.Robolectric
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Config
import org.robolectric.shadows.ShadowPopupMenu

/** The watch: its state with a button, the live list, search and filter, and what stays. */
@RunWith(RobolectricTestRunner::class)
@Config(
    sdk = [23, 28, 29, 34, 35],
    qualifiers = "w411dp-h891dp-xhdpi",
    application = StagedApplication::class,
)
class WatchPageTest {
    @get:Rule
    val stage = Stage()
    private val context: Context get() = stage.app

    private fun open(saved: Bundle? = null) = stage.open(ScreenIntents.main(context), saved)

    private fun list(screen: Activity): ListView =
        screen.views().filterIsInstance<ListView>().first()

    private fun lines(screen: Activity): List<ConnectionLine> = list(screen).let { list ->
        (0 until list.count).mapNotNull { list.getItemAtPosition(it) as? ConnectionLine }
    }

    private fun remotes(screen: Activity): List<String> = lines(screen).map { it.remote }

    private fun threeConnections() {
        stage.watch()
        stage.tree.tcp(Stage.BROWSER, "198.51.100.80:443")
        stage.tree.tcp(Stage.SYSTEM, "203.0.113.7:80")
        stage.tree.udp(Stage.PUSH, "192.0.2.53:53")
        until("three connections") { stage.connections() == 3L }
    }

    @Test
    fun `a stopped watch says so and can be started`() {
        val screen = open().get()
        until("the state") { "Stopped" in screen.words() }
        screen.text("Start watching").performClick()
        val started = shadowOf(stage.app).nextStartedService
        assertEquals(WatchService::class.java.name, started.component?.className)
    }

    @Test
    fun `connections appear by themselves, firmware first, with all packages of a shared UID`() {
        val screen = open().get()
        threeConnections()
        until("the rows") { lines(screen).size == 3 }
        assertEquals("198.51.100.80:443", remotes(screen).last())
        val words = screen.words()
        assertTrue(words, "203.0.113.7:80" in words)
        val set = "Shared by 4 packages: android, com.example.keychain, com.example.settings"
        assertTrue(words, set in words)
        assertTrue(words, "3 connections and listeners" in words)
    }

    @Test
    fun `a level is a word and part of what is read out`() {
        stage.list("203.0.113.7\n", Category.OWN)
        stage.watch()
        stage.tree.tcp(Stage.SYSTEM, "203.0.113.7:80")
        val screen = open().get()
        until("the row") { lines(screen).any { it.level != null } }
        val line = lines(screen).first { it.level != null }
        assertEquals(Level.MATCH, line.level)
        assertTrue(screen.words(), "\nMatch\n" in screen.words())
        val row = screen.views().first { it.contentDescription?.contains(line.text) == true }
        assertTrue(row.contentDescription.startsWith("Match"))
    }

    @Test
    fun `a search leaves what it finds, and going back takes it away`() {
        threeConnections()
        val screen = open().get()
        until("the rows") { lines(screen).size == 3 }
        screen.described("Search").performClick()
        screen.views().filterIsInstance<EditText>().first().setText("203.0.113")
        until("one row") { remotes(screen) == listOf("203.0.113.7:80") }
        assertTrue(screen.words(), "1 of 3" in screen.words())
        @Suppress("DEPRECATION")
        screen.onBackPressed()
        until("all rows") { lines(screen).size == 3 }
        assertFalse(screen.isFinishing)
    }

    @Test
    fun `a filter leaves its kind and says how to see all again`() {
        threeConnections()
        val screen = open().get()
        until("the rows") { lines(screen).size == 3 }
        screen.described("Filter and sort").performClick()
        screen.text("Apps you installed").performClick()
        until("the app's") { remotes(screen) == listOf("198.51.100.80:443") }
        screen.text("UDP").performClick()
        until("none") { lines(screen).isEmpty() && "None of the connections" in screen.words() }
        screen.text("Show all").performClick()
        until("all rows") { lines(screen).size == 3 }
    }

    @Test
    fun `each filter leaves its kind`() {
        stage.furnish()
        val screen = open().get()
        until("the rows") { lines(screen).size == 5 }
        screen.described("Filter and sort").performClick()
        fun left(filter: String, remotes: Set<String>) {
            screen.text(filter).performClick()
            until("$filter leaves $remotes") { this.remotes(screen).toSet() == remotes }
        }
        val match = "203.0.113.7:80"
        val possible = "198.51.100.5:5228"
        val app = "198.51.100.80:443"
        val dns = "192.0.2.53:53"
        val listener = lines(screen).single { it.listener }.remote
        left("Comes with the phone", setOf(match, possible, dns, listener))
        left("Only what a list warns of", setOf(match, possible))
        left("Everyone's", setOf(match, possible))
        left("Only what a list warns of", setOf(match, possible, app, dns, listener))
        left("Nothing else", setOf(listener))
        left("Hidden", setOf(match, possible, app, dns))
        left("TCP", setOf(match, possible, app))
        left("Shown", setOf(match, possible, app, listener))
        left("Any", setOf(match, possible, app, dns, listener))
    }

    @Test
    fun `each order puts its first on top, and outlives the process`() {
        stage.furnish()
        val controller = open()
        val screen = controller.get()
        until("the rows") { lines(screen).size == 5 }
        // With the least sure last among the firmware's, and the installed app's after them.
        assertEquals("203.0.113.7:80", remotes(screen).first())
        assertEquals("198.51.100.80:443", remotes(screen).last())
        screen.described("Filter and sort").performClick()
        fun inOrder(order: String, holds: (List<ConnectionLine>) -> Boolean) {
            screen.text(order).performClick()
            until("$order in ${lines(screen)}") { lines(screen).size == 5 && holds(lines(screen)) }
        }
        inOrder("By name") { all ->
            all.map { it.owner.name.lowercase() }.let { it == it.sorted() } &&
                all.first().owner.name == "Browser"
        }
        inOrder("By address") { all -> all.last().remote == "203.0.113.7:80" }
        inOrder("Newest first") { all ->
            all.map { it.firstSeen }.let { it == it.sortedDescending() } &&
                all.last().listener
        }
        val again = open(stage.kill(controller)).get()
        until("the same order") { lines(again).lastOrNull()?.listener == true }
    }

    @Test
    fun `one app's connections are shown alone from its screen on, until its chip is tapped`() {
        threeConnections()
        val owner = stage.agent.snapshot(BoardQuery(text = "198.51.100.80")).connections.single().owner
        val app = stage.open(ScreenIntents.owner(context, owner.key)).get()
        until("the app") { "Show only this app in the watch" in app.words() }
        app.text("Show only this app in the watch").performClick()
        val way = shadowOf(app).nextStartedActivity
        assertEquals(MainActivity::class.java.name, way.component?.className)
        val controller = open()
        until("all rows") { lines(controller.get()).size == 3 }
        controller.get().described("Filter and sort").performClick()
        controller.get().text("UDP").performClick()
        controller.newIntent(way)
        until("its own alone") { remotes(controller.get()) == listOf("198.51.100.80:443") }
        val words = controller.get().words()
        assertTrue(words, "Only Browser" in words && "1 of 3" in words)
        val again = stage.open(way, stage.kill(controller)).get()
        until("its own in the new process") { remotes(again) == listOf("198.51.100.80:443") }
        (again.text("Only Browser") as CheckBox).performClick()
        until("all rows again") { lines(again).size == 3 }
        assertFalse(again.words(), "Only Browser" in again.words())
        val fresh = stage.open(way).get()
        until("its own at once") { remotes(fresh) == listOf("198.51.100.80:443") }
    }

    @Test
    fun `search, filter and place outlive a rotation and the process`() {
        stage.watch()
        repeat(60) { stage.tree.tcp(Stage.BROWSER, "198.51.100.${it + 1}:443") }
        val first = open()
        until("the rows") { lines(first.get()).size == 60 }
        first.get().described("Search").performClick()
        first.get().views().filterIsInstance<EditText>().first().setText("198.51")
        list(first.get()).setSelection(30)
        until("the place") { list(first.get()).firstVisiblePosition == 30 }
        RuntimeEnvironment.setQualifiers("+land")
        first.recreate()
        until("the place after the rotation") {
            list(first.get()).firstVisiblePosition == 30 && lines(first.get()).size == 60
        }
        val kept = stage.kill(first)
        val second = open(kept).get()
        until("the rows in the new process") { lines(second).size == 60 }
        assertEquals("198.51", second.views().filterIsInstance<EditText>().first().text.toString())
        until("the place") { list(second).firstVisiblePosition == 30 }
    }

    @Test
    fun `the list keeps its place while connections come and go`() {
        stage.watch()
        val sockets = (0 until 40).map { stage.tree.tcp(Stage.BROWSER, "198.51.100.${it + 1}:443") }
        val screen = open().get()
        until("the rows") { lines(screen).size == 40 }
        list(screen).setSelection(20)
        until("the place") { list(screen).firstVisiblePosition == 20 }
        val before = list(screen).getItemAtPosition(20) as ConnectionLine
        // Of the system, and so above all the others.
        stage.tree.tcp(Stage.SYSTEM, "203.0.113.7:80")
        until("the new row") { lines(screen).size == 41 }
        val at = list(screen).firstVisiblePosition
        assertEquals(before.id, (list(screen).getItemAtPosition(at) as ConnectionLine).id)
        assertEquals(40, sockets.size)
    }

    @Test
    fun `nothing is asked while the screen is not visible`() {
        threeConnections()
        val controller = open()
        val screen = controller.get()
        until("the rows") { lines(screen).size == 3 }
        controller.pause().stop()
        stage.tree.tcp(Stage.BROWSER, "198.51.100.99:443")
        until("the core has it") { stage.connections() == 4L }
        repeat(30) { until("time passes") { true } }
        assertEquals(3, lines(screen).size)
        controller.start().resume()
        until("the row after the return") { lines(screen).size == 4 }
    }

    @Test
    fun `without a list it says that nothing can raise an alert, with a way to add one`() {
        val screen = open().get()
        until("the notice") { "No list is in force" in screen.words() }
        screen.text("Add a list").performClick()
        until("the lists") { "No list yet" in screen.words() }
        stage.list("203.0.113.7\n")
        screen.described("Watch, tab 1 of 4").performClick()
        until("no notice") { "No list is in force" !in screen.words() }
    }

    @Test
    fun `refused tables are said to be refused, never shown as empty`() {
        stage.tree.tcp(Stage.SYSTEM, "203.0.113.7:80")
        for (table in listOf("tcp", "tcp6", "udp", "udp6")) stage.tree.deny(table)
        stage.agent.start()
        val screen = open().get()
        until("the state") { "Not allowed to look" in screen.words() }
        val words = screen.words()
        assertTrue(words, Regex("Nothing (can|could) be looked at") in words)
        assertFalse(words, "0 connections" in words)
        val blind = Build.VERSION.SDK_INT >= Build.VERSION_CODES.Q
        assertEquals(words, blind, "Portlog's helper can see them" in words)
        assertFalse(words, "Stop watching" in words)
        if (blind) {
            screen.text("See all connections").performClick()
            assertEquals(
                HelperActivity::class.java.name,
                shadowOf(screen).nextStartedActivity.component?.className,
            )
        } else {
            assertNotNull(screen.text("Try again"))
        }
    }

    @Test
    fun `where another button helps more the menu stops the watch`() {
        for (table in listOf("tcp", "tcp6", "udp", "udp6")) stage.tree.deny(table)
        WatchService.start(context)
        val service = Robolectric.buildService(
            WatchService::class.java,
            shadowOf(stage.app).nextStartedService,
        ).create()
        service.get().onStartCommand(null, 0, 1)
        val screen = open().get()
        until("the state") { "Not allowed to look" in screen.words() }
        screen.described("More").performClick()
        val menu = ShadowPopupMenu.getLatestPopupMenu().menu
        assertEquals("Stop watching", menu.getItem(0).title)
        menu.performIdentifierAction(0, 0)
        service.destroy()
        until("it is stopped") { "Start watching" in screen.words() }
        assertFalse(WatchSettings(context).watching)
        screen.described("More").performClick()
        assertEquals("Guide", ShadowPopupMenu.getLatestPopupMenu().menu.getItem(0).title)
    }

    @Test
    fun `a start of the phone that the watch missed is said, and leads to the step about it`() {
        Settings.Global.putInt(context.contentResolver, Settings.Global.BOOT_COUNT, 8)
        val screen = open().get()
        until("the state") { "Stopped" in screen.words() }
        val words = "The phone was started and did not start the watch. See what it needs."
        assertFalse(words in screen.words())
        WatchSettings(context).bootStartMissed = Boot.current(context)
        stage.watch()
        until("the line") { words in screen.words() }
        screen.described(words).performClick()
        val opened = shadowOf(screen).nextStartedActivity
        assertEquals(GuideActivity::class.java.name, opened.component?.className)
        val guide = stage.open(opened).get()
        until("the step") { "Allow autostart" in guide.words() }
        WatchSettings(context).bootStartMissed = "an earlier one"
        stage.tree.tcp(Stage.BROWSER, "198.51.100.80:443")
        until("no line") { words !in screen.words() }
    }

    @Test
    fun `from Android 10 on it says before the start that it cannot see other apps' sockets`() {
        val screen = open().get()
        until("the state") { "Stopped" in screen.words() }
        assertEquals(
            Build.VERSION.SDK_INT >= Build.VERSION_CODES.Q,
            "Since Android 10 no app may see" in screen.words(),
        )
    }

    @Test
    fun `what can be seen is told part by part`() {
        stage.tree.deny("udp6")
        stage.watch()
        val screen = open().get()
        until("the coverage") { Regex("What can be seen: \\d+ of \\d+ parts") in screen.words() }
        val head = screen.views().filterIsInstance<android.widget.TextView>()
            .first { it.text.startsWith("What can be seen") }
        head.performClick()
        assertTrue(screen.views().any { it.contentDescription?.startsWith("Denied: ") == true })
        assertTrue(screen.views().any { it.contentDescription?.startsWith("Readable: ") == true })
    }

    @Test
    fun `a row opens its connection`() {
        threeConnections()
        val screen = open().get()
        until("the rows") { lines(screen).size == 3 }
        val list = list(screen)
        list.performItemClick(null, 1, list.getItemIdAtPosition(1))
        val opened = shadowOf(screen).nextStartedActivity
        assertEquals(ConnectionActivity::class.java.name, opened.component?.className)
        val id = opened.getLongExtra(ScreenIntents.EXTRA_CONNECTION, -1)
        assertEquals(lines(screen).first().id, id)
        assertNull(shadowOf(screen).nextStartedActivity)
    }
}
