package org.portlog.feeds

import android.app.AppOpsManager
import android.content.Context
import android.os.Process
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Config

/** Bytes by UID are asked for only where the user allowed it. */
@RunWith(RobolectricTestRunner::class)
@Config(sdk = [23, 28, 29, 34, 35])
class CountersTest {
    private val context: Context = RuntimeEnvironment.getApplication()

    private fun usageAccess(mode: Int) {
        val operations = context.getSystemService(Context.APP_OPS_SERVICE) as AppOpsManager
        shadowOf(operations).setMode(
            AppOpsManager.OPSTR_GET_USAGE_STATS,
            Process.myUid(),
            context.packageName,
            mode,
        )
    }

    @Test
    fun `without usage access nothing is told, which is not the same as no bytes`() {
        for (mode in listOf(AppOpsManager.MODE_DEFAULT, AppOpsManager.MODE_IGNORED)) {
            usageAccess(mode)
            assertFalse(UsageAccess.granted(context))
            assertEquals(emptyList<Any>(), Counters(context).read(setOf(10_087)))
        }
        usageAccess(AppOpsManager.MODE_ALLOWED)
        assertTrue(UsageAccess.granted(context))
    }
}
