package org.portlog.screens.parts

import android.content.Context
import android.graphics.Typeface
import android.graphics.drawable.Drawable
import android.graphics.drawable.GradientDrawable
import android.graphics.drawable.StateListDrawable
import org.portlog.R
import org.portlog.core.Level

/**
 * The colours, sizes and surfaces of the day or the night, as the context's configuration says.
 *
 * Colours come from the resources alone, so that a test can hold every pair of them against the
 * contrast that people need.
 */
class Look(private val context: Context) {
    private val density = context.resources.displayMetrics.density

    val ground = color(R.color.ground)
    val surface = color(R.color.surface)
    val raised = color(R.color.raised)
    val ink = color(R.color.ink)
    val soft = color(R.color.ink_soft)
    val hairline = color(R.color.hairline)
    val accent = color(R.color.accent)
    val onAccent = color(R.color.on_accent)
    val match = color(R.color.level_match)
    val possible = color(R.color.level_possible)
    val noted = color(R.color.level_noted)
    val good = color(R.color.good)
    private val pressed = color(R.color.pressed)

    /** Density-independent pixels in pixels. */
    fun dp(value: Int): Int = (value * density + 0.5f).toInt()

    /** As [dp], for a sign beside text: it grows with the user's size of text, up to a limit. */
    fun sign(value: Int): Int =
        (dp(value) * context.resources.configuration.fontScale.coerceIn(1f, LARGEST_SIGN)).toInt()

    /** The colour that goes with a level's shape and word. */
    fun of(level: Level): Int = when (level) {
        Level.MATCH -> match
        Level.POSSIBLE -> possible
        Level.NOTED -> noted
    }

    /** A plain surface with rounded corners. */
    fun card(): Drawable = rounded(surface, hairline)

    /** A surface that can be pressed and focused. */
    fun pressableCard(): Drawable = states(
        rest = rounded(surface, hairline),
        pressed = rounded(pressed, hairline),
        focused = rounded(surface, accent, strokeDp = 2),
    )

    /** A row of a list that can be pressed and focused. */
    fun pressableRow(): Drawable = states(
        rest = flat(ground),
        pressed = flat(pressed),
        focused = rounded(ground, accent, strokeDp = 2, radiusDp = 0),
    )

    /** A part of the header that can be pressed and focused. */
    fun pressableGlyph(): Drawable = states(
        rest = flat(0),
        pressed = rounded(pressed, 0, strokeDp = 0, radiusDp = 24),
        focused = rounded(0, accent, strokeDp = 2, radiusDp = 24),
    )

    /** A tab that can be pressed and focused. */
    fun pressableTab(): Drawable = states(
        rest = flat(0),
        pressed = flat(pressed),
        focused = rounded(0, accent, strokeDp = 2),
    )

    /** The one button that matters most. */
    fun filledButton(): Drawable = states(
        rest = rounded(accent, accent),
        pressed = rounded(color(R.color.accent_pressed), accent),
        focused = rounded(accent, ink, strokeDp = 3),
    )

    /** Any other button. */
    fun outlinedButton(): Drawable = states(
        rest = rounded(0, color(R.color.outline)),
        pressed = rounded(pressed, color(R.color.outline)),
        focused = rounded(0, accent, strokeDp = 3),
    )

    /** A choice among several: filled when it is the chosen one. */
    fun chip(): Drawable {
        val radius = 20
        return StateListDrawable().apply {
            addState(
                intArrayOf(android.R.attr.state_checked, android.R.attr.state_focused),
                rounded(color(R.color.chosen), ink, strokeDp = 3, radiusDp = radius),
            )
            addState(
                intArrayOf(android.R.attr.state_checked),
                rounded(color(R.color.chosen), accent, strokeDp = 2, radiusDp = radius),
            )
            addState(
                intArrayOf(android.R.attr.state_pressed),
                rounded(pressed, color(R.color.outline), radiusDp = radius),
            )
            addState(
                intArrayOf(android.R.attr.state_focused),
                rounded(0, accent, strokeDp = 3, radiusDp = radius),
            )
            addState(intArrayOf(), rounded(0, color(R.color.outline), radiusDp = radius))
        }
    }

    /** What a text field stands on. */
    fun field(): Drawable = states(
        rest = rounded(raised, color(R.color.outline)),
        pressed = rounded(raised, color(R.color.outline)),
        focused = rounded(raised, accent, strokeDp = 2),
    )

    /** A surface that is set off from its card, such as a reason or a gap. */
    fun inset(): Drawable = rounded(raised, hairline)

    private fun states(rest: Drawable, pressed: Drawable, focused: Drawable): Drawable =
        StateListDrawable().apply {
            addState(intArrayOf(android.R.attr.state_pressed), pressed)
            addState(intArrayOf(android.R.attr.state_focused), focused)
            addState(intArrayOf(), rest)
        }

    private fun rounded(
        fill: Int,
        stroke: Int,
        strokeDp: Int = 1,
        radiusDp: Int = CORNER,
    ): Drawable = GradientDrawable().apply {
        setColor(fill)
        cornerRadius = dp(radiusDp).toFloat()
        if (strokeDp > 0) setStroke(dp(strokeDp), stroke)
    }

    private fun flat(fill: Int): Drawable = GradientDrawable().apply { setColor(fill) }

    // `Context.getColor` came with Android 6.
    @Suppress("DEPRECATION")
    private fun color(id: Int): Int = context.resources.getColor(id)

    companion object {
        /** Sizes of text, in scaled pixels; none is smaller than [CAPTION]. */
        const val TITLE = 20f
        const val HEADING = 17f
        const val BODY = 16f
        const val SMALL = 14f
        const val CAPTION = 12f

        /** The least size of what can be touched, in density-independent pixels. */
        const val TOUCH = 48

        /** The widest that text is laid out, in density-independent pixels. */
        const val READABLE = 640

        private const val CORNER = 6
        private const val LARGEST_SIGN = 1.6f

        /** For addresses, so that digits stand under one another. */
        val MONO: Typeface = Typeface.MONOSPACE

        /** For names and headings. */
        val STRONG: Typeface = Typeface.create("sans-serif-medium", Typeface.NORMAL)
    }
}
