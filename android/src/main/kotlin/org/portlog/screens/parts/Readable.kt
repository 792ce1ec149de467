package org.portlog.screens.parts

import android.annotation.TargetApi
import android.content.Context
import android.graphics.Rect
import android.os.Build
import android.view.View
import android.view.ViewGroup
import android.view.WindowInsets
import android.widget.FrameLayout
import android.widget.ScrollView

/**
 * Holds one child that keeps its text to a readable width: on a wide screen the child is padded on
 * both sides, so that it still scrolls from the edges.
 */
class Readable(context: Context, private val child: ViewGroup, roomDp: Int) : FrameLayout(context) {
    private val look = Look(context)
    private val room = look.dp(roomDp)

    init {
        child.clipToPadding = false
        child.scrollBarStyle = View.SCROLLBARS_OUTSIDE_OVERLAY
        addView(child, LayoutParams(LayoutParams.MATCH_PARENT, LayoutParams.MATCH_PARENT))
    }

    override fun onMeasure(widthSpec: Int, heightSpec: Int) {
        val width = MeasureSpec.getSize(widthSpec)
        val side = maxOf(room, (width - look.dp(Look.READABLE)) / 2)
        if (child.paddingLeft != side) {
            child.setPadding(side, child.paddingTop, side, child.paddingBottom)
        }
        super.onMeasure(widthSpec, heightSpec)
    }
}

/** A column that scrolls, at a readable width. */
fun scrollingColumn(context: Context, content: View): Pair<View, ScrollView> {
    val scroll = ScrollView(context).apply {
        isFillViewport = true
        addView(content)
    }
    return Pair(Readable(context, scroll, roomDp = 16), scroll)
}

/**
 * Keeps [root] clear of the status bar, the navigation bar, a cutout and the keyboard wherever the
 * system draws the app below them (always from Android 15 on). [top] and [foot] reach below the
 * bars with their ground and keep clear with what stands on it.
 */
fun keepClearOfBars(root: View, top: View, foot: View?) {
    if (Build.VERSION.SDK_INT < Build.VERSION_CODES.KITKAT_WATCH) return
    listenToInsets(root) { sides ->
        root.setPadding(sides.left, 0, sides.right, if (foot == null) sides.bottom else 0)
        top.setPadding(0, sides.top, 0, 0)
        foot?.setPadding(0, 0, 0, sides.bottom)
    }
}

@TargetApi(Build.VERSION_CODES.KITKAT_WATCH)
private fun listenToInsets(root: View, keepClear: (Rect) -> Unit) {
    root.setOnApplyWindowInsetsListener { _, insets ->
        keepClear(
            if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.R) {
                sides(insets)
            } else {
                olderSides(insets)
            },
        )
        insets
    }
}

@TargetApi(Build.VERSION_CODES.R)
private fun sides(insets: WindowInsets): Rect {
    val all = insets.getInsets(
        WindowInsets.Type.systemBars() or
            WindowInsets.Type.displayCutout() or
            WindowInsets.Type.ime(),
    )
    return Rect(all.left, all.top, all.right, all.bottom)
}

@TargetApi(Build.VERSION_CODES.KITKAT_WATCH)
private fun olderSides(insets: WindowInsets): Rect = Rect(
    insets.systemWindowInsetLeft,
    insets.systemWindowInsetTop,
    insets.systemWindowInsetRight,
    insets.systemWindowInsetBottom,
)
