package org.portlog.screens

import android.app.Activity
import android.app.Dialog
import android.content.Intent
import android.graphics.Bitmap
import android.graphics.Canvas
import android.graphics.Color
import android.view.View
import android.view.View.MeasureSpec
import android.widget.ListView
import android.widget.ScrollView
import java.io.File
import org.junit.Assert.assertFalse
import org.junit.Assert.assertTrue
import org.junit.Assume.assumeFalse
import org.robolectric.android.controller.ActivityController
import org.robolectric.shadows.ShadowAlertDialog

/** For pictures that the app's own code draws as the code does that is shipped, and that take minutes. */
fun onlyOverTheAppsOwnCode() = assumeFalse(System.getProperty("portlog.shipped").toBoolean())

/** Takes pictures of screens, one folder of target/screenshots each. */
class Camera(
    private val folder: String,
    private val opened: (name: String, intent: Intent) -> ActivityController<out Activity>,
) {
    /** Opens a screen, does [deed] there, and draws it. */
    fun shot(name: String, intent: Intent, deed: (Activity) -> Unit = {}) {
        val controller = open(name, intent)
        deed(controller.get())
        settle()
        keep(name, drawn(controller.get()))
        controller.pause().stop()
    }

    /** The same for a screen that is high enough for all that is on it. */
    fun whole(name: String, intent: Intent) {
        val controller = open(name, intent)
        val screen = controller.get()
        settle()
        keep(name, drawn(screen))
        for (view in screen.views().filter { it is ScrollView || it is ListView }) {
            assertFalse("$name: all of it is in the picture", view.canScrollVertically(1))
        }
        controller.pause().stop()
    }

    /** Opens a screen, and waits until it shows what the core told. */
    fun open(name: String, intent: Intent): ActivityController<out Activity> =
        opened(name, intent).also { repeat(10) { until("it shows it") { true } } }

    /** Draws the question that stands before a screen, in the place where the system puts it. */
    fun question(name: String, screen: Activity) {
        settle()
        val dialog: Dialog = ShadowAlertDialog.getLatestDialog()
        assertTrue(name, dialog.isShowing)
        val picture = drawn(screen)
        val canvas = Canvas(picture)
        canvas.drawColor(Color.argb(DIMMED, 0, 0, 0))
        val decor = requireNotNull(dialog.window).decorView
        val width = minOf(picture.width * 9 / 10, screen.look(DIALOG_DP))
        decor.measure(
            MeasureSpec.makeMeasureSpec(width, MeasureSpec.EXACTLY),
            MeasureSpec.makeMeasureSpec(picture.height, MeasureSpec.AT_MOST),
        )
        decor.layout(0, 0, decor.measuredWidth, decor.measuredHeight)
        canvas.translate(
            (picture.width - decor.width) / 2f,
            (picture.height - decor.height) / 2f,
        )
        decor.draw(canvas)
        keep(name, picture)
    }

    /** Lets what was done be laid out. */
    fun settle() = repeat(5) { until("it is laid out") { true } }

    /** A screen as it is now. */
    fun drawn(screen: Activity): Bitmap = screen.window.decorView.let { root: View ->
        Bitmap.createBitmap(root.width, root.height, Bitmap.Config.ARGB_8888)
            .also { root.draw(Canvas(it)) }
    }

    /** Puts a picture into its folder. */
    fun keep(name: String, picture: Bitmap) {
        assertDrawn(name, picture)
        // The target folder, whatever was run in it.
        val screenshots = File(System.getProperty("portlog.files"), "../../../screenshots")
        val file = File(screenshots, "$folder/$name.png")
        file.parentFile?.mkdirs()
        file.outputStream().use { picture.compress(Bitmap.CompressFormat.PNG, 100, it) }
    }

    private fun assertDrawn(name: String, picture: Bitmap) {
        val colors = HashSet<Int>()
        for (x in 0 until picture.width step 3) {
            for (y in 0 until picture.height step 3) colors += picture.getPixel(x, y)
        }
        assertTrue("$name is drawn in ${colors.size} colours", colors.size > FEW_COLORS)
    }

    private fun Activity.look(dp: Int): Int = (dp * resources.displayMetrics.density).toInt()

    private companion object {
        const val DIMMED = 140
        const val DIALOG_DP = 400
        const val FEW_COLORS = 8
    }
}
