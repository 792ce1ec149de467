package org.portlog.screens.watch

import android.content.Context
import android.view.View
import android.view.ViewGroup
import android.widget.BaseAdapter
import android.widget.LinearLayout
import android.widget.TextView
import org.portlog.R
import org.portlog.core.ConnectionLine
import org.portlog.core.OwnerLine
import org.portlog.screens.parts.LevelShape
import org.portlog.screens.parts.Look
import org.portlog.screens.parts.Sides
import org.portlog.screens.parts.add
import org.portlog.screens.parts.address
import org.portlog.screens.parts.column
import org.portlog.screens.parts.inSentence
import org.portlog.screens.parts.lead
import org.portlog.screens.parts.levelWord
import org.portlog.screens.parts.line
import org.portlog.screens.parts.protocolWord
import org.portlog.screens.parts.showIf
import org.portlog.screens.parts.softText
import org.portlog.screens.parts.stateWord
import org.portlog.screens.parts.text

/** The connections of a board; a row keeps its id for as long as its connection lives. */
internal class ConnectionRows(private val context: Context) : BaseAdapter() {
    private var lines: List<ConnectionLine> = emptyList()

    /** Shows other lines; the list keeps its place by their ids. */
    fun show(lines: List<ConnectionLine>) {
        if (lines == this.lines) return
        this.lines = lines
        notifyDataSetChanged()
    }

    override fun getCount(): Int = lines.size

    override fun getItem(position: Int): ConnectionLine = lines[position]

    override fun getItemId(position: Int): Long = lines[position].id

    override fun hasStableIds(): Boolean = true

    override fun getView(position: Int, old: View?, parent: ViewGroup): View {
        val row = old?.tag as? ConnectionRow ?: ConnectionRow(context)
        row.show(lines[position])
        return row.view
    }
}

/** One connection: whose, towards where, how it stands, and what a list says of it. */
internal class ConnectionRow(private val context: Context) {
    private val look = Look(context)
    private val owner = text(context, face = Look.STRONG)
    private val level = text(context, size = Look.SMALL, face = Look.STRONG)
    private val packages = softText(context)
    private val remote = address(context, size = Look.BODY)
    private val names = text(context, size = Look.SMALL)
    private val facts = softText(context)

    /** The row as a view; its tag is this row. */
    val view: LinearLayout = column(context) {
        val inner = column(context) {
            setPadding(0, look.dp(12), 0, look.dp(12))
            add(Sides(context, owner, level, lastOnTop = true))
            add(packages)
            add(remote, top = 4)
            add(names, top = 2)
            add(facts, top = 2)
        }
        add(inner)
        line()
        tag = this@ConnectionRow
    }

    /** Shows [line] in it. */
    fun show(line: ConnectionLine) {
        owner.text = line.owner.name
        val packageText = packagesText(context, line.owner)
        packages.text = packageText
        packages.showIf(packageText.isNotEmpty())
        remote.text = if (line.listener) line.local else line.remote
        names.text = line.names.joinToString(context.getString(R.string.list_separator))
        names.showIf(line.names.isNotEmpty())
        facts.text = context.getString(
            R.string.row_facts,
            protocolWord(line.protocol),
            stateWord(context, line),
            line.owner.kindText,
        )
        showLevel(line)
        view.contentDescription = described(line, packageText)
    }

    private fun showLevel(line: ConnectionLine) {
        val shown = line.level
        level.showIf(shown != null || line.practice)
        if (shown != null) {
            val color = look.of(shown)
            level.setTextColor(color)
            level.lead(LevelShape(shown, color, look.sign(14)), roomDp = 6)
            val word = levelWord(context, shown)
            level.text = if (line.practice) practice(word) else word
        } else if (line.practice) {
            level.setTextColor(look.soft)
            level.lead(null)
            level.text = context.getString(R.string.practice)
        }
    }

    private fun practice(word: String): String =
        context.getString(R.string.level_in_practice, word)

    // The record's sentence says what happened in the words that may be said.
    private fun described(line: ConnectionLine, packageText: String): String = listOfNotNull(
        line.level?.let { levelWord(context, it) },
        line.text,
        packageText.takeIf { it.isNotEmpty() },
        stateWord(context, line),
    ).joinToString(context.getString(R.string.sentence_separator))
}

/** The packages of a UID as the set that they are; empty where the name says it all. */
internal fun packagesText(context: Context, owner: OwnerLine): String = when {
    owner.packages.size > 1 -> context.resources.getQuantityString(
        R.plurals.shared_by,
        owner.packages.size,
        owner.packages.size,
        owner.packages.take(SHOWN_PACKAGES)
            .joinToString(context.getString(R.string.list_separator)) { inSentence(context, it) } +
            if (owner.packages.size > SHOWN_PACKAGES) ELLIPSIS else "",
    )
    owner.packages.size == 1 && owner.packages.first() != owner.name -> owner.packages.first()
    else -> ""
}

private const val SHOWN_PACKAGES = 3
private const val ELLIPSIS = " …"
