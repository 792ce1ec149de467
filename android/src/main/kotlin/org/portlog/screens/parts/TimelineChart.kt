package org.portlog.screens.parts

import android.content.Context
import android.graphics.Canvas
import android.graphics.Paint
import android.graphics.Path
import android.text.format.DateFormat
import android.util.TypedValue
import android.view.View
import java.util.Date
import kotlin.math.sqrt
import org.portlog.core.TimelineHour

/**
 * Connections by the hour: a bar for what opened, a triangle above an hour with alerts, and strokes
 * where nobody looked, so that silence and absence look different.
 *
 * The heights follow the square root of the counts: one connection is still seen beside a hundred.
 * What the picture says is said in words as well; the view carries them as its description.
 */
class TimelineChart(context: Context) : View(context) {
    private val look = Look(context)
    private val bar = Paint(Paint.ANTI_ALIAS_FLAG).apply { color = look.accent }
    private val alert = Paint(Paint.ANTI_ALIAS_FLAG).apply { color = look.match }
    private val base = Paint().apply {
        color = look.soft
        strokeWidth = look.dp(1).toFloat()
    }
    private val strokes = Paint(Paint.ANTI_ALIAS_FLAG).apply {
        color = look.soft
        strokeWidth = look.dp(1).toFloat()
    }
    private val label = Paint(Paint.ANTI_ALIAS_FLAG).apply {
        color = look.soft
        textSize = TypedValue.applyDimension(
            TypedValue.COMPLEX_UNIT_SP,
            Look.CAPTION,
            context.resources.displayMetrics,
        )
    }
    private val triangle = Path()
    private var hours: List<TimelineHour> = emptyList()

    /** Shows these hours, oldest first; [inWords] says the same. */
    fun show(hours: List<TimelineHour>, inWords: String) {
        this.hours = hours
        contentDescription = inWords
        invalidate()
    }

    override fun onMeasure(widthSpec: Int, heightSpec: Int) {
        val height = look.dp(PLOT) + (label.textSize * LABEL_LINES).toInt()
        setMeasuredDimension(
            getDefaultSize(suggestedMinimumWidth, widthSpec),
            resolveSize(height, heightSpec),
        )
    }

    override fun onDraw(canvas: Canvas) {
        if (hours.isEmpty()) return
        val step = width.toFloat() / hours.size
        val top = look.dp(MARK).toFloat()
        val bottom = height - label.textSize * LABEL_LINES
        val highest = hours.maxOf { it.opened }.coerceAtLeast(1)
        hours.forEachIndexed { i, hour ->
            val place = if (toLeft()) hours.size - 1 - i else i
            val x = place * step
            unwatched(canvas, x, step, top, bottom, hour.watchedPercent)
            if (hour.opened > 0) {
                val share = sqrt(hour.opened.toFloat() / highest)
                val barTop = bottom - maxOf(share * (bottom - top), look.dp(2).toFloat())
                canvas.drawRect(x + step * AIR, barTop, x + step * (1 - AIR), bottom, bar)
            }
            if (hour.alerts > 0) mark(canvas, x + step / 2)
        }
        canvas.drawLine(0f, bottom, width.toFloat(), bottom, base)
        labels(canvas)
    }

    /** Strokes over the share of the hour in which nobody looked, from above. */
    private fun unwatched(
        canvas: Canvas,
        x: Float,
        step: Float,
        top: Float,
        bottom: Float,
        percent: Int,
    ) {
        if (percent >= WHOLE) return
        val low = bottom - (bottom - top) * percent / WHOLE
        val saved = canvas.save()
        canvas.clipRect(x, top, x + step, low)
        val apart = look.dp(5).toFloat()
        // The strokes are counted from the view's corner, so that those of neighbours meet.
        var from = -height.toFloat() + (x - (x % apart))
        while (from < x + step) {
            canvas.drawLine(from, bottom, from + bottom, 0f, strokes)
            from += apart
        }
        canvas.restoreToCount(saved)
    }

    private fun mark(canvas: Canvas, x: Float) {
        val half = look.dp(MARK) / 2f - 1
        triangle.rewind()
        triangle.moveTo(x, 0f)
        triangle.lineTo(x + half, half * 2)
        triangle.lineTo(x - half, half * 2)
        triangle.close()
        canvas.drawPath(triangle, alert)
    }

    private fun labels(canvas: Canvas) {
        val format = DateFormat.getTimeFormat(context)
        val baseline = height - label.descent()
        val first = format.format(Date(hours.first().start))
        val last = format.format(Date(hours.last().start))
        val (left, right) = if (toLeft()) Pair(last, first) else Pair(first, last)
        label.textAlign = Paint.Align.LEFT
        canvas.drawText(left, 0f, baseline, label)
        label.textAlign = Paint.Align.RIGHT
        canvas.drawText(right, width.toFloat(), baseline, label)
    }

    private fun toLeft(): Boolean = layoutDirection == LAYOUT_DIRECTION_RTL

    private companion object {
        const val PLOT = 96
        const val MARK = 12
        const val LABEL_LINES = 1.5f
        const val AIR = 0.14f
        const val WHOLE = 100
    }
}
