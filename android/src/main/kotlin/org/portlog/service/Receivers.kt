package org.portlog.service

import android.content.BroadcastReceiver
import android.content.Context
import android.content.Intent

/** The phone has started: the watch starts with it, before the first unlock where the phone can. */
class BootReceiver : BroadcastReceiver() {
    override fun onReceive(context: Context, intent: Intent) {
        when (intent.action) {
            Intent.ACTION_LOCKED_BOOT_COMPLETED, Intent.ACTION_BOOT_COMPLETED ->
                StartAgain.ifWanted(context, StartedBy.BOOT)
        }
    }
}

/** The app was updated, which ended the watch. */
class UpdateReceiver : BroadcastReceiver() {
    override fun onReceive(context: Context, intent: Intent) {
        if (intent.action == Intent.ACTION_MY_PACKAGE_REPLACED) {
            StartAgain.ifWanted(context, StartedBy.UPDATE)
        }
    }
}

private object StartAgain {
    fun ifWanted(context: Context, by: StartedBy) {
        val settings = WatchSettings(context)
        if (settings.watching && settings.autostart) WatchService.start(context, by)
    }
}
