package org.portlog.screens

import android.app.Activity
import android.view.View
import android.view.ViewGroup
import android.widget.AdapterView
import android.widget.ListView
import android.widget.ScrollView
import android.widget.TextView
import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Rule
import org.junit.Test
import org.junit.runner.RunWith
import org.portlog.R
import org.portlog.screens.parts.Look
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.annotation.Config

/** Every screen with a screen reader, a large finger, large text, and from right to left. */
@RunWith(RobolectricTestRunner::class)
@Config(
    sdk = [28, 35],
    qualifiers = "w320dp-h480dp-xhdpi",
    application = StagedApplication::class,
)
class AccessibilityTest {
    @get:Rule
    val stage = Stage()

    private fun everywhere(check: (String, Activity) -> Unit) {
        stage.furnish()
        for ((name, intent) in stage.everyScreen()) {
            val screen = stage.openFilled(name, intent)
            check(name, screen.get())
            unfold(screen.get())
            check("$name, unfolded", screen.get())
            for (list in screen.get().views().filterIsInstance<ListView>().toList()) {
                for (row in 1 until list.count) {
                    list.setSelection(row)
                    until("the row is laid out") { true }
                    check("$name, row $row", screen.get())
                }
            }
            screen.pause().stop()
        }
    }

    /** Opens what can be opened: the filter, the coverage, what is folded in the cards. */
    private fun unfold(screen: Activity) {
        val filter = screen.getString(R.string.filter_open)
        screen.views().firstOrNull { it.contentDescription == filter }?.performClick()
        screen.views().filterIsInstance<TextView>()
            .filter { it.compoundDrawablesRelative[2] != null && it.isClickable }
            .toList()
            .forEach { it.performClick() }
        until("it is laid out") { true }
    }

    @Test
    fun `what can be touched has a name and the size of a finger`() = everywhere { name, screen ->
        val least = Look(screen).dp(Look.TOUCH)
        for (view in screen.views().filter { it.isClickable && it.width > 0 && !isRowOfList(it) }) {
            val words = (view as? TextView)?.text?.takeIf { it.isNotEmpty() }
            val label = words ?: (view as? TextView)?.hint ?: view.contentDescription
            assertTrue("$name: $view has no name", !label.isNullOrEmpty())
            assertTrue("$name: \"$label\" is ${view.width} wide", view.width >= least)
            assertTrue("$name: \"$label\" is ${view.height} high", view.height >= least)
        }
    }

    private fun isRowOfList(view: View): Boolean =
        view is AdapterView<*> || view is ScrollView || view.id == android.R.id.content

    @Test
    fun `no text is smaller than the least size`() = everywhere { name, screen ->
        val least = Look.CAPTION * screen.resources.displayMetrics.scaledDensity
        for (view in screen.views().filterIsInstance<TextView>().filter { it.text.isNotEmpty() }) {
            assertTrue("$name: \"${view.text}\" at ${view.textSize}", view.textSize >= least - 0.5f)
        }
    }

    @Test
    fun `text of twice the size is not cut`() {
        RuntimeEnvironment.setFontScale(2f)
        everywhere(::assertNothingCut)
    }

    @Test
    @Config(qualifiers = "+hi")
    fun `text of twice the size is not cut in Hindi`() {
        RuntimeEnvironment.setFontScale(2f)
        everywhere(::assertNothingCut)
    }

    private fun assertNothingCut(name: String, screen: Activity) {
        for (view in screen.views().filterIsInstance<TextView>()) {
            val layout = view.layout ?: continue
            if (view.text.isEmpty() || view is android.widget.EditText) continue
            val what = "$name: \"${view.text}\""
            val shortened = (0 until layout.lineCount).sumOf { layout.getEllipsisCount(it) }
            assertEquals("$what is shortened", 0, shortened)
            val room = view.height - view.totalPaddingTop - view.totalPaddingBottom
            assertTrue("$what needs ${layout.height} and has $room", layout.height <= room + 1)
            val wide = view.width - view.totalPaddingLeft - view.totalPaddingRight
            for (line in 0 until layout.lineCount) {
                val needs = layout.getLineMax(line)
                val has = wide + 1 + kerning(view.text, layout.getLineEnd(line), view.textSize)
                assertTrue("$what is wider than its place: $needs and has $wide", needs <= has)
            }
            assertInside(what, view)
        }
    }

    /**
     * What a line may need beyond its place: where a word without a place to break (a key) is
     * broken, Android measures its last letter as closer to the next one than it is then drawn.
     */
    private fun kerning(text: CharSequence, end: Int, size: Float): Float {
        val insideWord = end in 1 until text.length &&
            !text[end - 1].isWhitespace() && !text[end].isWhitespace()
        return if (insideWord) KERNING_EMS * size else 0f
    }

    /** No parent that does not scroll is smaller than the text in it. */
    private fun assertInside(what: String, view: View) {
        val parent = view.parent as? ViewGroup ?: return
        assertTrue("$what leaves its place", view.left >= 0 && view.right <= parent.width)
    }

    @Test
    fun `no word of letters is broken`() = everywhere { name, screen ->
        for (view in screen.views().filterIsInstance<TextView>()) {
            val layout = view.layout ?: continue
            for (line in 0 until layout.lineCount - 1) {
                val end = layout.getLineEnd(line)
                val around =
                    view.text.substring(maxOf(0, end - 1), minOf(view.text.length, end + 1))
                assertTrue(
                    "$name: \"${view.text}\" is broken at \"$around\"",
                    !around.all { it.isLetter() } || isName(view.text, end),
                )
            }
        }
    }

    /** Whether a line ends within a package's name, an address or a checksum: without spaces. */
    private fun isName(text: CharSequence, at: Int): Boolean {
        val from = text.lastIndexOf(' ', at - 1) + 1
        val to = text.indexOf(' ', at).let { if (it < 0) text.length else it }
        return text.substring(from, to).any { !it.isLetter() && it !in ",.;:)" } ||
            text.substring(from, to).trimEnd('.', ',').contains('.') || to - from > LONGEST_WORD
    }

    private companion object {
        const val LONGEST_WORD = 30

        /** More than the fonts of Android have for any pair. */
        const val KERNING_EMS = 0.15f
    }

    @Test
    @Config(qualifiers = "+ar-ldrtl")
    fun `from right to left the screens are mirrored`() = everywhere { name, screen ->
        assertEquals(name, View.LAYOUT_DIRECTION_RTL, screen.window.decorView.layoutDirection)
        for (view in screen.views().filterIsInstance<TextView>()) {
            if (view.textAlignment != View.TEXT_ALIGNMENT_VIEW_START) continue
            assertEquals("$name: ${view.text}", View.LAYOUT_DIRECTION_RTL, view.layoutDirection)
        }
        val back = screen.views().firstOrNull { it.contentDescription == "Back" && it.width > 0 }
        if (back != null) {
            val place = IntArray(2).also(back::getLocationInWindow)[0]
            val middle = screen.window.decorView.width / 2
            assertTrue("$name: the way back is at $place", place > middle)
        }
    }
}
