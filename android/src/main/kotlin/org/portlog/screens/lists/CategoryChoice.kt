package org.portlog.screens.lists

import android.content.Context
import android.util.TypedValue
import android.view.Gravity
import android.view.View
import android.widget.LinearLayout
import android.widget.RadioButton
import org.portlog.R
import org.portlog.core.Category
import org.portlog.screens.parts.Look
import org.portlog.screens.parts.add
import org.portlog.screens.parts.categoryMeaning
import org.portlog.screens.parts.categoryWord
import org.portlog.screens.parts.column
import org.portlog.screens.parts.softText

/**
 * Asks what a list is for, and says of each answer what follows from it. `null` leaves it to the
 * format of the file, and is only an answer where [byFormat].
 */
internal class CategoryChoice(
    private val context: Context,
    chosen: Category?,
    byFormat: Boolean,
    private val onChosen: (Category?) -> Unit,
) {
    private val look = Look(context)
    private val answers: List<Category?> =
        (if (byFormat) listOf(null) else emptyList()) + Category.entries
    private val buttons: List<RadioButton> = answers.map { button(it) }

    /** What holds now. */
    var chosen: Category? = chosen
        private set

    val view: LinearLayout = column(context) {
        answers.forEachIndexed { i, answer ->
            add(buttons[i], top = 4)
            add(
                softText(context, meaning(answer)).apply {
                    setPaddingRelative(look.dp(INDENT), 0, 0, look.dp(4))
                    importantForAccessibility = View.IMPORTANT_FOR_ACCESSIBILITY_NO
                },
            )
        }
    }

    init {
        mark()
    }

    private fun button(answer: Category?): RadioButton = RadioButton(context).apply {
        text = word(answer)
        contentDescription =
            context.getString(R.string.fact_described, word(answer), meaning(answer))
        setTextSize(TypedValue.COMPLEX_UNIT_SP, Look.BODY)
        setTextColor(look.ink)
        minHeight = look.dp(Look.TOUCH)
        minimumHeight = look.dp(Look.TOUCH)
        gravity = Gravity.CENTER_VERTICAL
        setOnClickListener {
            chosen = answer
            mark()
            onChosen(answer)
        }
    }

    private fun mark() = answers.forEachIndexed { i, answer ->
        buttons[i].isChecked = answer == chosen
    }

    private fun word(answer: Category?): String =
        if (answer == null) {
            context.getString(R.string.category_by_format)
        } else {
            categoryWord(context, answer)
        }

    private fun meaning(answer: Category?): String =
        if (answer == null) {
            context.getString(R.string.category_by_format_meaning)
        } else {
            categoryMeaning(context, answer)
        }

    private companion object {
        const val INDENT = 34
    }
}
