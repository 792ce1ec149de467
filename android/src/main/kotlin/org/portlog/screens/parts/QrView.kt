package org.portlog.screens.parts

import android.content.Context
import android.graphics.Canvas
import android.graphics.Color
import android.graphics.Paint
import android.view.View
import org.portlog.core.QrCode

/**
 * A QR code, as large as its place and at most as high as the window: dark on white with its quiet
 * zone around it, by night too, because that is what readers of codes expect.
 */
class QrView(context: Context, private val code: QrCode, description: CharSequence) :
    View(context) {
    private val dark = Paint().apply { color = Color.BLACK }
    private val across = code.side + 2 * QUIET

    init {
        setBackgroundColor(Color.WHITE)
        contentDescription = description
        isFocusable = true
    }

    override fun onMeasure(widthSpec: Int, heightSpec: Int) {
        val width = MeasureSpec.getSize(widthSpec)
        val highest = resources.displayMetrics.heightPixels - Look(context).dp(AROUND)
        setMeasuredDimension(width, minOf(width, maxOf(highest, across)))
    }

    // A module is a whole number of pixels: edges that fall between pixels are hard to read.
    override fun onDraw(canvas: Canvas) {
        super.onDraw(canvas)
        val module = maxOf(1, minOf(width, height) / across)
        val left = (width - module * across) / 2 + module * QUIET
        val top = (height - module * across) / 2 + module * QUIET
        for (y in 0 until code.side) {
            for (x in 0 until code.side) {
                if (!code.modules[y * code.side + x]) continue
                val fromX = (left + x * module).toFloat()
                val fromY = (top + y * module).toFloat()
                canvas.drawRect(fromX, fromY, fromX + module, fromY + module, dark)
            }
        }
    }

    private companion object {
        /** Modules of white on each side, as ISO/IEC 18004 asks for. */
        const val QUIET = 4

        /** What the header and the bars take of the height. */
        const val AROUND = 120
    }
}
