package org.portlog.screens.log

import android.content.ActivityNotFoundException
import android.content.ClipData
import android.content.ClipboardManager
import android.content.Context
import android.content.Intent
import android.os.Build
import android.widget.Toast
import org.portlog.R
import org.portlog.screens.Screen

/*
 * Checkpoints and answers travel as text between people's phones: by the clipboard, or by whatever
 * app they share with.
 */

/** Puts [text] where other apps can paste it. */
internal fun Screen.copyText(label: Int, text: String) {
    clipboard().setPrimaryClip(ClipData.newPlainText(getString(label), text))
    // From Android 13 the system itself says that something was copied.
    if (Build.VERSION.SDK_INT < Build.VERSION_CODES.TIRAMISU) {
        Toast.makeText(this, R.string.witness_copied, Toast.LENGTH_SHORT).show()
    }
}

/** What was copied, as text; `null` where there is none. */
internal fun Screen.pastedText(): String? = clipboard().primaryClip
    ?.takeIf { it.itemCount > 0 }
    ?.getItemAt(0)
    ?.coerceToText(this)
    ?.toString()
    ?.takeIf { it.isNotBlank() && it.length <= MOST_PASTED }

/** Lets the user choose an app that takes [text]. */
internal fun Screen.shareText(title: Int, text: String) {
    val send = Intent(Intent.ACTION_SEND).setType("text/plain").putExtra(Intent.EXTRA_TEXT, text)
    try {
        startActivity(Intent.createChooser(send, getString(title)))
    } catch (_: ActivityNotFoundException) {
        showProblem(getString(R.string.export_no_app))
    }
}

private fun Screen.clipboard(): ClipboardManager =
    getSystemService(Context.CLIPBOARD_SERVICE) as ClipboardManager

/** A checkpoint with all its signatures is shorter by far. */
private const val MOST_PASTED = 65_536
