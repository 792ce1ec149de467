package org.portlog.screens.parts

import android.content.Context
import android.text.format.DateUtils
import android.text.format.Formatter
import android.view.View
import java.text.NumberFormat
import org.portlog.R
import org.portlog.core.Category
import org.portlog.core.ConnectionLine
import org.portlog.core.Protocol
import org.portlog.core.SocketState

/*
 * Labels of values, dates and counts. Sentences that claim something come with the records; here
 * are only the words for what stands in a table.
 */

/** A protocol's name, as the kernel's tables have it. */
fun protocolWord(protocol: Protocol): String = when (protocol) {
    Protocol.TCP -> "TCP"
    Protocol.UDP -> "UDP"
    Protocol.UDP_LITE -> "UDP-Lite"
    Protocol.RAW -> "raw"
    Protocol.ICMP -> "ICMP"
}

/** How a connection stands, in a word or two. */
fun stateWord(context: Context, line: ConnectionLine): String = context.getString(
    when {
        line.closedAt != null -> R.string.state_ended
        line.listener -> R.string.state_listening
        line.protocol != Protocol.TCP -> datagramState(line.state)
        else -> streamState(line.state)
    },
)

private fun datagramState(state: SocketState): Int = when (state) {
    SocketState.ESTABLISHED -> R.string.state_towards
    else -> R.string.state_no_peer
}

private fun streamState(state: SocketState): Int = when (state) {
    SocketState.ESTABLISHED -> R.string.state_connected
    SocketState.SYN_SENT -> R.string.state_trying
    SocketState.SYN_RECV, SocketState.NEW_SYN_RECV -> R.string.state_contacted
    SocketState.LISTEN -> R.string.state_listening
    SocketState.TIME_WAIT -> R.string.state_time_wait
    SocketState.CLOSE, SocketState.BOUND_INACTIVE -> R.string.state_unused
    SocketState.FIN_WAIT1, SocketState.FIN_WAIT2, SocketState.CLOSE_WAIT, SocketState.LAST_ACK,
    SocketState.CLOSING,
    -> R.string.state_ending
}

/** A category's name. */
fun categoryWord(context: Context, category: Category): String = context.getString(
    when (category) {
        Category.OWN -> R.string.category_own
        Category.THREAT -> R.string.category_threat
        Category.TRACKER -> R.string.category_tracker
        Category.VENDOR_SERVICE -> R.string.category_vendor
        Category.REPORTED -> R.string.category_reported
    },
)

/** What a category is for and what it does. */
fun categoryMeaning(context: Context, category: Category): String = context.getString(
    when (category) {
        Category.OWN -> R.string.category_own_meaning
        Category.THREAT -> R.string.category_threat_meaning
        Category.TRACKER -> R.string.category_tracker_meaning
        Category.VENDOR_SERVICE -> R.string.category_vendor_meaning
        Category.REPORTED -> R.string.category_reported_meaning
    },
)

/** A point in time: date and clock, as the phone writes them. */
fun moment(context: Context, millis: Long): String = DateUtils.formatDateTime(
    context,
    millis,
    DateUtils.FORMAT_SHOW_DATE or DateUtils.FORMAT_SHOW_TIME or DateUtils.FORMAT_ABBREV_MONTH,
)

/** A day, as the phone writes it. */
fun day(context: Context, millis: Long): String = DateUtils.formatDateTime(
    context,
    millis,
    DateUtils.FORMAT_SHOW_DATE or DateUtils.FORMAT_SHOW_YEAR or DateUtils.FORMAT_ABBREV_MONTH,
)

/** The clock at a point in time, as the phone writes it. */
fun clock(context: Context, millis: Long): String =
    DateUtils.formatDateTime(context, millis, DateUtils.FORMAT_SHOW_TIME)

/** A count with the phone's separators. */
fun number(count: Long): String = NumberFormat.getIntegerInstance().format(count)

/** An amount of bytes, as the phone writes it. */
fun bytes(context: Context, amount: Long): String = Formatter.formatFileSize(context, amount)

/** A name or address inside a sentence: it keeps its own direction in languages that run left. */
fun inSentence(context: Context, word: String): String {
    val toLeft = context.resources.configuration.layoutDirection == View.LAYOUT_DIRECTION_RTL
    return if (toLeft) LEFT_TO_RIGHT + word + END_OF_DIRECTION else word
}

private const val LEFT_TO_RIGHT = "\u202A"
private const val END_OF_DIRECTION = "\u202C"
