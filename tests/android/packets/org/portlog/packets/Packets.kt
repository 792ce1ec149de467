package org.portlog.packets

import java.io.ByteArrayOutputStream
import java.io.DataOutputStream

/*
 * Packets as an app's question for a name makes them, and what comes back: IPv4 (RFC 791), UDP (RFC
 * 768) and DNS (RFC 1035), written by hand so that nothing of Portlog's own checks itself.
 */

/** One datagram: from and to an address of 4 bytes and a port. */
class Datagram(
    val source: List<Int>,
    val sourcePort: Int,
    val target: List<Int>,
    val targetPort: Int,
    val payload: ByteArray,
) {
    /** As a packet. */
    fun packet(): ByteArray {
        val udp = written {
            writeShort(sourcePort)
            writeShort(targetPort)
            writeShort(UDP_HEADER + payload.size)
            writeShort(0)
            write(payload)
        }
        val pseudo = written {
            (source + target).forEach { writeByte(it) }
            writeShort(UDP)
            writeShort(udp.size)
            write(udp)
        }
        udp.putShort(CHECKSUM_OF_UDP, checksum(pseudo))
        val header = written {
            writeShort(0x4500)
            writeShort(IP_HEADER + udp.size)
            writeInt(0)
            writeByte(64)
            writeByte(UDP)
            writeShort(0)
            (source + target).forEach { writeByte(it) }
        }
        header.putShort(CHECKSUM_OF_IP, checksum(header))
        return header + udp
    }

    /** What answers it with [payload]. */
    fun answered(payload: ByteArray) = Datagram(target, targetPort, source, sourcePort, payload)

    companion object {
        /** The datagram in [packet], whose checksums hold. */
        fun of(packet: ByteArray): Datagram {
            check(packet[0].toInt() == 0x45 && packet[9].toInt() == UDP) { "no UDP over IPv4" }
            check(checksum(packet.copyOf(IP_HEADER)) == 0) { "IPv4's checksum" }
            check(packet.short(2) == packet.size) { "IPv4's length" }
            val udp = packet.copyOfRange(IP_HEADER, packet.size)
            check(udp.short(4) == udp.size) { "UDP's length" }
            val pseudo = written {
                write(packet, 12, 8)
                writeShort(UDP)
                writeShort(udp.size)
                write(udp)
            }
            check(checksum(pseudo) == 0) { "UDP's checksum" }
            return Datagram(
                packet.slice(12..15).map { it.toInt() and 0xff },
                udp.short(0),
                packet.slice(16..19).map { it.toInt() and 0xff },
                udp.short(2),
                udp.copyOfRange(UDP_HEADER, udp.size),
            )
        }

        private const val UDP = 17
        private const val IP_HEADER = 20
        private const val UDP_HEADER = 8
        private const val CHECKSUM_OF_IP = 10
        private const val CHECKSUM_OF_UDP = 6

        /** Of the Internet (RFC 1071); 0 where it holds. */
        private fun checksum(bytes: ByteArray): Int {
            var sum = 0
            for (at in bytes.indices) {
                val byte = bytes[at].toInt() and 0xff
                sum += if (at % 2 == 0) byte shl 8 else byte
            }
            while (sum > 0xffff) sum = (sum and 0xffff) + (sum shr 16)
            return sum xor 0xffff
        }
    }
}

/** The question for the IPv4 address of [name]. */
fun question(name: String, id: Int): ByteArray = written {
    writeShort(id)
    writeShort(0x0100)
    writeShort(1)
    repeat(3) { writeShort(0) }
    for (label in name.split('.')) {
        writeByte(label.length)
        writeBytes(label)
    }
    writeByte(0)
    writeShort(1)
    writeShort(1)
}

/** The answer to [question]: one address, for [seconds]. */
fun answer(question: ByteArray, address: List<Int>, seconds: Int = 60): ByteArray =
    question.copyOf().apply {
        putShort(2, 0x8180)
        putShort(6, 1)
    } + written {
        writeShort(0xc00c)
        writeShort(1)
        writeShort(1)
        writeInt(seconds)
        writeShort(address.size)
        address.forEach { writeByte(it) }
    }

/** The number in two bytes at [at]. */
fun ByteArray.short(at: Int): Int =
    (this[at].toInt() and 0xff shl 8) or (this[at + 1].toInt() and 0xff)

private fun ByteArray.putShort(at: Int, value: Int) {
    this[at] = (value shr 8).toByte()
    this[at + 1] = value.toByte()
}

private fun written(write: DataOutputStream.() -> Unit): ByteArray {
    val bytes = ByteArrayOutputStream()
    DataOutputStream(bytes).write()
    return bytes.toByteArray()
}
