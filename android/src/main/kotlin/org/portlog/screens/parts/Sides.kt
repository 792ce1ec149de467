package org.portlog.screens.parts

import android.content.Context
import android.view.View
import android.view.ViewGroup

/**
 * Two views at the two ends of a line; where they do not fit side by side without breaking the
 * first one's words, one below the other.
 */
class Sides(
    context: Context,
    private val first: View,
    private val last: View,
    private val lastOnTop: Boolean = false,
) : ViewGroup(context) {
    private val room = Look(context).dp(8)
    private val between = if (lastOnTop) 0 else room
    private var stacked = false

    init {
        addView(first)
        addView(last)
    }

    override fun onMeasure(widthSpec: Int, heightSpec: Int) {
        val width = MeasureSpec.getSize(widthSpec)
        val free = MeasureSpec.makeMeasureSpec(0, MeasureSpec.UNSPECIFIED)
        val within = MeasureSpec.makeMeasureSpec(width, MeasureSpec.AT_MOST)
        first.measure(free, free)
        last.measure(within, free)
        stacked = last.isThere() && first.measuredWidth + room + last.measuredWidth > width
        // What is short of its place now takes as many lines as it needs.
        first.measure(within, free)
        val height = when {
            !last.isThere() -> first.measuredHeight
            stacked -> first.measuredHeight + between + last.measuredHeight
            else -> maxOf(first.measuredHeight, last.measuredHeight)
        }
        setMeasuredDimension(width, height)
    }

    override fun onLayout(changed: Boolean, l: Int, t: Int, r: Int, b: Int) {
        val toLeft = layoutDirection == View.LAYOUT_DIRECTION_RTL
        if (stacked) {
            val (upper, lower) = if (lastOnTop) Pair(last, first) else Pair(first, last)
            place(upper, atStart = !toLeft, 0)
            place(lower, atStart = !toLeft, upper.measuredHeight + between)
        } else {
            place(first, atStart = !toLeft, (height - first.measuredHeight) / 2)
            if (last.isThere()) place(last, atStart = toLeft, (height - last.measuredHeight) / 2)
        }
    }

    private fun place(child: View, atStart: Boolean, top: Int) {
        val left = if (atStart) 0 else width - child.measuredWidth
        child.layout(left, top, left + child.measuredWidth, top + child.measuredHeight)
    }

    // Whether the view itself is to be seen; its parents do not matter here.
    private fun View.isThere(): Boolean = visibility != View.GONE
}
