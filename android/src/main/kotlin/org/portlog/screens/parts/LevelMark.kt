package org.portlog.screens.parts

import android.content.Context
import android.graphics.Canvas
import android.graphics.Paint
import android.graphics.Path
import android.widget.TextView
import org.portlog.R
import org.portlog.core.Level

/**
 * A level as word and shape: a filled triangle for a match, a diamond of lines for a possible one,
 * a ring for what is only noted. The colour says the same once more and never alone.
 */
fun levelMark(context: Context, level: Level, size: Float = Look.SMALL): TextView =
    text(context, levelWord(context, level), size, Look(context).of(level), Look.STRONG).apply {
        lead(LevelShape(level, Look(context).of(level), Look(context).sign(SHAPE)), roomDp = 6)
    }

/** The level's word. */
fun levelWord(context: Context, level: Level): String = context.getString(
    when (level) {
        Level.MATCH -> R.string.level_match
        Level.POSSIBLE -> R.string.level_possible
        Level.NOTED -> R.string.level_noted
    },
)

/** The shape of a level, on a field of [size] pixels. */
class LevelShape(private val level: Level, color: Int, size: Int) : PaintedSign(color, size) {
    private val path = Path()

    init {
        if (level == Level.MATCH) paint.style = Paint.Style.FILL_AND_STROKE
        paint.strokeWidth = size / STROKES_A_FIELD
    }

    override fun draw(canvas: Canvas) {
        val side = minOf(bounds.width(), bounds.height()).toFloat()
        val half = side / 2 - paint.strokeWidth / 2
        val x = bounds.exactCenterX()
        val y = bounds.exactCenterY()
        path.rewind()
        when (level) {
            Level.MATCH -> {
                path.moveTo(x, y - half)
                path.lineTo(x + half, y + half * LOW)
                path.lineTo(x - half, y + half * LOW)
                path.close()
            }
            Level.POSSIBLE -> {
                path.moveTo(x, y - half)
                path.lineTo(x + half, y)
                path.lineTo(x, y + half)
                path.lineTo(x - half, y)
                path.close()
            }
            Level.NOTED -> path.addCircle(x, y, half * ROUND, Path.Direction.CW)
        }
        canvas.drawPath(path, paint)
    }

    private companion object {
        const val STROKES_A_FIELD = 7f
        const val LOW = 0.8f
        const val ROUND = 0.85f
    }
}

private const val SHAPE = 14
