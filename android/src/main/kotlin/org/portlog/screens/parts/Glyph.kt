package org.portlog.screens.parts

import android.content.Context
import android.graphics.Canvas
import android.graphics.Paint
import android.graphics.Path
import android.graphics.RectF
import android.graphics.drawable.Drawable
import android.view.View

/**
 * The pictures of the app, as lines on a field of 24 by 24.
 *
 * They are drawn here and not kept as vector resources, because those need Android 5: this way
 * every supported version draws the same lines at any density, in whatever colour fits.
 */
enum class Glyph(
    internal val mirrored: Boolean = false,
    internal val draw: Path.() -> Unit,
) {
    /** Rings around a point. */
    WATCH(draw = {
        addCircle(12f, 12f, 9f, Path.Direction.CW)
        addCircle(12f, 12f, 4.5f, Path.Direction.CW)
        line(12f, 12f, 12.01f, 12f)
    }),

    /** A triangle with a mark. */
    ALERTS(draw = {
        polygon(12f, 3.5f, 21.5f, 20f, 2.5f, 20f)
        line(12f, 10f, 12f, 14f)
        line(12f, 17f, 12.01f, 17f)
    }),

    /** Lines with a tick each. */
    LISTS(mirrored = true, draw = {
        for (y in listOf(6f, 12f, 18f)) {
            line(10f, y, 21f, y)
            moveTo(3f, y - 0.5f)
            lineTo(4.8f, y + 1.3f)
            lineTo(7.2f, y - 2f)
        }
    }),

    /** A clock that runs back. */
    LOG(draw = {
        addArc(RectF(4f, 3.5f, 21f, 20.5f), -160f, 320f)
        line(12.5f, 7.5f, 12.5f, 12f)
        line(12.5f, 12f, 15.5f, 14.5f)
        moveTo(1.8f, 7f)
        lineTo(4.4f, 9.6f)
        lineTo(7.2f, 7.2f)
    }),

    SEARCH(draw = {
        addCircle(10.5f, 10.5f, 6.5f, Path.Direction.CW)
        line(15.3f, 15.3f, 20.5f, 20.5f)
    }),

    /** Lines that become shorter. */
    FILTER(draw = {
        line(3f, 6.5f, 21f, 6.5f)
        line(6.5f, 12f, 17.5f, 12f)
        line(10f, 17.5f, 14f, 17.5f)
    }),

    /** Three points above one another. */
    MORE(draw = {
        for (y in listOf(5.5f, 12f, 18.5f)) addCircle(12f, y, 0.9f, Path.Direction.CW)
    }),

    BACK(mirrored = true, draw = {
        line(20f, 12f, 4.5f, 12f)
        moveTo(11f, 5f)
        lineTo(4f, 12f)
        lineTo(11f, 19f)
    }),

    CLOSE(draw = {
        line(5.5f, 5.5f, 18.5f, 18.5f)
        line(18.5f, 5.5f, 5.5f, 18.5f)
    }),

    ADD(draw = {
        line(12f, 4.5f, 12f, 19.5f)
        line(4.5f, 12f, 19.5f, 12f)
    }),

    DOWN(draw = {
        moveTo(5.5f, 9f)
        lineTo(12f, 15.5f)
        lineTo(18.5f, 9f)
    }),

    UP(draw = {
        moveTo(5.5f, 15f)
        lineTo(12f, 8.5f)
        lineTo(18.5f, 15f)
    }),

    /** A tick in a ring: readable, passed. */
    DONE(draw = {
        addCircle(12f, 12f, 9f, Path.Direction.CW)
        moveTo(7.5f, 12.5f)
        lineTo(10.8f, 15.6f)
        lineTo(16.5f, 9f)
    }),

    /** A bar in a ring: denied, failed. */
    REFUSED(draw = {
        addCircle(12f, 12f, 9f, Path.Direction.CW)
        line(7.5f, 12f, 16.5f, 12f)
    }),

    /** A ring of strokes: absent, waiting. */
    OPEN(draw = {
        for (start in 0 until 8) addArc(RectF(3f, 3f, 21f, 21f), start * 45f, 22f)
    }),

    /** A question in a ring: not to be trusted, in doubt. */
    DOUBT(draw = {
        addCircle(12f, 12f, 9f, Path.Direction.CW)
        addArc(RectF(9f, 6.7f, 15f, 12.7f), 180f, 230f)
        line(12f, 12.8f, 12f, 14f)
        line(12f, 17f, 12.01f, 17f)
    }),
}

private fun Path.line(fromX: Float, fromY: Float, toX: Float, toY: Float) {
    moveTo(fromX, fromY)
    lineTo(toX, toY)
}

private fun Path.polygon(vararg corners: Float) {
    moveTo(corners[0], corners[1])
    for (i in 2 until corners.size step 2) lineTo(corners[i], corners[i + 1])
    close()
}

/** The glyph as a drawable of [sizeDp]; arrows point as [context]'s language runs. */
fun Glyph.on(context: Context, color: Int, sizeDp: Int = 24): Drawable {
    val toLeft = context.resources.configuration.layoutDirection == View.LAYOUT_DIRECTION_RTL
    return GlyphDrawable(this, color, Look(context).dp(sizeDp), mirrored && toLeft)
}

/** The same beside text: it grows with the user's size of text. */
fun Glyph.beside(context: Context, color: Int, sizeDp: Int = 20): Drawable {
    val look = Look(context)
    return on(context, color, look.sign(sizeDp) * sizeDp / look.dp(sizeDp))
}

private class GlyphDrawable(
    glyph: Glyph,
    color: Int,
    size: Int,
    private val turned: Boolean,
) : PaintedSign(color, size) {
    private val path = Path().apply { glyph.draw(this) }

    init {
        paint.strokeWidth = STROKE
        paint.strokeCap = Paint.Cap.ROUND
    }

    override fun draw(canvas: Canvas) {
        val scale = minOf(bounds.width(), bounds.height()) / FIELD
        val saved = canvas.save()
        canvas.translate(bounds.exactCenterX(), bounds.exactCenterY())
        canvas.scale(if (turned) -scale else scale, scale)
        canvas.translate(-FIELD / 2, -FIELD / 2)
        canvas.drawPath(path, paint)
        canvas.restoreToCount(saved)
    }

    private companion object {
        const val FIELD = 24f
        const val STROKE = 2f
    }
}
