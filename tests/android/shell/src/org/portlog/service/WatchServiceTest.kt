package org.portlog.service

import android.app.Activity
import android.app.Notification
import android.app.NotificationManager
import android.app.Service
import android.content.Intent
import android.content.pm.ServiceInfo
import android.os.Build
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertNotNull
import org.junit.Assert.assertTrue
import org.junit.Rule
import org.junit.Test
import org.junit.runner.RunWith
import org.portlog.core.BoardQuery
import org.portlog.core.Level
import org.portlog.core.MuteRule
import org.portlog.core.SessionState
import org.portlog.core.ToldKind
import org.robolectric.Robolectric
import org.robolectric.RobolectricTestRunner
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Config

/** The watch as a whole: from a socket of this machine to the notification, and what comes between. */
@RunWith(RobolectricTestRunner::class)
@Config(sdk = [23, 28, 29, 34, 35])
class WatchServiceTest {
    @get:Rule
    val watch = Watching()

    private val host by lazy { watch.host() }
    private val other by lazy { watch.host() }

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
        val ongoing = shadowOf(watch.start()).lastForegroundNotification
        assertEquals(Service.START_STICKY, watch.answered)
        watch.deliver(shadowOf(ongoing.actions.single().actionIntent).savedIntent)
        assertEquals(Service.START_NOT_STICKY, watch.answered)
        assertFalse(WatchSettings(watch.application).watching)
        watch.end()
        watch.eventually("the watch has stopped") {
            watch.ask { it.stats() }.state == SessionState.STOPPED
        }
        assertFalse(watch.core.watching)
    }

    @Test
    fun `a listed host that firmware reaches is told in a notification that sounds`() {
        watch.beFirmware()
        watch.start()
        alerted()
        val view = watch.ask { it.alerts(false) }.single { it.remote.startsWith(host) }
        assertEquals(Level.MATCH, view.level)
        assertTrue(view.text, view.text.contains("had a connection with ${view.remote}"))
        val shown = watch.alerts().single()
        assertEquals(view.title, shown.words(Notification.EXTRA_TITLE))
        assertEquals(view.text, shown.words(Notification.EXTRA_TEXT))
        assertEquals(view.body, shown.words(Notification.EXTRA_BIG_TEXT))
        assertTrue(view.body, view.body.contains("own.txt") && view.body.contains(host))
        val outside = shown.publicVersion.words(Notification.EXTRA_TEXT)
        assertEquals(view.publicText, outside)
        assertFalse(outside, outside.contains(host) || outside.contains(view.owner.name))
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.O) {
            assertEquals("match", shown.channelId)
        } else {
            assertEquals(Notification.PRIORITY_HIGH, shown.priority)
            assertTrue(shown.defaults and Notification.DEFAULT_SOUND != 0)
        }
        assertEquals(listOf("Mute", "Details"), shown.actions.map { it.title.toString() })
        val details = shadowOf(shown.actions.last().actionIntent).savedIntent
        assertEquals(view.key, details.getStringExtra(ScreenIntents.EXTRA_ALERT))
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
        watch.die()
        watch.deliver(null)
        watch.awaitWatching()
        watch.connect(host)
        watch.eventually("the third connection is seen") {
            watch.ask { it.snapshot(BoardQuery(text = host)) }.connections.size >= 3
        }
        assertEquals(emptyList<Notification>(), watch.alerts())
        assertEquals(1, watch.history(ToldKind.ALERT).size)
    }

    @Test
    fun `an owner is muted and that is taken back, both from notifications`() {
        watch.start()
        alerted()
        watch.alerts().single().press(watch.application, "Mute")
        watch.eventually("the owner is muted") { watch.ask { it.stats() }.mutes.isNotEmpty() }
        watch.eventually("the way back is shown") { watch.shown().any { it.id == 3 } }
        assertEquals(emptyList<Notification>(), watch.alerts())
        watch.list(other)
        watch.connect(other)
        watch.eventually("the connection is seen") {
            watch.ask { it.snapshot(BoardQuery(text = other)) }.connections.isNotEmpty()
        }
        assertEquals(1, watch.history(ToldKind.ALERT).size)
        assertEquals(emptyList<Notification>(), watch.alerts())
        watch.shown().single { it.id == 3 }.notification.press(watch.application, "Take back")
        watch.eventually("nobody is muted") { watch.ask { it.stats() }.mutes.isEmpty() }
        watch.eventually("the offer is gone") { watch.shown().none { it.id == 3 } }
    }

    @Test
    fun `a mute holds in a process that was started anew, and can be taken back there`() {
        watch.beFirmware()
        watch.start()
        alerted()
        watch.alerts().single().press(watch.application, "Mute")
        watch.eventually("the way back is shown") { watch.shown().any { it.id == 3 } }
        val rules = watch.ask { it.stats() }.mutes.map { it.rule }
        assertEquals(1, rules.size)
        watch.die()
        watch.deliver(null)
        watch.awaitWatching()
        assertEquals(rules, watch.ask { it.stats() }.mutes.map { it.rule })
        watch.list(other)
        watch.connect(other)
        watch.eventually("what would be a match is seen") {
            watch.ask { it.snapshot(BoardQuery(text = other)) }.connections
                .any { it.level == Level.MATCH }
        }
        assertEquals(1, watch.history(ToldKind.ALERT).size)
        assertEquals(emptyList<Notification>(), watch.alerts())
        watch.shown().single { it.id == 3 }.notification.press(watch.application, "Take back")
        watch.eventually("nobody is muted") { watch.ask { it.stats() }.mutes.isEmpty() }
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

    private fun alertedInSilence() {
        shadowOf(Notices.of(watch.application)).setNotificationsEnabled(false)
        watch.beFirmware()
        watch.start()
        watch.list(host)
        watch.connect(host)
        watch.eventually("it waits to be shown") {
            WatchSettings(watch.application).unshown.isNotEmpty()
        }
        assertEquals(emptyList<Notification>(), watch.alerts())
        shadowOf(Notices.of(watch.application)).setNotificationsEnabled(true)
    }

    @Test
    @Config(sdk = [28, 29, 34, 35])
    fun `what came while notifications were off is shown once they are on again`() {
        alertedInSilence()
        watch.application
            .sendBroadcast(Intent(NotificationManager.ACTION_APP_BLOCK_STATE_CHANGED))
        watch.eventually("it is shown") { watch.alerts().isNotEmpty() }
        val view = watch.ask { it.alerts(false) }.single { it.remote.startsWith(host) }
        val shown = watch.alerts().single()
        assertEquals(view.text, shown.words(Notification.EXTRA_TEXT))
        assertEquals("match", shown.channelId)
        // What was swiped away does not come again.
        Notices.of(watch.application).cancelAll()
        Robolectric.buildActivity(Activity::class.java).setup()
        watch.ask { it.stats() }
        assertEquals(emptyList<Notification>(), watch.alerts())
        assertEquals(emptySet<String>(), WatchSettings(watch.application).unshown)
    }

    @Test
    @Config(sdk = [28, 29, 34, 35])
    fun `nor is it forgotten with the process`() {
        alertedInSilence()
        watch.die()
        watch.deliver(null)
        watch.eventually("it is shown") { watch.alerts().isNotEmpty() }
    }

    @Test
    @Config(sdk = [28, 29, 34, 35])
    fun `opening the app shows it too, unless it was muted in between`() {
        alertedInSilence()
        val owner = watch.ask { it.alerts(false) }.single { it.remote.startsWith(host) }.owner.key
        watch.ask { it.mute(MuteRule.Owner(owner), true) }
        Robolectric.buildActivity(Activity::class.java).setup()
        watch.eventually("nothing waits") {
            WatchSettings(watch.application).unshown.isEmpty()
        }
        assertEquals(emptyList<Notification>(), watch.alerts())
    }

    @Test
    @Config(sdk = [35])
    fun `where Android sets the service a limit, it ends in time and says so`() {
        val service = watch.start()
        service.onTimeout(1, ServiceInfo.FOREGROUND_SERVICE_TYPE_SPECIAL_USE)
        assertTrue(shadowOf(service).isStoppedBySelf)
        watch.end()
        val asked = watch.shown().single { it.id == 101 }.notification
        assertEquals("guide", asked.channelId)
        assertTrue("it is wanted still", WatchSettings(watch.application).watching)
        WatchService.start(watch.application, StartedBy.APP)
        watch.carryOut()
        watch.awaitWatching()
        watch.eventually("it asks no more") { watch.shown().none { it.id == 101 } }
    }
}
