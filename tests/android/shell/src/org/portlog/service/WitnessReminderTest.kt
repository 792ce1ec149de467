package org.portlog.service

import android.app.Notification
import org.junit.Assert.assertEquals
import org.junit.Rule
import org.junit.Test
import org.junit.runner.RunWith
import org.portlog.core.Told
import org.portlog.core.ToldKind
import org.portlog.screens.Stage
import org.portlog.screens.StagedApplication
import org.portlog.screens.until
import org.robolectric.RobolectricTestRunner
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Config

/** The quiet reminder: after a match and once a day, where it is wanted and nobody saw the log. */
@RunWith(RobolectricTestRunner::class)
@Config(sdk = [23, 28, 34], application = StagedApplication::class)
class WitnessReminderTest {
    @get:Rule
    val stage = Stage()

    private val beat = listOf(Told(0, 1, ToldKind.HEARTBEAT, "", null, null, null))

    private fun shown(): List<Notification> = shadowOf(Notices.of(stage.app)).allNotifications
        .filter { "witness" in it.extras.getCharSequence(Notification.EXTRA_TITLE).toString() }

    private fun happened(told: List<Told>, now: Long) =
        WitnessReminder(stage.app).happened(stage.agent, told, now)

    @Test
    fun `it comes at most once a day, and leads to the code`() {
        stage.furnish()
        happened(beat, NOW)
        val reminder = shown().single()
        val intent = shadowOf(reminder.contentIntent).savedIntent
        assertEquals("org.portlog.screens.CheckpointActivity", intent.component?.className)
        Notices.of(stage.app).cancelAll()
        happened(beat, NOW + HOUR)
        assertEquals(0, shown().size)
        happened(beat, NOW + 25 * HOUR)
        assertEquals(1, shown().size)
    }

    @Test
    fun `after a match it comes at once, after anything else it does not`() {
        stage.furnish()
        WatchSettings(stage.app).witnessReminded = NOW
        val all = ArrayList<Told>()
        until("the match is told") {
            all += stage.agent.nextEvents(0).orEmpty()
            all.any { it.alert?.sounds == true }
        }
        happened(all.filter { it.alert?.sounds != true }, NOW + HOUR)
        assertEquals(0, shown().size)
        happened(all, NOW + HOUR)
        assertEquals(1, shown().size)
    }

    @Test
    fun `who does not want it is not reminded`() {
        stage.furnish()
        WatchSettings(stage.app).witnessReminder = false
        happened(beat, NOW)
        assertEquals(0, shown().size)
    }

    private companion object {
        const val NOW = 1_790_000_000_000
        const val HOUR = 3_600_000L
    }
}
