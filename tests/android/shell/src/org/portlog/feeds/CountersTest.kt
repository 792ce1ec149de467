package org.portlog.feeds

import android.app.AppOpsManager
import android.app.Application
import android.app.usage.NetworkStatsManager
import android.content.Context
import android.net.ConnectivityManager.TYPE_MOBILE
import android.net.ConnectivityManager.TYPE_WIFI
import android.os.Build
import android.os.Process
import android.os.RemoteException
import android.os.SystemClock
import java.time.Duration
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertNull
import org.junit.Assert.assertTrue
import org.junit.Before
import org.junit.Test
import org.junit.runner.RunWith
import org.portlog.core.UidBytes
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Config
import org.robolectric.shadow.api.Shadow
import org.robolectric.shadows.ShadowSystemClock

/** Bytes by UID are told where the user allowed it, and only so that readings can be compared. */
@RunWith(RobolectricTestRunner::class)
@Config(shadows = [ShadowStatistics::class, ShadowSummary::class, ShadowTraffic::class])
class CountersTest {
    private val context: Application = RuntimeEnvironment.getApplication()

    // 26 May 2026, 20:26:40 UTC.
    private val started = 1_779_827_200_000
    private var set = Duration.ZERO
    private val clock = { started + set.toMillis() + SystemClock.elapsedRealtime() }
    private val counters by lazy { Counters(context, clock = clock) }

    private val wifi = listOf(UidBytes(0, 7, 1), UidBytes(10_087, 1_000, 100))
    private val mobile = listOf(UidBytes(10_087, 50, 5), UidBytes(1_010_087, 3, 4))
    private val both =
        listOf(UidBytes(0, 7, 1), UidBytes(10_087, 1_050, 105), UidBytes(1_010_087, 3, 4))

    @Before
    fun allowed() {
        TheStatistics.reset()
        shadowOf(context).setSystemService(
            Context.NETWORK_STATS_SERVICE,
            Shadow.newInstanceOf(NetworkStatsManager::class.java),
        )
        usageAccess(AppOpsManager.MODE_ALLOWED)
    }

    private fun usageAccess(mode: Int) {
        val operations = context.getSystemService(Context.APP_OPS_SERVICE) as AppOpsManager
        shadowOf(operations).setMode(
            AppOpsManager.OPSTR_GET_USAGE_STATS,
            Process.myUid(),
            context.packageName,
            mode,
        )
    }

    private fun tell(vararg networks: Pair<Int, List<UidBytes>>) {
        TheStatistics.networks =
            networks.associate { (network, rows) -> network to { rows } }
    }

    private fun read(): List<UidBytes>? = counters.read(setOf(10_087))

    @Test
    fun `without usage access nothing is told, which is not the same as no bytes`() {
        tell(TYPE_WIFI to wifi, TYPE_MOBILE to mobile)
        for (mode in listOf(AppOpsManager.MODE_DEFAULT, AppOpsManager.MODE_IGNORED)) {
            usageAccess(mode)
            assertFalse(UsageAccess.granted(context))
            assertEquals(emptyList<UidBytes>(), read())
            assertEquals(emptyList<Asked>(), TheStatistics.asked)
        }
        usageAccess(AppOpsManager.MODE_ALLOWED)
        assertTrue(UsageAccess.granted(context))
        assertEquals(both, read())
    }

    @Test
    fun `bytes of all networks and states are added up, and those of no UID left out`() {
        tell(
            TYPE_WIFI to wifi + UidBytes(-4, 9, 9) + UidBytes(10_087, 200, 20),
            TYPE_MOBILE to listOf(UidBytes(-5, 9, 9)) + mobile,
        )
        assertEquals(
            listOf(UidBytes(0, 7, 1), UidBytes(10_087, 1_250, 125), UidBytes(1_010_087, 3, 4)),
            read(),
        )
        assertEquals(listOf(TYPE_WIFI, TYPE_MOBILE), TheStatistics.asked.map { it.network })
        assertEquals(listOf(null, null), TheStatistics.asked.map { it.subscriber })
        assertEquals(0, TheStatistics.open)
    }

    @Test
    fun `a network that never answers takes nothing from the others`() {
        val failures: List<() -> List<UidBytes>> = listOf(
            { throw RemoteException() },
            { throw SecurityException() },
            { throw IllegalStateException() },
        )
        for (failure in failures) {
            TheStatistics.networks = mapOf(TYPE_WIFI to { wifi }, TYPE_MOBILE to failure)
            assertEquals(wifi, read())
        }
        tell(TYPE_WIFI to wifi)
        assertEquals(wifi, read())
    }

    @Test
    fun `without a network that was in the reading before there is no reading`() {
        tell(TYPE_WIFI to wifi, TYPE_MOBILE to mobile)
        assertEquals(both, read())
        TheStatistics.networks =
            mapOf(TYPE_WIFI to { wifi }, TYPE_MOBILE to { throw RemoteException() })
        assertNull(read())
        tell(TYPE_WIFI to wifi, TYPE_MOBILE to mobile)
        // Half of an answer is none.
        TheStatistics.torn = 1_010_087
        assertNull(read())
        assertEquals(0, TheStatistics.open)
        TheStatistics.torn = null
        assertEquals(both, read())
    }

    @Test
    fun `a network that answers late is compared with no reading that lacks it`() {
        tell(TYPE_WIFI to wifi)
        assertEquals(wifi, read())
        tell(TYPE_WIFI to wifi, TYPE_MOBILE to mobile)
        assertEquals(emptyList<UidBytes>(), read())
        assertEquals(both, read())
        assertEquals(both, read())
    }

    @Test
    fun `every reading asks from the beginning of the day in which the phone started`() {
        tell(TYPE_WIFI to wifi, TYPE_MOBILE to mobile)
        // Networks put a clock right by some seconds.
        for (seconds in listOf(0L, 30L, -20L)) {
            set = Duration.ofSeconds(seconds)
            assertEquals(both, read())
            assertEquals(clock(), TheStatistics.asked.last().until)
            ShadowSystemClock.advanceBy(Duration.ofHours(13))
        }
        // The same in blocks of two hours, of one, or of a day.
        val day = 1_779_753_600_000
        assertEquals(setOf(day), TheStatistics.asked.map { it.since }.toSet())
        assertEquals(0L, day % Duration.ofDays(1).toMillis())
        assertTrue(started - day in 0..Duration.ofDays(1).toMillis())
    }

    @Test
    fun `readings of before and after the clock was set are not compared`() {
        tell(TYPE_WIFI to wifi)
        set = Duration.ofMillis(-started)
        assertEquals(wifi, read())
        assertEquals(setOf(0L), TheStatistics.asked.map { it.since }.toSet())
        set = Duration.ZERO
        assertEquals(emptyList<UidBytes>(), read())
        assertEquals(wifi, read())
        assertEquals(1_779_753_600_000, TheStatistics.asked.last().since)
        set = Duration.ofDays(-2)
        assertEquals(emptyList<UidBytes>(), read())
        assertEquals(wifi, read())
        assertEquals(1_779_580_800_000, TheStatistics.asked.last().since)
    }

    @Test
    fun `after usage access was taken away and given again there is a reading to begin with`() {
        tell(TYPE_WIFI to wifi, TYPE_MOBILE to mobile)
        assertEquals(both, read())
        usageAccess(AppOpsManager.MODE_IGNORED)
        assertEquals(emptyList<UidBytes>(), read())
        usageAccess(AppOpsManager.MODE_ALLOWED)
        tell(TYPE_WIFI to wifi)
        assertEquals(wifi, read())
    }

    @Test
    fun `before Android 6 apps and daemons are asked one by one, and nobody has to allow it`() {
        usageAccess(AppOpsManager.MODE_IGNORED)
        TheStatistics.traffic = listOf(
            UidBytes(0, 5, 0),
            UidBytes(1_013, 8, 9),
            UidBytes(2_000, 0, 3),
            UidBytes(10_087, 1_000, -1),
            UidBytes(10_088, 0, 0),
            UidBytes(10_099, 6, 6),
        )
        val old = Counters(context, Build.VERSION_CODES.LOLLIPOP_MR1, clock)
        // 10099 is in no list, and nobody asks for it.
        assertEquals(
            listOf(
                UidBytes(0, 5, 0),
                UidBytes(1_013, 8, 9),
                UidBytes(2_000, 0, 3),
                UidBytes(10_087, 1_000, 0),
            ),
            old.read(setOf(10_087, 10_088, 10_089))?.sortedBy { it.uid },
        )
        // Bytes since the start of the phone, whatever its clock says.
        set = Duration.ofDays(2)
        assertEquals(4, old.read(setOf(10_087, 10_088, 10_089))?.size)
        assertEquals(emptyList<Asked>(), TheStatistics.asked)
    }

    @Test
    fun `before Android 6 nothing is told until the packages are known`() {
        TheStatistics.traffic = listOf(UidBytes(0, 5, 0), UidBytes(10_087, 1_000, 1))
        val old = Counters(context, Build.VERSION_CODES.KITKAT, clock)
        assertEquals(emptyList<UidBytes>(), old.read(emptySet()))
        assertEquals(2, old.read(setOf(10_087))?.size)
    }
}
