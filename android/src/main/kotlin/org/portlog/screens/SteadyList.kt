package org.portlog.screens

import android.widget.AbsListView
import android.widget.ListView

/**
 * Keeps what is being read where it is while rows come and go above it: the platform's list keeps a
 * position, not a row. While a finger moves the list nothing changes; the change comes after that.
 */
internal class SteadyList(private val list: ListView) : AbsListView.OnScrollListener {
    private var moving = false
    private var waiting: (() -> Unit)? = null

    /** Is told where the list stands, as the platform tells it. */
    var onScrolled: (first: Int, visible: Int, all: Int) -> Unit = { _, _, _ -> }

    init {
        list.setOnScrollListener(this)
    }

    /** Makes [change] (of the adapter's rows), now or when the list comes to rest. */
    fun change(change: () -> Unit) {
        if (moving) waiting = change else make(change)
    }

    private fun make(change: () -> Unit) {
        val first = list.firstVisiblePosition
        val row = if (first >= list.headerViewsCount) list.getItemIdAtPosition(first) else null
        val top = (list.getChildAt(0)?.top ?: 0) - list.paddingTop
        change()
        // At the top it stays at the top, where what is new and matters comes.
        if (row == null || first >= list.count || list.getItemIdAtPosition(first) == row) return
        val now = (list.headerViewsCount until list.count)
            .find { list.getItemIdAtPosition(it) == row }
        if (now != null) list.setSelectionFromTop(now, top)
    }

    override fun onScrollStateChanged(view: AbsListView, state: Int) {
        moving = state != AbsListView.OnScrollListener.SCROLL_STATE_IDLE
        if (!moving) {
            waiting?.let(::make)
            waiting = null
        }
    }

    override fun onScroll(view: AbsListView, first: Int, visible: Int, all: Int) =
        onScrolled(first, visible, all)
}
