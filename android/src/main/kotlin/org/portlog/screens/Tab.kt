package org.portlog.screens

import android.content.Context
import android.util.TypedValue
import android.view.Gravity
import android.view.View
import android.widget.ImageView
import android.widget.LinearLayout
import android.widget.TextView
import org.portlog.R
import org.portlog.screens.parts.Glyph
import org.portlog.screens.parts.Look
import org.portlog.screens.parts.add
import org.portlog.screens.parts.column
import org.portlog.screens.parts.line
import org.portlog.screens.parts.on
import org.portlog.screens.parts.row
import org.portlog.screens.parts.text

/** The parts of the main screen. */
enum class Tab(internal val label: Int, internal val glyph: Glyph) {
    WATCH(R.string.tab_watch, Glyph.WATCH),
    ALERTS(R.string.tab_alerts, Glyph.ALERTS),
    LISTS(R.string.tab_lists, Glyph.LISTS),
    LOG(R.string.tab_log, Glyph.LOG),
}

/** The row of tabs at the foot of the main screen. */
internal class TabBar(private val context: Context, private val onChosen: (Tab) -> Unit) {
    private val look = Look(context)
    private val tabs: Map<Tab, LinearLayout> = Tab.entries.associateWith { one(it) }

    val view: View = column(context) {
        setBackgroundColor(look.surface)
        line()
        add(row(context) { tabs.values.forEach { add(it, weight = 1f) } })
    }

    /** Marks the tab that is shown. */
    fun mark(chosen: Tab) {
        for ((tab, view) in tabs) {
            val isChosen = tab == chosen
            val color = if (isChosen) look.accent else look.soft
            view.isSelected = isChosen
            (view.getChildAt(0)).setBackgroundColor(if (isChosen) look.accent else 0)
            (view.getChildAt(1) as ImageView).setImageDrawable(tab.glyph.on(context, color))
            (view.getChildAt(2) as TextView).setTextColor(color)
        }
    }

    private fun one(tab: Tab): LinearLayout = column(context) {
        gravity = Gravity.CENTER_HORIZONTAL
        isClickable = true
        isFocusable = true
        minimumHeight = look.dp(56)
        background = look.pressableTab()
        contentDescription = context.getString(
            R.string.tab_described,
            context.getString(tab.label),
            tab.ordinal + 1,
            Tab.entries.size,
        )
        add(View(context), width = look.dp(32), height = look.dp(3))
        add(ImageView(context), width = look.dp(24), height = look.dp(24), top = 6)
        add(label(tab), width = LinearLayout.LayoutParams.WRAP_CONTENT, top = 2)
        setPadding(0, 0, 0, look.dp(6))
        setOnClickListener { onChosen(tab) }
    }

    /** Four words share the width of the screen, so they grow with the user's size only so far. */
    private fun label(tab: Tab): TextView =
        text(context, context.getString(tab.label), Look.CAPTION).apply {
            val scale = minOf(context.resources.configuration.fontScale, LARGEST_SCALE)
            val density = context.resources.displayMetrics.density
            setTextSize(TypedValue.COMPLEX_UNIT_PX, Look.CAPTION * scale * density)
            gravity = Gravity.CENTER
            textAlignment = View.TEXT_ALIGNMENT_CENTER
            importantForAccessibility = View.IMPORTANT_FOR_ACCESSIBILITY_NO
        }

    private companion object {
        const val LARGEST_SCALE = 1.3f
    }
}
