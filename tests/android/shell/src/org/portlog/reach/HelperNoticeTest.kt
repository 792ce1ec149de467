package org.portlog.reach

import android.app.Application
import android.app.Notification
import android.os.Build
import android.provider.Settings
import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Before
import org.junit.Test
import org.junit.runner.RunWith
import org.portlog.core.HelperPhase
import org.portlog.service.Notices
import org.portlog.service.WatchSettings
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Config

/** That the helper is gone is said: once, with the reason, and only to who wanted one. */
@RunWith(RobolectricTestRunner::class)
@Config(sdk = [23, 28, 29, 34, 35])
class HelperNoticeTest {
    private val app: Application = RuntimeEnvironment.getApplication()
    private var now = 1_000L
    private val notice = HelperNotice(app) { now }

    private fun shown(): String? = shadowOf(Notices.of(app)).getNotification(HelperNotice.ID)
        ?.extras?.getCharSequence(Notification.EXTRA_TEXT)?.toString()

    private fun adb(on: Boolean) {
        Settings.Global.putInt(app.contentResolver, Settings.Global.ADB_ENABLED, if (on) 1 else 0)
    }

    @Before
    fun debuggingIsOn() {
        adb(true)
        // From 7.0 on a start of the phone is known by its number.
        Settings.Global.putInt(app.contentResolver, "boot_count", 7)
    }

    @Test
    fun `nobody is told of a helper that was never there`() {
        notice.look(HelperPhase.NEVER)
        now += 10 * HelperNotice.PATIENCE_MILLIS
        notice.look(HelperPhase.NEVER)
        assertEquals(null, shown())
    }

    @Test
    fun `one that does not answer is given time, said once, and taken back`() {
        notice.look(HelperPhase.CONNECTED)
        notice.look(HelperPhase.LOST)
        assertEquals(null, shown())
        now += HelperNotice.PATIENCE_MILLIS - 1
        notice.look(HelperPhase.LOST)
        assertEquals(null, shown())
        now += 1
        notice.look(HelperPhase.LOST)
        assertTrue(shown(), shown().orEmpty().contains("does not answer"))
        val notification = shadowOf(Notices.of(app)).getNotification(HelperNotice.ID)
        val tapped = shadowOf(notification.contentIntent)
        assertEquals(
            "org.portlog.screens.HelperActivity",
            tapped.savedIntent.component?.className,
        )

        Notices.of(app).cancelAll()
        now += HelperNotice.PATIENCE_MILLIS
        notice.look(HelperPhase.LOST)
        assertEquals("once is enough", null, shown())

        notice.look(HelperPhase.CONNECTED)
        notice.look(HelperPhase.LOST)
        now += HelperNotice.PATIENCE_MILLIS
        notice.look(HelperPhase.LOST)
        assertTrue("the next time is another", shown() != null)
        notice.look(HelperPhase.CONNECTED)
        assertEquals(null, shown())
    }

    @Test
    fun `with debugging off it cannot come back, and that is said at once`() {
        notice.look(HelperPhase.CONNECTED)
        adb(false)
        notice.look(HelperPhase.LOST)
        assertTrue(shown(), shown().orEmpty().startsWith("USB debugging was switched off"))
    }

    @Test
    @Config(sdk = [28, 29, 34, 35])
    fun `after a restart of the phone it cannot come back, and that is said at once`() {
        notice.look(HelperPhase.CONNECTED)
        Settings.Global.putInt(app.contentResolver, "boot_count", 8)
        // Another process, another session: it knows of none.
        HelperNotice(app) { now }.look(HelperPhase.NEVER)
        assertTrue(shown(), shown().orEmpty().startsWith("The phone was restarted"))
    }

    @Test
    fun `that others asked for its place is said once, without a sound`() {
        notice.refused(0)
        val notices = shadowOf(Notices.of(app))
        assertEquals(null, notices.getNotification(HelperNotice.REFUSED_ID))
        notice.refused(3)
        val shown = notices.getNotification(HelperNotice.REFUSED_ID)
        val text = shown.extras.getCharSequence(Notification.EXTRA_TEXT).toString()
        assertTrue(text, text.endsWith("was refused: 3 times."))
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.O) assertEquals("noted", shown.channelId)
        Notices.of(app).cancelAll()
        notice.refused(4)
        assertEquals(null, notices.getNotification(HelperNotice.REFUSED_ID))
    }

    @Test
    fun `one that was told to end is missed by nobody`() {
        notice.look(HelperPhase.CONNECTED)
        assertTrue(WatchSettings(app).helperWanted)
        notice.look(HelperPhase.STOPPED)
        now += 2 * HelperNotice.PATIENCE_MILLIS
        notice.look(HelperPhase.NEVER)
        adb(false)
        notice.look(HelperPhase.NEVER)
        assertEquals(null, shown())
    }
}
