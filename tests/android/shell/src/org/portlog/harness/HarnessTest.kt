package org.portlog.harness

import android.app.Activity
import android.app.Notification
import android.app.Service
import android.content.Intent
import android.graphics.Bitmap
import android.graphics.Canvas
import android.graphics.Color
import android.os.Build
import android.os.IBinder
import android.widget.TextView
import org.junit.Assert.assertEquals
import org.junit.Assert.assertSame
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.portlog.core.Agent
import org.robolectric.Robolectric
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Config

/** That the harness is one: the real framework of each level, drawing for real, and one core for all. */
@RunWith(RobolectricTestRunner::class)
class HarnessTest {
    class BareService : Service() {
        override fun onBind(intent: Intent?): IBinder? = null

        override fun onStartCommand(intent: Intent?, flags: Int, startId: Int): Int {
            startForeground(1, Notification.Builder(this).setContentTitle("here").build())
            return START_STICKY
        }
    }

    @Test
    fun `the framework is of the level that was asked for`() {
        assertEquals(RuntimeEnvironment.getApiLevel(), Build.VERSION.SDK_INT)
        assertTrue(Build.VERSION.SDK_INT in listOf(23, 28, 29, 34, 35))
    }

    @Test
    fun `a service comes to the foreground with its notification`() {
        val service = Robolectric.buildService(BareService::class.java).create().startCommand(0, 1).get()
        val shown = shadowOf(service).lastForegroundNotification
        assertEquals("here", shown.extras.getCharSequence(Notification.EXTRA_TITLE).toString())
    }

    /** Robolectric draws for real from 26 on; below, it only follows what would be drawn. */
    @Config(sdk = [28, 29, 34, 35])
    @Test
    fun `an activity draws its text`() {
        val activity = Robolectric.buildActivity(Activity::class.java).setup().get()
        val view = TextView(activity).apply {
            text = "████"
            setTextColor(Color.RED)
            setBackgroundColor(Color.WHITE)
        }
        activity.setContentView(view)
        shadowOf(activity.mainLooper).idle()
        val picture = Bitmap.createBitmap(200, 60, Bitmap.Config.ARGB_8888)
        view.layout(0, 0, 200, 60)
        view.draw(Canvas(picture))
        val colours = (0 until 200).flatMap { x -> (0 until 60).map { y -> picture.getPixel(x, y) } }
        assertTrue("the ground is painted", Color.WHITE in colours)
        assertTrue("the text is painted", Color.RED in colours)
    }

    @Test
    fun `the app's resources are those of its own build`() {
        val application = RuntimeEnvironment.getApplication()
        assertEquals("Portlog", application.getString(org.portlog.R.string.app_name))
        assertEquals("org.portlog", application.packageName)
    }

    @Test
    fun `the core is the same class for every level`() {
        assertSame(ClassLoader.getSystemClassLoader(), Agent::class.java.classLoader)
    }
}
