package org.portlog.screens

import android.app.Activity
import android.graphics.Canvas
import android.graphics.Color
import android.graphics.Insets
import android.graphics.Paint
import android.graphics.Rect
import android.view.DisplayCutout
import android.view.View
import android.view.ViewGroup
import android.view.WindowInsets
import android.widget.ListView
import android.widget.ScrollView
import org.junit.Assert.assertTrue
import org.junit.Rule
import org.junit.Test
import org.junit.runner.RunWith
import org.portlog.core.Note
import org.portlog.core.NoteKind
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.annotation.Config

/**
 * Draws every screen into target/screenshots, to be looked at: by day and night, in each language,
 * with large text, on small and wide screens, below bars and a cutout, and on screens so high that
 * nothing has to be scrolled to. Its states are StateScreenshotTest's.
 *
 * A test can only say that something was drawn in the right place; whether it is good to look at
 * only people can.
 */
@RunWith(RobolectricTestRunner::class)
@Config(sdk = [35], application = StagedApplication::class)
class ScreenshotTest {
    @get:Rule
    val stage = Stage()

    @Test
    @Config(qualifiers = PHONE)
    fun day() = draw("day")

    @Test
    @Config(qualifiers = "$PHONE_SIZE-night-xhdpi")
    fun night() = draw("night")

    @Test
    @Config(qualifiers = "zh-rCN-$PHONE")
    fun `simplified Chinese`() = draw("zh-rCN")

    @Test
    @Config(qualifiers = "zh-rTW-$PHONE")
    fun `traditional Chinese`() = draw("zh-rTW")

    @Test
    @Config(qualifiers = "hi-$PHONE")
    fun hindi() = draw("hi")

    @Test
    @Config(qualifiers = "ar-ldrtl-$PHONE")
    fun `right to left`() = draw("rtl")

    @Test
    @Config(qualifiers = PHONE)
    fun `large text`() {
        RuntimeEnvironment.setFontScale(2f)
        draw("large")
    }

    @Test
    @Config(sdk = [28], qualifiers = "w320dp-h480dp-hdpi")
    fun `four inches`() = draw("small")

    @Test
    @Config(qualifiers = "w1280dp-h800dp-land-mdpi")
    fun tablet() = draw("tablet")

    @Test
    @Config(qualifiers = PHONE)
    fun `bars and a cutout`() = drawBelowBars()

    @Test
    @Config(qualifiers = TALL)
    fun `all of each screen`() = drawWhole("tall")

    @Test
    @Config(qualifiers = "$TALL_SIZE-night-xhdpi")
    fun `all of each screen by night`() = drawWhole("tall-night")

    @Test
    @Config(qualifiers = "zh-rCN-$TALL")
    fun `all of each screen in Chinese`() = drawWhole("tall-zh-rCN")

    @Test
    @Config(qualifiers = "hi-$TALL")
    fun `all of each screen in Hindi`() = drawWhole("tall-hi")

    @Test
    @Config(qualifiers = "w360dp-h9000dp-mdpi")
    fun `all of each screen in large text`() {
        RuntimeEnvironment.setFontScale(2f)
        drawWhole("tall-large")
    }

    @Test
    @Config(sdk = [28], qualifiers = "w320dp-h5000dp-mdpi")
    fun `all of each screen on four inches`() = drawWhole("tall-small")

    @Test
    @Config(qualifiers = "w360dp-h780dp-xhdpi", sdk = [28])
    fun readme() {
        stage.furnish()
        for ((name, intent) in stage.everyScreen().filterKeys { it == "watch" || it == "alert" }) {
            stage.camera("readme").shot("app-$name", intent)
        }
    }

    private fun draw(folder: String) {
        furnish()
        for ((name, intent) in stage.everyScreen()) stage.camera(folder).shot(name, intent)
    }

    private fun drawWhole(folder: String) {
        onlyOverTheAppsOwnCode()
        furnish()
        for ((name, intent) in stage.everyScreen()) stage.camera(folder).whole(name, intent)
    }

    private fun furnish() {
        stage.agent.note(Note(System.currentTimeMillis() - 7_200_000, NoteKind.Death(3), ""))
        stage.furnish()
    }

    private fun drawBelowBars() {
        furnish()
        val camera = stage.camera("bars")
        for ((name, intent) in stage.everyScreen()) {
            val controller = camera.open(name, intent)
            val screen = controller.get()
            withBars(screen.window.decorView)
            camera.settle()
            val picture = camera.drawn(screen)
            assertKeptClear(screen)
            drawBars(Canvas(picture))
            camera.keep(name, picture)
            controller.pause().stop()
        }
    }

    private fun withBars(root: View) {
        val insets = WindowInsets.Builder()
            .setInsets(WindowInsets.Type.statusBars(), Insets.of(0, TOP, 0, 0))
            .setInsets(WindowInsets.Type.navigationBars(), Insets.of(0, 0, 0, BOTTOM))
            .setInsets(WindowInsets.Type.displayCutout(), Insets.of(0, TOP, 0, 0))
            .setDisplayCutout(
                DisplayCutout(Insets.of(0, TOP, 0, 0), null, Rect(300, 0, 420, TOP), null, null),
            )
            .build()
        // The decor around it would keep them to itself, as it does below Android 15.
        val content = requireNotNull(root.findViewById<ViewGroup>(android.R.id.content))
        content.getChildAt(0).dispatchApplyWindowInsets(insets)
    }

    private fun assertKeptClear(screen: Activity) {
        val root = screen.window.decorView
        for (view in screen.views().filter { it.isClickable && it.width > 0 }) {
            val around = generateSequence(view.parent) { it.parent }
            if (around.any { it is ListView || it is ScrollView }) continue
            val place = IntArray(2).also(view::getLocationInWindow)
            assertTrue("$view is below the status bar", place[1] >= TOP)
            val foot = place[1] + view.height
            assertTrue("$view is above the navigation bar", foot <= root.height - BOTTOM)
        }
    }

    /** What the system draws over the app, as far as it matters here. */
    private fun drawBars(canvas: Canvas) {
        val ink = Paint(Paint.ANTI_ALIAS_FLAG).apply { color = Color.BLACK }
        canvas.drawRoundRect(300f, 12f, 420f, TOP - 12f, 24f, 24f, ink)
        canvas.drawCircle(60f, TOP / 2f, 10f, ink)
        canvas.drawRect(canvas.width - 90f, TOP / 2f - 10f, canvas.width - 60f, TOP / 2f + 10f, ink)
        val middle = canvas.width / 2f
        val low = canvas.height - BOTTOM / 2f
        canvas.drawRoundRect(middle - 110f, low - 4f, middle + 110f, low + 4f, 4f, 4f, ink)
    }

    private companion object {
        const val PHONE_SIZE = "w360dp-h720dp"
        const val PHONE = "$PHONE_SIZE-xhdpi"

        /** As high as the longest screen. */
        const val TALL_SIZE = "w360dp-h4000dp"
        const val TALL = "$TALL_SIZE-xhdpi"
        const val TOP = 64
        const val BOTTOM = 48
    }
}
