package org.portlog.service

import android.content.Context
import org.portlog.core.Agent
import org.portlog.core.LogRequest
import org.portlog.core.LogStatus

/** "Erase everything". */
internal object Erasing {
    /**
     * Removes the exported copies, the key, the signed log and the history; lists and settings stay.
     * How the new log stands that then begins.
     *
     * The key goes first: whatever interrupts the rest, nothing sealed by it can be opened again.
     */
    fun everything(context: Context, agent: Agent): LogStatus {
        Exports.removeAll(context)
        val key = LogKey.renewed(context)
        return agent.log(LogRequest.Erase((key as? LogKey.Sealing)?.key))
    }
}
