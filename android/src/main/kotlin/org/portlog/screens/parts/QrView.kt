package org.portlog.screens.parts

import android.content.Context
import android.graphics.Bitmap
import android.graphics.Canvas
import android.graphics.Color
import android.graphics.Rect
import android.view.View
import org.portlog.core.QrCode

/**
 * A QR code, as large as its place and at most as high as the window: dark on white with its quiet
 * zone around it, by night too, because that is what readers of codes expect.
 */
class QrView(context: Context, code: QrCode, description: CharSequence) : View(context) {
    private val modules = picture(code)
    private val place = Rect()
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
        val side = module * modules.width
        place.set(0, 0, side, side)
        place.offset((width - side) / 2, (height - side) / 2)
        canvas.drawBitmap(modules, null, place, null)
    }

    /** A pixel a module. */
    private fun picture(code: QrCode): Bitmap {
        val colors = IntArray(code.side * code.side) {
            if (code.modules[it]) Color.BLACK else Color.WHITE
        }
        return Bitmap.createBitmap(colors, code.side, code.side, Bitmap.Config.ARGB_8888)
    }

    private companion object {
        /** Modules of white on each side, as ISO/IEC 18004 asks for. */
        const val QUIET = 4

        /** What the header and the bars take of the height. */
        const val AROUND = 120
    }
}
