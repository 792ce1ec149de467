package org.portlog.emulated

import org.slf4j.ILoggerFactory
import org.slf4j.IMarkerFactory
import org.slf4j.Logger
import org.slf4j.Marker
import org.slf4j.event.Level
import org.slf4j.helpers.BasicMarkerFactory
import org.slf4j.helpers.LegacyAbstractLogger
import org.slf4j.helpers.MessageFormatter
import org.slf4j.helpers.NOPMDCAdapter
import org.slf4j.spi.MDCAdapter
import org.slf4j.spi.SLF4JServiceProvider

/**
 * What the emulator warns of: a system call that it cannot emulate, or a processor that cannot go
 * on. It says so in its log, and goes on as if a value had been answered; the tests must not.
 */
class EmulatorLog : SLF4JServiceProvider {
    override fun getLoggerFactory() = ILoggerFactory { name -> Warnings(name) }

    override fun getMarkerFactory(): IMarkerFactory = BasicMarkerFactory()

    override fun getMDCAdapter(): MDCAdapter = NOPMDCAdapter()

    override fun getRequestedApiVersion() = "2.0"

    override fun initialize() = Unit

    private class Warnings(name: String) : LegacyAbstractLogger(), Logger {
        init {
            this.name = name
        }

        override fun isTraceEnabled() = false

        override fun isDebugEnabled() = false

        override fun isInfoEnabled() = false

        override fun isWarnEnabled() = true

        override fun isErrorEnabled() = true

        override fun getFullyQualifiedCallerName(): String? = null

        override fun handleNormalizedLoggingCall(
            level: Level,
            marker: Marker?,
            pattern: String?,
            arguments: Array<out Any?>?,
            cause: Throwable?,
        ) {
            val text = MessageFormatter.arrayFormat(pattern, arguments).message
            warnings += AssertionError("the emulator: $text", cause)
        }
    }

    companion object {
        /** All of them so far. */
        val warnings = mutableListOf<AssertionError>()

        /** Makes it the log of the emulator; before anything else of it is used. */
        fun install() {
            System.setProperty("slf4j.provider", EmulatorLog::class.java.name)
        }
    }
}
