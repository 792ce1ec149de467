package org.portlog.screens

import android.app.Activity
import android.content.Intent
import android.graphics.Bitmap
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
import java.io.File
import org.junit.Assert.assertTrue
import org.junit.Rule
import org.junit.Test
import org.junit.runner.RunWith
import org.portlog.core.NoteKind
import org.portlog.core.Note
import org.portlog.core.SharePreset
import org.portlog.service.ScreenIntents
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.annotation.Config

/**
 * Draws every screen into target/screenshots, to be looked at: by day and night, in each language,
 * with large text, on small and wide screens, and below bars and a cutout.
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
    fun `bars and a cutout`() = draw("bars", bars = true)

    @Test
    @Config(qualifiers = "w360dp-h780dp-xhdpi", sdk = [28])
    fun readme() {
        stage.furnish()
        for ((name, intent) in stage.everyScreen().filterKeys { it == "watch" || it == "alert" }) {
            shot("readme", "app-$name", intent)
        }
    }

    @Test
    @Config(qualifiers = PHONE)
    fun `states of the watch`() {
        shot("states", "stopped", main())
        stage.list("203.0.113.7\n")
        stage.watch()
        shot("states", "quiet", main())
        shot("states", "alerts-none", main(ScreenIntents.PAGE_ALERTS))
        for (table in listOf("tcp", "tcp6", "udp", "udp6")) stage.tree.deny(table)
        until("it is refused") { stage.agent.stats().state == org.portlog.core.SessionState.DENIED }
        shot("states", "denied", main())
        stage.agent.setLists(org.portlog.core.ListChange.Remove(1))
        shot("states", "lists-none", main(ScreenIntents.PAGE_LISTS))
    }

    @Test
    @Config(qualifiers = PHONE)
    fun `what is folded`() {
        stage.furnish()
        shot("folded", "filter", main()) {
            it.described(it.getString(org.portlog.R.string.filter_open)).performClick()
        }
        shot("folded", "search", main()) {
            it.described(it.getString(org.portlog.R.string.search_open)).performClick()
        }
        shot("folded", "coverage", main()) { screen ->
            screen.views().filterIsInstance<android.widget.TextView>()
                .first { it.text.startsWith("What can be seen") }.performClick()
        }
        shot("folded", "list", main(ScreenIntents.PAGE_LISTS)) {
            it.text("1 line could not be used").performClick()
        }
        for (step in 0..3) {
            shot("folded", "guide-$step", ScreenIntents.guide(stage.app)) { screen ->
                repeat(step) { i ->
                    screen.text(if (i == 0) "Begin" else "Next").performClick()
                }
            }
        }
    }

    @Test
    @Config(qualifiers = PHONE)
    fun `what the signed log leads to`() {
        stage.furnish()
        shot("log", "preview", Intent(stage.app, ExportActivity::class.java)) { screen ->
            screen.text("See what a reader will see").performClick()
            until("the preview") { "Share the file" in screen.words() }
        }
        shot("log", "more", main("log")) { it.text("More about this log").performClick() }
        shot("log", "settings", ScreenIntents.settings(stage.app)) { screen ->
            until("the log's settings") { "Keep a signed log" in screen.words() }
            val scroll = screen.views().first { it is ScrollView }
            scroll.scrollTo(0, scroll.height)
        }
        shot("log", "test", Intent(stage.app, TestActivity::class.java)) { screen ->
            screen.text("Begin the test").performClick()
            screen.text("Done: set the mark").performClick()
            until("it waits") { " to go." in screen.words() }
        }
        OtherPhone().use { other ->
            other.watch()
            val text = other.export(SharePreset.EVERYTHING).readText()
            shot("log", "verdict", Doors.openText(stage.app, text)) { screen ->
                until("the verdict") { "It checks" in screen.words() }
            }
        }
    }

    private fun main(page: String = ScreenIntents.PAGE_WATCH) = ScreenIntents.main(stage.app, page)

    private fun draw(folder: String, bars: Boolean = false) {
        stage.agent.note(Note(System.currentTimeMillis() - 7_200_000, NoteKind.Death(3), ""))
        stage.furnish()
        for ((name, intent) in stage.everyScreen()) shot(folder, name, intent, bars)
    }

    private fun shot(
        folder: String,
        name: String,
        intent: Intent,
        bars: Boolean = false,
        deed: (Activity) -> Unit = {},
    ) {
        val controller = stage.openFilled(name, intent)
        val screen = controller.get()
        val root = screen.window.decorView
        if (bars) withBars(root)
        repeat(10) { until("it shows what the core told") { true } }
        deed(screen)
        repeat(5) { until("it is laid out") { true } }
        val picture = Bitmap.createBitmap(root.width, root.height, Bitmap.Config.ARGB_8888)
        root.draw(Canvas(picture))
        if (bars) {
            assertKeptClear(screen)
            drawBars(Canvas(picture))
        }
        assertDrawn(name, picture)
        // The target folder, whatever was run in it.
        val screenshots = File(System.getProperty("portlog.files"), "../../../screenshots")
        val file = File(screenshots, "$folder/$name.png")
        file.parentFile?.mkdirs()
        file.outputStream().use { picture.compress(Bitmap.CompressFormat.PNG, 100, it) }
        controller.pause().stop()
    }

    private fun assertDrawn(name: String, picture: Bitmap) {
        val colors = HashSet<Int>()
        for (x in 0 until picture.width step 3) {
            for (y in 0 until picture.height step 3) colors += picture.getPixel(x, y)
        }
        assertTrue("$name is drawn in ${colors.size} colours", colors.size > 8)
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
        const val TOP = 64
        const val BOTTOM = 48
    }
}
