package org.portlog.service

import android.app.Notification
import android.app.NotificationManager
import android.content.Context
import android.os.Build
import org.junit.Assert.assertEquals
import org.junit.Assert.assertNotNull
import org.junit.Assert.assertNull
import org.junit.Assert.assertTrue
import org.junit.Before
import org.junit.Test
import org.junit.runner.RunWith
import org.portlog.core.Level
import org.portlog.core.Told
import org.portlog.core.ToldKind
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Config

/** Alerts as notifications: what stands in them, where they sound, and that none is there twice. */
@RunWith(RobolectricTestRunner::class)
@Config(sdk = [23, 28, 29, 34, 35])
class AlertNotificationsTest {
    private val context: Context = RuntimeEnvironment.getApplication()
    private val notices = Notices.of(context)
    private val notifications = AlertNotifications(context)

    @Before
    fun channels() = Channels.create(context)

    private fun shown(key: String): Notification? = shadowOf(notices).getNotification(key, 1)

    private fun words(shown: Notification, key: String): String? =
        shown.extras.getCharSequence(key)?.toString()

    @Test
    fun `a match has the core's words, sounds, and can be muted or looked at`() {
        val alert = alert()
        assertNull(notifications.show(alert))
        val shown = requireNotNull(shown(alert.key))
        assertEquals("com.example.sync", words(shown, Notification.EXTRA_TITLE))
        assertEquals(alert.text, words(shown, Notification.EXTRA_TEXT))
        assertEquals(alert.body, words(shown, Notification.EXTRA_BIG_TEXT))
        assertEquals(listOf("Mute", "Details"), shown.actions.map { it.title.toString() })
        assertEquals(alert.owner.key, shown.group)
        assertEquals(alert.lastSeen, shown.`when`)
        assertNotNull(shown.deleteIntent)
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.O) {
            assertEquals("match", shown.channelId)
            val channel = notices.getNotificationChannel("match")
            assertEquals(NotificationManager.IMPORTANCE_HIGH, channel.importance)
            assertNotNull(channel.sound)
        } else {
            assertEquals(Notification.PRIORITY_HIGH, shown.priority)
            assertTrue(shown.defaults and Notification.DEFAULT_SOUND != 0)
        }
    }

    @Test
    fun `a locked screen shows that there is something, and not what`() {
        val alert = alert()
        notifications.show(alert)
        val shown = requireNotNull(shown(alert.key))
        assertEquals(Notification.VISIBILITY_PRIVATE, shown.visibility)
        val outside = shown.publicVersion
        assertEquals("Portlog", words(outside, Notification.EXTRA_TITLE))
        assertEquals("A new finding.", words(outside, Notification.EXTRA_TEXT))
        assertNull(outside.actions)
    }

    @Test
    fun `a possible match is silent`() {
        val alert = alert(level = Level.POSSIBLE)
        notifications.show(alert)
        val shown = requireNotNull(shown(alert.key))
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.O) {
            assertEquals("possible", shown.channelId)
            val channel = notices.getNotificationChannel("possible")
            assertEquals(NotificationManager.IMPORTANCE_LOW, channel.importance)
        } else {
            assertEquals(Notification.PRIORITY_LOW, shown.priority)
            assertEquals(0, shown.defaults)
            assertNull(shown.sound)
        }
    }

    @Test
    fun `a match that the core bundles does not sound`() {
        val alert = alert(sounds = false)
        notifications.show(alert)
        val shown = requireNotNull(shown(alert.key))
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.O) {
            assertEquals("possible", shown.channelId)
        } else {
            assertEquals(0, shown.defaults)
        }
    }

    @Test
    fun `the same claim told again takes the place of what was shown, also by a new process`() {
        notifications.show(alert())
        AlertNotifications(context).show(alert(body = "Seen twice."))
        assertEquals(1, shadowOf(notices).size())
        val shown = requireNotNull(shown(alert().key))
        assertEquals("Seen twice.", words(shown, Notification.EXTRA_BIG_TEXT))
    }

    @Test
    fun `what is muted is not shown`() {
        assertNull(notifications.show(alert(muted = true)))
        assertEquals(0, shadowOf(notices).size())
    }

    @Test
    fun `two claims about one owner are two notifications in one bundle`() {
        notifications.show(alert(key = "a"))
        assertEquals(1, shadowOf(notices).size())
        notifications.show(alert(key = "b"))
        notifications.show(alert(key = "c", ownerKey = "uid:1000"))
        assertNotNull(shown("a"))
        assertNotNull(shown("b"))
        val bundle = shadowOf(notices).getNotification("uid:10087", 2)
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.N) {
            assertTrue(bundle.flags and Notification.FLAG_GROUP_SUMMARY != 0)
            assertEquals("uid:10087", bundle.group)
            assertNull(shadowOf(notices).getNotification("uid:1000", 2))
            notices.cancel("a", 1)
            notices.cancel("b", 1)
            notifications.tidy("uid:10087")
            assertNull(shadowOf(notices).getNotification("uid:10087", 2))
        } else {
            assertNull(bundle)
        }
    }

    @Test
    fun `a practice alert is marked, sounds, and asks whether it was noticed`() {
        notifications.show(alert(practice = true, sounds = false))
        val shown = requireNotNull(shown(alert().key))
        assertEquals("Practice: com.example.sync", words(shown, Notification.EXTRA_TITLE))
        assertEquals(
            listOf("I saw and heard it", "I did not hear it"),
            shown.actions.map { it.title.toString() },
        )
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.O) {
            assertEquals("match", shown.channelId)
        } else {
            assertTrue(shown.defaults and Notification.DEFAULT_SOUND != 0)
        }
    }

    @Test
    @Config(sdk = [28, 34, 35])
    fun `what the user switched off is known, and nothing is shown`() {
        shadowOf(notices).setNotificationsEnabled(false)
        assertEquals(NotificationProblem.APP_OFF, notifications.show(alert()))
        shadowOf(notices).setNotificationsEnabled(true)
        val off = notices.getNotificationChannel("match")
        off.importance = NotificationManager.IMPORTANCE_NONE
        notices.createNotificationChannel(off)
        assertEquals(NotificationProblem.CHANNEL_OFF, notifications.show(alert()))
        assertEquals(0, shadowOf(notices).size())
        assertNull(notifications.show(alert(level = Level.POSSIBLE)))
    }

    @Test
    fun `the day's noted things are one line without sound`() {
        val words = "3 trackers and 1 new destination were noted."
        notifications.showNoted(Told(0, 5_000, ToldKind.NOTED_SUMMARY, words, null, null, null))
        val shown = requireNotNull(shadowOf(notices).getNotification(null, 4))
        assertEquals(words, this.words(shown, Notification.EXTRA_TEXT))
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.O) {
            assertEquals("noted", shown.channelId)
        } else {
            assertEquals(Notification.PRIORITY_MIN, shown.priority)
        }
    }

    @Test
    fun `after muting, the way back is offered`() {
        notifications.show(alert(key = "a"))
        notifications.show(alert(key = "b"))
        notifications.showMuted("uid:10087", "com.example.sync", listOf("a", "b"))
        assertNull(shown("a"))
        assertNull(shown("b"))
        val muted = requireNotNull(shadowOf(notices).getNotification("uid:10087", 3))
        assertEquals("Muted: com.example.sync", words(muted, Notification.EXTRA_TITLE))
        assertEquals(listOf("Take back"), muted.actions.map { it.title.toString() })
        notifications.hideMuted("uid:10087")
        assertEquals(0, shadowOf(notices).size())
    }
}
