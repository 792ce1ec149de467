package org.portlog.bridge

import org.portlog.core.Octets
import org.portlog.core.PrivateDns
import org.portlog.core.Protocol
import org.portlog.core.TapBegin
import org.portlog.core.TapEnd
import org.portlog.core.TapNetwork
import org.portlog.core.TapQuestion
import org.portlog.core.TapQuestions
import org.portlog.core.TapRequest
import org.portlog.core.TapStanding
import org.portlog.core.TapStart
import org.portlog.core.TapView

/** The values of rust/jni/tests/vectors/samples/tap.rs. */
object TapSamples {
    val view = TapView(
        standing = TapStanding.FAILING,
        since = 1_700_000_000_000,
        clearText = true,
        privateDns = PrivateDns.AUTOMATIC,
        questions = 1L shl 40,
        answered = 7,
        failed = 3,
        trouble = "",
    )

    val viewOff = TapView(
        standing = TapStanding.OFF,
        since = null,
        clearText = false,
        privateDns = PrivateDns.UNKNOWN,
        questions = 0,
        answered = 0,
        failed = 0,
        trouble = "the device is gone",
    )

    val questions = TapQuestions(
        ended = false,
        questions = listOf(
            TapQuestion(
                id = -1,
                message = octets(0, 1, 0xff),
                protocol = Protocol.UDP,
                local = octets(192, 0, 2, 2),
                localPort = 65_535,
                remote = octets(192, 0, 2, 1),
                remotePort = 53,
            ),
            TapQuestion(
                id = 0,
                message = octets(),
                protocol = Protocol.TCP,
                local = six(2),
                localPort = 40_000,
                remote = six(1),
                remotePort = 53,
            ),
        ),
    )

    val questionsEnded = TapQuestions(ended = true, questions = emptyList())

    val requests: List<TapRequest<*>> = TapBegin.entries.map { TapRequest.Start(77, start(it)) } +
        listOf(
            TapRequest.Look,
            TapRequest.OtherVpn(true),
            TapRequest.Next(3_600_000),
            TapRequest.Answer(9, octets(0x80, 0, 0x7f)),
            TapRequest.Failed(-1),
            TapRequest.Asker(1, 10_023),
            TapRequest.Asker(2, null),
        ) +
        TapEnd.entries.map { TapRequest.Stop(it) } +
        PrivateDns.entries.map {
            TapRequest.Network(TapNetwork(listOf(octets(192, 0, 2, 53), six(53)), 3, it))
        }

    private fun start(by: TapBegin) = TapStart(
        by = by,
        mtu = 1_500,
        servers = listOf(octets(192, 0, 2, 1), six(1)),
        pulled = true,
        askers = false,
        network = TapNetwork(emptyList(), 0, PrivateDns.UNKNOWN),
    )

    fun octets(vararg bytes: Int) = Octets(ByteArray(bytes.size) { bytes[it].toByte() })

    private fun six(last: Int) =
        octets(0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, last)
}
