package org.portlog.screens

import android.graphics.Color
import kotlin.math.pow
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.portlog.R
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.annotation.Config

/** Every pair of text and ground of the screens, held to WCAG's 4.5 to 1; outlines to 3 to 1. */
@RunWith(RobolectricTestRunner::class)
@Config(sdk = [34])
class ContrastTest {
    private val grounds = listOf(R.color.ground, R.color.surface, R.color.raised, R.color.pressed)
    private val inks = listOf(R.color.ink, R.color.ink_soft)
    private val levels = listOf(
        R.color.level_match,
        R.color.level_possible,
        R.color.level_noted,
        R.color.good,
        R.color.accent,
    )

    @Test
    @Config(qualifiers = "notnight")
    fun `by day`() = check()

    @Test
    @Config(qualifiers = "night")
    fun `by night`() = check()

    private fun check() {
        for (ink in inks + levels) for (ground in grounds) atLeast(4.5, ink, ground)
        atLeast(4.5, R.color.ink, R.color.chosen)
        atLeast(4.5, R.color.on_accent, R.color.accent)
        atLeast(4.5, R.color.on_accent, R.color.accent_pressed)
        for (ground in grounds.dropLast(1)) atLeast(3.0, R.color.outline, ground)
    }

    private fun atLeast(wanted: Double, front: Int, back: Int) {
        val resources = RuntimeEnvironment.getApplication().resources
        val ratio = contrast(resources.getColor(front, null), resources.getColor(back, null))
        val names = listOf(front, back).joinToString(" on ") { resources.getResourceEntryName(it) }
        assertTrue("$names is $ratio to 1", ratio >= wanted)
    }

    private fun contrast(one: Int, other: Int): Double {
        val (low, high) = listOf(luminance(one), luminance(other)).sorted()
        return (high + 0.05) / (low + 0.05)
    }

    private fun luminance(color: Int): Double =
        0.2126 * linear(Color.red(color)) +
            0.7152 * linear(Color.green(color)) +
            0.0722 * linear(Color.blue(color))

    private fun linear(channel: Int): Double {
        val share = channel / 255.0
        return if (share <= 0.03928) share / 12.92 else ((share + 0.055) / 1.055).pow(2.4)
    }
}
