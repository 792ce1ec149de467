package org.portlog.core

/*
 * The compact form of TapRecords.kt: the fields in the order of rust/jni/src/compact/tap_records.rs.
 */

internal fun RecordWriter.tapRequest(request: TapRequest<*>) {
    if (request is TapRequest.Start) {
        byte(0)
        int(request.descriptor)
        tapStart(request.start)
    } else {
        byte(1)
        tapAsked(request)
    }
}

private fun RecordWriter.tapAsked(request: TapRequest<*>) = when (request) {
    is TapRequest.Start -> error("it has a form of its own")

    TapRequest.Look -> byte(0)

    is TapRequest.Network -> {
        byte(1)
        tapNetwork(request.network)
    }

    is TapRequest.OtherVpn -> {
        byte(2)
        bool(request.active)
    }

    is TapRequest.Next -> {
        byte(3)
        long(request.timeoutMillis)
    }

    is TapRequest.Answer -> {
        byte(4)
        long(request.id)
        octets(request.message)
    }

    is TapRequest.Failed -> {
        byte(5)
        long(request.id)
    }

    is TapRequest.Asker -> {
        byte(6)
        long(request.id)
        optional(request.uid) { int(it) }
    }

    is TapRequest.Stop -> {
        byte(7)
        choice(request.end)
    }
}

internal fun RecordReader.tapAnswer(): TapAnswer = when (val found = byte()) {
    0 -> tapView()
    1 -> tapQuestions()
    2 -> TapDone
    else -> throw fault("$found is none of the 3 of TapAnswer")
}

internal fun RecordReader.tapStanding(): TapStanding = choice(TapStanding.entries)

internal fun RecordReader.privateDns(): PrivateDns = choice(PrivateDns.entries)

private fun RecordWriter.tapStart(start: TapStart) {
    choice(start.by)
    int(start.mtu)
    list(start.servers) { octets(it) }
    bool(start.pulled)
    bool(start.askers)
    tapNetwork(start.network)
}

private fun RecordWriter.tapNetwork(network: TapNetwork) {
    list(network.servers) { octets(it) }
    int(network.scope)
    choice(network.privateDns)
}

private fun RecordReader.tapView() = TapView(
    standing = tapStanding(),
    since = optional { long() },
    clearText = bool(),
    privateDns = privateDns(),
    questions = long(),
    answered = long(),
    failed = long(),
    trouble = text(),
)

private fun RecordReader.tapQuestions() =
    TapQuestions(ended = bool(), questions = list { tapQuestion() })

private fun RecordReader.tapQuestion() = TapQuestion(
    id = long(),
    message = octets(),
    protocol = protocol(),
    local = octets(),
    localPort = int(),
    remote = octets(),
    remotePort = int(),
)
