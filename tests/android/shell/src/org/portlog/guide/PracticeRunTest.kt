package org.portlog.guide

import android.app.Notification
import android.app.NotificationManager
import android.media.AudioManager
import android.content.Context
import android.os.Build
import org.junit.Assert.assertEquals
import org.junit.Assert.assertNotNull
import org.junit.Assert.assertTrue
import org.junit.Rule
import org.junit.Test
import org.junit.runner.RunWith
import org.portlog.core.LinkState
import org.portlog.core.PracticeReport
import org.portlog.core.PracticeStep
import org.portlog.service.Channels
import org.portlog.service.Notices
import org.portlog.service.NotificationProblem
import org.portlog.service.WatchSettings
import org.portlog.service.Watching
import org.portlog.service.press
import org.portlog.service.words
import org.robolectric.RobolectricTestRunner
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Config

/** The practice alert, over a real connection within this machine. */
@RunWith(RobolectricTestRunner::class)
@Config(sdk = [23, 28, 29, 34, 35])
class PracticeRunTest {
    @get:Rule
    val watch = Watching()

    private fun report(): PracticeReport = watch.ask { it.practice(PracticeStep.Look) }

    private fun states(): List<LinkState> = report().links.map { it.state }

    @Test
    fun `every link holds, and the user says so in the notification`() {
        watch.start()
        PracticeRun(watch.application).begin({}) {}
        watch.eventually("the practice alert is shown") { watch.alerts().isNotEmpty() }
        val shown = watch.alerts().single()
        assertTrue(shown.words(Notification.EXTRA_TITLE).startsWith("Practice: "))
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.O) assertEquals("match", shown.channelId)
        watch.eventually("all but the last link hold") {
            states() == List(5) { LinkState.PASSED } + LinkState.WAITING
        }
        shown.press(watch.application, "I saw and heard it")
        watch.eventually("every link holds") { states() == List(6) { LinkState.PASSED } }
        val passed = report().lastPassed
        assertNotNull(passed)
        watch.eventually("the guide knows") { WatchSettings(watch.application).practicePassed > 0 }
        assertEquals(0, watch.alerts().size)
        watch.die()
        assertEquals("a process that was started anew knows it", passed, report().lastPassed)
    }

    @Test
    fun `what was not heard is a link that failed`() {
        watch.start()
        PracticeRun(watch.application).begin({}) {}
        watch.eventually("the practice alert is shown") { watch.alerts().isNotEmpty() }
        watch.alerts().single().press(watch.application, "I did not hear it")
        watch.eventually("the last link failed") { states().last() == LinkState.FAILED }
        assertEquals(0L, WatchSettings(watch.application).practicePassed)
    }

    @Test
    fun `a watch that does not run is started first`() {
        PracticeRun(watch.application).begin({}) {}
        watch.carryOut()
        watch.eventually("the practice alert is shown") { watch.alerts().isNotEmpty() }
    }

    @Test
    @Config(sdk = [28, 34])
    fun `notifications that are switched off are the link that failed`() {
        shadowOf(Notices.of(watch.application)).setNotificationsEnabled(false)
        watch.start()
        PracticeRun(watch.application).begin({}) {}
        watch.eventually("the notification's link failed") { states()[4] == LinkState.FAILED }
        assertEquals(List(4) { LinkState.PASSED }, states().take(4))
        assertEquals(
            NotificationProblem.APP_OFF,
            PracticeRun(watch.application).problems().first(),
        )
    }

    @Test
    fun `what makes an alert unheard is named`() {
        Channels.create(watch.application)
        val run = PracticeRun(watch.application)
        val audio = watch.application.getSystemService(Context.AUDIO_SERVICE) as AudioManager
        val notices = Notices.of(watch.application)
        audio.setStreamVolume(AudioManager.STREAM_NOTIFICATION, 5, 0)
        audio.ringerMode = AudioManager.RINGER_MODE_NORMAL
        notices.setInterruptionFilter(NotificationManager.INTERRUPTION_FILTER_ALL)
        assertEquals(emptyList<NotificationProblem>(), run.problems())
        audio.ringerMode = AudioManager.RINGER_MODE_VIBRATE
        assertEquals(listOf(NotificationProblem.PHONE_SILENT), run.problems())
        audio.ringerMode = AudioManager.RINGER_MODE_NORMAL
        shadowOf(notices).setNotificationPolicyAccessGranted(true)
        notices.setInterruptionFilter(NotificationManager.INTERRUPTION_FILTER_PRIORITY)
        assertEquals(listOf(NotificationProblem.DO_NOT_DISTURB), run.problems())
    }
}
