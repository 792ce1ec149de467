package org.portlog.screens.log

import android.content.Context
import android.graphics.Canvas
import android.graphics.ColorFilter
import android.graphics.Paint
import android.graphics.PixelFormat
import android.graphics.drawable.Drawable
import org.portlog.screens.parts.Look

/** A surface with slanting strokes along its start: nobody looked here. */
internal class Shaded(context: Context) : Drawable() {
    private val look = Look(context)
    private val toLeft =
        context.resources.configuration.layoutDirection == android.view.View.LAYOUT_DIRECTION_RTL
    private val fill = Paint().apply { color = look.raised }
    private val stroke = Paint(Paint.ANTI_ALIAS_FLAG).apply {
        color = look.soft
        strokeWidth = look.dp(1).toFloat()
    }

    override fun draw(canvas: Canvas) {
        canvas.drawRect(bounds, fill)
        val band = look.dp(6)
        val left = if (toLeft) bounds.right - band else bounds.left
        val saved = canvas.save()
        canvas.clipRect(left, bounds.top, left + band, bounds.bottom)
        val apart = look.dp(5)
        var y = bounds.top
        while (y < bounds.bottom + band) {
            canvas.drawLine(
                left.toFloat(),
                y.toFloat(),
                (left + band).toFloat(),
                (y - band).toFloat(),
                stroke,
            )
            y += apart
        }
        canvas.restoreToCount(saved)
    }

    override fun setAlpha(alpha: Int) {
        fill.alpha = alpha
    }

    override fun setColorFilter(filter: ColorFilter?) {
        fill.colorFilter = filter
    }

    @Deprecated("The platform no longer asks.")
    override fun getOpacity(): Int = PixelFormat.TRANSLUCENT
}
