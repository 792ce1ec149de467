package org.portlog.service

import android.app.ActivityManager
import android.app.ApplicationExitInfo
import android.app.ForegroundServiceStartNotAllowedException
import android.content.ComponentName
import android.content.Context
import android.content.ContextWrapper
import android.content.Intent
import android.os.Build
import android.os.Looper
import android.provider.Settings
import java.io.File
import java.time.Duration
import java.time.Instant
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertNotNull
import org.junit.Assert.assertNull
import org.junit.Assert.assertTrue
import org.junit.Rule
import org.junit.Test
import org.junit.runner.RunWith
import org.portlog.core.SessionState
import org.portlog.core.ToldKind
import org.robolectric.Robolectric
import org.robolectric.RobolectricTestRunner
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Config
import org.robolectric.shadows.ShadowActivityManager.ApplicationExitInfoBuilder
import org.robolectric.shadows.ShadowSystemClock

/** What starts the watch, what keeps it from starting, and what the history then says. */
@RunWith(RobolectricTestRunner::class)
@Config(sdk = [23, 28, 29, 34, 35])
class StartsTest {
    @get:Rule
    val watch = Watching()

    private val settings get() = WatchSettings(watch.application)

    private fun boot(count: Int) {
        Settings.Global.putInt(
            watch.application.contentResolver,
            Settings.Global.BOOT_COUNT,
            count,
        )
    }

    /** The phone is started anew without the watch, which the user brings back a minute later. */
    private fun openSoonAfterARestart() {
        boot(7)
        watch.start()
        watch.end()
        boot(8)
        ShadowSystemClock.advanceBy(Duration.ofMinutes(1))
        WatchService.start(watch.application, StartedBy.APP)
        watch.carryOut()
        watch.awaitWatching()
    }

    private fun wanted() {
        settings.watching = true
    }

    private fun system(): List<String> = watch.history(ToldKind.SYSTEM).map { it.text }

    @Test
    fun `with the phone, before it is unlocked and after`() {
        for (action in listOf(Intent.ACTION_LOCKED_BOOT_COMPLETED, Intent.ACTION_BOOT_COMPLETED)) {
            BootReceiver().onReceive(watch.application, Intent(action))
            assertFalse(action, watch.startAsked())
        }
        wanted()
        for (action in listOf(Intent.ACTION_LOCKED_BOOT_COMPLETED, Intent.ACTION_BOOT_COMPLETED)) {
            BootReceiver().onReceive(watch.application, Intent(action))
            assertNotNull(action, shadowOf(watch.application).nextStartedService)
        }
        settings.autostart = false
        BootReceiver().onReceive(watch.application, Intent(Intent.ACTION_BOOT_COMPLETED))
        assertFalse(watch.startAsked())
    }

    @Test
    fun `other broadcasts start nothing`() {
        wanted()
        BootReceiver().onReceive(watch.application, Intent("org.example.BOOT"))
        UpdateReceiver().onReceive(watch.application, Intent(Intent.ACTION_BOOT_COMPLETED))
        assertFalse(watch.startAsked())
    }

    @Test
    fun `after an update of the app`() {
        wanted()
        UpdateReceiver().onReceive(watch.application, Intent(Intent.ACTION_MY_PACKAGE_REPLACED))
        watch.carryOut()
        watch.awaitWatching()
        assertTrue(system().toString(), system().any { it.contains("after an update of Portlog") })
    }

    @Test
    fun `the manifest has the system call the receivers`() {
        for (action in listOf(
            Intent.ACTION_LOCKED_BOOT_COMPLETED,
            Intent.ACTION_BOOT_COMPLETED,
            Intent.ACTION_MY_PACKAGE_REPLACED,
        )) {
            val found = watch.application.packageManager.queryBroadcastReceivers(Intent(action), 0)
                .map { it.activityInfo }
                .filter { it.packageName == watch.application.packageName }
            assertEquals(action, 1, found.size)
            if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.N) {
                assertTrue(action, found.single().directBootAware)
            }
            assertFalse(action, found.single().exported)
        }
    }

    @Test
    @Config(sdk = [28, 29, 34, 35])
    fun `a start of the phone that passed without the watch is found out, once`() {
        boot(7)
        watch.start()
        watch.end()
        boot(8)
        ShadowSystemClock.advanceBy(Duration.ofMinutes(1))
        MissedStart.check(watch.application)
        assertFalse("a minute is no proof", MissedStart.happened(watch.application))
        ShadowSystemClock.advanceBy(Duration.ofMinutes(10))
        repeat(3) { MissedStart.check(watch.application) }
        assertTrue(MissedStart.happened(watch.application))
        val missed = { system().count { it.contains("was not started with it") } }
        watch.eventually("the history has it") { missed() == 1 }
        // The user opens the app: that brings the watch back and is no second miss.
        WatchService.start(watch.application, StartedBy.APP)
        watch.carryOut()
        watch.awaitWatching()
        assertEquals(1, missed())
        boot(9)
        assertFalse(MissedStart.happened(watch.application))
    }

    @Test
    @Config(sdk = [28, 29, 34, 35])
    fun `a start that came with the phone is no miss`() {
        boot(7)
        watch.start()
        watch.end()
        boot(8)
        ShadowSystemClock.advanceBy(Duration.ofMinutes(10))
        BootReceiver().onReceive(watch.application, Intent(Intent.ACTION_LOCKED_BOOT_COMPLETED))
        watch.carryOut()
        watch.awaitWatching()
        watch.eventually("it is known") { MissedStart.startCame(watch.application) }
        MissedStart.check(watch.application)
        assertFalse(MissedStart.happened(watch.application))
        assertTrue(system().none { it.contains("was not started with it") })
    }

    @Test
    @Config(sdk = [28, 29, 34, 35])
    fun `opening the app soon after a start of the phone hides no miss`() {
        openSoonAfterARestart()
        assertFalse("it may still come", MissedStart.happened(watch.application))
        ShadowSystemClock.advanceBy(Duration.ofMinutes(5))
        // Whatever happens wakes the watch, which looks once a minute by itself.
        watch.connect(watch.host())
        watch.eventually("it is found out") { MissedStart.happened(watch.application) }
        val missed = { system().count { it.contains("was not started with it") } }
        watch.eventually("the history has it") { missed() == 1 }
        repeat(3) { MissedStart.check(watch.application) }
        assertEquals(1, missed())
    }

    @Test
    @Config(sdk = [28, 29, 34, 35])
    fun `who is faster than the phone's own start sees no miss`() {
        openSoonAfterARestart()
        BootReceiver().onReceive(watch.application, Intent(Intent.ACTION_BOOT_COMPLETED))
        watch.carryOut()
        assertTrue(MissedStart.startCame(watch.application))
        ShadowSystemClock.advanceBy(Duration.ofMinutes(10))
        MissedStart.check(watch.application)
        assertFalse(MissedStart.happened(watch.application))
        assertTrue(system().none { it.contains("was not started with it") })
    }

    @Test
    @Config(sdk = [28, 29, 34, 35])
    fun `a watch that was stopped before and is wanted again missed no start`() {
        boot(7)
        watch.start()
        WatchService.stop(watch.application)
        watch.end()
        boot(8)
        ShadowSystemClock.advanceBy(Duration.ofMinutes(10))
        watch.start()
        MissedStart.check(watch.application)
        assertFalse(MissedStart.happened(watch.application))
        assertTrue(system().none { it.contains("was not started with it") })
    }

    @Test
    fun `who does not want the watch misses no start`() {
        boot(7)
        watch.start()
        WatchService.stop(watch.application)
        watch.end()
        boot(8)
        ShadowSystemClock.advanceBy(Duration.ofMinutes(10))
        MissedStart.check(watch.application)
        assertFalse(MissedStart.happened(watch.application))
    }

    @Test
    @Config(sdk = [28, 29, 34, 35])
    fun `all that the watch keeps can be read before the phone is first unlocked`() {
        val early = watch.application.createDeviceProtectedStorageContext()
        val late = watch.application.filesDir
        watch.start()
        watch.end()
        watch.eventually("it has ended") {
            watch.ask { it.stats() }.state == SessionState.STOPPED
        }
        assertTrue(early.isDeviceProtectedStorage)
        assertFalse(early.filesDir.startsWith(late))
        assertTrue(File(early.filesDir, "state/state.json").isFile)
        assertTrue(File(early.dataDir, "shared_prefs/watch.xml").isFile)
        assertEquals(emptyList<String>(), late.list().orEmpty().toList())
    }

    @Test
    @Config(sdk = [34, 35])
    fun `why the process died is in the history, once`() {
        val activities =
            watch.application.getSystemService(Context.ACTIVITY_SERVICE) as ActivityManager
        fun died(reason: Int, at: Long) = shadowOf(activities).addApplicationExitInfo(
            ApplicationExitInfoBuilder.newBuilder()
                .setProcessName(watch.application.packageName)
                .setReason(reason)
                .setTimestamp(at)
                .setDescription("stop by an invented reason")
                .build(),
        )
        fun gaps(words: String) =
            watch.history(ToldKind.GAP).count { it.text.contains(words) }
        watch.start()
        var at = 0L
        fun dies(reason: Int) {
            watch.die()
            // The core's clock is the machine's, and not the one that is played with here.
            at = Instant.now().toEpochMilli()
            // Long enough to be a gap.
            Thread.sleep(GAP_MILLIS)
            died(reason, at)
            watch.deliver(null)
            watch.awaitWatching()
        }
        dies(ApplicationExitInfo.REASON_LOW_MEMORY)
        watch.eventually("the gap has its reason") { gaps("free memory") == 1 }
        dies(ApplicationExitInfo.REASON_ANR)
        watch.eventually("so has the next") { gaps("did not respond") == 1 }
        assertEquals("the first is not told again", 1, gaps("free memory"))
        assertEquals(at, settings.deathsUntil)
    }

    @Test
    @Config(sdk = [34, 35])
    fun `a start that Android refuses is told to the user and kept`() {
        val refusing = object : ContextWrapper(watch.application) {
            override fun startForegroundService(service: Intent): ComponentName =
                throw ForegroundServiceStartNotAllowedException("not allowed from here")
        }
        assertFalse(WatchService.start(refusing, StartedBy.UPDATE))
        assertTrue("it is wanted still", settings.watching)
        val asked = watch.shown().single { it.id == 101 }.notification
        assertEquals("guide", asked.channelId)
        assertEquals(
            "org.portlog.screens.MainActivity",
            shadowOf(asked.contentIntent).savedIntent.component?.className,
        )
        WatchService.start(watch.application, StartedBy.APP)
        watch.carryOut()
        watch.awaitWatching()
        watch.eventually("it asks no more") { watch.shown().none { it.id == 101 } }
        assertTrue(system().toString(), system().any { it.contains("had not let it start before") })
        assertFalse(settings.startRefused)
    }

    @Test
    @Config(sdk = [34, 35])
    fun `a start with the phone that Android refuses is a start that was missed`() {
        boot(7)
        wanted()
        val refusing = object : ContextWrapper(watch.application) {
            override fun startForegroundService(service: Intent): ComponentName =
                throw ForegroundServiceStartNotAllowedException("not allowed from here")
        }
        BootReceiver().onReceive(refusing, Intent(Intent.ACTION_BOOT_COMPLETED))
        assertTrue(MissedStart.happened(watch.application))
        watch.eventually("the history has it") {
            system().any { it.contains("was not started with it") }
        }
    }

    @Test
    fun `opening the app brings back a watch that is wanted`() {
        val activity = Robolectric.buildActivity(android.app.Activity::class.java)
        activity.setup()
        assertFalse(watch.startAsked())
        wanted()
        activity.pause().resume()
        assertTrue(watch.startAsked())
        watch.carryOut()
        shadowOf(Looper.getMainLooper()).idle()
        activity.pause().resume()
        assertFalse("it runs", watch.startAsked())
    }

    @Test
    fun `nothing is known of a phone that tells no boot`() {
        boot(-1)
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.N) assertNull(Boot.current(watch.application))
        MissedStart.check(watch.application)
        assertFalse(MissedStart.happened(watch.application))
    }

    private companion object {
        const val GAP_MILLIS = 3_000L
    }
}
