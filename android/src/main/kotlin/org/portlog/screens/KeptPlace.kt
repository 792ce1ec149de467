package org.portlog.screens

import android.os.Bundle
import android.widget.ListView

/** Where a list was scrolled to: the first row shown, and how far it is pushed up. */
internal class KeptPlace private constructor(private val row: Int, private val offset: Int) {
    /** To be called when the list has its rows. */
    fun restore(list: ListView) = list.setSelectionFromTop(row, offset)

    fun save(state: Bundle) {
        state.putInt(ROW, row)
        state.putInt(OFFSET, offset)
    }

    companion object {
        private const val ROW = "row"
        private const val OFFSET = "offset"

        fun of(list: ListView): KeptPlace = KeptPlace(
            list.firstVisiblePosition,
            (list.getChildAt(0)?.top ?: 0) - list.paddingTop,
        )

        fun from(saved: Bundle): KeptPlace = KeptPlace(saved.getInt(ROW), saved.getInt(OFFSET))
    }
}
