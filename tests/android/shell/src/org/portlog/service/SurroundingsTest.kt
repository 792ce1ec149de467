package org.portlog.service

import android.Manifest
import android.content.Context
import android.content.Intent
import android.content.pm.ApplicationInfo
import android.net.Uri
import android.os.Looper
import android.os.PowerManager
import android.provider.Settings
import java.util.TimeZone
import java.util.concurrent.CopyOnWriteArrayList
import org.junit.Assert.assertEquals
import org.junit.Assert.assertNotEquals
import org.junit.Assert.assertTrue
import org.junit.Rule
import org.junit.Test
import org.junit.runner.RunWith
import org.portlog.core.BoardQuery
import org.portlog.core.CoverageLine
import org.portlog.core.CoverageStatus
import org.portlog.core.LogKind
import org.portlog.core.LogQuery
import org.portlog.core.LogRequest
import org.portlog.core.SessionState
import org.portlog.core.Told
import org.portlog.core.ToldKind
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Config

/** What changes around the watch reaches the core: pace, language, zone, packages, permissions. */
@RunWith(RobolectricTestRunner::class)
@Config(sdk = [23, 28, 29, 34, 35])
class SurroundingsTest {
    @get:Rule
    val watch = Watching()

    private val power
        get() = watch.application.getSystemService(Context.POWER_SERVICE) as PowerManager

    private fun tell(action: String) = watch.application.sendBroadcast(Intent(action))

    @Test
    fun `it looks less often while the screen is off, and as often again when it is lit`() {
        val paces = CopyOnWriteArrayList<String>()
        watch.core.listen { told ->
            told.filter { it.kind == ToldKind.CONFIG }.forEach { paces.add(it.text) }
        }
        shadowOf(power).setIsInteractive(true)
        watch.start()
        shadowOf(power).setIsInteractive(false)
        tell(Intent.ACTION_SCREEN_OFF)
        watch.eventually("10 seconds are in force") {
            paces.lastOrNull().orEmpty().contains("10000 ms")
        }
        shadowOf(power).setIsInteractive(true)
        tell(Intent.ACTION_SCREEN_ON)
        watch.eventually("1 second is in force") {
            paces.lastOrNull().orEmpty().contains("1000 ms")
        }
        assertEquals(emptyList<Told>(), watch.history(ToldKind.CONFIG))
    }

    @Test
    fun `while power is saved it never looks every second`() {
        shadowOf(power).setIsInteractive(true)
        assertEquals(Pace(1_000, 3_000), CoreSettings.pace(watch.application))
        shadowOf(power).setIsPowerSaveMode(true)
        assertEquals(Pace(3_000, 10_000), CoreSettings.pace(watch.application))
        shadowOf(power).setIsInteractive(false)
        assertEquals(Pace(10_000, 30_000), CoreSettings.pace(watch.application))
    }

    @Test
    fun `the user's own pace is kept and used`() {
        shadowOf(power).setIsInteractive(true)
        WatchSettings(watch.application).paceScreenOn = Pace.SCREEN_ON[2]
        assertEquals(Pace(10_000, 30_000), CoreSettings.pace(watch.application))
        WatchSettings(watch.application).paceScreenOff = Pace(60_000, 300_000)
        shadowOf(power).setIsInteractive(false)
        assertEquals(Pace(60_000, 300_000), CoreSettings.pace(watch.application))
    }

    @Test
    fun `the core speaks the language that the phone is set to`() {
        fun tag(qualifier: String): String {
            RuntimeEnvironment.setQualifiers(qualifier)
            return CoreSettings.of(watch.application).language
        }
        assertEquals("en", tag("en"))
        assertEquals("en", tag("fr"))
        assertEquals("zh-Hans", tag("zh-rCN"))
        assertEquals("zh-Hant", tag("zh-rTW"))
        assertEquals("hi", tag("hi"))
    }

    @Test
    fun `another language is taken over while the watch runs`() {
        watch.start()
        val before = watch.ask { it.stats() }.ongoingText
        RuntimeEnvironment.setQualifiers("hi")
        watch.application.onConfigurationChanged(watch.application.resources.configuration)
        watch.eventually("the words are others") {
            val now = watch.ask { it.stats() }.ongoingText
            now != before && now.any { it in '\u0900'..'\u097f' }
        }
    }

    @Test
    fun `the zone of the phone is told`() {
        val before = TimeZone.getDefault()
        try {
            TimeZone.setDefault(TimeZone.getTimeZone("GMT+05:30"))
            assertEquals(19_800, CoreSettings.of(watch.application).utcOffsetSeconds)
        } finally {
            TimeZone.setDefault(before)
        }
    }

    @Test
    fun `an installed package is known soon after`() {
        watch.start()
        val system = ApplicationInfo.FLAG_SYSTEM
        watch.install("com.example.sync", 10_087, system, "/system/app/Sync/Sync.apk")
        val added = Intent(
            Intent.ACTION_PACKAGE_ADDED,
            Uri.fromParts("package", "com.example.sync", null),
        )
        watch.application.sendBroadcast(added)
        watch.eventually("the core has read the list anew") {
            watch.history(ToldKind.PACKAGES).first().text.contains("2 packages")
        }
    }

    @Test
    fun `USB debugging that is switched is an entry of the log, while it watches and at its next start`() {
        fun devices() = watch.ask {
            it.log(LogRequest.Page(LogQuery(kinds = listOf(LogKind.DEVICE), limit = 50)))
        }.rows.map { it.text }.reversed()

        debug(false)
        watch.start()
        watch.eventually("the first one is written") { devices().size == 1 }
        debug(true)
        watch.eventually("that it was switched on is written") { devices().size == 2 }
        debug(false)
        watch.eventually("that it was switched off is written") { devices().size == 3 }
        val (off, on, again) = devices()
        assertNotEquals(off, on)
        assertEquals(off, again)

        watch.end()
        watch.eventually("the watch has ended") {
            watch.ask { it.stats() }.state == SessionState.STOPPED
        }
        debug(true)
        watch.start()
        watch.eventually("the next watch begins with what holds now") {
            devices().drop(3).let { it.isNotEmpty() && it.all { text -> text == on } }
        }
    }

    private fun debug(on: Boolean) {
        val resolver = watch.application.contentResolver
        Settings.Global.putInt(resolver, Settings.Global.ADB_ENABLED, if (on) 1 else 0)
        shadowOf(Looper.getMainLooper()).idle()
    }

    @Test
    @Config(sdk = [34, 35])
    fun `a list of apps that is withheld is shown as such`() {
        shadowOf(watch.application)
            .denyPermissions(Manifest.permission.QUERY_ALL_PACKAGES)
        watch.start()
        val list = packageList()
        assertEquals(CoverageStatus.UNTRUSTED, list.status)
        assertTrue(list.text, list.text.contains("no permission to see all apps"))
    }

    @Test
    fun `a list of apps that is too short to be a phone's is shown as such`() {
        shadowOf(watch.application)
            .grantPermissions(Manifest.permission.QUERY_ALL_PACKAGES)
        watch.start()
        val list = packageList()
        assertEquals(CoverageStatus.UNTRUSTED, list.status)
        assertTrue(list.text, list.text.contains("too short to conclude anything"))
    }

    private fun packageList(): CoverageLine =
        watch.ask { it.snapshot(BoardQuery()) }.coverage.single { it.item == "packages" }
}
