package org.portlog.service

import android.annotation.TargetApi
import android.app.PendingIntent
import android.content.Intent
import android.os.Build
import android.service.quicksettings.Tile
import android.service.quicksettings.TileService
import org.portlog.R
import org.portlog.core.Told

/** The Quick Settings tile: whether the watch runs, and a tap that starts or ends it. */
@TargetApi(Build.VERSION_CODES.N)
class WatchTile : TileService() {
    private val listener = object : Core.Listener {
        override fun told(events: List<Told>) {
            if (events.isEmpty()) show()
        }
    }

    override fun onStartListening() {
        Core.of(this).listen(listener)
        show()
    }

    override fun onStopListening() = Core.of(this).unlisten(listener)

    override fun onClick() {
        if (Core.of(this).watching) {
            // Who finds a locked phone shall not end its watch.
            if (isLocked) unlockAndRun { WatchService.stop(this) } else WatchService.stop(this)
        } else if (!WatchService.start(this, StartedBy.TILE)) {
            open(ScreenIntents.main(this).addFlags(Intent.FLAG_ACTIVITY_NEW_TASK))
        }
        show()
    }

    private fun show() {
        val tile = qsTile ?: return
        val watching = Core.of(this).watching
        tile.state = if (watching) Tile.STATE_ACTIVE else Tile.STATE_INACTIVE
        tile.label = getString(R.string.app_name)
        val state = getString(if (watching) R.string.tile_on else R.string.tile_off)
        tile.contentDescription = getString(R.string.tile_description, state)
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.Q) subtitle(tile, state)
        tile.updateTile()
    }

    @TargetApi(Build.VERSION_CODES.Q)
    private fun subtitle(tile: Tile, text: String) {
        tile.subtitle = text
    }

    private fun open(intent: Intent) {
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.UPSIDE_DOWN_CAKE) {
            openPending(intent)
        } else {
            @Suppress("DEPRECATION")
            startActivityAndCollapse(intent)
        }
    }

    @TargetApi(Build.VERSION_CODES.UPSIDE_DOWN_CAKE)
    private fun openPending(intent: Intent) {
        val service: TileService = this
        service.startActivityAndCollapse(
            PendingIntent.getActivity(this, 0, intent, PendingFlags.update()),
        )
    }
}
