package org.portlog.screens.parts

import android.graphics.ColorFilter
import android.graphics.Paint
import android.graphics.PixelFormat
import android.graphics.drawable.Drawable

/** A sign in one colour, on a field of [size] pixels. */
abstract class PaintedSign(color: Int, protected val size: Int) : Drawable() {
    /** Draws lines with round joins; the sign says how thick. */
    protected val paint: Paint = Paint(Paint.ANTI_ALIAS_FLAG).apply {
        this.color = color
        style = Paint.Style.STROKE
        strokeJoin = Paint.Join.ROUND
    }

    override fun getIntrinsicWidth(): Int = size

    override fun getIntrinsicHeight(): Int = size

    override fun setAlpha(alpha: Int) {
        paint.alpha = alpha
    }

    override fun setColorFilter(filter: ColorFilter?) {
        paint.colorFilter = filter
    }

    @Deprecated("The platform no longer asks.")
    override fun getOpacity(): Int = PixelFormat.TRANSLUCENT
}
