package org.portlog.screens.parts

import android.content.Context
import android.text.Editable
import android.text.InputFilter
import android.text.InputType
import android.text.TextWatcher
import android.util.TypedValue
import android.view.View
import android.view.inputmethod.EditorInfo
import android.widget.EditText

/** A field for a few words of the user's, at most [most] characters. */
fun textInput(
    context: Context,
    hint: CharSequence,
    most: Int,
    onText: (String) -> Unit,
): EditText = EditText(context).apply {
    val look = Look(context)
    this.hint = hint
    setTextColor(look.ink)
    setHintTextColor(look.soft)
    setTextSize(TypedValue.COMPLEX_UNIT_SP, Look.BODY)
    background = look.field()
    setPadding(look.dp(12), look.dp(8), look.dp(12), look.dp(8))
    inputType = InputType.TYPE_CLASS_TEXT or InputType.TYPE_TEXT_FLAG_CAP_SENTENCES
    // After the type, which sets heights of its own.
    minHeight = look.dp(Look.TOUCH)
    minimumHeight = look.dp(Look.TOUCH)
    imeOptions = EditorInfo.IME_ACTION_DONE or EditorInfo.IME_FLAG_NO_EXTRACT_UI
    filters = arrayOf(InputFilter.LengthFilter(most))
    textAlignment = View.TEXT_ALIGNMENT_VIEW_START
    addTextChangedListener(object : TextWatcher {
        override fun afterTextChanged(text: Editable) = onText(text.toString())
        override fun beforeTextChanged(s: CharSequence, a: Int, b: Int, c: Int) = Unit
        override fun onTextChanged(s: CharSequence, a: Int, b: Int, c: Int) = Unit
    })
}
