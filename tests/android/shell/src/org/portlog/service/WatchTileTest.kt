package org.portlog.service

import android.service.quicksettings.Tile
import android.service.quicksettings.TileService
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertTrue
import org.junit.Rule
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.Robolectric
import org.robolectric.RobolectricTestRunner
import org.robolectric.annotation.Config
import org.robolectric.annotation.Implementation
import org.robolectric.annotation.Implements

/** The Quick Settings tile shows whether the watch runs, and starts and ends it. */
@RunWith(RobolectricTestRunner::class)
@Config(sdk = [28, 29, 34, 35])
class WatchTileTest {
    @get:Rule
    val watch = Watching()

    private val tile: WatchTile by lazy { Robolectric.setupService(WatchTile::class.java) }

    @Test
    fun `a tap starts the watch, another ends it`() {
        tile.onStartListening()
        assertEquals(Tile.STATE_INACTIVE, tile.qsTile.state)
        assertTrue(tile.qsTile.contentDescription.toString().endsWith("Off"))
        tile.onClick()
        watch.carryOut()
        watch.eventually("the tile is on") { tile.qsTile.state == Tile.STATE_ACTIVE }
        assertTrue(tile.qsTile.contentDescription.toString().endsWith("On"))
        tile.onClick()
        assertFalse(WatchSettings(watch.application).watching)
        watch.end()
        watch.eventually("the tile is off") { tile.qsTile.state == Tile.STATE_INACTIVE }
        tile.onStopListening()
    }

    @Test
    @Config(shadows = [StaysLocked::class])
    fun `who finds a locked phone does not end its watch`() {
        watch.start()
        tile.onClick()
        assertTrue(WatchSettings(watch.application).watching)
        assertTrue(watch.core.watching)
    }

    /** A phone whose finder does not know how to unlock it. */
    @Implements(TileService::class)
    class StaysLocked {
        @Implementation
        fun isLocked(): Boolean = true

        @Implementation
        @Suppress("UNUSED_PARAMETER")
        fun unlockAndRun(work: Runnable) = Unit
    }
}
