package org.portlog.screens.log

import android.content.Context
import org.portlog.R
import org.portlog.core.Mark

/** What a mark says, in the user's words or in those of its preset. */
internal fun markWords(context: Context, mark: Mark): String = when (mark) {
    is Mark.Words -> mark.text
    Mark.SimIn -> context.getString(R.string.mark_sim_in)
    Mark.ContactSaved -> context.getString(R.string.mark_contact_saved)
    Mark.MessageSent -> context.getString(R.string.mark_message_sent)
    Mark.ServiceOff -> context.getString(R.string.mark_service_off)
    Mark.Update -> context.getString(R.string.mark_update)
    Mark.SignIn -> context.getString(R.string.mark_sign_in)
}
