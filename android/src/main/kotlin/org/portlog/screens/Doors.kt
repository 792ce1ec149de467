package org.portlog.screens

import android.content.Context
import android.content.Intent
import android.net.Uri
import org.portlog.screens.watch.OnlyOwner
import org.portlog.service.ScreenIntents

/** The ways from screen to screen; those from outside are [ScreenIntents]. */
internal object Doors {
    /** One alert in full, over whatever is shown. */
    fun alert(context: Context, key: String): Intent =
        Intent(context, AlertActivity::class.java)
            .setData(Uri.fromParts("portlog", "alert/$key", null))
            .putExtra(ScreenIntents.EXTRA_ALERT, key)

    /** The import of the list at [uri], in the place of the list [replacing] where given. */
    fun import(context: Context, uri: Uri, replacing: Int? = null): Intent {
        val screen = if (replacing == null) ImportActivity::class else ReplaceActivity::class
        return Intent(context, screen.java)
            .setAction(Intent.ACTION_VIEW)
            .setData(uri)
            .addFlags(Intent.FLAG_GRANT_READ_URI_PERMISSION)
            .apply { if (replacing != null) putExtra(REPLACING, replacing) }
    }

    /** The check of the log, the checkpoint or the answer at [uri]. */
    fun openLog(context: Context, uri: Uri): Intent = Intent(context, OpenLogActivity::class.java)
        .setAction(Intent.ACTION_VIEW)
        .setData(uri)
        .addFlags(Intent.FLAG_GRANT_READ_URI_PERMISSION)

    /** The check of a checkpoint or an answer that is [text]. */
    fun openText(context: Context, text: String): Intent =
        Intent(context, OpenLogActivity::class.java)
            .setAction(Intent.ACTION_SEND)
            .putExtra(Intent.EXTRA_TEXT, text)

    /** The watch page with the connections of [owner] alone. */
    fun connectionsOf(context: Context, owner: OnlyOwner): Intent = ScreenIntents.main(context)
        .putExtra(ScreenIntents.EXTRA_OWNER, owner.key)
        .putExtra(OWNER_NAME, owner.name)

    /** Whose connections alone the watch page was opened for. */
    fun ownerOf(intent: Intent): OnlyOwner? = OnlyOwner.of(
        intent.getStringExtra(ScreenIntents.EXTRA_OWNER),
        intent.getStringExtra(OWNER_NAME),
    )

    /** Which tab the main screen was opened for. */
    fun tabOf(intent: Intent): Tab? =
        intent.getStringExtra(ScreenIntents.EXTRA_PAGE)?.let { name ->
            Tab.entries.find { it.name.equals(name, ignoreCase = true) }
        }

    const val REPLACING = "org.portlog.REPLACING"
    private const val OWNER_NAME = "org.portlog.OWNER_NAME"
}
