package org.portlog.tap

import java.net.InetAddress

/**
 * An address of the tap's TUN device, and the DNS server behind it: two addresses that exist on this
 * phone alone. The private ones of IPv4 are from the end of 10.0.0.0/8, of which few networks make
 * use; those of IPv6 are unique local ones (RFC 4193) that spell "portlog".
 */
internal class TunAddress private constructor(device: String, server: String) {
    /** The device's. */
    val device: InetAddress = InetAddress.getByName(device)

    /** The DNS server's. */
    val server: InetAddress = InetAddress.getByName(server)

    /** A network of this one address. */
    val bits: Int = this.server.address.size * Byte.SIZE_BITS

    companion object {
        /** IPv4. */
        val V4 = TunAddress("10.254.253.2", "10.254.253.1")

        /** IPv6. */
        val V6 = TunAddress("fd70:6f72:746c:6f67::2", "fd70:6f72:746c:6f67::1")

        /** Whether it is the device's own. */
        fun isDevice(address: InetAddress): Boolean = address == V4.device || address == V6.device

        /** Whether it is one of the tap's servers. */
        fun isServer(address: InetAddress): Boolean = address == V4.server || address == V6.server
    }
}
