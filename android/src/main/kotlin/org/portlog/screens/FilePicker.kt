package org.portlog.screens

import android.app.Activity
import android.content.ActivityNotFoundException
import android.content.Intent
import android.net.Uri
import org.portlog.R

/** The system's own picker, for a file of any type: phones know few formats by name. */
internal object FilePicker {
    private const val REQUEST = 1

    /** Opens it; what is chosen comes to [screen]'s `onActivityResult`. */
    fun open(screen: Screen) {
        val picker = Intent(Intent.ACTION_OPEN_DOCUMENT)
            .addCategory(Intent.CATEGORY_OPENABLE)
            .setType("*/*")
        try {
            @Suppress("DEPRECATION")
            screen.startActivityForResult(picker, REQUEST)
        } catch (_: ActivityNotFoundException) {
            screen.showProblem(screen.getString(R.string.lists_no_picker))
        }
    }

    /** The file that was chosen; `null` where none was, or where another request is answered. */
    fun chosen(request: Int, result: Int, data: Intent?): Uri? =
        data?.data?.takeIf { request == REQUEST && result == Activity.RESULT_OK }
}
