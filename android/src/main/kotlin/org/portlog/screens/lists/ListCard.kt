package org.portlog.screens.lists

import android.view.View
import android.widget.LinearLayout
import org.portlog.R
import org.portlog.core.Category
import org.portlog.core.ListLine
import org.portlog.screens.Screen
import org.portlog.screens.parts.Flow
import org.portlog.screens.parts.Glyph
import org.portlog.screens.parts.Look
import org.portlog.screens.parts.add
import org.portlog.screens.parts.beside
import org.portlog.screens.parts.card
import org.portlog.screens.parts.categoryMeaning
import org.portlog.screens.parts.categoryWord
import org.portlog.screens.parts.day
import org.portlog.screens.parts.fact
import org.portlog.screens.parts.lead
import org.portlog.screens.parts.number
import org.portlog.screens.parts.opening
import org.portlog.screens.parts.quietButton
import org.portlog.screens.parts.softText
import org.portlog.screens.parts.switchRow
import org.portlog.screens.parts.text

/** What can be done with a list. */
internal class ListDeeds(
    val enable: (Boolean) -> Unit,
    val categorise: (Category) -> Unit,
    val replace: () -> Unit,
    val remove: () -> Unit,
)

/** Which parts of the cards are open, over rebuilds and rotations. */
internal class OpenParts(val open: MutableSet<String>) {
    fun keep(part: String, isOpen: Boolean) {
        if (isOpen) open += part else open -= part
    }
}

/** A list on the shelf: whether it is in force, what it is for, what is in it and what is wrong. */
internal fun listCard(
    screen: Screen,
    list: ListLine,
    parts: OpenParts,
    deeds: ListDeeds,
): View = card(screen) {
    add(switchRow(screen, list.name, "", list.enabled, deeds.enable))
    contents(screen, list, parts)
    part(screen, parts, "category ${list.id}", R.string.list_category_change) {
        add(
            CategoryChoice(screen, list.category, byFormat = false) { answer ->
                if (answer != null) deeds.categorise(answer)
            }.view,
        )
    }
    add(
        Flow(screen).apply {
            addView(
                quietButton(screen, screen.getString(R.string.list_replace), deeds.replace).apply {
                    contentDescription =
                        screen.getString(R.string.list_replace_described, list.name)
                },
            )
            addView(
                quietButton(screen, screen.getString(R.string.list_remove), deeds.remove).apply {
                    contentDescription = screen.getString(R.string.list_remove_described, list.name)
                },
            )
        },
        top = 12,
    )
}

/** What is in a list, and which of its lines could not be used; also the outcome of an import. */
internal fun LinearLayout.contents(screen: Screen, list: ListLine, parts: OpenParts) {
    if (list.problem.isNotEmpty()) {
        add(
            text(screen, list.problem).apply {
                lead(Glyph.REFUSED.beside(screen, screen.look.match, 22), roomDp = 12)
            },
            top = 8,
        )
    }
    add(
        text(screen, categoryWord(screen, list.category), Look.SMALL, face = Look.STRONG),
        top = 8,
    )
    add(softText(screen, categoryMeaning(screen, list.category)))
    add(
        text(
            screen,
            screen.resources.getQuantityString(
                R.plurals.list_rules,
                whole(list.rules),
                number(list.rules),
            ),
        ),
        top = 8,
    )
    add(softText(screen, list.ageText), top = 2)
    badLines(screen, list, parts)
    part(screen, parts, "facts ${list.id}", R.string.list_details) {
        val date = list.date
        fact(
            screen.getString(R.string.fact_list_date),
            if (date == null) screen.getString(R.string.date_not_known) else day(screen, date),
        )
        fact(screen.getString(R.string.list_imported), day(screen, list.imported))
        fact(screen.getString(R.string.fact_sha256), list.sha256, mono = true)
    }
}

private fun LinearLayout.badLines(screen: Screen, list: ListLine, parts: OpenParts) {
    if (list.badLines == 0L) return
    val part = "bad ${list.id}"
    val label = screen.resources.getQuantityString(
        R.plurals.list_bad_lines,
        whole(list.badLines),
        number(list.badLines),
    )
    opening(label, part in parts.open, { parts.keep(part, it) }) {
        for (bad in list.bad) {
            add(softText(screen, screen.getString(R.string.list_line, number(bad.line))), top = 8)
            add(text(screen, bad.reason))
        }
        val more = list.badLines - list.bad.size
        if (more > 0) {
            val words = screen.resources.getQuantityString(R.plurals.more, whole(more), whole(more))
            add(softText(screen, words), top = 8)
        }
    }
}

private fun LinearLayout.part(
    screen: Screen,
    parts: OpenParts,
    part: String,
    label: Int,
    fill: LinearLayout.() -> Unit,
) = opening(screen.getString(label), part in parts.open, { parts.keep(part, it) }, fill)

private fun whole(count: Long): Int = count.coerceAtMost(Int.MAX_VALUE.toLong()).toInt()
