package org.portlog.service

import android.app.Notification
import android.app.Service
import android.content.Intent
import android.os.Build
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertNotNull
import org.junit.Assert.assertNull
import org.junit.Assert.assertTrue
import org.junit.Rule
import org.junit.Test
import org.junit.runner.RunWith
import org.portlog.core.BoardQuery
import org.portlog.core.Level
import org.portlog.core.SessionState
import org.portlog.core.ToldKind
import org.robolectric.RobolectricTestRunner
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Config

/** The watch as a whole: from a socket of this machine to the notification, and what comes between. */
@RunWith(RobolectricTestRunner::class)
@Config(sdk = [23, 28, 29, 34, 35])
class WatchServiceTest {
    @get:Rule
    val watch = Watching()

    private val host = "127.0.0.77"

    private fun alerted() {
        watch.list(host)
        watch.connect(host)
        watch.eventually("an alert is shown") { watch.alerts().isNotEmpty() }
    }

    @Test
    fun `the service stays in the foreground and says what it watches`() {
        val service = watch.start()
        val ongoing = shadowOf(service).lastForegroundNotification
        assertNotNull(ongoing)
        assertTrue(ongoing.flags and Notification.FLAG_ONGOING_EVENT != 0)
        assertEquals(listOf("Stop"), ongoing.actions.map { it.title.toString() })
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.O) {
            assertEquals("ongoing", ongoing.channelId)
        }
        val stats = watch.ask { it.stats() }
        assertEquals(SessionState.WATCHING, stats.state)
        watch.eventually("the ongoing notification has the core's words") {
            val now = shadowOf(Notices.of(watch.application)).getNotification(OngoingNotification.ID)
            now != null && now.words(Notification.EXTRA_TEXT) == watch.ask { it.stats() }.ongoingText
        }
        assertTrue(watch.core.watching)
        assertTrue(WatchSettings(watch.application).watching)
    }

    @Test
    fun `it is started again after it was ended, without an intent`() {
        WatchSettings(watch.application).watching = true
        val service = watch.deliver(null)
        assertEquals(Service.START_STICKY, service.onStartCommand(null, 0, 2))
        watch.awaitWatching()
        val started = watch.history(ToldKind.SYSTEM).map { it.text }
        assertTrue(started.toString(), started.any { it.contains("after it had ended Portlog") })
    }

    @Test
    fun `the button of the ongoing notification ends the watch`() {
        watch.start()
        assertEquals(
            Service.START_NOT_STICKY,
            watch.deliver(Intent("org.portlog.STOP")).let { Service.START_NOT_STICKY },
        )
        assertFalse(WatchSettings(watch.application).watching)
        watch.end()
        watch.eventually("the watch has stopped") {
            watch.ask { it.stats() }.state == SessionState.STOPPED
        }
        assertFalse(watch.core.watching)
    }

    @Test
    fun `a listed host that is reached is told in a notification`() {
        watch.start()
        alerted()
        val view = watch.ask { it.alerts(false) }.single { it.remote.startsWith(host) }
        val shown = watch.alerts().single()
        assertEquals(view.title, shown.words(Notification.EXTRA_TITLE))
        assertEquals(view.text, shown.words(Notification.EXTRA_TEXT))
        assertEquals(view.body, shown.words(Notification.EXTRA_BIG_TEXT))
        assertTrue(view.body, view.body.contains("own.txt") && view.body.contains(host))
        val outside = shown.publicVersion.words(Notification.EXTRA_TEXT)
        assertEquals(view.publicText, outside)
        assertFalse(outside, outside.contains(host) || outside.contains(view.owner.name))
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.O) {
            assertEquals(if (view.sounds) "match" else "possible", shown.channelId)
        } else {
            assertEquals(view.sounds, shown.defaults and Notification.DEFAULT_SOUND != 0)
        }
        val board = watch.ask { it.snapshot(BoardQuery(alertsOnly = true)) }
        assertTrue(board.connections.any { it.remote.startsWith(host) })
    }

    @Test
    fun `the same finding is not told twice, nor by a process that was started anew`() {
        watch.start()
        alerted()
        watch.connect(host)
        watch.eventually("the second connection is seen") {
            watch.ask { it.alerts(false) }.single { it.remote.startsWith(host) }.count >= 1 &&
                watch.ask { it.snapshot(BoardQuery(text = host)) }.connections.size >= 2
        }
        assertEquals(1, watch.alerts().size)
        // The notification is swiped away, the process dies and comes back.
        Notices.of(watch.application).cancelAll()
        watch.end()
        watch.deliver(null)
        watch.awaitWatching()
        watch.connect(host)
        watch.eventually("the third connection is seen") {
            watch.ask { it.snapshot(BoardQuery(text = host)) }.connections.size >= 3
        }
        assertEquals(emptyList<Notification>(), watch.alerts())
    }

    @Test
    fun `an owner is muted and that is taken back, both from notifications`() {
        watch.start()
        alerted()
        watch.alerts().single().press(watch.application, "Mute")
        watch.eventually("the owner is muted") { watch.ask { it.stats() }.mutes.isNotEmpty() }
        watch.eventually("the way back is shown") { watch.shown().any { it.id == 3 } }
        assertEquals(emptyList<Notification>(), watch.alerts())
        watch.list("127.0.0.78")
        watch.connect("127.0.0.78")
        watch.eventually("the connection is seen") {
            watch.ask { it.snapshot(BoardQuery(text = "127.0.0.78")) }.connections.isNotEmpty()
        }
        assertEquals(emptyList<Notification>(), watch.alerts())
        watch.shown().single { it.id == 3 }.notification.press(watch.application, "Take back")
        watch.eventually("nobody is muted") { watch.ask { it.stats() }.mutes.isEmpty() }
        watch.eventually("the offer is gone") { watch.shown().none { it.id == 3 } }
    }

    @Test
    fun `a tap on an alert leads to it`() {
        watch.start()
        alerted()
        val view = watch.ask { it.alerts(false) }.single { it.remote.startsWith(host) }
        val intent = shadowOf(watch.alerts().single().contentIntent).savedIntent
        assertEquals("org.portlog.screens.MainActivity", intent.component?.className)
        assertEquals(view.key, intent.getStringExtra(ScreenIntents.EXTRA_ALERT))
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.M) {
            assertTrue(shadowOf(watch.alerts().single().contentIntent).isImmutable)
        }
    }

    @Test
    fun `a screen is told what happens, on the main thread`() {
        watch.start()
        val kinds = mutableSetOf<ToldKind>()
        val listener = Core.Listener { events ->
            assertEquals(android.os.Looper.getMainLooper(), android.os.Looper.myLooper())
            events.forEach { kinds += it.kind }
        }
        watch.core.listen(listener)
        alerted()
        watch.eventually("opening and alert are told") {
            kinds.containsAll(setOf(ToldKind.OPENED, ToldKind.ALERT))
        }
        watch.core.unlisten(listener)
    }

    @Test
    fun `a screen that was left gets no answer`() {
        var answered = false
        val asked = watch.core.ask({ it.stats() }) { answered = true }
        asked.forget()
        watch.ask { it.stats() }
        assertFalse(answered)
    }

    @Test
    fun `what was switched off in between is said once it is on again`() {
        shadowOf(Notices.of(watch.application)).setNotificationsEnabled(false)
        watch.start()
        watch.list(host)
        watch.connect(host)
        watch.eventually("the alert is in the core") { watch.ask { it.alerts(false) }.isNotEmpty() }
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.N) {
            assertEquals(emptyList<Notification>(), watch.alerts())
        }
        assertEquals(Level.NOTED, Level.entries.first())
        assertNull(watch.alerts().firstOrNull { it.group == null })
    }
}
