package org.portlog.screens

import android.os.Bundle
import android.view.View

/** One tab's content. It is made when first shown, and lives as long as its screen. */
internal abstract class Page(protected val screen: MainActivity) {
    /** What is shown. */
    abstract val view: View

    /** It is shown from now on: puts its actions into the header and keeps itself up to date. */
    abstract fun arrive()

    /** It is no longer shown. */
    abstract fun leave()

    /** Keeps what the user set and where they were. */
    abstract fun save(state: Bundle)

    /** Goes back one step within the page; `false` where there is none. */
    open fun back(): Boolean = false
}
